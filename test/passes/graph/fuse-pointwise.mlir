// RUN: dnnc-opt --fuse-pointwise --split-input-file %s | FileCheck %s
// RUN: dnnc-opt --fuse-pointwise --split-input-file %s 2>&1 >/dev/null | FileCheck %s --check-prefix=REMARK

// A convolution, its activation.
// CHECK-LABEL: func @conv_relu
// CHECK: %[[Y:.*]] = dnn.conv %arg0, %arg1
// CHECK-NEXT: ^bb0(%[[ACC:.*]]: f32):
// CHECK-NEXT: %[[R:.*]] = pw.fn "relu"(%[[ACC]])
// CHECK-NEXT: pw.yield %[[R]]
// CHECK-NOT: dnn.pointwise
// CHECK: return %[[Y]]
// REMARK: [fuse] relu1 fused into conv1
func.func @conv_relu(%x: tensor<1x3x8x8xf32>, %w: tensor<4x3x1x1xf32>) -> tensor<1x4x8x8xf32> {
  %0 = dnn.conv %x, %w {strides = array<i64: 1, 1>, pads = array<i64: 0, 0, 0, 0>, dilations = array<i64: 1, 1>, group = 1 : i64,
      operandSegmentSizes = array<i32: 1, 1, 0, 0>} : (tensor<1x3x8x8xf32>, tensor<4x3x1x1xf32>) -> tensor<1x4x8x8xf32> loc("conv1")
  %1 = dnn.pointwise %0 : (tensor<1x4x8x8xf32>) -> tensor<1x4x8x8xf32> {
    ^bb0(%a: f32):
      %b = pw.fn "relu"(%a) : (f32) -> f32
      pw.yield %b : f32
  } loc("relu1")
  return %1 : tensor<1x4x8x8xf32>
}
