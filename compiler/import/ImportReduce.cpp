// Reductions: the sums and norms composed of dnn.pointwise and dnn.reduce; ArgMax, ArgMin, TopK, CumSum.
#include "compiler/import/RunTime.h"

using namespace mlir;

namespace dnnc::importer {

static Value unary(NodeBinder &node, Value value, StringRef fn) {
  return node.pointwise({value}, [&](Chain &chain, ValueRange x) { return chain.fn(fn, x); });
}

static Value square(NodeBinder &node, Value value) {
  return node.pointwise({value}, [](Chain &chain, ValueRange x) { return chain.fn("mul", {x[0], x[0]}); });
}

/// log(sum of e^x), without overflow: the largest x is taken out, unless it is infinite.
static Value logSumExp(NodeBinder &node, Value x, ArrayRef<int64_t> axes) {
  Value largest = node.pointwise({node.reduce(x, dnn::ReduceKind::Max, axes)}, [](Chain &chain, ValueRange args) {
    Value zero = chain.constant(0, args[0].getType());
    return chain.fn("where", {chain.boolean("is_inf", args), zero, args[0]}, zero.getType());
  });
  Value terms = node.pointwise({x, largest}, [](Chain &chain, ValueRange args) { return chain.fn("exp", chain.fn("sub", args)); });
  return node.pointwise({node.reduce(terms, dnn::ReduceKind::Sum, axes), largest}, [](Chain &chain, ValueRange args) {
    return chain.fn("add", {chain.fn("log", args[0]), args[1]});
  });
}

/// Integers for which there is no kernel, and bools, as wider ones.
static Value widened(NodeBinder &node, Value x) {
  auto type = dyn_cast<IntegerType>(node.type(x).getElementType());
  if (!type || type.getWidth() == 64 || (type.getWidth() == 32 && type.isSignless())) return x;
  return node.cast(x, type.getWidth() == 32 ? node.builder.getI64Type() : node.builder.getI32Type());
}

using Composition = Value (*)(NodeBinder &, Value, ArrayRef<int64_t>);

/// Sums and products of narrow integers wrap, so that it does not matter where they are cut off; a mean is its operand's own.
template <dnn::ReduceKind kind> static Value plain(NodeBinder &node, Value x, ArrayRef<int64_t> axes) {
  if (kind == dnn::ReduceKind::Mean) return node.reduce(x, kind, axes);
  return node.cast(node.reduce(widened(node, x), kind, axes), node.type(x).getElementType());
}
static Value l1(NodeBinder &node, Value x, ArrayRef<int64_t> axes) {
  return node.reduce(unary(node, x, "abs"), dnn::ReduceKind::Sum, axes);
}
static Value sumSquare(NodeBinder &node, Value x, ArrayRef<int64_t> axes) {
  return node.reduce(square(node, x), dnn::ReduceKind::Sum, axes);
}
static Value l2(NodeBinder &node, Value x, ArrayRef<int64_t> axes) { return unary(node, sumSquare(node, x, axes), "sqrt"); }
static Value logSum(NodeBinder &node, Value x, ArrayRef<int64_t> axes) {
  return unary(node, node.reduce(x, dnn::ReduceKind::Sum, axes), "log");
}

/// The shape without (or, with \p keep, with 1 in place of) the axes.
static Ints reducedShape(ArrayRef<int64_t> shape, ArrayRef<int64_t> axes, bool keep) {
  Ints result;
  for (auto [index, dim] : llvm::enumerate(shape))
    if (!llvm::is_contained(axes, int64_t(index)))
      result.push_back(dim);
    else if (keep)
      result.push_back(1);
  return result;
}

/// Axes of the run: as many results as there are sets of axes that give the declared shape, and the one of the run selected.
static LogicalResult reduceAtRunTime(NodeBinder &node, Composition compose, bool keep, const Ints &declared) {
  constexpr size_t maxSets = 32;
  Value x = node.operand(0);
  int64_t rank = node.rank(x), count = node.type(node.operand(1)).getNumElements();
  auto fits = [&](ArrayRef<int64_t> axes) { return reducedShape(node.shape(x), axes, keep) == declared; };
  std::vector<Ints> sets = RunTime::axesSets(rank, count, fits);
  if (sets.size() > maxSets)
    return node.error() << "input 1 ('axes', here '" << node.node.input(1) << "') is known at run time only, and " << sets.size()
                        << " sets of axes give " << listText(declared) << "; at most " << maxSets << " are supported";
  RunTime run(node);
  Value key = run.checkedAxes(1, "axes", sets, rank, listText(declared) + ", the declared shape");
  return node.result(
      run.select(key, sets, rank, [&](ArrayRef<int64_t> axes) { return node.reshape(compose(node, x, axes), declared); }));
}

/// Axes became an operand in \p operandSince.
static Handler reduction(Composition compose, int64_t operandSince) {
  return [=](NodeBinder &node) -> LogicalResult {
    Value x = node.operand(0);
    bool keep = node.intAttr("keepdims", 1, flag);
    bool nothingByDefault = node.version() >= operandSince && node.intAttr("noop_with_empty_axes", 0, flag);
    if (auto declared = node.resultShape(); declared && node.version() >= operandSince && node.varies(1))
      return reduceAtRunTime(node, compose, keep, *declared);
    auto given = node.intsAttrOrOperand("axes", 1, operandSince);
    std::optional<Ints> axes = given ? node.axes(given->values, node.rank(x)) : std::nullopt;
    if (!axes) return failure();
    if (axes->empty() && !nothingByDefault) *axes = llvm::to_vector(llvm::seq<int64_t>(0, node.rank(x)));
    Ints shape = reducedShape(node.shape(x), *axes, keep);
    return node.result(node.reshape(compose(node, x, *axes), shape));
  };
}

static Handler argReduce(bool largest) {
  return [largest](NodeBinder &node) -> LogicalResult {
    Value x = node.operand(0);
    std::optional<int64_t> axis = node.axisAttr("axis", 0, node.rank(x));
    bool keep = node.intAttr("keepdims", 1, flag), last = node.version() >= 12 && node.intAttr("select_last_index", 0, flag);
    if (!axis) return failure();
    Value y = node.create<dnn::ArgReduceOp>(widened(node, x), node.i64(*axis), node.boolean(largest), node.boolean(last));
    return node.result(node.reshape(y, reducedShape(node.shape(x), {*axis}, keep)));
  };
}

/// One number, or, where it varies, the size of the declared result along an axis.
static std::optional<int64_t> declaredCount(NodeBinder &node, unsigned index, StringRef name, std::optional<int64_t> axis) {
  std::optional<Ints> shape = node.resultShape();
  if (!axis || !shape || *axis >= int64_t(shape->size()) || !node.varies(index)) return node.constantInt(index, name);
  auto count = node.intsOrDeclared(index, name, Ints{(*shape)[*axis]});
  return count ? std::optional(count->front()) : std::nullopt;
}

static LogicalResult importTopK(NodeBinder &node) {
  Value x = node.operand(0);
  std::optional<int64_t> axis = node.axisAttr("axis", -1, node.rank(x));
  std::optional<int64_t> k = node.version() < 10 ? node.intAttr("k", std::nullopt) : declaredCount(node, 1, "K", axis);
  bool largest = node.version() < 11 || node.intAttr("largest", 1, flag);
  if (node.version() >= 11) node.intAttr("sorted", 1, flag); // sorted is one of the orders that unsorted allows
  if (!axis || !k) return failure();
  if (*k < 1 || *k > node.shape(x)[*axis])
    return node.error() << "'K' is " << *k << "; it must be between 1 and " << node.shape(x)[*axis] << ", the size of axis " << *axis;
  Operation *op = node.createFilled<dnn::TopKOp>([](OperationState &) {}, 2, widened(node, x), node.i64(*axis), node.i64(*k), node.boolean(largest));
  return op ? node.results({node.cast(op->getResult(0), node.type(x).getElementType()), op->getResult(1)}) : failure();
}

template <class Op> static LogicalResult importRunning(NodeBinder &node) {
  Value x = node.operand(0);
  bool exclusive = node.intAttr("exclusive", 0, flag), reverse = node.intAttr("reverse", 0, flag);
  if (node.varies(1) && node.type(node.operand(1)).getNumElements() == 1) { // all sums, and the one along the axis of the run selected
    RunTime run(node);
    std::vector<Ints> axes = RunTime::axesSets(node.rank(x), 1, [](ArrayRef<int64_t>) { return true; });
    Value key = run.checkedAxes(1, "axis", axes, node.rank(x), "a sum along a dim of " + listText(node.shape(x)));
    return node.result(run.select(key, axes, node.rank(x), [&](ArrayRef<int64_t> axis) {
      return node.create<Op>(x, node.i64(axis[0]), node.boolean(exclusive), node.boolean(reverse));
    }));
  }
  std::optional<int64_t> given = node.constantInt(1, "axis");
  std::optional<int64_t> axis = given ? node.axis("axis", *given, node.rank(x)) : std::nullopt;
  if (!axis) return failure();
  return node.result(node.create<Op>(x, node.i64(*axis), node.boolean(exclusive), node.boolean(reverse)));
}

void registerReduce(Registry &registry) {
  const std::pair<const char *, Composition> reductions[] = {{"ReduceL1", l1},
                                                             {"ReduceL2", l2},
                                                             {"ReduceLogSum", logSum},
                                                             {"ReduceLogSumExp", logSumExp},
                                                             {"ReduceMax", plain<dnn::ReduceKind::Max>},
                                                             {"ReduceMean", plain<dnn::ReduceKind::Mean>},
                                                             {"ReduceMin", plain<dnn::ReduceKind::Min>},
                                                             {"ReduceSumSquare", sumSquare}};
  for (auto [name, compose] : reductions) {
    StringRef types = name == StringRef("ReduceLogSum") || name == StringRef("ReduceLogSumExp") ? "F" : "N";
    registry.on(name, 1, types, reduction(compose, 18));
    registry.on(name, 18, (types + " L?").str(), reduction(compose, 18));
  }
  registry.on("ReduceMax", 20, "T L?", reduction(plain<dnn::ReduceKind::Max>, 18));
  registry.on("ReduceMin", 20, "T L?", reduction(plain<dnn::ReduceKind::Min>, 18));
  registry.on("ReduceProd", 1, "N", reduction(plain<dnn::ReduceKind::Prod>, 18));
  registry.on("ReduceProd", 18, "N L?", reduction(plain<dnn::ReduceKind::Prod>, 18));
  registry.on("ReduceSum", 1, "N", reduction(plain<dnn::ReduceKind::Sum>, 13));
  registry.on("ReduceSum", 13, "N L?", reduction(plain<dnn::ReduceKind::Sum>, 13));
  registry.on("ArgMax", 1, "N", argReduce(true));
  registry.on("ArgMin", 1, "N", argReduce(false));
  registry.on("TopK", 1, "N", importTopK).results(2);
  registry.on("TopK", 10, "N L", importTopK).results(2);
  registry.on("CumSum", 11, "N I", importRunning<dnn::CumSumOp>);
  registry.on("CumProd", 26, "N I", importRunning<dnn::CumProdOp>);
}

} // namespace dnnc::importer
