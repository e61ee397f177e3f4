// Reshape and its relatives, and the shape of a tensor as a constant.
#include "compiler/import/RunTime.h"

using namespace mlir;

namespace dnnc::importer {

/// A target of the run must resolve to the declared shape: its values are those dims, 0 where the input has the same, or once -1.
static LogicalResult reshapeAtRunTime(NodeBinder &node, const Ints &shape, bool allowZero) {
  Value x = node.operand(0);
  RunTime run(node);
  Value target = run.operand(1);
  if (!target || node.shape(target)[0] != int64_t(shape.size()))
    return node.error() << "input 1 ('shape', here '" << node.node.input(1) << "') is " << node.type(node.operand(1))
                        << "; the graph declares the result as " << listText(shape);
  Ints copied(shape.size(), 0); // 1 where a 0 gives the declared dim
  for (auto [index, dim] : llvm::enumerate(node.shape(x)))
    if (index < shape.size() && dim == shape[index] && !allowZero) copied[index] = 1;
  Value fits = run.map({target, run.constant(shape), run.constant(copied)}, [](Chain &chain, ValueRange args) {
    Type type = args[0].getType();
    auto equals = [&](Value value, double number) { return chain.boolean("equal", {value, chain.constant(number, type)}); };
    Value isCopied = chain.boolean("logical_and", {equals(args[0], 0), equals(args[2], 1)});
    Value either = chain.boolean("logical_or", {isCopied, equals(args[0], -1)});
    return chain.boolean("logical_or", {either, chain.boolean("equal", {args[0], args[1]})});
  });
  Value inferred = run.sum(run.is("equal", {target, run.constant({-1})}));
  std::string must = "must give " + listText(shape) + ", the declared shape";
  node.check(fits, 1, "shape", must);
  node.check(run.is("less_equal", {inferred, run.constant({1})}), 1, "shape", must);
  return node.result(node.reshape(x, shape));
}

static LogicalResult importReshape(NodeBinder &node) {
  Value x = node.operand(0);
  bool allowZero = node.version() >= 14 && node.intAttr("allowzero", 0, flag);
  if (auto declared = node.resultShape(); declared && node.varies(1)) return reshapeAtRunTime(node, *declared, allowZero);
  std::optional<Ints> target = node.constantInts(1, "shape");
  if (!target) return failure();
  Ints shape = *target;
  ArrayRef<int64_t> from = node.shape(x);
  int64_t known = 1, inferred = -1;
  for (auto [index, dim] : llvm::enumerate(shape)) {
    if (dim == 0 && !allowZero && index < from.size()) dim = from[index];
    if (dim == -1 && inferred < 0) {
      inferred = index;
      continue;
    }
    if (dim < 0 || dim > maxDim || (dim == 0 && !allowZero && index >= from.size()) || __builtin_mul_overflow(known, dim, &known))
      return node.error() << "'shape' is [" << *target << "]; value " << index << " must be between 1 and " << maxDim
                          << ", 0 for the input's dim of that number (of " << from.size() << "), or once -1";
  }
  int64_t count = node.type(x).getNumElements();
  if (inferred >= 0 && (known == 0 || count % known))
    return node.error() << "'shape' is [" << *target << "]; the " << count << " elements of " << node.type(x) << " cannot be divided by "
                        << known;
  if (inferred >= 0)
    shape[inferred] = count / known;
  else if (known != count)
    return node.error() << "'shape' is [" << *target << "], which has " << known << " elements; the input " << node.type(x) << " has "
                        << count;
  return node.result(node.reshape(x, shape));
}

static LogicalResult importFlatten(NodeBinder &node) {
  Value x = node.operand(0);
  int64_t rank = node.rank(x), axis = node.intAttr("axis", 1, {-rank, rank});
  if (axis < 0) axis += rank;
  int64_t outer = 1, inner = 1;
  for (auto [index, dim] : llvm::enumerate(node.shape(x))) (int64_t(index) < axis ? outer : inner) *= dim;
  Ints shape{outer, inner};
  return node.fits(RankedTensorType::get(shape, node.type(x).getElementType())) ? node.result(node.reshape(x, shape)) : failure();
}

/// Squeeze and Unsqueeze: axes of the run must be a set of those of \p larger without which it is \p smaller.
static LogicalResult changeRankAtRunTime(NodeBinder &node, ArrayRef<int64_t> larger, ArrayRef<int64_t> smaller, const Ints &result) {
  auto leaves = [&](ArrayRef<int64_t> axes) {
    Ints rest;
    for (auto [index, dim] : llvm::enumerate(larger))
      if (!llvm::is_contained(axes, int64_t(index)))
        rest.push_back(dim);
      else if (dim != 1)
        return false;
    return ArrayRef<int64_t>(rest) == smaller;
  };
  int64_t rank = larger.size(), count = node.type(node.operand(1)).getNumElements();
  if (!RunTime(node).checkedAxes(1, "axes", RunTime::axesSets(rank, count, leaves), rank, listText(result) + ", the declared shape")) return failure();
  return node.result(node.reshape(node.operand(0), result));
}

static LogicalResult importSqueeze(NodeBinder &node) {
  Value x = node.operand(0);
  if (auto declared = node.resultShape(); declared && node.version() >= 13 && node.varies(1))
    return changeRankAtRunTime(node, node.shape(x), *declared, *declared);
  auto given = node.intsAttrOrOperand("axes", 1, 13);
  std::optional<Ints> axes = given ? node.axes(given->values, node.rank(x)) : std::nullopt;
  if (!axes) return failure();
  Ints shape;
  for (auto [index, dim] : llvm::enumerate(node.shape(x))) {
    bool remove = given->present ? llvm::is_contained(*axes, int64_t(index)) : dim == 1;
    if (remove && dim != 1)
      return node.error() << "'axes' is [" << given->values << "]; dim " << index << " of " << node.type(x) << " is " << dim << ", not 1";
    if (!remove) shape.push_back(dim);
  }
  return node.result(node.reshape(x, shape));
}

static LogicalResult importUnsqueeze(NodeBinder &node) {
  Value x = node.operand(0);
  if (auto declared = node.resultShape(); declared && node.version() >= 13 && node.varies(1))
    return changeRankAtRunTime(node, *declared, node.shape(x), *declared);
  auto given = node.intsAttrOrOperand("axes", 1, 13);
  if (!given) return failure();
  if (!given->present) return node.error() << "attribute 'axes' is missing; it must be a list of integers";
  int64_t rank = node.rank(x) + given->values.size();
  std::optional<Ints> axes = node.axes(given->values, rank);
  if (!axes) return failure();
  Ints shape(node.shape(x));
  for (int64_t axis : *axes) // sorted
    shape.insert(shape.begin() + axis, 1);
  return node.result(node.reshape(x, shape));
}

/// Dims are known at import, or bounded and then a scalar of the run.
static LogicalResult importShape(NodeBinder &node) {
  Sizes sizes = node.bounds().of(node.operand(0));
  int64_t rank = sizes.size(), start = 0, end = rank;
  if (node.version() >= 15) {
    start = node.intAttr("start", 0);
    end = node.intAttr("end", rank);
    start = std::clamp<int64_t>(start < 0 ? start + rank : start, 0, rank);
    end = std::clamp<int64_t>(end < 0 ? end + rank : end, start, rank);
  }
  return node.result(node.bounds().vector(node, ArrayRef(sizes).slice(start, end - start)));
}

static LogicalResult importSize(NodeBinder &node) {
  return node.result(node.bounds().scalar(node, node.bounds().product(node.bounds().of(node.operand(0)))));
}

void registerShape(Registry &registry) {
  registry.on("Reshape", 5, "T L", importReshape);
  registry.on("Flatten", 1, "T", importFlatten);
  registry.on("Squeeze", 1, "T", importSqueeze);
  registry.on("Squeeze", 13, "T L?", importSqueeze);
  registry.on("Unsqueeze", 1, "T", importUnsqueeze);
  registry.on("Unsqueeze", 13, "T L", importUnsqueeze);
  registry.on("Shape", 1, "T", importShape);
  registry.on("Size", 1, "T", importSize);
}

} // namespace dnnc::importer
