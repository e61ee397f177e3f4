// RUN: dnnc-opt --pass-pipeline='builtin.module(lower-to-exec{target=avx512})' --split-input-file %s | FileCheck %s
// RUN: dnnc-opt --pass-pipeline='builtin.module(lower-to-exec{target=generic})' --split-input-file %s | FileCheck --check-prefix=GENERIC %s

// A first layer reads the planes of the image as they are: the relayout copies nothing.
// CHECK-LABEL: exec.schedule @image
// CHECK: %[[X:.*]] = exec.input 0
// CHECK-NOT: move_copy
// CHECK: exec.call "conv_planar_8x3" inputs(%[[X]],
// CHECK-SAME: block = 8 : i64
// CHECK-SAME: x_c = 9216 : i64, x_h = 96 : i64, x_n = 27648 : i64
// CHECK-SAME: y_h = 384 : i64, y_n = 18432 : i64, y_w = 8 : i64}
// CHECK-SAME: scratch_bytes = {{[1-9][0-9]+}}
// GENERIC-LABEL: exec.schedule @image
// GENERIC: move_copy
// GENERIC: conv_direct_4x2
#nhwc = #dnn.layout<[0, 2, 3, 1]>
func.func @image(%x: tensor<1x3x96x96xf32>) -> tensor<1x8x48x48xf32, #nhwc> {
  %w = dnn.constant dense<0.5> : tensor<8x3x3x3xf32>
  %h = dnn.relayout %x : tensor<1x3x96x96xf32> -> tensor<1x3x96x96xf32, #nhwc>
  %y = dnn.conv %h, %w {strides = array<i64: 2, 2>, pads = array<i64: 1, 1, 1, 1>, dilations = array<i64: 1, 1>, group = 1 : i64,
      operandSegmentSizes = array<i32: 1, 1, 0, 0>} : (tensor<1x3x96x96xf32, #nhwc>, tensor<8x3x3x3xf32>) -> tensor<1x8x48x48xf32, #nhwc>
  return %y : tensor<1x8x48x48xf32, #nhwc>
}

// -----

// The same image channels-last for somebody else: it is there, and the convolution reads it.
// CHECK-LABEL: exec.schedule @shared
// CHECK: move_copy
// CHECK: exec.call "conv_direct_10x1"
#nhwc = #dnn.layout<[0, 2, 3, 1]>
func.func @shared(%x: tensor<1x3x96x96xf32>) -> (tensor<1x8x48x48xf32, #nhwc>, tensor<1x3x96x96xf32, #nhwc>) {
  %w = dnn.constant dense<0.5> : tensor<8x3x3x3xf32>
  %h = dnn.relayout %x : tensor<1x3x96x96xf32> -> tensor<1x3x96x96xf32, #nhwc>
  %y = dnn.conv %h, %w {strides = array<i64: 2, 2>, pads = array<i64: 1, 1, 1, 1>, dilations = array<i64: 1, 1>, group = 1 : i64,
      operandSegmentSizes = array<i32: 1, 1, 0, 0>} : (tensor<1x3x96x96xf32, #nhwc>, tensor<8x3x3x3xf32>) -> tensor<1x8x48x48xf32, #nhwc>
  return %y, %h : tensor<1x8x48x48xf32, #nhwc>, tensor<1x3x96x96xf32, #nhwc>
}

// -----

// More channels than planes pay for, a map narrower than half a vector, and a 1x1 kernel.
// CHECK-LABEL: exec.schedule @others
// CHECK: "conv_winograd_
// CHECK: "conv_direct_
// CHECK: "conv_pointwise_
// CHECK-NOT: conv_planar
#nhwc = #dnn.layout<[0, 2, 3, 1]>
func.func @others(%x: tensor<1x5x32x32xf32, #nhwc>, %z: tensor<1x1x9x9xf32>, %v: tensor<1x1x32x32xf32>)
    -> (tensor<1x8x30x30xf32, #nhwc>, tensor<1x8x4x4xf32, #nhwc>, tensor<1x8x32x32xf32, #nhwc>) {
  %w5 = dnn.constant dense<0.5> : tensor<8x5x3x3xf32>
  %w1 = dnn.constant dense<0.5> : tensor<8x1x3x3xf32>
  %one = dnn.constant dense<0.5> : tensor<8x1x1x1xf32>
  %a = dnn.conv %x, %w5 {strides = array<i64: 1, 1>, pads = array<i64: 0, 0, 0, 0>, dilations = array<i64: 1, 1>, group = 1 : i64,
      operandSegmentSizes = array<i32: 1, 1, 0, 0>} : (tensor<1x5x32x32xf32, #nhwc>, tensor<8x5x3x3xf32>) -> tensor<1x8x30x30xf32, #nhwc>
  %b = dnn.conv %z, %w1 {strides = array<i64: 2, 2>, pads = array<i64: 0, 0, 0, 0>, dilations = array<i64: 1, 1>, group = 1 : i64,
      operandSegmentSizes = array<i32: 1, 1, 0, 0>} : (tensor<1x1x9x9xf32>, tensor<8x1x3x3xf32>) -> tensor<1x8x4x4xf32, #nhwc>
  %c = dnn.conv %v, %one {strides = array<i64: 1, 1>, pads = array<i64: 0, 0, 0, 0>, dilations = array<i64: 1, 1>, group = 1 : i64,
      operandSegmentSizes = array<i32: 1, 1, 0, 0>} : (tensor<1x1x32x32xf32>, tensor<8x1x1x1xf32>) -> tensor<1x8x32x32xf32, #nhwc>
  return %a, %b, %c : tensor<1x8x30x30xf32, #nhwc>, tensor<1x8x4x4xf32, #nhwc>, tensor<1x8x32x32xf32, #nhwc>
}
