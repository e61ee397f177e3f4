//===- DnnNormalize.td - normalization ----------------------------------------------===//

#ifndef DNNC_DNN_NORMALIZE_TD
#define DNNC_DNN_NORMALIZE_TD

include "DnnBase.td"

def Dnn_SoftmaxOp : Dnn_Inferred<"softmax"> {
  let summary = "exp(x - max) / sum along one axis (ONNX Softmax, LogSoftmax since 13)";
  let description = [{
    ```mlir
    %y = dnn.softmax %x {axis = 1 : i64, log = false} : (tensor<1x10xf32>) -> tensor<1x10xf32>
    ```
  }];
  let arguments = (ins Dnn_Tensor:$input, I64Attr:$axis, DefaultValuedAttr<BoolAttr, "false">:$log);
}

def Dnn_BatchNormOp : Dnn_Inferred<"batch_norm"> {
  let summary = "scale * (x - mean) / sqrt(var + epsilon) + bias per channel (dim 1; ONNX BatchNormalization, inference)";
  let description = [{
    ```mlir
    %y = dnn.batch_norm %x, %s, %b, %m, %v {epsilon = 1.0e-5 : f64}
        : (tensor<1x4x8x8xf32>, tensor<4xf32>, tensor<4xf32>, tensor<4xf32>, tensor<4xf32>) -> tensor<1x4x8x8xf32>
    ```
  }];
  let arguments = (ins Dnn_Tensor:$input, Dnn_Tensor:$scale, Dnn_Tensor:$bias, Dnn_Tensor:$mean, Dnn_Tensor:$variance, F64Attr:$epsilon);
}

def Dnn_LayerNormOp : Dnn_Inferred<"layer_norm"> {
  let summary = "Normalization over the dims from `axis` on (ONNX LayerNormalization 17; RMSNormalization when `rms`)";
  let description = [{
    `scale` and `bias` have the shape of the normalized dims.

    ```mlir
    %y = dnn.layer_norm %x, %s, %b {axis = 2 : i64, epsilon = 1.0e-5 : f64}
        : (tensor<1x5x8xf32>, tensor<8xf32>, tensor<8xf32>) -> tensor<1x5x8xf32>
    ```
  }];
  let arguments = (ins Dnn_Tensor:$input, Dnn_Tensor:$scale, Optional<Dnn_Tensor>:$bias, I64Attr:$axis, F64Attr:$epsilon,
      DefaultValuedAttr<BoolAttr, "false">:$rms);
}

def Dnn_GroupNormOp : Dnn_Inferred<"group_norm"> {
  let summary = "Normalization over spatial dims and groups of channels (ONNX GroupNormalization 21; InstanceNormalization with groups = C)";
  let description = [{
    `scale` and `bias` have one element per channel.

    ```mlir
    %y = dnn.group_norm %x, %s, %b {groups = 4 : i64, epsilon = 1.0e-5 : f64}
        : (tensor<1x4x8x8xf32>, tensor<4xf32>, tensor<4xf32>) -> tensor<1x4x8x8xf32>
    ```
  }];
  let arguments = (ins Dnn_Tensor:$input, Dnn_Tensor:$scale, Dnn_Tensor:$bias, I64Attr:$groups, F64Attr:$epsilon);
}

def Dnn_LrnOp : Dnn_Inferred<"lrn"> {
  let summary = "x / (bias + alpha/size * sum of squares over size neighbouring channels)^beta (ONNX LRN)";
  let description = [{
    ```mlir
    %y = dnn.lrn %x {size = 5 : i64, alpha = 1.0e-4 : f64, beta = 0.75 : f64, bias = 1.0 : f64} : (tensor<1x8x4x4xf32>) -> tensor<1x8x4x4xf32>
    ```
  }];
  let arguments = (ins Dnn_Tensor:$input, I64Attr:$size, F64Attr:$alpha, F64Attr:$beta, F64Attr:$bias);
}

#endif
