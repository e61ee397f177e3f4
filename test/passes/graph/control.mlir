// RUN: dnnc-opt --fuse-pointwise %s 2>/dev/null | FileCheck %s
// RUN: dnnc-opt --remove-dead-code %s 2>/dev/null | FileCheck %s --check-prefix=DEAD

// Inside a body ops fuse with each other; what stands outside of it stays there, where it runs once.
// CHECK-LABEL: func @loop
// CHECK: dnn.matmul %arg0, %arg1
// CHECK: dnn.loop
// CHECK: dnn.matmul
// CHECK: ^bb0(%[[ACC:.*]]: f32, %{{.*}}: f32):
// CHECK: pw.fn "add"
// CHECK: pw.fn "tanh"
// CHECK-NOT: pw.fn "add"
// CHECK: dnn.yield
// DEAD-LABEL: func @loop
// DEAD-NOT: pw.fn "exp"
// DEAD-NOT: pw.fn "neg"
// DEAD: return
func.func @loop(%x: tensor<4x8xf32>, %w: tensor<8x8xf32>) -> tensor<4x8xf32> {
  %m = dnn.matmul %x, %w {operandSegmentSizes = array<i32: 1, 1, 0, 0>} : (tensor<4x8xf32>, tensor<8x8xf32>) -> tensor<4x8xf32>
  %unused = dnn.pointwise %m : (tensor<4x8xf32>) -> tensor<4x8xf32> {
    ^bb0(%a: f32):
      %b = pw.fn "exp"(%a) : (f32) -> f32
      pw.yield %b : f32
  }
  %y = dnn.loop carried(%x) {count = 100 : i64, scan_axes = array<i64>, scan_reversed = array<i1>, stack_axes = array<i64>,
      stack_reversed = array<i1>, operandSegmentSizes = array<i32: 0, 0, 1, 0>} : (tensor<4x8xf32>) -> tensor<4x8xf32> {
  ^bb0(%i: tensor<i64>, %s: tensor<4x8xf32>):
    %dead = dnn.pointwise %unused : (tensor<4x8xf32>) -> tensor<4x8xf32> {
      ^bb0(%a: f32):
        %b = pw.fn "neg"(%a) : (f32) -> f32
        pw.yield %b : f32
    }
    %p = dnn.matmul %s, %w {operandSegmentSizes = array<i32: 1, 1, 0, 0>} : (tensor<4x8xf32>, tensor<8x8xf32>) -> tensor<4x8xf32>
    %q = dnn.pointwise %p, %m : (tensor<4x8xf32>, tensor<4x8xf32>) -> tensor<4x8xf32> {
      ^bb0(%a: f32, %b: f32):
        %c = pw.fn "add"(%a, %b) : (f32, f32) -> f32
        %d = pw.fn "tanh"(%c) : (f32) -> f32
        pw.yield %d : f32
    }
    dnn.yield %q : tensor<4x8xf32>
  }
  return %y : tensor<4x8xf32>
}
