// RUN: dnnc-opt --pass-pipeline='builtin.module(exec.schedule(plan-memory))' --split-input-file %s 2>/dev/null | FileCheck %s
// RUN: dnnc-opt --pass-pipeline='builtin.module(exec.schedule(plan-memory))' --split-input-file %s 2>&1 >/dev/null | FileCheck %s --check-prefix=REMARK

// Two buffers alternate: a chain of four needs the space of two, 64-byte aligned.
// CHECK-LABEL: exec.schedule @chain
// CHECK-SAME: arena_size = 256
// CHECK-SAME: lower_bound = 256
// CHECK: exec.alloc {bytes = 100 : i64, offset = 0 : i64}
// CHECK: exec.alloc {bytes = 100 : i64, offset = 128 : i64}
// CHECK: exec.alloc {bytes = 100 : i64, offset = 0 : i64}
// REMARK: [plan] arena 256 bytes in 3 buffers, 0 results in place; lower bound 256; scratch 0 bytes per thread
exec.schedule @chain attributes {target = "avx2", inputs = [tensor<25xf32>], input_names = ["x"], outputs = [tensor<25xf32>], output_names = ["y"]} {
  %x = exec.input 0 : <f32>
  %y = exec.output 0 : <f32>
  %a = exec.alloc {bytes = 100 : i64} : <f32>
  %b = exec.alloc {bytes = 100 : i64} : <f32>
  %c = exec.alloc {bytes = 100 : i64} : <f32>
  exec.call "k" inputs(%x : !exec.buffer<f32>) outputs(%a : !exec.buffer<f32>) {params = {}}
  exec.call "k" inputs(%a : !exec.buffer<f32>) outputs(%b : !exec.buffer<f32>) {params = {}}
  exec.call "k" inputs(%b : !exec.buffer<f32>) outputs(%c : !exec.buffer<f32>) {params = {}}
  exec.call "k" inputs(%c : !exec.buffer<f32>) outputs(%y : !exec.buffer<f32>) {params = {}}
}

// -----

// A result takes over the buffer of an operand that dies there, where the kernel allows it.
// CHECK-LABEL: exec.schedule @in_place
// CHECK-SAME: arena_size = 128
// REMARK: [plan] arena 128 bytes in 1 buffers, 1 results in place
exec.schedule @in_place attributes {target = "avx2", inputs = [tensor<25xf32>], input_names = ["x"], outputs = [tensor<25xf32>], output_names = ["y"]} {
  %x = exec.input 0 : <f32>
  %y = exec.output 0 : <f32>
  %a = exec.alloc {bytes = 100 : i64} : <f32>
  %b = exec.alloc {bytes = 100 : i64} : <f32>
  exec.call "k" inputs(%x : !exec.buffer<f32>) outputs(%a : !exec.buffer<f32>) {params = {}}
  exec.call "k" inputs(%a : !exec.buffer<f32>) outputs(%b : !exec.buffer<f32>) {params = {}, aliases = array<i64: 0>}
  exec.call "k" inputs(%b : !exec.buffer<f32>) outputs(%y : !exec.buffer<f32>) {params = {}}
}

// -----

// @do_not_share_while_read_later: %a is read again after the step, and by the same step through an operand that must not alias.
// CHECK-LABEL: exec.schedule @do_not_share_while_read_later
// CHECK-SAME: arena_size = 256
// REMARK: 0 results in place
exec.schedule @do_not_share_while_read_later attributes {target = "avx2", inputs = [tensor<25xf32>], input_names = ["x"], outputs = [tensor<25xf32>], output_names = ["y"]} {
  %x = exec.input 0 : <f32>
  %y = exec.output 0 : <f32>
  %a = exec.alloc {bytes = 100 : i64} : <f32>
  %b = exec.alloc {bytes = 100 : i64} : <f32>
  exec.call "k" inputs(%x : !exec.buffer<f32>) outputs(%a : !exec.buffer<f32>) {params = {}}
  exec.call "k" inputs(%a : !exec.buffer<f32>) outputs(%b : !exec.buffer<f32>) {params = {}, aliases = array<i64: 0>}
  exec.call "k" inputs(%a, %b : !exec.buffer<f32>, !exec.buffer<f32>) outputs(%y : !exec.buffer<f32>) {params = {}}
}

// -----

// CHECK-LABEL: exec.schedule @do_not_share_with_a_plain_operand
// CHECK-SAME: arena_size = 256
exec.schedule @do_not_share_with_a_plain_operand attributes {target = "avx2", inputs = [tensor<25xf32>], input_names = ["x"], outputs = [tensor<25xf32>], output_names = ["y"]} {
  %x = exec.input 0 : <f32>
  %y = exec.output 0 : <f32>
  %a = exec.alloc {bytes = 100 : i64} : <f32>
  %b = exec.alloc {bytes = 100 : i64} : <f32>
  exec.call "k" inputs(%x : !exec.buffer<f32>) outputs(%a : !exec.buffer<f32>) {params = {}}
  exec.call "k" inputs(%a, %a : !exec.buffer<f32>, !exec.buffer<f32>) outputs(%b : !exec.buffer<f32>) {params = {}, aliases = array<i64: 1>}
  exec.call "k" inputs(%b : !exec.buffer<f32>) outputs(%y : !exec.buffer<f32>) {params = {}}
}

// -----

// The scratch of a step counts in the bound; the largest is what a thread needs.
// CHECK-LABEL: exec.schedule @scratch
// CHECK-SAME: lower_bound = 1152
// CHECK-SAME: scratch_size = 1024
exec.schedule @scratch attributes {target = "avx2", inputs = [tensor<25xf32>], input_names = ["x"], outputs = [tensor<25xf32>], output_names = ["y"]} {
  %x = exec.input 0 : <f32>
  %y = exec.output 0 : <f32>
  %a = exec.alloc {bytes = 100 : i64} : <f32>
  exec.call "k" inputs(%x : !exec.buffer<f32>) outputs(%a : !exec.buffer<f32>) {params = {}, scratch_bytes = 1000 : i64}
  exec.call "k" inputs(%a : !exec.buffer<f32>) outputs(%y : !exec.buffer<f32>) {params = {}, scratch_bytes = 64 : i64}
}
