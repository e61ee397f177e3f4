// RUN: dnnc-opt %s | FileCheck %s
// RUN: dnnc-opt %s > %t.1 && dnnc-opt %t.1 > %t.2 && diff %t.1 %t.2
// RUN: dnnc-opt --mlir-print-op-generic %s | dnnc-opt > %t.3 && diff %t.1 %t.3

// One function of each kind.
// CHECK-LABEL: func @kinds
// CHECK: pw.fn "exp"(%{{.*}}) : (f32) -> f32
// CHECK: pw.fn "add"(%{{.*}}, %{{.*}}) : (i64, i64) -> i64
// CHECK: pw.fn "bitwise_and"(%{{.*}}, %{{.*}}) : (i64, i64) -> i64
// CHECK: pw.fn "logical_not"(%{{.*}}) : (i1) -> i1
// CHECK: pw.fn "less"(%{{.*}}, %{{.*}}) : (f32, f32) -> i1
// CHECK: pw.fn "is_nan"(%{{.*}}) : (f32) -> i1
// CHECK: pw.fn "cast"(%{{.*}}) : (f32) -> ui8
// CHECK: pw.fn "where"(%{{.*}}, %{{.*}}, %{{.*}}) : (i1, f32, f32) -> f32
func.func @kinds(%f: f32, %i: i64, %b: i1) {
  %0 = pw.fn "exp"(%f) : (f32) -> f32
  %1 = pw.fn "add"(%i, %i) : (i64, i64) -> i64
  %2 = pw.fn "bitwise_and"(%i, %i) : (i64, i64) -> i64
  %3 = pw.fn "logical_not"(%b) : (i1) -> i1
  %4 = pw.fn "less"(%f, %f) : (f32, f32) -> i1
  %5 = pw.fn "is_nan"(%f) : (f32) -> i1
  %6 = pw.fn "cast"(%f) : (f32) -> ui8
  %7 = pw.fn "where"(%b, %f, %f) : (i1, f32, f32) -> f32
  return
}

// CHECK-LABEL: func @constants
// CHECK: pw.const 6.000000e+00 : f32
// CHECK: pw.const 0xFF800000 : f32
// CHECK: pw.const 255 : ui8
// CHECK: pw.const true
// CHECK: pw.yield %{{.*}} : f32
func.func @constants(%x: tensor<4xf32>) -> tensor<4xf32> {
  %0 = dnn.pointwise %x : (tensor<4xf32>) -> tensor<4xf32> {
    ^bb0(%a: f32):
      %six = pw.const 6.0 : f32
      %lowest = pw.const 0xFF800000 : f32
      %byte = pw.const 255 : ui8
      %true = pw.const true
      %b = pw.fn "clip"(%a, %lowest, %six) : (f32, f32, f32) -> f32
      pw.yield %b : f32
  }
  return %0 : tensor<4xf32>
}
