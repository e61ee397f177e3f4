#include "passes/graph/Quantized.h"

using namespace mlir;

namespace dnnc {

static Value castTo(OpBuilder &b, Location loc, Value value, Type type) {
  return value.getType() == type ? value : Value(b.create<pw::FnOp>(loc, type, "cast", value));
}
static Value saturate(OpBuilder &b, Location loc, Value value, Type type) { return b.create<pw::FnOp>(loc, type, "saturate", value); }

/// fn(value, number), or the value where the number changes nothing.
static Value apply(OpBuilder &b, Location loc, StringRef fn, Value value, double number, double neutral) {
  if (number == neutral) return value;
  return applyFn(b, loc, fn, {value, createScalar(b, loc, value.getType(), number)});
}

dnn::DequantizeOp activation(Value value) {
  auto op = value ? value.getDefiningOp<dnn::DequantizeOp>() : dnn::DequantizeOp();
  return op && op.getScales().size() == 1 && tensorOf(op.getInput()).getElementType().isUnsignedInteger(8) ? op : dnn::DequantizeOp();
}

dnn::DequantizeOp createDequantize(OpBuilder &builder, Location loc, Value value, PerTensor by) {
  return builder.create<dnn::DequantizeOp>(loc, value, builder.getDenseF64ArrayAttr(by.scale), builder.getDenseI64ArrayAttr(by.zero),
                                           builder.getI64IntegerAttr(0));
}

Tail tailOf(Value result) {
  Tail tail{result, std::nullopt, std::nullopt, std::nullopt};
  Value value = result;
  if (value.hasOneUse()) {
    auto pointwise = dyn_cast<dnn::PointwiseOp>(*value.user_begin());
    auto single = pointwise ? singleFn(pointwise.getResult()) : FailureOr<SingleFn>(failure());
    bool isRelu = succeeded(single) && single->name == "relu";
    bool isClip = succeeded(single) && single->name == "clip" && single->operands[1].number && single->operands[2].number;
    if ((isRelu || isClip) && single->operands[0].tensor == value) {
      tail.low = isRelu ? 0 : *single->operands[1].number;
      if (isClip) tail.high = *single->operands[2].number;
      value = pointwise.getResult();
    }
  }
  auto quantize = value.hasOneUse() ? dyn_cast<dnn::QuantizeOp>(*value.user_begin()) : dnn::QuantizeOp();
  auto by = quantize && quantize.getTo().isUnsignedInteger(8) ? perTensor(quantize) : std::nullopt;
  if (!by) return {result, std::nullopt, std::nullopt, std::nullopt};
  tail.last = quantize.getResult();
  tail.result = by;
  return tail;
}

Type addEpilogue(OpBuilder &builder, Location loc, Region &chain, SmallVectorImpl<Value> &operands, const Epilogue &epilogue,
                 const Tail &tail) {
  Type f32 = builder.getF32Type();
  Block &block = chain.empty() ? chain.emplaceBlock() : chain.front();
  Value value = block.addArgument(f32, loc);
  OpBuilder b(builder.getContext());
  b.setInsertionPointToEnd(&block);
  double scale = tail.result ? tail.result->scale : 1;
  /// fn(value, numbers / scale), one number as a constant of the chain.
  auto applyList = [&](StringRef fn, std::vector<double> numbers, double neutral) {
    for (double &number : numbers) number = double(float(number / scale));
    if (llvm::all_equal(numbers)) {
      value = apply(b, loc, fn, value, numbers.front(), neutral);
      return;
    }
    operands.push_back(createConstant(builder, loc, RankedTensorType::get(epilogue.shape, f32), numbers));
    value = applyFn(b, loc, fn, {value, block.addArgument(f32, loc)});
  };
  value = apply(b, loc, "sub", value, epilogue.before, 0);
  applyList("mul", epilogue.factors, 1);
  if (!epilogue.shifts.empty()) applyList("add", epilogue.shifts, 0);
  if (tail.result) {
    // Bounds beyond those of the type change nothing.
    double zero = double(tail.result->zero);
    bool low = tail.low && *tail.low / scale + zero > 0, high = tail.high && *tail.high / scale + zero < 255;
    if (low) value = applyFn(b, loc, "max", {value, createScalar(b, loc, f32, *tail.low / scale)});
    if (high) value = applyFn(b, loc, "min", {value, createScalar(b, loc, f32, *tail.high / scale)});
    if (tail.result->zero) value = applyFn(b, loc, "add", {applyFn(b, loc, "round", value), createScalar(b, loc, f32, zero)});
    value = saturate(b, loc, value, b.getIntegerType(8, false));
  }
  b.create<pw::YieldOp>(loc, value);
  return value.getType();
}

/// A list of parameters as an operand that broadcasts to \p type, or one number.
static Value parameter(OpBuilder &builder, Location loc, ArrayRef<double> values, RankedTensorType type, int64_t axis) {
  SmallVector<int64_t> shape(type.getRank() - axis, 1);
  shape.front() = values.size();
  return createConstant(builder, loc, RankedTensorType::get(shape, builder.getF32Type()), values);
}

/// \p body with scale and zero point as scalars of the chain.
template <class Op>
static Value expandWith(OpBuilder &builder, Op op, ArrayRef<double> scales,
                        llvm::function_ref<Value(OpBuilder &, Location, Value, Value, Value)> body) {
  auto type = cast<RankedTensorType>(op.getType());
  int64_t axis = dimOf(op.getAxis(), type.getRank());
  SmallVector<double> zeros(op.getZeroPoints().begin(), op.getZeroPoints().end());
  bool oneScale = llvm::all_equal(scales), oneZero = llvm::all_equal(zeros);
  SmallVector<Value> inputs{op.getInput()};
  if (!oneScale) inputs.push_back(parameter(builder, op.getLoc(), scales, type, axis));
  if (!oneZero) inputs.push_back(parameter(builder, op.getLoc(), zeros, type, axis));
  return createPointwise(builder, op.getLoc(), type, inputs, [&](OpBuilder &b, Location loc, ValueRange x) {
    Type f32 = b.getF32Type();
    Value scale = oneScale ? createScalar(b, loc, f32, scales.front()) : x[1];
    Value zero = !oneZero ? x.back() : zeros.front() ? createScalar(b, loc, f32, zeros.front()) : Value();
    return body(b, loc, castTo(b, loc, x[0], f32), scale, zero);
  });
}

Value expand(OpBuilder &builder, dnn::QuantizeOp op) {
  // Inputs are divided, as ONNX says; what was computed before is multiplied by the reciprocal, which may be off by one step on a tie.
  bool exact = isa<BlockArgument>(op.getInput()) || getConstant(op.getInput());
  SmallVector<double> scales(op.getScales());
  if (!exact)
    for (double &scale : scales) scale = double(float(1 / scale));
  return expandWith(builder, op, scales, [&](OpBuilder &b, Location loc, Value x, Value scale, Value zero) {
    Value steps = applyFn(b, loc, exact ? "div" : "mul", {x, scale});
    if (zero) steps = applyFn(b, loc, "add", {applyFn(b, loc, "round", steps), zero});
    return saturate(b, loc, steps, op.getTo());
  });
}

Value expand(OpBuilder &builder, dnn::DequantizeOp op) {
  return expandWith(builder, op, op.getScales(), [&](OpBuilder &b, Location loc, Value x, Value scale, Value zero) {
    if (zero) x = applyFn(b, loc, "sub", {x, zero});
    return applyFn(b, loc, "mul", {x, scale});
  });
}

Value shiftedBy128(OpBuilder &builder, Location loc, Value value) {
  RankedTensorType type = tensorOf(value);
  bool isUnsigned = type.getElementType().isUnsignedInteger(8);
  Type to = isUnsigned ? builder.getIntegerType(8) : builder.getIntegerType(8, false);
  return createPointwise(builder, loc, RankedTensorType::get(type.getShape(), to), value, [&](OpBuilder &b, Location l, ValueRange x) {
    Value number = castTo(b, l, x[0], b.getF32Type());
    return saturate(b, l, applyFn(b, l, "add", {number, createScalar(b, l, b.getF32Type(), isUnsigned ? -128 : 128)}), to);
  });
}

} // namespace dnnc
