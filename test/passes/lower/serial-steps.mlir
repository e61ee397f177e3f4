// RUN: dnnc-opt --pass-pipeline='builtin.module(exec.schedule(serial-steps))' %s | FileCheck %s

// Small by bytes and by arithmetic; large by either; and one of which nothing is known.
// CHECK: exec.call "k"{{.*}}bytes = 4000{{.*}}serial
// CHECK-NOT: serial
exec.schedule @main attributes {target = "avx2", inputs = [tensor<25xf32>], input_names = ["x"], outputs = [tensor<25xf32>], output_names = ["y"]} {
  %x = exec.input 0 : <f32>
  %y = exec.output 0 : <f32>
  exec.call "k" inputs(%x : !exec.buffer<f32>) outputs(%y : !exec.buffer<f32>) {bytes = 4000 : i64, flops = 100000 : i64, params = {}}
  exec.call "k" inputs(%x : !exec.buffer<f32>) outputs(%y : !exec.buffer<f32>) {bytes = 4000 : i64, flops = 1000000 : i64, params = {}}
  exec.call "k" inputs(%x : !exec.buffer<f32>) outputs(%y : !exec.buffer<f32>) {bytes = 400000 : i64, params = {}}
  exec.call "k" inputs(%x : !exec.buffer<f32>) outputs(%y : !exec.buffer<f32>) {params = {}}
}
