// Arithmetic, comparison, logic and conversion: operators on elements alone.
#include "compiler/import/RunTime.h"
#include "compiler/import/SmallTypes.h"

#include <cmath>

using namespace mlir;

namespace dnnc::importer {

/// One function of the pw dialect, applied to all operands.
static Handler function(StringRef name) {
  return [name = name.str()](NodeBinder &node) {
    return node.result(node.pointwise(node.operands(), [&](Chain &chain, ValueRange args) { return chain.fn(name, args); }));
  };
}

static Handler predicate(StringRef name) {
  return [name = name.str()](NodeBinder &node) {
    return node.result(node.pointwise(node.operands(), [&](Chain &chain, ValueRange args) { return chain.boolean(name, args); }));
  };
}

/// Max, Min, Sum and Mean of any number of operands.
static Handler variadic(StringRef name, bool mean = false) {
  return [name = name.str(), mean](NodeBinder &node) {
    return node.result(node.pointwise(node.operands(), [&](Chain &chain, ValueRange args) {
      Value result = args.front();
      for (Value arg : args.drop_front()) result = chain.fn(name, {result, arg});
      return mean && args.size() > 1 ? chain.fn("div", {result, chain.constant(args.size(), result.getType())}) : result;
    }));
  };
}

static LogicalResult importMod(NodeBinder &node) {
  bool fmod = node.intAttr("fmod", 0, flag);
  if (!fmod && isa<FloatType>(node.type(node.operand(0)).getElementType()))
    return node.error() << "attribute 'fmod' is 0; it must be 1 for floating-point operands";
  return function(fmod ? "fmod" : "mod")(node);
}

/// The exponent of a power, if it is one constant.
static std::optional<double> constantExponent(NodeBinder &node) {
  ElementsAttr constant = getConstant(node.operand(1));
  if (!constant || constant.getNumElements() != 1 || constant.getShapedType().getRank() > node.rank(node.operand(0))) return std::nullopt;
  return constantValues<double>(constant).front();
}

static LogicalResult importPow(NodeBinder &node) {
  Value x = node.operand(0);
  std::optional<double> exponent = constantExponent(node);
  SmallVector<Value> inputs{x};
  if (!exponent) inputs.push_back(node.operand(1));
  return node.result(node.pointwise(inputs, [&](Chain &chain, ValueRange args) {
    Value base = args[0];
    Type type = base.getType();
    if (exponent == 2) // products: more exact than pow, and much faster
      return chain.fn("mul", {base, base});
    if (exponent == 3) return chain.fn("mul", {chain.fn("mul", {base, base}), base});
    // An integer to a power that is none (0.5, 1e30) is computed in double precision; the result has the base's type again.
    bool integral = exponent ? *exponent == std::trunc(*exponent) && std::fabs(*exponent) < 0x1p31 : isa<IntegerType>(args[1].getType());
    Type inner = isa<IntegerType>(type) && !integral ? Type(Float64Type::get(type.getContext())) : type;
    auto as = [&](Type to, Value value) { return value.getType() == to ? value : chain.fn("cast", value, to); };
    Value power = exponent ? chain.constant(*exponent, inner) : as(inner, args[1]);
    return as(type, chain.fn("pow", {as(inner, base), power}, inner));
  }));
}

static LogicalResult importBitShift(NodeBinder &node) {
  std::string direction = node.stringAttr("direction", "");
  return function(direction == "LEFT" ? "shift_left" : "shift_right")(node);
}

/// The operand of a predicate of floats, small ones as f32; null after an error.
static Value floatOperand(NodeBinder &node) {
  Value x = node.operand(0);
  Type type = node.type(x).getElementType();
  if (auto small = dyn_cast<pw::SmallType>(type); small && pw::isFloat(small.getFormat())) return convert(node, x, node.builder.getF32Type());
  if (!isa<FloatType>(type)) return node.error() << "input 0 is " << node.type(x) << "; its element type must be a floating-point type", Value();
  return x;
}

static LogicalResult importIsNaN(NodeBinder &node) {
  return node.result(node.pointwise({floatOperand(node)}, [](Chain &chain, ValueRange args) { return chain.boolean("is_nan", args); }));
}

static LogicalResult importIsInf(NodeBinder &node) {
  bool negative = node.intAttr("detect_negative", 1, flag), positive = node.intAttr("detect_positive", 1, flag);
  return node.result(node.pointwise({floatOperand(node)}, [&](Chain &chain, ValueRange args) {
    Value zero = chain.constant(0, args[0].getType());
    Value infinite = chain.boolean("is_inf", args);
    if (!positive) infinite = chain.boolean("logical_and", {infinite, chain.boolean("less", {args[0], zero})});
    if (!negative) infinite = chain.boolean("logical_and", {infinite, chain.boolean("greater", {args[0], zero})});
    return infinite;
  }));
}

static LogicalResult importIdentity(NodeBinder &node) { return node.result(node.operand(0)); }

/// At inference it changes nothing. From 12 on a ratio and a training mode may be operands; training with ratio 0 is nothing either.
static LogicalResult importDropout(NodeBinder &node) {
  node.attr("ratio");
  node.attr("seed");
  node.attr("is_test");
  auto isZero = [&](Value operand) {
    ElementsAttr constant = node.constantOf(operand);
    return constant && constant.getNumElements() == 1 && constantValues<double>(constant).front() == 0;
  };
  Value ratio = node.operand(1), training = node.operand(2);
  bool nothing = !training || isZero(training) || (ratio && isZero(ratio));
  if (!nothing && !node.varies(2)) return node.error() << "input 2 ('training_mode') is true; only inference is supported";
  if (!nothing) {
    SmallVector<Value> operands{training};
    if (ratio) operands.push_back(ratio);
    Value still = node.pointwise(operands, [](Chain &chain, ValueRange args) {
      Value inference = chain.boolean("logical_not", args[0]);
      if (args.size() == 1) return inference;
      return chain.boolean("logical_or", {inference, chain.boolean("equal", {args[1], chain.constant(0, args[1].getType())})});
    });
    node.check(still, 2, "training_mode", "must be false, or the ratio 0: only inference is supported");
  }
  Value x = node.operand(0);
  if (node.numResults() < 2) return node.result(x);
  // Before 10 the mask has the type of x.
  Type element = node.version() < 10 ? node.type(x).getElementType() : node.builder.getI1Type();
  Value all = createConstant(node.builder, node.loc, RankedTensorType::get({}, element), {1.0});
  return node.results({x, node.broadcast(all, node.shape(x))});
}

void registerPointwise(Registry &registry) {
  const std::pair<const char *, const char *> numbers[] = {{"Add", "add"}, {"Sub", "sub"}, {"Mul", "mul"}, {"Div", "div"}};
  for (auto [op, fn] : numbers) registry.on(op, 7, "N N", function(fn));
  const std::pair<const char *, const char *> units[] = {{"Abs", "abs"}, {"Neg", "neg"}, {"Sign", "sign"}};
  for (auto [op, fn] : units) registry.on(op, 1, "N", function(fn));
  const std::pair<const char *, const char *> floats[] = {{"Acos", "acos"},   {"Acosh", "acosh"},
                                                          {"Asin", "asin"},   {"Asinh", "asinh"},
                                                          {"Atan", "atan"},   {"Atanh", "atanh"},
                                                          {"Ceil", "ceil"},   {"Cos", "cos"},
                                                          {"Cosh", "cosh"},   {"Erf", "erf"},
                                                          {"Exp", "exp"},     {"Floor", "floor"},
                                                          {"Log", "log"},     {"Reciprocal", "reciprocal"},
                                                          {"Round", "round"}, {"Sin", "sin"},
                                                          {"Sinh", "sinh"},   {"Sqrt", "sqrt"},
                                                          {"Tan", "tan"},     {"Tanh", "tanh"}};
  for (auto [op, fn] : floats) registry.on(op, 1, "F", function(fn));
  const std::pair<const char *, const char *> comparisons[] = {{"Equal", "equal"}, {"Less", "less"}, {"Greater", "greater"}};
  for (auto [op, fn] : comparisons) registry.on(op, 7, "T T", predicate(fn));
  registry.on("LessOrEqual", 12, "N N", predicate("less_equal"));
  registry.on("GreaterOrEqual", 12, "N N", predicate("greater_equal"));
  const std::pair<const char *, const char *> logic[] = {{"And", "logical_and"}, {"Or", "logical_or"}, {"Xor", "logical_xor"}};
  for (auto [op, fn] : logic) registry.on(op, 7, "B B", function(fn));
  registry.on("Not", 1, "B", function("logical_not"));
  const std::pair<const char *, const char *> bitwise[] = {
      {"BitwiseAnd", "bitwise_and"}, {"BitwiseOr", "bitwise_or"}, {"BitwiseXor", "bitwise_xor"}};
  for (auto [op, fn] : bitwise) registry.on(op, 18, "Z Z", function(fn));
  registry.on("BitwiseNot", 18, "Z", function("bitwise_not"));
  registry.on("BitShift", 11, "Z Z", importBitShift).allow("direction", {"LEFT", "RIGHT"});
  registry.on("Max", 1, "N N*", variadic("max"));
  registry.on("Min", 1, "N N*", variadic("min"));
  registry.on("Sum", 1, "F F*", variadic("add"));
  registry.on("Mean", 1, "F F*", variadic("add", /*mean=*/true));
  registry.on("Mod", 10, "N N", importMod);
  registry.on("Pow", 7, "N N2", importPow);
  registry.on("Where", 9, "B T T", [](NodeBinder &node) {
    return node.result(
        node.pointwise(node.operands(), [](Chain &chain, ValueRange args) { return chain.fn("where", args, args[1].getType()); }));
  });
  registry.on("IsNaN", 9, "T", importIsNaN);
  registry.on("IsInf", 10, "T", importIsInf);
  registry.on("Identity", 1, "T", importIdentity);
  registry.on("Dropout", 1, "F", importDropout).allowInts("is_test", {1}).results(2).through(6);
  registry.on("Dropout", 7, "F", importDropout).results(2);
  registry.on("Dropout", 12, "F F2? B?", importDropout).results(2);
}

} // namespace dnnc::importer
