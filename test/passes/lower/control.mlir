// RUN: dnnc-opt --pass-pipeline='builtin.module(lower-to-exec,exec.schedule(plan-memory))' %s 2>/dev/null | FileCheck %s

// The state is the result's buffer, which the next value is written to; slices of the scan input and places in the stack are views.
// CHECK-LABEL: exec.schedule @scan
// CHECK-DAG: %[[X:.*]] = exec.input 1
// CHECK-DAG: %[[LAST:.*]] = exec.output 0
// CHECK-DAG: %[[ROWS:.*]] = exec.output 1
// CHECK: exec.call "move_copy_b32" {{.*}} outputs(%[[LAST]]
// CHECK: exec.loop attributes {count = 50 : i64{{.*}}
// CHECK: ^bb0(%[[I:.*]]: index):
// CHECK: %[[ROW:.*]] = exec.view %[[X]][784] by %[[I]] {step = -16 : i64}
// CHECK: %[[PLACE:.*]] = exec.view %[[ROWS]][0] by %[[I]] {step = 16 : i64}
// CHECK: exec.call "map" inputs(%[[LAST]], %[[ROW]] : {{.*}}) outputs(%[[LAST]] :
// CHECK: exec.call "move_copy_b32" inputs(%[[LAST]] : {{.*}} outputs(%[[PLACE]] :
// CHECK-NOT: exec.call
func.func @scan(%s0: tensor<4xf32>, %x: tensor<50x4xf32>) -> (tensor<4xf32>, tensor<50x4xf32>) {
  %y:2 = dnn.loop carried(%s0) scanned(%x) {count = 50 : i64, scan_axes = array<i64: 0>, scan_reversed = array<i1: true>,
      stack_axes = array<i64: 0>, stack_reversed = array<i1: false>, operandSegmentSizes = array<i32: 0, 0, 1, 1>}
      : (tensor<4xf32>, tensor<50x4xf32>) -> (tensor<4xf32>, tensor<50x4xf32>) {
  ^bb0(%i: tensor<i64>, %s: tensor<4xf32>, %row: tensor<4xf32>):
    %n = dnn.pointwise %s, %row : (tensor<4xf32>, tensor<4xf32>) -> tensor<4xf32> {
      ^bb0(%a: f32, %b: f32):
        %c = pw.fn "add"(%a, %b) : (f32, f32) -> f32
        pw.yield %c : f32
    }
    dnn.yield %n, %n : tensor<4xf32>, tensor<4xf32>
  }
  return %y#0, %y#1 : tensor<4xf32>, tensor<50x4xf32>
}

// A value from outside must outlive all iterations: %e, read by the first op of the body only, shares no memory with what the body makes.
// CHECK-LABEL: exec.schedule @outer_value
// CHECK: %[[E:.*]] = exec.alloc {bytes = 256 : i64, offset = [[OFFSET:.*]] : i64}
// CHECK: exec.loop trips(%
// CHECK-NOT: exec.alloc {bytes = 256 : i64, offset = [[OFFSET]] : i64}
// CHECK: exec.call "map" inputs(%[[E]],
func.func @outer_value(%x: tensor<64xf32>, %m: tensor<i64>) -> tensor<64xf32> {
  %e = dnn.pointwise %x : (tensor<64xf32>) -> tensor<64xf32> {
    ^bb0(%a: f32):
      %b = pw.fn "exp"(%a) : (f32) -> f32
      pw.yield %b : f32
  }
  %y = dnn.loop trips(%m) carried(%x) {scan_axes = array<i64>, scan_reversed = array<i1>, stack_axes = array<i64>,
      stack_reversed = array<i1>, operandSegmentSizes = array<i32: 1, 0, 1, 0>} : (tensor<i64>, tensor<64xf32>) -> tensor<64xf32> {
  ^bb0(%i: tensor<i64>, %s: tensor<64xf32>):
    %t = dnn.pointwise %e, %s : (tensor<64xf32>, tensor<64xf32>) -> tensor<64xf32> {
      ^bb0(%a: f32, %b: f32):
        %c = pw.fn "mul"(%a, %b) : (f32, f32) -> f32
        pw.yield %c : f32
    }
    %u = dnn.softmax %t {axis = 0 : i64, log = false} : (tensor<64xf32>) -> tensor<64xf32>
    dnn.yield %u : tensor<64xf32>
  }
  return %y : tensor<64xf32>
}

// CHECK-LABEL: exec.schedule @branch
// CHECK: %[[OUT:.*]] = exec.output 0
// CHECK: exec.if %
// CHECK: exec.call "map" {{.*}} outputs(%[[OUT]]
// CHECK: } else {
// CHECK: exec.call "move_copy_b32" {{.*}} outputs(%[[OUT]]
func.func @branch(%c: tensor<i1>, %x: tensor<64xf32>) -> tensor<64xf32> {
  %y = dnn.if %c : (tensor<i1>) -> tensor<64xf32> {
    %e = dnn.pointwise %x : (tensor<64xf32>) -> tensor<64xf32> {
      ^bb0(%a: f32):
        %b = pw.fn "exp"(%a) : (f32) -> f32
        pw.yield %b : f32
    }
    dnn.yield %e : tensor<64xf32>
  } else {
    dnn.yield %x : tensor<64xf32>
  }
  return %y : tensor<64xf32>
}
