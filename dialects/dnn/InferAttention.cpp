// Result types of attention and rotary.
#include "dialects/dnn/Infer.h"

using namespace mlir;

namespace dnnc::dnn {

LogicalResult AttentionOp::inferReturnTypes(MLIRContext *, std::optional<Location> loc, Adaptor op, SmallVectorImpl<Type> &types) {
  RankedTensorType q = tensor(op.getQuery()), k = tensor(op.getKey()), v = tensor(op.getValue());
  Type element = q.getElementType();
  if (q.getRank() != 4 || k.getRank() != 4 || v.getRank() != 4 || k.getElementType() != element || v.getElementType() != element)
    return emitOptionalError(loc, "query, key and value are ", q, ", ", k, " and ", v, "; they must have rank 4 and one element type");
  if (q.getDimSize(3) != k.getDimSize(3))
    return emitOptionalError(loc, "query is ", q, " and key ", k, "; their last dims must be equal");
  if (k.getShape().take_front(3) != v.getShape().take_front(3))
    return emitOptionalError(loc, "key is ", k, " and value ", v, "; they must have the same batch, heads and number of keys");
  if (q.getDimSize(0) != k.getDimSize(0))
    return emitOptionalError(loc, "query is ", q, " and key ", k, "; they must have the same batch");
  if (k.getDimSize(1) == 0 || q.getDimSize(1) % k.getDimSize(1))
    return emitOptionalError(loc, "query has ", q.getDimSize(1), " heads and key ", k.getDimSize(1), "; the second must divide the first");
  if (Value mask = op.getMask()) {
    RankedTensorType type = tensor(mask);
    int64_t whole[] = {q.getDimSize(0), q.getDimSize(1), q.getDimSize(2), k.getDimSize(2)};
    auto joined = broadcastShapes({type.getShape(), whole});
    if (failed(joined) || ArrayRef<int64_t>(*joined) != ArrayRef<int64_t>(whole))
      return emitOptionalError(loc, "mask is ", type, "; it must broadcast to [", whole[0], ", ", whole[1], ", ", whole[2], ", ", whole[3], "]");
    if (type.getElementType() != element && !type.getElementType().isInteger(1))
      return emitOptionalError(loc, "mask is ", type, "; its elements must be bool or ", element, ", as those of query");
  }
  types.push_back(RankedTensorType::get({q.getDimSize(0), q.getDimSize(1), q.getDimSize(2), v.getDimSize(3)}, element));
  return success();
}

LogicalResult RotaryOp::inferReturnTypes(MLIRContext *, std::optional<Location> loc, Adaptor op, SmallVectorImpl<Type> &types) {
  RankedTensorType x = tensor(op.getInput()), cos = tensor(op.getCos()), sin = tensor(op.getSin());
  if (x.getRank() != 4)
    return emitOptionalError(loc, "input is ", x, "; its rank must be 4");
  bool fits = cos.getRank() == 3 && (cos.getDimSize(0) == 1 || cos.getDimSize(0) == x.getDimSize(0)) && cos.getDimSize(1) == x.getDimSize(2) &&
              2 * cos.getDimSize(2) <= x.getDimSize(3);
  if (!fits || cos.getShape() != sin.getShape() || cos.getElementType() != x.getElementType() || sin.getElementType() != x.getElementType())
    return emitOptionalError(loc, "input is ", x, ", cosines and sines are ", cos, " and ", sin, "; both must be [", x.getDimSize(0), " or 1, ",
                             x.getDimSize(2), ", at most ", x.getDimSize(3) / 2, "] of ", x.getElementType());
  types.push_back(RankedTensorType::get(x.getShape(), x.getElementType()));
  return success();
}

} // namespace dnnc::dnn
