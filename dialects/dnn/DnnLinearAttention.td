//===- DnnLinearAttention.td - attention as a recurrence ---------------------------===//

#ifndef DNNC_DNN_LINEAR_ATTENTION_TD
#define DNNC_DNN_LINEAR_ATTENTION_TD

include "DnnBase.td"

def Dnn_LinearAttentionOp : Dnn_Inferred<"linear_attention", [AttrSizedOperandSegments, Dnn_Required<3>, DeclareOpInterfaceMethods<Dnn_Work>]> {
  let summary = "Linear attention (ONNX LinearAttention): a state per head that each position updates and then reads";
  let description = [{
    `query` is B×T×(heads·dk), `key` B×T×(kv_heads·dk), `value` B×T×(kv_heads·dv); the state `S` is dk×dv for each batch and kv head,
    `past` to begin with, or zeros. At each position, with its rows `q`, `k`, `v`,

        S = decay * S;   u = beta * (v - Sᵀk), or v without beta;   S = S + k ⊗ u;   y = scale * Sᵀq

    `decay` (a factor, not its logarithm) has one value per kv head or one per row of the state, `beta` one per kv head or one for all.
    The second result is the state behind the last position.

    ```mlir
    %y, %s = dnn.linear_attention %q, %k, %v, %beta {heads = 4 : i64, kv_heads = 2 : i64, scale = 0.5 : f64,
        operandSegmentSizes = array<i32: 1, 1, 1, 0, 0, 1>}
        : (tensor<1x3x32xf32>, tensor<1x3x16xf32>, tensor<1x3x12xf32>, tensor<1x3x2xf32>) -> (tensor<1x3x24xf32>, tensor<1x2x8x6xf32>)
    ```
  }];
  let arguments = (ins Dnn_Tensor:$query, Dnn_Tensor:$key, Dnn_Tensor:$value, Optional<Dnn_Tensor>:$past, Optional<Dnn_Tensor>:$decay,
      Optional<Dnn_Tensor>:$beta, I64Attr:$heads, I64Attr:$kv_heads, F64Attr:$scale);
  let results = (outs Dnn_Tensor:$result, Dnn_Tensor:$state);
}

#endif
