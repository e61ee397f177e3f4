// RUN: dnnc-opt --tabulate-pointwise %s 2>/dev/null | FileCheck %s
// RUN: dnnc-opt --tabulate-pointwise %s 2>&1 >/dev/null | FileCheck %s --check-prefix=REMARK

// Entry i is 255 - i.
// REMARK: [fold] invert became a table
// CHECK-LABEL: func @table
// CHECK: %[[T:.*]] = dnn.constant dense_resource
// CHECK: dnn.lookup %arg0, %[[T]]
// CHECK-SAME: (tensor<256x2xui8>, tensor<256xui8>) -> tensor<256x2xui8>
func.func @table(%x: tensor<256x2xui8>) -> tensor<256x2xui8> {
  %0 = dnn.pointwise %x : (tensor<256x2xui8>) -> tensor<256x2xui8> {
    ^bb0(%a: ui8):
      %b = pw.fn "cast"(%a) : (ui8) -> f32
      %m = pw.const 2.550000e+02 : f32
      %c = pw.fn "sub"(%m, %b) : (f32, f32) -> f32
      %d = pw.fn "saturate"(%c) : (f32) -> ui8
      pw.yield %d : ui8
  } loc("invert")
  return %0 : tensor<256x2xui8>
}

// Two operands have 65,536 pairs; a few elements are not worth a table.
// CHECK-LABEL: func @do_not_tabulate
// CHECK-COUNT-2: dnn.pointwise
func.func @do_not_tabulate(%x: tensor<256x2xui8>, %y: tensor<256x2xui8>, %z: tensor<4xui8>) -> (tensor<256x2xui8>, tensor<4xui8>) {
  %0 = dnn.pointwise %x, %y : (tensor<256x2xui8>, tensor<256x2xui8>) -> tensor<256x2xui8> {
    ^bb0(%a: ui8, %b: ui8):
      %c = pw.fn "max"(%a, %b) : (ui8, ui8) -> ui8
      pw.yield %c : ui8
  }
  %1 = dnn.pointwise %z : (tensor<4xui8>) -> tensor<4xui8> {
    ^bb0(%a: ui8):
      %c = pw.fn "abs"(%a) : (ui8) -> ui8
      pw.yield %c : ui8
  }
  return %0, %1 : tensor<256x2xui8>, tensor<4xui8>
}
