// RUN: dnnc-opt --pass-pipeline='builtin.module(lower-to-exec{target=avx2})' --split-input-file --verify-diagnostics %s

func.func @runtime_weights(%x: tensor<1x1x8x8xf32>, %w: tensor<4x1x3x3xf16>) -> tensor<1x4x6x6xf32> {
  // expected-error @+1 {{has weights of type 'tensor<4x1x3x3xf16>' that are computed at run time; they must be f32}}
  %0 = dnn.conv %x, %w {strides = array<i64: 1, 1>, pads = array<i64: 0, 0, 0, 0>, dilations = array<i64: 1, 1>, group = 1 : i64,
      operandSegmentSizes = array<i32: 1, 1, 0, 0>} : (tensor<1x1x8x8xf32>, tensor<4x1x3x3xf16>) -> tensor<1x4x6x6xf32>
  return %0 : tensor<1x4x6x6xf32>
}

// -----

func.func @three_spatial_dims(%x: tensor<1x1x4x4x4xf32>) -> tensor<1x1x4x4x4xf32> {
  %w = dnn.constant dense<1.0> : tensor<1x1x1x1x1xf32>
  // expected-error @+1 {{has 3 spatial dims; there are kernels for 1 and 2}}
  %0 = dnn.conv %x, %w {strides = array<i64: 1, 1, 1>, pads = array<i64: 0, 0, 0, 0, 0, 0>, dilations = array<i64: 1, 1, 1>, group = 1 : i64,
      operandSegmentSizes = array<i32: 1, 1, 0, 0>} : (tensor<1x1x4x4x4xf32>, tensor<1x1x1x1x1xf32>) -> tensor<1x1x4x4x4xf32>
  return %0 : tensor<1x1x4x4x4xf32>
}

// -----

func.func @softmax_of_integers(%x: tensor<4xi32>) -> tensor<4xi32> {
  // expected-error @+1 {{has element type 'i32'; there are kernels for f32 only}}
  %0 = dnn.softmax %x {axis = 0 : i64} : (tensor<4xi32>) -> tensor<4xi32>
  return %0 : tensor<4xi32>
}
