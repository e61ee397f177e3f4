//===- DnnIndexing.td - gather, scatter, sort and scan ------------------------------===//

#ifndef DNNC_DNN_INDEXING_TD
#define DNNC_DNN_INDEXING_TD

include "DnnBase.td"

def Dnn_GatherOp : Dnn_Inferred<"gather"> {
  let summary = "Slices of `data` along `axis` picked by `indices` (ONNX Gather); negative indices count from the end";
  let description = [{
    ```mlir
    %y = dnn.gather %x, %i {axis = 0 : i64} : (tensor<5x4xf32>, tensor<2x3xi64>) -> tensor<2x3x4xf32>
    ```
  }];
  let arguments = (ins Dnn_Tensor:$data, Dnn_Tensor:$indices, I64Attr:$axis);
}

def Dnn_GatherElementsOp : Dnn_Inferred<"gather_elements"> {
  let summary = "One element of `data` along `axis` per index (ONNX GatherElements)";
  let description = [{
    ```mlir
    %y = dnn.gather_elements %x, %i {axis = 0 : i64} : (tensor<5x4xf32>, tensor<2x4xi64>) -> tensor<2x4xf32>
    ```
  }];
  let arguments = (ins Dnn_Tensor:$data, Dnn_Tensor:$indices, I64Attr:$axis);
}

def Dnn_GatherNDOp : Dnn_Inferred<"gather_nd"> {
  let summary = "Slices of `data` at index tuples (ONNX GatherND)";
  let description = [{
    ```mlir
    %y = dnn.gather_nd %x, %i {batch_dims = 0 : i64} : (tensor<5x4x3xf32>, tensor<2x2xi64>) -> tensor<2x3xf32>
    ```
  }];
  let arguments = (ins Dnn_Tensor:$data, Dnn_Tensor:$indices, I64Attr:$batch_dims);
}

def Dnn_ScatterElementsOp : Dnn_Inferred<"scatter_elements"> {
  let summary = "A copy of `data` with elements replaced or combined along `axis` (ONNX ScatterElements; reduction none, add, mul, min, max)";
  let description = [{
    ```mlir
    %y = dnn.scatter_elements %x, %i, %u {axis = 0 : i64, reduction = "none"}
        : (tensor<5x4xf32>, tensor<2x4xi64>, tensor<2x4xf32>) -> tensor<5x4xf32>
    ```
  }];
  let arguments = (ins Dnn_Tensor:$data, Dnn_Tensor:$indices, Dnn_Tensor:$updates, I64Attr:$axis, StrAttr:$reduction);
}

def Dnn_ScatterNDOp : Dnn_Inferred<"scatter_nd"> {
  let summary = "A copy of `data` with slices replaced or combined at index tuples (ONNX ScatterND)";
  let description = [{
    ```mlir
    %y = dnn.scatter_nd %x, %i, %u {reduction = "none"}
        : (tensor<5x4xf32>, tensor<2x1xi64>, tensor<2x4xf32>) -> tensor<5x4xf32>
    ```
  }];
  let arguments = (ins Dnn_Tensor:$data, Dnn_Tensor:$indices, Dnn_Tensor:$updates, StrAttr:$reduction);
}

def Dnn_OneHotOp : Dnn_Inferred<"one_hot"> {
  let summary = "values[1] where the new axis' position equals the index, else values[0] (ONNX OneHot)";
  let description = [{
    ```mlir
    %y = dnn.one_hot %i, %v {depth = 10 : i64, axis = -1 : i64} : (tensor<3xi64>, tensor<2xf32>) -> tensor<3x10xf32>
    ```
  }];
  let arguments = (ins Dnn_Tensor:$indices, Dnn_Tensor:$values, I64Attr:$depth, I64Attr:$axis);
}

def Dnn_ArgReduceOp : Dnn_Inferred<"arg_reduce"> {
  let summary = "Index of the largest (or smallest) element along an axis, which stays as size 1 (ONNX ArgMax, ArgMin)";
  let description = [{
    ```mlir
    %y = dnn.arg_reduce %x {axis = 1 : i64, largest = true, select_last = false} : (tensor<2x10xf32>) -> tensor<2x1xi64>
    ```
  }];
  let arguments = (ins Dnn_Tensor:$input, I64Attr:$axis, BoolAttr:$largest, BoolAttr:$select_last);
}

def Dnn_TopKOp : Dnn_Inferred<"top_k"> {
  let summary = "The k largest (or smallest) elements along an axis, sorted, and their indices (ONNX TopK)";
  let description = [{
    ```mlir
    %v, %i = dnn.top_k %x {axis = 1 : i64, k = 3 : i64, largest = true} : (tensor<2x10xf32>) -> (tensor<2x3xf32>, tensor<2x3xi64>)
    ```
  }];
  let arguments = (ins Dnn_Tensor:$input, I64Attr:$axis, I64Attr:$k, BoolAttr:$largest);
  let results = (outs Dnn_Tensor:$values, Dnn_Tensor:$indices);
}

def Dnn_CumSumOp : Dnn_Inferred<"cum_sum"> {
  let summary = "Running sum along an axis (ONNX CumSum)";
  let description = [{
    ```mlir
    %y = dnn.cum_sum %x {axis = 1 : i64, exclusive = false, reverse = false} : (tensor<2x10xf32>) -> tensor<2x10xf32>
    ```
  }];
  let arguments = (ins Dnn_Tensor:$input, I64Attr:$axis, BoolAttr:$exclusive, BoolAttr:$reverse);
}

def Dnn_CumProdOp : Dnn_Inferred<"cum_prod"> {
  let summary = "Running product along an axis (ONNX CumProd)";
  let description = [{
    ```mlir
    %y = dnn.cum_prod %x {axis = 1 : i64, exclusive = false, reverse = false} : (tensor<2x10xf32>) -> tensor<2x10xf32>
    ```
  }];
  let arguments = (ins Dnn_Tensor:$input, I64Attr:$axis, BoolAttr:$exclusive, BoolAttr:$reverse);
}

#endif
