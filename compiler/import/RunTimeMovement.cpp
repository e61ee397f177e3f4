// Slice and Pad with starts, pads and axes of the run: along each dim a gather by an index vector that is computed.
#include "compiler/import/RunTimeOps.h"

using namespace mlir;

namespace dnnc::importer {

namespace {
/// What is given for some axes, spread over all dims.
class Spread {
public:
  /// \p axes may be null: as many as \p count, from the first on. Every axis must be in range and there once.
  Spread(RunTime &run, unsigned axesOperand, int64_t count, int64_t rank) : run(run), rank(rank) {
    NodeBinder &node = run.node;
    if (count > rank) return;
    Value axes = node.operand(axesOperand) ? run.operand(axesOperand) : run.iota(count);
    if (!axes || NodeBinder::shape(axes)[0] != count) return;
    Value dims = run.node.constantI64(llvm::to_vector(llvm::seq<int64_t>(0, rank)), {rank, 1});
    isOf = run.map({dims, axes}, [&](Chain &chain, ValueRange args) {
      Value fromEnd = chain.fn("sub", {args[0], chain.constant(double(rank), args[0].getType())});
      return chain.boolean("logical_or", {chain.boolean("equal", {args[1], args[0]}), chain.boolean("equal", {args[1], fromEnd})});
    });
    Value counts = node.cast(isOf, node.builder.getI64Type());
    given = node.reshape(node.reduce(counts, dnn::ReduceKind::Sum, {1}), {rank});
    if (!node.varies(axesOperand)) return;
    Value places = node.reshape(node.reduce(counts, dnn::ReduceKind::Sum, {0}), {count});
    std::string must = "must name dims of " + listText(node.shape(node.operand(0))) + ", each once";
    node.check(run.is("equal", {places, run.constant({1})}), axesOperand, "axes", must);
    node.check(run.is("less_equal", {given, run.constant({1})}), axesOperand, "axes", must);
  }

  explicit operator bool() const { return given != nullptr; }

  /// One value per dim from one per axis.
  Value operator()(Value perAxis, Value otherwise) {
    NodeBinder &node = run.node;
    Value parts = run.map({isOf, perAxis}, [](Chain &chain, ValueRange args) {
      return chain.fn("where", {args[0], args[1], chain.constant(0, args[1].getType())}, args[1].getType());
    });
    Value sums = node.reshape(node.reduce(parts, dnn::ReduceKind::Sum, {1}), {rank});
    return run.where(run.is("equal", {given, run.constant({0})}), otherwise, sums);
  }

private:
  RunTime &run;
  int64_t rank;
  Value isOf;  ///< [rank, count]: whether a dim is an axis
  Value given; ///< [rank]: how many axes are a dim
};

/// Whether dim \p dim is among axes that are known; true where they are not.
bool mayBeAxis(NodeBinder &node, unsigned axesOperand, int64_t count, int64_t dim) {
  int64_t rank = node.rank(node.operand(0));
  if (!node.operand(axesOperand)) return dim < count;
  ElementsAttr axes = node.constantOf(node.operand(axesOperand));
  return !axes || llvm::any_of(constantValues<int64_t>(axes), [&](int64_t axis) { return axis == dim || axis + rank == dim; });
}

Value select(Chain &chain, Value condition, Value yes, Value no) { return chain.fn("where", {condition, yes, no}, yes.getType()); }

/// numpy's start:end:step; args are start, end, step and dim. The start, or with \p size the number of elements, -1 for a step of 0.
Value sliceBound(Chain &chain, ValueRange args, bool size) {
  Type type = args[0].getType();
  auto number = [&](double value) { return chain.constant(value, type); };
  auto fn = [&](StringRef name, Value a, Value b) { return chain.fn(name, {a, b}); };
  Value dim = args[3], zero = number(0), one = number(1), last = fn("sub", dim, one);
  Value step = chain.fn("clip", {args[2], number(-double(maxDim)), number(double(maxDim))}); // a larger step goes no further
  Value up = chain.boolean("greater", {step, zero});
  auto bound = [&](Value position, Value lowest) {
    Value counted = select(chain, chain.boolean("less", {position, zero}), fn("add", position, dim), position);
    return chain.fn("clip", {counted, select(chain, up, zero, lowest), select(chain, up, dim, last)});
  };
  Value from = bound(args[0], zero);
  if (!size) return from;
  Value till = bound(args[1], number(-1)), length = fn("sub", till, from);
  Value stride = chain.fn("max", {chain.fn("abs", step), one});
  Value steps = fn("div", fn("add", select(chain, up, length, chain.fn("neg", length)), fn("sub", stride, one)), stride);
  return select(chain, chain.boolean("equal", {step, zero}), number(-1), fn("max", steps, zero));
}
} // namespace

LogicalResult sliceAtRunTime(NodeBinder &node, const Ints &result) {
  RunTime run(node);
  Value y = node.operand(0), starts = run.operand(1), ends = run.operand(2);
  if (!starts || !ends) return failure();
  int64_t rank = node.rank(y), count = node.shape(starts)[0];
  Value steps = node.operand(4) ? run.operand(4) : run.constant(Ints(std::min(count, rank), 1));
  Value dims = run.constant(node.shape(y));
  Spread spread(run, 3, count, rank);
  if (!spread || !steps || node.shape(ends)[0] != count || node.shape(steps)[0] != count || int64_t(result.size()) != rank)
    return node.error() << "'starts', 'ends', 'axes' and 'steps' must have as many values, at most the " << rank << " dims of "
                        << node.type(y) << ", and the result, which is declared as " << listText(result) << ", must have as many dims";
  SmallVector<Value> bounds{spread(starts, run.constant({0})), spread(ends, dims), spread(steps, run.constant({1})), dims};
  Value first = run.map(bounds, [](Chain &chain, ValueRange args) { return sliceBound(chain, args, false); });
  Value sizes = run.map(bounds, [](Chain &chain, ValueRange args) { return sliceBound(chain, args, true); });
  node.check(run.is("equal", {sizes, run.constant(result)}), 1, "starts",
             "must, with the ends, axes and steps, cut " + listText(result) + ", the shape compiled for, out of " + listText(node.shape(y)));
  for (int64_t dim = 0; dim < rank && y; ++dim) {
    if (!mayBeAxis(node, 3, count, dim)) continue;
    Value indices =
        run.map({run.iota(result[dim]), run.element(bounds[2], dim), run.element(first, dim)}, [](Chain &chain, ValueRange args) {
          return chain.fn("add", {chain.fn("mul", {args[0], args[1]}), args[2]});
        });
    y = node.create<dnn::GatherOp>(y, indices, node.i64(dim));
  }
  return node.result(y);
}

/// Where the elements along a padded dim come from; args are the position and the pad before.
static Value padIndex(Chain &chain, ValueRange args, StringRef mode, int64_t dim) {
  Type type = args[0].getType();
  auto number = [&](int64_t value) { return chain.constant(double(value), type); };
  Value index = chain.fn("sub", {args[0], args[1]});
  if (mode == "constant") return index;
  if (mode == "edge" || dim == 1) return chain.fn("clip", {index, number(0), number(dim - 1)});
  if (mode == "wrap") return chain.fn("mod", {index, number(dim)});
  int64_t period = 2 * (dim - 1); // reflect
  Value phase = chain.fn("mod", {index, number(period)});
  return select(chain, chain.boolean("less", {phase, number(dim)}), phase, chain.fn("sub", {number(period), phase}));
}

LogicalResult padAtRunTime(NodeBinder &node, StringRef mode, const Ints &result) {
  RunTime run(node);
  Value y = node.operand(0), pads = run.operand(1);
  if (!pads) return failure();
  Ints shape(node.shape(y));
  int64_t rank = shape.size(), count = node.shape(pads)[0] / 2;
  Spread spread(run, 3, count, rank);
  if (!spread || node.shape(pads)[0] % 2 || int64_t(result.size()) != rank)
    return node.error() << "'pads' is " << node.type(node.operand(1)) << "; it must have two values for each axis, and the result, which "
                        << "is declared as " << listText(result) << ", as many dims as " << node.type(y);
  auto half = [&](int64_t start) {
    if (count == 0) return run.constant({});
    return node.create<dnn::SliceOp>(pads, node.i64s({start}), node.i64s({count}), node.i64s({1}), UnitAttr());
  };
  Value before = spread(half(0), run.constant({0})), after = spread(half(count), run.constant({0}));
  Value sizes = run.fn("add", {run.fn("add", {before, run.constant(shape)}), after});
  node.check(run.is("equal", {sizes, run.constant(result)}), 1, "pads",
             "must make " + listText(result) + ", the declared shape, of " + listText(shape));
  Value inside; // where y is not the constant
  for (int64_t dim = 0; dim < rank && y; ++dim) {
    if (!mayBeAxis(node, 3, count, dim)) continue;
    Value indices = run.map({run.iota(result[dim]), run.element(before, dim)},
                            [&](Chain &chain, ValueRange args) { return padIndex(chain, args, mode, shape[dim]); });
    y = node.create<dnn::GatherOp>(y, indices, node.i64(dim));
    if (mode != "constant") continue;
    Value isInside = run.map({indices}, [&](Chain &chain, ValueRange args) {
      Type type = args[0].getType();
      return chain.boolean("logical_and", {chain.boolean("greater_equal", {args[0], chain.constant(0, type)}),
                                           chain.boolean("less", {args[0], chain.constant(double(shape[dim]), type)})});
    });
    Ints aligned(rank - dim, 1);
    aligned.front() = result[dim];
    isInside = node.reshape(isInside, aligned);
    inside = inside ? run.is("logical_and", {inside, isInside}) : isInside;
  }
  if (!inside || !y) return node.result(y);
  Value fill = node.operand(2) ? node.reshape(node.operand(2), {})
                               : createConstant(node.builder, node.loc, RankedTensorType::get({}, node.type(y).getElementType()), {0.0});
  return node.result(run.where(inside, y, fill));
}

} // namespace dnnc::importer
