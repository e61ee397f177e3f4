#include "compiler/import/Attention.h"

#include <cmath>

using namespace mlir;

namespace dnnc::importer {

Value splitHeads(NodeBinder &node, Value x, int64_t heads) {
  if (!x) return {};
  ArrayRef<int64_t> shape = node.shape(x);
  if (shape.size() != 3 || heads < 1 || shape[2] % heads)
    return node.error() << "cannot split " << node.type(x) << " into " << heads << " heads; it must have rank 3 and a last dim that they divide",
           Value();
  return node.transpose(node.reshape(x, {shape[0], shape[1], heads, shape[2] / heads}), {0, 2, 1, 3});
}

Value joinHeads(NodeBinder &node, Value x) {
  if (!x) return {};
  ArrayRef<int64_t> shape = node.shape(x);
  return node.reshape(node.transpose(x, {0, 2, 1, 3}), {shape[0], shape[2], shape[1] * shape[3]});
}

Value countUp(NodeBinder &node, int64_t first, int64_t count, ArrayRef<int64_t> shape) {
  if (!node.affords(count)) return {};
  std::vector<float> values(count);
  for (int64_t i = 0; i < count; ++i) values[i] = first + i;
  return node.constant(makeConstant<float>(RankedTensorType::get(shape, node.builder.getF32Type()), values));
}

Value visibleKeys(NodeBinder &node, Value lengths, bool causal, int64_t past, int64_t m, int64_t n) {
  if (!lengths && !causal) return {};
  // What is counted here goes to the largest sizes.
  if (failed(node.refuseBounded(node.operands(), "an operand of attention with lengths, or with causal scores as an output", {0}))) return {};
  Value keys = countUp(node, 0, n, {1, 1, 1, n});
  if (!lengths)
    return node.pointwise({keys, countUp(node, past, m, {1, 1, m, 1})}, [](Chain &chain, ValueRange x) { return chain.boolean("less_equal", x); });
  lengths = node.cast(node.reshape(lengths, {node.type(lengths).getNumElements(), 1, 1, 1}), keys ? node.type(keys).getElementType() : Type());
  if (!causal) return node.pointwise({keys, lengths}, [](Chain &chain, ValueRange x) { return chain.boolean("less", x); });
  return node.pointwise({keys, lengths, countUp(node, -m, m, {1, 1, m, 1})}, [](Chain &chain, ValueRange x) {
    Value last = chain.fn("add", {x[1], x[2]});
    return chain.boolean("logical_and", {chain.boolean("less", {x[0], x[1]}), chain.boolean("less_equal", {x[0], last})});
  });
}

LogicalResult knowPast(NodeBinder &node, Value past, int64_t dim) {
  if (!past || node.rank(past) <= dim || !node.bounds().isBounded(past, dim)) return success();
  return node.error() << "is causal and dim " << dim << " of its past " << node.type(past) << " is chosen at run time, up to " << node.shape(past)[dim]
                      << "; which keys a query sees must be known, so fix that dim or give a mask";
}

Value joinMasks(NodeBinder &node, Value mask, Value visible) {
  if (!mask || !visible) return mask ? mask : visible;
  return node.pointwise({mask, visible}, [](Chain &chain, ValueRange x) {
    Type type = x[0].getType();
    if (type.isInteger(1)) return chain.boolean("logical_and", x);
    return chain.fn("where", {x[1], x[0], chain.constant(-INFINITY, type)}, type);
  });
}

Value Attention::build(NodeBinder &node) const {
  return node.create<dnn::AttentionOp>(query, key, value, mask, node.f64(scale), node.f64(softcap), node.boolean(causal), node.i64(past));
}

static Value product(NodeBinder &node, Value a, Value b) { return node.create<dnn::MatMulOp>(a, b, Value(), ValueRange(), node.i64(0)); }

Value buildScores(NodeBinder &node, const Attention &attention, function_ref<Value(int, Value)> stage) {
  Value check = attention.build(node); // for its checks of shapes; nothing uses it
  if (!check) return {};
  ArrayRef<int64_t> q = node.shape(attention.query), k = node.shape(attention.key), v = node.shape(attention.value);
  int64_t kvHeads = k[1], group = q[1] / kvHeads, m = q[2], n = k[2];
  // A key's head and the group it serves are dims of their own, so that products broadcast over the group.
  Ints whole{q[0], q[1], m, n}, grouped{q[0], kvHeads, group, m, n};
  Value keys = node.reshape(node.transpose(attention.key, {0, 1, 3, 2}), {q[0], kvHeads, 1, k[3], n});
  Value scores = node.reshape(product(node, node.reshape(attention.query, {q[0], kvHeads, group, m, q[3]}), keys), whole);
  auto step = [&](int index, ArrayRef<Value> inputs, ChainBody body) {
    if (body) scores = node.pointwise(inputs, body);
    if (scores) scores = stage(index, scores);
  };
  auto number = [](Chain &chain, Value like, double value) { return chain.constant(value, like.getType()); };
  step(0, {scores}, [&](Chain &chain, ValueRange x) { return chain.fn("mul", {x[0], number(chain, x[0], attention.scale)}); });
  if (attention.softcap != 0)
    step(1, {scores}, [&](Chain &chain, ValueRange x) {
      Value cap = number(chain, x[0], attention.softcap);
      return chain.fn("mul", {cap, chain.fn("tanh", chain.fn("div", {x[0], cap}))});
    });
  else
    step(1, {}, nullptr);
  Value mask = joinMasks(node, attention.mask, visibleKeys(node, {}, attention.causal, attention.past, m, n));
  if (mask)
    step(2, {scores, mask}, [&](Chain &chain, ValueRange x) {
      if (!x[1].getType().isInteger(1)) return chain.fn("add", x);
      return chain.fn("where", {x[1], x[0], number(chain, x[0], -INFINITY)}, x[0].getType());
    });
  else
    step(2, {}, nullptr);
  if (!scores) return {};
  Value weights = node.softmax(scores, 3);
  if (mask) { // a row without any key is 0, not NaN
    Value top = node.reduce(scores, dnn::ReduceKind::Max, {3});
    weights = node.pointwise({weights, top}, [&](Chain &chain, ValueRange x) {
      Value none = chain.boolean("equal", {x[1], number(chain, x[1], -INFINITY)});
      return chain.fn("where", {none, number(chain, x[0], 0), x[0]}, x[0].getType());
    });
  }
  if (weights) weights = stage(3, weights);
  if (!weights) return {};
  Value values = node.reshape(attention.value, {v[0], kvHeads, 1, n, v[3]});
  return node.reshape(product(node, node.reshape(weights, grouped), values), {q[0], q[1], m, v[3]});
}

double attentionScale(NodeBinder &node, int64_t d) {
  double scale = node.floatAttr("scale", 0);
  return scale != 0 ? scale : 1 / std::sqrt(double(d));
}

} // namespace dnnc::importer
