// Where the weights allow it, sums of two or four products of bytes are 16 bits wide on AVX2; else numbers are words there.
// RUN: dnnc-opt --pass-pipeline='builtin.module(lower-to-exec{target=avx2})' --split-input-file --verify-diagnostics %s | FileCheck %s
// RUN: dnnc-opt --pass-pipeline='builtin.module(lower-to-exec{target=avx512vnni})' --split-input-file %s | FileCheck --check-prefix=VNNI %s

// 7 bits: 255 * (32 + 32 + 32 + 32) fits. A byte for each number: 32 * 16, for 9 channels of two vectors.
// CHECK-LABEL: exec.schedule @seven_bits
// CHECK: exec.weight {{.*}}tensor<512xi8>
// CHECK: exec.call "conv_int8_sums_fours_4x2"
// VNNI-LABEL: exec.schedule @seven_bits
// VNNI: exec.call "conv_int8_sums_10x1"
func.func @seven_bits(%x: tensor<3x32xui8>) -> tensor<3x9xi32> {
  %w = dnn.constant dense<32> : tensor<32x9xi8>
  // expected-remark @below {{sums of four products in 16 bits: 100 % of the entries, of two products in 16 bits: 100 % of the entries; four}}
  %y = dnn.matmul %x, %w {input_zero_point = 3 : i64, operandSegmentSizes = array<i32: 1, 1, 0, 0>} : (tensor<3x32xui8>, tensor<32x9xi8>) -> tensor<3x9xi32>
  return %y : tensor<3x9xi32>
}

// -----

// Of four weights of 60 in a sum only two fit, but always those: half of the entries twice as often.
// CHECK-LABEL: exec.schedule @two
// CHECK: exec.call "conv_int8_sums_pairs_4x2"
// VNNI-LABEL: exec.schedule @two
func.func @two(%x: tensor<3x32xui8>) -> tensor<3x9xi32> {
  %w = dnn.constant dense<60> : tensor<32x9xi8>
  // expected-remark @below {{of four products in 16 bits: 200 % of the entries, of two products in 16 bits: 100 % of the entries; two}}
  %y = dnn.matmul %x, %w {input_zero_point = 3 : i64, operandSegmentSizes = array<i32: 1, 1, 0, 0>} : (tensor<3x32xui8>, tensor<32x9xi8>) -> tensor<3x9xi32>
  return %y : tensor<3x9xi32>
}

// -----

// Of 127 only one fits: every number is multiplied four times.
// CHECK-LABEL: exec.schedule @eight_bits
// CHECK: exec.call "conv_int8_sums_6x2"
// VNNI-LABEL: exec.schedule @eight_bits
// VNNI: exec.call "conv_int8_sums_10x1"
func.func @eight_bits(%x: tensor<3x32xui8>) -> tensor<3x9xi32> {
  %w = dnn.constant dense<127> : tensor<32x9xi8>
  // expected-remark @below {{not applied: sums of four products in 16 bits: 400 % of the entries, of two products in 16 bits: 200 % of the entries; weights of 7 bits need fewer}}
  %y = dnn.matmul %x, %w {input_zero_point = 3 : i64, operandSegmentSizes = array<i32: 1, 1, 0, 0>} : (tensor<3x32xui8>, tensor<32x9xi8>) -> tensor<3x9xi32>
  return %y : tensor<3x9xi32>
}
