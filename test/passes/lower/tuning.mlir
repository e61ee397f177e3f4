// A database names kernels by target and signature; lowering takes what it names where that takes the op, else what the models say.
// RUN: split-file %s %t
// RUN: dnnc-opt --pass-pipeline='builtin.module(apply-tuning{target=avx2 files=%t/first.txt,%t/second.txt},lower-to-exec{target=avx2})' %t/ops.mlir 2>%t/remarks | FileCheck %s
// RUN: FileCheck --check-prefix=REMARK --input-file=%t/remarks %s
// RUN: dnnc-opt --pass-pipeline='builtin.module(apply-tuning{target=avx512 files=%t/first.txt,%t/second.txt},lower-to-exec{target=avx512})' %t/ops.mlir | FileCheck --check-prefix=OTHER %s
// RUN: not dnnc-opt --pass-pipeline='builtin.module(apply-tuning{target=avx2 files=%t/wrong.txt,%t/none.txt})' %t/ops.mlir 2>&1 | FileCheck --check-prefix=WRONG %s

//--- first.txt
# A comment, and a line that the second file replaces.
avx2 conv 1x16x32x32 16x16x3x3 strides=1,1 pads=1,1,1,1 dilations=1,1 group=1 weights=f32 near = conv_direct_10x1
avx2 matmul 5x8 8x32 weights=f32 near = matmul_packed_10x1  # 0.1 us
avx2 matmul 5x8 5x8x8 weights=computed = matmul_packed_10x1
avx2 conv 1x16x30x30 16x16x1x1 strides=1,1 pads=0,0,0,0 dilations=1,1 group=1 weights=f32 near = conv_winograd_f4_6x2
avx2 conv 1x3x30x30 16x3x3x3 strides=1,1 pads=0,0,0,0 dilations=1,1 group=1 planes weights=f32 near = conv_direct_6x2
//--- second.txt
avx2 conv 1x16x32x32 16x16x3x3 strides=1,1 pads=1,1,1,1 dilations=1,1 group=1 weights=f32 near = conv_winograd_f4_10x1 block=20
//--- wrong.txt
avx2 matmul 5x8 8x32 weights=f32 near
z80 matmul 5x8 8x32 weights=f32 near = matmul_packed_10x1
avx2 matmul 5x8 8x32 weights=f32 near = matmul_packed_6x4
avx2 matmul 5x8 8x32 weights=f32 near = matmul_packed_10x1 block=3
// WRONG-DAG: error: --tuning-db: {{.*}}wrong.txt:1: 'avx2 matmul 5x8 8x32 weights=f32 near' does not have the form TARGET SIGNATURE = KERNEL
// WRONG-DAG: error: --tuning-db: {{.*}}wrong.txt:2: there is no target 'z80'
// WRONG-DAG: error: --tuning-db: {{.*}}wrong.txt:3: target avx2 has no kernel matmul_packed_6x4 for convolutions or products
// WRONG-DAG: error: --tuning-db: {{.*}}wrong.txt:4: 'matmul_packed_10x1 block=3' is not a kernel
// WRONG-DAG: error: --tuning-db: {{.*}}none.txt: cannot be read

//--- ops.mlir
#nhwc = #dnn.layout<[0, 2, 3, 1]>

// Winograd's algorithm as it is asked for, whatever its tile and block.
// CHECK-LABEL: exec.schedule @conv
// CHECK: exec.call "conv_winograd_f4_10x1"
// CHECK-SAME: block = 20 : i64
// REMARK: [kernel] {{.*}}conv_winograd_f4_10x1 block=20, from {{.*}}second.txt:1
// REMARK: [kernel] Winograd's algorithm, F(4x4, 3x3) in blocks of 20 tiles: relative L2 error
// OTHER-LABEL: exec.schedule @conv
// OTHER-NOT: block = 20
func.func @conv(%x: tensor<1x16x32x32xf32, #nhwc>) -> tensor<1x16x32x32xf32, #nhwc> {
  %w = dnn.constant dense<0.5> : tensor<16x16x3x3xf32>
  %y = dnn.conv %x, %w {strides = array<i64: 1, 1>, pads = array<i64: 1, 1, 1, 1>, dilations = array<i64: 1, 1>, group = 1 : i64,
      operandSegmentSizes = array<i32: 1, 1, 0, 0>} : (tensor<1x16x32x32xf32, #nhwc>, tensor<16x16x3x3xf32>) -> tensor<1x16x32x32xf32, #nhwc>
  return %y : tensor<1x16x32x32xf32, #nhwc>
}

// CHECK-LABEL: exec.schedule @product
// CHECK: exec.call "matmul_packed_10x1"
// OTHER-LABEL: exec.schedule @product
// OTHER: exec.call "matmul_packed_8x2"
func.func @product(%a: tensor<5x8xf32>) -> tensor<5x32xf32> {
  %b = dnn.constant dense<0.5> : tensor<8x32xf32>
  %y = dnn.matmul %a, %b {operandSegmentSizes = array<i32: 1, 1, 0, 0>} : (tensor<5x8xf32>, tensor<8x32xf32>) -> tensor<5x32xf32>
  return %y : tensor<5x32xf32>
}

// A kernel for constants asked for a product of two tensors; one for 3x3 windows for 1x1.
// CHECK-LABEL: exec.schedule @computed
// CHECK: exec.call "matmul_dynamic_10x1"
// REMARK: [kernel] not applied: {{.*}}matmul_packed_10x1, which dnn.kernel asks for, does not take it on avx2; it is matmul_dynamic_10x1
func.func @computed(%a: tensor<5x8xf32>, %b: tensor<5x8x8xf32>) -> tensor<5x5x8xf32> {
  %y = dnn.matmul %a, %b {operandSegmentSizes = array<i32: 1, 1, 0, 0>} : (tensor<5x8xf32>, tensor<5x8x8xf32>) -> tensor<5x5x8xf32>
  return %y : tensor<5x5x8xf32>
}
// CHECK-LABEL: exec.schedule @window
// CHECK: exec.call "conv_pointwise_6x2"
// REMARK: [kernel] not applied: {{.*}}conv_winograd_f4_6x2, which dnn.kernel asks for, does not take it on avx2; it is conv_pointwise_6x2
func.func @window(%x: tensor<1x16x30x30xf32, #nhwc>) -> tensor<1x16x30x30xf32, #nhwc> {
  %w = dnn.constant dense<0.5> : tensor<16x16x1x1xf32>
  %y = dnn.conv %x, %w {strides = array<i64: 1, 1>, pads = array<i64: 0, 0, 0, 0>, dilations = array<i64: 1, 1>, group = 1 : i64,
      operandSegmentSizes = array<i32: 1, 1, 0, 0>} : (tensor<1x16x30x30xf32, #nhwc>, tensor<16x16x1x1xf32>) -> tensor<1x16x30x30xf32, #nhwc>
  return %y : tensor<1x16x30x30xf32, #nhwc>
}

// Not from planes: so the relayout is a copy.
// CHECK-LABEL: exec.schedule @image
// CHECK: move_copy
// CHECK: exec.call "conv_direct_6x2"
func.func @image(%x: tensor<1x3x30x30xf32>) -> tensor<1x16x28x28xf32, #nhwc> {
  %w = dnn.constant dense<0.5> : tensor<16x3x3x3xf32>
  %h = dnn.relayout %x : tensor<1x3x30x30xf32> -> tensor<1x3x30x30xf32, #nhwc>
  %y = dnn.conv %h, %w {strides = array<i64: 1, 1>, pads = array<i64: 0, 0, 0, 0>, dilations = array<i64: 1, 1>, group = 1 : i64,
      operandSegmentSizes = array<i32: 1, 1, 0, 0>} : (tensor<1x3x30x30xf32, #nhwc>, tensor<16x3x3x3xf32>) -> tensor<1x16x28x28xf32, #nhwc>
  return %y : tensor<1x16x28x28xf32, #nhwc>
}

// The attribute itself counts more than the database.
// CHECK-LABEL: exec.schedule @own
// CHECK: exec.call "matmul_packed_6x2"
func.func @own(%a: tensor<5x8xf32>) -> tensor<5x32xf32> {
  %b = dnn.constant dense<0.5> : tensor<8x32xf32>
  %y = dnn.matmul %a, %b {dnn.kernel = "matmul_packed_6x2", operandSegmentSizes = array<i32: 1, 1, 0, 0>} : (tensor<5x8xf32>, tensor<8x32xf32>) -> tensor<5x32xf32>
  return %y : tensor<5x32xf32>
}
