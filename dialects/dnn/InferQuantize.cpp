// Result types of quantize, dequantize and lookup.
#include "dialects/dnn/Infer.h"

#include <cmath>

using namespace mlir;

namespace dnnc::dnn {

using Types = SmallVectorImpl<Type>;

/// One scale and zero point, or one for each place along the axis; every scale a positive number, every zero point one of \p storage.
static LogicalResult checkParameters(std::optional<Location> loc, RankedTensorType type, Type storage, ArrayRef<double> scales,
                                     ArrayRef<int64_t> zeroPoints, int64_t axis) {
  auto integer = dyn_cast<IntegerType>(storage);
  if (!integer || integer.getWidth() < 8 || integer.getWidth() > 32)
    return emitOptionalError(loc, "the quantized type is ", storage, "; it must be an integer type of 8 to 32 bits");
  if (scales.size() != zeroPoints.size())
    return emitOptionalError(loc, "there are ", scales.size(), " scales and ", zeroPoints.size(), " zero points; one for each scale is needed");
  if (scales.size() != 1) {
    auto dim = normalizeAxis(loc, "axis", axis, type.getRank());
    if (failed(dim))
      return failure();
    if (int64_t(scales.size()) != type.getDimSize(*dim))
      return emitOptionalError(loc, "there are ", scales.size(), " scales; for ", type, " and axis ", axis, " there must be 1 or ",
                               type.getDimSize(*dim));
  }
  for (double scale : scales)
    if (!std::isfinite(scale) || scale <= 0)
      return emitOptionalError(loc, "a scale is ", std::to_string(scale), "; every scale must be a positive number");
  bool isUnsigned = integer.isUnsigned();
  int64_t low = isUnsigned ? 0 : -(int64_t(1) << (integer.getWidth() - 1)), high = low + (int64_t(1) << integer.getWidth()) - 1;
  for (int64_t zero : zeroPoints)
    if (zero < low || zero > high)
      return emitOptionalError(loc, "a zero point is ", zero, "; for ", storage, " it must be between ", low, " and ", high);
  return success();
}

LogicalResult QuantizeOp::inferReturnTypes(MLIRContext *, std::optional<Location> loc, Adaptor op, Types &types) {
  RankedTensorType x = tensor(op.getInput());
  if (!isa<FloatType>(x.getElementType()))
    return emitOptionalError(loc, "input is ", x, "; it must be of a floating-point type");
  if (failed(checkParameters(loc, x, op.getTo(), op.getScales(), op.getZeroPoints(), op.getAxis())))
    return failure();
  types.push_back(RankedTensorType::get(x.getShape(), op.getTo()));
  return success();
}

LogicalResult DequantizeOp::inferReturnTypes(MLIRContext *context, std::optional<Location> loc, Adaptor op, Types &types) {
  RankedTensorType x = tensor(op.getInput());
  if (failed(checkParameters(loc, x, x.getElementType(), op.getScales(), op.getZeroPoints(), op.getAxis())))
    return failure();
  types.push_back(RankedTensorType::get(x.getShape(), Float32Type::get(context)));
  return success();
}

LogicalResult LookupOp::inferReturnTypes(MLIRContext *, std::optional<Location> loc, Adaptor op, Types &types) {
  RankedTensorType x = tensor(op.getInput()), table = tensor(op.getTable());
  if (x.getElementTypeBitWidth() != 8 || table.getShape() != ArrayRef<int64_t>{256})
    return emitOptionalError(loc, "input is ", x, " and table ", table, "; they must be of 8 bits and of 256 elements");
  types.push_back(RankedTensorType::get(x.getShape(), table.getElementType()));
  return success();
}

} // namespace dnnc::dnn
