// Cast, CastLike and BitCast, among all element types.
#include "compiler/import/SmallTypes.h"

using namespace mlir;

namespace dnnc::importer {

using pw::SmallFormat;
using pw::SmallType;

Value stored(NodeBinder &node, Value value) {
  return value ? node.bitcast(value, pw::storageType(node.type(value).getElementType())) : Value();
}

static Value as(Chain &chain, Value value, Type to) { return value.getType() == to ? value : chain.fn("cast", value, to); }

Value numberOf(Chain &chain, Value stored, Type from) {
  auto small = dyn_cast<SmallType>(from);
  if (!small || !pw::isFloat(small.getFormat())) return stored;
  Value code = as(chain, stored, Float32Type::get(from.getContext()));
  return chain.fn(("from_" + pw::functionSuffix(small.getFormat())).str(), {code});
}

/// The code of a number. Integers that f32 does not hold are taken as f64, so that what is rounded is rounded once.
static Value floatCode(Chain &chain, Value number, SmallType to, const CastMode &mode) {
  Type type = number.getType();
  bool wide = type.isF64() || (isa<IntegerType>(type) && type.getIntOrFloatBitWidth() > 16);
  Type compute = wide ? Type(Float64Type::get(to.getContext())) : Type(Float32Type::get(to.getContext()));
  Value x = as(chain, number, compute);
  SmallFormat format = to.getFormat();
  if (mode.saturate) {
    x = chain.fn("max", {x, chain.constant(pw::lowestOf(format), compute)});
    x = chain.fn("min", {x, chain.constant(pw::largestOf(format), compute)});
  }
  std::string function = ("to_" + pw::functionSuffix(format)).str();
  if (format == SmallFormat::f8E8M0 && mode.roundMode != "nearest") function += "_" + mode.roundMode;
  return chain.fn("saturate", {chain.fn(function, {x})}, pw::storageType(to));
}

/// The lowest bits of a number, as two's complement says. Of a float what is behind the point is dropped first.
static Value lowestBits(Chain &chain, Value number, SmallType to) {
  Type i32 = IntegerType::get(to.getContext(), 32);
  unsigned bits = pw::bitsOf(to.getFormat());
  Value x = as(chain, number, i32);
  if (!pw::isSigned(to.getFormat()) || pw::isFloat(to.getFormat()))
    x = chain.fn("bitwise_and", {x, chain.constant((1 << bits) - 1, i32)});
  else
    for (StringRef shift : {"shift_left", "shift_right"}) x = chain.fn(shift, {x, chain.constant(32 - bits, i32)});
  return as(chain, x, pw::storageType(to));
}

Value storedAs(Chain &chain, Value number, Type to, const CastMode &mode) {
  auto small = dyn_cast<SmallType>(to);
  if (!small) return as(chain, number, to);
  return pw::isFloat(small.getFormat()) ? floatCode(chain, number, small, mode) : lowestBits(chain, number, small);
}

Value convert(NodeBinder &node, Value value, Type to, const CastMode &mode) {
  if (!value || node.type(value).getElementType() == to) return value;
  Type from = node.type(value).getElementType();
  Value bytes = stored(node, value);
  bool isFloat = isa<SmallType>(from) && pw::isFloat(cast<SmallType>(from).getFormat());
  if (!isFloat && node.type(bytes).getElementType() == to) return bytes; // int4 as int8
  Value result =
      node.pointwise({bytes}, [&](Chain &chain, ValueRange x) { return storedAs(chain, numberOf(chain, x[0], from), to, mode); });
  return node.bitcast(result, to);
}

Type typeAttr(NodeBinder &node, StringRef name, Type fallback) {
  int64_t dtype = node.intAttr(name, 0);
  if (dtype == 0) return fallback;
  Type element = dtype >= 0 && dtype <= INT32_MAX ? elementType(node.builder.getContext(), int32_t(dtype)) : Type();
  if (!element)
    node.error() << "attribute '" << name << "' is " << dataTypeName(int32_t(std::clamp<int64_t>(dtype, -1, INT32_MAX)))
                 << ", a type that is not supported";
  return element;
}

static CastMode castMode(NodeBinder &node) {
  CastMode mode;
  mode.saturate = node.intAttr("saturate", 1, flag);
  mode.roundMode = node.stringAttr("round_mode", "up");
  return mode;
}

static LogicalResult importCast(NodeBinder &node) {
  CastMode mode = castMode(node);
  if (!node.hasAttr("to")) return node.error() << "attribute 'to' is missing; it must be an integer";
  Type to = typeAttr(node, "to", Type());
  if (!to && node.intAttr("to", 0) == 0) return node.error() << "attribute 'to' is UNDEFINED, a type that is not supported";
  return to ? node.result(convert(node, node.operand(0), to, mode)) : failure();
}

static LogicalResult importCastLike(NodeBinder &node) {
  CastMode mode = castMode(node);
  return node.result(convert(node, node.operand(0), node.type(node.operand(1)).getElementType(), mode));
}

static unsigned bitsOf(Type type) {
  if (auto small = dyn_cast<SmallType>(type)) return pw::bitsOf(small.getFormat());
  return 8 * dnn::elementBytes(type);
}

static LogicalResult importBitCast(NodeBinder &node) {
  Value x = node.operand(0);
  if (!node.hasAttr("to")) return node.error() << "attribute 'to' is missing; it must be an integer";
  Type from = node.type(x).getElementType(), to = typeAttr(node, "to", Type());
  if (!to) return failure();
  if (bitsOf(from) != bitsOf(to))
    return node.error() << "input is " << node.type(x) << " and attribute 'to' is " << dataTypeName(int32_t(node.intAttr("to", 0)))
                        << "; both must have the same number of bits";
  Value bytes = stored(node, x);
  if (to.isInteger(1)) // a bool that is neither 0 nor 1 would be none
    return node.result(convert(node, node.bitcast(bytes, node.builder.getIntegerType(8)), to));
  if (bitsOf(to) == 8 || !isa<SmallType>(to)) return node.result(node.bitcast(node.bitcast(bytes, pw::storageType(to)), to));
  // 4 and 2 bits: the rest of the byte repeats the sign or is 0.
  Value bits = node.pointwise({bytes}, [&](Chain &chain, ValueRange args) { return lowestBits(chain, args[0], cast<SmallType>(to)); });
  return node.result(node.bitcast(bits, to));
}

void registerCast(Registry &registry) {
  registry.on("Cast", 6, "T", importCast).allow("round_mode", {"up", "down", "nearest"});
  registry.on("CastLike", 15, "T T2", importCastLike).allow("round_mode", {"up", "down", "nearest"});
  registry.on("BitCast", 26, "T", importBitCast);
}

} // namespace dnnc::importer
