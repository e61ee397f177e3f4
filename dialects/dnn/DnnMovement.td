//===- DnnMovement.td - constants, shape and movement -------------------------------===//

#ifndef DNNC_DNN_MOVEMENT_TD
#define DNNC_DNN_MOVEMENT_TD

include "DnnBase.td"

def Dnn_ConstantOp : Dnn_Op<"constant", [ConstantLike, AllTypesMatch<["value", "result"]>]> {
  let summary = "A constant tensor";
  let description = [{
    Large values are resource blobs, `dense_resource<w0>`, kept in a sidecar file when printed.

    ```mlir
    %w = dnn.constant dense<1.0> : tensor<4xf32>
    ```
  }];
  let arguments = (ins ElementsAttr:$value);
  let results = (outs Dnn_Tensor:$result);
  let assemblyFormat = "attr-dict $value";
  let hasFolder = 1;
  let builders = [OpBuilder<(ins "::mlir::ElementsAttr":$value), [{ build($_builder, $_state, value.getType(), value); }]>];
}

def Dnn_ReshapeOp : Dnn_Op<"reshape"> {
  let summary = "The same elements, in row-major logical order, under another shape (Reshape, Flatten, Squeeze, Unsqueeze)";
  let description = [{
    ```mlir
    %y = dnn.reshape %x : tensor<1x4x2x2xf32> -> tensor<1x16xf32>
    ```
  }];
  let arguments = (ins Dnn_Tensor:$input);
  let results = (outs Dnn_Tensor:$result);
  let assemblyFormat = "$input attr-dict `:` type($input) `->` type($result)";
  let hasVerifier = 1;
}

def Dnn_BitcastOp : Dnn_Op<"bitcast"> {
  let summary = "The same bytes as elements of another type (ONNX BitCast)";
  let description = [{
    Between a `!pw.small` type and the integer that stores it no data moves.

    ```mlir
    %y = dnn.bitcast %x : tensor<2x3xf32> -> tensor<2x3xi32>
    ```
  }];
  let arguments = (ins Dnn_Tensor:$input);
  let results = (outs Dnn_Tensor:$result);
  let assemblyFormat = "$input attr-dict `:` type($input) `->` type($result)";
  let hasVerifier = 1;
  let hasFolder = 1;
}

def Dnn_TransposeOp : Dnn_Inferred<"transpose"> {
  let summary = "Permutes logical dims: result dim i is input dim perm[i]";
  let description = [{
    With layouts it is free: only the type changes.

    ```mlir
    %y = dnn.transpose %x {perm = array<i64: 0, 2, 1>} : (tensor<1x4x6xf32>) -> tensor<1x6x4xf32>
    ```
  }];
  let arguments = (ins Dnn_Tensor:$input, DenseI64ArrayAttr:$perm);
}

def Dnn_RelayoutOp : Dnn_Op<"relayout"> {
  let summary = "The same tensor in another memory order";
  let description = [{
    Put in by layout assignment; this is where data really moves.

    ```mlir
    %y = dnn.relayout %x : tensor<1x4x8x8xf32> -> tensor<1x4x8x8xf32, #dnn.layout<[0, 2, 3, 1]>>
    ```
  }];
  let arguments = (ins Dnn_Tensor:$input);
  let results = (outs Dnn_Tensor:$result);
  let assemblyFormat = "$input attr-dict `:` type($input) `->` type($result)";
  let hasVerifier = 1;
}

def Dnn_ConcatOp : Dnn_Inferred<"concat"> {
  let summary = "Concatenation along one axis";
  let description = [{
    `in_place[i]`, set by copy elision, says that operand i is produced right inside the result's buffer.

    ```mlir
    %y = dnn.concat %a, %b {axis = 1 : i64} : (tensor<1x4x8x8xf32>, tensor<1x2x8x8xf32>) -> tensor<1x6x8x8xf32>
    ```
  }];
  let arguments = (ins Variadic<Dnn_Tensor>:$inputs, I64Attr:$axis, OptionalAttr<DenseBoolArrayAttr>:$in_place);
}

def Dnn_SliceOp : Dnn_Inferred<"slice"> {
  let summary = "A strided box of a tensor (ONNX Slice, Split)";
  let description = [{
    One start, size and step per dim; a step may be negative. `view`, set by copy elision, says that no data moves.

    ```mlir
    %y = dnn.slice %x {starts = array<i64: 0, 2>, sizes = array<i64: 1, 3>, steps = array<i64: 1, 2>} : (tensor<1x8xf32>) -> tensor<1x3xf32>
    ```
  }];
  let arguments = (ins Dnn_Tensor:$input, DenseI64ArrayAttr:$starts, DenseI64ArrayAttr:$sizes, DenseI64ArrayAttr:$steps, UnitAttr:$view);
}

def Dnn_PadOp : Dnn_Inferred<"pad"> {
  let summary = "Padding (ONNX Pad: constant, reflect, edge, wrap)";
  let description = [{
    `pads` holds all begins, then all ends; negative ones crop.

    ```mlir
    %y = dnn.pad %x {pads = array<i64: 0, 1, 0, 1>, mode = "constant", value = 0.0 : f64} : (tensor<1x4xf32>) -> tensor<1x6xf32>
    ```
  }];
  let arguments = (ins Dnn_Tensor:$input, DenseI64ArrayAttr:$pads, StrAttr:$mode, DefaultValuedAttr<F64Attr, "0.0">:$value);
}

def Dnn_BroadcastOp : Dnn_Op<"broadcast"> {
  let summary = "Repeats dims of size 1, numpy rules (ONNX Expand)";
  let description = [{
    ```mlir
    %y = dnn.broadcast %x : tensor<1x4x1xf32> -> tensor<2x4x3xf32>
    ```
  }];
  let arguments = (ins Dnn_Tensor:$input);
  let results = (outs Dnn_Tensor:$result);
  let assemblyFormat = "$input attr-dict `:` type($input) `->` type($result)";
  let hasVerifier = 1;
}

def Dnn_TileOp : Dnn_Inferred<"tile"> {
  let summary = "Repeats a tensor along each dim (ONNX Tile)";
  let description = [{
    ```mlir
    %y = dnn.tile %x {repeats = array<i64: 1, 3>} : (tensor<2x2xf32>) -> tensor<2x6xf32>
    ```
  }];
  let arguments = (ins Dnn_Tensor:$input, DenseI64ArrayAttr:$repeats);
}

def Dnn_ResizeOp : Dnn_Op<"resize"> {
  let summary = "Resampling (ONNX Resize, Upsample)";
  let description = [{
    Target sizes are the result's shape; `scales` (output/input, one per dim) enter the coordinate formula as ONNX 19 says.
    `roi` holds starts then ends, for `tf_crop_and_resize`.

    ```mlir
    %y = dnn.resize %x {mode = "linear", coordinate_mode = "half_pixel", nearest_mode = "round_prefer_floor", cubic_a = -0.75 : f64,
        exclude_outside = false, antialias = false, extrapolation = 0.0 : f64, scales = array<f64: 1.0, 1.0, 2.0, 2.0>}
        : tensor<1x4x8x8xf32> -> tensor<1x4x16x16xf32>
    ```
  }];
  let arguments = (ins Dnn_Tensor:$input, StrAttr:$mode, StrAttr:$coordinate_mode, StrAttr:$nearest_mode, F64Attr:$cubic_a,
      BoolAttr:$exclude_outside, BoolAttr:$antialias, F64Attr:$extrapolation, DenseF64ArrayAttr:$scales, OptionalAttr<DenseF64ArrayAttr>:$roi);
  let results = (outs Dnn_Tensor:$result);
  let assemblyFormat = "$input attr-dict `:` type($input) `->` type($result)";
  let hasVerifier = 1;
}

#endif
