// RUN: dnnc-opt --recognize-composites --simplify-graph --remove-dead-code %s 2>/dev/null | FileCheck %s
// RUN: dnnc-opt --recognize-composites --remove-dead-code %s 2>&1 >/dev/null | FileCheck %s --check-prefix=REMARK

// As PyTorch writes it.
// REMARK: [fuse] half is a GELU
// CHECK-LABEL: func @gelu_by_erf
// CHECK: pw.fn "gelu"(%{{.*}}) : (f32) -> f32
// CHECK-NOT: erf
func.func @gelu_by_erf(%x: tensor<2x4xf32>) -> tensor<2x4xf32> {
  %0 = dnn.pointwise %x : (tensor<2x4xf32>) -> tensor<2x4xf32> {
    ^bb0(%a: f32):
      %k = pw.const 1.41421354 : f32
      %r = pw.fn "div"(%a, %k) : (f32, f32) -> f32
      pw.yield %r : f32
  }
  %1 = dnn.pointwise %0 : (tensor<2x4xf32>) -> tensor<2x4xf32> {
    ^bb0(%a: f32):
      %r = pw.fn "erf"(%a) : (f32) -> f32
      pw.yield %r : f32
  }
  %2 = dnn.pointwise %1 : (tensor<2x4xf32>) -> tensor<2x4xf32> {
    ^bb0(%a: f32):
      %k = pw.const 1.0 : f32
      %r = pw.fn "add"(%a, %k) : (f32, f32) -> f32
      pw.yield %r : f32
  }
  %3 = dnn.pointwise %x, %2 : (tensor<2x4xf32>, tensor<2x4xf32>) -> tensor<2x4xf32> {
    ^bb0(%a: f32, %b: f32):
      %r = pw.fn "mul"(%a, %b) : (f32, f32) -> f32
      pw.yield %r : f32
  }
  %4 = dnn.pointwise %3 : (tensor<2x4xf32>) -> tensor<2x4xf32> {
    ^bb0(%a: f32):
      %k = pw.const 0.5 : f32
      %r = pw.fn "mul"(%a, %k) : (f32, f32) -> f32
      pw.yield %r : f32
  } loc("half")
  return %4 : tensor<2x4xf32>
}

// Half of x first, and a factor in place of the quotient.
// REMARK: [fuse] product is a GELU
// CHECK-LABEL: func @gelu_half_first
// CHECK: pw.fn "gelu"(%{{.*}}) : (f32) -> f32
// CHECK-NOT: erf
func.func @gelu_half_first(%x: tensor<2x4xf32>) -> tensor<2x4xf32> {
  %h = dnn.pointwise %x : (tensor<2x4xf32>) -> tensor<2x4xf32> {
    ^bb0(%a: f32):
      %k = pw.const 0.5 : f32
      %r = pw.fn "mul"(%a, %k) : (f32, f32) -> f32
      pw.yield %r : f32
  }
  %0 = dnn.pointwise %x : (tensor<2x4xf32>) -> tensor<2x4xf32> {
    ^bb0(%a: f32):
      %k = pw.const 0.707106769 : f32
      %r = pw.fn "mul"(%a, %k) : (f32, f32) -> f32
      pw.yield %r : f32
  }
  %1 = dnn.pointwise %0 : (tensor<2x4xf32>) -> tensor<2x4xf32> {
    ^bb0(%a: f32):
      %r = pw.fn "erf"(%a) : (f32) -> f32
      pw.yield %r : f32
  }
  %2 = dnn.pointwise %1 : (tensor<2x4xf32>) -> tensor<2x4xf32> {
    ^bb0(%a: f32):
      %k = pw.const 1.0 : f32
      %r = pw.fn "add"(%k, %a) : (f32, f32) -> f32
      pw.yield %r : f32
  }
  %3 = dnn.pointwise %h, %2 : (tensor<2x4xf32>, tensor<2x4xf32>) -> tensor<2x4xf32> {
    ^bb0(%a: f32, %b: f32):
      %r = pw.fn "mul"(%a, %b) : (f32, f32) -> f32
      pw.yield %r : f32
  } loc("product")
  return %3 : tensor<2x4xf32>
}

// As GPT-2 has it; x^3 is a product.
// REMARK: [fuse] new is a GELU
// CHECK-LABEL: func @gelu_by_tanh
// CHECK: pw.fn "gelu_tanh"(%{{.*}}) : (f32) -> f32
// CHECK-NOT: "tanh"
func.func @gelu_by_tanh(%x: tensor<2x4xf32>) -> tensor<2x4xf32> {
  %c = dnn.pointwise %x : (tensor<2x4xf32>) -> tensor<2x4xf32> {
    ^bb0(%a: f32):
      %s = pw.fn "mul"(%a, %a) : (f32, f32) -> f32
      %r = pw.fn "mul"(%s, %a) : (f32, f32) -> f32
      pw.yield %r : f32
  }
  %0 = dnn.pointwise %c : (tensor<2x4xf32>) -> tensor<2x4xf32> {
    ^bb0(%a: f32):
      %k = pw.const 0.044715 : f32
      %r = pw.fn "mul"(%a, %k) : (f32, f32) -> f32
      pw.yield %r : f32
  }
  %1 = dnn.pointwise %x, %0 : (tensor<2x4xf32>, tensor<2x4xf32>) -> tensor<2x4xf32> {
    ^bb0(%a: f32, %b: f32):
      %r = pw.fn "add"(%a, %b) : (f32, f32) -> f32
      pw.yield %r : f32
  }
  %2 = dnn.pointwise %1 : (tensor<2x4xf32>) -> tensor<2x4xf32> {
    ^bb0(%a: f32):
      %k = pw.const 0.797884583 : f32
      %r = pw.fn "mul"(%a, %k) : (f32, f32) -> f32
      pw.yield %r : f32
  }
  %3 = dnn.pointwise %2 : (tensor<2x4xf32>) -> tensor<2x4xf32> {
    ^bb0(%a: f32):
      %r = pw.fn "tanh"(%a) : (f32) -> f32
      pw.yield %r : f32
  }
  %4 = dnn.pointwise %3 : (tensor<2x4xf32>) -> tensor<2x4xf32> {
    ^bb0(%a: f32):
      %k = pw.const 1.0 : f32
      %r = pw.fn "add"(%a, %k) : (f32, f32) -> f32
      pw.yield %r : f32
  }
  %h = dnn.pointwise %x : (tensor<2x4xf32>) -> tensor<2x4xf32> {
    ^bb0(%a: f32):
      %k = pw.const 0.5 : f32
      %r = pw.fn "mul"(%a, %k) : (f32, f32) -> f32
      pw.yield %r : f32
  }
  %5 = dnn.pointwise %h, %4 : (tensor<2x4xf32>, tensor<2x4xf32>) -> tensor<2x4xf32> {
    ^bb0(%a: f32, %b: f32):
      %r = pw.fn "mul"(%a, %b) : (f32, f32) -> f32
      pw.yield %r : f32
  } loc("new")
  return %5 : tensor<2x4xf32>
}

// Another tensor than the error function's.
// CHECK-LABEL: func @do_not_fuse_other_factor
// CHECK-NOT: gelu
func.func @do_not_fuse_other_factor(%x: tensor<2x4xf32>, %y: tensor<2x4xf32>) -> tensor<2x4xf32> {
  %0 = dnn.pointwise %x : (tensor<2x4xf32>) -> tensor<2x4xf32> {
    ^bb0(%a: f32):
      %k = pw.const 1.41421354 : f32
      %r = pw.fn "div"(%a, %k) : (f32, f32) -> f32
      pw.yield %r : f32
  }
  %1 = dnn.pointwise %0 : (tensor<2x4xf32>) -> tensor<2x4xf32> {
    ^bb0(%a: f32):
      %r = pw.fn "erf"(%a) : (f32) -> f32
      pw.yield %r : f32
  }
  %2 = dnn.pointwise %1 : (tensor<2x4xf32>) -> tensor<2x4xf32> {
    ^bb0(%a: f32):
      %k = pw.const 1.0 : f32
      %r = pw.fn "add"(%a, %k) : (f32, f32) -> f32
      pw.yield %r : f32
  }
  %3 = dnn.pointwise %y, %2 : (tensor<2x4xf32>, tensor<2x4xf32>) -> tensor<2x4xf32> {
    ^bb0(%a: f32, %b: f32):
      %r = pw.fn "mul"(%a, %b) : (f32, f32) -> f32
      pw.yield %r : f32
  }
  %4 = dnn.pointwise %3 : (tensor<2x4xf32>) -> tensor<2x4xf32> {
    ^bb0(%a: f32):
      %k = pw.const 0.5 : f32
      %r = pw.fn "mul"(%a, %k) : (f32, f32) -> f32
      pw.yield %r : f32
  }
  return %4 : tensor<2x4xf32>
}

// erf(x), not erf(x / sqrt 2).
// CHECK-LABEL: func @do_not_fuse_other_scale
// CHECK-NOT: gelu
func.func @do_not_fuse_other_scale(%x: tensor<2x4xf32>) -> tensor<2x4xf32> {
  %1 = dnn.pointwise %x : (tensor<2x4xf32>) -> tensor<2x4xf32> {
    ^bb0(%a: f32):
      %r = pw.fn "erf"(%a) : (f32) -> f32
      pw.yield %r : f32
  }
  %2 = dnn.pointwise %1 : (tensor<2x4xf32>) -> tensor<2x4xf32> {
    ^bb0(%a: f32):
      %k = pw.const 1.0 : f32
      %r = pw.fn "add"(%a, %k) : (f32, f32) -> f32
      pw.yield %r : f32
  }
  %3 = dnn.pointwise %x, %2 : (tensor<2x4xf32>, tensor<2x4xf32>) -> tensor<2x4xf32> {
    ^bb0(%a: f32, %b: f32):
      %r = pw.fn "mul"(%a, %b) : (f32, f32) -> f32
      pw.yield %r : f32
  }
  %4 = dnn.pointwise %3 : (tensor<2x4xf32>) -> tensor<2x4xf32> {
    ^bb0(%a: f32):
      %k = pw.const 0.5 : f32
      %r = pw.fn "mul"(%a, %k) : (f32, f32) -> f32
      pw.yield %r : f32
  }
  return %4 : tensor<2x4xf32>
}

// REMARK: [fuse] norm + gamma + beta is a group normalization
// CHECK-LABEL: func @group_norm
// CHECK: dnn.group_norm %arg0, %{{.*}}, %{{.*}} {epsilon = {{.*}}, groups = 2 : i64} : (tensor<1x4x2x3xf32>, tensor<4xf32>, tensor<4xf32>)
// CHECK-NOT: dnn.pointwise
func.func @group_norm(%x: tensor<1x4x2x3xf32>) -> tensor<1x4x2x3xf32> {
  %one = dnn.constant dense<1.0> : tensor<2xf32>
  %zero = dnn.constant dense<0.0> : tensor<2xf32>
  %g = dnn.constant dense<[[[1.0]], [[2.0]], [[3.0]], [[4.0]]]> : tensor<4x1x1xf32>
  %0 = dnn.reshape %x : tensor<1x4x2x3xf32> -> tensor<1x2x12xf32>
  %1 = dnn.group_norm %0, %one, %zero {groups = 2 : i64, epsilon = 1.0e-5 : f64} : (tensor<1x2x12xf32>, tensor<2xf32>, tensor<2xf32>) -> tensor<1x2x12xf32> loc("norm")
  %2 = dnn.reshape %1 : tensor<1x2x12xf32> -> tensor<1x4x2x3xf32>
  %3 = dnn.pointwise %2, %g : (tensor<1x4x2x3xf32>, tensor<4x1x1xf32>) -> tensor<1x4x2x3xf32> {
    ^bb0(%a: f32, %b: f32):
      %r = pw.fn "mul"(%a, %b) : (f32, f32) -> f32
      pw.yield %r : f32
  } loc("gamma")
  %4 = dnn.pointwise %3, %g : (tensor<1x4x2x3xf32>, tensor<4x1x1xf32>) -> tensor<1x4x2x3xf32> {
    ^bb0(%a: f32, %b: f32):
      %r = pw.fn "add"(%a, %b) : (f32, f32) -> f32
      pw.yield %r : f32
  } loc("beta")
  return %4 : tensor<1x4x2x3xf32>
}

// The groups have scales of their own.
// CHECK-LABEL: func @do_not_fuse_scaled_groups
// CHECK: dnn.group_norm %{{.*}} : (tensor<1x2x12xf32>
// CHECK: dnn.pointwise
func.func @do_not_fuse_scaled_groups(%x: tensor<1x4x2x3xf32>) -> tensor<1x4x2x3xf32> {
  %one = dnn.constant dense<2.0> : tensor<2xf32>
  %zero = dnn.constant dense<0.0> : tensor<2xf32>
  %g = dnn.constant dense<[[[1.0]], [[2.0]], [[3.0]], [[4.0]]]> : tensor<4x1x1xf32>
  %0 = dnn.reshape %x : tensor<1x4x2x3xf32> -> tensor<1x2x12xf32>
  %1 = dnn.group_norm %0, %one, %zero {groups = 2 : i64, epsilon = 1.0e-5 : f64} : (tensor<1x2x12xf32>, tensor<2xf32>, tensor<2xf32>) -> tensor<1x2x12xf32> loc("norm")
  %2 = dnn.reshape %1 : tensor<1x2x12xf32> -> tensor<1x4x2x3xf32>
  %3 = dnn.pointwise %2, %g : (tensor<1x4x2x3xf32>, tensor<4x1x1xf32>) -> tensor<1x4x2x3xf32> {
    ^bb0(%a: f32, %b: f32):
      %r = pw.fn "mul"(%a, %b) : (f32, f32) -> f32
      pw.yield %r : f32
  } loc("gamma")
  %4 = dnn.pointwise %3, %g : (tensor<1x4x2x3xf32>, tensor<4x1x1xf32>) -> tensor<1x4x2x3xf32> {
    ^bb0(%a: f32, %b: f32):
      %r = pw.fn "add"(%a, %b) : (f32, f32) -> f32
      pw.yield %r : f32
  } loc("beta")
  return %4 : tensor<1x4x2x3xf32>
}

// As transformers write it: each angle stands twice in the tables.
// REMARK: [fuse] rope is a rotary embedding
// CHECK-LABEL: func @rotary
// CHECK: dnn.rotary %arg0, %{{.*}}, %{{.*}} : (tensor<1x2x3x4xf32>, tensor<1x3x2xf32>, tensor<1x3x2xf32>)
// CHECK-NOT: dnn.concat %{{.*}} -> tensor<1x2x3x4xf32>
func.func @rotary(%x: tensor<1x2x3x4xf32>, %p: tensor<1x3x2xf32>) -> tensor<1x2x3x4xf32> {
  %f = dnn.concat %p, %p {axis = 2 : i64} : (tensor<1x3x2xf32>, tensor<1x3x2xf32>) -> tensor<1x3x4xf32>
  %c = dnn.pointwise %f : (tensor<1x3x4xf32>) -> tensor<1x3x4xf32> {
    ^bb0(%a: f32):
      %r = pw.fn "cos"(%a) : (f32) -> f32
      pw.yield %r : f32
  }
  %s = dnn.pointwise %f : (tensor<1x3x4xf32>) -> tensor<1x3x4xf32> {
    ^bb0(%a: f32):
      %r = pw.fn "sin"(%a) : (f32) -> f32
      pw.yield %r : f32
  }
  %cos = dnn.reshape %c : tensor<1x3x4xf32> -> tensor<1x1x3x4xf32>
  %sin = dnn.reshape %s : tensor<1x3x4xf32> -> tensor<1x1x3x4xf32>
  %lo = dnn.slice %x {starts = array<i64: 0, 0, 0, 0>, sizes = array<i64: 1, 2, 3, 2>, steps = array<i64: 1, 1, 1, 1>} : (tensor<1x2x3x4xf32>) -> tensor<1x2x3x2xf32>
  %hi = dnn.slice %x {starts = array<i64: 0, 0, 0, 2>, sizes = array<i64: 1, 2, 3, 2>, steps = array<i64: 1, 1, 1, 1>} : (tensor<1x2x3x4xf32>) -> tensor<1x2x3x2xf32>
  %n = dnn.pointwise %hi : (tensor<1x2x3x2xf32>) -> tensor<1x2x3x2xf32> {
    ^bb0(%a: f32):
      %r = pw.fn "neg"(%a) : (f32) -> f32
      pw.yield %r : f32
  }
  %t = dnn.concat %n, %lo {axis = 3 : i64} : (tensor<1x2x3x2xf32>, tensor<1x2x3x2xf32>) -> tensor<1x2x3x4xf32>
  %0 = dnn.pointwise %x, %cos : (tensor<1x2x3x4xf32>, tensor<1x1x3x4xf32>) -> tensor<1x2x3x4xf32> {
    ^bb0(%a: f32, %b: f32):
      %r = pw.fn "mul"(%a, %b) : (f32, f32) -> f32
      pw.yield %r : f32
  }
  %1 = dnn.pointwise %t, %sin : (tensor<1x2x3x4xf32>, tensor<1x1x3x4xf32>) -> tensor<1x2x3x4xf32> {
    ^bb0(%a: f32, %b: f32):
      %r = pw.fn "mul"(%a, %b) : (f32, f32) -> f32
      pw.yield %r : f32
  }
  %2 = dnn.pointwise %0, %1 : (tensor<1x2x3x4xf32>, tensor<1x2x3x4xf32>) -> tensor<1x2x3x4xf32> {
    ^bb0(%a: f32, %b: f32):
      %r = pw.fn "add"(%a, %b) : (f32, f32) -> f32
      pw.yield %r : f32
  } loc("rope")
  return %2 : tensor<1x2x3x4xf32>
}

// Nothing says that both halves of the tables are equal.
// CHECK-LABEL: func @do_not_fuse_two_angles
// CHECK-NOT: dnn.rotary
func.func @do_not_fuse_two_angles(%x: tensor<1x2x3x4xf32>, %cos: tensor<1x1x3x4xf32>, %sin: tensor<1x1x3x4xf32>) -> tensor<1x2x3x4xf32> {
  %lo = dnn.slice %x {starts = array<i64: 0, 0, 0, 0>, sizes = array<i64: 1, 2, 3, 2>, steps = array<i64: 1, 1, 1, 1>} : (tensor<1x2x3x4xf32>) -> tensor<1x2x3x2xf32>
  %hi = dnn.slice %x {starts = array<i64: 0, 0, 0, 2>, sizes = array<i64: 1, 2, 3, 2>, steps = array<i64: 1, 1, 1, 1>} : (tensor<1x2x3x4xf32>) -> tensor<1x2x3x2xf32>
  %n = dnn.pointwise %hi : (tensor<1x2x3x2xf32>) -> tensor<1x2x3x2xf32> {
    ^bb0(%a: f32):
      %r = pw.fn "neg"(%a) : (f32) -> f32
      pw.yield %r : f32
  }
  %t = dnn.concat %n, %lo {axis = 3 : i64} : (tensor<1x2x3x2xf32>, tensor<1x2x3x2xf32>) -> tensor<1x2x3x4xf32>
  %0 = dnn.pointwise %x, %cos : (tensor<1x2x3x4xf32>, tensor<1x1x3x4xf32>) -> tensor<1x2x3x4xf32> {
    ^bb0(%a: f32, %b: f32):
      %r = pw.fn "mul"(%a, %b) : (f32, f32) -> f32
      pw.yield %r : f32
  }
  %1 = dnn.pointwise %t, %sin : (tensor<1x2x3x4xf32>, tensor<1x1x3x4xf32>) -> tensor<1x2x3x4xf32> {
    ^bb0(%a: f32, %b: f32):
      %r = pw.fn "mul"(%a, %b) : (f32, f32) -> f32
      pw.yield %r : f32
  }
  %2 = dnn.pointwise %0, %1 : (tensor<1x2x3x4xf32>, tensor<1x2x3x4xf32>) -> tensor<1x2x3x4xf32> {
    ^bb0(%a: f32, %b: f32):
      %r = pw.fn "add"(%a, %b) : (f32, f32) -> f32
      pw.yield %r : f32
  } loc("rope")
  return %2 : tensor<1x2x3x4xf32>
}
