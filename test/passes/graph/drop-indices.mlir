// A pool with indices that nobody reads is a pool.
// RUN: dnnc-opt --simplify-graph %s | FileCheck %s

// CHECK-LABEL: func @unused
// CHECK: dnn.pool %arg0 {{.*}}kind = 0 : i32
// CHECK-NOT: max_pool_indices
func.func @unused(%x: tensor<1x3x8x8xf32>) -> tensor<1x3x4x4xf32> {
  %y, %i = dnn.max_pool_indices %x {kernel = array<i64: 2, 2>, strides = array<i64: 2, 2>, pads = array<i64: 0, 0, 0, 0>, dilations = array<i64: 1, 1>, ceil_mode = false, column_major = false} : (tensor<1x3x8x8xf32>) -> (tensor<1x3x4x4xf32>, tensor<1x3x4x4xi64>)
  return %y : tensor<1x3x4x4xf32>
}

// CHECK-LABEL: func @do_not_drop_used
// CHECK: dnn.max_pool_indices
func.func @do_not_drop_used(%x: tensor<1x3x8x8xf32>) -> tensor<1x3x4x4xi64> {
  %y, %i = dnn.max_pool_indices %x {kernel = array<i64: 2, 2>, strides = array<i64: 2, 2>, pads = array<i64: 0, 0, 0, 0>, dilations = array<i64: 1, 1>, ceil_mode = false, column_major = false} : (tensor<1x3x8x8xf32>) -> (tensor<1x3x4x4xf32>, tensor<1x3x4x4xi64>)
  return %i : tensor<1x3x4x4xi64>
}
