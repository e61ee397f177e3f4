// Schedules that cannot be printed: what is wrong, by name.
// RUN: split-file %s %t
// RUN: not dnnc %t/kernel.mlir -o %t/m.cpp 2>&1 | FileCheck --check-prefix=KERNEL %s
// KERNEL: node 'a': there is no kernel 'conv_of_dreams' in runtime/kernels
// RUN: not dnnc %t/field.mlir -o %t/m.cpp 2>&1 | FileCheck --check-prefix=FIELD %s
// FIELD: node 'a': kernel 'move_copy_b32' has no parameter 'speed'
// RUN: not dnnc %t/value.mlir -o %t/m.cpp 2>&1 | FileCheck --check-prefix=VALUE %s
// VALUE: node 'a': parameter 'shape' of kernel 'move_copy_b32' is 4 : i64; it is at most 8 integers
// RUN: not dnnc %t/plan.mlir -o %t/m.cpp 2>&1 | FileCheck --check-prefix=PLAN %s
// PLAN: has no offset: memory is not planned
// RUN: not dnnc %t/arena.mlir -o %t/m.cpp 2>&1 | FileCheck --check-prefix=ARENA %s
// ARENA: ends behind the arena of 64 bytes
// RUN: not dnnc %t/stride.mlir -o %t/m.cpp 2>&1 | FileCheck --check-prefix=STRIDE %s
// STRIDE: node 'a': the column stride of epilogue operand 0 is 2; accepted: 0, 1
// RUN: not dnnc %t/epilogue.mlir -o %t/m.cpp 2>&1 | FileCheck --check-prefix=EPILOGUE %s
// EPILOGUE: node 'a': kernel 'softmax_f32' takes no epilogue
// RUN: not dnnc %t/target.mlir -o %t/m.cpp 2>&1 | FileCheck --check-prefix=TARGET %s
// TARGET: unknown target 'abacus'
// RUN: not ls %t/m.cpp %t/m.h

//--- kernel.mlir
exec.schedule @main attributes {target = "avx2", inputs = [tensor<4xf32>], input_names = ["x"], outputs = [tensor<4xf32>], output_names = ["y"]} {
  %x = exec.input 0 : !exec.buffer<f32>
  %y = exec.output 0 : !exec.buffer<f32>
  exec.call "conv_of_dreams" inputs(%x : !exec.buffer<f32>) outputs(%y : !exec.buffer<f32>) {params = {}} loc("a")
}
//--- field.mlir
exec.schedule @main attributes {target = "avx2", inputs = [tensor<4xf32>], input_names = ["x"], outputs = [tensor<4xf32>], output_names = ["y"]} {
  %x = exec.input 0 : !exec.buffer<f32>
  %y = exec.output 0 : !exec.buffer<f32>
  exec.call "move_copy_b32" inputs(%x : !exec.buffer<f32>) outputs(%y : !exec.buffer<f32>) {params = {rank = 1, speed = 9}} loc("a")
}
//--- value.mlir
exec.schedule @main attributes {target = "avx2", inputs = [tensor<4xf32>], input_names = ["x"], outputs = [tensor<4xf32>], output_names = ["y"]} {
  %x = exec.input 0 : !exec.buffer<f32>
  %y = exec.output 0 : !exec.buffer<f32>
  exec.call "move_copy_b32" inputs(%x : !exec.buffer<f32>) outputs(%y : !exec.buffer<f32>) {params = {rank = 1, shape = 4}} loc("a")
}
//--- plan.mlir
exec.schedule @main attributes {target = "avx2", inputs = [tensor<4xf32>], input_names = ["x"], outputs = [tensor<4xf32>], output_names = ["y"]} {
  %b = exec.alloc {bytes = 16 : i64} : !exec.buffer<f32>
}
//--- arena.mlir
exec.schedule @main attributes {target = "avx2", inputs = [tensor<4xf32>], input_names = ["x"], outputs = [tensor<4xf32>], output_names = ["y"], arena_size = 64 : i64} {
  %x = exec.input 0 : !exec.buffer<f32>
  %b = exec.alloc {bytes = 16 : i64, offset = 64 : i64} : !exec.buffer<f32>
  exec.call "move_copy_b32" inputs(%x : !exec.buffer<f32>) outputs(%b : !exec.buffer<f32>) {params = {rank = 0}} loc("a")
}
//--- stride.mlir
exec.schedule @main attributes {target = "avx2", inputs = [tensor<4xf32>], input_names = ["x"], outputs = [tensor<4xf32>], output_names = ["y"]} {
  %x = exec.input 0 : !exec.buffer<f32>
  %y = exec.output 0 : !exec.buffer<f32>
  exec.call "reduce_sum_f32" inputs(%x : !exec.buffer<f32>) args(%x : !exec.buffer<f32>) outputs(%y : !exec.buffer<f32>)
      {params = {outer = 1}, arg_strides = array<i64: 0, 0, 2>} chain {
    ^bb0(%acc: f32, %a: f32):
      %0 = pw.fn "add"(%acc, %a) : (f32, f32) -> f32
      pw.yield %0 : f32
  } loc("a")
}
//--- epilogue.mlir
exec.schedule @main attributes {target = "avx2", inputs = [tensor<4xf32>], input_names = ["x"], outputs = [tensor<4xf32>], output_names = ["y"]} {
  %x = exec.input 0 : !exec.buffer<f32>
  %y = exec.output 0 : !exec.buffer<f32>
  exec.call "softmax_f32" inputs(%x : !exec.buffer<f32>) outputs(%y : !exec.buffer<f32>) {params = {outer = 1}} chain {
    ^bb0(%acc: f32):
      %0 = pw.fn "relu"(%acc) : (f32) -> f32
      pw.yield %0 : f32
  } loc("a")
}
//--- target.mlir
exec.schedule @main attributes {target = "abacus", inputs = [tensor<4xf32>], input_names = ["x"], outputs = [tensor<4xf32>], output_names = ["y"]} {
}
