// conv, matmul and averages of dequantized tensors → the same on integers, requantized in the epilogue.
#include "passes/graph/Quantized.h"

#include <cmath>

using namespace mlir;

namespace dnnc {
namespace {

/// What conv, conv_transpose and matmul share. The weight's outputs are its dim \p outputDim; the result's are what \p shape broadcasts along.
struct Product {
  Value input, weight, bias;
  int64_t outputs, outputDim;
  SmallVector<int64_t> shape;
  int64_t copies = 1; ///< in which the outputs are computed, one behind the other: the places of a transposed convolution's window
};

std::optional<Product> productOf(Operation *op) {
  if (auto conv = dyn_cast<dnn::ConvOp>(op)) {
    RankedTensorType w = tensorOf(conv.getWeight());
    SmallVector<int64_t> shape(w.getRank() - 1, 1);
    shape[0] = w.getDimSize(0);
    return Product{conv.getInput(), conv.getWeight(), conv.getBias(), w.getDimSize(0), 0, shape};
  }
  if (auto transposed = dyn_cast<dnn::ConvTransposeOp>(op)) {
    RankedTensorType w = tensorOf(transposed.getWeight());
    const int64_t outputs = w.getDimSize(1), copies = ShapedType::getNumElements(w.getShape().drop_front(2));
    SmallVector<int64_t> shape(w.getRank() - 1, 1);
    shape[0] = outputs * copies;
    return Product{transposed.getInput(), transposed.getWeight(), transposed.getBias(), outputs, 1, shape, copies};
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

template <class T> void repeat(std::vector<T> &list, int64_t copies) {
  const std::vector<T> once = list;
  for (int64_t i = 1; i < copies; ++i) list.insert(list.end(), once.begin(), once.end());
}

/// Constant integers \p order of whose dims is [\p shape].
Value rearranged(OpBuilder &builder, Value constant, ArrayRef<int64_t> order, ArrayRef<int64_t> shape) {
  const std::vector<int64_t> values = constantValues<int64_t>(constant);
  RankedTensorType type = tensorOf(constant);
  const SmallVector<int64_t> strides = dnn::logicalStrides(type);
  auto make = [&](auto element) {
    std::vector<decltype(element)> list;
    SmallVector<int64_t> index(order.size(), 0);
    for (size_t i = 0; i < values.size(); ++i) {
      int64_t at = 0;
      for (auto [position, dim] : llvm::zip(index, order)) at += position * strides[dim];
      list.push_back(static_cast<decltype(element)>(values[at]));
      for (size_t d = order.size(); d-- > 0 && ++index[d] == type.getDimSize(order[d]);) index[d] = 0;
    }
    return createConstant(builder, constant.getLoc(), makeConstant(RankedTensorType::get(shape, type.getElementType()), ArrayRef(list)));
  };
  return type.getElementTypeBitWidth() == 8 ? make(int8_t()) : type.getElementTypeBitWidth() == 16 ? make(int16_t()) : make(int32_t());
}

/// A transposed convolution whose windows do not overlap: a pointwise one, which computes the places of a window as channels [place][k], and then
/// these are put in their places.
Value createTransposed(OpBuilder &builder, Location loc, dnn::ConvTransposeOp op, Value input, Value weight, Value bias, ValueRange operands,
                       Region &chain, Type element, int64_t zero) {
  const SmallVector<int64_t> w(tensorOf(weight).getShape()), y(tensorOf(op.getResult()).getShape()), x(tensorOf(input).getShape());
  const int64_t spatial = static_cast<int64_t>(w.size()) - 2, places = ShapedType::getNumElements(ArrayRef(w).drop_front(2));
  SmallVector<int64_t> order, ones(spatial, 1), none(2 * spatial, 0), shape(w.size(), 1), flat(x);
  for (int64_t d = 0; d < spatial; ++d) order.push_back(2 + d);
  order.append({1, 0});
  shape[0] = places * w[1], shape[1] = w[0], flat[1] = shape[0];
  if (bias) {
    std::vector<int64_t> values = constantValues<int64_t>(bias);
    repeat(values, places);
    const std::vector<int32_t> list(values.begin(), values.end());
    bias = createConstant(builder, bias.getLoc(), makeConstant(RankedTensorType::get({shape[0]}, builder.getI32Type()), ArrayRef(list)));
  }
  auto conv = builder.create<dnn::ConvOp>(loc, TypeRange(RankedTensorType::get(flat, element)), input, rearranged(builder, weight, order, shape), bias, operands,
                                          builder.getDenseI64ArrayAttr(ones), builder.getDenseI64ArrayAttr(none), builder.getDenseI64ArrayAttr(ones),
                                          builder.getI64IntegerAttr(1), builder.getI64IntegerAttr(zero));
  cast<dnn::FusableOp>(conv.getOperation()).epilogueChain().takeBody(chain);
  // [n, place…, k, x…] → [n, k, x, place, …]
  SmallVector<int64_t> split{y[0]}, perm{0, 1 + spatial};
  split.append(w.begin() + 2, w.end());
  split.push_back(w[1]);
  split.append(x.begin() + 2, x.end());
  for (int64_t d = 0; d < spatial; ++d) perm.append({2 + spatial + d, 1 + d});
  Value value = builder.create<dnn::ReshapeOp>(loc, RankedTensorType::get(split, element), conv.getResult());
  value = builder.create<dnn::TransposeOp>(loc, value, builder.getDenseI64ArrayAttr(perm));
  return builder.create<dnn::ReshapeOp>(loc, RankedTensorType::get(y, element), value);
}

void foldProduct(Operation *op, const Product &product, dnn::DequantizeOp x, dnn::DequantizeOp w) {
  PerTensor by = *perTensor(x);
  Epilogue epilogue;
  epilogue.shape = product.shape;
  for (int64_t k = 0; k < product.outputs; ++k)
    epilogue.factors.push_back(by.scale * (w.getScales().size() == 1 ? w.getScales()[0] : w.getScales()[k]));
  Value last;
  Tail tail{op->getResult(0), std::nullopt, std::nullopt, std::nullopt};
  dnn::QuantizeOp sums = product.bias || isa<dnn::ConvTransposeOp>(op) ? dnn::QuantizeOp() : exactSums(op->getResult(0), epilogue.factors);
  if (!sums) tail = tailOf(op->getResult(0));
  Operation *end = sums ? sums.getOperation() : tail.last.getDefiningOp();
  OpBuilder builder(end);
  Location loc = end == op ? op->getLoc() : FusedLoc::get(op->getContext(), {op->getLoc(), end->getLoc()});
  SmallVector<Value> operands;
  Region chain;
  Value bias = product.bias ? integerBias(builder, product.bias, epilogue.factors, epilogue.shifts) : Value();
  repeat(epilogue.factors, product.copies);
  repeat(epilogue.shifts, product.copies);
  Type element = sums ? Type(builder.getI32Type()) : addEpilogue(builder, loc, chain, operands, epilogue, tail);
  auto type = RankedTensorType::get(cast<RankedTensorType>(op->getResult(0).getType()).getShape(), element);
  Value weight = centered(builder, w, product.outputDim);
  if (auto transposed = dyn_cast<dnn::ConvTransposeOp>(op)) {
    Value made = createTransposed(builder, loc, transposed, x.getInput(), weight, bias, operands, chain, element, by.zero);
    tail.last.replaceAllUsesWith(made);
    return;
  }
  Operation *made;
  if (auto conv = dyn_cast<dnn::ConvOp>(op))
    made = builder.create<dnn::ConvOp>(loc, TypeRange(type), x.getInput(), weight, bias, operands, conv.getStridesAttr(), conv.getPadsAttr(),
                                       conv.getDilationsAttr(), conv.getGroupAttr(), builder.getI64IntegerAttr(by.zero));
  else
    made = builder.create<dnn::MatMulOp>(loc, TypeRange(type), x.getInput(), weight, bias, operands, builder.getI64IntegerAttr(by.zero));
  if (!sums) cast<dnn::FusableOp>(made).epilogueChain().takeBody(chain);
  (sums ? sums.getResult() : tail.last).replaceAllUsesWith(made->getResult(0));
}

/// Why there is no integer kernel for a product's shape, or "".
StringRef shapeRefusal(Operation *op, const Product &product) {
  const bool image = isa<dnn::ConvOp, dnn::ConvTransposeOp>(op);
  if (image && tensorOf(product.input).getRank() > 4) return "there are integer kernels for 1 and 2 spatial dims";
  if (isa<dnn::MatMulOp>(op) && tensorOf(product.weight).getRank() != 2) return "its right-hand side has batch dims";
  auto transposed = dyn_cast<dnn::ConvTransposeOp>(op);
  if (!transposed) return "";
  auto isZero = [](int64_t v) { return v == 0; };
  if (transposed.getGroup() != 1) return "it is transposed and has groups";
  if (transposed.getStrides() != tensorOf(product.weight).getShape().drop_front(2) || !llvm::all_of(transposed.getPads(), isZero) ||
      !llvm::all_of(transposed.getOutputPadding(), isZero) || llvm::any_of(transposed.getDilations(), [](int64_t v) { return v != 1; }))
    return "it is transposed and its stride is not its kernel's size, or it is padded";
  return "";
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
  if (StringRef refusal = shapeRefusal(op, *product); !refusal.empty()) return refusal.str();
  std::string reason = refusal(*product, x, w);
  if (!reason.empty()) return reason;
  foldProduct(op, *product, x, w);
  changed = true;
  return "";
}

} // namespace dnnc
