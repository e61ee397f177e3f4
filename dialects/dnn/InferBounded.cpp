// Result types of the ops on tensors whose true size is found at run time.
#include "dialects/dnn/Infer.h"

using namespace mlir;

namespace dnnc::dnn {

using Types = SmallVectorImpl<Type>;

static RankedTensorType i64Tensor(MLIRContext *context, ArrayRef<int64_t> shape) {
  return RankedTensorType::get(shape, IntegerType::get(context, 64));
}

static LogicalResult checkOperand(std::optional<Location> loc, StringRef name, Value value, Type element, ArrayRef<int64_t> shape) {
  if (tensor(value).getShape() == shape && tensor(value).getElementType() == element) return success();
  return emitOptionalError(loc, "'", name, "' is ", tensor(value), "; it must be ", RankedTensorType::get(shape, element));
}

static LogicalResult inferBox(MLIRContext *context, std::optional<Location> loc, Value input, Value dims, Types &types) {
  RankedTensorType x = tensor(input);
  if (x.getRank() > 8) return emitOptionalError(loc, "input is ", x, "; its rank must be at most 8");
  if (failed(checkOperand(loc, "dims", dims, IntegerType::get(context, 64), {x.getRank()}))) return failure();
  types.push_back(RankedTensorType::get(x.getShape(), x.getElementType()));
  return success();
}

LogicalResult PackOp::inferReturnTypes(MLIRContext *context, std::optional<Location> loc, Adaptor op, Types &types) {
  return inferBox(context, loc, op.getInput(), op.getDims(), types);
}

LogicalResult UnpackOp::inferReturnTypes(MLIRContext *context, std::optional<Location> loc, Adaptor op, Types &types) {
  return inferBox(context, loc, op.getInput(), op.getDims(), types);
}

LogicalResult NonZeroOp::inferReturnTypes(MLIRContext *context, std::optional<Location> loc, Adaptor op, Types &types) {
  RankedTensorType x = tensor(op.getInput());
  if (!x.getElementType().isInteger(1) || x.getRank() > 8)
    return emitOptionalError(loc, "input is ", x, "; it must be of i1 and of rank 8 at most");
  types.push_back(i64Tensor(context, {x.getRank(), x.getNumElements()}));
  types.push_back(i64Tensor(context, {}));
  return success();
}

LogicalResult UniqueOp::inferReturnTypes(MLIRContext *context, std::optional<Location> loc, Adaptor op, Types &types) {
  RankedTensorType x = tensor(op.getInput());
  if (x.getRank() != 2) return emitOptionalError(loc, "input is ", x, "; it must be a matrix");
  if (failed(checkOperand(loc, "rows", op.getRows(), IntegerType::get(context, 64), {}))) return failure();
  types.append(3, i64Tensor(context, {x.getDimSize(0)}));
  types.push_back(i64Tensor(context, {}));
  return success();
}

LogicalResult NonMaxSuppressionOp::inferReturnTypes(MLIRContext *context, std::optional<Location> loc, Adaptor op, Types &types) {
  RankedTensorType scores = tensor(op.getScores());
  Type f32 = Float32Type::get(context), i64 = IntegerType::get(context, 64);
  if (scores.getRank() != 3) return emitOptionalError(loc, "'scores' is ", scores, "; it must be [batches, classes, boxes]");
  ArrayRef<int64_t> shape = scores.getShape();
  int64_t perClass = op.getPerClass();
  if (failed(checkOperand(loc, "scores", op.getScores(), f32, shape)) ||
      failed(checkOperand(loc, "boxes", op.getBoxes(), f32, {shape[0], shape[2], 4})) ||
      failed(checkOperand(loc, "most", op.getMost(), i64, {})) || failed(checkOperand(loc, "iou", op.getIou(), f32, {})) ||
      failed(checkOperand(loc, "threshold", op.getThreshold(), f32, {})) || failed(checkOperand(loc, "sizes", op.getSizes(), i64, {3})))
    return failure();
  if (perClass < 1 || perClass > shape[2])
    return emitOptionalError(loc, "'per_class' is ", perClass, "; it must be between 1 and ", shape[2]);
  types.push_back(i64Tensor(context, {shape[0] * shape[1] * perClass, 3}));
  types.push_back(i64Tensor(context, {}));
  return success();
}

} // namespace dnnc::dnn
