// Few iterations of a small body are put in place one behind the other, which lets everything fuse; others become dnn.loop.
#include "compiler/import/Loop.h"

using namespace mlir;

namespace dnnc::importer {

namespace {

constexpr int64_t maxUnrolledNodes = 64; ///< of all iterations together

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
    if (int given = int(parts.carried.size() + parts.stackAxes.size()); node.numResults() > given)
      return node.error() << "has " << node.numResults() << " outputs; its inputs and the body give " << given;
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

} // namespace

FailureOr<SmallVector<Value>> buildLoop(NodeBinder &node, LoopParts parts) { return LoopImporter(node, std::move(parts)).run(); }

} // namespace dnnc::importer
