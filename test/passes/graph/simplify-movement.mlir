// RUN: dnnc-opt --simplify-graph %s | FileCheck %s

// CHECK-LABEL: func @reshapes
// CHECK-NEXT: %[[R:.*]] = dnn.reshape %arg0 : tensor<2x3x4xf32> -> tensor<4x6xf32>
// CHECK-NEXT: return %[[R]], %arg0
func.func @reshapes(%x: tensor<2x3x4xf32>) -> (tensor<4x6xf32>, tensor<2x3x4xf32>) {
  %0 = dnn.reshape %x : tensor<2x3x4xf32> -> tensor<24xf32>
  %1 = dnn.reshape %0 : tensor<24xf32> -> tensor<4x6xf32>
  %2 = dnn.reshape %1 : tensor<4x6xf32> -> tensor<2x3x4xf32>
  return %1, %2 : tensor<4x6xf32>, tensor<2x3x4xf32>
}

// A reshaped constant is the same bytes under another type.
// CHECK-LABEL: func @reshaped_constant
// CHECK-NEXT: dnn.constant dense<{{\[}}[1, 2], [3, 4]]> : tensor<2x2xi32>
// CHECK-NEXT: return
func.func @reshaped_constant() -> tensor<2x2xi32> {
  %c = dnn.constant dense<[1, 2, 3, 4]> : tensor<4xi32>
  %0 = dnn.reshape %c : tensor<4xi32> -> tensor<2x2xi32>
  return %0 : tensor<2x2xi32>
}

// CHECK-LABEL: func @transposes
// CHECK-NEXT: %[[T:.*]] = dnn.transpose %arg0 {perm = array<i64: 2, 1, 0>}
// CHECK-NEXT: return %[[T]], %arg0
func.func @transposes(%x: tensor<2x3x4xf32>) -> (tensor<4x3x2xf32>, tensor<2x3x4xf32>) {
  %0 = dnn.transpose %x {perm = array<i64: 0, 2, 1>} : (tensor<2x3x4xf32>) -> tensor<2x4x3xf32>
  %1 = dnn.transpose %0 {perm = array<i64: 1, 2, 0>} : (tensor<2x4x3xf32>) -> tensor<4x3x2xf32>
  %2 = dnn.transpose %1 {perm = array<i64: 2, 1, 0>} : (tensor<4x3x2xf32>) -> tensor<2x3x4xf32>
  return %1, %2 : tensor<4x3x2xf32>, tensor<2x3x4xf32>
}

// Only dims of size 1 change places.
// CHECK-LABEL: func @transpose_ones
// CHECK-NEXT: dnn.reshape %arg0 : tensor<1x8x1x1xf32> -> tensor<1x1x1x8xf32>
func.func @transpose_ones(%x: tensor<1x8x1x1xf32>) -> tensor<1x1x1x8xf32> {
  %0 = dnn.transpose %x {perm = array<i64: 0, 2, 3, 1>} : (tensor<1x8x1x1xf32>) -> tensor<1x1x1x8xf32>
  return %0 : tensor<1x1x1x8xf32>
}

// CHECK-LABEL: func @do_not_reshape_moving_transpose
// CHECK-NEXT: dnn.transpose
func.func @do_not_reshape_moving_transpose(%x: tensor<1x8x1x2xf32>) -> tensor<1x1x2x8xf32> {
  %0 = dnn.transpose %x {perm = array<i64: 0, 2, 3, 1>} : (tensor<1x8x1x2xf32>) -> tensor<1x1x2x8xf32>
  return %0 : tensor<1x1x2x8xf32>
}

// Elements 7, 5, 3 of 8, and of these the 2nd and 1st: 5, 7.
// CHECK-LABEL: func @slices
// CHECK-NEXT: %[[S:.*]] = dnn.slice %arg0 {sizes = array<i64: 2>, starts = array<i64: 5>, steps = array<i64: 2>}
// CHECK-NEXT: return %[[S]], %arg0
func.func @slices(%x: tensor<8xf32>) -> (tensor<2xf32>, tensor<8xf32>) {
  %0 = dnn.slice %x {starts = array<i64: 7>, sizes = array<i64: 3>, steps = array<i64: -2>} : (tensor<8xf32>) -> tensor<3xf32>
  %1 = dnn.slice %0 {starts = array<i64: 1>, sizes = array<i64: 2>, steps = array<i64: -1>} : (tensor<3xf32>) -> tensor<2xf32>
  %2 = dnn.slice %x {starts = array<i64: 0>, sizes = array<i64: 8>, steps = array<i64: 1>} : (tensor<8xf32>) -> tensor<8xf32>
  return %1, %2 : tensor<2xf32>, tensor<8xf32>
}

// CHECK-LABEL: func @do_not_drop_reversal
// CHECK-NEXT: dnn.slice
func.func @do_not_drop_reversal(%x: tensor<8xf32>) -> tensor<8xf32> {
  %0 = dnn.slice %x {starts = array<i64: 7>, sizes = array<i64: 8>, steps = array<i64: -1>} : (tensor<8xf32>) -> tensor<8xf32>
  return %0 : tensor<8xf32>
}

// CHECK-LABEL: func @slice_of_concat
// CHECK-NEXT: %[[S:.*]] = dnn.slice %arg1 {sizes = array<i64: 2>, starts = array<i64: 1>
// CHECK-NEXT: return %[[S]]
func.func @slice_of_concat(%x: tensor<4xf32>, %y: tensor<4xf32>) -> tensor<2xf32> {
  %0 = dnn.concat %x, %y {axis = 0 : i64} : (tensor<4xf32>, tensor<4xf32>) -> tensor<8xf32>
  %1 = dnn.slice %0 {starts = array<i64: 5>, sizes = array<i64: 2>, steps = array<i64: 1>} : (tensor<8xf32>) -> tensor<2xf32>
  return %1 : tensor<2xf32>
}

// CHECK-LABEL: func @do_not_cross_concat
// CHECK-NEXT: dnn.concat
// CHECK-NEXT: dnn.slice
func.func @do_not_cross_concat(%x: tensor<4xf32>, %y: tensor<4xf32>) -> tensor<2xf32> {
  %0 = dnn.concat %x, %y {axis = 0 : i64} : (tensor<4xf32>, tensor<4xf32>) -> tensor<8xf32>
  %1 = dnn.slice %0 {starts = array<i64: 3>, sizes = array<i64: 2>, steps = array<i64: 1>} : (tensor<8xf32>) -> tensor<2xf32>
  return %1 : tensor<2xf32>
}

// The axes -1 and 1 are the same dim.
// CHECK-LABEL: func @concats
// CHECK-NEXT: %[[C:.*]] = dnn.concat %arg0, %arg1, %arg0 {axis = 1
// CHECK-NEXT: return %[[C]]
func.func @concats(%x: tensor<1x4xf32>, %y: tensor<1x4xf32>) -> tensor<1x12xf32> {
  %0 = dnn.concat %x {axis = 0 : i64} : (tensor<1x4xf32>) -> tensor<1x4xf32>
  %1 = dnn.concat %0, %y {axis = -1 : i64} : (tensor<1x4xf32>, tensor<1x4xf32>) -> tensor<1x8xf32>
  %2 = dnn.concat %1, %x {axis = 1 : i64} : (tensor<1x8xf32>, tensor<1x4xf32>) -> tensor<1x12xf32>
  return %2 : tensor<1x12xf32>
}

// A nested concat that others read has to be there anyway; another axis is another thing.
// CHECK-LABEL: func @do_not_flatten
// CHECK-COUNT-4: dnn.concat
func.func @do_not_flatten(%x: tensor<1x4xf32>) -> (tensor<1x8xf32>, tensor<1x12xf32>, tensor<2x8xf32>) {
  %0 = dnn.concat %x, %x {axis = 1 : i64} : (tensor<1x4xf32>, tensor<1x4xf32>) -> tensor<1x8xf32>
  %1 = dnn.concat %0, %x {axis = 1 : i64} : (tensor<1x8xf32>, tensor<1x4xf32>) -> tensor<1x12xf32>
  %2 = dnn.concat %x, %x {axis = 0 : i64} : (tensor<1x4xf32>, tensor<1x4xf32>) -> tensor<2x4xf32>
  %3 = dnn.concat %2, %2 {axis = 1 : i64} : (tensor<2x4xf32>, tensor<2x4xf32>) -> tensor<2x8xf32>
  return %0, %1, %3 : tensor<1x8xf32>, tensor<1x12xf32>, tensor<2x8xf32>
}

// CHECK-LABEL: func @pads
// CHECK-NEXT: %[[P:.*]] = dnn.pad %arg0 {mode = "constant", pads = array<i64: 1, 3>}
// CHECK-NEXT: return %[[P]]
func.func @pads(%x: tensor<4xf32>) -> tensor<8xf32> {
  %0 = dnn.pad %x {pads = array<i64: 0, 0>, mode = "reflect"} : (tensor<4xf32>) -> tensor<4xf32>
  %1 = dnn.pad %0 {pads = array<i64: 1, 1>, mode = "constant"} : (tensor<4xf32>) -> tensor<6xf32>
  %2 = dnn.pad %1 {pads = array<i64: 0, 2>, mode = "constant"} : (tensor<6xf32>) -> tensor<8xf32>
  return %2 : tensor<8xf32>
}

// Another value, another mode, and a crop of what was padded.
// CHECK-LABEL: func @do_not_join_pads
// CHECK-COUNT-4: dnn.pad
func.func @do_not_join_pads(%x: tensor<4xf32>) -> tensor<5xf32> {
  %0 = dnn.pad %x {pads = array<i64: 1, 1>, mode = "constant"} : (tensor<4xf32>) -> tensor<6xf32>
  %1 = dnn.pad %0 {pads = array<i64: 1, 0>, mode = "constant", value = 1.0 : f64} : (tensor<6xf32>) -> tensor<7xf32>
  %2 = dnn.pad %1 {pads = array<i64: 1, 1>, mode = "edge"} : (tensor<7xf32>) -> tensor<9xf32>
  %3 = dnn.pad %2 {pads = array<i64: -2, -2>, mode = "edge"} : (tensor<9xf32>) -> tensor<5xf32>
  return %3 : tensor<5xf32>
}

// CHECK-LABEL: func @repeats
// CHECK-NEXT: %[[B:.*]] = dnn.broadcast %arg0 : tensor<1x4xf32> -> tensor<2x3x4xf32>
// CHECK-NEXT: %[[C:.*]] = dnn.broadcast %arg0 : tensor<1x4xf32> -> tensor<3x4xf32>
// CHECK-NEXT: return %[[B]], %[[C]]
func.func @repeats(%x: tensor<1x4xf32>) -> (tensor<2x3x4xf32>, tensor<3x4xf32>) {
  %0 = dnn.broadcast %x : tensor<1x4xf32> -> tensor<3x4xf32>
  %1 = dnn.broadcast %0 : tensor<3x4xf32> -> tensor<2x3x4xf32>
  %2 = dnn.tile %x {repeats = array<i64: 3, 1>} : (tensor<1x4xf32>) -> tensor<3x4xf32>
  return %1, %2 : tensor<2x3x4xf32>, tensor<3x4xf32>
}

// CHECK-LABEL: func @do_not_broadcast_tile
// CHECK-NEXT: dnn.tile
func.func @do_not_broadcast_tile(%x: tensor<1x4xf32>) -> tensor<1x8xf32> {
  %0 = dnn.tile %x {repeats = array<i64: 1, 2>} : (tensor<1x4xf32>) -> tensor<1x8xf32>
  return %0 : tensor<1x8xf32>
}

// A scalar index drops the dim; -1 is the last.
// CHECK-LABEL: func @gathers
// CHECK: %[[S:.*]] = dnn.slice %arg0 {sizes = array<i64: 1, 4>, starts = array<i64: 4, 0>, steps = array<i64: 1, 1>}
// CHECK: %[[R:.*]] = dnn.reshape %[[S]] : tensor<1x4xf32> -> tensor<4xf32>
// CHECK: %[[T:.*]] = dnn.slice %arg0 {sizes = array<i64: 5, 2>, starts = array<i64: 0, 3>, steps = array<i64: 1, -2>}
// CHECK: return %[[R]], %[[T]]
func.func @gathers(%x: tensor<5x4xf32>) -> (tensor<4xf32>, tensor<5x2xf32>) {
  %i = dnn.constant dense<-1> : tensor<i64>
  %j = dnn.constant dense<[3, 1]> : tensor<2xi64>
  %0 = dnn.gather %x, %i {axis = 0 : i64} : (tensor<5x4xf32>, tensor<i64>) -> tensor<4xf32>
  %1 = dnn.gather %x, %j {axis = -1 : i64} : (tensor<5x4xf32>, tensor<2xi64>) -> tensor<5x2xf32>
  return %0, %1 : tensor<4xf32>, tensor<5x2xf32>
}

// Uneven, repeated, and not known.
// CHECK-LABEL: func @do_not_slice_gather
// CHECK-COUNT-3: dnn.gather
func.func @do_not_slice_gather(%x: tensor<5xf32>, %k: tensor<2xi64>) -> (tensor<3xf32>, tensor<2xf32>, tensor<2xf32>) {
  %i = dnn.constant dense<[0, 1, 3]> : tensor<3xi64>
  %j = dnn.constant dense<[2, 2]> : tensor<2xi64>
  %0 = dnn.gather %x, %i {axis = 0 : i64} : (tensor<5xf32>, tensor<3xi64>) -> tensor<3xf32>
  %1 = dnn.gather %x, %j {axis = 0 : i64} : (tensor<5xf32>, tensor<2xi64>) -> tensor<2xf32>
  %2 = dnn.gather %x, %k {axis = 0 : i64} : (tensor<5xf32>, tensor<2xi64>) -> tensor<2xf32>
  return %0, %1, %2 : tensor<3xf32>, tensor<2xf32>, tensor<2xf32>
}

// CHECK-LABEL: func @reductions
// CHECK-NEXT: %[[R:.*]] = dnn.reduce %arg0 {axes = array<i64: 1>
// CHECK-NEXT: return %arg0, %[[R]]
func.func @reductions(%x: tensor<1x4x1xf32>) -> (tensor<1x4x1xf32>, tensor<1x1x1xf32>) {
  %0 = dnn.reduce %x {kind = 1 : i32, axes = array<i64: 0, -1>} : (tensor<1x4x1xf32>) -> tensor<1x4x1xf32>
  %1 = dnn.reduce %x {kind = 0 : i32, axes = array<i64: 0, 1, 2>} : (tensor<1x4x1xf32>) -> tensor<1x1x1xf32>
  return %0, %1 : tensor<1x4x1xf32>, tensor<1x1x1xf32>
}

// CHECK-LABEL: func @pools
// CHECK-NEXT: return %arg0
func.func @pools(%x: tensor<1x3x8x8xf32>) -> tensor<1x3x8x8xf32> {
  %0 = dnn.pool %x {kind = 0 : i32, kernel = array<i64: 1, 1>, strides = array<i64: 1, 1>, pads = array<i64: 0, 0, 0, 0>,
      dilations = array<i64: 1, 1>} : (tensor<1x3x8x8xf32>) -> tensor<1x3x8x8xf32>
  return %0 : tensor<1x3x8x8xf32>
}

// A stride picks elements; an Lp pool of one element is its absolute value.
// CHECK-LABEL: func @do_not_drop_pools
// CHECK-COUNT-2: dnn.pool
func.func @do_not_drop_pools(%x: tensor<1x3x8x8xf32>) -> (tensor<1x3x4x4xf32>, tensor<1x3x8x8xf32>) {
  %0 = dnn.pool %x {kind = 0 : i32, kernel = array<i64: 1, 1>, strides = array<i64: 2, 2>, pads = array<i64: 0, 0, 0, 0>,
      dilations = array<i64: 1, 1>} : (tensor<1x3x8x8xf32>) -> tensor<1x3x4x4xf32>
  %1 = dnn.pool %x {kind = 2 : i32, kernel = array<i64: 1, 1>, strides = array<i64: 1, 1>, pads = array<i64: 0, 0, 0, 0>,
      dilations = array<i64: 1, 1>} : (tensor<1x3x8x8xf32>) -> tensor<1x3x8x8xf32>
  return %0, %1 : tensor<1x3x4x4xf32>, tensor<1x3x8x8xf32>
}
