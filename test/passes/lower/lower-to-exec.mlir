// RUN: dnnc-opt --pass-pipeline='builtin.module(lower-to-exec{target=avx2})' --split-input-file --mlir-elide-resource-strings-if-larger=10 %s 2>/dev/null | FileCheck %s

// The bias comes first in the chain, then the epilogue; the skip operand may be overwritten.
// CHECK-LABEL: exec.schedule @conv
// CHECK: exec.weight {{.*}} : tensor<72xf32>
// CHECK: exec.call "conv_planar_8x1" {{.*}} args(
// CHECK-SAME: aliases = array<i64: 3>
// CHECK-SAME: arg_strides = array<i64: 0, 0, 1, 0, 4, 1>
// CHECK-SAME: oh = 8
// CHECK-NEXT: ^bb0(%[[ACC:.*]]: f32, %[[B:.*]]: f32, %[[S:.*]]: f32):
// CHECK-NEXT: %[[T:.*]] = pw.fn "add"(%[[ACC]], %[[B]])
// CHECK-NEXT: %[[U:.*]] = pw.fn "add"(%[[T]], %[[S]])
// CHECK-NEXT: pw.yield %[[U]]
#nhwc = #dnn.layout<[0, 2, 3, 1]>
func.func @conv(%x: tensor<1x1x8x8xf32>, %b: tensor<4xf32>) -> tensor<1x4x8x8xf32> {
  %w = dnn.constant dense<0.5> : tensor<4x1x3x3xf32>
  %h = dnn.relayout %x : tensor<1x1x8x8xf32> -> tensor<1x1x8x8xf32, #nhwc>
  %w1 = dnn.constant dense<0.5> : tensor<4x1x1x1xf32>
  %s = dnn.conv %h, %w1 {strides = array<i64: 1, 1>, pads = array<i64: 0, 0, 0, 0>, dilations = array<i64: 1, 1>, group = 1 : i64,
      operandSegmentSizes = array<i32: 1, 1, 0, 0>} : (tensor<1x1x8x8xf32, #nhwc>, tensor<4x1x1x1xf32>) -> tensor<1x4x8x8xf32, #nhwc>
  %0 = dnn.conv %h, %w, %b, %s {strides = array<i64: 1, 1>, pads = array<i64: 1, 1, 1, 1>, dilations = array<i64: 1, 1>, group = 1 : i64,
      operandSegmentSizes = array<i32: 1, 1, 1, 1>} : (tensor<1x1x8x8xf32, #nhwc>, tensor<4x1x3x3xf32>, tensor<4xf32>, tensor<1x4x8x8xf32, #nhwc>) -> tensor<1x4x8x8xf32, #nhwc> {
    ^bb0(%acc: f32, %skip: f32):
      %1 = pw.fn "add"(%acc, %skip) : (f32, f32) -> f32
      pw.yield %1 : f32
  }
  %y = dnn.relayout %0 : tensor<1x4x8x8xf32, #nhwc> -> tensor<1x4x8x8xf32>
  return %y : tensor<1x4x8x8xf32>
}

// -----

// Operands in place are written at their offset of the concat's buffer; the concat itself is nothing.
// CHECK-LABEL: exec.schedule @concat
// CHECK: %[[OUT:.*]] = exec.output 0
// CHECK: exec.call "map" {{.*}} outputs(%[[OUT]] :
// CHECK: %[[V:.*]] = exec.view %[[OUT]][16]
// CHECK: exec.call "map" {{.*}} outputs(%[[V]] :
// CHECK-NOT: exec.call
func.func @concat(%x: tensor<4xf32>) -> tensor<8xf32> {
  %a = dnn.pointwise %x : (tensor<4xf32>) -> tensor<4xf32> {
    ^bb0(%0: f32):
      %1 = pw.fn "relu"(%0) : (f32) -> f32
      pw.yield %1 : f32
  }
  %b = dnn.pointwise %x : (tensor<4xf32>) -> tensor<4xf32> {
    ^bb0(%0: f32):
      %1 = pw.fn "neg"(%0) : (f32) -> f32
      pw.yield %1 : f32
  }
  %c = dnn.concat %a, %b {axis = 0 : i64, in_place = array<i1: true, true>} : (tensor<4xf32>, tensor<4xf32>) -> tensor<8xf32>
  return %c : tensor<8xf32>
}

// -----

// Attention: heads are split by strides, no transpose moves data.
// CHECK-LABEL: exec.schedule @scores
// CHECK-NOT: move_copy
// CHECK: exec.call "matmul_dynamic_10x1"
// CHECK-SAME: a_b = array<i64: 0, 0, 0, 4>
// CHECK-SAME: a_rs = 8
// CHECK-SAME: b_cs = 8 : i64
// CHECK-SAME: b_rs = 1 : i64
// CHECK-NOT: move_copy
func.func @scores(%q: tensor<1x5x8xf32>, %k: tensor<1x5x8xf32>) -> tensor<1x2x5x5xf32> {
  %0 = dnn.reshape %q : tensor<1x5x8xf32> -> tensor<1x5x2x4xf32>
  %1 = dnn.transpose %0 {perm = array<i64: 0, 2, 1, 3>} : (tensor<1x5x2x4xf32>) -> tensor<1x2x5x4xf32, #dnn.layout<[0, 2, 1, 3]>>
  %2 = dnn.reshape %k : tensor<1x5x8xf32> -> tensor<1x5x2x4xf32>
  %3 = dnn.transpose %2 {perm = array<i64: 0, 2, 3, 1>} : (tensor<1x5x2x4xf32>) -> tensor<1x2x4x5xf32, #dnn.layout<[0, 3, 1, 2]>>
  %4 = dnn.matmul %1, %3 {operandSegmentSizes = array<i32: 1, 1, 0, 0>}
      : (tensor<1x2x5x4xf32, #dnn.layout<[0, 2, 1, 3]>>, tensor<1x2x4x5xf32, #dnn.layout<[0, 3, 1, 2]>>) -> tensor<1x2x5x5xf32>
  return %4 : tensor<1x2x5x5xf32>
}

// -----

// Depthwise by kernel size and stride; groups between go through the general kernel.
// CHECK-LABEL: exec.schedule @grouped
// CHECK: "conv_depthwise_3x3_s1"
// CHECK: "conv_direct_10x1"
// CHECK-SAME: groups = 2
func.func @grouped(%x: tensor<1x4x8x8xf32>) -> tensor<1x4x6x6xf32> {
  %w = dnn.constant dense<0.5> : tensor<4x1x3x3xf32>
  %v = dnn.constant dense<0.5> : tensor<4x2x1x1xf32>
  %0 = dnn.conv %x, %w {strides = array<i64: 1, 1>, pads = array<i64: 0, 0, 0, 0>, dilations = array<i64: 1, 1>, group = 4 : i64,
      operandSegmentSizes = array<i32: 1, 1, 0, 0>} : (tensor<1x4x8x8xf32>, tensor<4x1x3x3xf32>) -> tensor<1x4x6x6xf32>
  %1 = dnn.conv %0, %v {strides = array<i64: 1, 1>, pads = array<i64: 0, 0, 0, 0>, dilations = array<i64: 1, 1>, group = 2 : i64,
      operandSegmentSizes = array<i32: 1, 1, 0, 0>} : (tensor<1x4x6x6xf32>, tensor<4x2x1x1xf32>) -> tensor<1x4x6x6xf32>
  return %1 : tensor<1x4x6x6xf32>
}

// -----

// An input that is an output, and one value returned twice, are copied.
// CHECK-LABEL: exec.schedule @outputs
// CHECK: exec.call "map"
// CHECK: exec.call "move_copy_b32"
// CHECK: exec.call "move_copy_b32"
// CHECK-NOT: exec.call
func.func @outputs(%x: tensor<4xf32>) -> (tensor<4xf32>, tensor<4xf32>, tensor<4xf32>) {
  %a = dnn.pointwise %x : (tensor<4xf32>) -> tensor<4xf32> {
    ^bb0(%0: f32):
      %1 = pw.fn "relu"(%0) : (f32) -> f32
      pw.yield %1 : f32
  }
  return %a, %x, %a : tensor<4xf32>, tensor<4xf32>, tensor<4xf32>
}
