// RUN: dnnc-opt --recognize-attention --simplify-graph --remove-dead-code %s 2>/dev/null | FileCheck %s
// RUN: dnnc-opt --recognize-attention --remove-dead-code %s 2>&1 >/dev/null | FileCheck %s --check-prefix=REMARK

// As PyTorch writes it: heads split by transposes, the keys' transposed once more, a scale.
// REMARK: [fuse] qk + softmax + av is an attention{{$}}
// CHECK-LABEL: func @heads
// CHECK-DAG: %[[Q:.*]] = dnn.transpose %arg0 {perm = array<i64: 0, 2, 1, 3>}
// CHECK-DAG: %[[K:.*]] = dnn.transpose %arg1 {perm = array<i64: 0, 2, 1, 3>}
// CHECK-DAG: %[[V:.*]] = dnn.transpose %arg2 {perm = array<i64: 0, 2, 1, 3>}
// CHECK: dnn.attention %[[Q]], %[[K]], %[[V]] {scale = 1.250000e-01 : f64}
// CHECK-NOT: dnn.softmax
func.func @heads(%x: tensor<1x5x2x64xf32>, %y: tensor<1x7x2x64xf32>, %z: tensor<1x7x2x64xf32>) -> tensor<1x2x5x64xf32> {
  %q = dnn.transpose %x {perm = array<i64: 0, 2, 1, 3>} : (tensor<1x5x2x64xf32>) -> tensor<1x2x5x64xf32>
  %k = dnn.transpose %y {perm = array<i64: 0, 2, 3, 1>} : (tensor<1x7x2x64xf32>) -> tensor<1x2x64x7xf32>
  %v = dnn.transpose %z {perm = array<i64: 0, 2, 1, 3>} : (tensor<1x7x2x64xf32>) -> tensor<1x2x7x64xf32>
  %s = dnn.matmul %q, %k {operandSegmentSizes = array<i32: 1, 1, 0, 0>} : (tensor<1x2x5x64xf32>, tensor<1x2x64x7xf32>) -> tensor<1x2x5x7xf32> loc("qk")
  %d = dnn.pointwise %s : (tensor<1x2x5x7xf32>) -> tensor<1x2x5x7xf32> {
    ^bb0(%a: f32):
      %c = pw.const 8.0 : f32
      %r = pw.fn "div"(%a, %c) : (f32, f32) -> f32
      pw.yield %r : f32
  }
  %w = dnn.softmax %d {axis = -1 : i64} : (tensor<1x2x5x7xf32>) -> tensor<1x2x5x7xf32> loc("softmax")
  %o = dnn.matmul %w, %v {operandSegmentSizes = array<i32: 1, 1, 0, 0>} : (tensor<1x2x5x7xf32>, tensor<1x2x7x64xf32>) -> tensor<1x2x5x64xf32> loc("av")
  return %o : tensor<1x2x5x64xf32>
}

// Heads and batch in one dim, a scale before an added mask.
// REMARK: [fuse] added is an attention with a mask
// CHECK-LABEL: func @mask
// CHECK: dnn.attention %{{.*}}, %{{.*}}, %{{.*}}, %arg3 {scale = 5.000000e-01 : f64} : (tensor<1x6x5x4xf32>, tensor<1x6x5x4xf32>, tensor<1x6x5x4xf32>, tensor<5x5xf32>) -> tensor<1x6x5x4xf32>
func.func @mask(%q: tensor<6x5x4xf32>, %k: tensor<6x4x5xf32>, %v: tensor<6x5x4xf32>, %m: tensor<5x5xf32>) -> tensor<6x5x4xf32> {
  %s = dnn.matmul %q, %k {operandSegmentSizes = array<i32: 1, 1, 0, 0>} : (tensor<6x5x4xf32>, tensor<6x4x5xf32>) -> tensor<6x5x5xf32>
  %d = dnn.pointwise %s : (tensor<6x5x5xf32>) -> tensor<6x5x5xf32> {
    ^bb0(%a: f32):
      %c = pw.const 0.5 : f32
      %r = pw.fn "mul"(%a, %c) : (f32, f32) -> f32
      pw.yield %r : f32
  }
  %e = dnn.pointwise %m, %d : (tensor<5x5xf32>, tensor<6x5x5xf32>) -> tensor<6x5x5xf32> {
    ^bb0(%a: f32, %b: f32):
      %r = pw.fn "add"(%a, %b) : (f32, f32) -> f32
      pw.yield %r : f32
  }
  %w = dnn.softmax %e {axis = 2 : i64} : (tensor<6x5x5xf32>) -> tensor<6x5x5xf32>
  %o = dnn.matmul %w, %v {operandSegmentSizes = array<i32: 1, 1, 0, 0>} : (tensor<6x5x5xf32>, tensor<6x5x4xf32>) -> tensor<6x5x4xf32> loc("added")
  return %o : tensor<6x5x4xf32>
}

// A constant triangle chosen by Where is a causal mask.
// REMARK: [fuse] chosen is an attention, causal
// CHECK-LABEL: func @causal
// CHECK: dnn.attention %{{.*}}, %{{.*}}, %{{.*}} {causal = true, past = 1 : i64, scale = 1.000000e+00 : f64}
func.func @causal(%q: tensor<1x2x2x4xf32>, %k: tensor<1x2x4x3xf32>, %v: tensor<1x2x3x4xf32>) -> tensor<1x2x2x4xf32> {
  %m = dnn.constant dense<[[true, true, false], [true, true, true]]> : tensor<2x3xi1>
  %s = dnn.matmul %q, %k {operandSegmentSizes = array<i32: 1, 1, 0, 0>} : (tensor<1x2x2x4xf32>, tensor<1x2x4x3xf32>) -> tensor<1x2x2x3xf32>
  %e = dnn.pointwise %m, %s : (tensor<2x3xi1>, tensor<1x2x2x3xf32>) -> tensor<1x2x2x3xf32> {
    ^bb0(%a: i1, %b: f32):
      %c = pw.const -3.0e38 : f32
      %r = pw.fn "where"(%a, %b, %c) : (i1, f32, f32) -> f32
      pw.yield %r : f32
  }
  %w = dnn.softmax %e {axis = 3 : i64} : (tensor<1x2x2x3xf32>) -> tensor<1x2x2x3xf32>
  %o = dnn.matmul %w, %v {operandSegmentSizes = array<i32: 1, 1, 0, 0>} : (tensor<1x2x2x3xf32>, tensor<1x2x3x4xf32>) -> tensor<1x2x2x4xf32> loc("chosen")
  return %o : tensor<1x2x2x4xf32>
}

// Softcap, with rows that would be NaN made 0.
// REMARK: [fuse] capped is an attention{{$}}
// CHECK-LABEL: func @softcap
// CHECK: dnn.attention %{{.*}}, %{{.*}}, %{{.*}} {scale = 2.500000e-01 : f64, softcap = 3.000000e+01 : f64}
func.func @softcap(%q: tensor<1x2x5x4xf32>, %k: tensor<1x2x4x5xf32>, %v: tensor<1x2x5x4xf32>) -> tensor<1x2x5x4xf32> {
  %s = dnn.matmul %q, %k {operandSegmentSizes = array<i32: 1, 1, 0, 0>} : (tensor<1x2x5x4xf32>, tensor<1x2x4x5xf32>) -> tensor<1x2x5x5xf32>
  %x0 = dnn.pointwise %s : (tensor<1x2x5x5xf32>) -> tensor<1x2x5x5xf32> {
    ^bb0(%a: f32):
      %c = pw.const 0.25 : f32
      %r = pw.fn "mul"(%a, %c) : (f32, f32) -> f32
      pw.yield %r : f32
  }
  %x1 = dnn.pointwise %x0 : (tensor<1x2x5x5xf32>) -> tensor<1x2x5x5xf32> {
    ^bb0(%a: f32):
      %c = pw.const 30.0 : f32
      %r = pw.fn "div"(%a, %c) : (f32, f32) -> f32
      pw.yield %r : f32
  }
  %x2 = dnn.pointwise %x1 : (tensor<1x2x5x5xf32>) -> tensor<1x2x5x5xf32> {
    ^bb0(%a: f32):
      %r = pw.fn "tanh"(%a) : (f32) -> f32
      pw.yield %r : f32
  }
  %x3 = dnn.pointwise %x2 : (tensor<1x2x5x5xf32>) -> tensor<1x2x5x5xf32> {
    ^bb0(%a: f32):
      %c = pw.const 30.0 : f32
      %r = pw.fn "mul"(%a, %c) : (f32, f32) -> f32
      pw.yield %r : f32
  }
  %w = dnn.softmax %x3 {axis = 3 : i64} : (tensor<1x2x5x5xf32>) -> tensor<1x2x5x5xf32>
  %n = dnn.pointwise %w : (tensor<1x2x5x5xf32>) -> tensor<1x2x5x5xi1> {
    ^bb0(%a: f32):
      %r = pw.fn "is_nan"(%a) : (f32) -> i1
      pw.yield %r : i1
  }
  %z = dnn.pointwise %n, %w : (tensor<1x2x5x5xi1>, tensor<1x2x5x5xf32>) -> tensor<1x2x5x5xf32> {
    ^bb0(%a: i1, %b: f32):
      %c = pw.const 0.0 : f32
      %r = pw.fn "where"(%a, %c, %b) : (i1, f32, f32) -> f32
      pw.yield %r : f32
  }
  %o = dnn.matmul %z, %v {operandSegmentSizes = array<i32: 1, 1, 0, 0>} : (tensor<1x2x5x5xf32>, tensor<1x2x5x4xf32>) -> tensor<1x2x5x4xf32> loc("capped")
  return %o : tensor<1x2x5x4xf32>
}

// REMARK: [fuse] not applied: weights is not part of an attention: its result has other uses
// CHECK-LABEL: func @do_not_fuse_weights_that_are_seen
// CHECK-NOT: dnn.attention
func.func @do_not_fuse_weights_that_are_seen(%q: tensor<5x4xf32>, %k: tensor<4x5xf32>, %v: tensor<5x4xf32>) -> (tensor<5x4xf32>, tensor<5x5xf32>) {
  %s = dnn.matmul %q, %k {operandSegmentSizes = array<i32: 1, 1, 0, 0>} : (tensor<5x4xf32>, tensor<4x5xf32>) -> tensor<5x5xf32>
  %w = dnn.softmax %s {axis = 1 : i64} : (tensor<5x5xf32>) -> tensor<5x5xf32> loc("weights")
  %o = dnn.matmul %w, %v {operandSegmentSizes = array<i32: 1, 1, 0, 0>} : (tensor<5x5xf32>, tensor<5x4xf32>) -> tensor<5x4xf32>
  return %o, %w : tensor<5x4xf32>, tensor<5x5xf32>
}

// REMARK: [fuse] not applied: rows is not part of an attention: it is not along the last dim
// CHECK-LABEL: func @do_not_fuse_softmax_along_queries
// CHECK-NOT: dnn.attention
func.func @do_not_fuse_softmax_along_queries(%q: tensor<5x4xf32>, %k: tensor<4x5xf32>, %v: tensor<5x4xf32>) -> tensor<5x4xf32> {
  %s = dnn.matmul %q, %k {operandSegmentSizes = array<i32: 1, 1, 0, 0>} : (tensor<5x4xf32>, tensor<4x5xf32>) -> tensor<5x5xf32>
  %w = dnn.softmax %s {axis = 0 : i64} : (tensor<5x5xf32>) -> tensor<5x5xf32> loc("rows")
  %o = dnn.matmul %w, %v {operandSegmentSizes = array<i32: 1, 1, 0, 0>} : (tensor<5x5xf32>, tensor<5x4xf32>) -> tensor<5x4xf32>
  return %o : tensor<5x4xf32>
}

// -1000 may be a score: another one could be far below it.
// REMARK: [fuse] not applied: small is not part of an attention: it chooses between scores
// CHECK-LABEL: func @do_not_fuse_choice_of_a_score
// CHECK-NOT: dnn.attention
func.func @do_not_fuse_choice_of_a_score(%q: tensor<5x4xf32>, %k: tensor<4x5xf32>, %v: tensor<5x4xf32>, %m: tensor<5x5xi1>) -> tensor<5x4xf32> {
  %s = dnn.matmul %q, %k {operandSegmentSizes = array<i32: 1, 1, 0, 0>} : (tensor<5x4xf32>, tensor<4x5xf32>) -> tensor<5x5xf32>
  %e = dnn.pointwise %m, %s : (tensor<5x5xi1>, tensor<5x5xf32>) -> tensor<5x5xf32> {
    ^bb0(%a: i1, %b: f32):
      %c = pw.const -1000.0 : f32
      %r = pw.fn "where"(%a, %b, %c) : (i1, f32, f32) -> f32
      pw.yield %r : f32
  }
  %w = dnn.softmax %e {axis = 1 : i64} : (tensor<5x5xf32>) -> tensor<5x5xf32> loc("small")
  %o = dnn.matmul %w, %v {operandSegmentSizes = array<i32: 1, 1, 0, 0>} : (tensor<5x5xf32>, tensor<5x4xf32>) -> tensor<5x4xf32>
  return %o : tensor<5x4xf32>
}

// REMARK: [fuse] not applied: classes is not part of an attention: the values are constant
// CHECK-LABEL: func @do_not_fuse_constant_values
// CHECK-NOT: dnn.attention
func.func @do_not_fuse_constant_values(%q: tensor<5x4xf32>, %k: tensor<4x3xf32>) -> tensor<5x2xf32> {
  %v = dnn.constant dense<[[1.0, 2.0], [3.0, 4.0], [5.0, 6.0]]> : tensor<3x2xf32>
  %s = dnn.matmul %q, %k {operandSegmentSizes = array<i32: 1, 1, 0, 0>} : (tensor<5x4xf32>, tensor<4x3xf32>) -> tensor<5x3xf32>
  %w = dnn.softmax %s {axis = 1 : i64} : (tensor<5x3xf32>) -> tensor<5x3xf32> loc("classes")
  %o = dnn.matmul %w, %v {operandSegmentSizes = array<i32: 1, 1, 0, 0>} : (tensor<5x3xf32>, tensor<3x2xf32>) -> tensor<5x2xf32>
  return %o : tensor<5x2xf32>
}

// REMARK: [fuse] not applied: shared is not part of an attention: batches or heads of its products differ
// CHECK-LABEL: func @do_not_fuse_broadcast_batch
// CHECK-NOT: dnn.attention
func.func @do_not_fuse_broadcast_batch(%q: tensor<2x3x5x4xf32>, %k: tensor<1x3x4x6xf32>, %v: tensor<2x3x6x4xf32>) -> tensor<2x3x5x4xf32> {
  %s = dnn.matmul %q, %k {operandSegmentSizes = array<i32: 1, 1, 0, 0>} : (tensor<2x3x5x4xf32>, tensor<1x3x4x6xf32>) -> tensor<2x3x5x6xf32>
  %w = dnn.softmax %s {axis = 3 : i64} : (tensor<2x3x5x6xf32>) -> tensor<2x3x5x6xf32> loc("shared")
  %o = dnn.matmul %w, %v {operandSegmentSizes = array<i32: 1, 1, 0, 0>} : (tensor<2x3x5x6xf32>, tensor<2x3x6x4xf32>) -> tensor<2x3x5x4xf32>
  return %o : tensor<2x3x5x4xf32>
}
