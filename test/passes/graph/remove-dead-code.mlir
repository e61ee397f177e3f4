// RUN: dnnc-opt --remove-dead-code %s | FileCheck %s

// A whole chain without a user, and the constant it read.
// CHECK-LABEL: func @chain
// CHECK-NEXT: return %arg0
func.func @chain(%x: tensor<4xf32>) -> tensor<4xf32> {
  %c = dnn.constant dense<1.0> : tensor<4xf32>
  %0 = dnn.concat %x, %c {axis = 0 : i64} : (tensor<4xf32>, tensor<4xf32>) -> tensor<8xf32>
  %1 = dnn.reshape %0 : tensor<8xf32> -> tensor<2x4xf32>
  return %x : tensor<4xf32>
}

// One of two results is enough.
// CHECK-LABEL: func @do_not_remove_half_used
// CHECK: dnn.top_k
func.func @do_not_remove_half_used(%x: tensor<4xf32>) -> tensor<2xi64> {
  %v, %i = dnn.top_k %x {axis = 0 : i64, k = 2 : i64, largest = true} : (tensor<4xf32>) -> (tensor<2xf32>, tensor<2xi64>)
  return %i : tensor<2xi64>
}
