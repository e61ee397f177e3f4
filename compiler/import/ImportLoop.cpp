// Loop.
#include "compiler/import/Loop.h"

#include <climits>

using namespace mlir;

namespace dnnc::importer {

namespace {

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
      return node.error() << "has scan outputs, and its number of iterations is known at run time only; declare the shape of "
                          << (int(parts.carried.size()) < node.numResults() ? "scan output '" + node.node.output(int(parts.carried.size())) + "'" : "one")
                          << " in the model";
  }
  FailureOr<SmallVector<Value>> results = buildLoop(node, std::move(parts));
  if (failed(results)) return failure();
  results->truncate(node.numResults());
  return node.results(*results);
}

} // namespace

void registerLoops(Registry &registry) {
  registry.on("Loop", 1, "L? B? A*", importLoop).results(INT_MAX);
  registerScans(registry);
}

} // namespace dnnc::importer
