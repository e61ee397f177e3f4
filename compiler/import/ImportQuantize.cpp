// DynamicQuantizeLinear, and the products of integers.
#include "compiler/import/Quantize.h"
#include "compiler/import/RunTimeOps.h"
#include "compiler/import/Window.h"

using namespace mlir;

namespace dnnc::importer {

static Value saturated(Chain &chain, Value x, Type to) { return chain.fn("saturate", x, to); }
static Value toFloat(Chain &chain, Value x, Type f32) { return x.getType() == f32 ? x : chain.fn("cast", x, f32); }

/// From general pieces: the range of x and 0 in 255 steps, a range of 0 in steps of 1.
static LogicalResult importDynamicQuantizeLinear(NodeBinder &node) {
  Value x = node.operand(0);
  Type f32 = node.builder.getF32Type(), u8 = node.builder.getIntegerType(8, false);
  Ints axes = llvm::to_vector(llvm::seq<int64_t>(0, node.rank(x)));
  Value high = node.reshape(node.reduce(x, dnn::ReduceKind::Max, axes), {}), low = node.reshape(node.reduce(x, dnn::ReduceKind::Min, axes), {});
  Value scale = node.pointwise({high, low}, [&](Chain &chain, ValueRange args) {
    Value zero = chain.constant(0, f32), one = chain.constant(1, f32);
    Value range = chain.fn("sub", {chain.fn("max", {args[0], zero}), chain.fn("min", {args[1], zero})});
    Value steps = chain.fn("div", {range, chain.constant(255, f32)});
    return chain.fn("where", {chain.boolean("equal", {range, zero}), one, steps}, f32);
  });
  Value zero = node.pointwise({low, scale}, [&](Chain &chain, ValueRange args) {
    Value least = chain.fn("min", {args[0], chain.constant(0, f32)});
    return saturated(chain, chain.fn("div", {chain.fn("neg", {least}), args[1]}), u8);
  });
  Value y = node.pointwise({x, scale, zero}, [&](Chain &chain, ValueRange args) {
    Value rounded = chain.fn("round", {chain.fn("div", {args[0], args[1]})});
    return saturated(chain, chain.fn("add", {rounded, toFloat(chain, args[2], f32)}), u8);
  });
  return node.results({y, scale, zero});
}

/// Values of scale 1: what an integer stands for is itself. \p zero, an operand, may be absent; \p axis is where a list of them goes.
static std::optional<Quantization> unscaled(NodeBinder &node, Value values, Value zero, int64_t axis) {
  Quantization by{{1.0}, {0}, axis};
  ElementsAttr constant = zero ? node.constantOf(zero) : ElementsAttr();
  if (!constant) return by;
  std::vector<int64_t> list = constantValues<int64_t>(constant);
  if (list.size() != 1 && int64_t(list.size()) != node.shape(values)[axis])
    return node.error() << "the zero point is " << node.type(zero) << "; for " << node.type(values) << " there must be 1 or "
                        << node.shape(values)[axis],
           std::nullopt;
  by.scales.assign(list.size(), 1.0);
  by.zeroPoints.assign(list.begin(), list.end());
  return by;
}

/// product(x - xz, w - wz) in exact integers, w and wz constant. A zero point of x that is computed at run time is taken out of the sums:
/// xz * product(1, w), which is constant.
static LogicalResult integerProduct(NodeBinder &node, Value x, Value w, Value xz, Value wz, int64_t wAxis, ArrayRef<int64_t> onesShape,
                                    llvm::function_ref<Value(Value, Value)> product) {
  bool constantZero = !xz || node.isConstant(xz);
  if (xz && node.type(xz).getNumElements() != 1)
    return node.error() << "the zero point of input 0 is " << node.type(xz) << "; one value is supported";
  std::optional<Quantization> by = unscaled(node, x, constantZero ? xz : Value(), 0), wBy = unscaled(node, w, wz, wAxis);
  if (!by || !wBy) return failure();
  auto sums = [&](Value input, const Quantization &inputBy) {
    return toInt32(node, product(dequantize(node, input, inputBy), dequantize(node, w, *wBy)));
  };
  Value y = sums(x, *by);
  if (constantZero) return node.result(y);
  auto onesType = RankedTensorType::get(onesShape, node.builder.getIntegerType(8, false));
  Value ones = node.rawConstant(onesType, std::vector<char>(onesType.getNumElements(), 1));
  Value perZero = sums(ones, {{1.0}, {0}, 0});
  if (!y || !perZero) return failure();
  Type i32 = node.builder.getI32Type();
  return node.result(node.pointwise({y, perZero, node.reshape(xz, {1})}, [&](Chain &chain, ValueRange args) {
    return chain.fn("sub", {args[0], chain.fn("mul", {args[1], chain.fn("cast", args[2], i32)})});
  }));
}

static LogicalResult importMatMulInteger(NodeBinder &node) {
  Value a = node.operand(0), b = node.operand(1), az = node.operand(2), bz = node.operand(3);
  if (node.rank(a) < 2 || node.rank(b) < 2)
    return node.error() << "the operands are " << node.type(a) << " and " << node.type(b) << "; both must have rank 2 or more";
  auto matmul = [&](Value l, Value r) { return node.create<dnn::MatMulOp>(l, r, Value(), ValueRange(), node.i64(0)); };
  if (node.isConstant(b) && node.rank(b) == 2 && (!bz || node.isConstant(bz)) && (!az || node.type(az).getNumElements() == 1))
    return integerProduct(node, a, b, az, bz, 1, {1, node.shape(b)[0]}, matmul);
  // Two operands of the run: in i32.
  Type i32 = node.builder.getI32Type();
  auto shifted = [&](Value value, Value zero, bool rows) -> Value {
    if (!zero) return node.cast(value, i32);
    if (node.rank(zero) == 1 && rows && node.type(zero).getNumElements() != 1) zero = node.reshape(zero, {node.shape(zero)[0], 1});
    return node.pointwise({value, zero}, [&](Chain &chain, ValueRange args) {
      return chain.fn("sub", {chain.fn("cast", args[0], i32), chain.fn("cast", args[1], i32)});
    });
  };
  return node.result(matmul(shifted(a, az, true), shifted(b, bz, false)));
}

static LogicalResult importConvInteger(NodeBinder &node) {
  Value x = node.operand(0), w = node.operand(1);
  if (!checkSpatialRank(node, x)) return failure();
  if (node.varies(1) || node.varies(3)) return convIntegerAtRunTime(node);
  Ints one(node.shape(x));
  one[0] = 1;
  return integerProduct(node, x, w, node.operand(2), node.operand(3), 0, one,
                        [&](Value input, Value weight) { return createConv(node, input, weight, Value()); });
}

void registerQuantize(Registry &registry) {
  registry.on("DynamicQuantizeLinear", 11, "F", importDynamicQuantizeLinear).results(3);
  registry.on("MatMulInteger", 10, "Z Z2 Z? Z2?", importMatMulInteger);
  registry.on("ConvInteger", 10, "Z Z2 Z? Z2?", importConvInteger).allow("auto_pad", autoPads);
}

} // namespace dnnc::importer
