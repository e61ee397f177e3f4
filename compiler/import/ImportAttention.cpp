// Attention, FlexAttention and RotaryEmbedding.
#include "compiler/import/Attention.h"

#include <cmath>

using namespace mlir;

namespace dnnc::importer {

/// In front of \p x, along the rows, what is kept from earlier calls.
static Value withPast(NodeBinder &node, Value past, Value x) {
  if (!past || !x) return x;
  return node.create<dnn::ConcatOp>(ValueRange{past, node.cast(x, node.type(past).getElementType())}, node.i64(2), DenseBoolArrayAttr());
}

/// From 24 on the mask's last dim may be shorter than the keys, which are then left out.
static Value padMask(NodeBinder &node, Value mask, int64_t keys) {
  if (!mask || node.rank(mask) == 0 || node.version() < 24 || node.shape(mask).back() >= keys) return mask;
  Ints pads(2 * node.rank(mask), 0);
  pads.back() = keys - node.shape(mask).back();
  bool isBool = node.type(mask).getElementType().isInteger(1);
  return node.create<dnn::PadOp>(mask, node.i64s(pads), node.str("constant"), node.f64(isBool ? 0 : -INFINITY));
}

/// The type in which softmax is to be computed: f64 where it is asked for, else that of the operands, whose kernels compute in f32 or better.
static std::optional<Type> softmaxType(NodeBinder &node, Type element) {
  int64_t precision = node.intAttr("softmax_precision", 1);
  if (precision == 11) return Float64Type::get(element.getContext());
  if (precision == 1 || precision == 10 || precision == 16) return element;
  node.error() << "attribute 'softmax_precision' is " << precision << "; it must be 1 (FLOAT), 10 (FLOAT16), 11 (DOUBLE) or 16 (BFLOAT16)";
  return std::nullopt;
}

static LogicalResult importAttention(NodeBinder &node) {
  Attention attention{node.operand(0), node.operand(1), node.operand(2), node.operand(3)};
  Value pastKey = node.operand(4), pastValue = node.operand(5), lengths = node.operand(6);
  Type element = node.type(attention.query).getElementType();
  bool causal = node.intAttr("is_causal", 0, flag), flat = node.rank(attention.query) == 3;
  int64_t mode = node.intAttr("qk_matmul_output_mode", 0, {0, 3}), heads = node.intAttr("q_num_heads", 0, notNegative),
          kvHeads = node.intAttr("kv_num_heads", 0, notNegative);
  attention.softcap = node.floatAttr("softcap", 0);
  std::optional<Type> computed = softmaxType(node, element);
  if (!computed) return failure();
  if (!pastKey != !pastValue) return node.error() << "has one of 'past_key' and 'past_value'; they must be used together";
  if (lengths && pastKey) return node.error() << "has both 'nonpad_kv_seqlen' and 'past_key'; they must not be used together";
  if (attention.softcap < 0) return node.error() << "attribute 'softcap' is " << attention.softcap << "; it must be at least 0";
  if (flat && (heads < 1 || kvHeads < 1))
    return node.error() << "attributes 'q_num_heads' and 'kv_num_heads' are " << heads << " and " << kvHeads
                        << "; with operands of rank 3, as " << node.type(attention.query) << ", both must be at least 1";
  if (flat) {
    attention.query = splitHeads(node, attention.query, heads);
    attention.key = splitHeads(node, attention.key, kvHeads);
    attention.value = splitHeads(node, attention.value, kvHeads);
  }
  for (Value operand : {attention.query, attention.key, attention.value}) {
    if (!operand) return failure();
    if (node.rank(operand) != 4) return node.error() << "an operand is " << node.type(operand) << "; query, key and value must all have rank 3 or 4";
  }
  attention.scale = attentionScale(node, node.shape(attention.query)[3]);
  if (causal && failed(knowPast(node, pastKey, 2))) return failure();
  attention.past = pastKey && node.rank(pastKey) == 4 ? node.shape(pastKey)[2] : 0;
  Value presentKey = attention.key = withPast(node, pastKey, attention.key), presentValue = attention.value = withPast(node, pastValue, attention.value);
  if (!attention.key || !attention.value) return failure();
  int64_t queries = node.shape(attention.query)[2], keys = node.shape(attention.key)[2];
  if (lengths && node.shape(lengths) != ArrayRef<int64_t>{node.shape(attention.query)[0]})
    return node.error() << "input 6 ('nonpad_kv_seqlen') is " << node.type(lengths) << "; it must have one element for each of the "
                        << node.shape(attention.query)[0] << " batches";
  attention.mask = padMask(node, attention.mask, keys);
  if (attention.mask && !node.type(attention.mask).getElementType().isInteger(1)) attention.mask = node.cast(attention.mask, *computed);
  if (lengths)
    attention.mask = joinMasks(node, attention.mask, visibleKeys(node, lengths, causal, 0, queries, keys));
  else
    attention.causal = causal;
  for (Value *operand : {&attention.query, &attention.key, &attention.value}) *operand = node.cast(*operand, *computed);

  bool showsScores = node.numResults() > 3 && !node.node.output(3).empty();
  Value shown, y;
  if (showsScores)
    y = buildScores(node, attention, [&](int stage, Value scores) { return stage == mode ? shown = scores : scores; });
  else
    y = attention.build(node);
  y = node.cast(flat ? joinHeads(node, y) : y, element);
  Value all[] = {y, presentKey, presentValue, showsScores ? node.cast(shown, element) : y};
  return node.results(ArrayRef<Value>(all).take_front(node.numResults()));
}

static LogicalResult importFlexAttention(NodeBinder &node) {
  Attention attention{node.operand(0), node.operand(1), node.operand(2), {}};
  Type element = node.type(attention.query).getElementType();
  std::optional<Type> computed = softmaxType(node, element);
  if (!computed) return failure();
  for (Value *operand : {&attention.query, &attention.key, &attention.value}) {
    if (node.rank(*operand) != 4) return node.error() << "an operand is " << node.type(*operand) << "; its rank must be 4";
    *operand = node.cast(*operand, *computed);
  }
  attention.scale = attentionScale(node, node.shape(attention.query)[3]);
  if (!node.hasAttr("score_mod") && !node.hasAttr("prob_mod")) return node.result(node.cast(attention.build(node), element));
  // The graphs see f32 where the operands have 16 bits.
  Type shown = element.getIntOrFloatBitWidth() < 32 && *computed == element ? node.builder.getF32Type() : *computed;
  auto modified = [&](StringRef name, Value scores) -> Value {
    if (!node.hasAttr(name)) return scores;
    const onnx::GraphProto *graph = node.graphAttr(name);
    if (!graph) return Value();
    auto results = node.inlineGraph(*graph, {node.cast(scores, shown)});
    if (failed(results)) return {};
    if (results->size() != 1 || node.shape(results->front()) != node.shape(scores))
      return node.error() << "attribute '" << name << "' must be a graph with one output of the shape of its input, " << node.type(scores), Value();
    return node.cast(results->front(), node.type(scores).getElementType());
  };
  Value y = buildScores(node, attention, [&](int stage, Value scores) {
    return stage == 2 ? modified("score_mod", scores) : stage == 3 ? modified("prob_mod", scores) : scores;
  });
  return node.result(node.cast(y, element));
}

/// Rows of the tables for each position, or the tables themselves, which then have rank 3.
static LogicalResult importRotaryEmbedding(NodeBinder &node) {
  Value x = node.operand(0), cos = node.operand(1), sin = node.operand(2), positions = node.operand(3);
  bool interleaved = node.intAttr("interleaved", 0, flag), flat = node.rank(x) == 3;
  int64_t heads = node.intAttr("num_heads", 0, notNegative), rotated = node.intAttr("rotary_embedding_dim", 0, notNegative);
  if (flat && heads == 0) return node.error() << "attribute 'num_heads' is 0; with an operand of rank 3, " << node.type(x) << ", it must be at least 1";
  if (flat) x = splitHeads(node, x, heads);
  if (!x) return failure();
  if (node.rank(x) != 4) return node.error() << "the input is " << node.type(x) << "; its rank must be 3 or 4";
  ArrayRef<int64_t> shape = node.shape(x);
  if (rotated == 0) rotated = shape[3];
  if (rotated > shape[3] || rotated % 2)
    return node.error() << "attribute 'rotary_embedding_dim' is " << rotated << "; it must be even and at most the head size, " << shape[3];
  for (Value *table : {&cos, &sin}) {
    if (positions) *table = node.create<dnn::GatherOp>(*table, positions, node.i64(0));
    if (!*table) return failure();
    if (node.rank(*table) != 3 || node.shape(*table) != ArrayRef<int64_t>{shape[0], shape[2], rotated / 2})
      return node.error() << "cosines and sines are " << node.type(*table) << "; they must be [" << shape[0] << ", " << shape[2] << ", " << rotated / 2
                          << "] for each batch, row and pair";
  }
  Value y = node.create<dnn::RotaryOp>(x, cos, sin, node.boolean(interleaved));
  return node.result(flat ? joinHeads(node, y) : y);
}

void registerAttention(Registry &registry) {
  registry.on("Attention", 23, "F F F2 A? F? F2?", importAttention).results(4);
  registry.on("Attention", 24, "F F F2 A? F? F2? L?", importAttention).results(4);
  registry.on("ai.onnx.preview.FlexAttention", 1, "F F F", importFlexAttention);
  registry.on("RotaryEmbedding", 23, "F F F L?", importRotaryEmbedding);
}

} // namespace dnnc::importer
