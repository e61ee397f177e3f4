// One case for each message of the verifiers and of type inference, which adds that it failed.
// RUN: dnnc-opt --split-input-file --verify-diagnostics %s

func.func @conv_rank(%x: tensor<1x4x8x8xf32>, %w: tensor<4x4x3xf32>) {
  // expected-error @+2 {{both must have the same rank, 3 to 5}}
  // expected-error @+1 {{failed to infer returned types}}
  %0 = dnn.conv %x, %w {strides = array<i64: 1, 1>, pads = array<i64: 0, 0, 0, 0>, dilations = array<i64: 1, 1>, group = 1 : i64,
      operandSegmentSizes = array<i32: 1, 1, 0, 0>} : (tensor<1x4x8x8xf32>, tensor<4x4x3xf32>) -> tensor<1x4x8x8xf32>
  return
}

// -----

func.func @required_operand(%x: tensor<2x4xf32>, %w: tensor<4x4xf32>) {
  // expected-error @+1 {{failed to verify that each of the first 2 of operandSegmentSizes is 1}}
  %0 = dnn.matmul %x, %w {operandSegmentSizes = array<i32: 0, 2, 0, 0>} : (tensor<2x4xf32>, tensor<4x4xf32>) -> tensor<2x4xf32>
  return
}

// -----

func.func @conv_group(%x: tensor<1x4x8x8xf32>, %w: tensor<4x4x1x1xf32>) {
  // expected-error @+2 {{attribute 'group' is 3; it must divide the 4 output channels}}
  // expected-error @+1 {{failed to infer returned types}}
  %0 = dnn.conv %x, %w {strides = array<i64: 1, 1>, pads = array<i64: 0, 0, 0, 0>, dilations = array<i64: 1, 1>, group = 3 : i64,
      operandSegmentSizes = array<i32: 1, 1, 0, 0>} : (tensor<1x4x8x8xf32>, tensor<4x4x1x1xf32>) -> tensor<1x4x8x8xf32>
  return
}

// -----

func.func @conv_channels(%x: tensor<1x4x8x8xf32>, %w: tensor<4x3x1x1xf32>) {
  // expected-error @+2 {{input has 4 channels, the weight 'tensor<4x3x1x1xf32>' with group 1 takes 3}}
  // expected-error @+1 {{failed to infer returned types}}
  %0 = dnn.conv %x, %w {strides = array<i64: 1, 1>, pads = array<i64: 0, 0, 0, 0>, dilations = array<i64: 1, 1>, group = 1 : i64,
      operandSegmentSizes = array<i32: 1, 1, 0, 0>} : (tensor<1x4x8x8xf32>, tensor<4x3x1x1xf32>) -> tensor<1x4x8x8xf32>
  return
}

// -----

func.func @conv_bias(%x: tensor<1x4x8x8xf32>, %w: tensor<4x4x1x1xf32>, %b: tensor<3xf32>) {
  // expected-error @+2 {{bias is 'tensor<3xf32>'; it must have one element for each of the 4 output channels}}
  // expected-error @+1 {{failed to infer returned types}}
  %0 = dnn.conv %x, %w, %b {strides = array<i64: 1, 1>, pads = array<i64: 0, 0, 0, 0>, dilations = array<i64: 1, 1>, group = 1 : i64,
      operandSegmentSizes = array<i32: 1, 1, 1, 0>} : (tensor<1x4x8x8xf32>, tensor<4x4x1x1xf32>, tensor<3xf32>) -> tensor<1x4x8x8xf32>
  return
}

// -----

func.func @conv_types(%x: tensor<1x4x8x8xf32>, %w: tensor<4x4x1x1xf64>) {
  // expected-error @+2 {{the element types must be the same}}
  // expected-error @+1 {{failed to infer returned types}}
  %0 = dnn.conv %x, %w {strides = array<i64: 1, 1>, pads = array<i64: 0, 0, 0, 0>, dilations = array<i64: 1, 1>, group = 1 : i64,
      operandSegmentSizes = array<i32: 1, 1, 0, 0>} : (tensor<1x4x8x8xf32>, tensor<4x4x1x1xf64>) -> tensor<1x4x8x8xf32>
  return
}

// -----

func.func @conv_strides(%x: tensor<1x4x8x8xf32>, %w: tensor<4x4x1x1xf32>) {
  // expected-error @+2 {{attribute 'strides' is [0, 1]; every value must be between 1 and 2147483647}}
  // expected-error @+1 {{failed to infer returned types}}
  %0 = dnn.conv %x, %w {strides = array<i64: 0, 1>, pads = array<i64: 0, 0, 0, 0>, dilations = array<i64: 1, 1>, group = 1 : i64,
      operandSegmentSizes = array<i32: 1, 1, 0, 0>} : (tensor<1x4x8x8xf32>, tensor<4x4x1x1xf32>) -> tensor<1x4x8x8xf32>
  return
}

// -----

func.func @conv_pads(%x: tensor<1x4x8x8xf32>, %w: tensor<4x4x1x1xf32>) {
  // expected-error @+2 {{attribute 'pads' is [0, 0]; it must have 4 values}}
  // expected-error @+1 {{failed to infer returned types}}
  %0 = dnn.conv %x, %w {strides = array<i64: 1, 1>, pads = array<i64: 0, 0>, dilations = array<i64: 1, 1>, group = 1 : i64,
      operandSegmentSizes = array<i32: 1, 1, 0, 0>} : (tensor<1x4x8x8xf32>, tensor<4x4x1x1xf32>) -> tensor<1x4x8x8xf32>
  return
}

// -----

func.func @conv_window(%x: tensor<1x4x8x8xf32>, %w: tensor<4x4x9x1xf32>) {
  // expected-error @+2 {{the window does not fit: input is 'tensor<1x4x8x8xf32>' and output dim 2 would be 0}}
  // expected-error @+1 {{failed to infer returned types}}
  %0 = dnn.conv %x, %w {strides = array<i64: 1, 1>, pads = array<i64: 0, 0, 0, 0>, dilations = array<i64: 1, 1>, group = 1 : i64,
      operandSegmentSizes = array<i32: 1, 1, 0, 0>} : (tensor<1x4x8x8xf32>, tensor<4x4x9x1xf32>) -> tensor<1x4x8x8xf32>
  return
}

// -----

func.func @conv_result(%x: tensor<1x4x8x8xf32>, %w: tensor<4x4x1x1xf32>) {
  // expected-error @+2 {{inferred type(s) 'tensor<1x4x8x8xf32>' are incompatible with return type(s) of operation 'tensor<1x4x8x7xf32>'}}
  // expected-error @+1 {{failed to infer returned types}}
  %0 = dnn.conv %x, %w {strides = array<i64: 1, 1>, pads = array<i64: 0, 0, 0, 0>, dilations = array<i64: 1, 1>, group = 1 : i64,
      operandSegmentSizes = array<i32: 1, 1, 0, 0>} : (tensor<1x4x8x8xf32>, tensor<4x4x1x1xf32>) -> tensor<1x4x8x7xf32>
  return
}

// -----

func.func @conv_transpose_group(%x: tensor<1x4x8x8xf32>, %w: tensor<4x4x1x1xf32>) {
  // expected-error @+2 {{attribute 'group' is 3; it must divide the 4 input channels}}
  // expected-error @+1 {{failed to infer returned types}}
  %0 = dnn.conv_transpose %x, %w {strides = array<i64: 1, 1>, pads = array<i64: 0, 0, 0, 0>, dilations = array<i64: 1, 1>, output_padding
      = array<i64: 0, 0>, group = 3 : i64, operandSegmentSizes = array<i32: 1, 1, 0, 0>} : (tensor<1x4x8x8xf32>, tensor<4x4x1x1xf32>) ->
      tensor<1x4x8x8xf32>
  return
}

// -----

func.func @conv_transpose_output_padding(%x: tensor<1x4x8x8xf32>, %w: tensor<4x4x1x1xf32>) {
  // expected-error @+2 {{attribute 'output_padding' is [-1, 0]; every value must be between 0 and 2147483647}}
  // expected-error @+1 {{failed to infer returned types}}
  %0 = dnn.conv_transpose %x, %w {strides = array<i64: 1, 1>, pads = array<i64: 0, 0, 0, 0>, dilations = array<i64: 1, 1>, output_padding
      = array<i64: -1, 0>, group = 1 : i64, operandSegmentSizes = array<i32: 1, 1, 0, 0>} : (tensor<1x4x8x8xf32>, tensor<4x4x1x1xf32>) ->
      tensor<1x4x8x8xf32>
  return
}

// -----

func.func @matmul_rank(%a: tensor<4xf32>, %b: tensor<4x4xf32>) {
  // expected-error @+2 {{both need rank 2 or more and the same element type}}
  // expected-error @+1 {{failed to infer returned types}}
  %0 = dnn.matmul %a, %b {operandSegmentSizes = array<i32: 1, 1, 0, 0>} : (tensor<4xf32>, tensor<4x4xf32>) -> tensor<4xf32>
  return
}

// -----

func.func @matmul_inner(%a: tensor<2x3xf32>, %b: tensor<4x2xf32>) {
  // expected-error @+2 {{the inner dims 3 and 4 differ}}
  // expected-error @+1 {{failed to infer returned types}}
  %0 = dnn.matmul %a, %b {operandSegmentSizes = array<i32: 1, 1, 0, 0>} : (tensor<2x3xf32>, tensor<4x2xf32>) -> tensor<2x2xf32>
  return
}

// -----

func.func @matmul_batch(%a: tensor<2x2x3xf32>, %b: tensor<3x3x2xf32>) {
  // expected-error @+2 {{the batch dims do not broadcast}}
  // expected-error @+1 {{failed to infer returned types}}
  %0 = dnn.matmul %a, %b {operandSegmentSizes = array<i32: 1, 1, 0, 0>} : (tensor<2x2x3xf32>, tensor<3x3x2xf32>) -> tensor<2x2x2xf32>
  return
}

// -----

func.func @matmul_bias(%a: tensor<2x3xf32>, %b: tensor<3x2xf32>, %c: tensor<3xf32>) {
  // expected-error @+2 {{bias is 'tensor<3xf32>'; it must have 2 elements}}
  // expected-error @+1 {{failed to infer returned types}}
  %0 = dnn.matmul %a, %b, %c {operandSegmentSizes = array<i32: 1, 1, 1, 0>} : (tensor<2x3xf32>, tensor<3x2xf32>, tensor<3xf32>) ->
      tensor<2x2xf32>
  return
}

// -----

func.func @pool_rank(%x: tensor<4x4xf32>) {
  // expected-error @+2 {{its rank must be 3 to 5}}
  // expected-error @+1 {{failed to infer returned types}}
  %0 = dnn.pool %x {kind = 0 : i32, kernel = array<i64: 1, 1>, strides = array<i64: 1, 1>, pads = array<i64: 0, 0, 0, 0>, dilations =
      array<i64: 1, 1>} : (tensor<4x4xf32>) -> tensor<4x4xf32>
  return
}

// -----

func.func @pool_kernel(%x: tensor<1x4x8x8xf32>) {
  // expected-error @+2 {{attribute 'kernel_shape' is [1]; it must have 2 values}}
  // expected-error @+1 {{failed to infer returned types}}
  %0 = dnn.pool %x {kind = 0 : i32, kernel = array<i64: 1>, strides = array<i64: 1, 1>, pads = array<i64: 0, 0, 0, 0>, dilations =
      array<i64: 1, 1>} : (tensor<1x4x8x8xf32>) -> tensor<1x4x8x8xf32>
  return
}

// -----

func.func @reduce_axis(%x: tensor<1x4x8x8xf32>) {
  // expected-error @+2 {{attribute 'axes' is 4; for rank 4 it must be between -4 and 3}}
  // expected-error @+1 {{failed to infer returned types}}
  %0 = dnn.reduce %x {kind = 0 : i32, axes = array<i64: 4>} : (tensor<1x4x8x8xf32>) -> tensor<1x4x8x8xf32>
  return
}

// -----

func.func @pointwise_shapes(%x: tensor<4xf32>, %y: tensor<3xf32>) {
  // expected-error @+2 {{do not broadcast to one shape}}
  // expected-error @+1 {{failed to infer returned types}}
  %0 = dnn.pointwise %x, %y : (tensor<4xf32>, tensor<3xf32>) -> tensor<4xf32> { ^bb0(%p: f32, %q: f32): %s = pw.fn "add"(%p, %q) : (f32,
      f32) -> f32 pw.yield %s : f32 }
  return
}

// -----

func.func @pointwise_arguments(%x: tensor<4xf32>) {
  // expected-error @+1 {{chain takes 2 values, there are 1 operands}}
  %0 = dnn.pointwise %x : (tensor<4xf32>) -> tensor<4xf32> { ^bb0(%p: f32, %q: f32): %s = pw.fn "add"(%p, %q) : (f32, f32) -> f32 pw.yield
      %s : f32 }
  return
}

// -----

func.func @pointwise_argument_type(%x: tensor<4xf32>, %y: tensor<4xf64>) {
  // expected-error @+1 {{chain argument is 'f32', its operand 'tensor<4xf64>'}}
  %0 = dnn.pointwise %x, %y : (tensor<4xf32>, tensor<4xf64>) -> tensor<4xf32> { ^bb0(%p: f32, %q: f32): %s = pw.fn "add"(%p, %q) : (f32,
      f32) -> f32 pw.yield %s : f32 }
  return
}

// -----

func.func @pointwise_operands() {
  // expected-error @+1 {{needs at least one operand}}
  %0 = dnn.pointwise : () -> tensor<f32> { %c = pw.const 1.0 : f32 pw.yield %c : f32 }
  return
}

// -----

func.func @pointwise_result(%x: tensor<4xf32>) {
  // expected-error @+1 {{chain yields 'f32', the result is 'tensor<4xf64>'}}
  %0 = dnn.pointwise %x, %x : (tensor<4xf32>, tensor<4xf32>) -> tensor<4xf64> { ^bb0(%p: f32, %q: f32): %s = pw.fn "add"(%p, %q) : (f32,
      f32) -> f32 pw.yield %s : f32 }
  return
}

// -----

func.func @epilogue_missing(%x: tensor<2x4xf32>, %y: tensor<4xf32>) {
  // expected-error @+1 {{has epilogue operands but no epilogue}}
  %0 = dnn.reduce %x, %y {kind = 0 : i32, axes = array<i64: 0>} : (tensor<2x4xf32>, tensor<4xf32>) -> tensor<1x4xf32>
  return
}

// -----

func.func @epilogue_arguments(%x: tensor<2x4xf32>, %y: tensor<4xf32>) {
  // expected-error @+1 {{epilogue takes 1 values; 1 accumulator and 1 operands are there}}
  %0 = dnn.reduce %x, %y {kind = 0 : i32, axes = array<i64: 0>} : (tensor<2x4xf32>, tensor<4xf32>) -> tensor<1x4xf32> { ^bb0(%p: f32): %s
      = pw.fn "relu"(%p) : (f32) -> f32 pw.yield %s : f32 }
  return
}

// -----

func.func @epilogue_argument_type(%x: tensor<2x4xf32>, %y: tensor<4xf64>) {
  // expected-error @+1 {{epilogue argument is 'f32', its operand 'tensor<4xf64>'}}
  %0 = dnn.reduce %x, %y {kind = 0 : i32, axes = array<i64: 0>} : (tensor<2x4xf32>, tensor<4xf64>) -> tensor<1x4xf32> { ^bb0(%p: f32, %q:
      f32): %s = pw.fn "add"(%p, %q) : (f32, f32) -> f32 pw.yield %s : f32 }
  return
}

// -----

func.func @epilogue_operand_shape(%x: tensor<2x4xf32>, %y: tensor<2x1xf32>) {
  // expected-error @+1 {{epilogue operand 'tensor<2x1xf32>' does not broadcast to 'tensor<1x4xf32>'}}
  %0 = dnn.reduce %x, %y {kind = 0 : i32, axes = array<i64: 0>} : (tensor<2x4xf32>, tensor<2x1xf32>) -> tensor<1x4xf32> { ^bb0(%p: f32,
      %q: f32): %s = pw.fn "add"(%p, %q) : (f32, f32) -> f32 pw.yield %s : f32 }
  return
}

// -----

func.func @epilogue_yield(%x: tensor<2x4xf32>) {
  // expected-error @+1 {{epilogue must yield 'f64'}}
  %0 = dnn.reduce %x {kind = 0 : i32, axes = array<i64: 0>} : (tensor<2x4xf32>) -> tensor<1x4xf64> { ^bb0(%p: f32): %s = pw.fn "relu"(%p)
      : (f32) -> f32 pw.yield %s : f32 }
  return
}

// -----

func.func @batch_norm_rank(%x: tensor<4xf32>) {
  // expected-error @+2 {{its rank must be at least 2}}
  // expected-error @+1 {{failed to infer returned types}}
  %0 = dnn.batch_norm %x, %x, %x, %x, %x {epsilon = 1.0e-5 : f64} : (tensor<4xf32>, tensor<4xf32>, tensor<4xf32>, tensor<4xf32>,
      tensor<4xf32>) -> tensor<4xf32>
  return
}

// -----

func.func @batch_norm_parameters(%x: tensor<2x4xf32>, %p: tensor<3xf32>) {
  // expected-error @+2 {{parameter is 'tensor<3xf32>'; it must have one element for each of the 4 channels}}
  // expected-error @+1 {{failed to infer returned types}}
  %0 = dnn.batch_norm %x, %p, %p, %p, %p {epsilon = 1.0e-5 : f64} : (tensor<2x4xf32>, tensor<3xf32>, tensor<3xf32>, tensor<3xf32>,
      tensor<3xf32>) -> tensor<2x4xf32>
  return
}

// -----

func.func @layer_norm_parameters(%x: tensor<2x4xf32>, %p: tensor<2xf32>) {
  // expected-error @+2 {{parameter is 'tensor<2xf32>'; its shape must be that of the normalized dims, [4]}}
  // expected-error @+1 {{failed to infer returned types}}
  %0 = dnn.layer_norm %x, %p {axis = 1 : i64, epsilon = 1.0e-5 : f64} : (tensor<2x4xf32>, tensor<2xf32>) -> tensor<2x4xf32>
  return
}

// -----

func.func @group_norm_groups(%x: tensor<2x4xf32>, %p: tensor<4xf32>) {
  // expected-error @+2 {{attribute 'num_groups' is 3; it must divide the 4 channels}}
  // expected-error @+1 {{failed to infer returned types}}
  %0 = dnn.group_norm %x, %p, %p {groups = 3 : i64, epsilon = 1.0e-5 : f64} : (tensor<2x4xf32>, tensor<4xf32>, tensor<4xf32>) ->
      tensor<2x4xf32>
  return
}

// -----

func.func @lrn_size(%x: tensor<2x4xf32>) {
  // expected-error @+2 {{attribute 'size' is 0; it must be at least 1}}
  // expected-error @+1 {{failed to infer returned types}}
  %0 = dnn.lrn %x {size = 0 : i64, alpha = 1.0 : f64, beta = 1.0 : f64, bias = 1.0 : f64} : (tensor<2x4xf32>) -> tensor<2x4xf32>
  return
}

// -----

func.func @softmax_axis(%x: tensor<2x4xf32>) {
  // expected-error @+2 {{attribute 'axis' is -3; for rank 2 it must be between -2 and 1}}
  // expected-error @+1 {{failed to infer returned types}}
  %0 = dnn.softmax %x {axis = -3 : i64} : (tensor<2x4xf32>) -> tensor<2x4xf32>
  return
}

// -----

func.func @one_hot_values(%i: tensor<4xi64>, %v: tensor<3xf32>) {
  // expected-error @+2 {{values is 'tensor<3xf32>'; it must hold the off and the on value}}
  // expected-error @+1 {{failed to infer returned types}}
  %0 = dnn.one_hot %i, %v {depth = 2 : i64, axis = 0 : i64} : (tensor<4xi64>, tensor<3xf32>) -> tensor<2x4xf32>
  return
}

// -----

func.func @one_hot_depth(%i: tensor<4xi64>, %v: tensor<2xf32>) {
  // expected-error @+2 {{'depth' is 0; it must be at least 1}}
  // expected-error @+1 {{failed to infer returned types}}
  %0 = dnn.one_hot %i, %v {depth = 0 : i64, axis = 0 : i64} : (tensor<4xi64>, tensor<2xf32>) -> tensor<2x4xf32>
  return
}

// -----

func.func @top_k(%x: tensor<4xf32>) {
  // expected-error @+2 {{'k' is 5; it must be between 1 and 4}}
  // expected-error @+1 {{failed to infer returned types}}
  %0, %1 = dnn.top_k %x {axis = 0 : i64, k = 5 : i64, largest = true} : (tensor<4xf32>) -> (tensor<5xf32>, tensor<5xi64>)
  return
}

// -----

func.func @reshape_count(%x: tensor<4xf32>) {
  // expected-error @+1 {{cannot make 'tensor<5xf32>' of 'tensor<4xf32>'}}
  %0 = dnn.reshape %x : tensor<4xf32> -> tensor<5xf32>
  return
}

// -----

func.func @transpose_perm(%x: tensor<2x4xf32>) {
  // expected-error @+2 {{attribute 'perm' is [0, 0]; it must hold each of 0 to 1 once}}
  // expected-error @+1 {{failed to infer returned types}}
  %0 = dnn.transpose %x {perm = array<i64: 0, 0>} : (tensor<2x4xf32>) -> tensor<2x4xf32>
  return
}

// -----

func.func @relayout_type(%x: tensor<2x4xf32>) {
  // expected-error @+1 {{changes more than the layout: 'tensor<2x4xf32>' to 'tensor<4x2xf32>'}}
  %0 = dnn.relayout %x : tensor<2x4xf32> -> tensor<4x2xf32>
  return
}

// -----

func.func @concat_operands() {
  // expected-error @+2 {{needs at least one operand}}
  // expected-error @+1 {{failed to infer returned types}}
  %0 = dnn.concat {axis = 0 : i64} : () -> tensor<4xf32>
  return
}

// -----

func.func @concat_shapes(%x: tensor<2x4xf32>, %y: tensor<2x3xf32>) {
  // expected-error @+2 {{cannot concatenate 'tensor<2x4xf32>' and 'tensor<2x3xf32>' along axis 0}}
  // expected-error @+1 {{failed to infer returned types}}
  %0 = dnn.concat %x, %y {axis = 0 : i64} : (tensor<2x4xf32>, tensor<2x3xf32>) -> tensor<4x4xf32>
  return
}

// -----

func.func @slice_rank(%x: tensor<4xf32>) {
  // expected-error @+2 {{starts, sizes and steps need one value for each of the 1 dims}}
  // expected-error @+1 {{failed to infer returned types}}
  %0 = dnn.slice %x {starts = array<i64: 0, 0>, sizes = array<i64: 1>, steps = array<i64: 1>} : (tensor<4xf32>) -> tensor<1xf32>
  return
}

// -----

func.func @slice_bounds(%x: tensor<4xf32>) {
  // expected-error @+2 {{the slice starting at 2 with size 3 and step 1 leaves dim 0 of 'tensor<4xf32>'}}
  // expected-error @+1 {{failed to infer returned types}}
  %0 = dnn.slice %x {starts = array<i64: 2>, sizes = array<i64: 3>, steps = array<i64: 1>} : (tensor<4xf32>) -> tensor<3xf32>
  return
}

// -----

func.func @pad_count(%x: tensor<4xf32>) {
  // expected-error @+2 {{'pads' is [1]; it must have 2 values}}
  // expected-error @+1 {{failed to infer returned types}}
  %0 = dnn.pad %x {pads = array<i64: 1>, mode = "constant"} : (tensor<4xf32>) -> tensor<5xf32>
  return
}

// -----

func.func @pad_mode(%x: tensor<4xf32>) {
  // expected-error @+2 {{attribute 'mode' is "mirror"; it is one of constant, reflect, edge, wrap}}
  // expected-error @+1 {{failed to infer returned types}}
  %0 = dnn.pad %x {pads = array<i64: 1, 0>, mode = "mirror"} : (tensor<4xf32>) -> tensor<5xf32>
  return
}

// -----

func.func @pad_reflect(%x: tensor<4xf32>) {
  // expected-error @+2 {{dim 0 of 'tensor<4xf32>' cannot be padded by 4 and 0 in mode reflect}}
  // expected-error @+1 {{failed to infer returned types}}
  %0 = dnn.pad %x {pads = array<i64: 4, 0>, mode = "reflect"} : (tensor<4xf32>) -> tensor<8xf32>
  return
}

// -----

func.func @broadcast_shape(%x: tensor<3xf32>) {
  // expected-error @+1 {{'tensor<3xf32>' does not broadcast to 'tensor<4xf32>'}}
  %0 = dnn.broadcast %x : tensor<3xf32> -> tensor<4xf32>
  return
}

// -----

func.func @tile_repeats(%x: tensor<4xf32>) {
  // expected-error @+2 {{'repeats' is [0]; it must have 1 values, each at least 1}}
  // expected-error @+1 {{failed to infer returned types}}
  %0 = dnn.tile %x {repeats = array<i64: 0>} : (tensor<4xf32>) -> tensor<4xf32>
  return
}

// -----

func.func @resize_type(%x: tensor<4x4xf32>) {
  // expected-error @+1 {{cannot resize 'tensor<4x4xf32>' to 'tensor<4x8xf64>'}}
  %0 = dnn.resize %x {mode = "linear", coordinate_mode = "half_pixel", nearest_mode = "floor", cubic_a = -0.75 : f64, exclude_outside =
      false, antialias = false, extrapolation = 0.0 : f64, scales = array<f64: 1.0, 2.0>} : tensor<4x4xf32> -> tensor<4x8xf64>
  return
}

// -----

func.func @resize_scales(%x: tensor<4x4xf32>) {
  // expected-error @+1 {{'scales' has 1 values, one per dim (2) is needed}}
  %0 = dnn.resize %x {mode = "linear", coordinate_mode = "half_pixel", nearest_mode = "floor", cubic_a = -0.75 : f64, exclude_outside =
      false, antialias = false, extrapolation = 0.0 : f64, scales = array<f64: 2.0>} : tensor<4x4xf32> -> tensor<4x8xf32>
  return
}

// -----

func.func @resize_mode(%x: tensor<4x4xf32>) {
  // expected-error @+1 {{'mode' is "area"; it is one of nearest, linear, cubic}}
  %0 = dnn.resize %x {mode = "area", coordinate_mode = "half_pixel", nearest_mode = "floor", cubic_a = -0.75 : f64, exclude_outside =
      false, antialias = false, extrapolation = 0.0 : f64, scales = array<f64: 1.0, 2.0>} : tensor<4x4xf32> -> tensor<4x8xf32>
  return
}

// -----

func.func @gather_indices(%x: tensor<4xf32>, %i: tensor<2xf32>) {
  // expected-error @+2 {{indices are 'tensor<2xf32>'; they must be i32 or i64}}
  // expected-error @+1 {{failed to infer returned types}}
  %0 = dnn.gather %x, %i {axis = 0 : i64} : (tensor<4xf32>, tensor<2xf32>) -> tensor<2xf32>
  return
}

// -----

func.func @gather_elements_shape(%x: tensor<4x4xf32>, %i: tensor<2xi64>) {
  // expected-error @+2 {{indices 'tensor<2xi64>' do not fit data 'tensor<4x4xf32>'}}
  // expected-error @+1 {{failed to infer returned types}}
  %0 = dnn.gather_elements %x, %i {axis = 0 : i64} : (tensor<4x4xf32>, tensor<2xi64>) -> tensor<2xf32>
  return
}

// -----

func.func @gather_nd_depth(%x: tensor<4x4xf32>, %i: tensor<2x3xi64>) {
  // expected-error @+2 {{indices 'tensor<2x3xi64>' with batch_dims 0 do not fit data 'tensor<4x4xf32>'}}
  // expected-error @+1 {{failed to infer returned types}}
  %0 = dnn.gather_nd %x, %i {batch_dims = 0 : i64} : (tensor<4x4xf32>, tensor<2x3xi64>) -> tensor<2xf32>
  return
}

// -----

func.func @scatter_reduction(%x: tensor<4xf32>, %i: tensor<4xi64>) {
  // expected-error @+2 {{attribute 'reduction' is "sub"; it is one of none, add, mul, min, max}}
  // expected-error @+1 {{failed to infer returned types}}
  %0 = dnn.scatter_elements %x, %i, %x {axis = 0 : i64, reduction = "sub"} : (tensor<4xf32>, tensor<4xi64>, tensor<4xf32>) ->
      tensor<4xf32>
  return
}

// -----

func.func @scatter_updates(%x: tensor<4xf32>, %i: tensor<4xi64>, %u: tensor<3xf32>) {
  // expected-error @+2 {{indices 'tensor<4xi64>' and updates 'tensor<3xf32>' do not fit data 'tensor<4xf32>'}}
  // expected-error @+1 {{failed to infer returned types}}
  %0 = dnn.scatter_elements %x, %i, %u {axis = 0 : i64, reduction = "none"} : (tensor<4xf32>, tensor<4xi64>, tensor<3xf32>) ->
      tensor<4xf32>
  return
}

// -----

func.func @scatter_nd_updates(%x: tensor<4xf32>, %i: tensor<2x1xi64>, %u: tensor<3xf32>) {
  // expected-error @+2 {{indices 'tensor<2x1xi64>' and updates 'tensor<3xf32>' do not fit data 'tensor<4xf32>'}}
  // expected-error @+1 {{failed to infer returned types}}
  %0 = dnn.scatter_nd %x, %i, %u {reduction = "none"} : (tensor<4xf32>, tensor<2x1xi64>, tensor<3xf32>) -> tensor<4xf32>
  return
}

// -----

func.func @dynamic_shape(%x: tensor<?xf32>) {
  // expected-error @+1 {{operand #0 must be tensor with a static shape, but got 'tensor<?xf32>'}}
  %0 = dnn.reshape %x : tensor<?xf32> -> tensor<4xf32>
  return
}

// -----

func.func @bitcast(%x: tensor<2xf32>) {
  // expected-error @+1 {{cannot see 'tensor<2xf32>' as 'tensor<2xi8>'}}
  %0 = dnn.bitcast %x : tensor<2xf32> -> tensor<2xi8>
  return
}

// -----

func.func @recurrent_weights(%x: tensor<5x1x32xf32>, %r: tensor<1x24x8xf32>) {
  // expected-error @+2 {{the recurrence weights are 'tensor<1x24x8xf32>'; their shape must be [1, 32, 8]}}
  // expected-error @+1 {{failed to infer returned types}}
  %y, %h, %c = dnn.recurrent %x, %r {cell = 3 : i32, direction = "forward", functions = ["sigmoid", "tanh", "tanh"],
      coefficients = array<f32: 0.0, 0.0, 0.0, 0.0, 0.0, 0.0>, operandSegmentSizes = array<i32: 1, 1, 0, 0, 0, 0, 0>}
      : (tensor<5x1x32xf32>, tensor<1x24x8xf32>) -> (tensor<5x1x1x8xf32>, tensor<1x1x8xf32>, tensor<1x1x8xf32>)
  return
}

// -----

func.func @recurrent_functions(%x: tensor<5x1x24xf32>, %r: tensor<1x24x8xf32>) {
  // expected-error @+2 {{there are 2 functions and 6 coefficients; each direction has 3 and 6}}
  // expected-error @+1 {{failed to infer returned types}}
  %y, %h = dnn.recurrent %x, %r {cell = 1 : i32, direction = "forward", functions = ["sigmoid", "tanh"],
      coefficients = array<f32: 0.0, 0.0, 0.0, 0.0, 0.0, 0.0>, operandSegmentSizes = array<i32: 1, 1, 0, 0, 0, 0, 0>}
      : (tensor<5x1x24xf32>, tensor<1x24x8xf32>) -> (tensor<5x1x1x8xf32>, tensor<1x1x8xf32>)
  return
}
