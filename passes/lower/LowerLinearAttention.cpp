// linear attention → its kernel.
#include "passes/lower/Lowering.h"

using namespace mlir;

namespace dnnc {

LogicalResult lowerLinearAttention(Lowering &lowering, dnn::LinearAttentionOp op) {
  if (!Lowering::typeOf(op.getQuery()).getElementType().isF32())
    return op.emitError() << "has element type " << Lowering::typeOf(op.getQuery()).getElementType() << "; there is a kernel for f32 only";
  ArrayRef<int64_t> state = Lowering::typeOf(op.getState()).getShape();
  int64_t kvHeads = op.getKvHeads();
  Call call;
  call.kernel = "linear_attention_f32";
  call.inputs = {lowering.pointer(lowering.readContiguous(op.getQuery())), lowering.pointer(lowering.readContiguous(op.getKey())),
                 lowering.pointer(lowering.readContiguous(op.getValue()))};
  // An operand that is not there is not read: any pointer will do.
  for (Value optional : {op.getPast(), op.getDecay(), op.getBeta()})
    call.inputs.push_back(optional ? lowering.pointer(lowering.readContiguous(optional)) : call.inputs.front());
  call.outputs = {lowering.pointer(lowering.writeContiguous(op.getResult())), lowering.pointer(lowering.writeContiguous(op.getState()))};
  Params params(lowering.builder);
  params.set("batch", state[0]).set("time", Lowering::typeOf(op.getQuery()).getDimSize(1)).set("heads", kvHeads);
  params.set("group", int64_t(op.getHeads()) / kvHeads).set("rows", state[2]).set("cols", state[3]).set("past", bool(op.getPast()));
  params.set("decay", op.getDecay() ? Lowering::typeOf(op.getDecay()).getDimSize(2) / kvHeads : 0);
  params.set("beta", op.getBeta() ? Lowering::typeOf(op.getBeta()).getDimSize(2) : 0).setReal("scale", op.getScale().convertToDouble());
  lowering.emit(op, call, params);
  return success();
}

} // namespace dnnc
