// Operators on time steps: ReverseSequence, TensorScatter and CausalConvWithState, composed of gathers, scatters and convolutions.
#include "compiler/import/Attention.h"

using namespace mlir;

namespace dnnc::importer {

/// Row (t, b) of the result is row (len[b] - 1 - t, b) while t < len[b], else the row itself.
static LogicalResult importReverseSequence(NodeBinder &node) {
  Value x = node.operand(0), lengths = node.operand(1);
  int64_t batchAxis = node.intAttr("batch_axis", 1, flag), timeAxis = node.intAttr("time_axis", 0, flag);
  if (batchAxis == timeAxis)
    return node.error() << "attributes 'batch_axis' and 'time_axis' are both " << timeAxis << "; one must be 0, the other 1";
  if (node.rank(x) < 2) return node.error() << "the input is " << node.type(x) << "; its rank must be at least 2";
  int64_t batch = node.shape(x)[batchAxis], time = node.shape(x)[timeAxis];
  if (node.shape(lengths) != ArrayRef<int64_t>{batch})
    return node.error() << "input 1 ('sequence_lens') is " << node.type(lengths) << "; it must have " << batch << " elements";
  bool timeFirst = timeAxis == 0;
  Ints alongTime = timeFirst ? Ints{time, 1} : Ints{1, time}, alongBatch = timeFirst ? Ints{1, batch} : Ints{batch, 1};
  Value step = node.counted(time, alongTime), sample = node.counted(batch, alongBatch);
  Value rows = node.pointwise({step, sample, node.reshape(lengths, alongBatch)}, [&](Chain &chain, ValueRange args) {
    Type i64 = args[0].getType();
    Value reversed = chain.fn("sub", {chain.fn("sub", {args[2], chain.constant(1, i64)}), args[0]});
    Value from = chain.fn("where", {chain.boolean("less", {args[0], args[2]}), reversed, args[0]}, i64);
    Value major = timeFirst ? from : args[1], minor = timeFirst ? args[1] : from;
    return chain.fn("add", {chain.fn("mul", {major, chain.constant(timeFirst ? batch : time, i64)}), minor});
  });
  Ints flat{batch * time};
  flat.append(node.shape(x).begin() + 2, node.shape(x).end());
  Value y = node.create<dnn::GatherOp>(node.reshape(x, flat), node.reshape(rows, {batch * time}), node.i64(0));
  return node.result(node.reshape(y, node.shape(x)));
}

/// Rows of the cache (the dims behind the axis) replaced from a position on that each sample of the batch gives.
static LogicalResult importTensorScatter(NodeBinder &node) {
  Value cache = node.operand(0), update = node.operand(1), start = node.operand(2);
  std::optional<int64_t> axis = node.axisAttr("axis", -2, node.rank(cache));
  bool circular = node.stringAttr("mode", "linear") == "circular";
  if (!axis) return failure();
  if (*axis == 0) return node.error() << "attribute 'axis' is 0, the batch dim; it must be another";
  bool fits = node.rank(update) == node.rank(cache);
  for (int64_t i = 0; fits && i < node.rank(cache); ++i)
    fits = i == *axis ? node.shape(update)[i] <= node.shape(cache)[i] : node.shape(update)[i] == node.shape(cache)[i];
  if (!fits) return node.error() << "the update is " << node.type(update) << "; it does not fit into the cache, " << node.type(cache);
  if (start && node.shape(start) != ArrayRef<int64_t>{node.shape(cache)[0]})
    return node.error() << "input 2 ('write_indices') is " << node.type(start) << "; it must have " << node.shape(cache)[0] << " elements";
  return node.result(writeRows(node, cache, update, start, *axis, circular));
}

Value writeRows(NodeBinder &node, Value cache, Value update, Value start, int64_t axis, bool circular) {
  int64_t batch = node.shape(cache)[0], length = node.shape(cache)[axis], steps = node.shape(update)[axis];
  int64_t between = countElements(node.shape(cache).slice(1, axis - 1)), inner = countElements(node.shape(cache).drop_front(axis + 1));
  if (!node.affords(2 * batch * (between + 1))) return {};
  if (!start) start = node.constantI64(Ints(batch, 0), {batch});
  Value first = node.reshape(start, {batch, 1, 1}), step = node.counted(steps, {1, 1, steps});
  Ints rowStarts;
  for (int64_t row = 0; row < batch * between; ++row) rowStarts.push_back(row * length);
  Value rowStart = node.constantI64(rowStarts, {batch, between, 1});
  Value rows = node.pointwise({first, step, rowStart}, [&](Chain &chain, ValueRange args) {
    Value at = chain.fn("add", {args[0], args[1]});
    if (circular) at = chain.fn("mod", {at, chain.constant(length, at.getType())});
    return chain.fn("add", {at, args[2]});
  });
  Value y = node.create<dnn::ScatterNDOp>(node.reshape(cache, {batch * between * length, inner}),
                                          node.reshape(rows, {batch * between * steps, 1}),
                                          node.reshape(update, {batch * between * steps, inner}), node.str("none"));
  return node.reshape(y, node.shape(cache));
}

static Value slice(NodeBinder &node, Value x, int64_t start, int64_t size) {
  Ints sizes(node.shape(x));
  sizes[2] = size;
  if (size == 0) return node.rawConstant(RankedTensorType::get(sizes, node.type(x).getElementType()), {});
  return node.create<dnn::SliceOp>(x, node.i64s({0, 0, start}), node.i64s(sizes), node.i64s({1, 1, 1}), UnitAttr());
}

/// A depthwise convolution of the input behind its state; the end of both is the next state.
static LogicalResult importCausalConv(NodeBinder &node) {
  Value x = node.operand(0), w = node.operand(1), bias = node.operand(2), past = node.operand(3);
  std::string activation = node.stringAttr("activation", "none");
  if (node.rank(x) != 3 || node.rank(w) != 3 || node.shape(w)[0] != node.shape(x)[1] || node.shape(w)[1] != 1)
    return node.error() << "the input is " << node.type(x) << " and the weight " << node.type(w)
                        << "; they must be [batch, channels, length] and [channels, 1, k]";
  int64_t batch = node.shape(x)[0], channels = node.shape(x)[1], length = node.shape(x)[2], k = node.shape(w)[2];
  Ints stateShape{batch, channels, k - 1};
  if (past && node.shape(past) != ArrayRef<int64_t>(stateShape))
    return node.error() << "input 3 ('past_state') is " << node.type(past) << "; its shape must be [" << stateShape << "]";
  Type element = node.type(x).getElementType();
  Value padded = x;
  if (k > 1) {
    if (!past)
      past = node.broadcast(node.constant(SplatElementsAttr::get(RankedTensorType::get({1}, element), node.builder.getZeroAttr(element))),
                            stateShape);
    if (!past) return failure();
    padded = node.create<dnn::ConcatOp>(ValueRange{past, x}, node.i64(2), DenseBoolArrayAttr());
  }
  if (!padded) return failure();
  // Sums of shifted inputs take weights that are data, too; fusion joins them.
  Value y = bias ? node.broadcast(node.reshape(bias, {channels, 1}), {channels, length}) : Value();
  for (int64_t i = 0; i < k; ++i) {
    SmallVector<Value> inputs{slice(node, padded, i, length), node.reshape(slice(node, w, i, 1), {channels, 1})};
    if (y) inputs.push_back(y);
    y = node.pointwise(inputs, [](Chain &chain, ValueRange args) {
      Value product = chain.fn("mul", args.take_front(2));
      return args.size() == 2 ? product : chain.fn("add", {args[2], product});
    });
  }
  if (activation != "none")
    y = node.pointwise({y}, [](Chain &chain, ValueRange args) { return chain.fn("mul", {args[0], chain.fn("sigmoid", args)}); });
  return node.results({y, slice(node, padded, length, k - 1)});
}

void registerSequences(Registry &registry) {
  registry.on("ReverseSequence", 10, "T L", importReverseSequence);
  registry.on("TensorScatter", 24, "T T L?", importTensorScatter).allow("mode", {"linear", "circular"});
  registry.on("CausalConvWithState", 27, "F F F? F?", importCausalConv).allow("activation", {"none", "silu", "swish"}).results(2);
}

} // namespace dnnc::importer
