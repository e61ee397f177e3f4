// True sizes through ops that compute: reductions, products, windows, attention and recurrent layers.
#include "compiler/import/Attention.h"
#include "compiler/import/BoundsRules.h"
#include "passes/select/Strides.h"

#include <cmath>
#include <limits>

using namespace mlir;

namespace dnnc::importer {

double BoundsRules::lowest(Value value, bool largest) {
  Type type = NodeBinder::type(value).getElementType();
  if (isa<FloatType>(type)) return largest ? std::numeric_limits<double>::infinity() : -std::numeric_limits<double>::infinity();
  unsigned width = type.getIntOrFloatBitWidth();
  bool isUnsigned = type.isUnsignedInteger() || width == 1;
  if (!largest) return isUnsigned ? 0 : -std::ldexp(1.0, int(width) - 1);
  return std::ldexp(1.0, int(isUnsigned ? width : width - 1)) - (width < 54 ? 1 : 0); // what is beyond an i64 saturates
}

bool BoundsRules::reduce(dnn::ReduceOp reduce) {
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

bool BoundsRules::matmul(dnn::MatMulOp matmul) {
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

std::optional<Size> BoundsRules::windowSize(const Size &in, int64_t kernel, int64_t stride, int64_t begin, int64_t end, int64_t dilation, bool ceil) {
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

bool BoundsRules::conv(dnn::ConvOp conv) {
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

bool BoundsRules::pool(dnn::PoolOp pool) {
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

/// Keys beyond the true ones take no part: they are masked, and are numbers.
bool BoundsRules::attention(dnn::AttentionOp attention) {
  Sizes q = of(attention.getQuery()), k = of(attention.getKey()), v = of(attention.getValue());
  for (Value operand : {attention.getQuery(), attention.getKey(), attention.getValue()})
    for (int64_t dim : {1, 3})
      if (bounds.isBounded(operand, dim)) return refuse(operand, dim);
  Sizes result{q[0], q[1], q[2], v[3]};
  Size keys = k[2];
  if (!unite(result[0], k[0]) || !unite(result[0], v[0]) || !unite(keys, v[2])) return false;
  Value mask = attention.getMask();
  if (mask) {
    Sizes own = of(mask);
    const Size whole[] = {result[0], result[1], result[2], keys};
    for (auto [i, size] : llvm::enumerate(own)) {
      Size other = whole[4 - own.size() + i];
      if (size != Size(1) && !unite(other, size)) return false;
    }
  }
  if (!keys.isStatic()) {
    OpBuilder::InsertionGuard guard(node.builder);
    node.builder.setInsertionPoint(op);
    Bounds::Pause pause(bounds);
    Value inside = bounds.inside(node, keys, NodeBinder::shape(attention.getKey())[2], 3, 4);
    Value joined = inside ? joinMasks(node, mask, inside) : Value();
    if (!joined) return false;
    attention.getMaskMutable().assign(joined);
  }
  return maskOperand(1, {2}, 0) && maskOperand(2, {2}, 0) && set(result);
}

/// Steps beyond the true ones are not taken: all sequences end there.
bool BoundsRules::recurrent(dnn::RecurrentOp recurrent) {
  Sizes x = of(recurrent.getInput());
  int64_t stepDim = recurrent.getBatchFirst() ? 1 : 0, batchDim = 1 - stepDim;
  Size steps = x[stepDim], batch = x[batchDim];
  if (!x[2].isStatic()) return refuse(recurrent.getInput(), 2);
  for (Value fixed : {recurrent.getRecurrence(), recurrent.getHiddenBias(), recurrent.getPeepholes()})
    if (fixed && !onlyBounded(fixed, {})) return false;
  auto place = [&](Value state) { return recurrent.getBatchFirst() ? 0 : NodeBinder::rank(state) - 2; }; // of the batch
  for (Value state : {recurrent.getInitialH(), recurrent.getInitialC()})
    if (state && (!onlyBounded(state, {place(state)}) || !unite(batch, of(state)[place(state)]))) return false;
  if (Value lengths = recurrent.getSequenceLens(); lengths && !unite(batch, of(lengths)[0])) return false;
  if (!steps.isStatic()) {
    OpBuilder::InsertionGuard guard(node.builder);
    node.builder.setInsertionPoint(op);
    Bounds::Pause pause(bounds);
    Value all = node.cast(bounds.scalar(node, steps), node.builder.getI32Type());
    Value lengths = recurrent.getSequenceLens();
    if (lengths)
      all = node.pointwise({lengths, all}, [](Chain &chain, ValueRange args) { return chain.fn("min", args); });
    else
      all = node.broadcast(all, {NodeBinder::shape(recurrent.getInput())[batchDim]});
    if (!all) return false;
    recurrent.getSequenceLensMutable().assign(all);
  }
  for (auto [index, result] : llvm::enumerate(op->getResults())) {
    Sizes sizes = of(result);
    if (index == 0) sizes[recurrent.getBatchFirst() ? 1 : 0] = steps;
    sizes[index == 0 && !recurrent.getBatchFirst() ? 2 : place(result)] = batch;
    set(sizes, index);
  }
  return true;
}

} // namespace dnnc::importer
