// GroupQueryAttention of com.microsoft: attention over a cache of keys and values, into which the rows of this call are written first.
#include "compiler/import/Attention.h"
#include "compiler/import/RunTime.h"

#include <cmath>

using namespace mlir;

namespace dnnc::importer {

namespace {
enum Operand { Query, Key, Value_, PastKey, PastValue, Lengths, Total, Cos, Sin, Positions, Bias, Sink };

class GroupQuery {
public:
  explicit GroupQuery(NodeBinder &node) : node(node), run(node) {}

  LogicalResult import() {
    if (failed(readOperands()) || failed(readPlaces()) || failed(rotate())) return failure();
    Value keys = written(PastKey, attention.key), values = written(PastValue, attention.value);
    attention.key = keys, attention.value = values;
    if (!keys || !values || failed(mask())) return failure();
    Value all[] = {joinHeads(node, attention.build(node)), keys, values};
    return node.results(ArrayRef<Value>(all).take_front(node.numResults()));
  }

private:
  LogicalResult readOperands() {
    heads = node.intAttr("num_heads", std::nullopt, positive);
    kvHeads = node.intAttr("kv_num_heads", std::nullopt, positive);
    window = node.intAttr("local_window_size", -1, {-1, maxDim});
    attention.softcap = node.floatAttr("softcap", 0);
    Value query = node.operand(Query), key = node.operand(Key), value = node.operand(Value_);
    if (node.operand(Sink)) return node.error() << "input 11 ('head_sink', here '" << node.node.input(Sink) << "') is not supported; leave it out";
    if (node.rank(query) != 3) return node.error() << "input 0 ('query') is " << node.type(query) << "; its rank must be 3";
    if (!key != !value) return node.error() << "has one of 'key' and 'value'; they must be used together";
    batch = node.shape(query)[0], rows = node.shape(query)[1];
    if (!key) { // the three side by side
      const int64_t columns = node.shape(query)[2];
      if (columns % (heads + 2 * kvHeads))
        return node.error() << "input 0 ('query') is " << node.type(query) << "; its columns must be those of " << heads << " heads and 2 times " << kvHeads;
      const int64_t d = columns / (heads + 2 * kvHeads);
      auto part = [&](int64_t first, int64_t count) {
        return node.create<dnn::SliceOp>(node.operand(Query), node.i64s({0, 0, first * d}), node.i64s({batch, rows, count * d}), node.i64s({1, 1, 1}), UnitAttr());
      };
      query = part(0, heads), key = part(heads, kvHeads), value = part(heads + kvHeads, kvHeads);
    }
    attention.query = splitHeads(node, query, heads);
    attention.key = splitHeads(node, key, kvHeads);
    attention.value = splitHeads(node, value, kvHeads);
    if (!attention.query || !attention.key || !attention.value) return failure();
    if (node.shape(key)[0] != batch || node.shape(key)[1] != rows || node.shape(value).take_front(2) != node.shape(key).take_front(2))
      return node.error() << "query, key and value are " << node.type(query) << ", " << node.type(key) << " and " << node.type(value)
                          << "; their first two dims must be equal";
    attention.scale = attentionScale(node, node.shape(attention.query)[3]);
    return success();
  }

  /// The length of the cache, and where in it the rows of this call begin.
  LogicalResult readPlaces() {
    Value lengths = run.operand(Lengths), total = run.operand(Total);
    if (!lengths || !total || node.shape(lengths)[0] != batch || node.shape(total)[0] != 1)
      return node.error() << "inputs 5 ('seqlens_k') and 6 ('total_sequence_length') are " << node.type(node.operand(Lengths)) << " and "
                          << node.type(node.operand(Total)) << "; they must have " << batch << " elements and one";
    Value past = node.operand(PastKey);
    if (!past != !node.operand(PastValue)) return node.error() << "has one of 'past_key' and 'past_value'; they must be used together";
    if (past && node.rank(past) != 4) return node.error() << "input 3 ('past_key') is " << node.type(past) << "; its rank must be 4";
    kept = past ? node.shape(past)[2] : 0;
    if (ElementsAttr known = node.constantOf(total))
      cache = std::max(kept, constantValues<int64_t>(known).front());
    else if (auto declared = node.numResults() > 1 ? node.resultShape(1) : std::nullopt; declared && declared->size() == 4)
      cache = (*declared)[2];
    else if (past)
      cache = kept; // a buffer that is filled bit by bit
    else
      cache = rows;
    if (cache < std::max(kept, rows) || cache > maxDim)
      return node.error() << "input 6 ('total_sequence_length', here '" << node.node.input(Total) << "') or the declared shape of 'present_key' makes the cache "
                          << cache << " rows long; it must be between " << std::max(kept, rows) << " and " << maxDim;
    // Of a first call rows that do not count stand behind the others; of later ones there are none.
    first = run.map({lengths, total}, [&](Chain &chain, ValueRange x) {
      Type type = x[0].getType();
      Value past = chain.fn("sub", {x[0], chain.constant(double(rows - 1), type)});
      return chain.fn("where", {chain.boolean("equal", {x[1], chain.constant(double(rows), type)}), chain.constant(0, type), past}, type);
    });
    if (!first) return failure();
    if (ElementsAttr known = node.constantOf(first)) {
      std::vector<int64_t> list = constantValues<int64_t>(known);
      if (llvm::all_equal(list)) knownFirst = list.front();
      for (int64_t value : list)
        if (value < 0 || value + rows > cache)
          return node.error() << "input 5 ('seqlens_k', here '" << node.node.input(Lengths) << "') lets the " << rows << " rows of this call begin at row "
                              << value << "; that must be between 0 and " << cache - rows;
      return success();
    }
    Value fits = run.map({first}, [&](Chain &chain, ValueRange x) {
      Type type = x[0].getType();
      return chain.boolean("logical_and", {chain.boolean("greater_equal", {x[0], chain.constant(0, type)}),
                                           chain.boolean("less_equal", {x[0], chain.constant(double(cache - rows), type)})});
    });
    node.check(fits, Lengths, "seqlens_k", "must let the " + Twine(rows) + " rows of this call begin between row 0 and " + Twine(cache - rows) + " of the cache");
    return success();
  }

  Value firstOfBatch(ArrayRef<int64_t> shape) { return node.reshape(first, shape); }

  LogicalResult rotate() {
    bool rotary = node.intAttr("do_rotary", 0, flag), interleaved = node.intAttr("rotary_interleaved", 0, flag);
    if (!rotary) return success();
    Value tables[] = {node.operand(Cos), node.operand(Sin)}, positions = node.operand(Positions);
    if (!tables[0] || !tables[1]) return node.error() << "attribute 'do_rotary' is 1; inputs 7 ('cos_cache') and 8 ('sin_cache') are missing";
    if (node.rank(tables[0]) != 2) return node.error() << "input 7 ('cos_cache') is " << node.type(tables[0]) << "; its rank must be 2";
    if (!positions)
      positions = node.pointwise({firstOfBatch({batch, 1}), node.counted(rows, {1, rows})},
                                 [](Chain &chain, ValueRange x) { return chain.fn("add", x); });
    for (Value &table : tables) table = node.create<dnn::GatherOp>(table, positions, node.i64(0));
    for (Value *x : {&attention.query, &attention.key}) {
      *x = node.create<dnn::RotaryOp>(*x, tables[0], tables[1], node.boolean(interleaved));
      if (!*x) return failure();
    }
    return success();
  }

  /// The cache with the rows of this call.
  Value written(unsigned index, Value update) {
    Value past = node.operand(index);
    Ints shape(node.shape(update));
    shape[2] = kept;
    if (past && node.shape(past) != ArrayRef<int64_t>(shape))
      return node.error() << "input " << index << " ('" << node.node.input(index) << "') is " << node.type(past) << "; it must be [" << shape << "]", Value();
    if (knownFirst == kept && cache == kept + rows)
      return kept ? node.create<dnn::ConcatOp>(ValueRange{past, update}, node.i64(2), DenseBoolArrayAttr()) : update;
    shape[2] = cache;
    auto type = RankedTensorType::get(shape, node.type(update).getElementType());
    if (!node.fits(type)) return {};
    if (!past || kept == 0) {
      Value zero = createConstant(node.builder, node.loc, RankedTensorType::get({}, type.getElementType()), {0.0});
      past = node.broadcast(zero, shape);
    } else if (kept < cache) {
      past = node.create<dnn::PadOp>(past, node.i64s({0, 0, 0, 0, 0, 0, cache - kept, 0}), node.str("constant"), node.f64(0));
    }
    return writeRows(node, past, update, first, 2, /*circular=*/false);
  }

  /// Query i sees the rows up to its own, and of those the last ones where there is a window.
  LogicalResult mask() {
    Value bias = node.operand(Bias);
    if (knownFirst && window < 0) {
      attention.causal = true;
      attention.past = *knownFirst;
    } else {
      Value last = node.pointwise({firstOfBatch({batch, 1, 1, 1}), node.counted(rows, {1, 1, rows, 1})}, [](Chain &chain, ValueRange x) { return chain.fn("add", x); });
      attention.mask = node.pointwise({last, node.counted(cache, {1, 1, 1, cache})}, [&](Chain &chain, ValueRange x) {
        Value sees = chain.boolean("less_equal", {x[1], x[0]});
        if (window < 0) return sees;
        Value distance = chain.fn("sub", {x[0], x[1]});
        return chain.boolean("logical_and", {sees, chain.boolean("less", {distance, chain.constant(double(window), distance.getType())})});
      });
      if (!attention.mask) return failure();
    }
    if (bias && node.rank(bias) == 4 && node.shape(bias)[3] < cache) { // of the rows that count
      Ints pads(8, 0);
      pads[7] = cache - node.shape(bias)[3];
      bias = node.create<dnn::PadOp>(bias, node.i64s(pads), node.str("constant"), node.f64(0));
    }
    if (bias) attention.mask = joinMasks(node, bias, attention.mask);
    return success(!bias || attention.mask);
  }

  NodeBinder &node;
  RunTime run;
  Attention attention;
  int64_t batch = 0, rows = 0, heads = 0, kvHeads = 0, window = -1;
  int64_t kept = 0, cache = 0; ///< rows of past_key and of present_key
  Value first;                 ///< [batch]: where the rows of this call begin in the cache
  std::optional<int64_t> knownFirst;
};
} // namespace

void registerGroupQuery(Registry &registry) {
  registry.on("com.microsoft.GroupQueryAttention", 1, "F F? F? F? F? I I F? F? L? F? F?", [](NodeBinder &node) { return GroupQuery(node).import(); })
      .results(3)
      .allowInts("smooth_softmax", {-1, 0})
      .allowInts("qk_output", {0})
      .allowInts("kv_cache_bit_width", {0})
      .allow("k_quant_type", {"NONE"})
      .allow("v_quant_type", {"NONE"});
}

} // namespace dnnc::importer
