// RUN: dnnc-opt --fuse-pointwise %s 2>/dev/null | FileCheck %s
// RUN: dnnc-opt --fuse-pointwise %s 2>&1 >/dev/null | FileCheck %s --check-prefix=REMARK

// CHECK-LABEL: func @conv_relu
// CHECK: %[[Y:.*]] = dnn.conv %arg0, %arg1
// CHECK-NEXT: ^bb0(%[[ACC:.*]]: f32):
// CHECK-NEXT: %[[R:.*]] = pw.fn "relu"(%[[ACC]])
// CHECK-NEXT: pw.yield %[[R]]
// CHECK-NOT: dnn.pointwise
// CHECK: return %[[Y]]
// REMARK: [fuse] relu1 fused into conv1
func.func @conv_relu(%x: tensor<1x3x8x8xf32>, %w: tensor<4x3x1x1xf32>) -> tensor<1x4x8x8xf32> {
  %0 = dnn.conv %x, %w {strides = array<i64: 1, 1>, pads = array<i64: 0, 0, 0, 0>, dilations = array<i64: 1, 1>, group = 1 : i64,
      operandSegmentSizes = array<i32: 1, 1, 0, 0>} : (tensor<1x3x8x8xf32>, tensor<4x3x1x1xf32>) -> tensor<1x4x8x8xf32> loc("conv1")
  %1 = dnn.pointwise %0 : (tensor<1x4x8x8xf32>) -> tensor<1x4x8x8xf32> {
    ^bb0(%a: f32):
      %b = pw.fn "relu"(%a) : (f32) -> f32
      pw.yield %b : f32
  } loc("relu1")
  return %1 : tensor<1x4x8x8xf32>
}

// A residual sum of two convolutions goes to the later one, in either operand order; the activation behind it follows.
// CHECK-LABEL: func @residual
// CHECK: %[[A:.*]] = dnn.matmul %arg0, %arg1 {{.*}} -> tensor<4x4xf32>{{$}}
// CHECK: %[[B:.*]] = dnn.matmul %arg0, %arg2, %[[A]] {{{.*}}operandSegmentSizes = array<i32: 1, 1, 0, 1>
// CHECK-NEXT: ^bb0(%[[ACC:.*]]: f32, %[[ARG:.*]]: f32):
// CHECK-NEXT: %[[S:.*]] = pw.fn "sub"(%[[ARG]], %[[ACC]])
// CHECK-NEXT: %[[T:.*]] = pw.fn "tanh"(%[[S]])
// CHECK-NEXT: pw.yield %[[T]]
// CHECK: return %[[B]]
// REMARK: [fuse] sub fused into second
// REMARK: [fuse] tanh fused into second + sub
func.func @residual(%x: tensor<4x4xf32>, %u: tensor<4x4xf32>, %v: tensor<4x4xf32>) -> tensor<4x4xf32> {
  %0 = dnn.matmul %x, %u {operandSegmentSizes = array<i32: 1, 1, 0, 0>} : (tensor<4x4xf32>, tensor<4x4xf32>) -> tensor<4x4xf32> loc("first")
  %1 = dnn.matmul %x, %v {operandSegmentSizes = array<i32: 1, 1, 0, 0>} : (tensor<4x4xf32>, tensor<4x4xf32>) -> tensor<4x4xf32> loc("second")
  %2 = dnn.pointwise %0, %1 : (tensor<4x4xf32>, tensor<4x4xf32>) -> tensor<4x4xf32> {
    ^bb0(%a: f32, %b: f32):
      %c = pw.fn "sub"(%a, %b) : (f32, f32) -> f32
      pw.yield %c : f32
  } loc("sub")
  %3 = dnn.pointwise %2 : (tensor<4x4xf32>) -> tensor<4x4xf32> {
    ^bb0(%a: f32):
      %b = pw.fn "tanh"(%a) : (f32) -> f32
      pw.yield %b : f32
  } loc("tanh")
  return %3 : tensor<4x4xf32>
}

// x * sigmoid(x): two users of the convolution's result, both in one chain.
// CHECK-LABEL: func @silu
// CHECK: dnn.matmul
// CHECK-NEXT: ^bb0(%[[ACC:.*]]: f32):
// CHECK-NEXT: %[[S:.*]] = pw.fn "sigmoid"(%[[ACC]])
// CHECK-NEXT: %[[M:.*]] = pw.fn "mul"(%[[ACC]], %[[S]])
// CHECK-NEXT: pw.yield %[[M]]
// CHECK-NOT: dnn.pointwise
func.func @silu(%x: tensor<4x4xf32>, %w: tensor<4x4xf32>) -> tensor<4x4xf32> {
  %0 = dnn.matmul %x, %w {operandSegmentSizes = array<i32: 1, 1, 0, 0>} : (tensor<4x4xf32>, tensor<4x4xf32>) -> tensor<4x4xf32>
  %1 = dnn.pointwise %0 : (tensor<4x4xf32>) -> tensor<4x4xf32> {
    ^bb0(%a: f32):
      %b = pw.fn "sigmoid"(%a) : (f32) -> f32
      pw.yield %b : f32
  }
  %2 = dnn.pointwise %0, %1 : (tensor<4x4xf32>, tensor<4x4xf32>) -> tensor<4x4xf32> {
    ^bb0(%a: f32, %b: f32):
      %c = pw.fn "mul"(%a, %b) : (f32, f32) -> f32
      pw.yield %c : f32
  }
  return %2 : tensor<4x4xf32>
}

// A residual that is computed after the producer: the fused op stands where both are known.
// CHECK-LABEL: func @operand_later
// CHECK: %[[T:.*]] = dnn.transpose
// CHECK: dnn.matmul %arg0, %arg1, %[[T]]
func.func @operand_later(%x: tensor<4x4xf32>, %w: tensor<4x4xf32>) -> tensor<4x4xf32> {
  %0 = dnn.matmul %x, %w {operandSegmentSizes = array<i32: 1, 1, 0, 0>} : (tensor<4x4xf32>, tensor<4x4xf32>) -> tensor<4x4xf32>
  %1 = dnn.transpose %x {perm = array<i64: 1, 0>} : (tensor<4x4xf32>) -> tensor<4x4xf32>
  %2 = dnn.pointwise %0, %1 : (tensor<4x4xf32>, tensor<4x4xf32>) -> tensor<4x4xf32> {
    ^bb0(%a: f32, %b: f32):
      %c = pw.fn "add"(%a, %b) : (f32, f32) -> f32
      pw.yield %c : f32
  }
  return %2 : tensor<4x4xf32>
}

// The same operand twice is one epilogue operand.
// CHECK-LABEL: func @same_operand
// CHECK: dnn.matmul %arg0, %arg1, %arg2 {{{.*}}array<i32: 1, 1, 0, 1>
// CHECK-NEXT: ^bb0(%[[ACC:.*]]: f32, %[[Z:.*]]: f32):
// CHECK-NEXT: %[[A:.*]] = pw.fn "add"(%[[ACC]], %[[Z]])
// CHECK-NEXT: %[[M:.*]] = pw.fn "mul"(%[[A]], %[[Z]])
func.func @same_operand(%x: tensor<4x4xf32>, %w: tensor<4x4xf32>, %z: tensor<4xf32>) -> tensor<4x4xf32> {
  %0 = dnn.matmul %x, %w {operandSegmentSizes = array<i32: 1, 1, 0, 0>} : (tensor<4x4xf32>, tensor<4x4xf32>) -> tensor<4x4xf32>
  %1 = dnn.pointwise %0, %z : (tensor<4x4xf32>, tensor<4xf32>) -> tensor<4x4xf32> {
    ^bb0(%a: f32, %b: f32):
      %c = pw.fn "add"(%a, %b) : (f32, f32) -> f32
      pw.yield %c : f32
  }
  %2 = dnn.pointwise %1, %z : (tensor<4x4xf32>, tensor<4xf32>) -> tensor<4x4xf32> {
    ^bb0(%a: f32, %b: f32):
      %c = pw.fn "mul"(%a, %b) : (f32, f32) -> f32
      pw.yield %c : f32
  }
  return %2 : tensor<4x4xf32>
}

// Per channel, one value, per image, one channel for all, full.
// CHECK-LABEL: func @operand_shapes
// CHECK: dnn.pool %arg0, %arg1, %arg2, %arg3, %arg4, %arg5
// CHECK-NOT: dnn.pointwise
func.func @operand_shapes(%x: tensor<2x3x4x4xf32>, %channel: tensor<3x1x1xf32>, %one: tensor<1xf32>, %image: tensor<2x1x1x1xf32>,
                          %mask: tensor<2x1x4x4xf32>, %full: tensor<2x3x4x4xf32>) -> tensor<2x3x4x4xf32> {
  %0 = dnn.pool %x {kind = 0 : i32, kernel = array<i64: 3, 3>, strides = array<i64: 1, 1>, pads = array<i64: 1, 1, 1, 1>,
      dilations = array<i64: 1, 1>} : (tensor<2x3x4x4xf32>) -> tensor<2x3x4x4xf32>
  %1 = dnn.pointwise %0, %channel, %one, %image, %mask, %full : (tensor<2x3x4x4xf32>, tensor<3x1x1xf32>, tensor<1xf32>, tensor<2x1x1x1xf32>,
      tensor<2x1x4x4xf32>, tensor<2x3x4x4xf32>) -> tensor<2x3x4x4xf32> {
    ^bb0(%a: f32, %b: f32, %c: f32, %d: f32, %e: f32, %f: f32):
      %g = pw.fn "add"(%a, %b) : (f32, f32) -> f32
      %h = pw.fn "add"(%c, %d) : (f32, f32) -> f32
      %i = pw.fn "add"(%e, %f) : (f32, f32) -> f32
      %j = pw.fn "clip"(%g, %h, %i) : (f32, f32, f32) -> f32
      pw.yield %j : f32
  }
  return %1 : tensor<2x3x4x4xf32>
}

// REMARK: [fuse] not applied: rows fused into pool: the operand {{.*}}tensor<4x1xf32>{{.*}} is neither full, nor one value, nor per channel
// CHECK-LABEL: func @do_not_fuse_rows
// CHECK: dnn.pointwise
func.func @do_not_fuse_rows(%x: tensor<1x3x4x4xf32>, %rows: tensor<4x1xf32>) -> tensor<1x3x4x4xf32> {
  %0 = dnn.pool %x {kind = 0 : i32, kernel = array<i64: 3, 3>, strides = array<i64: 1, 1>, pads = array<i64: 1, 1, 1, 1>,
      dilations = array<i64: 1, 1>} : (tensor<1x3x4x4xf32>) -> tensor<1x3x4x4xf32> loc("pool")
  %1 = dnn.pointwise %0, %rows : (tensor<1x3x4x4xf32>, tensor<4x1xf32>) -> tensor<1x3x4x4xf32> {
    ^bb0(%a: f32, %b: f32):
      %c = pw.fn "add"(%a, %b) : (f32, f32) -> f32
      pw.yield %c : f32
  } loc("rows")
  return %1 : tensor<1x3x4x4xf32>
}

// REMARK: [fuse] not applied: again fused into shared: its result has other users
// CHECK-LABEL: func @do_not_fuse_shared
// CHECK: dnn.matmul {{.*}} -> tensor<4x4xf32>{{$}}
// CHECK: dnn.pointwise
func.func @do_not_fuse_shared(%x: tensor<4x4xf32>) -> (tensor<4x4xf32>, tensor<4x4xf32>) {
  %0 = dnn.matmul %x, %x {operandSegmentSizes = array<i32: 1, 1, 0, 0>} : (tensor<4x4xf32>, tensor<4x4xf32>) -> tensor<4x4xf32> loc("shared")
  %1 = dnn.pointwise %0 : (tensor<4x4xf32>) -> tensor<4x4xf32> {
    ^bb0(%a: f32):
      %b = pw.fn "relu"(%a) : (f32) -> f32
      pw.yield %b : f32
  } loc("again")
  return %0, %1 : tensor<4x4xf32>, tensor<4x4xf32>
}

// REMARK: [fuse] not applied: grow fused into small: it changes the shape
// CHECK-LABEL: func @do_not_fuse_broadcast
// CHECK: dnn.pointwise
func.func @do_not_fuse_broadcast(%x: tensor<1x4xf32>, %w: tensor<4x4xf32>, %z: tensor<4x4xf32>) -> tensor<4x4xf32> {
  %0 = dnn.matmul %x, %w {operandSegmentSizes = array<i32: 1, 1, 0, 0>} : (tensor<1x4xf32>, tensor<4x4xf32>) -> tensor<1x4xf32> loc("small")
  %1 = dnn.pointwise %0, %z : (tensor<1x4xf32>, tensor<4x4xf32>) -> tensor<4x4xf32> {
    ^bb0(%a: f32, %b: f32):
      %c = pw.fn "add"(%a, %b) : (f32, f32) -> f32
      pw.yield %c : f32
  } loc("grow")
  return %1 : tensor<4x4xf32>
}

// REMARK: [fuse] not applied: compare fused into floats: only chains that run on vectors become epilogues
// CHECK-LABEL: func @do_not_fuse_types
// CHECK: dnn.pointwise
func.func @do_not_fuse_types(%x: tensor<4x4xf32>) -> tensor<4x4xi1> {
  %0 = dnn.matmul %x, %x {operandSegmentSizes = array<i32: 1, 1, 0, 0>} : (tensor<4x4xf32>, tensor<4x4xf32>) -> tensor<4x4xf32> loc("floats")
  %1 = dnn.pointwise %0, %x : (tensor<4x4xf32>, tensor<4x4xf32>) -> tensor<4x4xi1> {
    ^bb0(%a: f32, %b: f32):
      %c = pw.fn "less"(%a, %b) : (f32, f32) -> i1
      pw.yield %c : i1
  } loc("compare")
  return %1 : tensor<4x4xi1>
}

// Two pointwise ops without a producer to fuse into become one; their common operand is read once.
// REMARK: [fuse] neg joined with add
// CHECK-LABEL: func @join
// CHECK: dnn.pointwise %arg0, %arg1 :
// CHECK-NEXT: ^bb0(%[[X:.*]]: f32, %[[Y:.*]]: f32):
// CHECK-NEXT: %[[N:.*]] = pw.fn "mul"(%[[X]], %[[Y]])
// CHECK-NEXT: %[[S:.*]] = pw.fn "add"(%[[X]], %[[N]])
// CHECK-NEXT: pw.yield %[[S]]
// CHECK-NOT: dnn.pointwise
func.func @join(%x: tensor<4x4xf32>, %y: tensor<4xf32>) -> tensor<4x4xf32> {
  %0 = dnn.pointwise %x, %y : (tensor<4x4xf32>, tensor<4xf32>) -> tensor<4x4xf32> {
    ^bb0(%a: f32, %b: f32):
      %c = pw.fn "mul"(%a, %b) : (f32, f32) -> f32
      pw.yield %c : f32
  } loc("neg")
  %1 = dnn.pointwise %x, %0 : (tensor<4x4xf32>, tensor<4x4xf32>) -> tensor<4x4xf32> {
    ^bb0(%a: f32, %b: f32):
      %c = pw.fn "add"(%a, %b) : (f32, f32) -> f32
      pw.yield %c : f32
  } loc("add")
  return %1 : tensor<4x4xf32>
}

// REMARK: [fuse] not applied: tocast joined with vector: one of the chains runs on vectors, the other does not
// CHECK-LABEL: func @do_not_join_mixed
// CHECK-COUNT-2: dnn.pointwise
func.func @do_not_join_mixed(%x: tensor<4xi64>) -> tensor<4xf32> {
  %0 = dnn.pointwise %x : (tensor<4xi64>) -> tensor<4xf32> {
    ^bb0(%a: i64):
      %b = pw.fn "cast"(%a) : (i64) -> f32
      pw.yield %b : f32
  } loc("tocast")
  %1 = dnn.pointwise %0 : (tensor<4xf32>) -> tensor<4xf32> {
    ^bb0(%a: f32):
      %b = pw.fn "exp"(%a) : (f32) -> f32
      pw.yield %b : f32
  } loc("vector")
  return %1 : tensor<4xf32>
}

// A smaller result would be computed once for each of its copies.
// CHECK-LABEL: func @do_not_join_broadcast
// CHECK-COUNT-2: dnn.pointwise
func.func @do_not_join_broadcast(%x: tensor<4xf32>, %y: tensor<4x4xf32>) -> tensor<4x4xf32> {
  %0 = dnn.pointwise %x : (tensor<4xf32>) -> tensor<4xf32> {
    ^bb0(%a: f32):
      %b = pw.fn "exp"(%a) : (f32) -> f32
      pw.yield %b : f32
  }
  %1 = dnn.pointwise %0, %y : (tensor<4xf32>, tensor<4x4xf32>) -> tensor<4x4xf32> {
    ^bb0(%a: f32, %b: f32):
      %c = pw.fn "mul"(%a, %b) : (f32, f32) -> f32
      pw.yield %c : f32
  }
  return %1 : tensor<4x4xf32>
}

// What is computed from one 8-bit operand is computed again for each reader; a chain that ends in 8 bits changes the type of the result.
// REMARK: [fuse] requantize fused into product
// REMARK: [fuse] dequantize joined with add
// REMARK: [fuse] not applied: requantize fused into floats: its kernel writes what it reads, f32
// CHECK-LABEL: func @bytes
// CHECK: dnn.matmul %arg0, %arg1
// CHECK-SAME: (tensor<4x4xui8>, tensor<4x4xi8>) -> tensor<4x4xui8>
// CHECK-NEXT: ^bb0(%[[ACC:.*]]: f32):
// CHECK: pw.fn "saturate"
// CHECK: dnn.pointwise %arg0, %arg2 : (tensor<4x4xui8>, tensor<4x4xf32>)
// CHECK: dnn.pointwise %arg0, %arg3 : (tensor<4x4xui8>, tensor<4x4xf32>)
// CHECK: dnn.matmul %arg2
// CHECK-SAME: -> tensor<4x4xf32>
func.func @bytes(%x: tensor<4x4xui8>, %w: tensor<4x4xi8>, %y: tensor<4x4xf32>, %z: tensor<4x4xf32>)
    -> (tensor<4x4xui8>, tensor<4x4xf32>, tensor<4x4xf32>, tensor<4x4xui8>) {
  %0 = dnn.matmul %x, %w {operandSegmentSizes = array<i32: 1, 1, 0, 0>} : (tensor<4x4xui8>, tensor<4x4xi8>) -> tensor<4x4xi32> loc("product")
  %1 = dnn.pointwise %0 : (tensor<4x4xi32>) -> tensor<4x4xui8> {
    ^bb0(%a: i32):
      %b = pw.fn "cast"(%a) : (i32) -> f32
      %c = pw.fn "saturate"(%b) : (f32) -> ui8
      pw.yield %c : ui8
  } loc("requantize")
  %2 = dnn.pointwise %x : (tensor<4x4xui8>) -> tensor<4x4xf32> {
    ^bb0(%a: ui8):
      %b = pw.fn "cast"(%a) : (ui8) -> f32
      pw.yield %b : f32
  } loc("dequantize")
  %3 = dnn.pointwise %2, %y : (tensor<4x4xf32>, tensor<4x4xf32>) -> tensor<4x4xf32> {
    ^bb0(%a: f32, %b: f32):
      %c = pw.fn "add"(%a, %b) : (f32, f32) -> f32
      pw.yield %c : f32
  } loc("add")
  %4 = dnn.pointwise %2, %z : (tensor<4x4xf32>, tensor<4x4xf32>) -> tensor<4x4xf32> {
    ^bb0(%a: f32, %b: f32):
      %c = pw.fn "mul"(%a, %b) : (f32, f32) -> f32
      pw.yield %c : f32
  } loc("mul")
  %5 = dnn.matmul %y, %z {operandSegmentSizes = array<i32: 1, 1, 0, 0>} : (tensor<4x4xf32>, tensor<4x4xf32>) -> tensor<4x4xf32> loc("floats")
  %6 = dnn.pointwise %5 : (tensor<4x4xf32>) -> tensor<4x4xui8> {
    ^bb0(%a: f32):
      %c = pw.fn "saturate"(%a) : (f32) -> ui8
      pw.yield %c : ui8
  } loc("requantize")
  return %1, %3, %4, %6 : tensor<4x4xui8>, tensor<4x4xf32>, tensor<4x4xf32>, tensor<4x4xui8>
}
