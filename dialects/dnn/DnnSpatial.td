//===- DnnSpatial.td - sampling, pooling of regions, folding ------------------------===//

#ifndef DNNC_DNN_SPATIAL_TD
#define DNNC_DNN_SPATIAL_TD

include "DnnBase.td"

def Dnn_MaxPoolIndicesOp : Dnn_Inferred<"max_pool_indices"> {
  let summary = "The largest element of each window and where it is (ONNX MaxPool with Indices)";
  let description = [{
    Windows as in `dnn.pool`. `indices` are places in the row-major input; with `column_major` its spatial dims count from the first.

    ```mlir
    %y, %i = dnn.max_pool_indices %x {kernel = array<i64: 2, 2>, strides = array<i64: 2, 2>, pads = array<i64: 0, 0, 0, 0>,
        dilations = array<i64: 1, 1>, ceil_mode = false, column_major = false}
        : (tensor<1x3x8x8xf32>) -> (tensor<1x3x4x4xf32>, tensor<1x3x4x4xi64>)
    ```
  }];
  let arguments = (ins Dnn_Tensor:$input, DenseI64ArrayAttr:$kernel, DenseI64ArrayAttr:$strides, DenseI64ArrayAttr:$pads,
      DenseI64ArrayAttr:$dilations, BoolAttr:$ceil_mode, BoolAttr:$column_major);
  let results = (outs Dnn_Tensor:$result, Dnn_Tensor:$indices);
}

def Dnn_GridSampleOp : Dnn_Inferred<"grid_sample"> {
  let summary = "Interpolation at places given as data, over 2 or 3 spatial dims (ONNX GridSample)";
  let description = [{
    `grid` is N×spatial×2 (or 3): x, y (and z) from -1 to 1. `mode` is nearest, linear or cubic, `padding` zeros, border or reflection.

    ```mlir
    %y = dnn.grid_sample %x, %g {mode = "linear", padding = "zeros", align_corners = true}
        : (tensor<1x3x8x8xf32>, tensor<1x4x6x2xf32>) -> tensor<1x3x4x6xf32>
    ```
  }];
  let arguments = (ins Dnn_Tensor:$input, Dnn_Tensor:$grid, StrAttr:$mode, StrAttr:$padding, BoolAttr:$align_corners);
}

def Dnn_DeformColumnsOp : Dnn_Inferred<"deform_columns"> {
  let summary = "What the taps of a deformable convolution read (ONNX DeformConv without its product)";
  let description = [{
    The result is N×OH×OW×taps×C: the input, interpolated linearly at each tap's place plus its offset, times the mask.

    ```mlir
    %y = dnn.deform_columns %x, %o {kernel = array<i64: 3, 3>, strides = array<i64: 1, 1>, pads = array<i64: 1, 1, 1, 1>,
        dilations = array<i64: 1, 1>, offset_groups = 1 : i64}
        : (tensor<1x4x8x8xf32>, tensor<1x18x8x8xf32>) -> tensor<1x8x8x9x4xf32>
    ```
  }];
  let arguments = (ins Dnn_Tensor:$input, Dnn_Tensor:$offset, Optional<Dnn_Tensor>:$mask, DenseI64ArrayAttr:$kernel,
      DenseI64ArrayAttr:$strides, DenseI64ArrayAttr:$pads, DenseI64ArrayAttr:$dilations, I64Attr:$offset_groups);
}

def Dnn_RoiAlignOp : Dnn_Inferred<"roi_align"> {
  let summary = "Mean or maximum of samples in the bins of regions (ONNX RoiAlign)";
  let description = [{
    `sampling_ratio` 0: as many samples as a bin has pixels.

    ```mlir
    %y = dnn.roi_align %x, %r, %b {max = false, half_pixel = true, output_size = array<i64: 2, 2>, sampling_ratio = 0 : i64,
        spatial_scale = 0.25 : f64} : (tensor<1x3x8x8xf32>, tensor<5x4xf32>, tensor<5xi64>) -> tensor<5x3x2x2xf32>
    ```
  }];
  let arguments = (ins Dnn_Tensor:$input, Dnn_Tensor:$rois, Dnn_Tensor:$batch_indices, BoolAttr:$max, BoolAttr:$half_pixel,
      DenseI64ArrayAttr:$output_size, I64Attr:$sampling_ratio, F64Attr:$spatial_scale);
}

def Dnn_RoiMaxPoolOp : Dnn_Inferred<"roi_max_pool"> {
  let summary = "Largest element in the bins of regions (ONNX MaxRoiPool)";
  let description = [{
    ```mlir
    %y = dnn.roi_max_pool %x, %r {output_size = array<i64: 2, 2>, spatial_scale = 1.0 : f64}
        : (tensor<1x3x8x8xf32>, tensor<5x5xf32>) -> tensor<5x3x2x2xf32>
    ```
  }];
  let arguments = (ins Dnn_Tensor:$input, Dnn_Tensor:$rois, DenseI64ArrayAttr:$output_size, F64Attr:$spatial_scale);
}

def Dnn_Col2ImOp : Dnn_Inferred<"col2im"> {
  let summary = "Overlapping blocks added up into an image (ONNX Col2Im)";
  let description = [{
    ```mlir
    %y = dnn.col2im %x {image = array<i64: 5, 5>, block = array<i64: 3, 3>, strides = array<i64: 1, 1>, pads = array<i64: 0, 0, 0, 0>,
        dilations = array<i64: 1, 1>} : (tensor<1x9x9xf32>) -> tensor<1x1x5x5xf32>
    ```
  }];
  let arguments = (ins Dnn_Tensor:$input, DenseI64ArrayAttr:$image, DenseI64ArrayAttr:$block, DenseI64ArrayAttr:$strides,
      DenseI64ArrayAttr:$pads, DenseI64ArrayAttr:$dilations);
}

def Dnn_DetOp : Dnn_Inferred<"det"> {
  let summary = "Determinants of square matrices (ONNX Det)";
  let description = [{
    ```mlir
    %y = dnn.det %x : (tensor<5x3x3xf32>) -> tensor<5xf32>
    ```
  }];
  let arguments = (ins Dnn_Tensor:$input);
}

#endif
