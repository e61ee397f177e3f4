// One case for each message of the verifiers.
// RUN: dnnc-opt --split-input-file --verify-diagnostics %s

// expected-error @+1 {{needs one name per input and output}}
exec.schedule @main attributes {target = "generic", inputs = [tensor<4xf32>], input_names = [], outputs = [], output_names = []} {
}

// -----

exec.schedule @main attributes {target = "generic", inputs = [tensor<4xf32>], input_names = ["x"], outputs = [tensor<4xf32>], output_names = ["y"]} {
  // expected-error @+1 {{index is 1, there are 1 inputs}}
  %x = exec.input 1 : !exec.buffer<f32>
}

// -----

exec.schedule @main attributes {target = "generic", inputs = [tensor<4xf32>], input_names = ["x"], outputs = [tensor<4xf32>], output_names = ["y"]} {
  // expected-error @+1 {{index is 2, there are 1 outputs}}
  %y = exec.output 2 : !exec.buffer<f32>
}

// -----

exec.schedule @main attributes {target = "generic", inputs = [tensor<4xf32>], input_names = ["x"], outputs = [tensor<4xf32>], output_names = ["y"]} {
  %x = exec.input 0 : !exec.buffer<f32>
  %y = exec.output 0 : !exec.buffer<f32>
  // expected-error @+1 {{of a map needs a chain}}
  exec.call "map" inputs(%x : !exec.buffer<f32>) outputs(%y : !exec.buffer<f32>) {params = {}}
}

// -----

exec.schedule @main attributes {target = "generic", inputs = [tensor<4xf32>], input_names = ["x"], outputs = [tensor<4xf32>], output_names = ["y"]} {
  %x = exec.input 0 : !exec.buffer<f32>
  %y = exec.output 0 : !exec.buffer<f32>
  // expected-error @+1 {{chain takes 1 values, there are 2}}
  exec.call "map" inputs(%x, %x : !exec.buffer<f32>, !exec.buffer<f32>) outputs(%y : !exec.buffer<f32>) {params = {}} chain {
    ^bb0(%0: f32):
      pw.yield %0 : f32
  }
}

// -----

exec.schedule @main attributes {target = "generic", inputs = [tensor<4xf32>], input_names = ["x"], outputs = [tensor<4xf32>], output_names = ["y"]} {
  %x = exec.input 0 : !exec.buffer<f32>
  %y = exec.output 0 : !exec.buffer<f32>
  // expected-error @+1 {{chain argument is 'f64', its buffer '!exec.buffer<f32>'}}
  exec.call "map" inputs(%x : !exec.buffer<f32>) outputs(%y : !exec.buffer<f32>) {params = {}} chain {
    ^bb0(%0: f64):
      pw.yield %0 : f64
  }
}

// -----

exec.schedule @main attributes {target = "generic", inputs = [tensor<4xf32>], input_names = ["x"], outputs = [tensor<4xf32>], output_names = ["y"]} {
  %x = exec.input 0 : !exec.buffer<f32>
  %y = exec.output 0 : !exec.buffer<f32>
  // expected-error @+1 {{chain takes 1 values, there are 2}}
  exec.call "pool" inputs(%x : !exec.buffer<f32>) args(%x : !exec.buffer<f32>) outputs(%y : !exec.buffer<f32>) {params = {}, arg_strides = array<i64: 0, 0, 1>} chain {
    ^bb0(%0: f32):
      pw.yield %0 : f32
  }
}

// -----

exec.schedule @main attributes {target = "generic", inputs = [tensor<4xf32>], input_names = ["x"], outputs = [tensor<4xf32>], output_names = ["y"]} {
  %x = exec.input 0 : !exec.buffer<f32>
  %y = exec.output 0 : !exec.buffer<f32>
  // expected-error @+1 {{has chain operands but no chain}}
  exec.call "pool" inputs(%x : !exec.buffer<f32>) args(%x : !exec.buffer<f32>) outputs(%y : !exec.buffer<f32>) {params = {}, arg_strides = array<i64: 0, 0, 1>}
}

// -----

exec.schedule @main attributes {target = "generic", inputs = [tensor<4xf32>], input_names = ["x"], outputs = [tensor<4xf32>], output_names = ["y"]} {
  %x = exec.input 0 : !exec.buffer<f32>
  %y = exec.output 0 : !exec.buffer<f32>
  // expected-error @+1 {{arg_strides needs three values for each of the 1 args}}
  exec.call "pool" inputs(%x : !exec.buffer<f32>) args(%x : !exec.buffer<f32>) outputs(%y : !exec.buffer<f32>) {params = {}, arg_strides = array<i64: 1>} chain {
    ^bb0(%0: f32, %1: f32):
      pw.yield %0 : f32
  }
}

// -----

exec.schedule @main attributes {target = "generic", inputs = [tensor<4xf32>], input_names = ["x"], outputs = [tensor<4xf32>], output_names = ["y"]} {
  %x = exec.input 0 : !exec.buffer<f32>
  %y = exec.output 0 : !exec.buffer<f32>
  %v = exec.view %x[4] : !exec.buffer<f32> -> !exec.buffer<f32>
  // expected-error @+1 {{writes to an input or a weight}}
  exec.call "pool" inputs(%y : !exec.buffer<f32>) outputs(%v : !exec.buffer<f32>) {params = {}}
}

// -----

// expected-error @+1 {{'states' has the pair 0, 1; there are 1 inputs and 1 outputs}}
exec.schedule @main attributes {target = "generic", inputs = [tensor<4xf32>], input_names = ["x"], outputs = [tensor<4xf32>], output_names = ["y"],
    states = array<i64: 0, 1>} {
}

// -----

// expected-error @+1 {{'states' pairs tensor<4xf32> with tensor<5xf32>}}
exec.schedule @main attributes {target = "generic", inputs = [tensor<4xf32>], input_names = ["x"], outputs = [tensor<5xf32>], output_names = ["y"],
    states = array<i64: 0, 0>} {
}
