// Scan, and its version 8 with a batch dim.
#include "compiler/import/Loop.h"

#include <climits>

using namespace mlir;

namespace dnnc::importer {

namespace {

/// One axis per tensor, counted from 0; \p ranks are those of the whole tensors.
std::optional<SmallVector<int64_t>> axesOf(NodeBinder &node, StringRef name, ArrayRef<int64_t> ranks) {
  Ints given = node.intsAttr(name, int64_t(ranks.size()), 0, {-8, 7});
  SmallVector<int64_t> axes;
  for (auto [value, rank] : llvm::zip(given, ranks)) {
    std::optional<int64_t> axis = node.axis(name, value, rank);
    if (!axis) return std::nullopt;
    axes.push_back(*axis);
  }
  return axes;
}

SmallVector<bool> directionsOf(NodeBinder &node, StringRef name, int64_t count) {
  SmallVector<bool> reversed;
  for (int64_t value : node.intsAttr(name, count, 0, flag)) reversed.push_back(value == 1);
  return reversed;
}

/// Reads num_scan_inputs and body, and takes operands from \p first on apart.
LogicalResult readScan(NodeBinder &node, unsigned first, LoopParts &parts) {
  parts.isScan = true;
  parts.body = node.graphAttr("body");
  int64_t operands = int64_t(node.numOperands()) - first;
  int64_t scanned = node.intAttr("num_scan_inputs", std::nullopt, {1, std::max<int64_t>(operands, 1)});
  if (!parts.body || scanned > operands) return failure();
  for (unsigned i = first; i < node.numOperands(); ++i) {
    if (!node.operand(i)) return node.error() << "input " << i << " is missing; it is not optional";
    (int64_t(i - first) < operands - scanned ? parts.carried : parts.scanned).push_back(node.operand(i));
  }
  return success();
}

LogicalResult importScan(NodeBinder &node) {
  LoopParts parts;
  if (failed(readScan(node, 0, parts))) return failure();
  SmallVector<int64_t> ranks;
  for (Value value : parts.scanned) ranks.push_back(node.rank(value));
  auto axes = axesOf(node, "scan_input_axes", ranks);
  if (!axes) return failure();
  parts.scanAxes = *axes;
  parts.scanReversed = directionsOf(node, "scan_input_directions", int64_t(ranks.size()));
  for (auto [i, value] : llvm::enumerate(parts.scanned)) {
    int64_t size = node.shape(value)[parts.scanAxes[i]];
    if (parts.count && *parts.count != size)
      return node.error() << "scan input " << i << " is " << node.type(value) << ", with " << size << " elements along axis "
                          << parts.scanAxes[i] << "; the first has " << *parts.count;
    parts.count = size;
  }
  int64_t stacks = std::max<int64_t>(parts.body->output_size() - int64_t(parts.carried.size()), 0);
  parts.stackReversed = directionsOf(node, "scan_output_directions", stacks);
  parts.stackAxes = node.intsAttr("scan_output_axes", stacks, 0, {-8, 7});
  FailureOr<SmallVector<Value>> results = buildLoop(node, std::move(parts));
  if (failed(results)) return failure();
  results->truncate(node.numResults());
  return node.results(*results);
}

/// Version 8 has a batch dim in front of everything, and the body knows nothing of it: a loop over the batch around the scan.
LogicalResult importBatchedScan(NodeBinder &node) {
  LoopParts parts;
  if (failed(readScan(node, 1, parts))) return failure();
  int64_t stacks = std::max<int64_t>(parts.body->output_size() - int64_t(parts.carried.size()), 0);
  parts.scanReversed = directionsOf(node, "directions", int64_t(parts.scanned.size()));
  parts.scanAxes.assign(parts.scanned.size(), 0);
  parts.stackAxes.assign(stacks, 0);
  parts.stackReversed.assign(stacks, false);
  SmallVector<Value> operands(parts.carried);
  llvm::append_range(operands, parts.scanned);
  int64_t batch = -1;
  for (auto [i, value] : llvm::enumerate(operands)) {
    bool isScanned = i >= parts.carried.size();
    if (node.rank(value) < (isScanned ? 2 : 1))
      return node.error() << "input " << i + 1 << " is " << node.type(value) << "; it must have a batch dim" << (isScanned ? " and a sequence dim" : "");
    if (batch < 0) batch = node.shape(value)[0];
    if (node.shape(value)[0] != batch)
      return node.error() << "input " << i + 1 << " is " << node.type(value) << "; the first dim of the others is " << batch;
    if (!isScanned) continue;
    int64_t length = node.shape(value)[1];
    if (parts.count.value_or(length) != length)
      return node.error() << "input " << i + 1 << " is " << node.type(value) << "; the sequences of the others have " << *parts.count << " elements";
    parts.count = length;
  }
  if (node.operand(0)) {
    std::optional<Ints> lengths = node.constantInts(0, "sequence_lens");
    if (!lengths) return failure();
    for (int64_t length : *lengths)
      if (length != *parts.count)
        return node.error() << "input 0 ('sequence_lens') is [" << *lengths << "]; sequences shorter than " << *parts.count << " are not supported";
  }

  if (failed(node.refuseBounded(operands, "an input"))) return failure();
  OpBuilder &builder = node.builder;
  Region region;
  Block &block = region.emplaceBlock();
  block.addArgument(RankedTensorType::get({}, builder.getI64Type()), node.loc);
  for (auto [i, value] : llvm::enumerate(operands)) {
    Value slice = block.addArgument(RankedTensorType::get(node.shape(value).drop_front(), node.type(value).getElementType()), node.loc);
    (i < parts.carried.size() ? parts.carried[i] : parts.scanned[i - parts.carried.size()]) = slice;
  }
  SmallVector<Type> types;
  {
    OpBuilder::InsertionGuard guard(builder);
    Bounds::Scope scope(node.bounds());
    builder.setInsertionPointToEnd(&block);
    FailureOr<SmallVector<Value>> results = buildLoop(node, std::move(parts));
    if (failed(results)) return failure();
    results->truncate(node.numResults());
    if (failed(node.refuseBounded(*results, "an output of the scan"))) return failure();
    builder.create<dnn::YieldOp>(node.loc, *results);
    for (Value result : *results) {
      Ints shape(node.shape(result));
      shape.insert(shape.begin(), batch);
      types.push_back(RankedTensorType::get(shape, node.type(result).getElementType()));
      if (!node.fits(cast<RankedTensorType>(types.back()))) return failure();
    }
  }
  SmallVector<int64_t> firstIn(operands.size(), 0), firstOut(types.size(), 0);
  auto op = builder.create<dnn::LoopOp>(node.loc, types, Value(), Value(), ValueRange(), operands, node.i64(batch), node.i64s(firstIn),
                                        builder.getDenseBoolArrayAttr(SmallVector<bool>(operands.size(), false)), node.i64s(firstOut),
                                        builder.getDenseBoolArrayAttr(SmallVector<bool>(types.size(), false)));
  op.getBody().takeBody(region);
  return node.results(SmallVector<Value>(op.getResults()));
}

} // namespace

void registerScans(Registry &registry) {
  registry.on("Scan", 8, "L? A*", importBatchedScan).results(INT_MAX);
  registry.on("Scan", 9, "A*", importScan).results(INT_MAX);
}

} // namespace dnnc::importer
