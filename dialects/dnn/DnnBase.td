//===- DnnBase.td - the dnn dialect, its layout attribute and op classes -----------===//

#ifndef DNNC_DNN_BASE_TD
#define DNNC_DNN_BASE_TD

include "mlir/IR/AttrTypeBase.td"
include "mlir/IR/BuiltinAttributeInterfaces.td"
include "mlir/IR/EnumAttr.td"
include "mlir/IR/OpBase.td"
include "mlir/IR/TensorEncoding.td"
include "DnnInterfaces.td"
include "mlir/Interfaces/InferTypeOpInterface.td"
include "mlir/Interfaces/SideEffectInterfaces.td"

def Dnn_Dialect : Dialect {
  let name = "dnn";
  let cppNamespace = "::dnnc::dnn";
  let summary = "Tensors of a neural network, with value semantics";
  let description = [{
    Named operators on ranked tensors. Shapes are static and in ONNX's logical order (N, C, H, W); the tensor type's encoding,
    `#dnn.layout<...>`, gives the order of the dims in memory. Unsigned integers are `ui8` …, signed ones are signless, bool is `i1`.
    An op that computes f32 accumulators may carry an *epilogue*: a chain of `pw` functions from the accumulator (its first block argument) and
    one element of each epilogue operand to the output element. Epilogue operands broadcast to the result as numpy does.
  }];
  let useDefaultAttributePrinterParser = 1;
  let hasConstantMaterializer = 1;
  let dependentDialects = ["::dnnc::pw::PwDialect"];
}

def Dnn_LayoutAttr : AttrDef<Dnn_Dialect, "Layout", [DeclareAttrInterfaceMethods<VerifiableTensorEncoding>]> {
  let mnemonic = "layout";
  let summary = "The order of a tensor's dims in memory";
  let description = [{
    `order[i]` is the logical dim that is i-th from the outermost in memory; `[0, 2, 3, 1]` is NHWC for an NCHW tensor.

    ```mlir
    tensor<1x64x56x56xf32, #dnn.layout<[0, 2, 3, 1]>>
    ```
  }];
  let parameters = (ins ArrayRefParameter<"int64_t">:$order);
  let assemblyFormat = "`<` `[` $order `]` `>`";
  let genVerifyDecl = 1;
}

def Dnn_Tensor : AnyTypeOf<[AnyStaticShapeTensor], "tensor with a static shape">;

class Dnn_Op<string mnemonic, list<Trait> traits = []> : Op<Dnn_Dialect, mnemonic, !listconcat([Pure], traits)>;

/// ODS compares the sum of AttrSizedOperandSegments with the operands, not that the first `count`, which are not optional, are there.
class Dnn_Required<int count> : PredOpTrait<"each of the first " # count # " of operandSegmentSizes is 1",
    CPred<"::llvm::all_of(::llvm::seq(" # count # "u), [&](unsigned i) { return getODSOperandIndexAndLength(i).second == 1; })">>;

/// An op whose result types follow from operands and attributes (dialects/dnn/Infer*.cpp). The builder without result types infers
/// them; the verifier compares shapes and element types and leaves the layout to the layout pass.
class Dnn_Inferred<string mnemonic, list<Trait> traits = []> : Dnn_Op<mnemonic, !listconcat([
    InferTypeOpAdaptorBase<[{
      static bool isCompatibleReturnTypes(::mlir::TypeRange l, ::mlir::TypeRange r) { return ::dnnc::dnn::sameShapes(l, r); }
    }]>], traits)> {
  let results = (outs Dnn_Tensor:$result);
  let assemblyFormat = "operands attr-dict `:` functional-type(operands, results)";
}

/// An inferred op that may carry an epilogue. Its operands end with `Variadic<Dnn_Tensor>:$epilogueArgs`.
class Dnn_WithEpilogue<string mnemonic, list<Trait> traits = []> : Dnn_Inferred<mnemonic, !listconcat([Dnn_Fusable], traits)> {
  let regions = (region AnyRegion:$epilogue);
  let hasVerifier = 1;
}

#endif
