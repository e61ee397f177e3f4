// What type inference refuses of sampling, regions and folding.
// RUN: dnnc-opt %s -split-input-file -verify-diagnostics

func.func @grid_dims(%x: tensor<1x3x8x8xf32>, %g: tensor<1x4x6x3xf32>) {
  // expected-error @+2 {{it must have 1 as first dim, 2 as last, and rank 4}}
  // expected-error @+1 {{failed to infer returned types}}
  %0 = dnn.grid_sample %x, %g {mode = "linear", padding = "zeros", align_corners = true} : (tensor<1x3x8x8xf32>, tensor<1x4x6x3xf32>) -> tensor<1x3x4x6xf32>
  return
}

// -----

func.func @grid_cubic_volume(%x: tensor<1x3x8x8x8xf32>, %g: tensor<1x4x6x5x3xf32>) {
  // expected-error @+2 {{attribute 'mode' is "cubic"; it needs an input of rank 4}}
  // expected-error @+1 {{failed to infer returned types}}
  %0 = dnn.grid_sample %x, %g {mode = "cubic", padding = "zeros", align_corners = true} : (tensor<1x3x8x8x8xf32>, tensor<1x4x6x5x3xf32>) -> tensor<1x3x4x6x5xf32>
  return
}

// -----

func.func @deform_offset(%x: tensor<1x4x8x8xf32>, %o: tensor<1x9x8x8xf32>) {
  // expected-error @+2 {{the offset is 'tensor<1x9x8x8xf32>'; its shape must be [1, 18, 8, 8]}}
  // expected-error @+1 {{failed to infer returned types}}
  %0 = dnn.deform_columns %x, %o {kernel = array<i64: 3, 3>, strides = array<i64: 1, 1>, pads = array<i64: 1, 1, 1, 1>, dilations = array<i64: 1, 1>, offset_groups = 1 : i64} : (tensor<1x4x8x8xf32>, tensor<1x9x8x8xf32>) -> tensor<1x8x8x9x4xf32>
  return
}

// -----

func.func @roi_columns(%x: tensor<1x3x8x8xf32>, %r: tensor<5x4xf32>) {
  // expected-error @+2 {{the regions are 'tensor<5x4xf32>'; they must have 2 dims, the last of size 5}}
  // expected-error @+1 {{failed to infer returned types}}
  %0 = dnn.roi_max_pool %x, %r {output_size = array<i64: 2, 2>, spatial_scale = 1.0 : f64} : (tensor<1x3x8x8xf32>, tensor<5x4xf32>) -> tensor<5x3x2x2xf32>
  return
}

// -----

func.func @roi_batch(%x: tensor<1x3x8x8xf32>, %r: tensor<5x4xf32>, %b: tensor<4xi64>) {
  // expected-error @+2 {{batch_indices is 'tensor<4xi64>'; it must be one i64 for each region}}
  // expected-error @+1 {{failed to infer returned types}}
  %0 = dnn.roi_align %x, %r, %b {max = false, half_pixel = true, output_size = array<i64: 2, 2>, sampling_ratio = 0 : i64, spatial_scale = 1.0 : f64} : (tensor<1x3x8x8xf32>, tensor<5x4xf32>, tensor<4xi64>) -> tensor<5x3x2x2xf32>
  return
}

// -----

func.func @col2im_overflow(%x: tensor<1x9x8xf32>) {
  // expected-error @+2 {{gives more than 2^63 elements}}
  // expected-error @+1 {{failed to infer returned types}}
  %0 = dnn.col2im %x {image = array<i64: 4611686018427387904, 4611686018427387904>, block = array<i64: 1, 1>, strides = array<i64: 1, 1>, pads = array<i64: 0, 0, 0, 0>, dilations = array<i64: 1, 1>} : (tensor<1x9x8xf32>) -> tensor<1x1x5x5xf32>
  return
}

// -----

func.func @col2im_blocks(%x: tensor<1x9x8xf32>) {
  // expected-error @+2 {{its dim 1 must be a multiple of 9 and its dim 2 9}}
  // expected-error @+1 {{failed to infer returned types}}
  %0 = dnn.col2im %x {image = array<i64: 5, 5>, block = array<i64: 3, 3>, strides = array<i64: 1, 1>, pads = array<i64: 0, 0, 0, 0>, dilations = array<i64: 1, 1>} : (tensor<1x9x8xf32>) -> tensor<1x1x5x5xf32>
  return
}

// -----

func.func @det_square(%x: tensor<5x3x4xf32>) {
  // expected-error @+2 {{input is 'tensor<5x3x4xf32>'; its last two dims must be equal}}
  // expected-error @+1 {{failed to infer returned types}}
  %0 = dnn.det %x : (tensor<5x3x4xf32>) -> tensor<5xf32>
  return
}
