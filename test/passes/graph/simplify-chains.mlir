// RUN: dnnc-opt --simplify-graph %s | FileCheck %s

// Identity and casts that lose nothing and come back.
// CHECK-LABEL: func @identities
// CHECK-NEXT: return %arg0, %arg1
func.func @identities(%x: tensor<4xf32>, %y: tensor<4xui8>) -> (tensor<4xf32>, tensor<4xui8>) {
  %0 = dnn.pointwise %x : (tensor<4xf32>) -> tensor<4xf32> {
    ^bb0(%a: f32):
      %b = pw.fn "identity"(%a) : (f32) -> f32
      %c = pw.fn "cast"(%b) : (f32) -> f32
      pw.yield %c : f32
  }
  %1 = dnn.pointwise %y : (tensor<4xui8>) -> tensor<4xi32> {
    ^bb0(%a: ui8):
      %b = pw.fn "cast"(%a) : (ui8) -> i32
      pw.yield %b : i32
  }
  %2 = dnn.pointwise %1 : (tensor<4xi32>) -> tensor<4xui8> {
    ^bb0(%a: i32):
      %b = pw.fn "cast"(%a) : (i32) -> ui8
      pw.yield %b : ui8
  }
  return %0, %2 : tensor<4xf32>, tensor<4xui8>
}

// i64 to f32 rounds; f32 to i8 and back cuts.
// CHECK-LABEL: func @do_not_drop_lossy_casts
// CHECK: (i64) -> f32
// CHECK: (f32) -> f64
// CHECK: (f32) -> i8
// CHECK: (i8) -> f32
func.func @do_not_drop_lossy_casts(%x: tensor<4xi64>, %y: tensor<4xf32>) -> (tensor<4xf64>, tensor<4xf32>) {
  %0 = dnn.pointwise %x : (tensor<4xi64>) -> tensor<4xf64> {
    ^bb0(%a: i64):
      %b = pw.fn "cast"(%a) : (i64) -> f32
      %c = pw.fn "cast"(%b) : (f32) -> f64
      pw.yield %c : f64
  }
  %1 = dnn.pointwise %y : (tensor<4xf32>) -> tensor<4xf32> {
    ^bb0(%a: f32):
      %b = pw.fn "cast"(%a) : (f32) -> i8
      %c = pw.fn "cast"(%b) : (i8) -> f32
      pw.yield %c : f32
  }
  return %0, %1 : tensor<4xf64>, tensor<4xf32>
}

// x * 1 + 0, 1 * x, x / 1, x^1.
// CHECK-LABEL: func @neutral
// CHECK-NEXT: return %arg0
func.func @neutral(%x: tensor<4xf32>) -> tensor<4xf32> {
  %one = dnn.constant dense<1.0> : tensor<4xf32>
  %0 = dnn.pointwise %one, %x : (tensor<4xf32>, tensor<4xf32>) -> tensor<4xf32> {
    ^bb0(%i: f32, %a: f32):
      %zero = pw.const 0.0 : f32
      %b = pw.fn "mul"(%i, %a) : (f32, f32) -> f32
      %c = pw.fn "add"(%zero, %b) : (f32, f32) -> f32
      %d = pw.fn "div"(%c, %i) : (f32, f32) -> f32
      %e = pw.fn "pow"(%d, %i) : (f32, f32) -> f32
      %f = pw.fn "sub"(%e, %zero) : (f32, f32) -> f32
      pw.yield %f : f32
  }
  return %0 : tensor<4xf32>
}

// 1 - x, 1 / x and 0 - x are not x.
// CHECK-LABEL: func @do_not_commute
// CHECK: "sub"
// CHECK: "div"
// CHECK: "pow"
func.func @do_not_commute(%x: tensor<4xf32>) -> tensor<4xf32> {
  %0 = dnn.pointwise %x : (tensor<4xf32>) -> tensor<4xf32> {
    ^bb0(%a: f32):
      %zero = pw.const 0.0 : f32
      %one = pw.const 1.0 : f32
      %b = pw.fn "sub"(%zero, %a) : (f32, f32) -> f32
      %c = pw.fn "div"(%one, %b) : (f32, f32) -> f32
      %d = pw.fn "pow"(%one, %c) : (f32, f32) -> f32
      pw.yield %d : f32
  }
  return %0 : tensor<4xf32>
}

// CHECK-LABEL: func @powers
// CHECK-NEXT: dnn.pointwise
// CHECK-NEXT: ^bb0(%[[X:.*]]: f32):
// CHECK-NEXT: %[[M:.*]] = pw.fn "mul"(%[[X]], %[[X]])
// CHECK-NEXT: %[[S:.*]] = pw.fn "sqrt"(%[[M]])
// CHECK-NEXT: %[[THREE:.*]] = pw.const 3
// CHECK-NEXT: pw.fn "pow"(%[[S]], %[[THREE]])
func.func @powers(%x: tensor<4xf32>) -> tensor<4xf32> {
  %0 = dnn.pointwise %x : (tensor<4xf32>) -> tensor<4xf32> {
    ^bb0(%a: f32):
      %two = pw.const 2.0 : f32
      %half = pw.const 0.5 : f32
      %b = pw.fn "pow"(%a, %two) : (f32, f32) -> f32
      %c = pw.fn "pow"(%b, %half) : (f32, f32) -> f32
      %three = pw.const 3.0 : f32
      %d = pw.fn "pow"(%c, %three) : (f32, f32) -> f32
      pw.yield %d : f32
  }
  return %0 : tensor<4xf32>
}

// Scalars and constants of equal elements move into the chain, whatever their type.
// CHECK-LABEL: func @scalars
// CHECK-NOT: dnn.constant
// CHECK: dnn.pointwise %arg0 :
// CHECK: pw.const 6.000000e+00 : f32
// CHECK: dnn.pointwise %arg1 :
// CHECK: pw.const 200 : ui8
// CHECK: dnn.pointwise %arg2 :
// CHECK: pw.const true
func.func @scalars(%x: tensor<2x4xf32>, %y: tensor<4xui8>, %z: tensor<4xi1>) -> (tensor<2x4xf32>, tensor<4xui8>, tensor<4xi1>) {
  %six = dnn.constant dense<6.0> : tensor<f32>
  %200 = dnn.constant dense<200> : tensor<4xui8>
  %true = dnn.constant dense<true> : tensor<1xi1>
  %0 = dnn.pointwise %x, %six : (tensor<2x4xf32>, tensor<f32>) -> tensor<2x4xf32> {
    ^bb0(%a: f32, %b: f32):
      %c = pw.fn "min"(%a, %b) : (f32, f32) -> f32
      pw.yield %c : f32
  }
  %1 = dnn.pointwise %y, %200 : (tensor<4xui8>, tensor<4xui8>) -> tensor<4xui8> {
    ^bb0(%a: ui8, %b: ui8):
      %c = pw.fn "max"(%a, %b) : (ui8, ui8) -> ui8
      pw.yield %c : ui8
  }
  %2 = dnn.pointwise %z, %true : (tensor<4xi1>, tensor<1xi1>) -> tensor<4xi1> {
    ^bb0(%a: i1, %b: i1):
      %c = pw.fn "logical_xor"(%a, %b) : (i1, i1) -> i1
      pw.yield %c : i1
  }
  return %0, %1, %2 : tensor<2x4xf32>, tensor<4xui8>, tensor<4xi1>
}

// The constant gives the result its shape.
// CHECK-LABEL: func @do_not_drop_shape
// CHECK: dnn.constant
// CHECK: dnn.pointwise %arg0, %
func.func @do_not_drop_shape(%x: tensor<1x4xf32>) -> tensor<3x4xf32> {
  %c = dnn.constant dense<2.0> : tensor<3x1xf32>
  %0 = dnn.pointwise %x, %c : (tensor<1x4xf32>, tensor<3x1xf32>) -> tensor<3x4xf32> {
    ^bb0(%a: f32, %b: f32):
      %d = pw.fn "mul"(%a, %b) : (f32, f32) -> f32
      pw.yield %d : f32
  }
  return %0 : tensor<3x4xf32>
}

// A broadcast operand is read in place; one operand twice is read once; one that is not read is no operand.
// CHECK-LABEL: func @operands
// CHECK-NOT: dnn.broadcast
// CHECK: dnn.pointwise %arg0, %arg1 : (tensor<3x4xf32>, tensor<4xf32>)
// CHECK-NEXT: ^bb0(%[[X:.*]]: f32, %[[Y:.*]]: f32):
// CHECK-NEXT: %[[A:.*]] = pw.fn "add"(%[[X]], %[[Y]])
// CHECK-NEXT: pw.fn "mul"(%[[A]], %[[X]])
func.func @operands(%x: tensor<3x4xf32>, %y: tensor<4xf32>, %z: tensor<3x4xf32>) -> tensor<3x4xf32> {
  %0 = dnn.broadcast %y : tensor<4xf32> -> tensor<3x4xf32>
  %1 = dnn.pointwise %x, %0, %x, %z : (tensor<3x4xf32>, tensor<3x4xf32>, tensor<3x4xf32>, tensor<3x4xf32>) -> tensor<3x4xf32> {
    ^bb0(%a: f32, %b: f32, %c: f32, %d: f32):
      %e = pw.fn "add"(%a, %b) : (f32, f32) -> f32
      %f = pw.fn "mul"(%e, %c) : (f32, f32) -> f32
      pw.yield %f : f32
  }
  return %1 : tensor<3x4xf32>
}

// CHECK-LABEL: func @do_not_drop_broadcast
// CHECK: dnn.broadcast
func.func @do_not_drop_broadcast(%x: tensor<4xf32>) -> tensor<3x4xf32> {
  %0 = dnn.broadcast %x : tensor<4xf32> -> tensor<3x4xf32>
  %1 = dnn.pointwise %0 : (tensor<3x4xf32>) -> tensor<3x4xf32> {
    ^bb0(%a: f32):
      %b = pw.fn "exp"(%a) : (f32) -> f32
      pw.yield %b : f32
  }
  return %1 : tensor<3x4xf32>
}
