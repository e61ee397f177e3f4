// Loop and Scan. Few iterations of a small body are put in place one behind the other, which lets everything fuse; others become dnn.loop.
#include "compiler/import/NodeBinder.h"

#include <climits>

using namespace mlir;

namespace dnnc::importer {

namespace {

constexpr int64_t maxUnrolledNodes = 64; ///< of all iterations together

/// What Loop and Scan have in common.
struct LoopParts {
  const onnx::GraphProto *body = nullptr;
  bool isScan = false;                      ///< the body has neither number nor condition
  std::optional<int64_t> count;             ///< known number of iterations, or the bound where there is also trips
  Value trips, cond;                        ///< known at run time only; null otherwise
  SmallVector<Value> carried, scanned;
  SmallVector<int64_t> scanAxes;  ///< counted from 0
  SmallVector<int64_t> stackAxes; ///< as given
  SmallVector<bool> scanReversed, stackReversed;
};

int64_t countNodes(const onnx::GraphProto &graph) {
  int64_t count = graph.node_size();
  for (const onnx::NodeProto &node : graph.node())
    for (const onnx::AttributeProto &attribute : node.attribute())
      if (attribute.type() == onnx::AttributeProto::GRAPH) count += countNodes(attribute.g());
  return count;
}

class LoopImporter {
public:
  LoopImporter(NodeBinder &node, LoopParts parts) : node(node), builder(node.builder), parts(std::move(parts)) {}

  FailureOr<SmallVector<Value>> run() {
    const onnx::GraphProto &body = *parts.body;
    int inputs = int(parts.carried.size() + parts.scanned.size()) + (parts.isScan ? 0 : 2);
    int outputs = int(parts.carried.size() + parts.stackAxes.size()) + (parts.isScan ? 0 : 1);
    if (body.input_size() != inputs)
      return node.error() << "the body has " << body.input_size() << " inputs; with the node's inputs it must have " << inputs;
    if (body.output_size() != outputs)
      return node.error() << "the body has " << body.output_size() << " outputs; with the node's outputs it must have " << outputs;
    if (parts.count && !parts.trips && !parts.cond && *parts.count * std::max<int64_t>(countNodes(body), 1) <= maxUnrolledNodes) {
      FailureOr<SmallVector<Value>> results = unroll();
      if (failed(results) || !results->empty()) return results;
    }
    return loop();
  }

private:
  std::string carriedName(size_t i) const { return parts.body->input(int(i) + (parts.isScan ? 0 : 2)).name(); }

  LogicalResult checkCarried(ArrayRef<Value> next) {
    for (auto [i, pair] : llvm::enumerate(llvm::zip(parts.carried, next)))
      if (auto [before, after] = pair; before.getType() != after.getType())
        return node.error() << "the body changes loop-carried value " << i << " ('" << carriedName(i) << "') from " << before.getType()
                            << " to " << after.getType() << "; its shape and type must stay as they are";
    return success();
  }

  /// What the body is called with.
  SmallVector<Value> inputsOf(Value counter, ArrayRef<Value> carried, ArrayRef<Value> slices) {
    SmallVector<Value> inputs;
    // An iteration runs only where the condition holds.
    if (!parts.isScan) inputs = {counter, node.constant(DenseElementsAttr::get(scalar(builder.getI1Type()), true))};
    llvm::append_range(inputs, carried);
    llvm::append_range(inputs, slices);
    return inputs;
  }

  static RankedTensorType scalar(Type type) { return RankedTensorType::get({}, type); }
  static std::optional<bool> knownBool(ElementsAttr attr) {
    return attr ? std::optional(constantValues<int64_t>(attr).front() != 0) : std::nullopt;
  }

  /// The iterations one behind the other; empty, and nothing used, where a condition turns out to be known at run time only.
  FailureOr<SmallVector<Value>> unroll() {
    SmallVector<Value> carried = parts.carried;
    std::vector<SmallVector<Value>> stacks(parts.stackAxes.size());
    int64_t ran = 0;
    for (bool goOn = true; goOn && ran < *parts.count; ++ran) {
      SmallVector<Value> slices;
      for (size_t i = 0; i < parts.scanned.size(); ++i) slices.push_back(sliceAt(i, ran));
      FailureOr<SmallVector<Value>> outputs = node.inlineGraph(*parts.body, inputsOf(node.constantI64({ran}, {}), carried, slices));
      if (failed(outputs)) return failure();
      ArrayRef<Value> rest(*outputs);
      if (!parts.isScan) {
        std::optional<bool> known = knownBool(node.constantOf(rest.front()));
        if (!known) return SmallVector<Value>();
        goOn = *known;
        rest = rest.drop_front();
      }
      if (failed(checkCarried(rest.take_front(carried.size())))) return failure();
      carried.assign(rest.begin(), rest.begin() + carried.size());
      for (auto [stack, value] : llvm::zip(stacks, rest.drop_front(carried.size()))) stack.push_back(value);
    }
    for (auto [i, stack] : llvm::enumerate(stacks)) {
      if (stack.empty()) return node.error() << "no iteration runs; scan output " << i << " would be empty";
      carried.push_back(stackOf(i, stack));
      if (!carried.back()) return failure();
    }
    return carried;
  }

  Value sliceAt(size_t i, int64_t iteration) {
    RankedTensorType type = node.type(parts.scanned[i]);
    int64_t axis = parts.scanAxes[i];
    Ints starts(type.getRank(), 0), sizes(type.getShape()), steps(type.getRank(), 1), shape(type.getShape());
    starts[axis] = parts.scanReversed[i] ? type.getDimSize(axis) - 1 - iteration : iteration;
    sizes[axis] = 1;
    shape.erase(shape.begin() + axis);
    Value slice = node.create<dnn::SliceOp>(parts.scanned[i], node.i64s(starts), node.i64s(sizes), node.i64s(steps), UnitAttr());
    return node.reshape(slice, shape);
  }

  std::optional<int64_t> stackAxis(size_t i, Value value) { return node.axis("scan_output_axes", parts.stackAxes[i], node.rank(value) + 1); }

  Value stackOf(size_t i, SmallVector<Value> values) {
    std::optional<int64_t> axis = stackAxis(i, values.front());
    if (!axis) return {};
    if (parts.stackReversed[i]) std::reverse(values.begin(), values.end());
    for (Value &value : values) {
      Ints shape(node.shape(value));
      shape.insert(shape.begin() + *axis, 1);
      value = node.reshape(value, shape);
    }
    return values.size() == 1 ? values.front() : node.create<dnn::ConcatOp>(ValueRange(values), node.i64(*axis), DenseBoolArrayAttr());
  }

  FailureOr<SmallVector<Value>> loop() {
    if (failed(node.refuseBounded(parts.carried, "a carried value")) || failed(node.refuseBounded(parts.scanned, "a scan input"))) return failure();
    Region region;
    Block &block = region.emplaceBlock();
    Value counter = block.addArgument(scalar(builder.getI64Type()), node.loc);
    SmallVector<Value> carried, slices;
    for (Value value : parts.carried) carried.push_back(block.addArgument(value.getType(), node.loc));
    for (auto [value, axis] : llvm::zip(parts.scanned, parts.scanAxes)) {
      Ints shape(node.shape(value));
      shape.erase(shape.begin() + axis);
      slices.push_back(block.addArgument(RankedTensorType::get(shape, node.type(value).getElementType()), node.loc));
    }
    Value cond = parts.cond;
    bool needsCond = false;
    SmallVector<int64_t> axes;
    SmallVector<Type> types(ValueRange(parts.carried).getTypes());
    {
      OpBuilder::InsertionGuard guard(builder);
      Bounds::Scope scope(node.bounds());
      builder.setInsertionPointToEnd(&block);
      FailureOr<SmallVector<Value>> outputs = node.inlineGraph(*parts.body, inputsOf(counter, carried, slices));
      if (failed(outputs)) return failure();
      SmallVector<Value> next(*outputs);
      if (failed(node.refuseBounded(next, "an output of the body"))) return failure();
      if (!parts.isScan && !cond && knownBool(node.constantOf(next.front())) == true) next.erase(next.begin());
      bool hasCond = next.size() > carried.size() + parts.stackAxes.size();
      if (hasCond && node.type(next.front()).getNumElements() != 1)
        return node.error() << "the body's condition is " << node.type(next.front()) << "; it must be one bool";
      ArrayRef<Value> values = ArrayRef<Value>(next).drop_front(hasCond);
      if (failed(checkCarried(values.take_front(carried.size())))) return failure();
      if (!hasCond && !parts.count && !parts.trips) return node.error() << "never ends: it has no trip count, and its condition stays true";
      if (hasCond && !parts.stackAxes.empty() && !parts.count)
        return node.error() << "has scan outputs, whose number is known at run time only";
      for (auto [i, value] : llvm::enumerate(values.drop_front(carried.size()))) {
        std::optional<int64_t> axis = stackAxis(i, value);
        if (!axis) return failure();
        axes.push_back(*axis);
        Ints shape(node.shape(value));
        shape.insert(shape.begin() + *axis, *parts.count);
        types.push_back(RankedTensorType::get(shape, node.type(value).getElementType()));
        if (!node.fits(cast<RankedTensorType>(types.back()))) return failure();
      }
      builder.create<dnn::YieldOp>(node.loc, next);
      needsCond = hasCond;
    }
    if (needsCond && !cond) cond = node.constant(DenseElementsAttr::get(scalar(builder.getI1Type()), true));
    auto op = builder.create<dnn::LoopOp>(node.loc, types, parts.trips, cond, parts.carried, parts.scanned,
                                          parts.count ? node.i64(*parts.count) : IntegerAttr(), node.i64s(parts.scanAxes),
                                          builder.getDenseBoolArrayAttr(parts.scanReversed), node.i64s(axes),
                                          builder.getDenseBoolArrayAttr(parts.stackReversed));
    op.getBody().takeBody(region);
    return SmallVector<Value>(op.getResults());
  }

  NodeBinder &node;
  OpBuilder &builder;
  LoopParts parts;
};

//===----------------------------------------------------------------------===//
// Loop
//===----------------------------------------------------------------------===//

/// The number of iterations that the declared shapes of scan outputs say; none where none says it.
std::optional<int64_t> declaredCount(NodeBinder &node, int firstStack) {
  for (int i = firstStack; i < node.numResults(); ++i)
    if (auto shape = node.declaredShape(i); shape && !shape->empty() && shape->front() > 0) return shape->front();
    else if (auto whole = node.resultShape(int(i)); whole && !whole->empty() && whole->front() > 0) return whole->front();
  return std::nullopt;
}

LogicalResult importLoop(NodeBinder &node) {
  LoopParts parts;
  parts.body = node.graphAttr("body");
  if (!parts.body) return failure();
  for (auto [index, name] : {std::pair(0, "M"), std::pair(1, "cond")})
    if (Value value = node.operand(index); value && node.type(value).getNumElements() != 1)
      return node.error() << "input " << index << " ('" << name << "') is " << node.type(value) << "; it must be one value";
  for (unsigned i = 2; i < node.numOperands(); ++i) {
    if (!node.operand(i)) return node.error() << "input " << i << " is missing; loop-carried values need an initial value";
    parts.carried.push_back(node.operand(i));
  }
  int stacks = parts.body->output_size() - 1 - int(parts.carried.size());
  parts.stackAxes.assign(std::max(stacks, 0), 0);
  parts.stackReversed.assign(std::max(stacks, 0), false);

  bool never = false;
  if (Value trips = node.operand(0)) {
    if (ElementsAttr known = node.constantOf(trips))
      parts.count = std::max<int64_t>(constantValues<int64_t>(known).front(), 0);
    else
      parts.trips = trips;
  }
  if (Value cond = node.operand(1)) {
    if (ElementsAttr known = node.constantOf(cond))
      never = constantValues<int64_t>(known).front() == 0;
    else
      parts.cond = cond;
  }
  if (never) parts.count = 0, parts.trips = {};
  if (parts.count && *parts.count > maxDim)
    return node.error() << "input 0 ('M') is " << *parts.count << "; it must be at most " << maxDim
                        << (stacks > 0 ? "" : ", or be left out where a condition ends the loop");
  std::optional<int64_t> declared = stacks > 0 ? declaredCount(node, int(parts.carried.size())) : std::nullopt;
  if (declared && parts.count && *declared < *parts.count) parts.trips = node.operand(0), parts.count = declared; // a condition ends it
  if (!parts.count && stacks > 0) {
    parts.count = declared;
    if (!parts.count)
      return node.error() << "has scan outputs, and its number of iterations is known at run time only; declare the shape of scan output '"
                          << node.node.output(int(parts.carried.size())) << "' in the model";
  }
  FailureOr<SmallVector<Value>> results = LoopImporter(node, std::move(parts)).run();
  if (failed(results)) return failure();
  results->truncate(node.numResults());
  return node.results(*results);
}

//===----------------------------------------------------------------------===//
// Scan
//===----------------------------------------------------------------------===//

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
  FailureOr<SmallVector<Value>> results = LoopImporter(node, std::move(parts)).run();
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
    FailureOr<SmallVector<Value>> results = LoopImporter(node, std::move(parts)).run();
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

void registerLoops(Registry &registry) {
  registry.on("Loop", 1, "L? B? A*", importLoop).results(INT_MAX);
  registry.on("Scan", 8, "L? A*", importBatchedScan).results(INT_MAX);
  registry.on("Scan", 9, "A*", importScan).results(INT_MAX);
}

} // namespace dnnc::importer
