// RUN: dnnc-opt --tabulate-pointwise %s 2>/dev/null | FileCheck %s
// RUN: dnnc-opt --tabulate-pointwise %s 2>&1 >/dev/null | FileCheck %s --check-prefix=REMARK

// Entry i is 255 - i.
// REMARK: [fold] invert became a table
// CHECK-LABEL: func @table
// CHECK: %[[T:.*]] = dnn.constant dense_resource
// CHECK: dnn.lookup %arg0, %[[T]]
// CHECK-SAME: (tensor<256x2xui8>, tensor<256xui8>) -> tensor<256x2xui8>
func.func @table(%x: tensor<256x2xui8>) -> tensor<256x2xui8> {
  %0 = dnn.pointwise %x : (tensor<256x2xui8>) -> tensor<256x2xui8> {
    ^bb0(%a: ui8):
      %b = pw.fn "cast"(%a) : (ui8) -> f32
      %m = pw.const 2.550000e+02 : f32
      %c = pw.fn "sub"(%m, %b) : (f32, f32) -> f32
      %d = pw.fn "saturate"(%c) : (f32) -> ui8
      pw.yield %d : ui8
  } loc("invert")
  return %0 : tensor<256x2xui8>
}

// Two operands have 65,536 pairs; a few elements are not worth a table.
// CHECK-LABEL: func @do_not_tabulate
// CHECK-COUNT-2: dnn.pointwise
func.func @do_not_tabulate(%x: tensor<256x2xui8>, %y: tensor<256x2xui8>, %z: tensor<4xui8>) -> (tensor<256x2xui8>, tensor<4xui8>) {
  %0 = dnn.pointwise %x, %y : (tensor<256x2xui8>, tensor<256x2xui8>) -> tensor<256x2xui8> {
    ^bb0(%a: ui8, %b: ui8):
      %c = pw.fn "max"(%a, %b) : (ui8, ui8) -> ui8
      pw.yield %c : ui8
  }
  %1 = dnn.pointwise %z : (tensor<4xui8>) -> tensor<4xui8> {
    ^bb0(%a: ui8):
      %c = pw.fn "abs"(%a) : (ui8) -> ui8
      pw.yield %c : ui8
  }
  return %0, %1 : tensor<256x2xui8>, tensor<4xui8>
}

// The epilogue ends where its result first has 8 bits. What follows is no function of that alone in the second, and shorter than a look-up in the third.
// REMARK: [fold] silu became a table
// CHECK-LABEL: func @epilogue
// CHECK: %[[C:.*]] = dnn.matmul
// CHECK: pw.fn "mul"
// CHECK-NEXT: %[[S:.*]] = pw.fn "saturate"
// CHECK-NEXT: pw.yield %[[S]]
// CHECK: dnn.lookup %[[C]]
// CHECK-SAME: (tensor<32x16xui8>, tensor<256xui8>) -> tensor<32x16xui8>
// CHECK-NOT: dnn.lookup
func.func @epilogue(%x: tensor<32x4xui8>, %w: tensor<4x16xi8>, %skip: tensor<32x16xf32>) -> (tensor<32x16xui8>, tensor<32x16xui8>, tensor<32x16xui8>) {
  %0 = dnn.matmul %x, %w {operandSegmentSizes = array<i32: 1, 1, 0, 0>} : (tensor<32x4xui8>, tensor<4x16xi8>) -> tensor<32x16xui8> {
    ^bb0(%acc: f32):
      %a = pw.const 2.000000e-02 : f32
      %b = pw.fn "mul"(%acc, %a) : (f32, f32) -> f32
      %c = pw.fn "saturate"(%b) : (f32) -> ui8
      %d = pw.fn "cast"(%c) : (ui8) -> f32
      %e = pw.fn "mul"(%d, %a) : (f32, f32) -> f32
      %f = pw.fn "sigmoid"(%e) : (f32) -> f32
      %g = pw.fn "mul"(%f, %d) : (f32, f32) -> f32
      %h = pw.fn "saturate"(%g) : (f32) -> ui8 loc("silu")
      pw.yield %h : ui8
  } loc("product")
  %1 = dnn.matmul %x, %w, %skip {operandSegmentSizes = array<i32: 1, 1, 0, 1>} : (tensor<32x4xui8>, tensor<4x16xi8>, tensor<32x16xf32>) -> tensor<32x16xui8> {
    ^bb0(%acc: f32, %s: f32):
      %c = pw.fn "saturate"(%acc) : (f32) -> ui8
      %d = pw.fn "cast"(%c) : (ui8) -> f32
      %f = pw.fn "sigmoid"(%d) : (f32) -> f32
      %g = pw.fn "add"(%f, %s) : (f32, f32) -> f32
      %h = pw.fn "saturate"(%g) : (f32) -> ui8
      pw.yield %h : ui8
  } loc("residual")
  %2 = dnn.matmul %x, %w {operandSegmentSizes = array<i32: 1, 1, 0, 0>} : (tensor<32x4xui8>, tensor<4x16xi8>) -> tensor<32x16xui8> {
    ^bb0(%acc: f32):
      %a = pw.const 2.000000e-02 : f32
      %c = pw.fn "saturate"(%acc) : (f32) -> ui8
      %d = pw.fn "cast"(%c) : (ui8) -> f32
      %g = pw.fn "mul"(%d, %a) : (f32, f32) -> f32
      %h = pw.fn "saturate"(%g) : (f32) -> ui8
      pw.yield %h : ui8
  } loc("requantize")
  return %0, %1, %2 : tensor<32x16xui8>, tensor<32x16xui8>, tensor<32x16xui8>
}
