// Transformer building blocks of com.microsoft: attention with its projections or masks, embeddings, and normalizations behind a residual.
#include "compiler/import/Attention.h"

#include <cmath>

using namespace mlir;

namespace dnnc::importer {

static Value sum(NodeBinder &node, Value a, Value b) {
  if (!a || !b) return a ? a : b;
  return node.pointwise({a, b}, [](Chain &chain, ValueRange x) { return chain.fn("add", x); });
}

static Value part(NodeBinder &node, Value x, int64_t dim, int64_t start, int64_t size) {
  if (!x) return {};
  Ints starts(node.rank(x), 0), sizes(node.shape(x)), steps(node.rank(x), 1);
  starts[dim] = start, sizes[dim] = size;
  return node.create<dnn::SliceOp>(x, node.i64s(starts), node.i64s(sizes), node.i64s(steps), UnitAttr());
}

/// Behind the rows of an earlier call those of this one.
static Value append(NodeBinder &node, Value past, Value x) {
  return past ? node.create<dnn::ConcatOp>(ValueRange{past, x}, node.i64(2), DenseBoolArrayAttr()) : x;
}

/// What is added to the scores: the number \p filter where \p mask is 0 (or, with one length for each batch, behind it), and the bias.
static FailureOr<Value> maskAndBias(NodeBinder &node, unsigned index, Value bias, int64_t batch, int64_t m, int64_t n, Type element) {
  Value mask = node.operand(index);
  double filter = node.floatAttr("mask_filter_value", -10000);
  if (!mask) return bias;
  ArrayRef<int64_t> shape = node.shape(mask);
  Value keep;
  if (shape == ArrayRef<int64_t>{batch}) {
    keep = visibleKeys(node, mask, false, 0, m, n);
  } else if (shape == ArrayRef<int64_t>{batch, n} || shape == ArrayRef<int64_t>{batch, m, n}) {
    keep = node.pointwise({node.reshape(mask, {batch, 1, shape.size() == 2 ? 1 : m, n})},
                          [](Chain &chain, ValueRange x) { return chain.boolean("greater", {x[0], chain.constant(0, x[0].getType())}); });
  } else {
    return node.error() << "input " << index << " ('" << node.node.input(index) << "') is " << node.type(mask) << "; supported are [" << batch << "], ["
                        << batch << ", " << n << "] and [" << batch << ", " << m << ", " << n << "]",
           failure();
  }
  if (!keep) return failure();
  SmallVector<Value> inputs{keep};
  if (bias) inputs.push_back(bias);
  Value added = node.pointwise(inputs, [&](Chain &chain, ValueRange x) {
    Value value = chain.fn("where", {x[0], chain.constant(0, element), chain.constant(filter, element)}, element);
    return x.size() == 2 ? chain.fn("add", {value, x[1]}) : value;
  });
  if (!added) return failure();
  return added;
}

/// One product for the three projections.
static LogicalResult importAttention(NodeBinder &node) {
  Value x = node.operand(0), weights = node.operand(1), bias = node.operand(2), past = node.operand(4);
  int64_t heads = node.intAttr("num_heads", std::nullopt, positive);
  bool causal = node.intAttr("unidirectional", 0, flag);
  if (node.rank(x) != 3 || node.rank(weights) != 2)
    return node.error() << "input and weights are " << node.type(x) << " and " << node.type(weights) << "; their ranks must be 3 and 2";
  const int64_t batch = node.shape(x)[0], m = node.shape(x)[1], columns = node.shape(weights)[1];
  Ints sizes = node.intsAttr("qkv_hidden_sizes").value_or(Ints{columns / 3, columns / 3, columns / 3});
  if (sizes.size() != 3 || sizes[0] + sizes[1] + sizes[2] != columns || sizes[0] != sizes[1] || llvm::any_of(sizes, [&](int64_t s) { return s < 1 || s % heads; }))
    return node.error() << "queries, keys and values have " << sizes << " columns; heads must divide them, the first two be equal, and all together be the "
                        << columns << " of the weights";
  Value all = sum(node, node.create<dnn::MatMulOp>(x, weights, Value(), ValueRange(), node.i64(0)), bias);
  Attention attention;
  attention.query = splitHeads(node, part(node, all, 2, 0, sizes[0]), heads);
  attention.key = splitHeads(node, part(node, all, 2, sizes[0], sizes[1]), heads);
  attention.value = splitHeads(node, part(node, all, 2, sizes[0] + sizes[1], sizes[2]), heads);
  if (!attention.query || !attention.value) return failure();
  if (past) { // keys and values, one behind the other
    if (node.rank(past) != 5 || node.shape(past)[0] != 2)
      return node.error() << "input 4 ('past') is " << node.type(past) << "; it must be [2, batch, heads, rows, columns]";
    if (causal && failed(knowPast(node, past, 3))) return failure();
    Ints one(node.shape(past).drop_front());
    attention.past = one[2];
    attention.key = append(node, node.reshape(part(node, past, 0, 0, 1), one), attention.key);
    attention.value = append(node, node.reshape(part(node, past, 0, 1, 1), one), attention.value);
    if (!attention.key || !attention.value) return failure();
  }
  FailureOr<Value> mask = maskAndBias(node, 3, node.operand(5), batch, m, node.shape(attention.key)[2], node.type(x).getElementType());
  if (failed(mask)) return failure();
  attention.mask = *mask;
  attention.causal = causal;
  attention.scale = attentionScale(node, sizes[0] / heads);
  Value y = joinHeads(node, attention.build(node)), present = y;
  if (node.numResults() > 1) {
    Ints one(node.shape(attention.key));
    one.insert(one.begin(), 1);
    present = node.create<dnn::ConcatOp>(ValueRange{node.reshape(attention.key, one), node.reshape(attention.value, one)}, node.i64(0), DenseBoolArrayAttr());
  }
  Value results[] = {y, present};
  return node.results(ArrayRef<Value>(results).take_front(node.numResults()));
}

/// Keys or values: [batch, rows, columns], or by heads already.
static Value byHeads(NodeBinder &node, Value x, Value bias, int64_t heads) {
  return x && node.rank(x) == 4 ? x : splitHeads(node, sum(node, x, bias), heads);
}

static LogicalResult importMultiHeadAttention(NodeBinder &node) {
  Value query = node.operand(0), key = node.operand(1), value = node.operand(2), bias = node.operand(3), pastKey = node.operand(6), pastValue = node.operand(7);
  const int64_t heads = node.intAttr("num_heads", std::nullopt, positive);
  Attention attention;
  attention.causal = node.intAttr("unidirectional", 0, flag);
  for (unsigned i : {8, 9})
    if (node.operand(i)) return node.error() << "input " << i << " ('" << node.node.input(i) << "') is not supported; leave it out";
  if (!pastKey != !pastValue) return node.error() << "has one of 'past_key' and 'past_value'; they must be used together";
  // Packed: [batch, rows, heads, 2 or 3, columns].
  auto unpack = [&](Value packed, int64_t index) {
    Value one = part(node, packed, 3, index, 1);
    ArrayRef<int64_t> shape = node.shape(packed);
    return node.reshape(one, {shape[0], shape[1], shape[2] * shape[4]});
  };
  auto isPacked = [&](Value x, int64_t count) { return node.rank(x) == 5 && node.shape(x)[2] == heads && node.shape(x)[3] == count; };
  if (!key && isPacked(query, 3)) {
    value = unpack(query, 2), key = unpack(query, 1), query = unpack(query, 0);
  } else if (key && !value && isPacked(key, 2)) {
    value = unpack(key, 1), key = unpack(key, 0);
  }
  if (!query || !key || !value || node.rank(query) != 3)
    return node.error() << "query, key and value must be given, with rank 3 (keys and values also 4), or be packed for " << heads << " heads with rank 5";
  if (bias) {
    const int64_t q = node.shape(query)[2], columns = node.type(bias).getNumElements(), v = columns - 2 * q;
    if (node.rank(bias) != 1 || v < 1) return node.error() << "input 3 ('bias') is " << node.type(bias) << "; it must have one element for each column of query, key and value";
    attention.query = splitHeads(node, sum(node, query, part(node, bias, 0, 0, q)), heads);
    attention.key = byHeads(node, key, part(node, bias, 0, q, q), heads);
    attention.value = byHeads(node, value, part(node, bias, 0, 2 * q, v), heads);
  } else {
    attention.query = splitHeads(node, query, heads);
    attention.key = byHeads(node, key, {}, heads);
    attention.value = byHeads(node, value, {}, heads);
  }
  if (!attention.query || !attention.key || !attention.value) return failure();
  if (attention.causal && failed(knowPast(node, pastKey, 2))) return failure();
  if (pastKey && node.rank(pastKey) == 4) attention.past = node.shape(pastKey)[2];
  attention.key = append(node, pastKey, attention.key), attention.value = append(node, pastValue, attention.value);
  if (!attention.key || !attention.value) return failure();
  ArrayRef<int64_t> q = node.shape(attention.query);
  FailureOr<Value> mask = maskAndBias(node, 4, node.operand(5), q[0], q[2], node.shape(attention.key)[2], node.type(query).getElementType());
  if (failed(mask)) return failure();
  attention.mask = *mask;
  attention.scale = attentionScale(node, q[3]);
  Value results[] = {joinHeads(node, attention.build(node)), attention.key, attention.value};
  return node.results(ArrayRef<Value>(results).take_front(node.numResults()));
}

/// Positions are rows of the tables, or, with one number, count from it.
static LogicalResult importRotaryEmbedding(NodeBinder &node) {
  Value x = node.operand(0), positions = node.operand(1), tables[] = {node.operand(2), node.operand(3)};
  int64_t heads = node.intAttr("num_heads", 0, notNegative), rotated = node.intAttr("rotary_embedding_dim", 0, notNegative);
  bool interleaved = node.intAttr("interleaved", 0, flag), flat = node.rank(x) == 3;
  double factor = node.floatAttr("scale", 1);
  if (node.rank(tables[0]) != 2) return node.error() << "input 2 ('cos_cache') is " << node.type(tables[0]) << "; its rank must be 2";
  const int64_t pairs = node.shape(tables[0])[1];
  if (rotated != 0 && rotated != 2 * pairs)
    return node.error() << "attribute 'rotary_embedding_dim' is " << rotated << "; it must be twice the " << pairs << " columns of the tables";
  if (flat && heads == 0 && rotated == 0) heads = node.shape(x)[2] / (2 * pairs);
  if (flat) x = splitHeads(node, x, heads);
  if (!x) return failure();
  if (node.rank(x) != 4) return node.error() << "the input is " << node.type(x) << "; its rank must be 3 or 4";
  const int64_t rows = node.shape(x)[2];
  if (node.type(positions).getNumElements() == 1) {
    Value from = node.cast(node.reshape(positions, {1, 1}), node.builder.getI64Type());
    positions = sum(node, from, node.counted(rows, {1, rows}));
  }
  for (Value &table : tables) {
    table = node.create<dnn::GatherOp>(table, positions, node.i64(0));
    if (factor != 1 && table)
      table = node.pointwise({table}, [&](Chain &chain, ValueRange v) { return chain.fn("mul", {v[0], chain.constant(factor, v[0].getType())}); });
  }
  Value y = node.create<dnn::RotaryOp>(x, tables[0], tables[1], node.boolean(interleaved));
  return node.result(flat ? joinHeads(node, y) : y);
}

/// Normalization of x + skip + bias, which may be a result too. The mean and the deviation are results of training only.
static Handler skipNorm(bool rms) {
  return [rms](NodeBinder &node) -> LogicalResult {
    Value beta = rms ? Value() : node.operand(3), bias = node.operand(rms ? 3 : 4);
    double epsilon = node.floatAttr("epsilon", 1e-12f);
    for (int i : {1, 2})
      if (i < node.numResults() && !node.node.output(i).empty())
        return node.error() << "output " << i << " ('" << node.node.output(i) << "') is not supported; it is for training";
    Value x = sum(node, sum(node, node.operand(0), node.operand(1)), bias);
    if (!x) return failure();
    Value y = node.create<dnn::LayerNormOp>(x, node.operand(2), beta, node.i64(node.rank(x) - 1), node.f64(epsilon), node.boolean(rms));
    Value all[] = {y, y, y, x};
    return node.results(ArrayRef<Value>(all).take_front(node.numResults()));
  };
}

static LogicalResult importEmbedLayerNorm(NodeBinder &node) {
  Value ids = node.operand(0), segments = node.operand(1), mask = node.operand(7), positions = node.operand(8);
  double epsilon = node.floatAttr("epsilon", 1e-12f);
  node.attr("mask_index_type");
  if (node.rank(ids) != 2) return node.error() << "input 0 ('input_ids') is " << node.type(ids) << "; its rank must be 2";
  const int64_t batch = node.shape(ids)[0], rows = node.shape(ids)[1];
  auto row = [&](unsigned table, Value index) { return node.create<dnn::GatherOp>(node.operand(table), index, node.i64(0)); };
  if (!positions) {
    positions = node.counted(rows, {1, rows});
  }
  Value x = sum(node, row(2, ids), row(3, positions));
  if (segments && node.operand(4)) x = sum(node, x, row(4, segments));
  if (!x) return failure();
  Value y = node.create<dnn::LayerNormOp>(x, node.operand(5), node.operand(6), node.i64(2), node.f64(epsilon), node.boolean(false));
  if (node.numResults() == 1) return node.result(y);
  Type i32 = node.builder.getI32Type(); // how many tokens count
  Value count = mask ? node.reshape(node.reduce(node.cast(mask, i32), dnn::ReduceKind::Sum, {1}), {batch})
                     : node.constant(makeConstant<int32_t>(RankedTensorType::get({batch}, i32), std::vector<int32_t>(batch, 0)));
  Value all[] = {y, count, x};
  return node.results(ArrayRef<Value>(all).take_front(node.numResults()));
}

void registerTransformers(Registry &registry) {
  registry.on("com.microsoft.Attention", 1, "F F F? I? F? F?", importAttention).results(2).allowInts("do_rotary", {0}).allowInts("past_present_share_buffer", {0});
  registry.on("com.microsoft.MultiHeadAttention", 1, "F F? F? F? I? F? F? F? I? I?", importMultiHeadAttention).results(3);
  registry.on("com.microsoft.RotaryEmbedding", 1, "F L F F", importRotaryEmbedding).allowInts("is_packed_batching", {0});
  registry.on("com.microsoft.SkipLayerNormalization", 1, "F F F F? F?", skipNorm(false)).results(4);
  registry.on("com.microsoft.SkipSimplifiedLayerNormalization", 1, "F F F F?", skipNorm(true)).results(4);
  registry.on("com.microsoft.EmbedLayerNormalization", 1, "I I? F F F? F F I? I?", importEmbedLayerNorm).results(3);
}

} // namespace dnnc::importer
