// The whole phase: conv + bn + relu, a residual, padding, a dense layer behind a transposed weight.
// RUN: dnnc-opt --graph %s 2>/dev/null | FileCheck %s
// RUN: dnnc-opt --graph='exact=true' %s 2>/dev/null | FileCheck %s --check-prefix=EXACT
// RUN: dnnc-opt --graph='opt-level=0' %s 2>/dev/null | FileCheck %s --check-prefix=NONE
// RUN: dnnc-opt --graph %s 2>&1 >/dev/null | FileCheck %s --check-prefix=REMARK

// REMARK: [fold] pad into conv1
// REMARK: [fold] bn1 folded into the weights of pad + conv1
// REMARK: [fuse] relu1 fused into pad + conv1 + bn1
// REMARK: [fuse] sum fused into conv2
// REMARK: [fuse] relu2 fused into conv2 + sum

// CHECK-LABEL: func @main
// CHECK-NOT: dnn.pad
// CHECK: %[[A:.*]] = dnn.conv %arg0, %{{.*}}, %{{.*}} {{{.*}}pads = array<i64: 1, 1, 1, 1>
// CHECK: pw.fn "relu"
// CHECK-NOT: dnn.batch_norm
// CHECK-NOT: dnn.pointwise
// CHECK: dnn.conv %[[A]], %{{.*}}, %[[A]]
// CHECK: pw.fn "add"
// CHECK: pw.fn "relu"
// CHECK-NOT: dnn.pointwise
// CHECK: dnn.pool
// CHECK-NOT: dnn.transpose
// CHECK: dnn.matmul
// CHECK-NOT: dnn.pointwise
// CHECK: return

// Weights stay the model's own, and scale and shift keep their own roundings, in the epilogue.
// EXACT-LABEL: func @main
// EXACT: dense<1.000000e+00> : tensor<2x1x3x3xf32>
// EXACT: dnn.conv
// EXACT: pw.fn "mul"
// EXACT: pw.fn "add"
// EXACT: pw.fn "relu"
// EXACT-NOT: dnn.pointwise

// One op for each node; constants are folded and batch norms expanded all the same.
// NONE-LABEL: func @main
// NONE: dnn.pad
// NONE: dnn.conv {{.*}} -> tensor<1x2x8x8xf32>
// NONE-COUNT-2: dnn.pointwise
// NONE: dnn.conv
// NONE-COUNT-2: dnn.pointwise
// NONE: dnn.pool
// NONE-NOT: dnn.transpose
// NONE: dnn.matmul
func.func @main(%x: tensor<1x1x8x8xf32>) -> tensor<1x3xf32> {
  %w1 = dnn.constant dense<1.0> : tensor<2x1x3x3xf32>
  %gamma = dnn.constant dense<[2.0, 3.0]> : tensor<2xf32>
  %beta = dnn.constant dense<[0.5, 0.25]> : tensor<2xf32>
  %mean = dnn.constant dense<[1.0, 2.0]> : tensor<2xf32>
  %var = dnn.constant dense<[4.0, 9.0]> : tensor<2xf32>
  %w2 = dnn.constant dense<0.5> : tensor<2x2x1x1xf32>
  %w3 = dnn.constant dense<[[1.0, 2.0], [3.0, 4.0], [5.0, 6.0]]> : tensor<3x2xf32>
  %pad = dnn.pad %x {pads = array<i64: 0, 0, 1, 1, 0, 0, 1, 1>, mode = "constant"} : (tensor<1x1x8x8xf32>) -> tensor<1x1x10x10xf32> loc("pad")
  %conv1 = dnn.conv %pad, %w1 {strides = array<i64: 1, 1>, pads = array<i64: 0, 0, 0, 0>, dilations = array<i64: 1, 1>, group = 1 : i64,
      operandSegmentSizes = array<i32: 1, 1, 0, 0>} : (tensor<1x1x10x10xf32>, tensor<2x1x3x3xf32>) -> tensor<1x2x8x8xf32> loc("conv1")
  %bn1 = dnn.batch_norm %conv1, %gamma, %beta, %mean, %var {epsilon = 1.0e-5 : f64}
      : (tensor<1x2x8x8xf32>, tensor<2xf32>, tensor<2xf32>, tensor<2xf32>, tensor<2xf32>) -> tensor<1x2x8x8xf32> loc("bn1")
  %relu1 = dnn.pointwise %bn1 : (tensor<1x2x8x8xf32>) -> tensor<1x2x8x8xf32> {
    ^bb0(%a: f32):
      %b = pw.fn "relu"(%a) : (f32) -> f32
      pw.yield %b : f32
  } loc("relu1")
  %conv2 = dnn.conv %relu1, %w2 {strides = array<i64: 1, 1>, pads = array<i64: 0, 0, 0, 0>, dilations = array<i64: 1, 1>, group = 1 : i64,
      operandSegmentSizes = array<i32: 1, 1, 0, 0>} : (tensor<1x2x8x8xf32>, tensor<2x2x1x1xf32>) -> tensor<1x2x8x8xf32> loc("conv2")
  %sum = dnn.pointwise %conv2, %relu1 : (tensor<1x2x8x8xf32>, tensor<1x2x8x8xf32>) -> tensor<1x2x8x8xf32> {
    ^bb0(%a: f32, %b: f32):
      %c = pw.fn "add"(%a, %b) : (f32, f32) -> f32
      pw.yield %c : f32
  } loc("sum")
  %relu2 = dnn.pointwise %sum : (tensor<1x2x8x8xf32>) -> tensor<1x2x8x8xf32> {
    ^bb0(%a: f32):
      %b = pw.fn "relu"(%a) : (f32) -> f32
      pw.yield %b : f32
  } loc("relu2")
  %pool = dnn.pool %relu2 {kind = 1 : i32, kernel = array<i64: 8, 8>, strides = array<i64: 1, 1>, pads = array<i64: 0, 0, 0, 0>,
      dilations = array<i64: 1, 1>} : (tensor<1x2x8x8xf32>) -> tensor<1x2x1x1xf32> loc("pool")
  %flat = dnn.reshape %pool : tensor<1x2x1x1xf32> -> tensor<1x2xf32> loc("flatten")
  %t = dnn.transpose %w3 {perm = array<i64: 1, 0>} : (tensor<3x2xf32>) -> tensor<2x3xf32> loc("transB")
  %y = dnn.matmul %flat, %t {operandSegmentSizes = array<i32: 1, 1, 0, 0>} : (tensor<1x2xf32>, tensor<2x3xf32>) -> tensor<1x3xf32> loc("dense")
  return %y : tensor<1x3xf32>
}
