// One case for each message of type inference of attention and rotary.
// RUN: dnnc-opt --split-input-file --verify-diagnostics %s

func.func @attention_rank(%q: tensor<4x3x8xf32>, %k: tensor<2x2x5x8xf32>) {
  // expected-error @+2 {{they must have rank 4 and one element type}}
  // expected-error @+1 {{failed to infer returned types}}
  %0 = dnn.attention %q, %k, %k {scale = 1.0 : f64} : (tensor<4x3x8xf32>, tensor<2x2x5x8xf32>, tensor<2x2x5x8xf32>) -> tensor<4x3x8xf32>
  return
}

// -----

func.func @attention_columns(%q: tensor<2x4x3x6xf32>, %k: tensor<2x2x5x8xf32>) {
  // expected-error @+2 {{their last dims must be equal}}
  // expected-error @+1 {{failed to infer returned types}}
  %0 = dnn.attention %q, %k, %k {scale = 1.0 : f64} : (tensor<2x4x3x6xf32>, tensor<2x2x5x8xf32>, tensor<2x2x5x8xf32>) -> tensor<2x4x3x6xf32>
  return
}

// -----

func.func @attention_batch(%q: tensor<1x4x3x8xf32>, %k: tensor<2x2x5x8xf32>) {
  // expected-error @+2 {{they must have the same batch}}
  // expected-error @+1 {{failed to infer returned types}}
  %0 = dnn.attention %q, %k, %k {scale = 1.0 : f64} : (tensor<1x4x3x8xf32>, tensor<2x2x5x8xf32>, tensor<2x2x5x8xf32>) -> tensor<1x4x3x8xf32>
  return
}

// -----

func.func @attention_heads(%q: tensor<2x3x3x8xf32>, %k: tensor<2x2x5x8xf32>) {
  // expected-error @+2 {{query has 3 heads and key 2; the second must divide the first}}
  // expected-error @+1 {{failed to infer returned types}}
  %0 = dnn.attention %q, %k, %k {scale = 1.0 : f64} : (tensor<2x3x3x8xf32>, tensor<2x2x5x8xf32>, tensor<2x2x5x8xf32>) -> tensor<2x3x3x8xf32>
  return
}

// -----

func.func @attention_keys(%q: tensor<2x2x3x8xf32>, %k: tensor<2x2x5x8xf32>, %v: tensor<2x2x6x8xf32>) {
  // expected-error @+2 {{they must have the same batch, heads and number of keys}}
  // expected-error @+1 {{failed to infer returned types}}
  %0 = dnn.attention %q, %k, %v {scale = 1.0 : f64} : (tensor<2x2x3x8xf32>, tensor<2x2x5x8xf32>, tensor<2x2x6x8xf32>) -> tensor<2x2x3x8xf32>
  return
}

// -----

func.func @attention_mask(%q: tensor<2x2x3x8xf32>, %k: tensor<2x2x5x8xf32>, %m: tensor<4x5xf32>) {
  // expected-error @+2 {{mask is 'tensor<4x5xf32>'; it must broadcast to [2, 2, 3, 5]}}
  // expected-error @+1 {{failed to infer returned types}}
  %0 = dnn.attention %q, %k, %k, %m {scale = 1.0 : f64} : (tensor<2x2x3x8xf32>, tensor<2x2x5x8xf32>, tensor<2x2x5x8xf32>, tensor<4x5xf32>) -> tensor<2x2x3x8xf32>
  return
}

// -----

func.func @attention_mask_type(%q: tensor<2x2x3x8xf32>, %k: tensor<2x2x5x8xf32>, %m: tensor<3x5xi32>) {
  // expected-error @+2 {{its elements must be bool or 'f32', as those of query}}
  // expected-error @+1 {{failed to infer returned types}}
  %0 = dnn.attention %q, %k, %k, %m {scale = 1.0 : f64} : (tensor<2x2x3x8xf32>, tensor<2x2x5x8xf32>, tensor<2x2x5x8xf32>, tensor<3x5xi32>) -> tensor<2x2x3x8xf32>
  return
}

// -----

func.func @rotary_rank(%x: tensor<3x8xf32>, %t: tensor<1x3x4xf32>) {
  // expected-error @+2 {{its rank must be 4}}
  // expected-error @+1 {{failed to infer returned types}}
  %0 = dnn.rotary %x, %t, %t : (tensor<3x8xf32>, tensor<1x3x4xf32>, tensor<1x3x4xf32>) -> tensor<3x8xf32>
  return
}

// -----

func.func @rotary_tables(%x: tensor<2x4x3x8xf32>, %t: tensor<1x3x5xf32>) {
  // expected-error @+2 {{both must be [2 or 1, 3, at most 4] of 'f32'}}
  // expected-error @+1 {{failed to infer returned types}}
  %0 = dnn.rotary %x, %t, %t : (tensor<2x4x3x8xf32>, tensor<1x3x5xf32>, tensor<1x3x5xf32>) -> tensor<2x4x3x8xf32>
  return
}
