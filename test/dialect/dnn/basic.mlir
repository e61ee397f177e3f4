// What is printed reads back as the same, in the custom and in the generic form. Every op's example is run by test/docs/examples.test.
// RUN: dnnc-opt %s | FileCheck %s
// RUN: dnnc-opt %s > %t.1 && dnnc-opt %t.1 > %t.2 && diff %t.1 %t.2
// RUN: dnnc-opt --mlir-print-op-generic %s | dnnc-opt > %t.3 && diff %t.1 %t.3

// CHECK-LABEL: func @epilogue
// CHECK: dnn.conv %arg0, %arg1, %arg2, %arg3
// CHECK-SAME: operandSegmentSizes = array<i32: 1, 1, 1, 1>
// CHECK-SAME: (tensor<1x4x8x8xf32>, tensor<4x4x1x1xf32>, tensor<4xf32>, tensor<1x4x8x8xf32>) -> tensor<1x4x8x8xf32> {
// CHECK-NEXT: ^bb0(%{{.*}}: f32, %{{.*}}: f32):
// CHECK: pw.yield
func.func @epilogue(%x: tensor<1x4x8x8xf32>, %w: tensor<4x4x1x1xf32>, %b: tensor<4xf32>, %skip: tensor<1x4x8x8xf32>) -> tensor<1x4x8x8xf32> {
  %0 = dnn.conv %x, %w, %b, %skip {strides = array<i64: 1, 1>, pads = array<i64: 0, 0, 0, 0>, dilations = array<i64: 1, 1>, group = 1 : i64,
      operandSegmentSizes = array<i32: 1, 1, 1, 1>}
      : (tensor<1x4x8x8xf32>, tensor<4x4x1x1xf32>, tensor<4xf32>, tensor<1x4x8x8xf32>) -> tensor<1x4x8x8xf32> {
    ^bb0(%acc: f32, %s: f32):
      %sum = pw.fn "add"(%acc, %s) : (f32, f32) -> f32
      pw.yield %sum : f32
  }
  return %0 : tensor<1x4x8x8xf32>
}

// CHECK-LABEL: func @layouts
// CHECK: dnn.relayout %arg0 : tensor<1x4x8x8xf32> -> tensor<1x4x8x8xf32, #dnn.layout<[0, 2, 3, 1]>>
// CHECK: dnn.softmax %{{.*}} : (tensor<1x4x8x8xf32, #dnn.layout<[0, 2, 3, 1]>>) -> tensor<1x4x8x8xf32, #dnn.layout<[0, 2, 3, 1]>>
func.func @layouts(%x: tensor<1x4x8x8xf32>) -> tensor<1x4x8x8xf32, #dnn.layout<[0, 2, 3, 1]>> {
  %0 = dnn.relayout %x : tensor<1x4x8x8xf32> -> tensor<1x4x8x8xf32, #dnn.layout<[0, 2, 3, 1]>>
  %1 = dnn.softmax %0 {axis = 1 : i64} : (tensor<1x4x8x8xf32, #dnn.layout<[0, 2, 3, 1]>>) -> tensor<1x4x8x8xf32, #dnn.layout<[0, 2, 3, 1]>>
  return %1 : tensor<1x4x8x8xf32, #dnn.layout<[0, 2, 3, 1]>>
}

// Every element type ONNX has and kernels know.
// CHECK-LABEL: func @types
// CHECK-COUNT-13: dnn.constant
func.func @types() {
  %0 = dnn.constant dense<1.5> : tensor<2xf32>
  %1 = dnn.constant dense<1.5> : tensor<2xf16>
  %2 = dnn.constant dense<1.5> : tensor<2xbf16>
  %3 = dnn.constant dense<1.5> : tensor<2xf64>
  %4 = dnn.constant dense<-1> : tensor<2xi8>
  %5 = dnn.constant dense<-1> : tensor<2xi16>
  %6 = dnn.constant dense<-1> : tensor<2xi32>
  %7 = dnn.constant dense<-1> : tensor<i64>
  %8 = dnn.constant dense<255> : tensor<2xui8>
  %9 = dnn.constant dense<255> : tensor<2xui16>
  %10 = dnn.constant dense<255> : tensor<2xui32>
  %11 = dnn.constant dense<255> : tensor<2xui64>
  %12 = dnn.constant dense<[true, false]> : tensor<2xi1>
  return
}

// A large constant is a resource.
// CHECK-LABEL: func @resource
// CHECK: dnn.constant dense_resource<w> : tensor<2xf32>
func.func @resource() -> tensor<2xf32> {
  %0 = dnn.constant dense_resource<w> : tensor<2xf32>
  return %0 : tensor<2xf32>
}

{-#
  dialect_resources: {
    builtin: {
      w: "0x400000000000803F00000040"
    }
  }
#-}
