// Operators that move elements without looking at them.
#include "compiler/import/Linear.h"
#include "compiler/import/RunTimeOps.h"

using namespace mlir;

namespace dnnc::importer {

static LogicalResult importTranspose(NodeBinder &node) {
  Value x = node.operand(0);
  Ints perm = node.intsAttr("perm").value_or(llvm::to_vector(llvm::reverse(llvm::seq<int64_t>(0, node.rank(x)))));
  if (int64_t(perm.size()) != node.rank(x))
    return node.error() << "attribute 'perm' is [" << perm << "]; it must hold " << node.rank(x) << " values, each of 0 to "
                        << node.rank(x) - 1 << " once";
  return node.result(node.transpose(x, perm));
}

static LogicalResult importConcat(NodeBinder &node) {
  std::optional<int64_t> axis = node.axisAttr("axis", std::nullopt, node.rank(node.operand(0)));
  if (!axis) return failure();
  // Shape arithmetic may concatenate empty lists.
  SmallVector<Value> parts;
  for (Value part : node.operands())
    if (node.rank(part) != node.rank(node.operand(0)) || node.shape(part)[*axis] != 0) parts.push_back(part);
  if (parts.size() == 1 || node.numOperands() == 1) return node.result(parts.empty() ? node.operand(0) : parts.front());
  if (parts.empty()) parts.assign(node.operands().begin(), node.operands().end());
  return node.result(node.create<dnn::ConcatOp>(ValueRange(parts), node.i64(*axis), DenseBoolArrayAttr()));
}

static Value slice(NodeBinder &node, Value x, ArrayRef<int64_t> starts, ArrayRef<int64_t> sizes, ArrayRef<int64_t> steps) {
  bool whole = node.shape(x) == sizes && llvm::all_of(steps, [](int64_t step) { return step == 1; });
  if (whole) return x;
  if (countElements(sizes) == 0) return node.rawConstant(RankedTensorType::get(sizes, node.type(x).getElementType()), {});
  return node.create<dnn::SliceOp>(x, node.i64s(starts), node.i64s(sizes), node.i64s(steps), UnitAttr());
}

/// numpy's start:end:step of one dim; false, reported, for a step of 0.
static bool sliceDim(NodeBinder &node, int64_t dim, int64_t &start, int64_t end, int64_t &step, int64_t &size) {
  if (step == 0) {
    node.error() << "'steps' has a 0; a step must not be";
    return false;
  }
  step = std::clamp<int64_t>(step, -maxDim, maxDim); // a larger step goes no further
  auto clampTo = [&](int64_t position, int64_t low, int64_t high) {
    return std::clamp(position < 0 ? position + dim : position, low, high);
  };
  int64_t low = step > 0 ? 0 : -1, high = step > 0 ? dim : dim - 1;
  start = clampTo(start, step > 0 ? 0 : std::min<int64_t>(0, dim - 1), high);
  end = clampTo(end, low, high);
  int64_t length = step > 0 ? end - start : start - end, stride = std::abs(step);
  size = length > 0 ? (length - 1) / stride + 1 : 0;
  return true;
}

/// The shape of a slice whose ends are a known way from its starts, such as i and i + 1.
static std::optional<Ints> slicedByDifference(NodeBinder &node) {
  if (node.varies(3) || node.varies(4)) return std::nullopt;
  Value starts = node.operand(1), ends = node.operand(2);
  int64_t count = node.type(starts).getNumElements(), rank = node.rank(node.operand(0));
  if (count > rank) return std::nullopt;
  Ints shape(node.shape(node.operand(0))), axes = llvm::to_vector(llvm::seq<int64_t>(0, count)), steps(count, 1);
  for (auto [index, list] : {std::pair(3, &axes), std::pair(4, &steps)})
    if (node.operand(index)) *list = llvm::to_vector(constantValues<int64_t>(node.constantOf(node.operand(index))));
  if (node.type(ends).getNumElements() != count || int64_t(axes.size()) != count || int64_t(steps.size()) != count) return std::nullopt;
  for (int64_t i = 0; i < count; ++i) {
    std::optional<int64_t> length = knownDifference(node, ends, starts, i);
    int64_t axis = axes[i] < 0 ? axes[i] + rank : axes[i];
    if (!length || *length <= 0 || steps[i] <= 0 || axis < 0 || axis >= rank || shape[axis] == 0)
      return std::nullopt;
    shape[axis] = (std::min(*length, shape[axis]) - 1) / steps[i] + 1;
  }
  return shape;
}

static LogicalResult importSlice(NodeBinder &node) {
  Value x = node.operand(0);
  bool attributes = node.version() < 10;
  if (!attributes && (node.varies(1) || node.varies(2) || node.varies(3) || node.varies(4))) {
    std::optional<Ints> shape = node.resultShape();
    if (!shape) shape = slicedByDifference(node);
    if (shape) return sliceAtRunTime(node, *shape);
  }
  std::optional<Ints> starts = attributes ? node.intsAttr("starts") : node.constantInts(1, "starts");
  std::optional<Ints> ends = attributes ? node.intsAttr("ends") : node.constantInts(2, "ends");
  auto given = node.intsAttrOrOperand("axes", 3, 10);
  std::optional<Ints> steps = !attributes && node.operand(4) ? node.constantInts(4, "steps") : Ints(starts ? starts->size() : 0, 1);
  if (attributes && (!starts || !ends)) return node.error() << "attributes 'starts' and 'ends' are needed";
  if (!starts || !ends || !given || !steps) return failure();
  Ints axes = given->present ? given->values : llvm::to_vector(llvm::seq<int64_t>(0, starts->size()));
  if (starts->size() != ends->size() || starts->size() != axes.size() || starts->size() != steps->size())
    return node.error() << "'starts' has " << starts->size() << " values, 'ends' " << ends->size() << ", 'axes' " << axes.size()
                        << " and 'steps' " << steps->size() << "; all must have as many";
  if (!node.axes(axes, node.rank(x))) return failure();
  Ints from(node.rank(x), 0), sizes(node.shape(x)), by(node.rank(x), 1);
  for (auto [index, value] : llvm::enumerate(axes)) {
    int64_t axis = value < 0 ? value + node.rank(x) : value;
    from[axis] = (*starts)[index];
    by[axis] = (*steps)[index];
    if (!sliceDim(node, node.shape(x)[axis], from[axis], (*ends)[index], by[axis], sizes[axis])) return failure();
  }
  return node.result(slice(node, x, from, sizes, by));
}

/// The sizes of the parts: given, or as equal as the operator's version says.
static std::optional<Ints> splitSizes(NodeBinder &node, int64_t axis) {
  std::optional<Ints> declared = Ints();
  for (int i = 0; i < node.numResults(); ++i)
    if (auto part = node.resultShape(i); part && declared && axis < int64_t(part->size()))
      declared->push_back((*part)[axis]);
    else
      declared.reset();
  std::optional<NodeBinder::IntList> given = NodeBinder::IntList{};
  if (node.version() < 13 || !node.operand(1))
    given = node.intsAttrOrOperand("split", 1, 13);
  else if (std::optional<Ints> sizes = node.intsOrDeclared(1, "split", declared))
    given = {true, *sizes};
  else
    return std::nullopt;
  int64_t size = node.shape(node.operand(0))[axis];
  int64_t parts = node.numResults();
  if (node.version() >= 18 && node.hasAttr("num_outputs"))
    if (node.intAttr("num_outputs", std::nullopt) != parts)
      return node.error() << "attribute 'num_outputs' is " << node.intAttr("num_outputs", 0) << "; the node has " << parts << " outputs",
             std::nullopt;
  if (!given) return std::nullopt;
  if (given->present) {
    int64_t sum = 0;
    bool ok = int64_t(given->values.size()) == parts;
    for (int64_t part : given->values) ok = ok && part >= 0 && part <= maxDim && (sum += part) <= maxDim;
    if (ok && sum == size) return given->values;
    return node.error() << "'split' is [" << given->values << "]; it must have " << parts << " values that sum up to " << size << ", not "
                        << sum,
           std::nullopt;
  }
  if (node.version() < 18 && size % parts)
    return node.error() << "a dimension of " << size << " cannot be split into " << parts << " equal parts", std::nullopt;
  Ints sizes(parts, (size + parts - 1) / parts);
  sizes.back() = size - (parts - 1) * sizes.front();
  if (sizes.back() < 0) return node.error() << "a dimension of " << size << " cannot be split into " << parts << " parts", std::nullopt;
  return sizes;
}

static LogicalResult importSplit(NodeBinder &node) {
  Value x = node.operand(0);
  std::optional<int64_t> axis = node.axisAttr("axis", 0, node.rank(x));
  std::optional<Ints> parts = axis ? splitSizes(node, *axis) : std::nullopt;
  if (!parts) return failure();
  Ints starts(node.rank(x), 0), sizes(node.shape(x)), steps(node.rank(x), 1);
  SmallVector<Value> results;
  for (int64_t part : *parts) {
    sizes[*axis] = part;
    results.push_back(slice(node, x, starts, sizes, steps));
    starts[*axis] += part;
  }
  return node.results(results);
}

/// Pads of all dims from those of some axes (since 18).
static std::optional<Ints> allPads(NodeBinder &node, const Ints &pads, int64_t rank) {
  Ints axes = llvm::to_vector(llvm::seq<int64_t>(0, rank));
  if (node.operand(3)) {
    std::optional<Ints> given = node.constantInts(3, "axes");
    if (!given || !node.axes(*given, rank)) return std::nullopt;
    axes = *given;
  }
  if (pads.size() != 2 * axes.size())
    return node.error() << "'pads' is [" << pads << "], " << pads.size() << " values; it must have " << 2 * axes.size(), std::nullopt;
  Ints all(2 * rank, 0);
  for (auto [index, value] : llvm::enumerate(axes)) {
    int64_t axis = value < 0 ? value + rank : value;
    all[axis] = pads[index];
    all[axis + rank] = pads[index + axes.size()];
  }
  if (llvm::any_of(all, [](int64_t pad) { return pad < -maxDim || pad > maxDim; }))
    return node.error() << "'pads' is [" << pads << "]; every value must be between " << -maxDim << " and " << maxDim, std::nullopt;
  return all;
}

static LogicalResult importPad(NodeBinder &node) {
  Value x = node.operand(0);
  bool attributes = node.version() < 11;
  std::string mode = node.stringAttr("mode", "constant");
  bool sizesVary = !attributes && (node.varies(1) || node.varies(3));
  if (auto declared = node.resultShape(); declared && sizesVary) return padAtRunTime(node, mode, *declared);
  std::optional<Ints> given = attributes ? node.intsAttr("pads", 2 * node.rank(x), 0, {}) : node.constantInts(1, "pads");
  std::optional<Ints> pads = given ? allPads(node, *given, node.rank(x)) : std::nullopt;
  double value = attributes ? node.floatAttr("value", 0) : 0;
  if (!attributes && node.operand(2) && node.type(node.operand(2)).getNumElements() == 1 && node.varies(2) && pads) {
    Ints result(node.shape(x));
    for (auto [dim, size] : llvm::enumerate(result)) size += (*pads)[dim] + (*pads)[dim + result.size()];
    return padAtRunTime(node, mode, result);
  }
  if (!attributes && node.operand(2)) {
    auto constant = node.constantFloats(2, "constant_value");
    if (!constant) return failure();
    if (constant->size() > 1)
      return node.error() << "input 2 ('constant_value') is " << node.type(node.operand(2)) << "; it must be a scalar";
    value = constant->empty() ? 0 : constant->front();
  }
  if (!pads) return failure();
  if (llvm::all_of(*pads, [](int64_t pad) { return pad == 0; })) return node.result(x);
  return node.result(node.create<dnn::PadOp>(x, node.i64s(*pads), node.str(mode), node.f64(mode == "constant" ? value : 0)));
}

/// A shape of the run must broadcast with the input's to the declared one: its values are those dims, or 1 where the input has them.
static LogicalResult expandAtRunTime(NodeBinder &node, const Ints &shape) {
  Value x = node.operand(0);
  RunTime run(node);
  Value given = run.operand(1);
  if (!given) return failure();
  int64_t count = node.shape(given)[0], rank = shape.size();
  if (std::max(count, node.rank(x)) != rank)
    return node.error() << "input 1 ('shape', here '" << node.node.input(1) << "') is " << node.type(node.operand(1)) << " and the input "
                        << node.type(x) << "; the graph declares the result as " << listText(shape);
  Ints ones(shape.begin() + (rank - count), shape.end()); // what a value may be besides the dim
  for (int64_t i = 0; i < count; ++i)
    if (int64_t dim = i + node.rank(x) - count; dim >= 0 && node.shape(x)[dim] == ones[i]) ones[i] = 1;
  Value dims = run.constant(ArrayRef<int64_t>(shape).take_back(count));
  Value fits = run.map({given, dims, run.constant(ones)}, [](Chain &chain, ValueRange args) {
    return chain.boolean("logical_or", {chain.boolean("equal", {args[0], args[1]}), chain.boolean("equal", {args[0], args[2]})});
  });
  node.check(fits, 1, "shape", "must broadcast with " + listText(node.shape(x)) + " to " + listText(shape) + ", the declared shape");
  return node.result(node.broadcast(x, shape));
}

static LogicalResult importExpand(NodeBinder &node) {
  Value x = node.operand(0);
  if (auto declared = node.resultShape(); declared && node.varies(1)) return expandAtRunTime(node, *declared);
  std::optional<Ints> shape = node.constantInts(1, "shape");
  if (!shape) return failure();
  auto joined = countElements(*shape) < 0 ? FailureOr<Ints>(failure()) : dnn::broadcastShapes({node.shape(x), *shape});
  if (failed(joined)) return node.error() << "'shape' is [" << *shape << "]; it must broadcast with " << node.type(x);
  return node.result(node.broadcast(x, *joined));
}

static LogicalResult importTile(NodeBinder &node) {
  Value x = node.operand(0);
  std::optional<Ints> declared = node.resultShape();
  if (declared && int64_t(declared->size()) == node.rank(x))
    for (auto [size, dim] : llvm::zip(*declared, node.shape(x))) size = dim && size % dim == 0 ? size / dim : 0; // 0 is refused below
  std::optional<Ints> repeats = node.intsOrDeclared(1, "repeats", declared);
  if (!repeats) return failure();
  if (int64_t(repeats->size()) != node.rank(x) || llvm::any_of(*repeats, [](int64_t n) { return n < 0 || n > maxDim; }))
    return node.error() << "'repeats' is [" << *repeats << "]; it must have " << node.rank(x) << " values between 0 and " << maxDim;
  if (llvm::all_of(*repeats, [](int64_t n) { return n == 1; })) return node.result(x);
  return node.result(node.create<dnn::TileOp>(x, node.i64s(*repeats)));
}

/// Shared by DepthToSpace and SpaceToDepth: \p parts splits the dims, \p perm orders them, \p shape joins them again.
static LogicalResult rearrange(NodeBinder &node, ArrayRef<int64_t> parts, ArrayRef<int64_t> perm, ArrayRef<int64_t> shape) {
  return node.result(node.reshape(node.transpose(node.reshape(node.operand(0), parts), perm), shape));
}

static bool checkBlocks(NodeBinder &node, int64_t block, ArrayRef<int64_t> divided, int64_t divisor) {
  if (node.rank(node.operand(0)) == 4 && block <= 65535 && llvm::all_of(divided, [&](int64_t dim) { return dim % divisor == 0; }))
    return true;
  node.error() << "attribute 'blocksize' is " << block << "; the input, " << node.type(node.operand(0))
               << ", must have rank 4 and dims that it divides";
  return false;
}

static LogicalResult importDepthToSpace(NodeBinder &node) {
  int64_t b = node.intAttr("blocksize", std::nullopt, positive);
  bool columns = node.version() >= 11 && node.stringAttr("mode", "DCR") == "CRD";
  ArrayRef<int64_t> x = node.shape(node.operand(0));
  if (!checkBlocks(node, b, x.size() == 4 ? x.slice(1, 1) : x, b * b)) return failure();
  int64_t c = x[1] / (b * b);
  Ints shape{x[0], c, x[2] * b, x[3] * b};
  if (columns) return rearrange(node, {x[0], c, b, b, x[2], x[3]}, {0, 1, 4, 2, 5, 3}, shape);
  return rearrange(node, {x[0], b, b, c, x[2], x[3]}, {0, 3, 4, 1, 5, 2}, shape);
}

static LogicalResult importSpaceToDepth(NodeBinder &node) {
  int64_t b = node.intAttr("blocksize", std::nullopt, positive);
  ArrayRef<int64_t> x = node.shape(node.operand(0));
  if (!checkBlocks(node, b, x.size() == 4 ? x.drop_front(2) : x, b)) return failure();
  return rearrange(node, {x[0], x[1], x[2] / b, b, x[3] / b, b}, {0, 3, 5, 1, 2, 4}, {x[0], x[1] * b * b, x[2] / b, x[3] / b});
}

void registerMovement(Registry &registry) {
  registry.on("Transpose", 1, "T", importTranspose);
  registry.on("Concat", 4, "T T*", importConcat);
  registry.on("Split", 2, "T", importSplit).results(INT_MAX);
  registry.on("Split", 13, "T L?", importSplit).results(INT_MAX);
  registry.on("Slice", 1, "T", importSlice);
  registry.on("Slice", 10, "T I I I? I?", importSlice);
  registry.on("Pad", 2, "F", importPad).allow("mode", {"constant", "reflect", "edge"});
  registry.on("Pad", 11, "T L T?", importPad).allow("mode", {"constant", "reflect", "edge"});
  registry.on("Pad", 18, "T L T? I?", importPad).allow("mode", {"constant", "reflect", "edge", "wrap"});
  registry.on("Expand", 8, "T L", importExpand);
  registry.on("Tile", 6, "T L", importTile);
  registry.on("DepthToSpace", 1, "T", importDepthToSpace).allow("mode", {"DCR", "CRD"});
  registry.on("SpaceToDepth", 1, "T", importSpaceToDepth);
}

} // namespace dnnc::importer
