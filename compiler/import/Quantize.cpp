#include "compiler/import/Quantize.h"
#include "dialects/pw/SmallTypes.h"

#include "llvm/Support/FormatVariadic.h"

#include <cmath>

using namespace mlir;

namespace dnnc::importer {

static std::string text(double value) { return llvm::formatv("{0}", value).str(); }

static bool checkScales(NodeBinder &node, ArrayRef<double> scales, unsigned index, StringRef what) {
  for (auto [i, scale] : llvm::enumerate(scales))
    if (!std::isfinite(scale) || scale <= 0) {
      node.error() << "input " << index << " (the scale of " << what << ", here '" << node.node.input(index) << "') is " << text(scale)
                   << " at element " << i << "; every scale must be a finite number above 0";
      return false;
    }
  return true;
}

std::optional<Quantization> readQuantization(NodeBinder &node, unsigned index, RankedTensorType values, int64_t axis, StringRef what) {
  Quantization result;
  Value scale = node.operand(index), zero = node.operand(index + 1);
  Type storage = values.getElementType();
  auto integer = dyn_cast<IntegerType>(pw::storageType(storage));
  auto small = dyn_cast<pw::SmallType>(storage);
  if (!integer || integer.getWidth() < 8 || integer.getWidth() > 32 || (small && pw::isFloat(small.getFormat())))
    return node.error() << what << " is " << values << "; its element type must be an integer of at most 32 bits", std::nullopt;
  std::string name = ("the scale of " + what).str();
  std::optional<std::vector<double>> scales = node.constantFloats(index, name);
  if (!scales || !checkScales(node, *scales, index, what)) return std::nullopt;
  int64_t rank = values.getRank();
  bool one = scales->size() == 1 && node.rank(scale) <= 1;
  result.axis = axis < 0 ? axis + rank : axis;
  if (!one) {
    if (node.rank(scale) > 1)
      return node.error() << "input " << index << " (" << name << ") is " << node.type(scale)
                          << "; supported are one scale and a list along one axis, not blocks",
             std::nullopt;
    if (axis < -rank || axis >= rank)
      return node.error() << "attribute 'axis' is " << axis << "; for " << what << ", which is " << values << ", it must be between " << -rank
                          << " and " << rank - 1,
             std::nullopt;
    if (int64_t(scales->size()) != values.getDimSize(result.axis))
      return node.error() << "input " << index << " (" << name << ") has " << scales->size() << " values; for " << what << ", which is "
                          << values << ", and axis " << result.axis << " there must be 1 or " << values.getDimSize(result.axis),
             std::nullopt;
  }
  result.scales = *scales;
  result.zeroPoints.assign(scales->size(), 0);
  if (!zero) return result;
  if (node.type(zero).getElementType() != storage)
    return node.error() << "input " << index + 1 << " (the zero point of " << what << ") is " << node.type(zero) << "; it must be of type "
                        << storage << ", as the values are",
           std::nullopt;
  ElementsAttr zeros = node.constantOf(zero);
  if (!zeros || zeros.getNumElements() != int64_t(scales->size()))
    return node.error() << "input " << index + 1 << " (the zero point of " << what << ") is " << node.type(zero)
                        << "; it must be constant and have one element for each of the " << scales->size() << " scales",
           std::nullopt;
  std::vector<int64_t> list = constantValues<int64_t>(zeros);
  for (int64_t value : list)
    if (integer.getWidth() == 32 && value != 0)
      return node.error() << "input " << index + 1 << " (the zero point of " << what << ") is " << value << "; for " << storage
                          << " it must be 0",
             std::nullopt;
  result.zeroPoints.assign(list.begin(), list.end());
  return result;
}

Value dequantize(NodeBinder &node, Value value, const Quantization &by) {
  if (value) value = node.bitcast(value, pw::storageType(node.type(value).getElementType()));
  return node.create<dnn::DequantizeOp>(value, node.builder.getDenseF64ArrayAttr(by.scales), node.i64s(by.zeroPoints), node.i64(by.axis));
}

Value quantize(NodeBinder &node, Value value, const Quantization &by, Type to) {
  return node.create<dnn::QuantizeOp>(value, node.builder.getDenseF64ArrayAttr(by.scales), node.i64s(by.zeroPoints), node.i64(by.axis),
                                      TypeAttr::get(to));
}

Value dequantizedOperand(NodeBinder &node, unsigned index, int64_t axis, StringRef what, Quantization *read) {
  Value value = node.operand(index);
  std::optional<Quantization> by = readQuantization(node, index + 1, node.type(value), axis, what);
  if (!by) return {};
  if (read) *read = *by;
  return dequantize(node, value, *by);
}

LogicalResult quantizedResult(NodeBinder &node, Value value, unsigned scale, unsigned like) {
  if (!value) return failure();
  Value typed = node.operand(scale + 1) ? node.operand(scale + 1) : node.operand(like);
  Type to = node.type(typed).getElementType();
  std::optional<Quantization> by = readQuantization(node, scale, RankedTensorType::get(node.shape(value), to), 1, "the result");
  return by ? node.result(quantize(node, value, *by, to)) : failure();
}

Value toInt32(NodeBinder &node, Value sums) { return quantize(node, sums, {{1.0}, {0}, 0}, node.builder.getI32Type()); }

} // namespace dnnc::importer
