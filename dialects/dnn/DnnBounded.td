//===- DnnBounded.td - tensors whose true size is found at run time -----------------===//

#ifndef DNNC_DNN_BOUNDED_TD
#define DNNC_DNN_BOUNDED_TD

include "DnnBase.td"

def Dnn_PackOp : Dnn_Inferred<"pack"> {
  let summary = "The elements of the box `dims` of a tensor, without gaps, at the front of the result";
  let description = [{
    What a caller gets of a tensor whose true dims are less than its type says. What is behind the elements is undefined.

    ```mlir
    %y = dnn.pack %x, %d : (tensor<8x4xf32>, tensor<2xi64>) -> tensor<8x4xf32>
    ```
  }];
  let arguments = (ins Dnn_Tensor:$input, Dnn_Tensor:$dims);
}

def Dnn_UnpackOp : Dnn_Inferred<"unpack"> {
  let summary = "The inverse of `dnn.pack`: the first elements of the input as the box `dims` of the result, 0 outside of it";
  let description = [{
    No element behind the box is read.

    ```mlir
    %y = dnn.unpack %x, %d : (tensor<8x4xf32>, tensor<2xi64>) -> tensor<8x4xf32>
    ```
  }];
  let arguments = (ins Dnn_Tensor:$input, Dnn_Tensor:$dims);
}

def Dnn_NonZeroOp : Dnn_Inferred<"nonzero"> {
  let summary = "Coordinates of the true elements, in row-major order, and their number (ONNX NonZero, Compress)";
  let description = [{
    Column j of `indices` is the j-th true element; columns from `count` on are 0.

    ```mlir
    %i, %n = dnn.nonzero %x : (tensor<2x3xi1>) -> (tensor<2x6xi64>, tensor<i64>)
    ```
  }];
  let arguments = (ins Dnn_Tensor:$input);
  let results = (outs Dnn_Tensor:$indices, Dnn_Tensor:$count);
}

def Dnn_UniqueOp : Dnn_Inferred<"unique"> {
  let summary = "The distinct ones of the first `rows` rows of a matrix (ONNX Unique)";
  let description = [{
    `first[u]` is the row where distinct row u appears first, `counts[u]` how often it does, `inverse[r]` its number for row r, `count` how many
    there are: ascending if `sorted`, else in order of appearance. `first` is 0 from `count` on.

    ```mlir
    %f, %i, %c, %n = dnn.unique %x, %rows {sorted = true}
        : (tensor<6x1xf32>, tensor<i64>) -> (tensor<6xi64>, tensor<6xi64>, tensor<6xi64>, tensor<i64>)
    ```
  }];
  let arguments = (ins Dnn_Tensor:$input, Dnn_Tensor:$rows, BoolAttr:$sorted);
  let results = (outs Dnn_Tensor:$first, Dnn_Tensor:$inverse, Dnn_Tensor:$counts, Dnn_Tensor:$count);
}

def Dnn_NonMaxSuppressionOp : Dnn_Inferred<"non_max_suppression"> {
  let summary = "Rows (batch, class, box) of the best boxes that do not overlap, and their number (ONNX NonMaxSuppression)";
  let description = [{
    At most `most` boxes a class, for which there are `per_class` rows; the scores must be above `threshold` if `thresholded`. `sizes` holds the true
    batches, classes and boxes. Rows from `count` on are 0.

    ```mlir
    %s, %n = dnn.non_max_suppression %b, %c, %most, %iou, %threshold, %sizes {per_class = 3 : i64, center = false, thresholded = true}
        : (tensor<1x6x4xf32>, tensor<1x2x6xf32>, tensor<i64>, tensor<f32>, tensor<f32>, tensor<3xi64>) -> (tensor<6x3xi64>, tensor<i64>)
    ```
  }];
  let arguments = (ins Dnn_Tensor:$boxes, Dnn_Tensor:$scores, Dnn_Tensor:$most, Dnn_Tensor:$iou, Dnn_Tensor:$threshold, Dnn_Tensor:$sizes,
      I64Attr:$per_class, BoolAttr:$center, BoolAttr:$thresholded);
  let results = (outs Dnn_Tensor:$selected, Dnn_Tensor:$count);
}

#endif
