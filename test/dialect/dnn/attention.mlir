// RUN: dnnc-opt %s | dnnc-opt | FileCheck %s

// CHECK-LABEL: func @attention
// CHECK: dnn.attention %arg0, %arg1, %arg1 {causal = true, past = 2 : i64, scale = 5.000000e-01 : f64, softcap = 3.000000e+01 : f64}
// CHECK: dnn.attention %arg0, %arg1, %arg1, %arg2 {scale = 5.000000e-01 : f64}
func.func @attention(%q: tensor<2x4x3x8xf32>, %k: tensor<2x2x5x8xf32>, %m: tensor<4x1x5xi1>) -> (tensor<2x4x3x8xf32>, tensor<2x4x3x8xf32>) {
  %0 = dnn.attention %q, %k, %k {scale = 0.5 : f64, softcap = 30.0 : f64, causal = true, past = 2 : i64}
      : (tensor<2x4x3x8xf32>, tensor<2x2x5x8xf32>, tensor<2x2x5x8xf32>) -> tensor<2x4x3x8xf32>
  %1 = dnn.attention %q, %k, %k, %m {scale = 0.5 : f64}
      : (tensor<2x4x3x8xf32>, tensor<2x2x5x8xf32>, tensor<2x2x5x8xf32>, tensor<4x1x5xi1>) -> tensor<2x4x3x8xf32>
  return %0, %1 : tensor<2x4x3x8xf32>, tensor<2x4x3x8xf32>
}

// CHECK-LABEL: func @rotary
// CHECK: dnn.rotary %arg0, %arg1, %arg1 {interleaved = true}
func.func @rotary(%x: tensor<2x4x3x8xf32>, %t: tensor<1x3x3xf32>) -> tensor<2x4x3x8xf32> {
  %0 = dnn.rotary %x, %t, %t {interleaved = true} : (tensor<2x4x3x8xf32>, tensor<1x3x3xf32>, tensor<1x3x3xf32>) -> tensor<2x4x3x8xf32>
  return %0 : tensor<2x4x3x8xf32>
}
