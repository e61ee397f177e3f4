// A convolution over three dims becomes one for each tap along the depth; two-dimensional ones stay.
// RUN: dnnc-opt --flatten-depth %s | FileCheck %s

// CHECK-LABEL: func @taps
// CHECK: dnn.pad {{.*}} : (tensor<2x3x5x6x6xf32>) -> tensor<2x3x7x6x6xf32>
// CHECK: dnn.conv {{.*}} : (tensor<10x3x6x6xf32>, tensor<4x3x3x3xf32>, tensor<4xf32>) -> tensor<10x4x6x6xf32>
// CHECK: dnn.conv {{.*}} : (tensor<10x3x6x6xf32>, tensor<4x3x3x3xf32>) -> tensor<10x4x6x6xf32>
// CHECK: dnn.pointwise
// CHECK: dnn.conv
// CHECK: dnn.pointwise
// CHECK-NOT: dnn.conv
// CHECK: return
func.func @taps(%x: tensor<2x3x5x6x6xf32>, %w: tensor<4x3x3x3x3xf32>, %b: tensor<4xf32>) -> tensor<2x4x5x6x6xf32> {
  %0 = dnn.conv %x, %w, %b {strides = array<i64: 1, 1, 1>, pads = array<i64: 1, 1, 1, 1, 1, 1>, dilations = array<i64: 1, 1, 1>, group = 1 : i64, operandSegmentSizes = array<i32: 1, 1, 1, 0>} : (tensor<2x3x5x6x6xf32>, tensor<4x3x3x3x3xf32>, tensor<4xf32>) -> tensor<2x4x5x6x6xf32>
  return %0 : tensor<2x4x5x6x6xf32>
}

// One sum for each of the two places modulo the stride, with one tap each.
// CHECK-LABEL: func @phases
// CHECK-COUNT-2: dnn.conv_transpose {{.*}} : (tensor<3x3x4x4xf32>, tensor<3x5x2x2xf32>) -> tensor<3x5x8x8xf32>
// CHECK-NOT: dnn.conv_transpose
// CHECK: dnn.concat
// CHECK: return
func.func @phases(%x: tensor<1x3x3x4x4xf32>, %w: tensor<3x5x2x2x2xf32>) -> tensor<1x5x6x8x8xf32> {
  %0 = dnn.conv_transpose %x, %w {strides = array<i64: 2, 2, 2>, pads = array<i64: 0, 0, 0, 0, 0, 0>, dilations = array<i64: 1, 1, 1>, output_padding = array<i64: 0, 0, 0>, group = 1 : i64, operandSegmentSizes = array<i32: 1, 1, 0, 0>} : (tensor<1x3x3x4x4xf32>, tensor<3x5x2x2x2xf32>) -> tensor<1x5x6x8x8xf32>
  return %0 : tensor<1x5x6x8x8xf32>
}

// CHECK-LABEL: func @do_not_flatten_two_dims
// CHECK-NEXT: dnn.conv
// CHECK-NEXT: return
func.func @do_not_flatten_two_dims(%x: tensor<1x3x6x6xf32>, %w: tensor<4x3x1x1xf32>) -> tensor<1x4x6x6xf32> {
  %0 = dnn.conv %x, %w {strides = array<i64: 1, 1>, pads = array<i64: 0, 0, 0, 0>, dilations = array<i64: 1, 1>, group = 1 : i64, operandSegmentSizes = array<i32: 1, 1, 0, 0>} : (tensor<1x3x6x6xf32>, tensor<4x3x1x1xf32>) -> tensor<1x4x6x6xf32>
  return %0 : tensor<1x4x6x6xf32>
}
