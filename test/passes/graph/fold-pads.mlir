// RUN: dnnc-opt --fold-pads %s 2>/dev/null | FileCheck %s
// RUN: dnnc-opt --fold-pads %s 2>&1 >/dev/null | FileCheck %s --check-prefix=REMARK

// Asymmetric padding adds to the convolution's own.
// CHECK-LABEL: func @conv
// CHECK-NOT: dnn.pad
// CHECK: dnn.conv %arg0, %arg1 {{.*}}pads = array<i64: 1, 1, 2, 3>
// REMARK: [fold] pad into conv
func.func @conv(%x: tensor<1x3x8x8xf32>, %w: tensor<4x3x3x3xf32>) -> tensor<1x4x9x10xf32> {
  %0 = dnn.pad %x {pads = array<i64: 0, 0, 0, 0, 0, 0, 1, 2>, mode = "constant"} : (tensor<1x3x8x8xf32>) -> tensor<1x3x9x10xf32> loc("pad")
  %1 = dnn.conv %0, %w {strides = array<i64: 1, 1>, pads = array<i64: 1, 1, 1, 1>, dilations = array<i64: 1, 1>, group = 1 : i64,
      operandSegmentSizes = array<i32: 1, 1, 0, 0>} : (tensor<1x3x9x10xf32>, tensor<4x3x3x3xf32>) -> tensor<1x4x9x10xf32> loc("conv")
  return %1 : tensor<1x4x9x10xf32>
}

// Every user takes it in; then it is gone.
// CHECK-LABEL: func @two_users
// CHECK-NOT: dnn.pad
// CHECK: dnn.pool %arg0 {count_include_pad = true,{{.*}} pads = array<i64: 1, 1, 1, 1>
// CHECK: dnn.pool %arg0 {{.*}}pads = array<i64: 1, 1, 1, 1>
func.func @two_users(%x: tensor<1x3x8x8xf32>) -> (tensor<1x3x8x8xf32>, tensor<1x3x8x8xf32>) {
  %0 = dnn.pad %x {pads = array<i64: 0, 0, 1, 1, 0, 0, 1, 1>, mode = "constant"} : (tensor<1x3x8x8xf32>) -> tensor<1x3x10x10xf32>
  %1 = dnn.pool %0 {kind = 1 : i32, kernel = array<i64: 3, 3>, strides = array<i64: 1, 1>, pads = array<i64: 0, 0, 0, 0>,
      dilations = array<i64: 1, 1>} : (tensor<1x3x10x10xf32>) -> tensor<1x3x8x8xf32>
  %2 = dnn.pool %0 {kind = 2 : i32, kernel = array<i64: 3, 3>, strides = array<i64: 1, 1>, pads = array<i64: 0, 0, 0, 0>,
      dilations = array<i64: 1, 1>} : (tensor<1x3x10x10xf32>) -> tensor<1x3x8x8xf32>
  return %1, %2 : tensor<1x3x8x8xf32>, tensor<1x3x8x8xf32>
}

// CHECK-LABEL: func @max_pool_lowest
// CHECK-NOT: dnn.pad
// CHECK: dnn.pool %arg0
func.func @max_pool_lowest(%x: tensor<1x3x8x8xf32>) -> tensor<1x3x5x5xf32> {
  %0 = dnn.pad %x {pads = array<i64: 0, 0, 1, 1, 0, 0, 1, 1>, mode = "constant", value = 0xFFF0000000000000 : f64}
      : (tensor<1x3x8x8xf32>) -> tensor<1x3x10x10xf32>
  %1 = dnn.pool %0 {kind = 0 : i32, kernel = array<i64: 2, 2>, strides = array<i64: 2, 2>, pads = array<i64: 0, 0, 0, 0>,
      dilations = array<i64: 1, 1>} : (tensor<1x3x10x10xf32>) -> tensor<1x3x5x5xf32>
  return %1 : tensor<1x3x5x5xf32>
}

// Zeros never win against data that is at least zero.
// CHECK-LABEL: func @max_pool_behind_relu
// CHECK-NOT: dnn.pad
// CHECK: dnn.pool
func.func @max_pool_behind_relu(%x: tensor<1x3x8x8xf32>) -> tensor<1x3x4x4xf32> {
  %r = dnn.pointwise %x : (tensor<1x3x8x8xf32>) -> tensor<1x3x8x8xf32> {
    ^bb0(%a: f32):
      %b = pw.fn "relu"(%a) : (f32) -> f32
      pw.yield %b : f32
  }
  %0 = dnn.pad %r {pads = array<i64: 0, 0, 1, 1, 0, 0, 1, 1>, mode = "constant"} : (tensor<1x3x8x8xf32>) -> tensor<1x3x10x10xf32>
  %1 = dnn.pool %0 {kind = 0 : i32, kernel = array<i64: 3, 3>, strides = array<i64: 2, 2>, pads = array<i64: 0, 0, 0, 0>,
      dilations = array<i64: 1, 1>} : (tensor<1x3x10x10xf32>) -> tensor<1x3x4x4xf32>
  return %1 : tensor<1x3x4x4xf32>
}

// REMARK: [fold] not applied: negative into max: max pooling pads with the lowest value
// CHECK-LABEL: func @do_not_fold_zeros_into_max_pool
// CHECK: dnn.pad
func.func @do_not_fold_zeros_into_max_pool(%x: tensor<1x3x8x8xf32>) -> tensor<1x3x4x4xf32> {
  %0 = dnn.pad %x {pads = array<i64: 0, 0, 1, 1, 0, 0, 1, 1>, mode = "constant"} : (tensor<1x3x8x8xf32>) -> tensor<1x3x10x10xf32> loc("negative")
  %1 = dnn.pool %0 {kind = 0 : i32, kernel = array<i64: 3, 3>, strides = array<i64: 2, 2>, pads = array<i64: 0, 0, 0, 0>,
      dilations = array<i64: 1, 1>} : (tensor<1x3x10x10xf32>) -> tensor<1x3x4x4xf32> loc("max")
  return %1 : tensor<1x3x4x4xf32>
}

// REMARK: [fold] not applied: wide into max: a window would lie in the padding alone
// CHECK-LABEL: func @do_not_fold_window_of_padding
// CHECK: dnn.pad
func.func @do_not_fold_window_of_padding(%x: tensor<1x3x8x8xf32>) -> tensor<1x3x6x6xf32> {
  %0 = dnn.pad %x {pads = array<i64: 0, 0, 2, 2, 0, 0, 2, 2>, mode = "constant", value = 0xFFF0000000000000 : f64}
      : (tensor<1x3x8x8xf32>) -> tensor<1x3x12x12xf32> loc("wide")
  %1 = dnn.pool %0 {kind = 0 : i32, kernel = array<i64: 2, 2>, strides = array<i64: 2, 2>, pads = array<i64: 0, 0, 0, 0>,
      dilations = array<i64: 1, 1>} : (tensor<1x3x12x12xf32>) -> tensor<1x3x6x6xf32> loc("max")
  return %1 : tensor<1x3x6x6xf32>
}

// REMARK: [fold] not applied: outer into mean: the pool does not count its own padding
// CHECK-LABEL: func @do_not_mix_counts
// CHECK: dnn.pad
func.func @do_not_mix_counts(%x: tensor<1x3x8x8xf32>) -> tensor<1x3x10x10xf32> {
  %0 = dnn.pad %x {pads = array<i64: 0, 0, 1, 1, 0, 0, 1, 1>, mode = "constant"} : (tensor<1x3x8x8xf32>) -> tensor<1x3x10x10xf32> loc("outer")
  %1 = dnn.pool %0 {kind = 1 : i32, kernel = array<i64: 3, 3>, strides = array<i64: 1, 1>, pads = array<i64: 1, 1, 1, 1>,
      dilations = array<i64: 1, 1>} : (tensor<1x3x10x10xf32>) -> tensor<1x3x10x10xf32> loc("mean")
  return %1 : tensor<1x3x10x10xf32>
}

// REMARK: [fold] not applied: pool into ceil: ceil_mode is set
// CHECK-LABEL: func @do_not_fold_ceil
// CHECK: dnn.pad
func.func @do_not_fold_ceil(%x: tensor<1x3x8x8xf32>) -> tensor<1x3x5x5xf32> {
  %0 = dnn.pad %x {pads = array<i64: 0, 0, 1, 1, 0, 0, 1, 1>, mode = "constant"} : (tensor<1x3x8x8xf32>) -> tensor<1x3x10x10xf32> loc("pool")
  %1 = dnn.pool %0 {kind = 1 : i32, kernel = array<i64: 3, 3>, strides = array<i64: 2, 2>, pads = array<i64: 0, 0, 0, 0>,
      dilations = array<i64: 1, 1>, ceil_mode = true} : (tensor<1x3x10x10xf32>) -> tensor<1x3x5x5xf32> loc("ceil")
  return %1 : tensor<1x3x5x5xf32>
}

// REMARK: [fold] not applied: mirror into conv: only constant padding can be folded
// REMARK: [fold] not applied: ones into conv: convolutions pad with zero
// REMARK: [fold] not applied: channels into conv: it pads the batch or the channels
// REMARK: [fold] not applied: crop into conv: it crops
// CHECK-LABEL: func @do_not_fold_other_padding
// CHECK-COUNT-4: dnn.pad
func.func @do_not_fold_other_padding(%x: tensor<1x3x8x8xf32>, %w: tensor<4x3x3x3xf32>, %v: tensor<4x4x3x3xf32>)
    -> (tensor<1x4x8x8xf32>, tensor<1x4x8x8xf32>, tensor<1x4x6x6xf32>, tensor<1x4x5x6xf32>) {
  %0 = dnn.pad %x {pads = array<i64: 0, 0, 1, 1, 0, 0, 1, 1>, mode = "reflect"} : (tensor<1x3x8x8xf32>) -> tensor<1x3x10x10xf32> loc("mirror")
  %1 = dnn.conv %0, %w {strides = array<i64: 1, 1>, pads = array<i64: 0, 0, 0, 0>, dilations = array<i64: 1, 1>, group = 1 : i64,
      operandSegmentSizes = array<i32: 1, 1, 0, 0>} : (tensor<1x3x10x10xf32>, tensor<4x3x3x3xf32>) -> tensor<1x4x8x8xf32> loc("conv")
  %2 = dnn.pad %x {pads = array<i64: 0, 0, 1, 1, 0, 0, 1, 1>, mode = "constant", value = 1.0 : f64}
      : (tensor<1x3x8x8xf32>) -> tensor<1x3x10x10xf32> loc("ones")
  %3 = dnn.conv %2, %w {strides = array<i64: 1, 1>, pads = array<i64: 0, 0, 0, 0>, dilations = array<i64: 1, 1>, group = 1 : i64,
      operandSegmentSizes = array<i32: 1, 1, 0, 0>} : (tensor<1x3x10x10xf32>, tensor<4x3x3x3xf32>) -> tensor<1x4x8x8xf32> loc("conv")
  %4 = dnn.pad %x {pads = array<i64: 0, 0, 0, 0, 0, 1, 0, 0>, mode = "constant"} : (tensor<1x3x8x8xf32>) -> tensor<1x4x8x8xf32> loc("channels")
  %5 = dnn.conv %4, %v {strides = array<i64: 1, 1>, pads = array<i64: 0, 0, 0, 0>, dilations = array<i64: 1, 1>, group = 1 : i64,
      operandSegmentSizes = array<i32: 1, 1, 0, 0>} : (tensor<1x4x8x8xf32>, tensor<4x4x3x3xf32>) -> tensor<1x4x6x6xf32> loc("conv")
  %6 = dnn.pad %x {pads = array<i64: 0, 0, -1, 0, 0, 0, 0, 0>, mode = "constant"} : (tensor<1x3x8x8xf32>) -> tensor<1x3x7x8xf32> loc("crop")
  %7 = dnn.conv %6, %w {strides = array<i64: 1, 1>, pads = array<i64: 0, 0, 0, 0>, dilations = array<i64: 1, 1>, group = 1 : i64,
      operandSegmentSizes = array<i32: 1, 1, 0, 0>} : (tensor<1x3x7x8xf32>, tensor<4x3x3x3xf32>) -> tensor<1x4x5x6xf32> loc("conv")
  return %1, %3, %5, %7 : tensor<1x4x8x8xf32>, tensor<1x4x8x8xf32>, tensor<1x4x6x6xf32>, tensor<1x4x5x6xf32>
}

// One user takes it, the other keeps it.
// REMARK: [fold] not applied: shared into Softmax: it is neither a convolution nor a pool
// CHECK-LABEL: func @half
// CHECK: %[[P:.*]] = dnn.pad %arg0
// CHECK: dnn.pool %arg0
// CHECK: dnn.softmax %[[P]]
func.func @half(%x: tensor<1x3x8x8xf32>) -> (tensor<1x3x8x8xf32>, tensor<1x3x10x10xf32>) {
  %0 = dnn.pad %x {pads = array<i64: 0, 0, 1, 1, 0, 0, 1, 1>, mode = "constant"} : (tensor<1x3x8x8xf32>) -> tensor<1x3x10x10xf32> loc("shared")
  %1 = dnn.pool %0 {kind = 1 : i32, kernel = array<i64: 3, 3>, strides = array<i64: 1, 1>, pads = array<i64: 0, 0, 0, 0>,
      dilations = array<i64: 1, 1>} : (tensor<1x3x10x10xf32>) -> tensor<1x3x8x8xf32>
  %2 = dnn.softmax %0 {axis = 1 : i64, log = false} : (tensor<1x3x10x10xf32>) -> tensor<1x3x10x10xf32> loc("Softmax")
  return %1, %2 : tensor<1x3x8x8xf32>, tensor<1x3x10x10xf32>
}

// An integer convolution pads with its zero point.
// CHECK-LABEL: func @zero_point
// CHECK-NOT: dnn.pad
// CHECK: dnn.conv %arg0
// CHECK-SAME: pads = array<i64: 1, 1, 1, 1>
func.func @zero_point(%x: tensor<1x1x4x4xui8>, %w: tensor<1x1x3x3xi8>) -> tensor<1x1x4x4xi32> {
  %0 = dnn.pad %x {pads = array<i64: 0, 0, 1, 1, 0, 0, 1, 1>, mode = "constant", value = 7.0 : f64} : (tensor<1x1x4x4xui8>) -> tensor<1x1x6x6xui8>
  %1 = dnn.conv %0, %w {strides = array<i64: 1, 1>, pads = array<i64: 0, 0, 0, 0>, dilations = array<i64: 1, 1>, group = 1 : i64, input_zero_point = 7 : i64,
      operandSegmentSizes = array<i32: 1, 1, 0, 0>} : (tensor<1x1x6x6xui8>, tensor<1x1x3x3xi8>) -> tensor<1x1x4x4xi32>
  return %1 : tensor<1x1x4x4xi32>
}

// CHECK-LABEL: func @do_not_pad_with_another
// CHECK: dnn.pad
func.func @do_not_pad_with_another(%x: tensor<1x1x4x4xui8>, %w: tensor<1x1x3x3xi8>) -> tensor<1x1x4x4xi32> {
  %0 = dnn.pad %x {pads = array<i64: 0, 0, 1, 1, 0, 0, 1, 1>, mode = "constant", value = 0.0 : f64} : (tensor<1x1x4x4xui8>) -> tensor<1x1x6x6xui8>
  %1 = dnn.conv %0, %w {strides = array<i64: 1, 1>, pads = array<i64: 0, 0, 0, 0>, dilations = array<i64: 1, 1>, group = 1 : i64, input_zero_point = 7 : i64,
      operandSegmentSizes = array<i32: 1, 1, 0, 0>} : (tensor<1x1x6x6xui8>, tensor<1x1x3x3xi8>) -> tensor<1x1x4x4xi32>
  return %1 : tensor<1x1x4x4xi32>
}
