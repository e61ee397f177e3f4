//===- DnnCompute.td - dense compute, reductions and pointwise chains ---------------===//

#ifndef DNNC_DNN_COMPUTE_TD
#define DNNC_DNN_COMPUTE_TD

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

def Dnn_ConvOp : Dnn_WithEpilogue<"conv", [AttrSizedOperandSegments, Dnn_Required<2>, DeclareOpInterfaceMethods<Dnn_Work>]> {
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

def Dnn_ConvTransposeOp : Dnn_WithEpilogue<"conv_transpose", [AttrSizedOperandSegments, Dnn_Required<2>, DeclareOpInterfaceMethods<Dnn_Work>]> {
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

def Dnn_MatMulOp : Dnn_WithEpilogue<"matmul", [AttrSizedOperandSegments, Dnn_Required<2>, DeclareOpInterfaceMethods<Dnn_Work>]> {
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

#endif
