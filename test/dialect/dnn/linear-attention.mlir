// One case for each message of linear attention's type inference.
// RUN: dnnc-opt --split-input-file --verify-diagnostics %s

func.func @heads(%q: tensor<1x3x12xf32>, %k: tensor<1x3x8xf32>) {
  // expected-error @+2 {{there are 3 query heads and 2 key heads; the first must be a multiple of the second}}
  // expected-error @+1 {{failed to infer returned types}}
  %0, %1 = dnn.linear_attention %q, %k, %k {heads = 3 : i64, kv_heads = 2 : i64, scale = 1.0 : f64, operandSegmentSizes = array<i32: 1, 1, 1, 0, 0, 0>}
      : (tensor<1x3x12xf32>, tensor<1x3x8xf32>, tensor<1x3x8xf32>) -> (tensor<1x3x12xf32>, tensor<1x2x4x4xf32>)
  return
}

// -----

func.func @query_rank(%q: tensor<3x8xf32>, %k: tensor<1x3x8xf32>) {
  // expected-error @+2 {{query is 'tensor<3x8xf32>'; its rank must be 3}}
  // expected-error @+1 {{failed to infer returned types}}
  %0, %1 = dnn.linear_attention %q, %k, %k {heads = 2 : i64, kv_heads = 2 : i64, scale = 1.0 : f64, operandSegmentSizes = array<i32: 1, 1, 1, 0, 0, 0>}
      : (tensor<3x8xf32>, tensor<1x3x8xf32>, tensor<1x3x8xf32>) -> (tensor<1x3x8xf32>, tensor<1x2x4x4xf32>)
  return
}

// -----

func.func @key_positions(%q: tensor<1x3x8xf32>, %k: tensor<1x4x8xf32>) {
  // expected-error @+2 {{key is 'tensor<1x4x8xf32>'; it must have the query's first 2 dims, and its last be a multiple of 2 heads}}
  // expected-error @+1 {{failed to infer returned types}}
  %0, %1 = dnn.linear_attention %q, %k, %k {heads = 2 : i64, kv_heads = 2 : i64, scale = 1.0 : f64, operandSegmentSizes = array<i32: 1, 1, 1, 0, 0, 0>}
      : (tensor<1x3x8xf32>, tensor<1x4x8xf32>, tensor<1x4x8xf32>) -> (tensor<1x3x8xf32>, tensor<1x2x4x4xf32>)
  return
}

// -----

func.func @query_width(%q: tensor<1x3x8xf32>, %k: tensor<1x3x12xf32>) {
  // expected-error @+2 {{query is 'tensor<1x3x8xf32>'; its last dim must be 12, 6 for each of 2 heads}}
  // expected-error @+1 {{failed to infer returned types}}
  %0, %1 = dnn.linear_attention %q, %k, %k {heads = 2 : i64, kv_heads = 2 : i64, scale = 1.0 : f64, operandSegmentSizes = array<i32: 1, 1, 1, 0, 0, 0>}
      : (tensor<1x3x8xf32>, tensor<1x3x12xf32>, tensor<1x3x12xf32>) -> (tensor<1x3x12xf32>, tensor<1x2x6x6xf32>)
  return
}

// -----

func.func @past(%q: tensor<1x3x8xf32>, %s: tensor<1x2x4x5xf32>) {
  // expected-error @+2 {{past state is 'tensor<1x2x4x5xf32>'; its shape must be [1, 2, 4, 4]}}
  // expected-error @+1 {{failed to infer returned types}}
  %0, %1 = dnn.linear_attention %q, %q, %q, %s {heads = 2 : i64, kv_heads = 2 : i64, scale = 1.0 : f64, operandSegmentSizes = array<i32: 1, 1, 1, 1, 0, 0>}
      : (tensor<1x3x8xf32>, tensor<1x3x8xf32>, tensor<1x3x8xf32>, tensor<1x2x4x5xf32>) -> (tensor<1x3x8xf32>, tensor<1x2x4x4xf32>)
  return
}

// -----

func.func @decay(%q: tensor<1x3x8xf32>, %g: tensor<1x3x4xf32>) {
  // expected-error @+2 {{decay is 'tensor<1x3x4xf32>'; it must have the query's first 2 dims, and its last be 2 or 8}}
  // expected-error @+1 {{failed to infer returned types}}
  %0, %1 = dnn.linear_attention %q, %q, %q, %g {heads = 2 : i64, kv_heads = 2 : i64, scale = 1.0 : f64, operandSegmentSizes = array<i32: 1, 1, 1, 0, 1, 0>}
      : (tensor<1x3x8xf32>, tensor<1x3x8xf32>, tensor<1x3x8xf32>, tensor<1x3x4xf32>) -> (tensor<1x3x8xf32>, tensor<1x2x4x4xf32>)
  return
}
