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

#endif
