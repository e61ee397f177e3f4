// A product, a relu of it that stays a step of its own (the product is an output too), and an output that is a copy.
func.func @main(%x: tensor<4x8xf32> {dnn.name = "x"}) -> (tensor<4x6xf32> {dnn.name = "y"}, tensor<4x6xf32> {dnn.name = "z"}, tensor<8x4xf32> {dnn.name = "t"}) {
  %w = dnn.constant dense<0.5> : tensor<8x6xf32>
  %y = dnn.matmul %x, %w {operandSegmentSizes = array<i32: 1, 1, 0, 0>} : (tensor<4x8xf32>, tensor<8x6xf32>) -> tensor<4x6xf32>
  %z = dnn.pointwise %y : (tensor<4x6xf32>) -> tensor<4x6xf32> {
    ^bb0(%0: f32):
      %1 = pw.fn "relu"(%0) : (f32) -> f32
      pw.yield %1 : f32
  }
  %t = dnn.transpose %x {perm = array<i64: 1, 0>} : (tensor<4x8xf32>) -> tensor<8x4xf32>
  return %y, %z, %t : tensor<4x6xf32>, tensor<4x6xf32>, tensor<8x4xf32>
}
