// RUN: dnnc-opt --fold-quantization %s 2>/dev/null | FileCheck %s
// RUN: dnnc-opt --fold-quantization %s 2>&1 >/dev/null | FileCheck %s --check-prefix=REMARK

// The product of the scales over the result's, 0.5 * 0.25 / 2, is one factor; a relu whose bound is the type's own disappears.
// REMARK: [fold] conv computes on integers
// CHECK-LABEL: func @conv
// CHECK-DAG: %[[W:.*]] = dnn.constant dense<3> : tensor<2x1x1x1xi8>
// CHECK: dnn.conv %arg0, %[[W]]
// CHECK-SAME: input_zero_point = 7
// CHECK-SAME: (tensor<1x1x4x4xui8>, tensor<2x1x1x1xi8>) -> tensor<1x2x4x4xui8>
// CHECK: %[[M:.*]] = pw.const 6.250000e-02 : f32
// CHECK: %[[P:.*]] = pw.fn "mul"(%{{.*}}, %[[M]])
// CHECK-NOT: "round"
// CHECK-NOT: "max"
// CHECK: %[[S:.*]] = pw.fn "saturate"(%[[P]]) : (f32) -> ui8
// CHECK: pw.yield %[[S]]
func.func @conv(%x: tensor<1x1x4x4xui8>) -> tensor<1x2x4x4xui8> {
  %q = dnn.constant dense<3> : tensor<2x1x1x1xi8>
  %w = dnn.dequantize %q {scales = array<f64: 0.25>, zero_points = array<i64: 0>, axis = 0 : i64} : (tensor<2x1x1x1xi8>) -> tensor<2x1x1x1xf32>
  %0 = dnn.dequantize %x {scales = array<f64: 0.5>, zero_points = array<i64: 7>, axis = 0 : i64} : (tensor<1x1x4x4xui8>) -> tensor<1x1x4x4xf32>
  %1 = dnn.conv %0, %w {strides = array<i64: 1, 1>, pads = array<i64: 0, 0, 0, 0>, dilations = array<i64: 1, 1>, group = 1 : i64,
      operandSegmentSizes = array<i32: 1, 1, 0, 0>} : (tensor<1x1x4x4xf32>, tensor<2x1x1x1xf32>) -> tensor<1x2x4x4xf32> loc("conv")
  %2 = dnn.pointwise %1 : (tensor<1x2x4x4xf32>) -> tensor<1x2x4x4xf32> {
    ^bb0(%a: f32):
      %b = pw.fn "relu"(%a) : (f32) -> f32
      pw.yield %b : f32
  }
  %3 = dnn.quantize %2 {scales = array<f64: 2.0>, zero_points = array<i64: 0>, axis = 0 : i64, to = ui8} : (tensor<1x2x4x4xf32>) -> tensor<1x2x4x4xui8>
  return %3 : tensor<1x2x4x4xui8>
}

// Weights less a zero point do not fit in 8 bits; the bias joins the sums; nobody quantizes the result.
// CHECK-LABEL: func @matmul
// CHECK-DAG: %[[W:.*]] = dnn.constant dense<{{\[}}[-130], [125]]> : tensor<2x1xi16>
// CHECK-DAG: %[[B:.*]] = dnn.constant dense<9> : tensor<1xi32>
// CHECK: dnn.matmul %arg0, %[[W]], %[[B]]
// CHECK-SAME: -> tensor<3x1xf32>
// CHECK: pw.fn "mul"
// CHECK-NEXT: pw.yield
func.func @matmul(%x: tensor<3x2xui8>) -> tensor<3x1xf32> {
  %q = dnn.constant dense<[[0], [255]]> : tensor<2x1xui8>
  %b = dnn.constant dense<9> : tensor<1xi32>
  %w = dnn.dequantize %q {scales = array<f64: 0.25>, zero_points = array<i64: 130>, axis = 1 : i64} : (tensor<2x1xui8>) -> tensor<2x1xf32>
  %c = dnn.dequantize %b {scales = array<f64: 0.125>, zero_points = array<i64: 0>, axis = 0 : i64} : (tensor<1xi32>) -> tensor<1xf32>
  %0 = dnn.dequantize %x {scales = array<f64: 0.5>, zero_points = array<i64: 7>, axis = 0 : i64} : (tensor<3x2xui8>) -> tensor<3x2xf32>
  %1 = dnn.matmul %0, %w, %c {operandSegmentSizes = array<i32: 1, 1, 1, 0>} : (tensor<3x2xf32>, tensor<2x1xf32>, tensor<1xf32>) -> tensor<3x1xf32>
  return %1 : tensor<3x1xf32>
}

// i8 in the middle is u8; the largest of integers is the largest of what they stand for; the pair cancels.
// CHECK-LABEL: func @pool
// CHECK: %[[Z:.*]] = pw.const 1.240000e+02 : f32
// CHECK: pw.fn "div"
// CHECK: pw.fn "add"(%{{.*}}, %[[Z]])
// CHECK: "saturate"{{.*}} -> ui8
// CHECK: %[[P:.*]] = dnn.pool
// CHECK-SAME: (tensor<1x1x4x4xui8>) -> tensor<1x1x2x2xui8>
// CHECK: %[[R:.*]] = dnn.reshape %[[P]]
// CHECK: %[[S:.*]] = dnn.pointwise %[[R]] : (tensor<4xui8>) -> tensor<4xi8>
// CHECK: return %[[S]]
func.func @pool(%x: tensor<1x1x4x4xf32>) -> tensor<4xi8> {
  %0 = dnn.quantize %x {scales = array<f64: 2.0>, zero_points = array<i64: -4>, axis = 0 : i64, to = i8} : (tensor<1x1x4x4xf32>) -> tensor<1x1x4x4xi8>
  %1 = dnn.dequantize %0 {scales = array<f64: 2.0>, zero_points = array<i64: -4>, axis = 0 : i64} : (tensor<1x1x4x4xi8>) -> tensor<1x1x4x4xf32>
  %2 = dnn.pool %1 {kind = 0 : i32, kernel = array<i64: 2, 2>, strides = array<i64: 2, 2>, pads = array<i64: 0, 0, 0, 0>, dilations = array<i64: 1, 1>}
      : (tensor<1x1x4x4xf32>) -> tensor<1x1x2x2xf32>
  %3 = dnn.reshape %2 : tensor<1x1x2x2xf32> -> tensor<4xf32>
  %4 = dnn.quantize %3 {scales = array<f64: 2.0>, zero_points = array<i64: -4>, axis = 0 : i64, to = i8} : (tensor<4xf32>) -> tensor<4xi8>
  return %4 : tensor<4xi8>
}

// Operands of a concat get the result's scale; the one that has it is used as it is.
// CHECK-LABEL: func @concat
// CHECK: %[[F:.*]] = dnn.pointwise %arg0 : (tensor<2xui8>) -> tensor<2xf32>
// CHECK: %[[A:.*]] = dnn.pointwise %[[F]] : (tensor<2xf32>) -> tensor<2xui8>
// CHECK: dnn.concat %[[A]], %arg1
// CHECK-SAME: (tensor<2xui8>, tensor<2xui8>) -> tensor<4xui8>
func.func @concat(%x: tensor<2xui8>, %y: tensor<2xui8>) -> tensor<4xui8> {
  %0 = dnn.dequantize %x {scales = array<f64: 2.0>, zero_points = array<i64: 1>, axis = 0 : i64} : (tensor<2xui8>) -> tensor<2xf32>
  %1 = dnn.dequantize %y {scales = array<f64: 4.0>, zero_points = array<i64: 3>, axis = 0 : i64} : (tensor<2xui8>) -> tensor<2xf32>
  %2 = dnn.concat %0, %1 {axis = 0 : i64} : (tensor<2xf32>, tensor<2xf32>) -> tensor<4xf32>
  %3 = dnn.quantize %2 {scales = array<f64: 4.0>, zero_points = array<i64: 3>, axis = 0 : i64, to = ui8} : (tensor<4xf32>) -> tensor<4xui8>
  return %3 : tensor<4xui8>
}

// REMARK: [fold] not applied: runtime on integers: its weights are not quantized
// CHECK-LABEL: func @do_not_fold_f32_weights
// CHECK: pw.fn "cast"
// CHECK: pw.fn "sub"
// CHECK: pw.fn "mul"
// CHECK: dnn.matmul
// CHECK-SAME: (tensor<3x2xf32>, tensor<2x1xf32>) -> tensor<3x1xf32>
func.func @do_not_fold_f32_weights(%x: tensor<3x2xui8>, %w: tensor<2x1xf32>) -> tensor<3x1xf32> {
  %0 = dnn.dequantize %x {scales = array<f64: 0.5>, zero_points = array<i64: 7>, axis = 0 : i64} : (tensor<3x2xui8>) -> tensor<3x2xf32>
  %1 = dnn.matmul %0, %w {operandSegmentSizes = array<i32: 1, 1, 0, 0>} : (tensor<3x2xf32>, tensor<2x1xf32>) -> tensor<3x1xf32> loc("runtime")
  return %1 : tensor<3x1xf32>
}

// Windows that do not overlap: a pointwise convolution computes their places as channels, [row][column][k], and a transpose puts these in their places.
// REMARK: [fold] up computes on integers
// REMARK: [fold] not applied: overlapping on integers: it is transposed and its stride is not its kernel's size, or it is padded
// CHECK-LABEL: func @conv_transpose
// CHECK-DAG: %[[W:.*]] = dnn.constant dense_resource<{{.*}}> : tensor<8x3x1x1xi8>
// CHECK-DAG: %[[B:.*]] = dnn.constant dense<[9, -9, 9, -9, 9, -9, 9, -9]> : tensor<8xi32>
// CHECK-DAG: %[[M:.*]] = dnn.constant dense<{{\[+}}1.250000e-01{{\]+, \[+}}2.500000e-01{{\]+, .*}}> : tensor<8x1x1xf32>
// CHECK: %[[Y:.*]] = dnn.conv %arg0, %[[W]], %[[B]], %[[M]]
// CHECK-SAME: input_zero_point = 7
// CHECK-SAME: -> tensor<1x8x4x5xui8>
// CHECK: %[[S:.*]] = dnn.reshape %[[Y]] : tensor<1x8x4x5xui8> -> tensor<1x2x2x2x4x5xui8>
// CHECK: %[[T:.*]] = dnn.transpose %[[S]] {perm = array<i64: 0, 3, 4, 1, 5, 2>} : (tensor<1x2x2x2x4x5xui8>) -> tensor<1x2x4x2x5x2xui8>
// CHECK: dnn.reshape %[[T]] : tensor<1x2x4x2x5x2xui8> -> tensor<1x2x8x10xui8>
func.func @conv_transpose(%x: tensor<1x3x4x5xui8>) -> (tensor<1x2x8x10xui8>, tensor<1x2x9x11xf32>) {
  %q = dnn.constant dense<[[[[1, 2], [3, 4]], [[5, 6], [7, 8]]], [[[9, 10], [11, 12]], [[13, 14], [15, 16]]], [[[17, 18], [19, 20]], [[21, 22], [23, 24]]]]> : tensor<3x2x2x2xi8>
  %b = dnn.constant dense<[9, -9]> : tensor<2xi32>
  %w = dnn.dequantize %q {scales = array<f64: 0.5, 1.0>, zero_points = array<i64: 0, 0>, axis = 1 : i64} : (tensor<3x2x2x2xi8>) -> tensor<3x2x2x2xf32>
  %c = dnn.dequantize %b {scales = array<f64: 0.25, 0.5>, zero_points = array<i64: 0, 0>, axis = 0 : i64} : (tensor<2xi32>) -> tensor<2xf32>
  %0 = dnn.dequantize %x {scales = array<f64: 0.5>, zero_points = array<i64: 7>, axis = 0 : i64} : (tensor<1x3x4x5xui8>) -> tensor<1x3x4x5xf32>
  %1 = dnn.conv_transpose %0, %w, %c {strides = array<i64: 2, 2>, pads = array<i64: 0, 0, 0, 0>, dilations = array<i64: 1, 1>, output_padding = array<i64: 0, 0>, group = 1 : i64,
      operandSegmentSizes = array<i32: 1, 1, 1, 0>} : (tensor<1x3x4x5xf32>, tensor<3x2x2x2xf32>, tensor<2xf32>) -> tensor<1x2x8x10xf32> loc("up")
  %2 = dnn.quantize %1 {scales = array<f64: 2.0>, zero_points = array<i64: 0>, axis = 0 : i64, to = ui8} : (tensor<1x2x8x10xf32>) -> tensor<1x2x8x10xui8>
  %3 = dnn.conv_transpose %0, %w {strides = array<i64: 2, 2>, pads = array<i64: 0, 0, 0, 0>, dilations = array<i64: 1, 1>, output_padding = array<i64: 1, 1>, group = 1 : i64,
      operandSegmentSizes = array<i32: 1, 1, 0, 0>} : (tensor<1x3x4x5xf32>, tensor<3x2x2x2xf32>) -> tensor<1x2x9x11xf32> loc("overlapping")
  return %2, %3 : tensor<1x2x8x10xui8>, tensor<1x2x9x11xf32>
}
