// Which convolutions are matrix products of their pixels, and which read padded copies.
// RUN: dnnc-opt --pass-pipeline='builtin.module(lower-to-exec{target=avx2})' --split-input-file %s | FileCheck %s
// RUN: dnnc-opt --pass-pipeline='builtin.module(lower-to-exec{target=avx512})' --split-input-file %s | FileCheck --check-prefix=WIDE %s

// Pixels one behind the other. Of three vectors of channels none is left over.
// CHECK-LABEL: exec.schedule @pointwise
// CHECK: exec.call "conv_pointwise_4x3"
// WIDE-LABEL: exec.schedule @pointwise
// WIDE: exec.call "conv_pointwise_8x2"
#nhwc = #dnn.layout<[0, 2, 3, 1]>
func.func @pointwise(%x: tensor<1x16x12x12xf32, #nhwc>) -> tensor<1x24x12x12xf32, #nhwc> {
  %w = dnn.constant dense<0.5> : tensor<24x16x1x1xf32>
  %y = dnn.conv %x, %w {strides = array<i64: 1, 1>, pads = array<i64: 0, 0, 0, 0>, dilations = array<i64: 1, 1>, group = 1 : i64,
      operandSegmentSizes = array<i32: 1, 1, 0, 0>} : (tensor<1x16x12x12xf32, #nhwc>, tensor<24x16x1x1xf32>) -> tensor<1x24x12x12xf32, #nhwc>
  return %y : tensor<1x24x12x12xf32, #nhwc>
}

// -----

// Every second pixel.
// CHECK-LABEL: exec.schedule @strided
// CHECK: exec.call "conv_direct_6x2"
#nhwc = #dnn.layout<[0, 2, 3, 1]>
func.func @strided(%x: tensor<1x16x12x12xf32, #nhwc>) -> tensor<1x32x6x6xf32, #nhwc> {
  %w = dnn.constant dense<0.5> : tensor<32x16x1x1xf32>
  %y = dnn.conv %x, %w {strides = array<i64: 2, 2>, pads = array<i64: 0, 0, 0, 0>, dilations = array<i64: 1, 1>, group = 1 : i64,
      operandSegmentSizes = array<i32: 1, 1, 0, 0>} : (tensor<1x16x12x12xf32, #nhwc>, tensor<32x16x1x1xf32>) -> tensor<1x32x6x6xf32, #nhwc>
  return %y : tensor<1x32x6x6xf32, #nhwc>
}

// -----

// Nearly every window reaches outside, and sums are short.
// CHECK-LABEL: exec.schedule @windows
// CHECK: exec.call "conv_padded_6x2"
// CHECK-SAME: scratch_bytes = {{[1-9][0-9]+}}
// WIDE-LABEL: exec.schedule @windows
// WIDE: exec.call "conv_padded_6x4"
#nhwc = #dnn.layout<[0, 2, 3, 1]>
func.func @windows(%x: tensor<1x1x49x10xf32, #nhwc>) -> tensor<1x64x25x5xf32, #nhwc> {
  %w = dnn.constant dense<0.5> : tensor<64x1x10x4xf32>
  %y = dnn.conv %x, %w {strides = array<i64: 2, 2>, pads = array<i64: 4, 1, 5, 1>, dilations = array<i64: 1, 1>, group = 1 : i64,
      operandSegmentSizes = array<i32: 1, 1, 0, 0>} : (tensor<1x1x49x10xf32, #nhwc>, tensor<64x1x10x4xf32>) -> tensor<1x64x25x5xf32, #nhwc>
  return %y : tensor<1x64x25x5xf32, #nhwc>
}

// -----

// Sums of 2304 products: what the border costs does not matter. Stride 2, so that it is not for Winograd's algorithm.
// CHECK-LABEL: exec.schedule @long
// CHECK: exec.call "conv_direct_6x2"
#nhwc = #dnn.layout<[0, 2, 3, 1]>
func.func @long(%x: tensor<1x256x14x14xf32, #nhwc>) -> tensor<1x32x7x7xf32, #nhwc> {
  %w = dnn.constant dense<0.5> : tensor<32x256x3x3xf32>
  %y = dnn.conv %x, %w {strides = array<i64: 2, 2>, pads = array<i64: 1, 1, 1, 1>, dilations = array<i64: 1, 1>, group = 1 : i64,
      operandSegmentSizes = array<i32: 1, 1, 0, 0>} : (tensor<1x256x14x14xf32, #nhwc>, tensor<32x256x3x3xf32>) -> tensor<1x32x7x7xf32, #nhwc>
  return %y : tensor<1x32x7x7xf32, #nhwc>
}

// -----

// Two far taps: no copy would hold the rows between them.
// CHECK-LABEL: exec.schedule @far
// CHECK: exec.call "conv_direct_6x2"
#nhwc = #dnn.layout<[0, 2, 3, 1]>
func.func @far(%x: tensor<1x1x2000x100xf32, #nhwc>) -> tensor<1x16x2000x100xf32, #nhwc> {
  %w = dnn.constant dense<0.5> : tensor<16x1x2x1xf32>
  %y = dnn.conv %x, %w {strides = array<i64: 1, 1>, pads = array<i64: 900, 0, 900, 0>, dilations = array<i64: 1800, 1>, group = 1 : i64,
      operandSegmentSizes = array<i32: 1, 1, 0, 0>} : (tensor<1x1x2000x100xf32, #nhwc>, tensor<16x1x2x1xf32>) -> tensor<1x16x2000x100xf32, #nhwc>
  return %y : tensor<1x16x2000x100xf32, #nhwc>
}
