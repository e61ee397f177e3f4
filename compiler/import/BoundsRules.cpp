// What the ops of the dnn dialect make of operands whose true sizes are known at run time only. Elements outside of the true sizes may be
// anything; an op that would mix them with others has them masked first.
#include "compiler/import/Bounds.h"

#include "compiler/import/NodeBinder.h"
#include "passes/select/Strides.h"

#include "llvm/ADT/TypeSwitch.h"

#include <array>
#include <cmath>
#include <limits>

using namespace mlir;

namespace dnnc::importer {

namespace {
class Rules {
public:
  Rules(NodeBinder &node, Operation *op) : node(node), bounds(node.bounds()), op(op) {}

  /// The op to go on with.
  Operation *apply();

private:
  bool refuse(Value operand, int64_t dim) {
    node.error() << "dim " << dim << " of the operand " << operand.getType() << " is chosen at run time, up to "
                 << NodeBinder::shape(operand)[dim] << "; " << op->getName().getStringRef().drop_front(4)
                 << " is not supported over such a dim (batch dims, pointwise, reductions, matrix products, softmax, gather and movement are)";
    return false;
  }
  Sizes of(Value value) { return bounds.of(value); }
  bool set(Sizes sizes, unsigned result = 0) {
    bounds.set(op->getResult(result), std::move(sizes));
    return true;
  }
  /// Refuses bounded dims of an operand, all but those in \p free.
  bool onlyBounded(Value operand, ArrayRef<int64_t> free);
  bool maskOperand(unsigned index, ArrayRef<int64_t> dims, double fill);
  bool unite(Size &into, const Size &other);
  bool broadcast(ArrayRef<Value> operands, ArrayRef<int64_t> skip = {});
  double lowest(Value value, bool largest = false);
  std::optional<Size> windowSize(const Size &in, int64_t kernel, int64_t stride, int64_t begin, int64_t end, int64_t dilation, bool ceil);
  Value fromEnd(Value indices, const Size &size);

  bool pointwise();
  bool transpose(dnn::TransposeOp transpose);
  bool reshape(dnn::ReshapeOp reshape);
  bool broadcastTo(dnn::BroadcastOp broadcast);
  bool concat(dnn::ConcatOp concat);
  bool slice(dnn::SliceOp slice);
  bool pad(dnn::PadOp pad);
  bool tile(dnn::TileOp tile);
  bool gather(dnn::GatherOp gather);
  bool gatherElements(dnn::GatherElementsOp gather);
  bool gatherND(dnn::GatherNDOp gather);
  bool oneHot(dnn::OneHotOp oneHot);
  bool argReduce(dnn::ArgReduceOp arg);
  bool topK(dnn::TopKOp topK);
  bool reduce(dnn::ReduceOp reduce);
  bool matmul(dnn::MatMulOp matmul);
  bool conv(dnn::ConvOp conv);
  bool pool(dnn::PoolOp pool);

  NodeBinder &node;
  Bounds &bounds;
  Operation *op, *replacement = nullptr;
};
} // namespace

bool Rules::onlyBounded(Value operand, ArrayRef<int64_t> free) {
  if (!bounds.isBounded(operand)) return true;
  for (int64_t dim = 0; dim < NodeBinder::rank(operand); ++dim)
    if (bounds.isBounded(operand, dim) && !llvm::is_contained(free, dim)) return refuse(operand, dim);
  return true;
}

bool Rules::maskOperand(unsigned index, ArrayRef<int64_t> dims, double fill) {
  Value operand = op->getOperand(index);
  if (llvm::none_of(dims, [&](int64_t dim) { return bounds.isBounded(operand, dim); })) return true;
  OpBuilder::InsertionGuard guard(node.builder);
  node.builder.setInsertionPoint(op);
  Value masked = bounds.masked(node, operand, dims, fill);
  if (masked) op->setOperand(index, masked);
  return masked != nullptr;
}

double Rules::lowest(Value value, bool largest) {
  Type type = NodeBinder::type(value).getElementType();
  if (isa<FloatType>(type)) return largest ? std::numeric_limits<double>::infinity() : -std::numeric_limits<double>::infinity();
  unsigned width = type.getIntOrFloatBitWidth();
  bool isUnsigned = type.isUnsignedInteger() || width == 1;
  if (!largest) return isUnsigned ? 0 : -std::ldexp(1.0, int(width) - 1);
  return std::ldexp(1.0, int(isUnsigned ? width : width - 1)) - (width < 54 ? 1 : 0); // what is beyond an i64 saturates
}

/// Sizes that meet in one dim, whose bounds are equal: they must be one, which is checked at run time where they are chosen by different things.
bool Rules::unite(Size &into, const Size &other) {
  if (into == other) return true;
  Value same = node.pointwise({bounds.scalar(node, into), bounds.scalar(node, other)},
                              [](Chain &chain, ValueRange args) { return chain.boolean("equal", args); });
  if (!same) return false;
  node.check(same, "has operands of different sizes in a dim; they must be the same (only a size of 1 that is fixed broadcasts)");
  if (other.isStatic()) into = other;
  return true;
}

/// The true sizes of a result to whose dims those of the operands broadcast, aligned at the right; \p skip are dims of the result that are
/// not theirs.
bool Rules::broadcast(ArrayRef<Value> operands, ArrayRef<int64_t> skip) {
  Sizes result = of(op->getResult(0));
  int64_t rank = result.size();
  SmallVector<bool> isSet(rank, false);
  for (Value operand : operands) {
    Sizes own = of(operand);
    for (auto [i, size] : llvm::enumerate(own)) {
      int64_t dim = rank - int64_t(own.size()) + int64_t(i);
      if (llvm::is_contained(skip, dim) || (size.isStatic() && size.factor == 1)) continue;
      if (!isSet[dim])
        result[dim] = size;
      else if (!unite(result[dim], size))
        return false;
      isSet[dim] = true;
    }
  }
  return set(result);
}

bool Rules::pointwise() { return broadcast(llvm::to_vector(op->getOperands())); }

bool Rules::transpose(dnn::TransposeOp transpose) {
  Sizes from = of(transpose.getInput()), to;
  for (int64_t dim : transpose.getPerm()) to.push_back(from[dim]);
  return set(to);
}

/// A reshape that a handler made from shapes: a bounded dim stays, or the outermost of its group takes what is not fixed.
bool Rules::reshape(dnn::ReshapeOp reshape) {
  Sizes from = of(reshape.getInput()), to = of(reshape.getResult());
  ArrayRef<int64_t> p = NodeBinder::shape(reshape.getInput()), q = NodeBinder::shape(reshape.getResult());
  for (size_t d = 0; d < p.size() && countElements(p) == 0; ++d)
    if (!from[d].isStatic()) return refuse(reshape.getInput(), d);
  SmallVector<std::array<size_t, 4>> groups;
  forEachGroup(p, q, [&](size_t i0, size_t i1, size_t j0, size_t j1) {
    if (j0 == j1 && !groups.empty())
      groups.back()[1] = i1; // dims of at most 1 behind what the others fill
    else
      groups.push_back({i0, i1, j0, j1});
  });
  for (auto [i0, i1, j0, j1] : groups) {
    Size whole = bounds.product(ArrayRef(from).slice(i0, i1 - i0));
    if (whole.isStatic()) continue;
    if (j0 == j1) return refuse(reshape.getInput(), i0); // a scalar has one element, whatever the run says
    size_t taker = j0; // the first that is not 1
    while (taker + 1 < j1 && q[taker] == 1) ++taker;
    Size rest(1);
    for (size_t k = j0; k < j1; ++k)
      if (k != taker) rest.factor *= q[k];
    std::optional<Size> size = bounds.quotient(whole, rest);
    if (!size || bounds.limit(*size) != q[taker]) return refuse(reshape.getInput(), i0);
    to[taker] = *size;
  }
  Value result = reshapeBounded(node, reshape.getInput(), to);
  if (!result) return false;
  op->erase();
  replacement = result.getDefiningOp();
  return true;
}

bool Rules::broadcastTo(dnn::BroadcastOp) { return broadcast({op->getOperand(0)}); }

bool Rules::concat(dnn::ConcatOp concat) {
  int64_t rank = NodeBinder::rank(concat.getResult()), axis = fromFront(concat.getAxis(), rank);
  SmallVector<Value> inputs(concat.getInputs());
  if (!broadcast(inputs, {axis})) return false;
  // Dims of size 1 do not broadcast here, but the rule is the same for all others.
  SmallVector<Size> parts;
  for (Value input : inputs) parts.push_back(of(input)[axis]);
  if (llvm::all_of(parts, [](const Size &size) { return size.isStatic(); })) return true;
  Sizes result = of(concat.getResult());
  result[axis] = bounds.sum(node, parts);
  bool inPlace = llvm::all_of(ArrayRef<Size>(parts).drop_back(), [](const Size &size) { return size.isStatic(); });
  if (inPlace) return set(result);
  // What is behind a part moves up to its true end.
  int64_t total = NodeBinder::shape(concat.getResult())[axis], padded = 0;
  Value places = node.constantI64(llvm::to_vector(llvm::seq<int64_t>(0, total)), {total}), indices = places;
  for (auto [k, input] : llvm::enumerate(inputs)) {
    if (k) {
      Value start = bounds.scalar(node, bounds.sum(node, ArrayRef<Size>(parts).take_front(k)));
      indices = node.pointwise({indices, places, start}, [&](Chain &chain, ValueRange args) {
        Value moved = chain.fn("add", {chain.fn("sub", {args[1], args[2]}), chain.constant(double(padded), args[1].getType())});
        return chain.fn("where", {chain.boolean("greater_equal", {args[1], args[2]}), moved, args[0]}, args[0].getType());
      });
    }
    padded += NodeBinder::shape(input)[axis];
  }
  Bounds::Pause pause(bounds);
  Value moved = node.create<dnn::GatherOp>(concat.getResult(), indices, node.i64(axis));
  if (!moved) return false;
  bounds.set(moved, result);
  replacement = moved.getDefiningOp();
  return true;
}

bool Rules::slice(dnn::SliceOp slice) {
  Sizes sizes = of(slice.getInput()), result = of(slice.getResult());
  for (auto [dim, size] : llvm::enumerate(sizes)) {
    if (size.isStatic()) continue;
    if (slice.getStarts()[dim] != 0 || slice.getSteps()[dim] != 1 || slice.getSizes()[dim] != NodeBinder::shape(slice.getInput())[dim])
      return refuse(slice.getInput(), dim);
    result[dim] = size;
  }
  return set(result);
}

bool Rules::pad(dnn::PadOp pad) {
  Sizes sizes = of(pad.getInput()), result = of(pad.getResult());
  int64_t rank = sizes.size();
  SmallVector<int64_t> padded;
  for (auto [dim, size] : llvm::enumerate(sizes)) {
    if (size.isStatic()) continue;
    int64_t begin = pad.getPads()[dim], end = pad.getPads()[rank + dim];
    if (begin || end) {
      if (pad.getMode() != "constant" || begin < 0 || end < 0) return refuse(pad.getInput(), dim);
      padded.push_back(dim);
    }
    result[dim] = bounds.sum(node, {size, Size(begin + end)});
  }
  return maskOperand(0, padded, pad.getValue().convertToDouble()) && set(result);
}

bool Rules::tile(dnn::TileOp tile) {
  Sizes sizes = of(tile.getInput()), result = of(tile.getResult());
  for (auto [dim, size] : llvm::enumerate(sizes)) {
    if (!size.isStatic() && tile.getRepeats()[dim] != 1) return refuse(tile.getInput(), dim);
    if (!size.isStatic()) result[dim] = size;
  }
  return set(result);
}

/// Indices counted from the end of a dim of that true size.
Value Rules::fromEnd(Value indices, const Size &size) {
  if (size.isStatic()) return indices;
  if (ElementsAttr constant = node.constantOf(indices))
    if (llvm::none_of(constantValues<int64_t>(constant), [](int64_t index) { return index < 0; })) return indices;
  OpBuilder::InsertionGuard guard(node.builder);
  node.builder.setInsertionPoint(op);
  Value wide = node.cast(indices, node.builder.getI64Type());
  return node.pointwise({wide, bounds.scalar(node, size)}, [](Chain &chain, ValueRange args) {
    Value negative = chain.boolean("less", {args[0], chain.constant(0, args[0].getType())});
    return chain.fn("where", {negative, chain.fn("add", args), args[0]}, args[0].getType());
  });
}

bool Rules::gather(dnn::GatherOp gather) {
  Sizes data = of(gather.getData()), indices = of(gather.getIndices()), result;
  int64_t axis = fromFront(gather.getAxis(), data.size());
  Value fixed = fromEnd(gather.getIndices(), data[axis]);
  if (!fixed) return false;
  op->setOperand(1, fixed);
  result.append(data.begin(), data.begin() + axis);
  result.append(indices.begin(), indices.end());
  result.append(data.begin() + axis + 1, data.end());
  return set(result);
}

bool Rules::gatherElements(dnn::GatherElementsOp gather) {
  Sizes data = of(gather.getData());
  Value fixed = fromEnd(gather.getIndices(), data[fromFront(gather.getAxis(), data.size())]);
  if (!fixed) return false;
  op->setOperand(1, fixed);
  return set(of(gather.getIndices()));
}

bool Rules::gatherND(dnn::GatherNDOp gather) {
  Sizes data = of(gather.getData()), indices = of(gather.getIndices());
  int64_t batch = gather.getBatchDims(), depth = NodeBinder::shape(gather.getIndices()).back();
  ElementsAttr constant = node.constantOf(gather.getIndices());
  bool negative = !constant || llvm::any_of(constantValues<int64_t>(constant), [](int64_t index) { return index < 0; });
  for (int64_t d = batch; d < batch + depth; ++d)
    if (!data[d].isStatic() && negative) {
      OpBuilder::InsertionGuard guard(node.builder);
      node.builder.setInsertionPoint(op);
      Value dims = bounds.vector(node, ArrayRef<Size>(data).slice(batch, depth));
      Value fixed = node.pointwise({gather.getIndices(), dims}, [](Chain &chain, ValueRange args) {
        Value below = chain.boolean("less", {args[0], chain.constant(0, args[0].getType())});
        return chain.fn("where", {below, chain.fn("add", args), args[0]}, args[0].getType());
      });
      if (!fixed) return false;
      op->setOperand(1, fixed);
      break;
    }
  if (!indices.back().isStatic()) return refuse(gather.getIndices(), indices.size() - 1);
  indices.pop_back();
  for (int64_t d = 0; d < batch; ++d)
    if (!unite(indices[d], data[d])) return false;
  indices.append(data.begin() + batch + depth, data.end());
  return set(indices);
}

bool Rules::oneHot(dnn::OneHotOp oneHot) {
  Sizes sizes = of(oneHot.getIndices());
  int64_t axis = fromFront(oneHot.getAxis(), sizes.size() + 1);
  sizes.insert(sizes.begin() + axis, Size(oneHot.getDepth()));
  return set(sizes);
}

bool Rules::argReduce(dnn::ArgReduceOp arg) {
  Sizes sizes = of(arg.getInput());
  int64_t axis = fromFront(arg.getAxis(), sizes.size());
  Size along = sizes[axis];
  if (!maskOperand(0, {axis}, lowest(arg.getInput(), !arg.getLargest()))) return false;
  sizes[axis] = Size(1);
  set(sizes);
  if (along.isStatic() || !arg.getSelectLast()) return true;
  // Where all elements are as low as the mask, the last of them is the last true one.
  Value result = node.pointwise({arg.getResult(), bounds.scalar(node, along)}, [](Chain &chain, ValueRange args) {
    return chain.fn("min", {args[0], chain.fn("sub", {args[1], chain.constant(1, args[1].getType())})});
  });
  if (result) replacement = result.getDefiningOp();
  return result != nullptr;
}

bool Rules::topK(dnn::TopKOp topK) {
  Sizes sizes = of(topK.getInput());
  int64_t axis = fromFront(topK.getAxis(), sizes.size());
  if (!maskOperand(0, {axis}, lowest(topK.getInput(), !topK.getLargest()))) return false;
  sizes[axis] = Size(int64_t(topK.getK()));
  return set(sizes, 0) && set(sizes, 1);
}

bool Rules::reduce(dnn::ReduceOp reduce) {
  Sizes sizes = of(reduce.getInput());
  Size count(1);
  SmallVector<int64_t> dims;
  for (int64_t axis : reduce.getAxes()) {
    dims.push_back(fromFront(axis, sizes.size()));
    count = bounds.product(count, sizes[dims.back()]);
  }
  dnn::ReduceKind kind = reduce.getKind();
  bool ends = kind == dnn::ReduceKind::Max || kind == dnn::ReduceKind::Min;
  double fill = ends ? lowest(reduce.getInput(), kind == dnn::ReduceKind::Min) : kind == dnn::ReduceKind::Prod ? 1 : 0;
  if (!maskOperand(0, dims, fill)) return false;
  for (int64_t dim : dims) sizes[dim] = Size(1);
  set(sizes);
  if (kind != dnn::ReduceKind::Mean || count.isStatic()) return true;
  reduce.setKind(dnn::ReduceKind::Sum);
  Value number = node.cast(bounds.scalar(node, count), NodeBinder::type(reduce.getResult()).getElementType());
  Value mean = node.pointwise({reduce.getResult(), number}, [](Chain &chain, ValueRange args) { return chain.fn("div", args); });
  if (mean) replacement = mean.getDefiningOp();
  return mean != nullptr;
}

bool Rules::matmul(dnn::MatMulOp matmul) {
  Sizes a = of(matmul.getLhs()), b = of(matmul.getRhs()), result = of(matmul.getResult());
  int64_t rank = result.size(), ra = a.size(), rb = b.size();
  if (!unite(a[ra - 1], b[rb - 2])) return false;
  if (!a[ra - 1].isStatic() && !(maskOperand(0, {ra - 1}, 0) && maskOperand(1, {rb - 2}, 0))) return false;
  for (int64_t dim = 0; dim < rank - 2; ++dim) {
    int64_t i = dim - (rank - ra), j = dim - (rank - rb);
    bool hasA = i >= 0 && a[i] != Size(1), hasB = j >= 0 && b[j] != Size(1);
    if (hasA && hasB && !unite(a[i], b[j])) return false;
    if (hasA || hasB) result[dim] = hasA ? a[i] : b[j];
  }
  result[rank - 2] = a[ra - 2];
  result[rank - 1] = b[rb - 1];
  return set(result);
}

std::optional<Size> Rules::windowSize(const Size &in, int64_t kernel, int64_t stride, int64_t begin, int64_t end, int64_t dilation, bool ceil) {
  int64_t room = begin + end - dilation * (kernel - 1) - 1;
  if (stride == 1 && room == -1) return in;
  if (ceil && stride != 1) return std::nullopt;
  int64_t high = dnn::windowOutputSize(bounds.limit(in), kernel, stride, begin, end, dilation, ceil);
  // max((n + room + stride) / stride, 0), whose dividend is clamped first: integers truncate
  return bounds.derive(node, "window", {in}, {room, stride}, 0, high, [&](Chain &chain, ValueRange args) {
    Type type = args[0].getType();
    Value sum = chain.fn("add", {args[0], chain.constant(double(room + stride), type)});
    return chain.fn("div", {chain.fn("max", {sum, chain.constant(0, type)}), chain.constant(double(stride), type)});
  });
}

bool Rules::conv(dnn::ConvOp conv) {
  if (!onlyBounded(conv.getWeight(), {}) || (conv.getBias() && !onlyBounded(conv.getBias(), {}))) return false;
  Sizes sizes = of(conv.getInput()), result = of(conv.getResult());
  if (!sizes[1].isStatic()) return refuse(conv.getInput(), 1);
  result[0] = sizes[0];
  int64_t spatial = int64_t(sizes.size()) - 2;
  SmallVector<int64_t> mask;
  for (int64_t d = 0; d < spatial; ++d) {
    if (sizes[d + 2].isStatic()) continue;
    if (conv.getPads()[spatial + d]) mask.push_back(d + 2); // windows reach behind the true end
    result[d + 2] = *windowSize(sizes[d + 2], NodeBinder::shape(conv.getWeight())[d + 2], conv.getStrides()[d], conv.getPads()[d],
                                conv.getPads()[spatial + d], conv.getDilations()[d], false);
  }
  return maskOperand(0, mask, double(conv.getInputZeroPoint())) && set(result);
}

bool Rules::pool(dnn::PoolOp pool) {
  Sizes sizes = of(pool.getInput()), result = of(pool.getResult());
  result[0] = sizes[0];
  result[1] = sizes[1];
  int64_t spatial = int64_t(sizes.size()) - 2;
  SmallVector<int64_t> mask;
  for (int64_t d = 0; d < spatial; ++d) {
    if (sizes[d + 2].isStatic()) continue;
    int64_t end = pool.getPads()[spatial + d];
    std::optional<Size> size = windowSize(sizes[d + 2], pool.getKernel()[d], pool.getStrides()[d], pool.getPads()[d], end,
                                          pool.getDilations()[d], pool.getCeilMode());
    // An average over a window that reaches behind the true end would count what is there.
    if (!size || (end && pool.getKind() == dnn::PoolKind::Average && !pool.getCountIncludePad())) return refuse(pool.getInput(), d + 2);
    if (end) mask.push_back(d + 2);
    result[d + 2] = *size;
  }
  return maskOperand(0, mask, pool.getKind() == dnn::PoolKind::Max ? lowest(pool.getInput()) : 0) && set(result);
}

Operation *Rules::apply() {
  auto along = [&](auto one, std::optional<double> fill) { // softmax, cum_sum: along one axis
    int64_t axis = fromFront(one.getAxis(), NodeBinder::rank(one.getInput()));
    return (!fill || maskOperand(0, {axis}, *fill)) && set(of(one.getInput()));
  };
  auto allBut = [&](Value input, llvm::function_ref<bool(int64_t)> mixed) { // dims that are not mixed pass through
    for (int64_t dim = 0; dim < NodeBinder::rank(input); ++dim)
      if (bounds.isBounded(input, dim) && mixed(dim)) return refuse(input, dim);
    for (Value other : op->getOperands().drop_front())
      if (!onlyBounded(other, {})) return false;
    return set(of(input));
  };
  bool done =
      llvm::TypeSwitch<Operation *, bool>(op)
          .Case<dnn::PointwiseOp>([&](auto) { return pointwise(); })
          .Case<dnn::QuantizeOp, dnn::DequantizeOp, dnn::LookupOp, dnn::BitcastOp>([&](auto) { return set(of(op->getOperand(0))); })
          .Case<dnn::TransposeOp>([&](auto o) { return transpose(o); })
          .Case<dnn::ReshapeOp>([&](auto o) { return reshape(o); })
          .Case<dnn::BroadcastOp>([&](auto o) { return broadcastTo(o); })
          .Case<dnn::ConcatOp>([&](auto o) { return concat(o); })
          .Case<dnn::SliceOp>([&](auto o) { return slice(o); })
          .Case<dnn::PadOp>([&](auto o) { return pad(o); })
          .Case<dnn::TileOp>([&](auto o) { return tile(o); })
          .Case<dnn::GatherOp>([&](auto o) { return gather(o); })
          .Case<dnn::GatherElementsOp>([&](auto o) { return gatherElements(o); })
          .Case<dnn::GatherNDOp>([&](auto o) { return gatherND(o); })
          .Case<dnn::OneHotOp>([&](auto o) { return oneHot(o); })
          .Case<dnn::ArgReduceOp>([&](auto o) { return argReduce(o); })
          .Case<dnn::TopKOp>([&](auto o) { return topK(o); })
          .Case<dnn::ReduceOp>([&](auto o) { return reduce(o); })
          .Case<dnn::MatMulOp>([&](auto o) { return matmul(o); })
          .Case<dnn::ConvOp>([&](auto o) { return conv(o); })
          .Case<dnn::PoolOp>([&](auto o) { return pool(o); })
          .Case<dnn::SoftmaxOp>([&](auto o) { return along(o, -std::numeric_limits<double>::infinity()); })
          .Case<dnn::CumSumOp>([&](dnn::CumSumOp o) { return along(o, o.getReverse() ? std::optional(0.0) : std::nullopt); })
          .Case<dnn::LayerNormOp>([&](dnn::LayerNormOp o) {
            int64_t axis = fromFront(o.getAxis(), NodeBinder::rank(o.getInput()));
            return allBut(o.getInput(), [&](int64_t dim) { return dim >= axis; });
          })
          .Case<dnn::BatchNormOp, dnn::LrnOp>([&](auto o) { return allBut(o.getInput(), [](int64_t dim) { return dim == 1; }); })
          .Case<dnn::GroupNormOp>([&](auto o) { return allBut(o.getInput(), [](int64_t dim) { return dim >= 1; }); })
          .Case<dnn::ResizeOp>([&](dnn::ResizeOp o) { return allBut(o.getInput(), [&](int64_t dim) { return o.getScales()[dim] != 1; }); })
          .Default([&](Operation *) {
            for (Value operand : op->getOperands())
              if (bounds.isBounded(operand))
                for (int64_t dim = 0; dim < NodeBinder::rank(operand); ++dim)
                  if (bounds.isBounded(operand, dim)) return refuse(operand, dim);
            return true;
          });
  return done ? (replacement ? replacement : op) : nullptr;
}

Operation *applyBounds(NodeBinder &node, Operation *op) {
  Bounds &bounds = node.bounds();
  if (llvm::none_of(op->getOperands(), [&](Value operand) { return bounds.isBounded(operand); })) return op;
  return Rules(node, op).apply();
}

} // namespace dnnc::importer
