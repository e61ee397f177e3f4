// dnn.check → a kernel that joins the condition to one bool, at which the program stops.
#include "passes/lower/Lowering.h"

using namespace mlir;

namespace dnnc {

LogicalResult lowerCheck(Lowering &lowering, dnn::CheckOp op) {
  if (lowering.target.isGpu())
    return op.emitError() << "a value of the run must be checked, which programs for GPUs cannot: " << op.getMessage();
  RankedTensorType type = Lowering::typeOf(op.getCondition());
  View x = lowering.readContiguous(op.getCondition()), ok = lowering.alloc(RankedTensorType::get({}, lowering.builder.getI1Type()));
  Call call;
  call.kernel = "check_all";
  call.inputs = {lowering.pointer(x)};
  call.outputs = {lowering.pointer(ok)};
  call.refusal = op.getMessage();
  Params params(lowering.builder);
  params.set("count", type.getNumElements());
  lowering.emit(op, call, params, "checked");
  return success();
}

} // namespace dnnc
