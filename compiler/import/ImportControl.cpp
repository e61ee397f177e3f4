// If with a condition that is known: exporters leave such around squeezes and padding.
#include "compiler/import/NodeBinder.h"

#include <climits>

using namespace mlir;

namespace dnnc::importer {

static LogicalResult importIf(NodeBinder &node) {
  ElementsAttr condition = node.constantOf(node.operand(0));
  if (!condition || condition.getNumElements() != 1)
    return node.error() << "input 0 ('cond') must be one constant, or computable from constants and shapes; branches taken at run time "
                           "are not supported";
  bool taken = constantValues<int64_t>(condition).front() != 0;
  node.attr("then_branch");
  node.attr("else_branch");
  FailureOr<SmallVector<Value>> results = node.inlineGraph(taken ? "then_branch" : "else_branch");
  if (failed(results)) return failure();
  if (int(results->size()) != node.numResults())
    return node.error() << "the branch has " << results->size() << " outputs; the node has " << node.numResults();
  return node.results(*results);
}

void registerControl(Registry &registry) { registry.on("If", 1, "B", importIf).results(INT_MAX); }

} // namespace dnnc::importer
