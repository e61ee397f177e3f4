// Verifiers of branches and loops.
#include "dialects/dnn/Dnn.h"

using namespace mlir;

namespace dnnc::dnn {

static bool isScalar(Value value, bool isCond) {
  auto type = cast<RankedTensorType>(value.getType());
  return type.getNumElements() == 1 && (isCond ? type.getElementType().isInteger(1) : type.getElementType().isSignlessInteger(64));
}

LogicalResult IfOp::verify() {
  if (!isScalar(getCond(), true)) return emitOpError() << "condition is " << getCond().getType() << "; it must be one i1";
  for (Region *region : {&getThenRegion(), &getElseRegion()})
    if (!sameShapes(region->front().getTerminator()->getOperandTypes(), getResultTypes()))
      return emitOpError() << "a branch yields other types than the results'";
  return success();
}

/// \p type with a dim of \p size put in at \p axis.
static Type stacked(Type type, int64_t axis, int64_t size) {
  auto tensor = cast<RankedTensorType>(type);
  SmallVector<int64_t> shape(tensor.getShape());
  if (axis < 0 || axis > tensor.getRank()) return {};
  shape.insert(shape.begin() + axis, size);
  return RankedTensorType::get(shape, tensor.getElementType());
}

void YieldOp::build(OpBuilder &, OperationState &) {} // of nothing

OperandRange LoopOp::yielded() { return cast<YieldOp>(getBody().front().getTerminator()).getValues(); }

LogicalResult LoopOp::verify() {
  if (getTrips() && !isScalar(getTrips(), false)) return emitOpError() << "trips is " << getTrips().getType() << "; it must be one i64";
  if (getCond() && !isScalar(getCond(), true)) return emitOpError() << "condition is " << getCond().getType() << "; it must be one i1";
  if (!getCount() && !getTrips() && !getCond()) return emitOpError("has no end: neither count, trips nor condition");
  size_t carried = getCarried().size(), scanned = getScanned().size(), stackCount = getStackAxes().size();
  if ((scanned || stackCount) && !getCount()) return emitOpError("scans or stacks tensors without a count");
  if (getScanAxes().size() != scanned || getScanReversed().size() != scanned || getStackReversed().size() != stackCount)
    return emitOpError("needs one axis and direction per scanned and stacked tensor");
  if (getBody().getNumArguments() != 1 + carried + scanned) return emitOpError() << "body takes " << getBody().getNumArguments() << " values";
  if (getResults().size() != carried + stackCount) return emitOpError() << "has " << getResults().size() << " results";
  if (yielded().size() != carried + stackCount + (getCond() ? 1 : 0))
    return emitOpError() << "body yields " << yielded().size() << " values";
  if (!isScalar(counter(), false)) return emitOpError("the iteration's number must be one i64");
  if (getCond() && !isScalar(nextCond(), true)) return emitOpError() << "next condition is " << nextCond().getType() << "; it must be one i1";
  if (!sameShapes(ValueRange(carriedArgs()).getTypes(), getCarried().getTypes()) || !sameShapes(nextCarried().getTypes(), getCarried().getTypes()) ||
      !sameShapes(carriedResults().getTypes(), getCarried().getTypes()))
    return emitOpError("changes the type of a carried value");
  for (auto [arg, tensor, axis] : llvm::zip(sliceArgs(), getScanned(), getScanAxes())) {
    Type whole = stacked(arg.getType(), axis, *getCount());
    if (!whole || !sameShapes(whole, tensor.getType()))
      return emitOpError() << "slice " << arg.getType() << " is not one of " << *getCount() << " of " << tensor.getType() << " along " << axis;
  }
  for (auto [value, result, axis] : llvm::zip(stackedValues(), stacks(), getStackAxes())) {
    Type whole = stacked(value.getType(), axis, *getCount());
    if (!whole || !sameShapes(whole, result.getType()))
      return emitOpError() << "result " << result.getType() << " is not " << *getCount() << " of " << value.getType() << " along " << axis;
  }
  return success();
}

} // namespace dnnc::dnn
