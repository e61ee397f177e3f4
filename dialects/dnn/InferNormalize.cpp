// Result types of normalizations, softmax and the ops along one axis.
#include "dialects/dnn/Infer.h"

using namespace mlir;

namespace dnnc::dnn {

using Types = SmallVectorImpl<Type>;

/// One element per channel (dim 1) in each operand.
static LogicalResult checkChannels(std::optional<Location> loc, RankedTensorType x, ValueRange parameters) {
  if (x.getRank() < 2)
    return emitOptionalError(loc, "input is ", x, "; its rank must be at least 2");
  for (Value parameter : parameters)
    if (tensor(parameter).getRank() != 1 || tensor(parameter).getDimSize(0) != x.getDimSize(1))
      return emitOptionalError(loc, "parameter is ", tensor(parameter), "; it must have one element for each of the ", x.getDimSize(1),
                               " channels");
  return success();
}

static LogicalResult sameAsInput(RankedTensorType x, Types &types) {
  types.push_back(RankedTensorType::get(x.getShape(), x.getElementType()));
  return success();
}

LogicalResult SoftmaxOp::inferReturnTypes(MLIRContext *, std::optional<Location> loc, Adaptor op, Types &types) {
  RankedTensorType x = tensor(op.getInput());
  if (failed(normalizeAxis(loc, "axis", op.getAxis(), x.getRank())))
    return failure();
  return sameAsInput(x, types);
}

LogicalResult BatchNormOp::inferReturnTypes(MLIRContext *, std::optional<Location> loc, Adaptor op, Types &types) {
  RankedTensorType x = tensor(op.getInput());
  if (failed(checkChannels(loc, x, {op.getScale(), op.getBias(), op.getMean(), op.getVariance()})))
    return failure();
  return sameAsInput(x, types);
}

LogicalResult LayerNormOp::inferReturnTypes(MLIRContext *, std::optional<Location> loc, Adaptor op, Types &types) {
  RankedTensorType x = tensor(op.getInput());
  auto axis = normalizeAxis(loc, "axis", op.getAxis(), x.getRank());
  if (failed(axis))
    return failure();
  ArrayRef<int64_t> normalized = x.getShape().drop_front(*axis);
  for (Value parameter : {op.getScale(), op.getBias()})
    if (parameter && tensor(parameter).getShape() != normalized)
      return emitOptionalError(loc, "parameter is ", tensor(parameter), "; its shape must be that of the normalized dims, [", normalized, "]");
  return sameAsInput(x, types);
}

LogicalResult GroupNormOp::inferReturnTypes(MLIRContext *, std::optional<Location> loc, Adaptor op, Types &types) {
  RankedTensorType x = tensor(op.getInput());
  if (failed(checkChannels(loc, x, {op.getScale(), op.getBias()})))
    return failure();
  int64_t groups = op.getGroups();
  if (groups < 1 || x.getDimSize(1) % groups)
    return emitOptionalError(loc, "attribute 'num_groups' is ", groups, "; it must divide the ", x.getDimSize(1), " channels");
  return sameAsInput(x, types);
}

LogicalResult LrnOp::inferReturnTypes(MLIRContext *, std::optional<Location> loc, Adaptor op, Types &types) {
  RankedTensorType x = tensor(op.getInput());
  if (failed(checkChannels(loc, x, {})))
    return failure();
  if (int64_t(op.getSize()) < 1)
    return emitOptionalError(loc, "attribute 'size' is ", int64_t(op.getSize()), "; it must be at least 1");
  return sameAsInput(x, types);
}

LogicalResult OneHotOp::inferReturnTypes(MLIRContext *, std::optional<Location> loc, Adaptor op, Types &types) {
  RankedTensorType indices = tensor(op.getIndices()), values = tensor(op.getValues());
  auto axis = normalizeAxis(loc, "axis", op.getAxis(), indices.getRank() + 1);
  if (failed(axis))
    return failure();
  if (values.getRank() != 1 || values.getDimSize(0) != 2)
    return emitOptionalError(loc, "values is ", values, "; it must hold the off and the on value");
  if (int64_t(op.getDepth()) < 1)
    return emitOptionalError(loc, "'depth' is ", int64_t(op.getDepth()), "; it must be at least 1");
  SmallVector<int64_t> shape(indices.getShape());
  shape.insert(shape.begin() + *axis, op.getDepth());
  types.push_back(RankedTensorType::get(shape, values.getElementType()));
  return success();
}

LogicalResult ArgReduceOp::inferReturnTypes(MLIRContext *context, std::optional<Location> loc, Adaptor op, Types &types) {
  RankedTensorType x = tensor(op.getInput());
  auto axis = normalizeAxis(loc, "axis", op.getAxis(), x.getRank());
  if (failed(axis))
    return failure();
  SmallVector<int64_t> shape(x.getShape());
  shape[*axis] = 1;
  types.push_back(RankedTensorType::get(shape, IntegerType::get(context, 64)));
  return success();
}

LogicalResult TopKOp::inferReturnTypes(MLIRContext *context, std::optional<Location> loc, Adaptor op, Types &types) {
  RankedTensorType x = tensor(op.getInput());
  auto axis = normalizeAxis(loc, "axis", op.getAxis(), x.getRank());
  if (failed(axis))
    return failure();
  int64_t k = op.getK();
  if (k < 1 || k > x.getDimSize(*axis))
    return emitOptionalError(loc, "'k' is ", k, "; it must be between 1 and ", x.getDimSize(*axis));
  SmallVector<int64_t> shape(x.getShape());
  shape[*axis] = k;
  types.push_back(RankedTensorType::get(shape, x.getElementType()));
  types.push_back(RankedTensorType::get(shape, IntegerType::get(context, 64)));
  return success();
}

LogicalResult CumProdOp::inferReturnTypes(MLIRContext *, std::optional<Location> loc, Adaptor op, Types &types) {
  RankedTensorType x = tensor(op.getInput());
  if (failed(normalizeAxis(loc, "axis", op.getAxis(), x.getRank())))
    return failure();
  return sameAsInput(x, types);
}

LogicalResult CumSumOp::inferReturnTypes(MLIRContext *, std::optional<Location> loc, Adaptor op, Types &types) {
  RankedTensorType x = tensor(op.getInput());
  if (failed(normalizeAxis(loc, "axis", op.getAxis(), x.getRank())))
    return failure();
  return sameAsInput(x, types);
}

} // namespace dnnc::dnn
