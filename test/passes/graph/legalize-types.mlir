// RUN: dnnc-opt --legalize-types --simplify-graph %s 2>/dev/null | FileCheck %s

// The interface keeps its types; everything between is f32.
// CHECK-LABEL: func @f16(%arg0: tensor<1x4xf16>) -> tensor<1x2xf16>
// CHECK: %[[X:.*]] = dnn.pointwise %arg0
// CHECK: pw.fn "cast"(%{{.*}}) : (f16) -> f32
// CHECK: %[[W:.*]] = dnn.constant dense<{{.*}}6.550400e+04{{.*}}> : tensor<4x2xf32>
// CHECK: %[[Y:.*]] = dnn.matmul %[[X]], %[[W]] {{.*}} : (tensor<1x4xf32>, tensor<4x2xf32>) -> tensor<1x2xf32>
// CHECK: %[[R:.*]] = dnn.pointwise %[[Y]]
// CHECK-NEXT: ^bb0(%[[A:.*]]: f32):
// CHECK-NEXT: %[[HALF:.*]] = pw.const 5.000000e-01 : f32
// CHECK-NEXT: %[[M:.*]] = pw.fn "mul"(%[[A]], %[[HALF]]) : (f32, f32) -> f32
// CHECK: %[[C:.*]] = dnn.pointwise %[[R]]
// CHECK: pw.fn "cast"(%{{.*}}) : (f32) -> f16
// CHECK: return %[[C]] : tensor<1x2xf16>
func.func @f16(%x: tensor<1x4xf16>) -> tensor<1x2xf16> {
  %w = dnn.constant dense<[[1.0, 2.0], [3.0, 4.0], [0.5, 0.25], [65504.0, 0.0]]> : tensor<4x2xf16>
  %0 = dnn.matmul %x, %w {operandSegmentSizes = array<i32: 1, 1, 0, 0>} : (tensor<1x4xf16>, tensor<4x2xf16>) -> tensor<1x2xf16>
  %1 = dnn.pointwise %0 : (tensor<1x2xf16>) -> tensor<1x2xf16> {
    ^bb0(%a: f16):
      %half = pw.const 0.5 : f16
      %b = pw.fn "mul"(%a, %half) : (f16, f16) -> f16
      pw.yield %b : f16
  }
  return %1 : tensor<1x2xf16>
}

// bf16 in, integers out; 16-bit weights are the same values in f32.
// CHECK-LABEL: func @bf16
// CHECK: dnn.constant dense<1.500000e+00> : tensor<2xf32>
// CHECK: pw.fn "cast"(%{{.*}}) : (f32) -> i64
func.func @bf16(%x: tensor<2xbf16>) -> (tensor<2xi64>, tensor<2xbf16>) {
  %c = dnn.constant dense<1.5> : tensor<2xbf16>
  %0 = dnn.pointwise %x : (tensor<2xbf16>) -> tensor<2xi64> {
    ^bb0(%a: bf16):
      %b = pw.fn "cast"(%a) : (bf16) -> i64
      pw.yield %b : i64
  }
  return %0, %c : tensor<2xi64>, tensor<2xbf16>
}

// The model's own cast rounds amid f32; what is cast for an operator's attribute does not.
// CHECK-LABEL: func @rounded
// CHECK: %[[N:.*]] = pw.fn "cast"(%{{.*}}) : (f32) -> f16
// CHECK: %[[W:.*]] = pw.fn "cast"(%[[N]]) : (f16) -> f32
// CHECK: pw.fn "mul"(%[[W]]
// CHECK-NOT: -> f16
func.func @rounded(%x: tensor<2xf32>) -> tensor<2xf32> {
  %0 = dnn.pointwise %x : (tensor<2xf32>) -> tensor<2xf32> {
    ^bb0(%a: f32):
      %b = pw.fn "cast"(%a) : (f32) -> f16
      %c = pw.const 0.1 : f32
      %d = pw.fn "cast"(%c) : (f32) -> f16
      %e = pw.fn "mul"(%b, %d) : (f16, f16) -> f16
      %f = pw.fn "cast"(%e) : (f16) -> f32
      pw.yield %f : f32
  }
  return %0 : tensor<2xf32>
}

// What only passes through is not changed in the end: the two casts cancel.
// CHECK-LABEL: func @only_moved
// CHECK-NOT: dnn.pointwise
// CHECK: return %arg0
func.func @only_moved(%x: tensor<2xf16>) -> tensor<2xf16> {
  %0 = dnn.reshape %x : tensor<2xf16> -> tensor<1x2xf16>
  %1 = dnn.reshape %0 : tensor<1x2xf16> -> tensor<2xf16>
  return %1 : tensor<2xf16>
}

// CHECK-LABEL: func @do_not_change_others
// CHECK-NOT: "cast"
// CHECK: (f64, f64) -> f64
func.func @do_not_change_others(%x: tensor<2xf64>) -> tensor<2xf64> {
  %0 = dnn.pointwise %x : (tensor<2xf64>) -> tensor<2xf64> {
    ^bb0(%a: f64):
      %b = pw.fn "mul"(%a, %a) : (f64, f64) -> f64
      pw.yield %b : f64
  }
  return %0 : tensor<2xf64>
}

// Elements of 8 bits and less are the integers that store them; the importer's own bit casts are gone.
// CHECK-LABEL: func @small(%arg0: tensor<2x3x!pw.small<f8E4M3FN>>) -> (tensor<3x2x!pw.small<f8E4M3FN>>, tensor<2x3xf32>)
// CHECK: %[[X:.*]] = dnn.bitcast %arg0 : tensor<2x3x!pw.small<f8E4M3FN>> -> tensor<2x3xui8>
// CHECK: %[[T:.*]] = dnn.transpose %[[X]] {perm = array<i64: 1, 0>} : (tensor<2x3xui8>) -> tensor<3x2xui8>
// CHECK: %[[F:.*]] = dnn.pointwise %[[X]] : (tensor<2x3xui8>) -> tensor<2x3xf32>
// CHECK: %[[Y:.*]] = dnn.bitcast %[[T]] : tensor<3x2xui8> -> tensor<3x2x!pw.small<f8E4M3FN>>
// CHECK: return %[[Y]], %[[F]]
func.func @small(%x: tensor<2x3x!pw.small<f8E4M3FN>>) -> (tensor<3x2x!pw.small<f8E4M3FN>>, tensor<2x3xf32>) {
  %t = dnn.transpose %x {perm = array<i64: 1, 0>} : (tensor<2x3x!pw.small<f8E4M3FN>>) -> tensor<3x2x!pw.small<f8E4M3FN>>
  %codes = dnn.bitcast %x : tensor<2x3x!pw.small<f8E4M3FN>> -> tensor<2x3xui8>
  %f = dnn.pointwise %codes : (tensor<2x3xui8>) -> tensor<2x3xf32> {
    ^bb0(%a: ui8):
      %b = pw.fn "cast"(%a) : (ui8) -> f32
      %c = pw.fn "from_f8e4m3fn"(%b) : (f32) -> f32
      pw.yield %c : f32
  }
  return %t, %f : tensor<3x2x!pw.small<f8E4M3FN>>, tensor<2x3xf32>
}

// What is padded with is the byte of the number: 1.5 is 0x3c.
// CHECK-LABEL: func @pad_small
// CHECK: dnn.pad %{{.*}} {mode = "constant", pads = array<i64: 1, 0>, value = 6.000000e+01 : f64} : (tensor<2xui8>) -> tensor<3xui8>
func.func @pad_small(%x: tensor<2x!pw.small<f8E4M3FN>>) -> tensor<3x!pw.small<f8E4M3FN>> {
  %y = dnn.pad %x {pads = array<i64: 1, 0>, mode = "constant", value = 1.5 : f64} : (tensor<2x!pw.small<f8E4M3FN>>) -> tensor<3x!pw.small<f8E4M3FN>>
  return %y : tensor<3x!pw.small<f8E4M3FN>>
}

// The bits of a 16-bit float are read as such.
// CHECK-LABEL: func @bits_of_half
// CHECK: %[[B:.*]] = dnn.bitcast %arg0 : tensor<2xf16> -> tensor<2xi16>
// CHECK: return %[[B]]
func.func @bits_of_half(%x: tensor<2xf16>) -> tensor<2xi16> {
  %y = dnn.bitcast %x : tensor<2xf16> -> tensor<2xi16>
  return %y : tensor<2xi16>
}
