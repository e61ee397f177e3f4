// y = relu(x * scale + shift) as f32 [2, 20]; count = trunc(y) + 1 as i64 [2, 20]; top = y * y, only row 1. Written by hand for codegen's tests.
module attributes {dnn.model = "small.onnx"} {
  exec.schedule @main attributes {target = "avx2", inputs = [tensor<2x20xf32>], input_names = ["x"],
      outputs = [tensor<2x20xi64>, tensor<20xf32>], output_names = ["count", "top"], arena_size = 192 : i64, scratch_size = 64 : i64} {
    %x = exec.input 0 : !exec.buffer<f32>
    %count = exec.output 0 : !exec.buffer<i64>
    %top = exec.output 1 : !exec.buffer<f32>
    %scale = exec.weight dense_resource<scale> : tensor<20xf32> {name = "scale"} : !exec.buffer<f32>
    %again = exec.weight dense_resource<again> : tensor<20xf32> {name = "the same values"} : !exec.buffer<f32>
    %shift = exec.weight dense<[-0.5]> : tensor<1xf32> {name = "shift"} : !exec.buffer<f32>
    %y = exec.alloc {bytes = 160 : i64, offset = 0 : i64} : !exec.buffer<f32>
    exec.call "map" inputs(%x, %scale, %shift : !exec.buffer<f32>, !exec.buffer<f32>, !exec.buffer<f32>) outputs(%y : !exec.buffer<f32>)
        {params = {rank = 2 : i64, shape = array<i64: 2, 20>, y_strides = array<i64: 20, 1>,
                   x_strides = array<i64: 20, 1, 0, 0, 0, 0, 0, 1, 0, 0, 0, 0, 0, 0>}, text = "scale + shift + relu  2x20 -> 2x20"} chain {
      ^bb0(%a: f32, %b: f32, %c: f32):
        %0 = pw.fn "mul"(%a, %b) : (f32, f32) -> f32
        %1 = pw.fn "add"(%0, %c) : (f32, f32) -> f32
        %2 = pw.fn "relu"(%1) : (f32) -> f32
        pw.yield %2 : f32
    }
    exec.call "map_scalar" inputs(%y : !exec.buffer<f32>) outputs(%count : !exec.buffer<i64>)
        {params = {rank = 1 : i64, shape = array<i64: 40>, y_strides = array<i64: 1>, x_strides = array<i64: 1>}, text = "count"} chain {
      ^bb0(%a: f32):
        %0 = pw.fn "cast"(%a) : (f32) -> i64
        %one = pw.const 1 : i64
        %1 = pw.fn "add"(%0, %one) : (i64, i64) -> i64
        pw.yield %1 : i64
    }
    %row = exec.view %y[80] : !exec.buffer<f32> -> !exec.buffer<f32>
    exec.call "map" inputs(%row, %again : !exec.buffer<f32>, !exec.buffer<f32>) outputs(%top : !exec.buffer<f32>)
        {params = {rank = 1 : i64, shape = array<i64: 20>, y_strides = array<i64: 1>, x_strides = array<i64: 1, 0, 0, 0, 0, 0, 1>},
         text = "top"} chain {
      ^bb0(%a: f32, %b: f32):
        %0 = pw.fn "mul"(%a, %a) : (f32, f32) -> f32
        pw.yield %0 : f32
    }
  }
}
{-# dialect_resources: { builtin: {
  scale: "0x400000000000803F0000004000004040000080400000A0400000C0400000E0400000004100001041000020410000304100004041000050410000604100007041000080410000884100009041000098410000A041",
  again: "0x400000000000803F0000004000004040000080400000A0400000C0400000E0400000004100001041000020410000304100004041000050410000604100007041000080410000884100009041000098410000A041"
} } #-}
