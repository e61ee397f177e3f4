// RUN: dnnc-opt --fuse-pointwise='max-operands=2 max-epilogue-operands=1' %s 2>/dev/null | FileCheck %s
// RUN: dnnc-opt --fuse-pointwise='max-operands=2 max-epilogue-operands=1' %s 2>&1 >/dev/null | FileCheck %s --check-prefix=REMARK

// REMARK: [fuse] not applied: mul joined with add: the chain would have 3 operands, at most 2 are taken
// CHECK-LABEL: func @do_not_join_many
// CHECK-COUNT-2: dnn.pointwise
func.func @do_not_join_many(%x: tensor<4xf32>, %y: tensor<4xf32>, %z: tensor<4xf32>) -> tensor<4xf32> {
  %0 = dnn.pointwise %x, %y : (tensor<4xf32>, tensor<4xf32>) -> tensor<4xf32> {
    ^bb0(%a: f32, %b: f32):
      %c = pw.fn "mul"(%a, %b) : (f32, f32) -> f32
      pw.yield %c : f32
  } loc("mul")
  %1 = dnn.pointwise %0, %z : (tensor<4xf32>, tensor<4xf32>) -> tensor<4xf32> {
    ^bb0(%a: f32, %b: f32):
      %c = pw.fn "add"(%a, %b) : (f32, f32) -> f32
      pw.yield %c : f32
  } loc("add")
  return %1 : tensor<4xf32>
}

// REMARK: [fuse] not applied: clip fused into product: the epilogue would have 2 operands, at most 1 are taken
// CHECK-LABEL: func @do_not_fuse_many
// CHECK: dnn.pointwise
func.func @do_not_fuse_many(%x: tensor<4x4xf32>, %low: tensor<4xf32>, %high: tensor<4xf32>) -> tensor<4x4xf32> {
  %0 = dnn.matmul %x, %x {operandSegmentSizes = array<i32: 1, 1, 0, 0>} : (tensor<4x4xf32>, tensor<4x4xf32>) -> tensor<4x4xf32> loc("product")
  %1 = dnn.pointwise %0, %low, %high : (tensor<4x4xf32>, tensor<4xf32>, tensor<4xf32>) -> tensor<4x4xf32> {
    ^bb0(%a: f32, %b: f32, %c: f32):
      %d = pw.fn "clip"(%a, %b, %c) : (f32, f32, f32) -> f32
      pw.yield %d : f32
  } loc("clip")
  return %1 : tensor<4x4xf32>
}
