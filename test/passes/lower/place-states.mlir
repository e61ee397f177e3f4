// RUN: dnnc-opt --pass-pipeline='builtin.module(exec.schedule(place-states))' --split-input-file %s 2>/dev/null | FileCheck %s
// RUN: dnnc-opt --pass-pipeline='builtin.module(exec.schedule(place-states))' --split-input-file %s 2>&1 >/dev/null | FileCheck %s --check-prefix=REMARK

// The state is written by the first step and read by the second: it waits in a buffer.
// CHECK-LABEL: exec.schedule @read_late
// CHECK: %[[B:.*]] = exec.alloc {bytes = 100 : i64}
// CHECK: exec.call "k" inputs(%[[S:.*]] : !exec.buffer<f32>) outputs(%[[B]] :
// CHECK: exec.call "k" inputs(%[[S]] : !exec.buffer<f32>) outputs(%[[Y:.*]] :
// CHECK: %[[T:.*]] = exec.output 1
// CHECK: exec.call "move_copy_b32" inputs(%[[B]] : !exec.buffer<f32>) outputs(%[[T]] : !exec.buffer<f32>) {bytes = 200 : i64, params = {dst_strides = array<i64: 1>, rank = 1 : i64, shape = array<i64: 25>, src_strides = array<i64: 1>}, text = "state 't' put in its place"}
// REMARK: [states] output 't' is copied at the end: its input is read after it is written
exec.schedule @read_late attributes {target = "avx2", inputs = [tensor<25xf32>], input_names = ["s"], outputs = [tensor<25xf32>, tensor<25xf32>],
    output_names = ["y", "t"], states = array<i64: 0, 1>} {
  %s = exec.input 0 : !exec.buffer<f32>
  %y = exec.output 0 : !exec.buffer<f32>
  %t = exec.output 1 : !exec.buffer<f32>
  exec.call "k" inputs(%s : !exec.buffer<f32>) outputs(%t : !exec.buffer<f32>) {params = {}}
  exec.call "k" inputs(%s : !exec.buffer<f32>) outputs(%y : !exec.buffer<f32>) {params = {}}
}

// -----

// Read before it is written, also by the output's own kernel where that allows it: nothing to do.
// CHECK-LABEL: exec.schedule @do_not_copy
// CHECK-NOT: exec.alloc
// CHECK-NOT: move_copy
// REMARK-NOT: [states] {{.*}}do_not_copy
exec.schedule @do_not_copy attributes {target = "avx2", inputs = [tensor<25xf32>, tensor<9xf32>, tensor<9xf32>], input_names = ["a", "b", "c"],
    outputs = [tensor<25xf32>, tensor<9xf32>, tensor<9xf32>], output_names = ["d", "e", "f"], states = array<i64: 0, 0, 1, 1, 2, 2>} {
  %a = exec.input 0 : !exec.buffer<f32>
  %b = exec.input 1 : !exec.buffer<f32>
  %c = exec.input 2 : !exec.buffer<f32>
  %d = exec.output 0 : !exec.buffer<f32>
  %e = exec.output 1 : !exec.buffer<f32>
  %f = exec.output 2 : !exec.buffer<f32>
  exec.call "k" inputs(%b, %a : !exec.buffer<f32>, !exec.buffer<f32>) outputs(%d : !exec.buffer<f32>) {params = {}, aliases = array<i64: 1>}
  exec.call "k" inputs(%d, %b, %c : !exec.buffer<f32>, !exec.buffer<f32>, !exec.buffer<f32>) outputs(%f, %e : !exec.buffer<f32>, !exec.buffer<f32>)
      {params = {}, aliases = array<i64: 2>, in_place = array<i64: 1, 1>}
}

// -----

// The kernel allows it for the whole buffer, not for another place in it.
// CHECK-LABEL: exec.schedule @part
// CHECK: exec.call "move_copy_b32"
// REMARK: [states] output 't'
exec.schedule @part attributes {target = "avx2", inputs = [tensor<25xf32>], input_names = ["s"], outputs = [tensor<25xf32>], output_names = ["t"],
    states = array<i64: 0, 0>} {
  %s = exec.input 0 : !exec.buffer<f32>
  %t = exec.output 0 : !exec.buffer<f32>
  %part = exec.view %s[4] : !exec.buffer<f32> -> !exec.buffer<f32>
  exec.call "k" inputs(%part : !exec.buffer<f32>) outputs(%t : !exec.buffer<f32>) {params = {}, aliases = array<i64: 0>}
}
