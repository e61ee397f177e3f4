//===- DnnInterfaces.td - interfaces of dnn ops ------------------------------------===//

#ifndef DNNC_DNN_INTERFACES_TD
#define DNNC_DNN_INTERFACES_TD

include "mlir/IR/OpBase.td"

def Dnn_Fusable : OpInterface<"FusableOp"> {
  let cppNamespace = "::dnnc::dnn";
  let description = [{An op with an epilogue: a chain applied to its f32 accumulators. Its single result is the chain's.}];
  let methods = [
    InterfaceMethod<"The epilogue operands.", "::mlir::MutableOperandRange", "epilogueOperands", (ins), [{}],
      [{ return $_op.getEpilogueArgsMutable(); }]>,
    InterfaceMethod<"The chain; empty means identity.", "::mlir::Region &", "epilogueChain", (ins), [{}],
      [{ return $_op.getEpilogue(); }]>,
  ];
}

def Dnn_Work : OpInterface<"WorkOp"> {
  let cppNamespace = "::dnnc::dnn";
  let description = [{An op whose arithmetic can bound its time. Others are counted by the bytes they move.}];
  let methods = [
    InterfaceMethod<"Multiplications and additions by the op's definition, its epilogue left out; an algorithm may do with fewer.", "int64_t", "flops">,
  ];
}

#endif
