// Operators that make tensors of constants alone.
#include "compiler/import/RunTime.h"

using namespace mlir;

namespace dnnc::importer {

static LogicalResult importConstant(NodeBinder &node) {
  if (node.node.attribute_size() != 1)
    return node.error() << "has " << node.node.attribute_size() << " attributes; it must have exactly one, its value";
  const std::string &name = node.node.attribute(0).name();
  auto list = [&](ArrayRef<double> values, Type element, bool scalar) {
    auto type = RankedTensorType::get(scalar ? ArrayRef<int64_t>() : ArrayRef<int64_t>(int64_t(values.size())), element);
    return node.result(createConstant(node.builder, node.loc, type, values));
  };
  if (name == "value") {
    FailureOr<ElementsAttr> constant = node.tensorAttr(name);
    return failed(constant) ? failure() : node.result(node.constant(*constant));
  }
  if (name == "value_float") return list(node.floatAttr(name, std::nullopt), node.builder.getF32Type(), true);
  if (name == "value_floats") return list(node.floatsAttr(name), node.builder.getF32Type(), false);
  if (name == "value_int") return node.result(node.constantI64({node.intAttr(name, std::nullopt)}, {}));
  if (name == "value_ints") {
    Ints values = node.intsAttr(name).value_or(Ints());
    return node.result(node.constantI64(values, {int64_t(values.size())}));
  }
  return node.error() << "attribute '" << name
                      << "' is not supported; supported are value, value_float, value_floats, value_int and value_ints";
}

static LogicalResult importConstantOfShape(NodeBinder &node) {
  std::optional<Ints> shape = node.intsOrDeclared(0, "input", node.resultShape());
  if (!shape) return failure();
  if (countElements(*shape) < 0)
    return node.error() << "input 0 ('input') is [" << *shape << "]; every dim must be between 0 and " << maxDim
                        << ", and their product at most " << maxElements;
  Value value;
  if (node.hasAttr("value")) {
    FailureOr<ElementsAttr> constant = node.tensorAttr("value");
    if (failed(constant)) return failure();
    if (constant->getNumElements() != 1)
      return node.error() << "attribute 'value' is " << constant->getType() << "; it must have one element";
    value = node.constant(*constant);
  } else {
    value = createConstant(node.builder, node.loc, RankedTensorType::get({}, node.builder.getF32Type()), {0.0});
  }
  return node.result(node.broadcast(node.reshape(value, {}), *shape));
}

/// A range of the run must have the declared number of elements.
static LogicalResult rangeAtRunTime(NodeBinder &node, int64_t count) {
  RunTime run(node);
  Type element = node.type(node.operand(0)).getElementType(), f64 = node.builder.getF64Type();
  SmallVector<Value> bounds;
  for (Value operand : node.operands()) bounds.push_back(node.reshape(operand, {1}));
  auto wide = [&](Value value) { return node.cast(value, f64); };
  Value fits = run.map({wide(bounds[0]), wide(bounds[1]), wide(bounds[2])}, [&](Chain &chain, ValueRange args) {
    Value steps = chain.fn("ceil", chain.fn("div", {chain.fn("sub", {args[1], args[0]}), args[2]}));
    return chain.boolean("equal", {chain.fn("max", {steps, chain.constant(0, f64)}), chain.constant(double(count), f64)});
  });
  node.check(fits, 1, "limit", "must, with start and delta, give " + Twine(count) + " elements, the declared number");
  // Integers exactly; floats rounded once.
  Type inner = isa<IntegerType>(element) ? element : f64;
  Value y = run.map({node.cast(run.iota(count), inner), node.cast(bounds[0], inner), node.cast(bounds[2], inner)},
                    [](Chain &chain, ValueRange args) { return chain.fn("add", {chain.fn("mul", {args[0], args[2]}), args[1]}); });
  return node.result(node.cast(y, element));
}

static LogicalResult importRange(NodeBinder &node) {
  Type element = node.type(node.operand(0)).getElementType();
  bool scalars = llvm::all_of(node.operands(), [&](Value value) { return node.type(value).getNumElements() == 1; });
  bool varies = node.varies(0) || node.varies(1) || node.varies(2);
  if (auto declared = node.resultShape(); declared && declared->size() == 1 && scalars && varies)
    return rangeAtRunTime(node, declared->front());
  bool isInteger = isa<IntegerType>(element);
  SmallVector<double> values;
  SmallVector<int64_t> exact; // start, limit and delta of integers
  const StringRef names[] = {"start", "limit", "delta"};
  for (auto [index, name] : llvm::enumerate(names)) {
    std::optional<std::vector<double>> value = node.constantFloats(index, name);
    if (!value) return failure();
    if (value->size() != 1 || !std::isfinite(value->front()))
      return node.error() << "input " << index << " ('" << name << "') is " << node.type(node.operand(index))
                          << "; it must be one finite number";
    values.push_back(value->front());
    exact.push_back(isInteger ? *node.constantInt(index, name) : 0);
  }
  if (values[2] == 0) return node.error() << "input 2 ('delta') is 0; it must not be";
  double count = std::max(0.0, std::ceil((values[1] - values[0]) / values[2]));
  if (!node.affords(int64_t(std::min(count, 2.0 * double(maxElements))))) return failure();
  std::vector<double> list;
  std::vector<int64_t> integers;
  for (int64_t i = 0; i < int64_t(count); ++i)
    isInteger ? integers.push_back(exact[0] + i * exact[2]) : list.push_back(values[0] + double(i) * values[2]);
  auto type = RankedTensorType::get({int64_t(count)}, element);
  if (element.isSignlessInteger(64)) return node.result(node.constantI64(integers, type.getShape()));
  list.insert(list.end(), integers.begin(), integers.end());
  return node.result(createConstant(node.builder, node.loc, type, list));
}

/// The type named by attribute dtype, or \p fallback.
static Type dtypeAttr(NodeBinder &node, Type fallback) {
  if (!node.hasAttr("dtype")) return fallback;
  int64_t dtype = node.intAttr("dtype", std::nullopt, {1, 1000});
  Type element = elementType(node.builder.getContext(), int32_t(dtype));
  if (!element) node.error() << "attribute 'dtype' is " << dataTypeName(int32_t(dtype)) << ", a type that is not supported";
  return element;
}

static LogicalResult importEyeLike(NodeBinder &node) {
  RankedTensorType input = node.type(node.operand(0));
  Type element = dtypeAttr(node, input.getElementType());
  int64_t k = node.intAttr("k", 0, {-maxDim, maxDim});
  if (!element) return failure();
  if (input.getRank() != 2) return node.error() << "input is " << input << "; its rank must be 2";
  if (!node.affords(countElements(input.getShape()))) return failure();
  std::vector<double> values(input.getNumElements());
  int64_t columns = input.getDimSize(1);
  for (int64_t row = 0; row < input.getDimSize(0); ++row)
    if (row + k >= 0 && row + k < columns) values[row * columns + row + k] = 1;
  return node.result(createConstant(node.builder, node.loc, RankedTensorType::get(input.getShape(), element), values));
}

/// The mask of a diagonal of the run.
static LogicalResult triluAtRunTime(NodeBinder &node, bool upper) {
  Value x = node.operand(0);
  RunTime run(node);
  int64_t rows = node.shape(x)[node.rank(x) - 2], columns = node.shape(x).back();
  Value keep = run.map({run.iota(columns), node.reshape(run.iota(rows), {rows, 1}), run.operand(1)}, [&](Chain &chain, ValueRange args) {
    return chain.boolean(upper ? "greater_equal" : "less_equal", {chain.fn("sub", {args[0], args[1]}), args[2]});
  });
  return node.result(node.pointwise({keep, x}, [](Chain &chain, ValueRange args) {
    Type type = args[1].getType();
    return chain.fn("where", {args[0], args[1], chain.constant(0, type)}, type);
  }));
}

/// Upper or lower triangle of the last two dims: a constant mask chooses between x and 0.
static LogicalResult importTrilu(NodeBinder &node) {
  Value x = node.operand(0);
  bool upper = node.intAttr("upper", 1, flag);
  if (node.rank(x) >= 2 && node.varies(1) && node.type(node.operand(1)).getNumElements() == 1) return triluAtRunTime(node, upper);
  std::optional<int64_t> k = node.operand(1) ? node.constantInt(1, "k") : 0;
  if (!k) return failure();
  if (node.rank(x) < 2) return node.error() << "input is " << node.type(x) << "; its rank must be at least 2";
  int64_t rows = node.shape(x)[node.rank(x) - 2], columns = node.shape(x).back();
  if (!node.affords(countElements({rows, columns}))) return failure();
  int64_t diagonal = std::clamp<int64_t>(*k, -rows, columns);
  std::vector<char> mask;
  for (int64_t row = 0; row < rows; ++row)
    for (int64_t column = 0; column < columns; ++column) mask.push_back(upper ? column - row >= diagonal : column - row <= diagonal);
  Value keep = node.rawConstant(RankedTensorType::get({rows, columns}, node.builder.getI1Type()), mask);
  return node.result(node.pointwise({keep, x}, [](Chain &chain, ValueRange args) {
    Type type = args[1].getType();
    return chain.fn("where", {args[0], args[1], chain.constant(0, type)}, type);
  }));
}

void registerConstants(Registry &registry) {
  registry.on("Constant", 1, "", importConstant);
  registry.on("ConstantOfShape", 9, "L", importConstantOfShape);
  registry.on("Range", 11, "N N N", importRange);
  registry.on("EyeLike", 9, "T", importEyeLike);
  registry.on("Trilu", 14, "T L?", importTrilu);
}

} // namespace dnnc::importer
