// RUN: dnnc-opt %s | FileCheck %s
// RUN: dnnc-opt %s > %t.1 && dnnc-opt %t.1 > %t.2 && diff %t.1 %t.2
// RUN: dnnc-opt --mlir-print-op-generic %s | dnnc-opt > %t.3 && diff %t.1 %t.3

// CHECK: exec.schedule @main attributes {
// CHECK: %[[X:.*]] = exec.input 0 : <f32>
// CHECK: %[[W:.*]] = exec.weight dense<1.000000e+00> : tensor<4xf32> {name = "w", offset = 64 : i64} : <f32>
// CHECK: %[[A:.*]] = exec.alloc {bytes = 32 : i64, offset = 0 : i64} : <f32>
// CHECK: %[[V:.*]] = exec.view %[[A]][16] : <f32> -> <f32>
// CHECK: exec.call "conv_direct" inputs(%[[X]], %[[W]] : !exec.buffer<f32>, !exec.buffer<f32>) args(%[[W]] : !exec.buffer<f32>)
// CHECK-SAME: outputs(%[[V]] : !exec.buffer<f32>) {arg_strides = array<i64: 0, 0, 1>, params = {n = 1 : i64}, scratch_bytes = 64 : i64}
// CHECK: %[[Y:.*]] = exec.output 0 : <f32>
// CHECK: exec.call "map" inputs(%[[V]] : !exec.buffer<f32>) outputs(%[[Y]] : !exec.buffer<f32>)
exec.schedule @main attributes {target = "generic", inputs = [tensor<4xf32>], input_names = ["x"], outputs = [tensor<4xf32>], output_names = ["y"],
    arena_size = 32 : i64, scratch_size = 64 : i64, lower_bound = 16 : i64} {
  %x = exec.input 0 : !exec.buffer<f32>
  %w = exec.weight dense<1.0> : tensor<4xf32> {name = "w", offset = 64 : i64} : !exec.buffer<f32>
  %a = exec.alloc {bytes = 32 : i64, offset = 0 : i64} : !exec.buffer<f32>
  %v = exec.view %a[16] : !exec.buffer<f32> -> !exec.buffer<f32>
  exec.call "conv_direct" inputs(%x, %w : !exec.buffer<f32>, !exec.buffer<f32>) args(%w : !exec.buffer<f32>) outputs(%v : !exec.buffer<f32>)
      {params = {n = 1 : i64}, arg_strides = array<i64: 0, 0, 1>, scratch_bytes = 64 : i64} chain {
    ^bb0(%acc: f32, %b: f32):
      %0 = pw.fn "add"(%acc, %b) : (f32, f32) -> f32
      pw.yield %0 : f32
  }
  %y = exec.output 0 : !exec.buffer<f32>
  exec.call "map" inputs(%v : !exec.buffer<f32>) outputs(%y : !exec.buffer<f32>) {params = {}, text = "relu"} chain {
    ^bb0(%0: f32):
      %1 = pw.fn "relu"(%0) : (f32) -> f32
      pw.yield %1 : f32
  }
}
