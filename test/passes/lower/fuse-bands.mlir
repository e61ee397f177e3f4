// RUN: dnnc-opt --pass-pipeline='builtin.module(lower-to-exec{target=avx2},exec.schedule(fuse-bands{kib=20}))' --split-input-file --mlir-elide-resource-strings-if-larger=10 %s 2>%t.remarks | FileCheck %s
// RUN: FileCheck %s --check-prefix=REMARK --input-file=%t.remarks
// RUN: dnnc-opt --pass-pipeline='builtin.module(lower-to-exec{target=avx2},exec.schedule(fuse-bands{kib=0}))' --split-input-file %s 2>/dev/null | FileCheck %s --check-prefix=OFF
// RUN: dnnc-opt --pass-pipeline='builtin.module(lower-to-exec{target=avx2},exec.schedule(fuse-bands))' --split-input-file %s 2>/dev/null | FileCheck %s --check-prefix=OFF
// RUN: dnnc-opt --pass-pipeline='builtin.module(lower-to-exec{target=cuda-sm80},exec.schedule(fuse-bands{kib=20}))' --split-input-file %s 2>/dev/null | FileCheck %s --check-prefix=OFF

// Expansion, depthwise and projection, 5 rows at a time. The first band has the padding above: 6 rows of the expansion go behind the row where it
// would be. Two rows are kept, and so the expansion is one row ahead. The last band is short.
// OFF-LABEL: exec.schedule @inverted_residual
// OFF-NOT: exec.loop
// CHECK-LABEL: exec.schedule @inverted_residual
// CHECK: %[[X:.*]] = exec.input 0
// CHECK: %[[Y:.*]] = exec.output 0
// CHECK: %[[EXPANDED:.*]] = exec.alloc {bytes = 10752 : i64}
// CHECK: %[[DEPTHWISE:.*]] = exec.alloc {bytes = 7680 : i64}
// CHECK: %[[TOP:.*]] = exec.view %[[EXPANDED]][1536]
// CHECK: exec.call "conv_pointwise_4x3" inputs(%[[X]], {{.*}} outputs(%[[TOP]] {{.*}} h = 6 : i64, {{.*}} oh = 6 : i64, {{.*}}first 6 rows
// CHECK: %[[TOP2:.*]] = exec.view %[[EXPANDED]][1536]
// CHECK: exec.call "conv_depthwise_3x3_s1" inputs(%[[TOP2]], {{.*}} outputs(%[[DEPTHWISE]] {{.*}} h = 6 : i64, {{.*}} oh = 5 : i64, {{.*}} pt = 1 : i64
// CHECK: %[[KEPT:.*]] = exec.view %[[EXPANDED]][7680]
// CHECK: exec.call "move_copy_b32" inputs(%[[KEPT]] {{.*}} outputs(%[[EXPANDED]] {{.*}} shape = array<i64: 768>
// CHECK: exec.call "conv_pointwise_10x1" inputs(%[[DEPTHWISE]], {{.*}} outputs(%[[Y]] {{.*}} oh = 5 : i64
// CHECK: exec.loop attributes {count = 5 : i64, text = "bands of 5 rows"}
// CHECK: ^bb0(%[[I:.*]]: index):
// CHECK: %[[IN:.*]] = exec.view %[[X]][1536] by %[[I]] {step = 1280 : i64}
// CHECK: %[[NEW:.*]] = exec.view %[[EXPANDED]][3072]
// CHECK: exec.call "conv_pointwise_4x3" inputs(%[[IN]], {{.*}} outputs(%[[NEW]] {{.*}} oh = 5 : i64
// CHECK: exec.call "conv_depthwise_3x3_s1" inputs(%[[EXPANDED]], {{.*}} outputs(%[[DEPTHWISE]] {{.*}} h = 7 : i64, {{.*}} oh = 5 : i64, {{.*}} pt = 0 : i64
// CHECK: exec.call "move_copy_b32"
// CHECK: %[[OUT:.*]] = exec.view %[[Y]][1920] by %[[I]] {step = 1920 : i64}
// CHECK: exec.call "conv_pointwise_10x1" inputs(%[[DEPTHWISE]], {{.*}} outputs(%[[OUT]]
// CHECK: }
// CHECK: %[[LAST:.*]] = exec.view %[[X]][7936]
// CHECK: exec.call "conv_pointwise_4x3" inputs(%[[LAST]], {{.*}} oh = 1 : i64, {{.*}}last 1 row"
// CHECK: exec.call "conv_depthwise_3x3_s1" {{.*}} h = 3 : i64, {{.*}} oh = 2 : i64
// CHECK-NOT: move_copy
// CHECK: %[[END:.*]] = exec.view %[[Y]][11520]
// CHECK: exec.call "conv_pointwise_10x1" {{.*}} outputs(%[[END]]
// REMARK: [bands] 3 layers in 7 bands of 5 rows; 18 KiB between them instead of 96
#nhwc = #dnn.layout<[0, 2, 3, 1]>
func.func @inverted_residual(%x: tensor<1x4x32x16xf32, #nhwc>) -> tensor<1x6x32x16xf32, #nhwc> {
  %w = dnn.constant dense<0.5> : tensor<24x4x1x1xf32>
  %d = dnn.constant dense<0.5> : tensor<24x1x3x3xf32>
  %p = dnn.constant dense<0.5> : tensor<6x24x1x1xf32>
  %0 = dnn.conv %x, %w {strides = array<i64: 1, 1>, pads = array<i64: 0, 0, 0, 0>, dilations = array<i64: 1, 1>, group = 1 : i64,
      operandSegmentSizes = array<i32: 1, 1, 0, 0>} : (tensor<1x4x32x16xf32, #nhwc>, tensor<24x4x1x1xf32>) -> tensor<1x24x32x16xf32, #nhwc>
  %1 = dnn.conv %0, %d {strides = array<i64: 1, 1>, pads = array<i64: 1, 1, 1, 1>, dilations = array<i64: 1, 1>, group = 24 : i64,
      operandSegmentSizes = array<i32: 1, 1, 0, 0>} : (tensor<1x24x32x16xf32, #nhwc>, tensor<24x1x3x3xf32>) -> tensor<1x24x32x16xf32, #nhwc>
  %2 = dnn.conv %1, %p {strides = array<i64: 1, 1>, pads = array<i64: 0, 0, 0, 0>, dilations = array<i64: 1, 1>, group = 1 : i64,
      operandSegmentSizes = array<i32: 1, 1, 0, 0>} : (tensor<1x24x32x16xf32, #nhwc>, tensor<6x24x1x1xf32>) -> tensor<1x6x32x16xf32, #nhwc>
  return %2 : tensor<1x6x32x16xf32, #nhwc>
}

// -----

// Three small images: one after the other, each as a whole.
// OFF-LABEL: exec.schedule @image_by_image
// OFF-NOT: exec.loop
// CHECK-LABEL: exec.schedule @image_by_image
// CHECK: exec.alloc {bytes = 14336 : i64}
// CHECK-NEXT: exec.loop attributes {count = 3 : i64, text = "images"}
// CHECK: exec.view {{.*}}[0] by {{.*}} {step = 3584 : i64}
// CHECK: exec.call "conv_pointwise_{{.*}} n = 1 : i64, oh = 14 : i64
// CHECK: exec.view {{.*}}[0] by {{.*}} {step = 3584 : i64}
// CHECK: exec.call "pool_max_f32" {{.*}} n = 1 : i64, {{.*}} oh = 7 : i64
// REMARK: [bands] 2 layers image by image; 14 KiB between them instead of 42
#nhwc = #dnn.layout<[0, 2, 3, 1]>
func.func @image_by_image(%x: tensor<3x4x14x16xf32, #nhwc>) -> tensor<3x16x7x8xf32, #nhwc> {
  %w = dnn.constant dense<0.5> : tensor<16x4x1x1xf32>
  %0 = dnn.conv %x, %w {strides = array<i64: 1, 1>, pads = array<i64: 0, 0, 0, 0>, dilations = array<i64: 1, 1>, group = 1 : i64,
      operandSegmentSizes = array<i32: 1, 1, 0, 0>} : (tensor<3x4x14x16xf32, #nhwc>, tensor<16x4x1x1xf32>) -> tensor<3x16x14x16xf32, #nhwc>
  %1 = dnn.pool %0 {kind = 0 : i32, kernel = array<i64: 2, 2>, strides = array<i64: 2, 2>, pads = array<i64: 0, 0, 0, 0>, dilations = array<i64: 1, 1>,
      count_include_pad = false, p = 2 : i64} : (tensor<3x16x14x16xf32, #nhwc>) -> tensor<3x16x7x8xf32, #nhwc>
  return %1 : tensor<3x16x7x8xf32, #nhwc>
}

// -----

// What lies between is read twice, so it must be there as a whole.
// CHECK-LABEL: exec.schedule @read_twice
// CHECK-NOT: exec.loop
// REMARK-NOT: [bands]
#nhwc = #dnn.layout<[0, 2, 3, 1]>
func.func @read_twice(%x: tensor<1x4x64x16xf32, #nhwc>) -> (tensor<1x16x64x16xf32, #nhwc>, tensor<1x4x64x16xf32, #nhwc>) {
  %w = dnn.constant dense<0.5> : tensor<16x4x1x1xf32>
  %v = dnn.constant dense<0.5> : tensor<16x16x1x1xf32>
  %u = dnn.constant dense<0.5> : tensor<4x16x1x1xf32>
  %0 = dnn.conv %x, %w {strides = array<i64: 1, 1>, pads = array<i64: 0, 0, 0, 0>, dilations = array<i64: 1, 1>, group = 1 : i64,
      operandSegmentSizes = array<i32: 1, 1, 0, 0>} : (tensor<1x4x64x16xf32, #nhwc>, tensor<16x4x1x1xf32>) -> tensor<1x16x64x16xf32, #nhwc>
  %1 = dnn.conv %0, %v {strides = array<i64: 1, 1>, pads = array<i64: 0, 0, 0, 0>, dilations = array<i64: 1, 1>, group = 1 : i64,
      operandSegmentSizes = array<i32: 1, 1, 0, 0>} : (tensor<1x16x64x16xf32, #nhwc>, tensor<16x16x1x1xf32>) -> tensor<1x16x64x16xf32, #nhwc>
  %2 = dnn.conv %0, %u {strides = array<i64: 1, 1>, pads = array<i64: 0, 0, 0, 0>, dilations = array<i64: 1, 1>, group = 1 : i64,
      operandSegmentSizes = array<i32: 1, 1, 0, 0>} : (tensor<1x16x64x16xf32, #nhwc>, tensor<4x16x1x1xf32>) -> tensor<1x4x64x16xf32, #nhwc>
  return %1, %2 : tensor<1x16x64x16xf32, #nhwc>, tensor<1x4x64x16xf32, #nhwc>
}
