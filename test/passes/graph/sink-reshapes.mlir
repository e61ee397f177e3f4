// RUN: dnnc-opt --simplify-graph %s | FileCheck %s

// An NHWC exporter's bias and activation between two convolutions: no transpose is left, the bias lies along the channels.
// CHECK-LABEL: func @cancel
// CHECK-NOT: dnn.transpose
// CHECK: %[[C:.*]] = dnn.constant dense<{{.*}}> : tensor<1x4x1x1xf32>
// CHECK: %[[P:.*]] = dnn.pointwise %arg0, %[[C]] : (tensor<1x4x6x6xf32>, tensor<1x4x1x1xf32>) -> tensor<1x4x6x6xf32>
// CHECK-NOT: dnn.transpose
// CHECK: return %[[P]]
func.func @cancel(%x: tensor<1x4x6x6xf32>) -> tensor<1x4x6x6xf32> {
  %b = dnn.constant dense<[1.0, 2.0, 3.0, 4.0]> : tensor<4xf32>
  %0 = dnn.transpose %x {perm = array<i64: 0, 2, 3, 1>} : (tensor<1x4x6x6xf32>) -> tensor<1x6x6x4xf32>
  %1 = dnn.pointwise %0, %b : (tensor<1x6x6x4xf32>, tensor<4xf32>) -> tensor<1x6x6x4xf32> {
    ^bb0(%a: f32, %c: f32):
      %d = pw.fn "add"(%a, %c) : (f32, f32) -> f32
      pw.yield %d : f32
  }
  %2 = dnn.transpose %1 {perm = array<i64: 0, 3, 1, 2>} : (tensor<1x6x6x4xf32>) -> tensor<1x4x6x6xf32>
  return %2 : tensor<1x4x6x6xf32>
}

// Both operands are transposed alike, one of them for others too.
// CHECK-LABEL: func @two_operands
// CHECK: %[[P:.*]] = dnn.pointwise %arg0, %arg1 : (tensor<2x3xf32>, tensor<2x3xf32>)
// CHECK: dnn.transpose %[[P]] {perm = array<i64: 1, 0>}
func.func @two_operands(%x: tensor<2x3xf32>, %y: tensor<2x3xf32>) -> (tensor<3x2xf32>, tensor<3x2xf32>) {
  %0 = dnn.transpose %x {perm = array<i64: 1, 0>} : (tensor<2x3xf32>) -> tensor<3x2xf32>
  %1 = dnn.transpose %y {perm = array<i64: 1, 0>} : (tensor<2x3xf32>) -> tensor<3x2xf32>
  %2 = dnn.pointwise %0, %1 : (tensor<3x2xf32>, tensor<3x2xf32>) -> tensor<3x2xf32> {
    ^bb0(%a: f32, %b: f32):
      %c = pw.fn "add"(%a, %b) : (f32, f32) -> f32
      pw.yield %c : f32
  }
  return %2, %1 : tensor<3x2xf32>, tensor<3x2xf32>
}

// The other operand would have to be transposed instead.
// CHECK-LABEL: func @do_not_move_operands
// CHECK: %[[T:.*]] = dnn.transpose %arg0
// CHECK: dnn.pointwise %[[T]], %arg1
func.func @do_not_move_operands(%x: tensor<2x3xf32>, %y: tensor<3x2xf32>) -> tensor<3x2xf32> {
  %0 = dnn.transpose %x {perm = array<i64: 1, 0>} : (tensor<2x3xf32>) -> tensor<3x2xf32>
  %1 = dnn.pointwise %0, %y : (tensor<3x2xf32>, tensor<3x2xf32>) -> tensor<3x2xf32> {
    ^bb0(%a: f32, %b: f32):
      %c = pw.fn "add"(%a, %b) : (f32, f32) -> f32
      pw.yield %c : f32
  }
  return %1 : tensor<3x2xf32>
}

// The transpose has to be there for others: moving it would make a second one.
// CHECK-LABEL: func @do_not_double
// CHECK-COUNT-1: dnn.transpose
// CHECK-NOT: dnn.transpose
func.func @do_not_double(%x: tensor<2x3xf32>) -> (tensor<3x2xf32>, tensor<3x2xf32>) {
  %0 = dnn.transpose %x {perm = array<i64: 1, 0>} : (tensor<2x3xf32>) -> tensor<3x2xf32>
  %1 = dnn.pointwise %0 : (tensor<3x2xf32>) -> tensor<3x2xf32> {
    ^bb0(%a: f32):
      %b = pw.fn "exp"(%a) : (f32) -> f32
      pw.yield %b : f32
  }
  return %0, %1 : tensor<3x2xf32>, tensor<3x2xf32>
}

// CHECK-LABEL: func @concat
// CHECK: %[[C:.*]] = dnn.concat %arg0, %arg1 {axis = 1
// CHECK: dnn.transpose %[[C]] {perm = array<i64: 0, 2, 3, 1>} : (tensor<1x5x6x6xf32>) -> tensor<1x6x6x5xf32>
func.func @concat(%x: tensor<1x2x6x6xf32>, %y: tensor<1x3x6x6xf32>) -> tensor<1x6x6x5xf32> {
  %0 = dnn.transpose %x {perm = array<i64: 0, 2, 3, 1>} : (tensor<1x2x6x6xf32>) -> tensor<1x6x6x2xf32>
  %1 = dnn.transpose %y {perm = array<i64: 0, 2, 3, 1>} : (tensor<1x3x6x6xf32>) -> tensor<1x6x6x3xf32>
  %2 = dnn.concat %0, %1 {axis = 3 : i64} : (tensor<1x6x6x2xf32>, tensor<1x6x6x3xf32>) -> tensor<1x6x6x5xf32>
  return %2 : tensor<1x6x6x5xf32>
}

// One value per dim goes to its dim.
// CHECK-LABEL: func @per_dim
// CHECK: dnn.pad %arg0 {mode = "constant", pads = array<i64: 0, 3, 1, 2, 0, 6, 4, 5>}
// CHECK: dnn.slice %{{.*}} {sizes = array<i64: 1, 4, 2, 3>, starts = array<i64: 0, 2, 0, 1>, steps = array<i64: 1, 1, 1, 2>}
// CHECK: dnn.reduce %{{.*}} {axes = array<i64: 2, 3>
// CHECK: return
func.func @per_dim(%x: tensor<1x3x6x6xf32>) -> tensor<1x1x1x4xf32> {
  %0 = dnn.transpose %x {perm = array<i64: 0, 2, 3, 1>} : (tensor<1x3x6x6xf32>) -> tensor<1x6x6x3xf32>
  %1 = dnn.pad %0 {pads = array<i64: 0, 1, 2, 3, 0, 4, 5, 6>, mode = "constant"} : (tensor<1x6x6x3xf32>) -> tensor<1x11x13x12xf32>
  %2 = dnn.slice %1 {starts = array<i64: 0, 0, 1, 2>, sizes = array<i64: 1, 2, 3, 4>, steps = array<i64: 1, 1, 2, 1>}
      : (tensor<1x11x13x12xf32>) -> tensor<1x2x3x4xf32>
  %3 = dnn.reduce %2 {kind = 1 : i32, axes = array<i64: 1, 2>} : (tensor<1x2x3x4xf32>) -> tensor<1x1x1x4xf32>
  return %3 : tensor<1x1x1x4xf32>
}

// The bias behind a reshape that splits the rows goes before it.
// CHECK-LABEL: func @reshape
// CHECK: %[[P:.*]] = dnn.pointwise %arg0, %{{.*}} : (tensor<6x4xf32>, tensor<{{(1x)?}}4xf32>) -> tensor<6x4xf32>
// CHECK: dnn.reshape %[[P]] : tensor<6x4xf32> -> tensor<2x3x4xf32>
func.func @reshape(%x: tensor<6x4xf32>, %bias: tensor<4xf32>) -> tensor<2x3x4xf32> {
  %0 = dnn.reshape %x : tensor<6x4xf32> -> tensor<2x3x4xf32>
  %1 = dnn.pointwise %0, %bias : (tensor<2x3x4xf32>, tensor<4xf32>) -> tensor<2x3x4xf32> {
    ^bb0(%a: f32, %c: f32):
      %d = pw.fn "add"(%a, %c) : (f32, f32) -> f32
      pw.yield %d : f32
  }
  return %1 : tensor<2x3x4xf32>
}

// Channels stay when the reshape joins the spatial dims.
// CHECK-LABEL: func @reshape_joins
// CHECK: dnn.pointwise %arg0, %{{.*}} : (tensor<1x4x2x3xf32>, tensor<1x4x1x1xf32>)
func.func @reshape_joins(%x: tensor<1x4x2x3xf32>, %s: tensor<4x1xf32>) -> tensor<1x4x6xf32> {
  %0 = dnn.reshape %x : tensor<1x4x2x3xf32> -> tensor<1x4x6xf32>
  %1 = dnn.pointwise %0, %s : (tensor<1x4x6xf32>, tensor<4x1xf32>) -> tensor<1x4x6xf32> {
    ^bb0(%a: f32, %c: f32):
      %d = pw.fn "mul"(%a, %c) : (f32, f32) -> f32
      pw.yield %d : f32
  }
  return %1 : tensor<1x4x6xf32>
}

// Per row of two, in a shape where these rows are not a dim.
// CHECK-LABEL: func @do_not_split_groups
// CHECK: %[[R:.*]] = dnn.reshape %arg0
// CHECK: dnn.pointwise %[[R]], %arg1
func.func @do_not_split_groups(%x: tensor<8xf32>, %s: tensor<4x1xf32>) -> tensor<4x2xf32> {
  %0 = dnn.reshape %x : tensor<8xf32> -> tensor<4x2xf32>
  %1 = dnn.pointwise %0, %s : (tensor<4x2xf32>, tensor<4x1xf32>) -> tensor<4x2xf32> {
    ^bb0(%a: f32, %c: f32):
      %d = pw.fn "mul"(%a, %c) : (f32, f32) -> f32
      pw.yield %d : f32
  }
  return %1 : tensor<4x2xf32>
}

// The other operand's own producer could take this op as its epilogue.
// CHECK-LABEL: func @do_not_leave_producer
// CHECK: %[[R:.*]] = dnn.reshape %arg0
// CHECK: dnn.pointwise %[[R]], %arg1
func.func @do_not_leave_producer(%x: tensor<8xf32>, %y: tensor<4x2xf32>) -> tensor<4x2xf32> {
  %0 = dnn.reshape %x : tensor<8xf32> -> tensor<4x2xf32>
  %1 = dnn.pointwise %0, %y : (tensor<4x2xf32>, tensor<4x2xf32>) -> tensor<4x2xf32> {
    ^bb0(%a: f32, %c: f32):
      %d = pw.fn "mul"(%a, %c) : (f32, f32) -> f32
      pw.yield %d : f32
  }
  return %1 : tensor<4x2xf32>
}

// A residual that cannot become an epilogue where it is, added to one that can.
// CHECK-LABEL: func @residual
// CHECK: %[[M:.*]] = dnn.matmul
// CHECK: %[[Y:.*]] = dnn.reshape %arg1 : tensor<2x2x4xf32> -> tensor<4x4xf32>
// CHECK: %[[P:.*]] = dnn.pointwise %[[M]], %[[Y]]
// CHECK: dnn.reshape %[[P]]
func.func @residual(%x: tensor<4x4xf32>, %y: tensor<2x2x4xf32>) -> tensor<2x2x4xf32> {
  %0 = dnn.matmul %x, %x {operandSegmentSizes = array<i32: 1, 1, 0, 0>} : (tensor<4x4xf32>, tensor<4x4xf32>) -> tensor<4x4xf32>
  %1 = dnn.reshape %0 : tensor<4x4xf32> -> tensor<2x2x4xf32>
  %2 = dnn.pointwise %1, %y : (tensor<2x2x4xf32>, tensor<2x2x4xf32>) -> tensor<2x2x4xf32> {
    ^bb0(%a: f32, %c: f32):
      %d = pw.fn "add"(%a, %c) : (f32, f32) -> f32
      pw.yield %d : f32
  }
  return %2 : tensor<2x2x4xf32>
}

// A constant of any shape is transposed at compile time.
// CHECK-LABEL: func @constant
// CHECK: %[[C:.*]] = dnn.transpose %{{.*}} {perm = array<i64: 1, 0>} : (tensor<3x2xf32>) -> tensor<2x3xf32>
// CHECK: dnn.pointwise %arg0, %[[C]] : (tensor<2x3xf32>, tensor<2x3xf32>)
func.func @constant(%x: tensor<2x3xf32>) -> tensor<3x2xf32> {
  %c = dnn.constant dense<[[1.0, 2.0], [3.0, 4.0], [5.0, 6.0]]> : tensor<3x2xf32>
  %0 = dnn.transpose %x {perm = array<i64: 1, 0>} : (tensor<2x3xf32>) -> tensor<3x2xf32>
  %1 = dnn.pointwise %0, %c : (tensor<3x2xf32>, tensor<3x2xf32>) -> tensor<3x2xf32> {
    ^bb0(%a: f32, %b: f32):
      %d = pw.fn "add"(%a, %b) : (f32, f32) -> f32
      pw.yield %d : f32
  }
  return %1 : tensor<3x2xf32>
}
