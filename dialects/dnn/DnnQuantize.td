//===- DnnQuantize.td - quantization -----------------------------------------------===//
//
// The first pass of the graph phase turns these into integer ops and chains; later phases have none.
//
//===-------------------------------------------------------------------------------===//

#ifndef DNNC_DNN_QUANTIZE_TD
#define DNNC_DNN_QUANTIZE_TD

include "DnnBase.td"

def Dnn_QuantizeOp : Dnn_Inferred<"quantize"> {
  let summary = "saturate(round(x / scale) + zero_point), halves to even (ONNX QuantizeLinear)";
  let description = [{
    One scale and zero point, or one for each place along `axis`.

    ```mlir
    %q = dnn.quantize %x {scales = array<f64: 0.5>, zero_points = array<i64: 128>, axis = 0 : i64, to = ui8}
        : (tensor<1x4x8x8xf32>) -> tensor<1x4x8x8xui8>
    ```
  }];
  let arguments = (ins Dnn_Tensor:$input, DenseF64ArrayAttr:$scales, DenseI64ArrayAttr:$zero_points, I64Attr:$axis, TypeAttr:$to);
}

def Dnn_DequantizeOp : Dnn_Inferred<"dequantize"> {
  let summary = "(x - zero_point) * scale (ONNX DequantizeLinear)";
  let description = [{
    One scale and zero point, or one for each place along `axis`.

    ```mlir
    %x = dnn.dequantize %q {scales = array<f64: 0.5>, zero_points = array<i64: 128>, axis = 0 : i64}
        : (tensor<1x4x8x8xui8>) -> tensor<1x4x8x8xf32>
    ```
  }];
  let arguments = (ins Dnn_Tensor:$input, DenseF64ArrayAttr:$scales, DenseI64ArrayAttr:$zero_points, I64Attr:$axis);
}

#endif
