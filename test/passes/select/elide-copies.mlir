// RUN: dnnc-opt --pass-pipeline='builtin.module(func.func(assign-layouts,elide-copies))' --split-input-file %s 2>/dev/null | FileCheck %s
// RUN: dnnc-opt --pass-pipeline='builtin.module(func.func(assign-layouts,elide-copies))' --split-input-file %s 2>&1 >/dev/null | FileCheck %s --check-prefix=REMARK

// Both producers write into the concat's buffer.
// CHECK-LABEL: func @inception
// CHECK: dnn.concat {{.*}} in_place = array<i1: true, true>
// REMARK: [elide] 2 of 2 operands are written in place
func.func @inception(%x: tensor<1x4x8x8xf32>) -> tensor<1x8x2x2xf32> {
  %a = dnn.pool %x {kind = 0 : i32, kernel = array<i64: 2, 2>, strides = array<i64: 2, 2>, pads = array<i64: 0, 0, 0, 0>, dilations = array<i64: 1, 1>} : (tensor<1x4x8x8xf32>) -> tensor<1x4x4x4xf32>
  %b = dnn.pool %x {kind = 1 : i32, kernel = array<i64: 2, 2>, strides = array<i64: 2, 2>, pads = array<i64: 0, 0, 0, 0>, dilations = array<i64: 1, 1>} : (tensor<1x4x8x8xf32>) -> tensor<1x4x4x4xf32>
  %c = dnn.concat %a, %b {axis = 1 : i64} : (tensor<1x4x4x4xf32>, tensor<1x4x4x4xf32>) -> tensor<1x8x4x4xf32>
  %y = dnn.pool %c {kind = 0 : i32, kernel = array<i64: 2, 2>, strides = array<i64: 2, 2>, pads = array<i64: 0, 0, 0, 0>, dilations = array<i64: 1, 1>} : (tensor<1x8x4x4xf32>) -> tensor<1x8x2x2xf32>
  return %y : tensor<1x8x2x2xf32>
}

// -----

// A concat inside a concat is part of the outer buffer.
// CHECK-LABEL: func @nested
// CHECK: dnn.concat {{.*}} in_place = array<i1: true, true>
// CHECK: dnn.concat {{.*}} in_place = array<i1: true, true>
func.func @nested(%x: tensor<1x4x8x8xf32>) -> tensor<1x12x2x2xf32> {
  %a = dnn.pool %x {kind = 0 : i32, kernel = array<i64: 2, 2>, strides = array<i64: 2, 2>, pads = array<i64: 0, 0, 0, 0>, dilations = array<i64: 1, 1>} : (tensor<1x4x8x8xf32>) -> tensor<1x4x4x4xf32>
  %b = dnn.pool %x {kind = 1 : i32, kernel = array<i64: 2, 2>, strides = array<i64: 2, 2>, pads = array<i64: 0, 0, 0, 0>, dilations = array<i64: 1, 1>} : (tensor<1x4x8x8xf32>) -> tensor<1x4x4x4xf32>
  %e = dnn.pool %x {kind = 2 : i32, kernel = array<i64: 2, 2>, strides = array<i64: 2, 2>, pads = array<i64: 0, 0, 0, 0>, dilations = array<i64: 1, 1>} : (tensor<1x4x8x8xf32>) -> tensor<1x4x4x4xf32>
  %c = dnn.concat %a, %b {axis = 1 : i64} : (tensor<1x4x4x4xf32>, tensor<1x4x4x4xf32>) -> tensor<1x8x4x4xf32>
  %d = dnn.concat %c, %e {axis = 1 : i64} : (tensor<1x8x4x4xf32>, tensor<1x4x4x4xf32>) -> tensor<1x12x4x4xf32>
  %y = dnn.pool %d {kind = 0 : i32, kernel = array<i64: 2, 2>, strides = array<i64: 2, 2>, pads = array<i64: 0, 0, 0, 0>, dilations = array<i64: 1, 1>} : (tensor<1x12x4x4xf32>) -> tensor<1x12x2x2xf32>
  return %y : tensor<1x12x2x2xf32>
}

// -----

// A split by channels is two views.
// CHECK-LABEL: func @split
// CHECK: dnn.slice {{.*}} view
// CHECK: dnn.slice {{.*}} view
// REMARK: [elide] slice is a view
func.func @split(%x: tensor<1x8x8x8xf32>) -> (tensor<1x4x2x2xf32>, tensor<1x4x2x2xf32>) {
  %0 = dnn.pool %x {kind = 0 : i32, kernel = array<i64: 2, 2>, strides = array<i64: 2, 2>, pads = array<i64: 0, 0, 0, 0>, dilations = array<i64: 1, 1>} : (tensor<1x8x8x8xf32>) -> tensor<1x8x4x4xf32>
  %a = dnn.slice %0 {starts = array<i64: 0, 0, 0, 0>, sizes = array<i64: 1, 4, 4, 4>, steps = array<i64: 1, 1, 1, 1>} : (tensor<1x8x4x4xf32>) -> tensor<1x4x4x4xf32>
  %b = dnn.slice %0 {starts = array<i64: 0, 4, 0, 0>, sizes = array<i64: 1, 4, 4, 4>, steps = array<i64: 1, 1, 1, 1>} : (tensor<1x8x4x4xf32>) -> tensor<1x4x4x4xf32>
  %c = dnn.pool %a {kind = 0 : i32, kernel = array<i64: 2, 2>, strides = array<i64: 2, 2>, pads = array<i64: 0, 0, 0, 0>, dilations = array<i64: 1, 1>} : (tensor<1x4x4x4xf32>) -> tensor<1x4x2x2xf32>
  %d = dnn.pool %b {kind = 0 : i32, kernel = array<i64: 2, 2>, strides = array<i64: 2, 2>, pads = array<i64: 0, 0, 0, 0>, dilations = array<i64: 1, 1>} : (tensor<1x4x4x4xf32>) -> tensor<1x4x2x2xf32>
  return %c, %d : tensor<1x4x2x2xf32>, tensor<1x4x2x2xf32>
}

// -----

// CHECK-LABEL: func @do_not_place_inputs_constants_or_duplicates
// CHECK: dnn.concat {{.*}} in_place = array<i1: false, false, true, false>
// REMARK: not applied: operand 0 of the concat is copied: it is an input of the model
// REMARK: not applied: operand 1 of the concat is copied: it is a constant
// REMARK: not applied: operand 3 of the concat is copied: it is already part of another buffer
func.func @do_not_place_inputs_constants_or_duplicates(%x: tensor<4xf32>) -> tensor<16xf32> {
  %k = dnn.constant dense<1.0> : tensor<4xf32>
  %r = dnn.pointwise %x : (tensor<4xf32>) -> tensor<4xf32> {
    ^bb0(%a: f32):
      %b = pw.fn "relu"(%a) : (f32) -> f32
      pw.yield %b : f32
  }
  %c = dnn.concat %x, %k, %r, %r {axis = 0 : i64} : (tensor<4xf32>, tensor<4xf32>, tensor<4xf32>, tensor<4xf32>) -> tensor<16xf32>
  return %c : tensor<16xf32>
}

// -----

// CHECK-LABEL: func @do_not_view_negative_steps
// CHECK: dnn.slice
// CHECK-NOT: view
// CHECK: return
// REMARK: not applied: slice is copied: a negative step
func.func @do_not_view_negative_steps(%x: tensor<8xf32>) -> tensor<8xf32> {
  %0 = dnn.slice %x {starts = array<i64: 7>, sizes = array<i64: 8>, steps = array<i64: -1>} : (tensor<8xf32>) -> tensor<8xf32>
  return %0 : tensor<8xf32>
}

// -----

// Softmax reads contiguous data only.
// CHECK-LABEL: func @do_not_view_for_contiguous_readers
// CHECK: dnn.slice
// CHECK-NOT: view
// CHECK: return
// REMARK: not applied: slice is copied: a reader needs contiguous data
func.func @do_not_view_for_contiguous_readers(%x: tensor<4x8xf32>) -> tensor<4x2xf32> {
  %0 = dnn.slice %x {starts = array<i64: 0, 0>, sizes = array<i64: 4, 2>, steps = array<i64: 1, 1>} : (tensor<4x8xf32>) -> tensor<4x2xf32>
  %1 = dnn.softmax %0 {axis = 1 : i64} : (tensor<4x2xf32>) -> tensor<4x2xf32>
  return %1 : tensor<4x2xf32>
}

// -----

// The output's buffer may be the operand's already, through the reshape.
// CHECK-LABEL: func @do_not_place_views_of_outputs
// CHECK: dnn.concat {{.*}} in_place = array<i1: false, false>
func.func @do_not_place_views_of_outputs(%x: tensor<1x4xf32>) -> (tensor<4xf32>, tensor<1x8xf32>) {
  %0 = dnn.softmax %x {axis = 1 : i64} : (tensor<1x4xf32>) -> tensor<1x4xf32>
  %1 = dnn.reshape %0 : tensor<1x4xf32> -> tensor<4xf32>
  %2 = dnn.concat %0, %x {axis = 1 : i64} : (tensor<1x4xf32>, tensor<1x4xf32>) -> tensor<1x8xf32>
  %3 = dnn.softmax %2 {axis = 1 : i64} : (tensor<1x8xf32>) -> tensor<1x8xf32>
  return %1, %3 : tensor<4xf32>, tensor<1x8xf32>
}

// -----

// A constant in another order is stored in it: no kernel would write it into the concat's buffer.
// CHECK-LABEL: func @do_not_place_relayouts_of_constants
// CHECK: dnn.concat {{.*}} in_place = array<i1: true, false>
func.func @do_not_place_relayouts_of_constants(%x: tensor<1x4x8x8xf32>) -> tensor<1x6x2x2xf32> {
  %k = dnn.constant dense<1.0> : tensor<1x2x4x4xf32>
  %a = dnn.pool %x {kind = 0 : i32, kernel = array<i64: 2, 2>, strides = array<i64: 2, 2>, pads = array<i64: 0, 0, 0, 0>, dilations = array<i64: 1, 1>} : (tensor<1x4x8x8xf32>) -> tensor<1x4x4x4xf32>
  %c = dnn.concat %a, %k {axis = 1 : i64} : (tensor<1x4x4x4xf32>, tensor<1x2x4x4xf32>) -> tensor<1x6x4x4xf32>
  %y = dnn.pool %c {kind = 0 : i32, kernel = array<i64: 2, 2>, strides = array<i64: 2, 2>, pads = array<i64: 0, 0, 0, 0>, dilations = array<i64: 1, 1>} : (tensor<1x6x4x4xf32>) -> tensor<1x6x2x2xf32>
  return %y : tensor<1x6x2x2xf32>
}
