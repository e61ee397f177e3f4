// RUN: dnnc-opt --recognize-composites --remove-dead-code %s 2>/dev/null | FileCheck %s
// RUN: dnnc-opt --recognize-composites --remove-dead-code %s 2>&1 >/dev/null | FileCheck %s --check-prefix=REMARK

// As PyTorch writes it for opsets before 17, after simplification (x^2 is x * x).
// REMARK: [fuse] div + gamma + beta is a layer normalization
// CHECK-LABEL: func @layer_norm
// CHECK: %[[Y:.*]] = dnn.layer_norm %arg0, %{{.*}}, %{{.*}} {axis = 1 : i64, epsilon = 9.999999{{[0-9]*}}E-6 : f64}
// CHECK-NOT: dnn.pointwise
// CHECK: return %[[Y]]
func.func @layer_norm(%x: tensor<2x4xf32>) -> tensor<2x4xf32> {
  %gamma = dnn.constant dense<[1.0, 2.0, 3.0, 4.0]> : tensor<4xf32>
  %beta = dnn.constant dense<[[4.0, 3.0, 2.0, 1.0]]> : tensor<1x4xf32>
  %mean = dnn.reduce %x {kind = 1 : i32, axes = array<i64: -1>} : (tensor<2x4xf32>) -> tensor<2x1xf32>
  %d = dnn.pointwise %x, %mean : (tensor<2x4xf32>, tensor<2x1xf32>) -> tensor<2x4xf32> {
    ^bb0(%a: f32, %b: f32):
      %c = pw.fn "sub"(%a, %b) : (f32, f32) -> f32
      pw.yield %c : f32
  }
  %s = dnn.pointwise %d : (tensor<2x4xf32>) -> tensor<2x4xf32> {
    ^bb0(%a: f32):
      %c = pw.fn "mul"(%a, %a) : (f32, f32) -> f32
      pw.yield %c : f32
  }
  %v = dnn.reduce %s {kind = 1 : i32, axes = array<i64: 1>} : (tensor<2x4xf32>) -> tensor<2x1xf32>
  %e = dnn.pointwise %v : (tensor<2x1xf32>) -> tensor<2x1xf32> {
    ^bb0(%a: f32):
      %eps = pw.const 1.0e-05 : f32
      %c = pw.fn "add"(%a, %eps) : (f32, f32) -> f32
      pw.yield %c : f32
  }
  %r = dnn.pointwise %e : (tensor<2x1xf32>) -> tensor<2x1xf32> {
    ^bb0(%a: f32):
      %c = pw.fn "sqrt"(%a) : (f32) -> f32
      pw.yield %c : f32
  }
  %n = dnn.pointwise %d, %r : (tensor<2x4xf32>, tensor<2x1xf32>) -> tensor<2x4xf32> {
    ^bb0(%a: f32, %b: f32):
      %c = pw.fn "div"(%a, %b) : (f32, f32) -> f32
      pw.yield %c : f32
  } loc("div")
  %g = dnn.pointwise %n, %gamma : (tensor<2x4xf32>, tensor<4xf32>) -> tensor<2x4xf32> {
    ^bb0(%a: f32, %b: f32):
      %c = pw.fn "mul"(%a, %b) : (f32, f32) -> f32
      pw.yield %c : f32
  } loc("gamma")
  %y = dnn.pointwise %g, %beta : (tensor<2x4xf32>, tensor<1x4xf32>) -> tensor<2x4xf32> {
    ^bb0(%a: f32, %b: f32):
      %c = pw.fn "add"(%a, %b) : (f32, f32) -> f32
      pw.yield %c : f32
  } loc("beta")
  return %y : tensor<2x4xf32>
}

// Without mean, by a reciprocal, and without parameters: the scale is 1.
// REMARK: [fuse] scaled is an RMS normalization
// CHECK-LABEL: func @rms_norm
// CHECK: %[[ONE:.*]] = dnn.constant dense<1.000000e+00> : tensor<4xf32>
// CHECK: dnn.layer_norm %arg0, %[[ONE]] {axis = 1 : i64, epsilon = {{.*}}, rms = true}
// CHECK-NOT: dnn.pointwise
func.func @rms_norm(%x: tensor<2x4xf32>) -> tensor<2x4xf32> {
  %s = dnn.pointwise %x : (tensor<2x4xf32>) -> tensor<2x4xf32> {
    ^bb0(%a: f32):
      %c = pw.fn "mul"(%a, %a) : (f32, f32) -> f32
      pw.yield %c : f32
  }
  %v = dnn.reduce %s {kind = 1 : i32, axes = array<i64: 1>} : (tensor<2x4xf32>) -> tensor<2x1xf32>
  %e = dnn.pointwise %v : (tensor<2x1xf32>) -> tensor<2x1xf32> {
    ^bb0(%a: f32):
      %eps = pw.const 1.0e-06 : f32
      %c = pw.fn "add"(%eps, %a) : (f32, f32) -> f32
      pw.yield %c : f32
  }
  %r = dnn.pointwise %e : (tensor<2x1xf32>) -> tensor<2x1xf32> {
    ^bb0(%a: f32):
      %c = pw.fn "sqrt"(%a) : (f32) -> f32
      pw.yield %c : f32
  }
  %i = dnn.pointwise %r : (tensor<2x1xf32>) -> tensor<2x1xf32> {
    ^bb0(%a: f32):
      %c = pw.fn "reciprocal"(%a) : (f32) -> f32
      pw.yield %c : f32
  }
  %n = dnn.pointwise %x, %i : (tensor<2x4xf32>, tensor<2x1xf32>) -> tensor<2x4xf32> {
    ^bb0(%a: f32, %b: f32):
      %c = pw.fn "mul"(%a, %b) : (f32, f32) -> f32
      pw.yield %c : f32
  } loc("scaled")
  return %n : tensor<2x4xf32>
}

// As TensorFlow writes it: x * (gamma / spread) + (beta - mean * (gamma / spread)).
// REMARK: [fuse] moments is a layer normalization
// CHECK-LABEL: func @shifted
// CHECK: %[[Y:.*]] = dnn.layer_norm %arg0, %{{.*}}, %{{.*}} {axis = 1 : i64
// CHECK-NOT: dnn.pointwise
// CHECK: return %[[Y]]
func.func @shifted(%x: tensor<2x4xf32>) -> tensor<2x4xf32> {
  %gamma = dnn.constant dense<[1.0, 2.0, 3.0, 4.0]> : tensor<4xf32>
  %beta = dnn.constant dense<[4.0, 3.0, 2.0, 1.0]> : tensor<4xf32>
  %mean = dnn.reduce %x {kind = 1 : i32, axes = array<i64: 1>} : (tensor<2x4xf32>) -> tensor<2x1xf32>
  %d = dnn.pointwise %x, %mean : (tensor<2x4xf32>, tensor<2x1xf32>) -> tensor<2x4xf32> {
    ^bb0(%a: f32, %b: f32):
      %c = pw.fn "sub"(%a, %b) : (f32, f32) -> f32
      pw.yield %c : f32
  }
  %s = dnn.pointwise %d : (tensor<2x4xf32>) -> tensor<2x4xf32> {
    ^bb0(%a: f32):
      %c = pw.fn "mul"(%a, %a) : (f32, f32) -> f32
      pw.yield %c : f32
  }
  %v = dnn.reduce %s {kind = 1 : i32, axes = array<i64: 1>} : (tensor<2x4xf32>) -> tensor<2x1xf32>
  %e = dnn.pointwise %v : (tensor<2x1xf32>) -> tensor<2x1xf32> {
    ^bb0(%a: f32):
      %eps = pw.const 1.0e-03 : f32
      %c = pw.fn "add"(%a, %eps) : (f32, f32) -> f32
      pw.yield %c : f32
  }
  %r = dnn.pointwise %e : (tensor<2x1xf32>) -> tensor<2x1xf32> {
    ^bb0(%a: f32):
      %c = pw.fn "sqrt"(%a) : (f32) -> f32
      pw.yield %c : f32
  }
  %i = dnn.pointwise %r : (tensor<2x1xf32>) -> tensor<2x1xf32> {
    ^bb0(%a: f32):
      %c = pw.fn "reciprocal"(%a) : (f32) -> f32
      pw.yield %c : f32
  }
  %f = dnn.pointwise %i, %gamma : (tensor<2x1xf32>, tensor<4xf32>) -> tensor<2x4xf32> {
    ^bb0(%a: f32, %b: f32):
      %c = pw.fn "mul"(%a, %b) : (f32, f32) -> f32
      pw.yield %c : f32
  }
  %p = dnn.pointwise %f, %x : (tensor<2x4xf32>, tensor<2x4xf32>) -> tensor<2x4xf32> {
    ^bb0(%a: f32, %b: f32):
      %c = pw.fn "mul"(%a, %b) : (f32, f32) -> f32
      pw.yield %c : f32
  }
  %t = dnn.pointwise %mean, %f : (tensor<2x1xf32>, tensor<2x4xf32>) -> tensor<2x4xf32> {
    ^bb0(%a: f32, %b: f32):
      %c = pw.fn "mul"(%a, %b) : (f32, f32) -> f32
      pw.yield %c : f32
  }
  %q = dnn.pointwise %beta, %t : (tensor<4xf32>, tensor<2x4xf32>) -> tensor<2x4xf32> {
    ^bb0(%a: f32, %b: f32):
      %c = pw.fn "sub"(%a, %b) : (f32, f32) -> f32
      pw.yield %c : f32
  }
  %y = dnn.pointwise %p, %q : (tensor<2x4xf32>, tensor<2x4xf32>) -> tensor<2x4xf32> {
    ^bb0(%a: f32, %b: f32):
      %c = pw.fn "add"(%a, %b) : (f32, f32) -> f32
      pw.yield %c : f32
  } loc("moments")
  return %y : tensor<2x4xf32>
}

// Over the channels of an image, which are not the last dims.
// CHECK-LABEL: func @do_not_normalize_channels
// CHECK-NOT: dnn.layer_norm
func.func @do_not_normalize_channels(%x: tensor<2x4x3xf32>) -> tensor<2x4x3xf32> {
  %s = dnn.pointwise %x : (tensor<2x4x3xf32>) -> tensor<2x4x3xf32> {
    ^bb0(%a: f32):
      %c = pw.fn "mul"(%a, %a) : (f32, f32) -> f32
      pw.yield %c : f32
  }
  %v = dnn.reduce %s {kind = 1 : i32, axes = array<i64: 1>} : (tensor<2x4x3xf32>) -> tensor<2x1x3xf32>
  %e = dnn.pointwise %v : (tensor<2x1x3xf32>) -> tensor<2x1x3xf32> {
    ^bb0(%a: f32):
      %eps = pw.const 1.0e-06 : f32
      %c = pw.fn "add"(%eps, %a) : (f32, f32) -> f32
      pw.yield %c : f32
  }
  %r = dnn.pointwise %e : (tensor<2x1x3xf32>) -> tensor<2x1x3xf32> {
    ^bb0(%a: f32):
      %c = pw.fn "sqrt"(%a) : (f32) -> f32
      pw.yield %c : f32
  }
  %n = dnn.pointwise %x, %r : (tensor<2x4x3xf32>, tensor<2x1x3xf32>) -> tensor<2x4x3xf32> {
    ^bb0(%a: f32, %b: f32):
      %c = pw.fn "div"(%a, %b) : (f32, f32) -> f32
      pw.yield %c : f32
  }
  return %n : tensor<2x4x3xf32>
}

// REMARK: [fuse] quotient is a softmax
// CHECK-LABEL: func @softmax
// CHECK-NEXT: %[[Y:.*]] = dnn.softmax %arg0 {axis = 1 : i64}
// CHECK-NEXT: return %[[Y]]
func.func @softmax(%x: tensor<2x4xf32>) -> tensor<2x4xf32> {
  %m = dnn.reduce %x {kind = 2 : i32, axes = array<i64: -1>} : (tensor<2x4xf32>) -> tensor<2x1xf32>
  %d = dnn.pointwise %x, %m : (tensor<2x4xf32>, tensor<2x1xf32>) -> tensor<2x4xf32> {
    ^bb0(%a: f32, %b: f32):
      %c = pw.fn "sub"(%a, %b) : (f32, f32) -> f32
      pw.yield %c : f32
  }
  %e = dnn.pointwise %d : (tensor<2x4xf32>) -> tensor<2x4xf32> {
    ^bb0(%a: f32):
      %c = pw.fn "exp"(%a) : (f32) -> f32
      pw.yield %c : f32
  }
  %s = dnn.reduce %e {kind = 0 : i32, axes = array<i64: 1>} : (tensor<2x4xf32>) -> tensor<2x1xf32>
  %y = dnn.pointwise %e, %s : (tensor<2x4xf32>, tensor<2x1xf32>) -> tensor<2x4xf32> {
    ^bb0(%a: f32, %b: f32):
      %c = pw.fn "div"(%a, %b) : (f32, f32) -> f32
      pw.yield %c : f32
  } loc("quotient")
  return %y : tensor<2x4xf32>
}

// A sum of something else.
// CHECK-LABEL: func @do_not_see_softmax
// CHECK-NOT: dnn.softmax
func.func @do_not_see_softmax(%x: tensor<2x4xf32>, %z: tensor<2x4xf32>) -> tensor<2x4xf32> {
  %e = dnn.pointwise %x : (tensor<2x4xf32>) -> tensor<2x4xf32> {
    ^bb0(%a: f32):
      %c = pw.fn "exp"(%a) : (f32) -> f32
      pw.yield %c : f32
  }
  %s = dnn.reduce %z {kind = 0 : i32, axes = array<i64: 1>} : (tensor<2x4xf32>) -> tensor<2x1xf32>
  %y = dnn.pointwise %e, %s : (tensor<2x4xf32>, tensor<2x1xf32>) -> tensor<2x4xf32> {
    ^bb0(%a: f32, %b: f32):
      %c = pw.fn "div"(%a, %b) : (f32, f32) -> f32
      pw.yield %c : f32
  }
  return %y : tensor<2x4xf32>
}
