// QuantizeLinear and DequantizeLinear. To and from integers with constant scales they are dnn.quantize and dnn.dequantize, which the
// quantization pass knows; all else (floats of 8 and 4 bits, blocks, scales of the run) is a chain.
#include "compiler/import/Quantize.h"
#include "compiler/import/SmallTypes.h"

using namespace mlir;

namespace dnnc::importer {

using pw::SmallFormat;
using pw::SmallType;

/// Values and their parameters in shapes that broadcast.
struct Spread {
  Value values, scale, zero;
};

/// One for each `block` places along the axis, as one for each place.
static Value repeated(NodeBinder &node, Value parameter, int64_t axis, int64_t block, int64_t count) {
  Ints shape(node.shape(parameter)), starts(shape.size(), 0), steps(shape.size(), 1);
  Ints split(shape), merged(shape), cut(shape);
  split.insert(split.begin() + axis + 1, 1);
  Ints wide(split);
  wide[axis + 1] = block;
  merged[axis] *= block;
  cut[axis] = count;
  Value all = node.reshape(node.broadcast(node.reshape(parameter, split), wide), merged);
  return merged == cut ? all : node.create<dnn::SliceOp>(all, node.i64s(starts), node.i64s(cut), node.i64s(steps), UnitAttr());
}

/// Reads `axis` and `block_size`. A null `values` stands for an error.
static Spread spread(NodeBinder &node, Value values, Value scale, Value zero, int64_t axisValue, int64_t block) {
  Spread all{values, scale, zero};
  if (zero && node.shape(zero) != node.shape(scale) && !(node.type(zero).getNumElements() == 1 && node.type(scale).getNumElements() == 1))
    return node.error() << "the zero point is " << node.type(zero) << " and the scale " << node.type(scale)
                        << "; their shapes must be the same",
           Spread{};
  auto each = [&](auto change) {
    all.scale = change(all.scale);
    if (zero) all.zero = change(all.zero);
  };
  if (node.type(scale).getNumElements() == 1) return each([&](Value p) { return node.reshape(p, {1}); }), all;
  int64_t rank = node.rank(values);
  std::optional<int64_t> axis = node.axis("axis", axisValue, rank);
  if (!axis) return {};
  int64_t count = node.shape(values)[*axis];
  if (block == 0) {
    if (node.rank(scale) != 1 || node.shape(scale)[0] != count)
      return node.error() << "the scale is " << node.type(scale) << "; for " << node.type(values) << ", axis " << *axis
                          << " and no block_size it must be one value or a list of " << count,
             Spread{};
    Ints shape(rank, 1);
    shape[*axis] = count;
    return each([&](Value p) { return node.reshape(p, shape); }), all;
  }
  Ints expected(node.shape(values));
  expected[*axis] = (count + block - 1) / block;
  if (node.shape(scale) != ArrayRef<int64_t>(expected))
    return node.error() << "the scale is " << node.type(scale) << "; for " << node.type(values) << ", axis " << *axis << " and block_size "
                        << block << " its shape must be [" << expected << "]",
           Spread{};
  if (count % block != 0) return each([&](Value p) { return repeated(node, p, *axis, block, count); }), all;
  Ints split(expected), one(expected);
  split.insert(split.begin() + *axis + 1, block);
  one.insert(one.begin() + *axis + 1, 1);
  all.values = node.reshape(values, split);
  return each([&](Value p) { return node.reshape(p, one); }), all;
}

static SmallFormat formatOf(Type type) { return cast<SmallType>(type).getFormat(); }
static bool isSmallFloat(Type type) { return isa<SmallType>(type) && pw::isFloat(formatOf(type)); }
static bool isSmallInteger(Type type) { return isa<SmallType>(type) && !pw::isFloat(formatOf(type)); }

/// The operand as f32.
static Value asFloat(NodeBinder &node, Value value) { return convert(node, value, node.builder.getF32Type()); }

/// Null for a zero point that changes nothing: of floats it usually is 0.
static Value floatZero(NodeBinder &node, Value zero) {
  if (!zero || !isSmallFloat(node.type(zero).getElementType())) return zero;
  ElementsAttr constant = node.constantOf(zero);
  return constant && llvm::all_of(constantValues<double>(constant), [](double z) { return z == 0; }) ? Value() : zero;
}

/// A scale that is a float, FLOAT8E8M0 or, of QuantizeLinear, an int32.
static LogicalResult checkScale(NodeBinder &node, Type scale, bool integers) {
  bool isE8M0 = isa<SmallType>(scale) && formatOf(scale) == SmallFormat::f8E8M0;
  if (isa<FloatType>(scale) || isE8M0 || (integers && scale.isSignlessInteger(32))) return success();
  return node.error() << "input 1 (the scale) is " << scale << "; it must be a floating-point type"
                      << (integers ? ", FLOAT8E8M0 or INT32" : " or FLOAT8E8M0");
}

static bool isQuantizedType(Type type) {
  if (auto integer = dyn_cast<IntegerType>(type)) return integer.getWidth() >= 8 && integer.getWidth() <= 32;
  return isa<SmallType>(type) && formatOf(type) != SmallFormat::f8E8M0;
}
static constexpr const char *quantizedTypes =
    "an integer of 2 to 32 bits, FLOAT8E4M3FN, FLOAT8E4M3FNUZ, FLOAT8E5M2, FLOAT8E5M2FNUZ or FLOAT4E2M1";

static bool isConstant(NodeBinder &node, Value scale, Value zero) { return node.isConstant(scale) && (!zero || node.isConstant(zero)); }

static LogicalResult importQuantizeLinear(NodeBinder &node) {
  Value x = node.operand(0), scale = node.operand(1), zero = node.operand(2);
  int64_t axis = node.intAttr("axis", 1), block = node.intAttr("block_size", 0, notNegative);
  CastMode mode;
  mode.saturate = node.intAttr("saturate", 1, flag);
  Type f32 = node.builder.getF32Type(), zeroType = zero ? node.type(zero).getElementType() : Type();
  Type to = typeAttr(node, "output_dtype", zero ? zeroType : node.builder.getIntegerType(8, /*isSigned=*/false));
  Type precision = typeAttr(node, "precision", f32);
  if (!to || !precision || failed(checkScale(node, node.type(scale).getElementType(), true))) return failure();
  if (zero && to != zeroType)
    return node.error() << "attribute 'output_dtype' is " << to << " and the zero point is " << node.type(zero)
                        << "; both must be of the same type";
  if (!isQuantizedType(to)) return node.error() << "the result's type is " << to << "; it must be " << quantizedTypes;
  // f32 divides at least as precisely as is asked for: 16-bit floats are computed in f32 everywhere.
  if (!precision.isF32() && !precision.isF16() && !precision.isBF16())
    return node.error() << "attribute 'precision' is " << precision << "; it must be FLOAT, FLOAT16 or BFLOAT16";
  x = node.cast(x, f32);
  if (isa<IntegerType>(to) && isConstant(node, scale, zero) && block == 0) {
    auto by = readQuantization(node, 1, RankedTensorType::get(node.shape(x), to), axis, "the result");
    return by ? node.result(quantize(node, x, *by, to)) : failure();
  }
  zero = floatZero(node, zero);
  Spread all = spread(node, x, asFloat(node, scale), zero ? asFloat(node, zero) : Value(), axis, block);
  if (!all.values) return failure();
  SmallVector<Value> inputs{all.values, all.scale};
  if (zero) inputs.push_back(all.zero);
  Value y = node.pointwise(inputs, [&](Chain &chain, ValueRange args) {
    Value quotient = chain.fn("div", {args[0], args[1]});
    if (!isSmallFloat(to)) quotient = chain.fn("round", {quotient});
    if (zero) quotient = chain.fn("add", {quotient, args[2]});
    if (isSmallFloat(to)) return storedAs(chain, quotient, to, mode);
    if (isSmallInteger(to)) {
      quotient = chain.fn("max", {quotient, chain.constant(pw::lowestOf(formatOf(to)), f32)});
      quotient = chain.fn("min", {quotient, chain.constant(pw::largestOf(formatOf(to)), f32)});
    }
    return chain.fn("saturate", {quotient}, pw::storageType(to));
  });
  return y ? node.result(node.reshape(node.bitcast(y, to), node.shape(x))) : failure();
}

static LogicalResult importDequantizeLinear(NodeBinder &node) {
  Value x = node.operand(0), scale = node.operand(1), zero = node.operand(2);
  int64_t axis = node.intAttr("axis", 1), block = node.intAttr("block_size", 0, notNegative);
  Type f32 = node.builder.getF32Type(), from = node.type(x).getElementType(), scaleType = node.type(scale).getElementType();
  Type to = typeAttr(node, "output_dtype", isa<FloatType>(scaleType) ? scaleType : f32);
  if (!to || failed(checkScale(node, scaleType, false))) return failure();
  if (!isa<FloatType>(to)) return node.error() << "attribute 'output_dtype' is " << to << "; it must be a floating-point type";
  if (!isQuantizedType(from)) return node.error() << "input 0 is " << node.type(x) << "; its element type must be " << quantizedTypes;
  if (!isSmallFloat(from) && isConstant(node, scale, zero) && block == 0) {
    auto by = readQuantization(node, 1, node.type(x), axis, "the input");
    return by ? node.result(node.cast(dequantize(node, x, *by), to)) : failure();
  }
  zero = floatZero(node, zero);
  Spread all = spread(node, stored(node, x), asFloat(node, scale), zero ? asFloat(node, zero) : Value(), axis, block);
  if (!all.values) return failure();
  SmallVector<Value> inputs{all.values, all.scale};
  if (zero) inputs.push_back(all.zero);
  Value y = node.pointwise(inputs, [&](Chain &chain, ValueRange args) {
    Value number = numberOf(chain, args[0], from);
    if (number.getType() != f32) number = chain.fn("cast", {number}, f32);
    if (zero) number = chain.fn("sub", {number, args[2]});
    return chain.fn("mul", {number, args[1]});
  });
  return y ? node.result(node.cast(node.reshape(y, node.shape(x)), to)) : failure();
}

void registerQuantizeLinear(Registry &registry) {
  for (const char *domain : {"", "com.microsoft"}) {
    int64_t since = *domain ? 1 : 10;
    registry.on(Registry::key(domain, "QuantizeLinear"), since, "N A A?", importQuantizeLinear);
    registry.on(Registry::key(domain, "DequantizeLinear"), since, "T A T?", importDequantizeLinear);
  }
}

} // namespace dnnc::importer
