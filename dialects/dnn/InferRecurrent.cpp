// Result types of recurrent layers.
#include "dialects/dnn/Infer.h"

using namespace mlir;

namespace dnnc::dnn {

LogicalResult RecurrentOp::inferReturnTypes(MLIRContext *, std::optional<Location> loc, Adaptor op, SmallVectorImpl<Type> &types) {
  RankedTensorType x = tensor(op.getInput()), r = tensor(op.getRecurrence());
  if (x.getRank() != 3 || r.getRank() != 3)
    return emitOptionalError(loc, "the projected input is ", x, " and the recurrence weights are ", r, "; their rank must be 3");
  constexpr int64_t gatesOf[] = {1, 3, 3, 4};
  int64_t gates = gatesOf[static_cast<int>(op.getCell())], hidden = r.getDimSize(2),
          directions = op.getDirection() == "bidirectional" ? 2 : 1;
  if (!llvm::is_contained({"forward", "reverse", "bidirectional"}, op.getDirection()))
    return emitOptionalError(loc, "attribute 'direction' is \"", op.getDirection(), "\"; it must be forward, reverse or bidirectional");
  if (r.getDimSize(0) != directions || r.getDimSize(1) != gates * hidden)
    return emitOptionalError(loc, "the recurrence weights are ", r, "; their shape must be [", directions, ", ", gates * hidden, ", ",
                             hidden, "]");
  if (x.getDimSize(2) != directions * gates * hidden)
    return emitOptionalError(loc, "the projected input is ", x, "; its last dim must be ", directions * gates * hidden);
  if (int64_t(op.getFunctions().size()) != 3 * directions || int64_t(op.getCoefficients().size()) != 6 * directions)
    return emitOptionalError(loc, "there are ", op.getFunctions().size(), " functions and ", op.getCoefficients().size(),
                             " coefficients; each direction has 3 and 6");
  bool batchFirst = op.getBatchFirst();
  int64_t steps = x.getDimSize(batchFirst ? 1 : 0), batch = x.getDimSize(batchFirst ? 0 : 1);
  SmallVector<int64_t> y{steps, directions, batch, hidden}, state{directions, batch, hidden};
  if (batchFirst) y = {batch, steps, directions, hidden}, state = {batch, directions, hidden};
  auto check = [&](Value value, StringRef name, ArrayRef<int64_t> shape) -> LogicalResult {
    if (!value || tensor(value).getShape() == shape) return success();
    return emitOptionalError(loc, "'", name, "' is ", tensor(value), "; its shape must be [", shape, "]");
  };
  if (failed(check(op.getInitialH(), "initial_h", state)) || failed(check(op.getInitialC(), "initial_c", state)) ||
      failed(check(op.getSequenceLens(), "sequence_lens", {batch})) || failed(check(op.getPeepholes(), "P", {directions, 3 * hidden})) ||
      failed(check(op.getHiddenBias(), "B", {directions, hidden})))
    return failure();
  types.push_back(RankedTensorType::get(y, x.getElementType()));
  types.append(op.getCell() == RecurrentCell::Lstm ? 2 : 1, RankedTensorType::get(state, x.getElementType()));
  return success();
}

} // namespace dnnc::dnn
