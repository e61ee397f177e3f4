//===- DnnOps.td - operators of the dnn dialect ------------------------------------===//

#ifndef DNNC_DNN_OPS_TD
#define DNNC_DNN_OPS_TD

include "DnnBase.td"

def Dnn_PoolKind : I32EnumAttr<"PoolKind", "pooling function", [
    I32EnumAttrCase<"Max", 0, "max">, I32EnumAttrCase<"Average", 1, "average">, I32EnumAttrCase<"Lp", 2, "lp">]> {
  let cppNamespace = "::dnnc::dnn";
}
def Dnn_ReduceKind : I32EnumAttr<"ReduceKind", "reduction", [
    I32EnumAttrCase<"Sum", 0, "sum">, I32EnumAttrCase<"Mean", 1, "mean">, I32EnumAttrCase<"Max", 2, "max">,
    I32EnumAttrCase<"Min", 3, "min">, I32EnumAttrCase<"Prod", 4, "prod">]> {
  let cppNamespace = "::dnnc::dnn";
}

//===----------------------------------------------------------------------===//
// Constants
//===----------------------------------------------------------------------===//

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

//===----------------------------------------------------------------------===//
// Dense compute, with epilogue
//===----------------------------------------------------------------------===//

def Dnn_ConvOp : Dnn_WithEpilogue<"conv", [AttrSizedOperandSegments]> {
  let summary = "Convolution (ONNX Conv) over 1 to 3 spatial dims";
  let description = [{
    `y[n,k,o] = epilogue(bias[k] + sum over c,r of x[n, c, o*stride - pad + r*dilation] * w[k,c,r])`, `x` N×C×spatial,
    `w` K×(C/group)×kernel, `bias` K. `pads` holds all begins, then all ends.

    On integers (`x` ui8, `w` i8, or i16 of -255 to 255, `bias` i32) `input_zero_point` is subtracted from `x`, also where it is padded, and the sums are exact in
    i32: the result without an epilogue, converted to f32 for one.

    ```mlir
    %y = dnn.conv %x, %w, %b {strides = array<i64: 2, 2>, pads = array<i64: 1, 1, 1, 1>, dilations = array<i64: 1, 1>, group = 1 : i64,
        operandSegmentSizes = array<i32: 1, 1, 1, 0>}
        : (tensor<1x3x8x8xf32>, tensor<4x3x3x3xf32>, tensor<4xf32>) -> tensor<1x4x4x4xf32> {
      ^bb0(%acc: f32):
        %0 = pw.fn "relu"(%acc) : (f32) -> f32
        pw.yield %0 : f32
    }
    ```
  }];
  let arguments = (ins Dnn_Tensor:$input, Dnn_Tensor:$weight, Optional<Dnn_Tensor>:$bias, Variadic<Dnn_Tensor>:$epilogueArgs,
      DenseI64ArrayAttr:$strides, DenseI64ArrayAttr:$pads, DenseI64ArrayAttr:$dilations, I64Attr:$group,
      DefaultValuedAttr<I64Attr, "0">:$input_zero_point);
  let assemblyFormat = "operands attr-dict `:` functional-type(operands, results) ($epilogue^)?";
}

def Dnn_ConvTransposeOp : Dnn_WithEpilogue<"conv_transpose", [AttrSizedOperandSegments]> {
  let summary = "Transposed convolution (ONNX ConvTranspose)";
  let description = [{
    The gradient of `dnn.conv` with respect to its input: `w` is C×(K/group)×kernel; output size is
    `stride*(in-1) + output_padding + dilation*(kernel-1) + 1 - pads`.

    ```mlir
    %y = dnn.conv_transpose %x, %w {strides = array<i64: 2, 2>, pads = array<i64: 0, 0, 0, 0>, dilations = array<i64: 1, 1>,
        output_padding = array<i64: 0, 0>, group = 1 : i64, operandSegmentSizes = array<i32: 1, 1, 0, 0>}
        : (tensor<1x3x8x8xf32>, tensor<3x4x2x2xf32>) -> tensor<1x4x16x16xf32>
    ```
  }];
  let arguments = (ins Dnn_Tensor:$input, Dnn_Tensor:$weight, Optional<Dnn_Tensor>:$bias, Variadic<Dnn_Tensor>:$epilogueArgs,
      DenseI64ArrayAttr:$strides, DenseI64ArrayAttr:$pads, DenseI64ArrayAttr:$dilations, DenseI64ArrayAttr:$output_padding,
      I64Attr:$group);
  let assemblyFormat = "operands attr-dict `:` functional-type(operands, results) ($epilogue^)?";
}

def Dnn_MatMulOp : Dnn_WithEpilogue<"matmul", [AttrSizedOperandSegments]> {
  let summary = "Matrix product with broadcast batch dims (ONNX MatMul, Gemm)";
  let description = [{
    `y[..., m, n] = epilogue(bias[n] + sum over k of a[..., m, k] * b[..., k, n])`. Both operands have rank ≥ 2. On integers as `dnn.conv`.

    ```mlir
    %y = dnn.matmul %a, %b {operandSegmentSizes = array<i32: 1, 1, 0, 0>}
        : (tensor<2x5x8xf32>, tensor<8x4xf32>) -> tensor<2x5x4xf32>
    ```
  }];
  let arguments = (ins Dnn_Tensor:$lhs, Dnn_Tensor:$rhs, Optional<Dnn_Tensor>:$bias, Variadic<Dnn_Tensor>:$epilogueArgs,
      DefaultValuedAttr<I64Attr, "0">:$input_zero_point);
  let assemblyFormat = "operands attr-dict `:` functional-type(operands, results) ($epilogue^)?";
}

def Dnn_PoolOp : Dnn_WithEpilogue<"pool"> {
  let summary = "Pooling over a window (ONNX MaxPool, AveragePool, LpPool)";
  let description = [{
    `pads` may be larger at the end than the window reaches (ceil_mode is resolved into `ceil_mode` and the result's shape).
    `p` is Lp's exponent.

    ```mlir
    %y = dnn.pool %x {kind = 0 : i32, kernel = array<i64: 2, 2>, strides = array<i64: 2, 2>, pads = array<i64: 0, 0, 0, 0>,
        dilations = array<i64: 1, 1>} : (tensor<1x3x8x8xf32>) -> tensor<1x3x4x4xf32>
    ```
  }];
  let arguments = (ins Dnn_Tensor:$input, Variadic<Dnn_Tensor>:$epilogueArgs, Dnn_PoolKind:$kind, DenseI64ArrayAttr:$kernel,
      DenseI64ArrayAttr:$strides, DenseI64ArrayAttr:$pads, DenseI64ArrayAttr:$dilations,
      DefaultValuedAttr<BoolAttr, "false">:$count_include_pad, DefaultValuedAttr<BoolAttr, "false">:$ceil_mode,
      DefaultValuedAttr<I64Attr, "2">:$p);
  let assemblyFormat = "operands attr-dict `:` functional-type(operands, results) ($epilogue^)?";
}

def Dnn_ReduceOp : Dnn_WithEpilogue<"reduce"> {
  let summary = "Reduction over axes, which stay as size 1 (ONNX ReduceSum, ReduceMean, ReduceMax, ReduceMin, ReduceProd, GlobalAveragePool)";
  let description = [{
    ```mlir
    %y = dnn.reduce %x {kind = 1 : i32, axes = array<i64: 2, 3>} : (tensor<1x8x7x7xf32>) -> tensor<1x8x1x1xf32>
    ```
  }];
  let arguments = (ins Dnn_Tensor:$input, Variadic<Dnn_Tensor>:$epilogueArgs, Dnn_ReduceKind:$kind, DenseI64ArrayAttr:$axes);
  let assemblyFormat = "operands attr-dict `:` functional-type(operands, results) ($epilogue^)?";
}

def Dnn_PointwiseOp : Dnn_Inferred<"pointwise"> {
  let summary = "A chain of scalar functions over broadcast operands";
  let description = [{
    Every ONNX operator that works on elements alone (Add, Relu, Cast, Where …) is one of these; fusion joins their regions.

    ```mlir
    %y = dnn.pointwise %a, %b : (tensor<1x4x8x8xf32>, tensor<4x1x1xf32>) -> tensor<1x4x8x8xf32> {
      ^bb0(%0: f32, %1: f32):
        %2 = pw.fn "mul"(%0, %1) : (f32, f32) -> f32
        pw.yield %2 : f32
    }
    ```
  }];
  let arguments = (ins Variadic<Dnn_Tensor>:$inputs);
  let regions = (region SizedRegion<1>:$chain);
  let assemblyFormat = "operands attr-dict `:` functional-type(operands, results) $chain";
  let hasVerifier = 1;
}

def Dnn_LookupOp : Dnn_Inferred<"lookup"> {
  let summary = "y = table[x] for 8-bit elements; i8 counts as its bits do, so that -1 is entry 255";
  let description = [{
    What a `dnn.pointwise` of one 8-bit operand becomes.

    ```mlir
    %y = dnn.lookup %x, %t : (tensor<1x4x8x8xui8>, tensor<256xui8>) -> tensor<1x4x8x8xui8>
    ```
  }];
  let arguments = (ins Dnn_Tensor:$input, Dnn_Tensor:$table);
}

//===----------------------------------------------------------------------===//
// Quantization: the graph phase's first pass turns these into integer ops and chains; later phases have none.
//===----------------------------------------------------------------------===//

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

//===----------------------------------------------------------------------===//
// Normalization
//===----------------------------------------------------------------------===//

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

//===----------------------------------------------------------------------===//
// Shape and movement
//===----------------------------------------------------------------------===//

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

#endif
