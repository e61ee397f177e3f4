// RUN: dnnc-opt --narrow-weights %s 2>/dev/null | FileCheck %s
// RUN: dnnc-opt --narrow-weights=type=f32 %s 2>/dev/null | FileCheck --check-prefix=F32 %s
// RUN: dnnc-opt --narrow-weights=type=bf16 %s 2>/dev/null | FileCheck --check-prefix=BF16 %s
// RUN: dnnc-opt --narrow-weights=type=bf16 %s 2>&1 >/dev/null | FileCheck --check-prefix=REMARK %s

// F32-NOT: tensor<{{.*}}f16>

// The model's types come back where nothing is lost.
// CHECK-LABEL: func @as_the_model
// CHECK-NOT: dnn.weight_types
// CHECK: dnn.matmul {{.*}} : (tensor<1x2xf32>, tensor<2x2xf16>) -> tensor<1x2xf32>
// CHECK: dnn.matmul {{.*}} : (tensor<1x2xf32>, tensor<2x2xf32>) -> tensor<1x2xf32>
// BF16-LABEL: func @as_the_model
// BF16: %[[W:.*]] = dnn.constant dense<{{.*}}1.000000e+00, 3.339840e-01{{.*}}> : tensor<2x2xbf16>
// BF16: %[[OUT:.*]] = dnn.constant dense<{{.*}}1.000000e+00, 0.333251953{{.*}}> : tensor<2x2xf32>
// BF16: dnn.matmul %arg0, %[[W]] {{.*}} : (tensor<1x2xf32>, tensor<2x2xbf16>) -> tensor<1x2xf32>
// BF16: return %{{.*}}, %[[OUT]]
// REMARK: remark: [weights] 4 weights as bf16, relative L2 error 3.16e-04
// REMARK: note: 8 weights as bf16, relative L2 error 3.06e-04
func.func @as_the_model(%x: tensor<1x2xf32>) -> (tensor<1x2xf32>, tensor<2x2xf32>) attributes {dnn.weight_types = [f16]} {
  %w = dnn.constant dense<[[1.0, 0.333251953125], [2.0, -0.5]]> : tensor<2x2xf32>
  %folded = dnn.constant dense<[[1.0, 0.3333], [2.0, -0.5]]> : tensor<2x2xf32>
  %0 = dnn.matmul %x, %w {operandSegmentSizes = array<i32: 1, 1, 0, 0>} : (tensor<1x2xf32>, tensor<2x2xf32>) -> tensor<1x2xf32>
  %1 = dnn.matmul %0, %folded {operandSegmentSizes = array<i32: 1, 1, 0, 0>} : (tensor<1x2xf32>, tensor<2x2xf32>) -> tensor<1x2xf32>
  return %1, %w : tensor<1x2xf32>, tensor<2x2xf32>
}

// One constant for all its users; bias and input are no weights.
// CHECK-LABEL: func @do_not_change_f32_models
// CHECK-NOT: f16
// CHECK: return
// BF16-LABEL: func @do_not_change_f32_models
// BF16: %[[B:.*]] = dnn.constant {{.*}} : tensor<2xf32>
// BF16: %[[W:.*]] = dnn.constant {{.*}} : tensor<2x1x1x1xbf16>
// BF16: dnn.conv %{{.*}}, %[[W]], %[[B]]
// BF16: dnn.conv_transpose %{{.*}}, %[[W]]
func.func @do_not_change_f32_models(%x: tensor<1x1x2x2xf32>) -> tensor<1x1x2x2xf32> {
  %b = dnn.constant dense<[0.1, 0.2]> : tensor<2xf32>
  %w = dnn.constant dense<0.3> : tensor<2x1x1x1xf32>
  %0 = dnn.conv %x, %w, %b {strides = array<i64: 1, 1>, pads = array<i64: 0, 0, 0, 0>, dilations = array<i64: 1, 1>, group = 1 : i64,
      operandSegmentSizes = array<i32: 1, 1, 1, 0>} : (tensor<1x1x2x2xf32>, tensor<2x1x1x1xf32>, tensor<2xf32>) -> tensor<1x2x2x2xf32>
  %1 = dnn.conv_transpose %0, %w {strides = array<i64: 1, 1>, pads = array<i64: 0, 0, 0, 0>, dilations = array<i64: 1, 1>,
      output_padding = array<i64: 0, 0>, group = 1 : i64, operandSegmentSizes = array<i32: 1, 1, 0, 0>}
      : (tensor<1x2x2x2xf32>, tensor<2x1x1x1xf32>) -> tensor<1x1x2x2xf32>
  return %1 : tensor<1x1x2x2xf32>
}

// Not packed at compile time: a batch of matrices, a constant on the left, a runtime value.
// BF16-LABEL: func @do_not_change_what_is_no_weight
// BF16-NOT: bf16
// BF16: return
func.func @do_not_change_what_is_no_weight(%x: tensor<2x2x2xf32>) -> tensor<2x2x2xf32> {
  %w = dnn.constant dense<0.3> : tensor<2x2x2xf32>
  %0 = dnn.matmul %x, %w {operandSegmentSizes = array<i32: 1, 1, 0, 0>} : (tensor<2x2x2xf32>, tensor<2x2x2xf32>) -> tensor<2x2x2xf32>
  %1 = dnn.matmul %w, %0 {operandSegmentSizes = array<i32: 1, 1, 0, 0>} : (tensor<2x2x2xf32>, tensor<2x2x2xf32>) -> tensor<2x2x2xf32>
  return %1 : tensor<2x2x2xf32>
}
