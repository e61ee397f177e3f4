// Forms that operators had before version 7: operands aligned by attributes, attributes that became operands.
#include "compiler/import/SmallTypes.h"

using namespace mlir;

namespace dnnc::importer {

/// Before 7 the second operand has the first one's shape, or, with `broadcast`, stands at `axis` of it; the default is its end.
static Value aligned(NodeBinder &node) {
  Value a = node.operand(0), b = node.operand(1);
  int64_t rank = node.rank(a), own = node.rank(b), last = rank - own;
  bool broadcast = node.intAttr("broadcast", 0, flag);
  if (!broadcast && node.hasAttr("axis")) node.attr("axis"); // without broadcast it says nothing
  if (!broadcast && node.shape(a) == node.shape(b)) return b;
  if (!broadcast && node.type(b).getNumElements() != 1) {
    node.error() << "the operands are " << node.type(a) << " and " << node.type(b) << "; without attribute 'broadcast' their shapes are equal";
    return {};
  }
  std::optional<int64_t> axis = broadcast && node.hasAttr("axis") ? node.axisAttr("axis", std::nullopt, rank) : std::max<int64_t>(last, 0);
  if (!axis || own > rank || *axis > std::max<int64_t>(last, 0)) {
    if (axis) node.error() << node.type(b) << " does not fit into " << node.type(a) << " at axis " << *axis;
    return {};
  }
  Ints shape(node.shape(b));
  shape.append(last - *axis, 1);
  return node.reshape(b, shape);
}

/// One function of the pw dialect on two operands.
static Handler binary(StringRef name, bool isPredicate = false) {
  return [name = name.str(), isPredicate](NodeBinder &node) {
    return node.result(node.pointwise({node.operand(0), aligned(node)}, [&](Chain &chain, ValueRange args) {
      return isPredicate ? chain.boolean(name, args) : chain.fn(name, args);
    }));
  };
}

/// The slope is one number or one for each channel.
static LogicalResult importPRelu(NodeBinder &node) {
  Value x = node.operand(0), slope = node.operand(1);
  if (node.rank(slope) == 1 && node.rank(x) > 1) {
    Ints shape(node.rank(x) - 1, 1);
    shape.front() = node.shape(slope).front();
    slope = node.reshape(slope, shape);
  }
  return node.result(node.pointwise({x, slope}, [](Chain &chain, ValueRange args) { return chain.fn("prelu", args); }));
}

/// The type was named by a string.
static LogicalResult importCast(NodeBinder &node) {
  std::string to = StringRef(node.stringAttr("to", "")).upper();
  onnx::TensorProto::DataType type = onnx::TensorProto::UNDEFINED;
  Type element = onnx::TensorProto::DataType_Parse(to, &type) ? elementType(node.builder.getContext(), type) : Type();
  if (!element) return node.error() << "attribute 'to' is '" << to << "', a type that is not supported";
  return node.result(convert(node, node.operand(0), element));
}

static LogicalResult importReshape(NodeBinder &node) {
  Value x = node.operand(0);
  std::optional<Ints> given = node.intsAttr("shape");
  if (!given) return node.error() << "attribute 'shape' is missing; it must be a list of integers";
  Ints shape = *given;
  int64_t known = 1;
  for (auto [index, dim] : llvm::enumerate(shape)) {
    if (dim == 0 && index < node.shape(x).size()) dim = node.shape(x)[index];
    if (dim != -1 && __builtin_mul_overflow(known, std::clamp<int64_t>(dim, 1, maxDim), &known)) known = INT64_MAX;
  }
  if (auto *inferred = llvm::find(shape, -1); inferred != shape.end()) *inferred = node.type(x).getNumElements() / std::max<int64_t>(known, 1);
  if (llvm::any_of(shape, [](int64_t dim) { return dim < 0 || dim > maxDim; }))
    return node.error() << "attribute 'shape' is [" << *given << "]; a value must be 0 for the input's dim of that number, positive, or once -1";
  return node.result(node.reshape(x, shape));
}

static LogicalResult importConcat(NodeBinder &node) {
  std::optional<int64_t> axis = node.axisAttr("axis", 1, node.rank(node.operand(0)));
  return axis ? node.result(node.create<dnn::ConcatOp>(ValueRange(node.operands()), node.i64(*axis), DenseBoolArrayAttr())) : failure();
}

/// `tiles` copies along `axis`.
static LogicalResult importTile(NodeBinder &node) {
  Value x = node.operand(0);
  std::optional<int64_t> tiles = node.constantInt(1, "tiles"), given = node.constantInt(2, "axis");
  std::optional<int64_t> axis = given ? node.axis("axis", *given, node.rank(x)) : std::nullopt;
  if (!tiles || !axis) return failure();
  Ints repeats(node.rank(x), 1);
  repeats[*axis] = *tiles;
  return node.result(node.create<dnn::TileOp>(x, node.i64s(repeats)));
}

void registerLegacy(Registry &registry) {
  const std::pair<const char *, const char *> numbers[] = {{"Add", "add"}, {"Sub", "sub"}, {"Mul", "mul"}, {"Div", "div"}, {"Pow", "pow"}};
  for (auto [op, fn] : numbers) registry.on(op, 1, "N N", binary(fn)).through(6);
  const std::pair<const char *, const char *> logic[] = {{"And", "logical_and"}, {"Or", "logical_or"}, {"Xor", "logical_xor"}};
  for (auto [op, fn] : logic) registry.on(op, 1, "B B", binary(fn)).through(6);
  const std::pair<const char *, const char *> comparisons[] = {{"Equal", "equal"}, {"Less", "less"}, {"Greater", "greater"}};
  for (auto [op, fn] : comparisons) registry.on(op, 1, "T T", binary(fn, /*isPredicate=*/true)).through(6);
  registry.on("PRelu", 1, "F F", importPRelu).through(6);
  registry.on("Cast", 1, "T", importCast).through(5);
  registry.on("Reshape", 1, "T", importReshape).through(4);
  registry.on("Concat", 1, "T T*", importConcat).through(3);
  registry.on("Tile", 1, "T N N", importTile).through(5);
}

} // namespace dnnc::importer
