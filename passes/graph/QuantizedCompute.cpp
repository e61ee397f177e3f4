// conv, matmul and averages of dequantized tensors → the same on integers, requantized in the epilogue.
#include "passes/graph/Quantized.h"

#include <cmath>

using namespace mlir;

namespace dnnc {
namespace {

/// What conv and matmul share. The weight's outputs are its dim \p outputDim; the result's are what \p shape broadcasts along.
struct Product {
  Value input, weight, bias;
  int64_t outputs, outputDim;
  SmallVector<int64_t> shape;
};

std::optional<Product> productOf(Operation *op) {
  if (auto conv = dyn_cast<dnn::ConvOp>(op)) {
    RankedTensorType w = tensorOf(conv.getWeight());
    SmallVector<int64_t> shape(w.getRank() - 1, 1);
    shape[0] = w.getDimSize(0);
    return Product{conv.getInput(), conv.getWeight(), conv.getBias(), w.getDimSize(0), 0, shape};
  }
  if (auto matmul = dyn_cast<dnn::MatMulOp>(op)) {
    RankedTensorType b = tensorOf(matmul.getRhs());
    return Product{matmul.getLhs(), matmul.getRhs(), matmul.getBias(), b.getShape().back(), b.getRank() - 1, {b.getShape().back()}};
  }
  return std::nullopt;
}

/// Weights less their zero points: i8 where they fit, else i16.
Value centered(OpBuilder &builder, dnn::DequantizeOp op, int64_t outputDim) {
  std::vector<int64_t> values = constantValues<int64_t>(op.getInput());
  RankedTensorType type = tensorOf(op.getInput());
  int64_t inner = 1;
  for (int64_t dim = outputDim + 1; dim < type.getRank(); ++dim) inner *= type.getDimSize(dim);
  ArrayRef<int64_t> zeros = op.getZeroPoints();
  bool fits = true;
  for (auto [i, value] : llvm::enumerate(values)) {
    value -= zeros.size() == 1 ? zeros[0] : zeros[i / inner % zeros.size()];
    fits &= value >= -128 && value <= 127;
  }
  auto make = [&](auto element) {
    std::vector<decltype(element)> list(values.begin(), values.end());
    auto made = RankedTensorType::get(type.getShape(), builder.getIntegerType(8 * sizeof(element)));
    return createConstant(builder, op.getInput().getLoc(), makeConstant(made, ArrayRef(list)));
  };
  return fits ? make(int8_t()) : make(int16_t());
}

/// The bias as i32 in steps of \p factors, if that is how it was quantized; else its values in \p shifts.
Value integerBias(OpBuilder &builder, Value bias, ArrayRef<double> factors, std::vector<double> &shifts) {
  auto op = bias.getDefiningOp<dnn::DequantizeOp>();
  if (!op) {
    shifts = constantValues<double>(bias);
    return {};
  }
  auto at = [](auto list, size_t i) { return list.size() == 1 ? list[0] : list[i]; };
  bool same = tensorOf(op.getInput()).getElementType().isSignlessInteger(32);
  for (size_t i = 0; i < factors.size(); ++i) // a product of scales that was rounded to f32, or is given as one
    same &= at(op.getZeroPoints(), i) == 0 && std::abs(at(op.getScales(), i) - factors[i]) <= 1e-6 * factors[i];
  if (same) return op.getInput();
  std::vector<double> values = constantValues<double>(op.getInput());
  for (auto [i, value] : llvm::enumerate(values)) shifts.push_back((value - double(at(op.getZeroPoints(), i))) * at(op.getScales(), i));
  return {};
}

bool isConstantBias(Value bias) {
  auto op = bias.getDefiningOp<dnn::DequantizeOp>();
  return getConstant(op ? op.getInput() : bias) != nullptr;
}

std::string refusal(const Product &product, dnn::DequantizeOp x, dnn::DequantizeOp w) {
  if (!w) return "its weights are not quantized";
  if (!x) return activation(product.weight) || !getConstant(w.getInput()) ? "both operands are computed at run time" : "its input is not quantized";
  if (!getConstant(w.getInput())) return "its weights are computed at run time";
  if (tensorOf(w.getInput()).getElementTypeBitWidth() != 8) return "its weights are not of 8 bits";
  if (w.getScales().size() != 1 && dimOf(w.getAxis(), tensorOf(w).getRank()) != product.outputDim)
    return "its weights' scales are not per output channel";
  if (product.bias && !isConstantBias(product.bias)) return "its bias is computed at run time";
  return "";
}

/// Exact sums are asked for: all factors 1, and a quantize to i32 with scale 1 behind.
dnn::QuantizeOp exactSums(Value result, ArrayRef<double> factors) {
  auto op = result.hasOneUse() ? dyn_cast<dnn::QuantizeOp>(*result.user_begin()) : dnn::QuantizeOp();
  bool plain = op && op.getTo().isSignlessInteger(32) && perTensor(op) == PerTensor{1, 0};
  return plain && llvm::all_of(factors, [](double f) { return f == 1; }) ? op : dnn::QuantizeOp();
}

void foldProduct(Operation *op, const Product &product, dnn::DequantizeOp x, dnn::DequantizeOp w) {
  PerTensor by = *perTensor(x);
  Epilogue epilogue;
  epilogue.shape = product.shape;
  for (int64_t k = 0; k < product.outputs; ++k)
    epilogue.factors.push_back(by.scale * (w.getScales().size() == 1 ? w.getScales()[0] : w.getScales()[k]));
  Value last;
  Tail tail{op->getResult(0), std::nullopt, std::nullopt, std::nullopt};
  dnn::QuantizeOp sums = product.bias ? dnn::QuantizeOp() : exactSums(op->getResult(0), epilogue.factors);
  if (!sums) tail = tailOf(op->getResult(0));
  Operation *end = sums ? sums.getOperation() : tail.last.getDefiningOp();
  OpBuilder builder(end);
  Location loc = end == op ? op->getLoc() : FusedLoc::get(op->getContext(), {op->getLoc(), end->getLoc()});
  SmallVector<Value> operands;
  Region chain;
  Value bias = product.bias ? integerBias(builder, product.bias, epilogue.factors, epilogue.shifts) : Value();
  Type element = sums ? Type(builder.getI32Type()) : addEpilogue(builder, loc, chain, operands, epilogue, tail);
  auto type = RankedTensorType::get(cast<RankedTensorType>(op->getResult(0).getType()).getShape(), element);
  Value weight = centered(builder, w, product.outputDim);
  Operation *made;
  if (auto conv = dyn_cast<dnn::ConvOp>(op))
    made = builder.create<dnn::ConvOp>(loc, TypeRange(type), x.getInput(), weight, bias, operands, conv.getStridesAttr(), conv.getPadsAttr(),
                                       conv.getDilationsAttr(), conv.getGroupAttr(), builder.getI64IntegerAttr(by.zero));
  else
    made = builder.create<dnn::MatMulOp>(loc, TypeRange(type), x.getInput(), weight, bias, operands, builder.getI64IntegerAttr(by.zero));
  if (!sums) cast<dnn::FusableOp>(made).epilogueChain().takeBody(chain);
  (sums ? sums.getResult() : tail.last).replaceAllUsesWith(made->getResult(0));
}

/// The mean of (x - zero) * scale is (mean of x - zero) * scale, unless padding, which is 0 and not the zero point, is counted.
std::string foldAverage(Operation *op, dnn::DequantizeOp x) {
  PerTensor by = *perTensor(x);
  auto pool = dyn_cast<dnn::PoolOp>(op);
  if (pool && pool.getCountIncludePad() && by.zero && llvm::any_of(pool.getPads(), [](int64_t p) { return p != 0; }))
    return "padding is counted, and the zero point is not 0";
  Tail tail = tailOf(op->getResult(0));
  if (!tail.result) return "its result is not quantized";
  OpBuilder builder(tail.last.getDefiningOp());
  Location loc = tail.last == op->getResult(0) ? op->getLoc() : FusedLoc::get(op->getContext(), {op->getLoc(), tail.last.getLoc()});
  SmallVector<Value> operands;
  Region chain;
  Type element = addEpilogue(builder, loc, chain, operands, {{by.scale}, {}, {}, double(by.zero)}, tail);
  auto type = RankedTensorType::get(cast<RankedTensorType>(op->getResult(0).getType()).getShape(), element);
  Operation *made;
  if (pool)
    made = builder.create<dnn::PoolOp>(loc, TypeRange(type), x.getInput(), operands, pool.getKindAttr(), pool.getKernelAttr(),
                                       pool.getStridesAttr(), pool.getPadsAttr(), pool.getDilationsAttr(), pool.getCountIncludePadAttr(),
                                       pool.getCeilModeAttr(), pool.getPAttr());
  else
    made = builder.create<dnn::ReduceOp>(loc, TypeRange(type), x.getInput(), operands, cast<dnn::ReduceOp>(op).getKindAttr(),
                                         cast<dnn::ReduceOp>(op).getAxesAttr());
  cast<dnn::FusableOp>(made).epilogueChain().takeBody(chain);
  tail.last.replaceAllUsesWith(made->getResult(0));
  return "";
}

} // namespace

std::string foldCompute(Operation *op, bool &changed) {
  changed = false;
  auto fusable = dyn_cast<dnn::FusableOp>(op);
  if (!fusable || !fusable.epilogueChain().empty()) return "";
  auto average = [](Operation *other) {
    auto pool = dyn_cast<dnn::PoolOp>(other);
    auto reduce = dyn_cast<dnn::ReduceOp>(other);
    return (pool && pool.getKind() == dnn::PoolKind::Average && tensorOf(pool.getInput()).getRank() < 5) ||
           (reduce && reduce.getKind() == dnn::ReduceKind::Mean);
  };
  if (average(op)) {
    dnn::DequantizeOp x = activation(op->getOperand(0));
    std::string reason = x ? foldAverage(op, x) : "";
    changed = x && reason.empty();
    return reason;
  }
  std::optional<Product> product = productOf(op);
  auto w = product ? product->weight.getDefiningOp<dnn::DequantizeOp>() : dnn::DequantizeOp();
  dnn::DequantizeOp x = product ? activation(product->input) : dnn::DequantizeOp();
  if (!w && !x) {
    bool reads = llvm::any_of(op->getOperands(), [](Value v) { return v.getDefiningOp<dnn::DequantizeOp>(); });
    return reads ? "there is no integer kernel for it" : "";
  }
  if (isa<dnn::ConvOp>(op) && tensorOf(product->input).getRank() > 4) return "there are integer kernels for 1 and 2 spatial dims";
  if (isa<dnn::MatMulOp>(op) && tensorOf(product->weight).getRank() != 2) return "its right-hand side has batch dims";
  std::string reason = refusal(*product, x, w);
  if (!reason.empty()) return reason;
  foldProduct(op, *product, x, w);
  changed = true;
  return "";
}

} // namespace dnnc
