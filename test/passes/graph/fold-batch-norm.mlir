// RUN: dnnc-opt --fold-batch-norm --remove-dead-code %s 2>/dev/null | FileCheck %s
// RUN: dnnc-opt --fold-batch-norm --remove-dead-code %s 2>&1 >/dev/null | FileCheck %s --check-prefix=REMARK
// RUN: dnnc-opt --fold-batch-norm=into-weights=false --remove-dead-code %s 2>/dev/null | FileCheck %s --check-prefix=KEEP

// Behind a convolution. scale = gamma / sqrt(var + eps) = (2/2, 6/3), shift = beta - mean * scale:
// w = (1*1, 2*2), b = (3*1 + 5 - 1*1, 4*2 + 7 - 0.5*2).
// REMARK: [fold] bn folded into the weights of conv
// CHECK-LABEL: func @behind_conv
// CHECK-DAG: %[[W:.*]] = dnn.constant dense<{{\[}}{{\[}}{{\[}}[1.000000e+00]]], {{\[}}{{\[}}[4.000000e+00]]]]> : tensor<2x1x1x1xf32>
// CHECK-DAG: %[[B:.*]] = dnn.constant dense<[7.000000e+00, 1.400000e+01]> : tensor<2xf32>
// CHECK: %[[Y:.*]] = dnn.conv %arg0, %[[W]], %[[B]]
// CHECK: return %[[Y]]
// KEEP-LABEL: func @behind_conv
// KEEP: dnn.conv %arg0, %{{.*}} : (tensor<1x1x2x2xf32>, tensor<2x1x1x1xf32>, tensor<2xf32>)
// KEEP: dnn.pointwise
// KEEP: "mul"
// KEEP: "add"
func.func @behind_conv(%x: tensor<1x1x2x2xf32>) -> tensor<1x2x2x2xf32> {
  %w = dnn.constant dense<[[[[1.0]]], [[[2.0]]]]> : tensor<2x1x1x1xf32>
  %b = dnn.constant dense<[3.0, 4.0]> : tensor<2xf32>
  %gamma = dnn.constant dense<[2.0, 6.0]> : tensor<2xf32>
  %beta = dnn.constant dense<[5.0, 7.0]> : tensor<2xf32>
  %mean = dnn.constant dense<[1.0, 0.5]> : tensor<2xf32>
  %var = dnn.constant dense<[3.75, 8.75]> : tensor<2xf32>
  %0 = dnn.conv %x, %w, %b {strides = array<i64: 1, 1>, pads = array<i64: 0, 0, 0, 0>, dilations = array<i64: 1, 1>, group = 1 : i64,
      operandSegmentSizes = array<i32: 1, 1, 1, 0>} : (tensor<1x1x2x2xf32>, tensor<2x1x1x1xf32>, tensor<2xf32>) -> tensor<1x2x2x2xf32> loc("conv")
  %1 = dnn.batch_norm %0, %gamma, %beta, %mean, %var {epsilon = 0.25 : f64}
      : (tensor<1x2x2x2xf32>, tensor<2xf32>, tensor<2xf32>, tensor<2xf32>, tensor<2xf32>) -> tensor<1x2x2x2xf32> loc("bn")
  return %1 : tensor<1x2x2x2xf32>
}

// A transposed convolution has its output channels in dim 1 of the weight, per group: channels 0, 1 from input 0, channels 2, 3 from input 1.
// CHECK-LABEL: func @behind_conv_transpose
// CHECK: dnn.constant dense<{{\[}}{{\[}}[1.000000e+00], [2.000000e+00]], {{\[}}[3.000000e+00], [4.000000e+00]]]> : tensor<2x2x1xf32>
// CHECK: dnn.conv_transpose
// CHECK-NOT: dnn.pointwise
func.func @behind_conv_transpose(%x: tensor<1x2x3xf32>) -> tensor<1x4x3xf32> {
  %w = dnn.constant dense<1.0> : tensor<2x2x1xf32>
  %s = dnn.constant dense<[[1.0], [2.0], [3.0], [4.0]]> : tensor<4x1xf32>
  %0 = dnn.conv_transpose %x, %w {strides = array<i64: 1>, pads = array<i64: 0, 0>, dilations = array<i64: 1>, output_padding = array<i64: 0>,
      group = 2 : i64, operandSegmentSizes = array<i32: 1, 1, 0, 0>} : (tensor<1x2x3xf32>, tensor<2x2x1xf32>) -> tensor<1x4x3xf32>
  %1 = dnn.pointwise %0, %s : (tensor<1x4x3xf32>, tensor<4x1xf32>) -> tensor<1x4x3xf32> {
    ^bb0(%a: f32, %b: f32):
      %c = pw.fn "mul"(%a, %b) : (f32, f32) -> f32
      pw.yield %c : f32
  }
  return %1 : tensor<1x4x3xf32>
}

// A matrix product's channels are its columns. (8 - y) / 2 scales by -0.5 and shifts by 4.
// REMARK: [fold] half folded into the weights of dense
// CHECK-LABEL: func @behind_matmul
// CHECK-DAG: %[[W:.*]] = dnn.constant dense<{{\[}}[-1.000000e+00, -2.000000e+00]]> : tensor<1x2xf32>
// CHECK-DAG: %[[B:.*]] = dnn.constant dense<4.000000e+00> : tensor<2xf32>
// CHECK: dnn.matmul %arg0, %[[W]], %[[B]]
// CHECK-NOT: dnn.pointwise
func.func @behind_matmul(%x: tensor<3x1xf32>) -> tensor<3x2xf32> {
  %w = dnn.constant dense<[[2.0, 4.0]]> : tensor<1x2xf32>
  %0 = dnn.matmul %x, %w {operandSegmentSizes = array<i32: 1, 1, 0, 0>} : (tensor<3x1xf32>, tensor<1x2xf32>) -> tensor<3x2xf32> loc("dense")
  %1 = dnn.pointwise %0 : (tensor<3x2xf32>) -> tensor<3x2xf32> {
    ^bb0(%a: f32):
      %eight = pw.const 8.0 : f32
      %two = pw.const 2.0 : f32
      %b = pw.fn "sub"(%eight, %a) : (f32, f32) -> f32
      %c = pw.fn "div"(%b, %two) : (f32, f32) -> f32
      pw.yield %c : f32
  } loc("half")
  return %1 : tensor<3x2xf32>
}

// Before a convolution without padding. x * (2, 3) + (1, 10): w = (5*2, 7*3), b = 5*1 + 7*10.
// REMARK: [fold] before folded into the weights of conv
// CHECK-LABEL: func @before_conv
// CHECK-DAG: %[[W:.*]] = dnn.constant dense<{{\[}}{{\[}}{{\[}}[1.000000e+01]], {{\[}}[2.100000e+01]]]]> : tensor<1x2x1x1xf32>
// CHECK-DAG: %[[B:.*]] = dnn.constant dense<7.500000e+01> : tensor<1xf32>
// CHECK: dnn.conv %arg0, %[[W]], %[[B]]
func.func @before_conv(%x: tensor<1x2x2x2xf32>) -> tensor<1x1x2x2xf32> {
  %w = dnn.constant dense<[[[[5.0]], [[7.0]]]]> : tensor<1x2x1x1xf32>
  %s = dnn.constant dense<[[[2.0]], [[3.0]]]> : tensor<2x1x1xf32>
  %t = dnn.constant dense<[[[1.0]], [[10.0]]]> : tensor<2x1x1xf32>
  %0 = dnn.pointwise %x, %s, %t : (tensor<1x2x2x2xf32>, tensor<2x1x1xf32>, tensor<2x1x1xf32>) -> tensor<1x2x2x2xf32> {
    ^bb0(%a: f32, %b: f32, %c: f32):
      %d = pw.fn "mul"(%a, %b) : (f32, f32) -> f32
      %e = pw.fn "add"(%d, %c) : (f32, f32) -> f32
      pw.yield %e : f32
  } loc("before")
  %1 = dnn.conv %0, %w {strides = array<i64: 1, 1>, pads = array<i64: 0, 0, 0, 0>, dilations = array<i64: 1, 1>, group = 1 : i64,
      operandSegmentSizes = array<i32: 1, 1, 0, 0>} : (tensor<1x2x2x2xf32>, tensor<1x2x1x1xf32>) -> tensor<1x1x2x2xf32> loc("conv")
  return %1 : tensor<1x1x2x2xf32>
}

// With padding a scale can go, a shift cannot.
// REMARK: [fold] scale folded into the weights of padded
// REMARK: [fold] not applied: shift into the weights of scale + padded: its padding would have to be shifted too
// CHECK-LABEL: func @before_padded_conv
// CHECK: dnn.pointwise
// CHECK-NOT: "mul"
// CHECK: "add"
// CHECK: dnn.conv
func.func @before_padded_conv(%x: tensor<1x1x2x2xf32>) -> tensor<1x1x4x4xf32> {
  %w = dnn.constant dense<5.0> : tensor<1x1x1x1xf32>
  %0 = dnn.pointwise %x : (tensor<1x1x2x2xf32>) -> tensor<1x1x2x2xf32> {
    ^bb0(%a: f32):
      %one = pw.const 1.0 : f32
      %b = pw.fn "add"(%a, %one) : (f32, f32) -> f32
      pw.yield %b : f32
  } loc("shift")
  %1 = dnn.pointwise %0 : (tensor<1x1x2x2xf32>) -> tensor<1x1x2x2xf32> {
    ^bb0(%a: f32):
      %two = pw.const 2.0 : f32
      %b = pw.fn "mul"(%a, %two) : (f32, f32) -> f32
      pw.yield %b : f32
  } loc("scale")
  %2 = dnn.conv %1, %w {strides = array<i64: 1, 1>, pads = array<i64: 1, 1, 1, 1>, dilations = array<i64: 1, 1>, group = 1 : i64,
      operandSegmentSizes = array<i32: 1, 1, 0, 0>} : (tensor<1x1x2x2xf32>, tensor<1x1x1x1xf32>) -> tensor<1x1x4x4xf32> loc("padded")
  return %2 : tensor<1x1x4x4xf32>
}

// All consumers take it, or none: both matrices are scaled.
// REMARK-DAG: [fold] both folded into the weights of left
// REMARK-DAG: [fold] both folded into the weights of right
// CHECK-LABEL: func @two_consumers
// CHECK-DAG: dnn.constant dense<6.000000e+00> : tensor<1x1xf32>
// CHECK-DAG: dnn.constant dense<1.000000e+01> : tensor<1x1xf32>
// CHECK-NOT: dnn.pointwise
func.func @two_consumers(%x: tensor<3x1xf32>) -> (tensor<3x1xf32>, tensor<3x1xf32>) {
  %w = dnn.constant dense<3.0> : tensor<1x1xf32>
  %v = dnn.constant dense<5.0> : tensor<1x1xf32>
  %0 = dnn.pointwise %x : (tensor<3x1xf32>) -> tensor<3x1xf32> {
    ^bb0(%a: f32):
      %two = pw.const 2.0 : f32
      %b = pw.fn "mul"(%a, %two) : (f32, f32) -> f32
      pw.yield %b : f32
  } loc("both")
  %1 = dnn.matmul %0, %w {operandSegmentSizes = array<i32: 1, 1, 0, 0>} : (tensor<3x1xf32>, tensor<1x1xf32>) -> tensor<3x1xf32> loc("left")
  %2 = dnn.matmul %0, %v {operandSegmentSizes = array<i32: 1, 1, 0, 0>} : (tensor<3x1xf32>, tensor<1x1xf32>) -> tensor<3x1xf32> loc("right")
  return %1, %2 : tensor<3x1xf32>, tensor<3x1xf32>
}

// A bias alone leaves the weights as they are, so they may be shared.
// CHECK-LABEL: func @bias
// CHECK-DAG: %[[W:.*]] = dnn.constant dense<3.000000e+00>
// CHECK-DAG: %[[B:.*]] = dnn.constant dense<7.000000e+00> : tensor<1xf32>
// CHECK: dnn.matmul %arg0, %[[W]], %[[B]]
// CHECK: dnn.matmul %arg0, %[[W]] {
// CHECK-NOT: dnn.pointwise
func.func @bias(%x: tensor<3x1xf32>) -> (tensor<3x1xf32>, tensor<3x1xf32>) {
  %w = dnn.constant dense<3.0> : tensor<1x1xf32>
  %0 = dnn.matmul %x, %w {operandSegmentSizes = array<i32: 1, 1, 0, 0>} : (tensor<3x1xf32>, tensor<1x1xf32>) -> tensor<3x1xf32>
  %1 = dnn.pointwise %0 : (tensor<3x1xf32>) -> tensor<3x1xf32> {
    ^bb0(%a: f32):
      %seven = pw.const 7.0 : f32
      %b = pw.fn "add"(%a, %seven) : (f32, f32) -> f32
      pw.yield %b : f32
  }
  %2 = dnn.matmul %x, %w {operandSegmentSizes = array<i32: 1, 1, 0, 0>} : (tensor<3x1xf32>, tensor<1x1xf32>) -> tensor<3x1xf32>
  return %1, %2 : tensor<3x1xf32>, tensor<3x1xf32>
}

// One of two consumers is the result itself.
// CHECK-LABEL: func @do_not_fold_into_some
// CHECK: dnn.pointwise
func.func @do_not_fold_into_some(%x: tensor<3x1xf32>) -> (tensor<3x1xf32>, tensor<3x1xf32>) {
  %w = dnn.constant dense<3.0> : tensor<1x1xf32>
  %0 = dnn.pointwise %x : (tensor<3x1xf32>) -> tensor<3x1xf32> {
    ^bb0(%a: f32):
      %two = pw.const 2.0 : f32
      %b = pw.fn "mul"(%a, %two) : (f32, f32) -> f32
      pw.yield %b : f32
  }
  %1 = dnn.matmul %0, %w {operandSegmentSizes = array<i32: 1, 1, 0, 0>} : (tensor<3x1xf32>, tensor<1x1xf32>) -> tensor<3x1xf32>
  return %0, %1 : tensor<3x1xf32>, tensor<3x1xf32>
}

// Alone: scale and shift, rounded once. gamma / sqrt(var + eps) = 6 / 3, beta - mean * scale = 1 - 4 * 2.
// CHECK-LABEL: func @alone
// CHECK-DAG: %[[S:.*]] = dnn.constant dense<2.000000e+00> : tensor<1x1x1xf32>
// CHECK-DAG: %[[T:.*]] = dnn.constant dense<-7.000000e+00> : tensor<1x1x1xf32>
// CHECK: dnn.pointwise %arg0, %[[S]], %[[T]]
// CHECK-NEXT: ^bb0(%[[X:.*]]: f32, %[[A:.*]]: f32, %[[B:.*]]: f32):
// CHECK-NEXT: %[[M:.*]] = pw.fn "mul"(%[[X]], %[[A]])
// CHECK-NEXT: pw.fn "add"(%[[M]], %[[B]])
func.func @alone(%x: tensor<1x1x2x2xf32>) -> tensor<1x1x2x2xf32> {
  %gamma = dnn.constant dense<6.0> : tensor<1xf32>
  %beta = dnn.constant dense<1.0> : tensor<1xf32>
  %mean = dnn.constant dense<4.0> : tensor<1xf32>
  %var = dnn.constant dense<8.75> : tensor<1xf32>
  %0 = dnn.batch_norm %x, %gamma, %beta, %mean, %var {epsilon = 0.25 : f64}
      : (tensor<1x1x2x2xf32>, tensor<1xf32>, tensor<1xf32>, tensor<1xf32>, tensor<1xf32>) -> tensor<1x1x2x2xf32>
  return %0 : tensor<1x1x2x2xf32>
}

// Parameters that are no constants: the formula.
// CHECK-LABEL: func @variable
// CHECK-COUNT-4: dnn.reshape
// CHECK: dnn.pointwise
// CHECK: "sqrt"
// CHECK-NOT: dnn.batch_norm
func.func @variable(%x: tensor<1x2x2x2xf32>, %p: tensor<2xf32>) -> tensor<1x2x2x2xf32> {
  %0 = dnn.batch_norm %x, %p, %p, %p, %p {epsilon = 0.25 : f64}
      : (tensor<1x2x2x2xf32>, tensor<2xf32>, tensor<2xf32>, tensor<2xf32>, tensor<2xf32>) -> tensor<1x2x2x2xf32>
  return %0 : tensor<1x2x2x2xf32>
}

// REMARK: [fold] not applied: twice into the weights of first: its weights are shared and would have to be copied
// CHECK-LABEL: func @do_not_fold_into_shared_weights
// CHECK: dnn.pointwise
func.func @do_not_fold_into_shared_weights(%x: tensor<3x1xf32>, %y: tensor<3x1xf32>) -> (tensor<3x2xf32>, tensor<3x2xf32>) {
  %w = dnn.constant dense<[[2.0, 4.0]]> : tensor<1x2xf32>
  %0 = dnn.matmul %x, %w {operandSegmentSizes = array<i32: 1, 1, 0, 0>} : (tensor<3x1xf32>, tensor<1x2xf32>) -> tensor<3x2xf32> loc("first")
  %1 = dnn.matmul %y, %w {operandSegmentSizes = array<i32: 1, 1, 0, 0>} : (tensor<3x1xf32>, tensor<1x2xf32>) -> tensor<3x2xf32> loc("second")
  %2 = dnn.pointwise %0 : (tensor<3x2xf32>) -> tensor<3x2xf32> {
    ^bb0(%a: f32):
      %two = pw.const 2.0 : f32
      %b = pw.fn "mul"(%a, %two) : (f32, f32) -> f32
      pw.yield %b : f32
  } loc("twice")
  return %2, %1 : tensor<3x2xf32>, tensor<3x2xf32>
}

// CHECK-LABEL: func @do_not_fold_other_users
// CHECK: dnn.conv %arg0, %{{.*}} : (tensor<1x1x2x2xf32>, tensor<1x1x1x1xf32>)
// CHECK: dnn.pointwise
func.func @do_not_fold_other_users(%x: tensor<1x1x2x2xf32>) -> (tensor<1x1x2x2xf32>, tensor<1x1x2x2xf32>) {
  %w = dnn.constant dense<5.0> : tensor<1x1x1x1xf32>
  %0 = dnn.conv %x, %w {strides = array<i64: 1, 1>, pads = array<i64: 0, 0, 0, 0>, dilations = array<i64: 1, 1>, group = 1 : i64,
      operandSegmentSizes = array<i32: 1, 1, 0, 0>} : (tensor<1x1x2x2xf32>, tensor<1x1x1x1xf32>) -> tensor<1x1x2x2xf32>
  %1 = dnn.pointwise %0 : (tensor<1x1x2x2xf32>) -> tensor<1x1x2x2xf32> {
    ^bb0(%a: f32):
      %two = pw.const 2.0 : f32
      %b = pw.fn "mul"(%a, %two) : (f32, f32) -> f32
      pw.yield %b : f32
  }
  return %0, %1 : tensor<1x1x2x2xf32>, tensor<1x1x2x2xf32>
}

// Not affine in x, and not per channel.
// CHECK-LABEL: func @do_not_fold_others
// CHECK-COUNT-2: dnn.pointwise
func.func @do_not_fold_others(%x: tensor<3x1xf32>, %y: tensor<3x1xf32>) -> (tensor<3x2xf32>, tensor<3x2xf32>) {
  %w = dnn.constant dense<[[2.0, 4.0]]> : tensor<1x2xf32>
  %v = dnn.constant dense<[[2.0, 4.0]]> : tensor<1x2xf32>
  %rows = dnn.constant dense<[[2.0], [4.0], [6.0]]> : tensor<3x1xf32>
  %0 = dnn.matmul %x, %w {operandSegmentSizes = array<i32: 1, 1, 0, 0>} : (tensor<3x1xf32>, tensor<1x2xf32>) -> tensor<3x2xf32>
  %1 = dnn.pointwise %0 : (tensor<3x2xf32>) -> tensor<3x2xf32> {
    ^bb0(%a: f32):
      %b = pw.fn "mul"(%a, %a) : (f32, f32) -> f32
      pw.yield %b : f32
  }
  %2 = dnn.matmul %y, %v {operandSegmentSizes = array<i32: 1, 1, 0, 0>} : (tensor<3x1xf32>, tensor<1x2xf32>) -> tensor<3x2xf32>
  %3 = dnn.pointwise %2, %rows : (tensor<3x2xf32>, tensor<3x1xf32>) -> tensor<3x2xf32> {
    ^bb0(%a: f32, %b: f32):
      %c = pw.fn "mul"(%a, %b) : (f32, f32) -> f32
      pw.yield %c : f32
  }
  return %1, %3 : tensor<3x2xf32>, tensor<3x2xf32>
}
