// RUN: dnnc-opt --split-input-file --verify-diagnostics %s

func.func @cond(%c: tensor<2xi1>, %x: tensor<4xf32>) {
  // expected-error @+1 {{condition is 'tensor<2xi1>'; it must be one i1}}
  %0 = dnn.if %c : (tensor<2xi1>) -> tensor<4xf32> {
    dnn.yield %x : tensor<4xf32>
  } else {
    dnn.yield %x : tensor<4xf32>
  }
  return
}

// -----

func.func @branch(%c: tensor<i1>, %x: tensor<4xf32>, %z: tensor<5xf32>) {
  // expected-error @+1 {{a branch yields other types than the results'}}
  %0 = dnn.if %c : (tensor<i1>) -> tensor<4xf32> {
    dnn.yield %x : tensor<4xf32>
  } else {
    dnn.yield %z : tensor<5xf32>
  }
  return
}

// -----

func.func @endless(%x: tensor<4xf32>) {
  // expected-error @+1 {{has no end: neither count, trips nor condition}}
  %y = dnn.loop carried(%x) {scan_axes = array<i64>, scan_reversed = array<i1>, stack_axes = array<i64>, stack_reversed = array<i1>,
      operandSegmentSizes = array<i32: 0, 0, 1, 0>} : (tensor<4xf32>) -> tensor<4xf32> {
  ^bb0(%i: tensor<i64>, %s: tensor<4xf32>):
    dnn.yield %s : tensor<4xf32>
  }
  return
}

// -----

func.func @slice(%x: tensor<4x3xf32>) {
  // expected-error @+1 {{slice 'tensor<4xf32>' is not one of 4 of 'tensor<4x3xf32>' along 0}}
  %y = dnn.loop scanned(%x) {count = 4 : i64, scan_axes = array<i64: 0>, scan_reversed = array<i1: false>, stack_axes = array<i64: 0>,
      stack_reversed = array<i1: false>, operandSegmentSizes = array<i32: 0, 0, 0, 1>} : (tensor<4x3xf32>) -> tensor<4x4xf32> {
  ^bb0(%i: tensor<i64>, %s: tensor<4xf32>):
    dnn.yield %s : tensor<4xf32>
  }
  return
}

// -----

func.func @carried(%x: tensor<4xf32>, %z: tensor<5xf32>) {
  // expected-error @+1 {{changes the type of a carried value}}
  %y = dnn.loop carried(%x) {count = 4 : i64, scan_axes = array<i64>, scan_reversed = array<i1>, stack_axes = array<i64>,
      stack_reversed = array<i1>, operandSegmentSizes = array<i32: 0, 0, 1, 0>} : (tensor<4xf32>) -> tensor<4xf32> {
  ^bb0(%i: tensor<i64>, %s: tensor<4xf32>):
    dnn.yield %z : tensor<5xf32>
  }
  return
}
