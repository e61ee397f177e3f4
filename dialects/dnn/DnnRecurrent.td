//===- DnnRecurrent.td - recurrent layers -------------------------------------------===//

#ifndef DNNC_DNN_RECURRENT_TD
#define DNNC_DNN_RECURRENT_TD

include "DnnBase.td"

def Dnn_RecurrentCell : I32EnumAttr<"RecurrentCell", "cell of a recurrent layer", [
    I32EnumAttrCase<"Rnn", 0, "rnn">, I32EnumAttrCase<"Gru", 1, "gru">, I32EnumAttrCase<"GruLinear", 2, "gru_linear">,
    I32EnumAttrCase<"Lstm", 3, "lstm">]> {
  let cppNamespace = "::dnnc::dnn";
}

def Dnn_RecurrentOp : Dnn_Inferred<"recurrent", [AttrSizedOperandSegments, Dnn_Required<2>, DeclareOpInterfaceMethods<Dnn_Work>]> {
  let summary = "A recurrent layer over a sequence, its input projected already (ONNX RNN, GRU, LSTM)";
  let description = [{
    `input` is X·Wᵀ with the biases, steps × batch × (directions·gates·hidden), or batch × steps × … when `batch_first`; `recurrence` is R,
    directions × (gates·hidden) × hidden. Results are Y, the last state h and, of an lstm, c, in ONNX's shapes for that layout. The formulas are in
    `runtime/kernels/recurrent/params.h`; `gru_linear` is GRU with linear_before_reset, whose hidden bias Rbh is `hidden_bias`.
    `functions` are three for each direction, those a cell lacks "tanh"; `coefficients` their alpha and beta in turn.

    ```mlir
    %y, %h, %c = dnn.recurrent %x, %r {cell = 3 : i32, direction = "forward", functions = ["sigmoid", "tanh", "tanh"],
        coefficients = array<f32: 0.0, 0.0, 0.0, 0.0, 0.0, 0.0>, operandSegmentSizes = array<i32: 1, 1, 0, 0, 0, 0, 0>}
        : (tensor<5x1x32xf32>, tensor<1x32x8xf32>) -> (tensor<5x1x1x8xf32>, tensor<1x1x8xf32>, tensor<1x1x8xf32>)
    ```
  }];
  let arguments = (ins Dnn_Tensor:$input, Dnn_Tensor:$recurrence, Optional<Dnn_Tensor>:$hidden_bias, Optional<Dnn_Tensor>:$peepholes,
      Optional<Dnn_Tensor>:$initial_h, Optional<Dnn_Tensor>:$initial_c, Optional<Dnn_Tensor>:$sequence_lens, Dnn_RecurrentCell:$cell,
      StrAttr:$direction, StrArrayAttr:$functions, DenseF32ArrayAttr:$coefficients, DefaultValuedAttr<BoolAttr, "false">:$batch_first,
      DefaultValuedAttr<BoolAttr, "false">:$input_forget, DefaultValuedAttr<F32Attr, "0.0">:$clip);
  let results = (outs Dnn_Tensor:$y, Dnn_Tensor:$y_h, Optional<Dnn_Tensor>:$y_c);
}

#endif
