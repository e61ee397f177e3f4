// RUN: dnnc-opt --fold-constants --remove-dead-code %s 2>/dev/null | FileCheck %s
// RUN: dnnc-opt --fold-constants=max-growth=16 --remove-dead-code %s 2>&1 >/dev/null | FileCheck %s --check-prefix=REMARK

// Shape arithmetic as exporters leave it: pick, multiply, join. Integers stay integers.
// REMARK: [fold] pick computed at compile time
// CHECK-LABEL: func @shapes
// CHECK-NEXT: %[[C:.*]] = dnn.constant dense<[-1, 12]> : tensor<2xi64>
// CHECK-NEXT: return %[[C]]
func.func @shapes() -> tensor<2xi64> {
  %shape = dnn.constant dense<[2, 3, 4]> : tensor<3xi64>
  %one = dnn.constant dense<1> : tensor<1xi64>
  %two = dnn.constant dense<2> : tensor<1xi64>
  %minus = dnn.constant dense<-1> : tensor<1xi64>
  %0 = dnn.gather %shape, %one {axis = 0 : i64} : (tensor<3xi64>, tensor<1xi64>) -> tensor<1xi64> loc("pick")
  %1 = dnn.gather %shape, %two {axis = 0 : i64} : (tensor<3xi64>, tensor<1xi64>) -> tensor<1xi64>
  %2 = dnn.pointwise %0, %1 : (tensor<1xi64>, tensor<1xi64>) -> tensor<1xi64> {
    ^bb0(%a: i64, %b: i64):
      %c = pw.fn "mul"(%a, %b) : (i64, i64) -> i64
      pw.yield %c : i64
  }
  %3 = dnn.concat %minus, %2 {axis = 0 : i64} : (tensor<1xi64>, tensor<1xi64>) -> tensor<2xi64>
  return %3 : tensor<2xi64>
}

// CHECK-LABEL: func @floats
// CHECK-NEXT: %[[C:.*]] = dnn.constant dense<{{\[}}[1.100000e+01, 2.300000e+01]]> : tensor<1x2xf32>
// CHECK-NEXT: return %[[C]]
func.func @floats() -> tensor<1x2xf32> {
  %x = dnn.constant dense<[[1.0, 2.0]]> : tensor<1x2xf32>
  %w = dnn.constant dense<[[3.0, 4.0], [7.0, 8.0]]> : tensor<2x2xf32>
  %t = dnn.transpose %w {perm = array<i64: 1, 0>} : (tensor<2x2xf32>) -> tensor<2x2xf32>
  %0 = dnn.matmul %x, %t {operandSegmentSizes = array<i32: 1, 1, 0, 0>} : (tensor<1x2xf32>, tensor<2x2xf32>) -> tensor<1x2xf32>
  return %0 : tensor<1x2xf32>
}

// What is used by others stays; both results of an op are constants.
// CHECK-LABEL: func @two_results
// CHECK-DAG: %[[V:.*]] = dnn.constant dense<[9, 5]> : tensor<2xi64>
// CHECK-DAG: %[[I:.*]] = dnn.constant dense<[2, 0]> : tensor<2xi64>
// CHECK-DAG: %[[X:.*]] = dnn.constant dense<[5, 1, 9]> : tensor<3xi64>
// CHECK: return %[[V]], %[[I]], %[[X]]
func.func @two_results() -> (tensor<2xi64>, tensor<2xi64>, tensor<3xi64>) {
  %x = dnn.constant dense<[5, 1, 9]> : tensor<3xi64>
  %v, %i = dnn.top_k %x {axis = 0 : i64, k = 2 : i64, largest = true} : (tensor<3xi64>) -> (tensor<2xi64>, tensor<2xi64>)
  return %v, %i, %x : tensor<2xi64>, tensor<2xi64>, tensor<3xi64>
}

// CHECK-LABEL: func @do_not_fold_arguments
// CHECK: dnn.concat
func.func @do_not_fold_arguments(%x: tensor<1xi64>) -> tensor<2xi64> {
  %c = dnn.constant dense<1> : tensor<1xi64>
  %0 = dnn.concat %x, %c {axis = 0 : i64} : (tensor<1xi64>, tensor<1xi64>) -> tensor<2xi64>
  return %0 : tensor<2xi64>
}

// 8 elements of 4 bytes from one: 28 more than before; 16 are allowed in the second run.
// REMARK: [fold] not applied: repeat: the constant result would add 28 bytes to the weights
// CHECK-LABEL: func @do_not_bloat
// CHECK: dnn.constant dense<2.000000e+00> : tensor<8xf32>
func.func @do_not_bloat() -> tensor<8xf32> {
  %c = dnn.constant dense<2.0> : tensor<1xf32>
  %0 = dnn.broadcast %c : tensor<1xf32> -> tensor<8xf32> loc("repeat")
  return %0 : tensor<8xf32>
}

// Weights of a product may widen, whatever that adds; what is looked up in may not.
// REMARK: [fold] weights computed at compile time
// REMARK: [fold] not applied: table: the constant result would add 24 bytes to the weights
func.func @weights(%x: tensor<1x4xf32>, %i: tensor<1xi64>) -> (tensor<1x2xf32>, tensor<1x2xf32>) {
  %w = dnn.constant dense<[[1, 2], [3, 4], [5, 6], [7, 8]]> : tensor<4x2xi8>
  %f = dnn.pointwise %w : (tensor<4x2xi8>) -> tensor<4x2xf32> {
    ^bb0(%a: i8):
      %b = pw.fn "cast"(%a) : (i8) -> f32
      pw.yield %b : f32
  } loc("weights")
  %v = dnn.constant dense<[[2, 2], [3, 4], [5, 6], [7, 8]]> : tensor<4x2xi8>
  %g = dnn.pointwise %v : (tensor<4x2xi8>) -> tensor<4x2xf32> {
    ^bb0(%a: i8):
      %b = pw.fn "cast"(%a) : (i8) -> f32
      pw.yield %b : f32
  } loc("table")
  %y = dnn.matmul %x, %f {operandSegmentSizes = array<i32: 1, 1, 0, 0>} : (tensor<1x4xf32>, tensor<4x2xf32>) -> tensor<1x2xf32>
  %z = dnn.gather %g, %i {axis = 0 : i64} : (tensor<4x2xf32>, tensor<1xi64>) -> tensor<1x2xf32>
  return %y, %z : tensor<1x2xf32>, tensor<1x2xf32>
}
