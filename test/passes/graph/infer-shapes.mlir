// RUN: dnnc-opt --infer-shapes=input-shapes=2x3x8x10 --split-input-file --verify-diagnostics %s | FileCheck %s

// CHECK-LABEL: func @chain(%arg0: tensor<2x3x8x10xf32>, %arg1: tensor<4x3x3x3xf32>) -> tensor<2x8x6x8xf32>
// CHECK: dnn.conv {{.*}} -> tensor<2x4x6x8xf32>
// CHECK: dnn.pool {{.*}} -> tensor<2x4x3x4xf32>
// CHECK: dnn.resize {{.*}} -> tensor<2x4x6x8xf32>
// CHECK: dnn.concat {{.*}} -> tensor<2x8x6x8xf32>
// CHECK: return {{.*}} : tensor<2x8x6x8xf32>
func.func @chain(%x: tensor<1x3x8x10xf32>, %w: tensor<4x3x3x3xf32>) -> tensor<1x8x6x8xf32> {
  %0 = dnn.conv %x, %w {strides = array<i64: 1, 1>, pads = array<i64: 0, 0, 0, 0>, dilations = array<i64: 1, 1>, group = 1 : i64,
      operandSegmentSizes = array<i32: 1, 1, 0, 0>} : (tensor<1x3x8x10xf32>, tensor<4x3x3x3xf32>) -> tensor<1x4x6x8xf32>
  %1 = dnn.pool %0 {kind = 0 : i32, kernel = array<i64: 2, 2>, strides = array<i64: 2, 2>, pads = array<i64: 0, 0, 0, 0>,
      dilations = array<i64: 1, 1>} : (tensor<1x4x6x8xf32>) -> tensor<1x4x3x4xf32>
  %2 = dnn.resize %1 {mode = "nearest", coordinate_mode = "asymmetric", nearest_mode = "floor", cubic_a = -0.75 : f64, exclude_outside = false,
      antialias = false, extrapolation = 0.0 : f64, scales = array<f64: 1.0, 1.0, 2.0, 2.0>} : tensor<1x4x3x4xf32> -> tensor<1x4x6x8xf32>
  %3 = dnn.concat %0, %2 {axis = 1 : i64} : (tensor<1x4x6x8xf32>, tensor<1x4x6x8xf32>) -> tensor<1x8x6x8xf32>
  return %3 : tensor<1x8x6x8xf32>
}

// -----

// CHECK-LABEL: func @do_not_change_same(%arg0: tensor<2x3x8x10xf32>) -> tensor<2x240xf32>
// CHECK: dnn.reshape %arg0 : tensor<2x3x8x10xf32> -> tensor<2x240xf32>
func.func @do_not_change_same(%x: tensor<2x3x8x10xf32>) -> tensor<2x240xf32> {
  %0 = dnn.reshape %x : tensor<2x3x8x10xf32> -> tensor<2x240xf32>
  return %0 : tensor<2x240xf32>
}

// -----

func.func @carries_its_shape(%x: tensor<1x3x8x10xf32>) -> tensor<1x240xf32> {
  // expected-error @+1 {{cannot make 'tensor<1x240xf32>' of 'tensor<2x3x8x10xf32>'}}
  %0 = dnn.reshape %x : tensor<1x3x8x10xf32> -> tensor<1x240xf32>
  return %0 : tensor<1x240xf32>
}

// -----

func.func @operands_no_longer_fit(%x: tensor<2x3x8x8xf32>, %y: tensor<8x2xf32>) -> tensor<2x3x8x2xf32> {
  // expected-error @+1 {{the inner dims 10 and 8 differ}}
  %0 = dnn.matmul %x, %y {operandSegmentSizes = array<i32: 1, 1, 0, 0>} : (tensor<2x3x8x8xf32>, tensor<8x2xf32>) -> tensor<2x3x8x2xf32>
  return %0 : tensor<2x3x8x2xf32>
}

// -----

// expected-error @+1 {{input-shapes: '2x3x8x10' for argument 0, which is 'tensor<4xf32>'}}
func.func @rank(%x: tensor<4xf32>) -> tensor<4xf32> {
  return %x : tensor<4xf32>
}
