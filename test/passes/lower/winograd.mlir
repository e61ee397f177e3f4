// RUN: dnnc-opt --pass-pipeline='builtin.module(lower-to-exec{target=avx2})' --split-input-file --mlir-elide-resource-strings-if-larger=10 %s 2>%t.remarks | FileCheck %s
// RUN: FileCheck %s --check-prefix=REMARK --input-file=%t.remarks
// RUN: dnnc-opt --pass-pipeline='builtin.module(lower-to-exec{target=avx2 reassociate=false})' --split-input-file %s 2>%t.exact | FileCheck %s --check-prefix=EXACT
// RUN: FileCheck %s --check-prefix=FORBIDDEN --input-file=%t.exact
// RUN: dnnc-opt --pass-pipeline='builtin.module(lower-to-exec{target=avx2 winograd-weights=4})' --split-input-file %s 2>/dev/null | FileCheck %s --check-prefix=FOUR
// RUN: dnnc-opt --pass-pipeline='builtin.module(lower-to-exec{target=avx2 winograd-weights=1})' --split-input-file %s 2>%t.one | FileCheck %s --check-prefix=ONE
// RUN: FileCheck %s --check-prefix=BOUND --input-file=%t.one

// A large map takes 6x6 tiles where its weights may take 64 / 9 of the room. Scratch is for a block of tiles: V and M.
// CHECK-LABEL: exec.schedule @large_map
// CHECK: exec.weight {{.*}} : tensor<262144xf32>
// CHECK: exec.call "conv_winograd_f6_6x2"
// CHECK-SAME: block = {{[0-9]+}}
// CHECK-SAME: scratch_bytes = {{[0-9]+}}
// REMARK: [kernel] {{.*}}Winograd's algorithm, F(6x6, 3x3) in blocks of {{[0-9]+}} tiles: F(4x4, 3x3) 0.{{[0-9]+}} of direct's time by the model, relative L2 error {{.*}}e-0{{[67]}}; F(6x6, 3x3) 0.{{[0-9]+}} of direct's time by the model, relative L2 error {{.*}}e-0{{[67]}}; packed weights 7.1 times as large, 1048576 bytes
// EXACT-LABEL: exec.schedule @large_map
// EXACT: exec.call "conv_direct_6x2"
// FORBIDDEN: [kernel] not applied: {{.*}}Winograd's algorithm: it sums in another order than the definition, which --exact and -O0 forbid
// FOUR-LABEL: exec.schedule @large_map
// FOUR: exec.call "conv_winograd_f4_6x2"
// ONE-LABEL: exec.schedule @large_map
// ONE: exec.call "conv_direct_6x2"
// BOUND: F(4x4, 3x3) {{.*}}, but 4.0 times the weights, above --winograd-weights=1; F(6x6, 3x3) {{.*}}, but 7.1 times the weights, above --winograd-weights=1
#nhwc = #dnn.layout<[0, 2, 3, 1]>
func.func @large_map(%x: tensor<1x64x112x112xf32, #nhwc>) -> tensor<1x64x112x112xf32, #nhwc> {
  %w = dnn.constant dense<0.5> : tensor<64x64x3x3xf32>
  %y = dnn.conv %x, %w {strides = array<i64: 1, 1>, pads = array<i64: 1, 1, 1, 1>, dilations = array<i64: 1, 1>, group = 1 : i64,
      operandSegmentSizes = array<i32: 1, 1, 0, 0>} : (tensor<1x64x112x112xf32, #nhwc>, tensor<64x64x3x3xf32>) -> tensor<1x64x112x112xf32, #nhwc>
  return %y : tensor<1x64x112x112xf32, #nhwc>
}

// -----

// 8x8 is four tiles of 4x4, or four of 6x6 that are half empty.
// CHECK-LABEL: exec.schedule @small_map
// CHECK: exec.weight {{.*}} : tensor<147456xf32>
// CHECK: exec.call "conv_winograd_f4_6x2"
// REMARK: [kernel] {{.*}}Winograd's algorithm, F(4x4, 3x3)
// REMARK-SAME: packed weights 4.0 times as large, 589824 bytes
#nhwc = #dnn.layout<[0, 2, 3, 1]>
func.func @small_map(%x: tensor<1x64x8x8xf32, #nhwc>) -> tensor<1x64x8x8xf32, #nhwc> {
  %w = dnn.constant dense<0.5> : tensor<64x64x3x3xf32>
  %y = dnn.conv %x, %w {strides = array<i64: 1, 1>, pads = array<i64: 1, 1, 1, 1>, dilations = array<i64: 1, 1>, group = 1 : i64,
      operandSegmentSizes = array<i32: 1, 1, 0, 0>} : (tensor<1x64x8x8xf32, #nhwc>, tensor<64x64x3x3xf32>) -> tensor<1x64x8x8xf32, #nhwc>
  return %y : tensor<1x64x8x8xf32, #nhwc>
}

// -----

// Transforms are worth their while only for some channels.
// CHECK-LABEL: exec.schedule @do_not_few_channels
// CHECK: exec.call "conv_padded_6x2"
// REMARK: [kernel] not applied: {{.*}}Winograd's algorithm: F(4x4, 3x3) {{[1-9]\.[0-9]+}} of direct's time by the model; F(6x6, 3x3) {{.*}} of direct's time by the model
#nhwc = #dnn.layout<[0, 2, 3, 1]>
func.func @do_not_few_channels(%x: tensor<1x1x128x128xf32, #nhwc>) -> tensor<1x64x128x128xf32, #nhwc> {
  %w = dnn.constant dense<0.5> : tensor<64x1x3x3xf32>
  %y = dnn.conv %x, %w {strides = array<i64: 1, 1>, pads = array<i64: 1, 1, 1, 1>, dilations = array<i64: 1, 1>, group = 1 : i64,
      operandSegmentSizes = array<i32: 1, 1, 0, 0>} : (tensor<1x1x128x128xf32, #nhwc>, tensor<64x1x3x3xf32>) -> tensor<1x64x128x128xf32, #nhwc>
  return %y : tensor<1x64x128x128xf32, #nhwc>
}

// -----

// CHECK-LABEL: exec.schedule @do_not_one_pixel
// CHECK: exec.call "conv_direct_6x2"
// REMARK: [kernel] not applied: {{.*}}Winograd's algorithm: F(4x4, 3x3) {{.*}} of direct's time
#nhwc = #dnn.layout<[0, 2, 3, 1]>
func.func @do_not_one_pixel(%x: tensor<1x64x1x1xf32, #nhwc>) -> tensor<1x64x1x1xf32, #nhwc> {
  %w = dnn.constant dense<0.5> : tensor<64x64x3x3xf32>
  %y = dnn.conv %x, %w {strides = array<i64: 1, 1>, pads = array<i64: 1, 1, 1, 1>, dilations = array<i64: 1, 1>, group = 1 : i64,
      operandSegmentSizes = array<i32: 1, 1, 0, 0>} : (tensor<1x64x1x1xf32, #nhwc>, tensor<64x64x3x3xf32>) -> tensor<1x64x1x1xf32, #nhwc>
  return %y : tensor<1x64x1x1xf32, #nhwc>
}

// -----

// CHECK-LABEL: exec.schedule @do_not_strided
// CHECK: exec.call "conv_direct_6x2"
// REMARK: [kernel] not applied: {{.*}}Winograd's algorithm: its stride is not 1
#nhwc = #dnn.layout<[0, 2, 3, 1]>
func.func @do_not_strided(%x: tensor<1x64x16x16xf32, #nhwc>) -> tensor<1x64x8x8xf32, #nhwc> {
  %w = dnn.constant dense<0.5> : tensor<64x64x3x3xf32>
  %y = dnn.conv %x, %w {strides = array<i64: 2, 2>, pads = array<i64: 1, 1, 1, 1>, dilations = array<i64: 1, 1>, group = 1 : i64,
      operandSegmentSizes = array<i32: 1, 1, 0, 0>} : (tensor<1x64x16x16xf32, #nhwc>, tensor<64x64x3x3xf32>) -> tensor<1x64x8x8xf32, #nhwc>
  return %y : tensor<1x64x8x8xf32, #nhwc>
}

// -----

// CHECK-LABEL: exec.schedule @do_not_dilated
// CHECK: exec.call "conv_direct_6x2"
// REMARK: [kernel] not applied: {{.*}}Winograd's algorithm: it is dilated
#nhwc = #dnn.layout<[0, 2, 3, 1]>
func.func @do_not_dilated(%x: tensor<1x64x16x16xf32, #nhwc>) -> tensor<1x64x16x16xf32, #nhwc> {
  %w = dnn.constant dense<0.5> : tensor<64x64x3x3xf32>
  %y = dnn.conv %x, %w {strides = array<i64: 1, 1>, pads = array<i64: 2, 2, 2, 2>, dilations = array<i64: 2, 2>, group = 1 : i64,
      operandSegmentSizes = array<i32: 1, 1, 0, 0>} : (tensor<1x64x16x16xf32, #nhwc>, tensor<64x64x3x3xf32>) -> tensor<1x64x16x16xf32, #nhwc>
  return %y : tensor<1x64x16x16xf32, #nhwc>
}

// -----

// CHECK-LABEL: exec.schedule @do_not_grouped
// CHECK: exec.call "conv_direct_6x2"
// REMARK: [kernel] not applied: {{.*}}Winograd's algorithm: it has groups
#nhwc = #dnn.layout<[0, 2, 3, 1]>
func.func @do_not_grouped(%x: tensor<1x64x16x16xf32, #nhwc>) -> tensor<1x64x16x16xf32, #nhwc> {
  %w = dnn.constant dense<0.5> : tensor<64x32x3x3xf32>
  %y = dnn.conv %x, %w {strides = array<i64: 1, 1>, pads = array<i64: 1, 1, 1, 1>, dilations = array<i64: 1, 1>, group = 2 : i64,
      operandSegmentSizes = array<i32: 1, 1, 0, 0>} : (tensor<1x64x16x16xf32, #nhwc>, tensor<64x32x3x3xf32>) -> tensor<1x64x16x16xf32, #nhwc>
  return %y : tensor<1x64x16x16xf32, #nhwc>
}

// -----

// CHECK-LABEL: exec.schedule @do_not_narrow
// CHECK: exec.call "conv_direct_6x2_bf16"
// REMARK: [kernel] not applied: {{.*}}Winograd's algorithm: its weights are 16-bit, and transformed ones would not be exact so
#nhwc = #dnn.layout<[0, 2, 3, 1]>
func.func @do_not_narrow(%x: tensor<1x64x16x16xf32, #nhwc>) -> tensor<1x64x16x16xf32, #nhwc> {
  %w = dnn.constant dense<0.5> : tensor<64x64x3x3xbf16>
  %y = dnn.conv %x, %w {strides = array<i64: 1, 1>, pads = array<i64: 1, 1, 1, 1>, dilations = array<i64: 1, 1>, group = 1 : i64,
      operandSegmentSizes = array<i32: 1, 1, 0, 0>} : (tensor<1x64x16x16xf32, #nhwc>, tensor<64x64x3x3xbf16>) -> tensor<1x64x16x16xf32, #nhwc>
  return %y : tensor<1x64x16x16xf32, #nhwc>
}

// -----

// CHECK-LABEL: exec.schedule @do_not_run_time_weights
// CHECK: exec.call "conv_direct_6x2"
// REMARK: [kernel] not applied: {{.*}}Winograd's algorithm: its weights are computed at run time
#nhwc = #dnn.layout<[0, 2, 3, 1]>
func.func @do_not_run_time_weights(%x: tensor<1x64x16x16xf32, #nhwc>, %w: tensor<64x64x3x3xf32>) -> tensor<1x64x16x16xf32, #nhwc> {
  %y = dnn.conv %x, %w {strides = array<i64: 1, 1>, pads = array<i64: 1, 1, 1, 1>, dilations = array<i64: 1, 1>, group = 1 : i64,
      operandSegmentSizes = array<i32: 1, 1, 0, 0>} : (tensor<1x64x16x16xf32, #nhwc>, tensor<64x64x3x3xf32>) -> tensor<1x64x16x16xf32, #nhwc>
  return %y : tensor<1x64x16x16xf32, #nhwc>
}
