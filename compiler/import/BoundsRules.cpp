// What the ops of the dnn dialect make of operands whose true sizes are known at run time only. Elements outside of the true sizes may be
// anything; an op that would mix them with others has them masked first.
#include "compiler/import/BoundsRules.h"
#include "passes/select/Strides.h"

#include "llvm/ADT/TypeSwitch.h"

#include <array>
#include <limits>

using namespace mlir;

namespace dnnc::importer {

bool BoundsRules::onlyBounded(Value operand, ArrayRef<int64_t> free) {
  if (!bounds.isBounded(operand)) return true;
  for (int64_t dim = 0; dim < NodeBinder::rank(operand); ++dim)
    if (bounds.isBounded(operand, dim) && !llvm::is_contained(free, dim)) return refuse(operand, dim);
  return true;
}

bool BoundsRules::maskOperand(unsigned index, ArrayRef<int64_t> dims, double fill) {
  Value operand = op->getOperand(index);
  if (llvm::none_of(dims, [&](int64_t dim) { return bounds.isBounded(operand, dim); })) return true;
  OpBuilder::InsertionGuard guard(node.builder);
  node.builder.setInsertionPoint(op);
  Value masked = bounds.masked(node, operand, dims, fill);
  if (masked) op->setOperand(index, masked);
  return masked != nullptr;
}

/// Sizes that meet in one dim, whose bounds are equal: they must be one, which is checked at run time where they are chosen by different things.
bool BoundsRules::unite(Size &into, const Size &other) {
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
bool BoundsRules::broadcast(ArrayRef<Value> operands, ArrayRef<int64_t> skip) {
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

bool BoundsRules::pointwise() { return broadcast(llvm::to_vector(op->getOperands())); }

bool BoundsRules::transpose(dnn::TransposeOp transpose) {
  Sizes from = of(transpose.getInput()), to;
  for (int64_t dim : transpose.getPerm()) to.push_back(from[dim]);
  return set(to);
}

/// A reshape that a handler made from shapes: a bounded dim stays, or the outermost of its group takes what is not fixed.
bool BoundsRules::reshape(dnn::ReshapeOp reshape) {
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

bool BoundsRules::broadcastTo(dnn::BroadcastOp) { return broadcast({op->getOperand(0)}); }

bool BoundsRules::concat(dnn::ConcatOp concat) {
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

bool BoundsRules::slice(dnn::SliceOp slice) {
  Sizes sizes = of(slice.getInput()), result = of(slice.getResult());
  for (auto [dim, size] : llvm::enumerate(sizes)) {
    if (size.isStatic()) continue;
    if (slice.getStarts()[dim] != 0 || slice.getSteps()[dim] != 1 || slice.getSizes()[dim] != NodeBinder::shape(slice.getInput())[dim])
      return refuse(slice.getInput(), dim);
    result[dim] = size;
  }
  return set(result);
}

bool BoundsRules::pad(dnn::PadOp pad) {
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

bool BoundsRules::tile(dnn::TileOp tile) {
  Sizes sizes = of(tile.getInput()), result = of(tile.getResult());
  for (auto [dim, size] : llvm::enumerate(sizes)) {
    if (!size.isStatic() && tile.getRepeats()[dim] != 1) return refuse(tile.getInput(), dim);
    if (!size.isStatic()) result[dim] = size;
  }
  return set(result);
}

/// Indices counted from the end of a dim of that true size.
Value BoundsRules::fromEnd(Value indices, const Size &size) {
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

bool BoundsRules::gather(dnn::GatherOp gather) {
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

bool BoundsRules::gatherElements(dnn::GatherElementsOp gather) {
  Sizes data = of(gather.getData());
  Value fixed = fromEnd(gather.getIndices(), data[fromFront(gather.getAxis(), data.size())]);
  if (!fixed) return false;
  op->setOperand(1, fixed);
  return set(of(gather.getIndices()));
}

bool BoundsRules::gatherND(dnn::GatherNDOp gather) {
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

bool BoundsRules::oneHot(dnn::OneHotOp oneHot) {
  Sizes sizes = of(oneHot.getIndices());
  int64_t axis = fromFront(oneHot.getAxis(), sizes.size() + 1);
  sizes.insert(sizes.begin() + axis, Size(oneHot.getDepth()));
  return set(sizes);
}

bool BoundsRules::argReduce(dnn::ArgReduceOp arg) {
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

bool BoundsRules::topK(dnn::TopKOp topK) {
  Sizes sizes = of(topK.getInput());
  int64_t axis = fromFront(topK.getAxis(), sizes.size());
  if (!maskOperand(0, {axis}, lowest(topK.getInput(), !topK.getLargest()))) return false;
  sizes[axis] = Size(int64_t(topK.getK()));
  return set(sizes, 0) && set(sizes, 1);
}

Operation *BoundsRules::apply() {
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
          .Case<dnn::AttentionOp>([&](auto o) { return attention(o); })
          .Case<dnn::RecurrentOp>([&](auto o) { return recurrent(o); })
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
  return BoundsRules(node, op).apply();
}

} // namespace dnnc::importer
