// RUN: dnnc-opt --split-input-file --verify-diagnostics %s

// expected-error @+1 {{layout [0, 2] is not a permutation of 0..1}}
func.func @not_a_permutation(%x: tensor<2x4xf32, #dnn.layout<[0, 2]>>) {
  return
}

// -----

// expected-error @+1 {{layout [1, 0] has 2 dims, the tensor 3}}
func.func @rank(%x: tensor<2x4x3xf32, #dnn.layout<[1, 0]>>) {
  return
}
