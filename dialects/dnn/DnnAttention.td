//===- DnnAttention.td - attention --------------------------------------------------===//

#ifndef DNNC_DNN_ATTENTION_TD
#define DNNC_DNN_ATTENTION_TD

include "DnnBase.td"

def Dnn_AttentionOp : Dnn_Inferred<"attention", [DeclareOpInterfaceMethods<Dnn_Work>]> {
  let summary = "softmax(cap(scale * q * kᵀ) + mask) * v for each head (ONNX Attention)";
  let description = [{
    `q` is batch×heads×m×d, `k` batch×kv heads×n×d, `v` batch×kv heads×n×dv, the result batch×heads×m×dv; a key's head serves heads / kv heads
    neighbouring ones of `q`. `cap(x) = softcap * tanh(x / softcap)`, or x where `softcap` is 0. `mask` broadcasts to batch×heads×m×n: a float
    is added, a bool says which keys take part. With `causal`, query i sees keys up to i + `past`. A row without any key is 0.

    ```mlir
    %y = dnn.attention %q, %k, %v {scale = 0.125 : f64, causal = true}
        : (tensor<1x8x5x64xf32>, tensor<1x2x5x64xf32>, tensor<1x2x5x64xf32>) -> tensor<1x8x5x64xf32>
    ```
  }];
  let arguments = (ins Dnn_Tensor:$query, Dnn_Tensor:$key, Dnn_Tensor:$value, Optional<Dnn_Tensor>:$mask, F64Attr:$scale,
      DefaultValuedAttr<F64Attr, "0.0">:$softcap, DefaultValuedAttr<BoolAttr, "false">:$causal, DefaultValuedAttr<I64Attr, "0">:$past);
}

def Dnn_RotaryOp : Dnn_Inferred<"rotary"> {
  let summary = "Rotation of pairs of columns by an angle for each row (ONNX RotaryEmbedding)";
  let description = [{
    `x` is batch×heads×m×d, `cos` and `sin` are batch×m×pairs, or 1×m×pairs for all batches. The first 2·pairs columns of each row are pairs (a, b), either
    halves apart or, if `interleaved`, neighbours; they become (a cos - b sin, b cos + a sin). The other columns stay.

    ```mlir
    %y = dnn.rotary %x, %cos, %sin {interleaved = false} : (tensor<1x8x5x64xf32>, tensor<1x5x32xf32>, tensor<1x5x32xf32>) -> tensor<1x8x5x64xf32>
    ```
  }];
  let arguments = (ins Dnn_Tensor:$input, Dnn_Tensor:$cos, Dnn_Tensor:$sin, DefaultValuedAttr<BoolAttr, "false">:$interleaved);
}

#endif
