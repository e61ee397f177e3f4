// RUN: dnnc-opt --pass-pipeline='builtin.module(func.func(assign-layouts))' --split-input-file %s 2>/dev/null | FileCheck %s
// RUN: dnnc-opt --pass-pipeline='builtin.module(func.func(assign-layouts))' --split-input-file %s 2>&1 >/dev/null | FileCheck %s --check-prefix=REMARK

// Channels last inside, one relayout at each end.
// CHECK-LABEL: func @cnn
// CHECK-NEXT: %[[X:.*]] = dnn.relayout %arg0 : tensor<1x3x8x8xf32> -> tensor<1x3x8x8xf32, #dnn.layout<[0, 2, 3, 1]>>
// CHECK-NEXT: %[[C:.*]] = dnn.conv %[[X]], %arg1
// CHECK-SAME: -> tensor<1x4x8x8xf32, #dnn.layout<[0, 2, 3, 1]>>
// CHECK-NEXT: %[[P:.*]] = dnn.pool %[[C]]
// CHECK-SAME: -> tensor<1x4x4x4xf32, #dnn.layout<[0, 2, 3, 1]>>
// CHECK-NEXT: %[[Y:.*]] = dnn.relayout %[[P]]
// CHECK-NEXT: return %[[Y]] : tensor<1x4x4x4xf32>
// REMARK: [layout] data of shape [1, 3, 8, 8] moves from order [0, 1, 2, 3] to [0, 2, 3, 1]
// REMARK: [layout] data of shape [1, 4, 4, 4] moves from order [0, 2, 3, 1] to [0, 1, 2, 3]
func.func @cnn(%x: tensor<1x3x8x8xf32>, %w: tensor<4x3x1x1xf32>) -> tensor<1x4x4x4xf32> {
  %0 = dnn.conv %x, %w {strides = array<i64: 1, 1>, pads = array<i64: 0, 0, 0, 0>, dilations = array<i64: 1, 1>, group = 1 : i64,
      operandSegmentSizes = array<i32: 1, 1, 0, 0>} : (tensor<1x3x8x8xf32>, tensor<4x3x1x1xf32>) -> tensor<1x4x8x8xf32>
  %1 = dnn.pool %0 {kind = 0 : i32, kernel = array<i64: 2, 2>, strides = array<i64: 2, 2>, pads = array<i64: 0, 0, 0, 0>,
      dilations = array<i64: 1, 1>} : (tensor<1x4x8x8xf32>) -> tensor<1x4x4x4xf32>
  return %1 : tensor<1x4x4x4xf32>
}

// -----

// A network exported channels last has its transposes as changes of type only.
// CHECK-LABEL: func @nhwc_export
// CHECK-NEXT: %[[T:.*]] = dnn.transpose %arg0
// CHECK-SAME: -> tensor<1x3x8x8xf32, #dnn.layout<[0, 2, 3, 1]>>
// CHECK-NEXT: dnn.conv %[[T]]
// CHECK-NEXT: dnn.transpose
// CHECK-SAME: -> tensor<1x8x8x4xf32>
// CHECK-NEXT: return
// REMARK-NOT: 1, 8, 8, 3
func.func @nhwc_export(%x: tensor<1x8x8x3xf32>, %w: tensor<4x3x1x1xf32>) -> tensor<1x8x8x4xf32> {
  %t = dnn.transpose %x {perm = array<i64: 0, 3, 1, 2>} : (tensor<1x8x8x3xf32>) -> tensor<1x3x8x8xf32>
  %0 = dnn.conv %t, %w {strides = array<i64: 1, 1>, pads = array<i64: 0, 0, 0, 0>, dilations = array<i64: 1, 1>, group = 1 : i64,
      operandSegmentSizes = array<i32: 1, 1, 0, 0>} : (tensor<1x3x8x8xf32>, tensor<4x3x1x1xf32>) -> tensor<1x4x8x8xf32>
  %u = dnn.transpose %0 {perm = array<i64: 0, 2, 3, 1>} : (tensor<1x4x8x8xf32>) -> tensor<1x8x8x4xf32>
  return %u : tensor<1x8x8x4xf32>
}

// -----

// The flatten before a dense layer: the rows of the weights are permuted instead of the data.
// CHECK-LABEL: func @flatten_dense
// CHECK: %[[C:.*]] = dnn.conv
// CHECK: %[[W:.*]] = dnn.constant dense<{{\[\[}}1.000000e+00], [3.000000e+00], [2.000000e+00], [4.000000e+00]]> : tensor<4x1xf32>
// CHECK: %[[S:.*]] = dnn.transpose %[[C]] {perm = array<i64: 0, 2, 3, 1>}
// CHECK-SAME: -> tensor<1x2x1x2xf32>
// CHECK: %[[F:.*]] = dnn.reshape %[[S]]
// CHECK-NOT: dnn.relayout
// CHECK: dnn.matmul %[[F]], %[[W]]
// REMARK: [layout] the flatten's transpose is merged into the weights
func.func @flatten_dense(%x: tensor<1x1x2x1xf32>, %k: tensor<2x1x1x1xf32>) -> tensor<1x1xf32> {
  %w = dnn.constant dense<[[1.0], [2.0], [3.0], [4.0]]> : tensor<4x1xf32>
  %0 = dnn.conv %x, %k {strides = array<i64: 1, 1>, pads = array<i64: 0, 0, 0, 0>, dilations = array<i64: 1, 1>, group = 1 : i64,
      operandSegmentSizes = array<i32: 1, 1, 0, 0>} : (tensor<1x1x2x1xf32>, tensor<2x1x1x1xf32>) -> tensor<1x2x2x1xf32>
  %f = dnn.reshape %0 : tensor<1x2x2x1xf32> -> tensor<1x4xf32>
  %y = dnn.matmul %f, %w {operandSegmentSizes = array<i32: 1, 1, 0, 0>} : (tensor<1x4xf32>, tensor<4x1xf32>) -> tensor<1x1xf32>
  return %y : tensor<1x1xf32>
}

// -----

// A channel shuffle is one movement of data, and the reshapes around it are views.
// CHECK-LABEL: func @shuffle
// CHECK: dnn.reshape
// CHECK-SAME: -> tensor<1x2x3x4x4xf32, #dnn.layout<[0, 3, 4, 1, 2]>>
// CHECK: dnn.transpose
// CHECK-SAME: -> tensor<1x3x2x4x4xf32, #dnn.layout<[0, 3, 4, 2, 1]>>
// CHECK: %[[M:.*]] = dnn.relayout
// CHECK: dnn.reshape %[[M]] {{.*}}-> tensor<1x6x4x4xf32, #dnn.layout<[0, 2, 3, 1]>>
func.func @shuffle(%x: tensor<1x6x4x4xf32>) -> tensor<1x6x2x2xf32> {
  %0 = dnn.pool %x {kind = 0 : i32, kernel = array<i64: 1, 1>, strides = array<i64: 1, 1>, pads = array<i64: 0, 0, 0, 0>,
      dilations = array<i64: 1, 1>} : (tensor<1x6x4x4xf32>) -> tensor<1x6x4x4xf32>
  %1 = dnn.reshape %0 : tensor<1x6x4x4xf32> -> tensor<1x2x3x4x4xf32>
  %2 = dnn.transpose %1 {perm = array<i64: 0, 2, 1, 3, 4>} : (tensor<1x2x3x4x4xf32>) -> tensor<1x3x2x4x4xf32>
  %3 = dnn.reshape %2 : tensor<1x3x2x4x4xf32> -> tensor<1x6x4x4xf32>
  %4 = dnn.pool %3 {kind = 0 : i32, kernel = array<i64: 2, 2>, strides = array<i64: 2, 2>, pads = array<i64: 0, 0, 0, 0>,
      dilations = array<i64: 1, 1>} : (tensor<1x6x4x4xf32>) -> tensor<1x6x2x2xf32>
  return %4 : tensor<1x6x2x2xf32>
}

// -----

// The result of attention goes straight to the order that the reshape wants.
// CHECK-LABEL: func @heads
// CHECK: dnn.matmul
// CHECK-SAME: -> tensor<1x2x5x3xf32, #dnn.layout<[0, 2, 1, 3]>>
// CHECK-NOT: dnn.relayout
// CHECK: dnn.reshape {{.*}} : tensor<1x5x2x3xf32> -> tensor<1x5x6xf32>
// REMARK: [layout] writes its result in the order its reader wants
func.func @heads(%a: tensor<1x2x5x4xf32>, %b: tensor<1x2x4x3xf32>) -> tensor<1x5x6xf32> {
  %0 = dnn.matmul %a, %b {operandSegmentSizes = array<i32: 1, 1, 0, 0>} : (tensor<1x2x5x4xf32>, tensor<1x2x4x3xf32>) -> tensor<1x2x5x3xf32>
  %1 = dnn.transpose %0 {perm = array<i64: 0, 2, 1, 3>} : (tensor<1x2x5x3xf32>) -> tensor<1x5x2x3xf32>
  %2 = dnn.reshape %1 : tensor<1x5x2x3xf32> -> tensor<1x5x6xf32>
  return %2 : tensor<1x5x6xf32>
}

// -----

// @do_not_merge_relayout_of_shared_result: another reader wants the row-major result.
// CHECK-LABEL: func @do_not_merge_relayout_of_shared_result
// CHECK: dnn.matmul
// CHECK-SAME: -> tensor<1x2x5x3xf32>
// CHECK: dnn.relayout
func.func @do_not_merge_relayout_of_shared_result(%a: tensor<1x2x5x4xf32>, %b: tensor<1x2x4x3xf32>) -> (tensor<1x5x6xf32>, tensor<1x2x5x3xf32>) {
  %0 = dnn.matmul %a, %b {operandSegmentSizes = array<i32: 1, 1, 0, 0>} : (tensor<1x2x5x4xf32>, tensor<1x2x4x3xf32>) -> tensor<1x2x5x3xf32>
  %1 = dnn.transpose %0 {perm = array<i64: 0, 2, 1, 3>} : (tensor<1x2x5x3xf32>) -> tensor<1x5x2x3xf32>
  %2 = dnn.reshape %1 : tensor<1x5x2x3xf32> -> tensor<1x5x6xf32>
  return %2, %0 : tensor<1x5x6xf32>, tensor<1x2x5x3xf32>
}

// -----

// Reduced dims that do not lie together go innermost.
// CHECK-LABEL: func @reduce_apart
// CHECK: dnn.relayout %arg0 : tensor<2x3x4x5xf32> -> tensor<2x3x4x5xf32, #dnn.layout<[1, 3, 0, 2]>>
func.func @reduce_apart(%x: tensor<2x3x4x5xf32>) -> tensor<1x3x1x5xf32> {
  %0 = dnn.reduce %x {kind = 0 : i32, axes = array<i64: 0, 2>} : (tensor<2x3x4x5xf32>) -> tensor<1x3x1x5xf32>
  return %0 : tensor<1x3x1x5xf32>
}
