// If: a branch known at import is put in place, others become dnn.if.
#include "compiler/import/NodeBinder.h"

#include <climits>

using namespace mlir;

namespace dnnc::importer {

static LogicalResult importKnown(NodeBinder &node, const onnx::GraphProto &branch) {
  FailureOr<SmallVector<Value>> results = node.inlineGraph(branch);
  if (failed(results)) return failure();
  if (int(results->size()) != node.numResults())
    return node.error() << "the branch has " << results->size() << " outputs; the node has " << node.numResults();
  return node.results(*results);
}

static LogicalResult importIf(NodeBinder &node) {
  Value cond = node.operand(0);
  if (node.type(cond).getNumElements() != 1) return node.error() << "input 0 ('cond') is " << node.type(cond) << "; it must be one bool";
  StringRef names[] = {"then_branch", "else_branch"};
  const onnx::GraphProto *graphs[] = {node.graphAttr(names[0]), node.graphAttr(names[1])};
  if (!graphs[0] || !graphs[1]) return failure();
  for (auto [name, graph] : llvm::zip(names, graphs))
    if (graph->input_size()) return node.error() << "attribute '" << name << "' has " << graph->input_size() << " inputs; it must have none";
  if (ElementsAttr known = node.constantOf(cond)) return importKnown(node, *graphs[constantValues<int64_t>(known).front() ? 0 : 1]);

  Region regions[2];
  SmallVector<Value> yielded[2];
  for (int i : {0, 1}) {
    OpBuilder::InsertionGuard guard(node.builder);
    Bounds::Scope scope(node.bounds());
    node.builder.setInsertionPointToEnd(&regions[i].emplaceBlock());
    FailureOr<SmallVector<Value>> results = node.inlineGraph(*graphs[i]);
    if (failed(results)) return failure();
    if (int(results->size()) != node.numResults())
      return node.error() << "'" << names[i] << "' has " << results->size() << " outputs; the node has " << node.numResults();
    yielded[i] = *results;
    node.builder.create<dnn::YieldOp>(node.loc, *results);
  }
  for (auto [index, values] : llvm::enumerate(llvm::zip(yielded[0], yielded[1])))
    if (auto [a, b] = values; a.getType() != b.getType()) {
      if (ElementsAttr assumed = node.assumedOperand(0, "cond")) {
        for (Region &region : regions) node.discard(region);
        return importKnown(node, *graphs[constantValues<int64_t>(assumed).front() ? 0 : 1]);
      }
      return node.error() << "output " << index << " ('" << node.node.output(int(index)) << "') is " << a.getType()
                          << " from then_branch and " << b.getType()
                          << " from else_branch; where the condition is known at run time only, they must be the same";
    }
  SmallVector<Sizes> sizes;
  for (auto [a, b] : llvm::zip(yielded[0], yielded[1])) {
    sizes.push_back(node.bounds().of(a));
    if (sizes.back() != node.bounds().of(b) && failed(node.refuseBounded({a, b}, "the result of a branch")))
      return failure();
  }
  auto op = node.builder.create<dnn::IfOp>(node.loc, ValueRange(yielded[0]).getTypes(), cond);
  op.getThenRegion().takeBody(regions[0]);
  op.getElseRegion().takeBody(regions[1]);
  for (auto [result, own] : llvm::zip(op.getResults(), sizes)) node.bounds().set(result, own);
  return node.results(SmallVector<Value>(op.getResults()));
}

void registerControl(Registry &registry) {
  registry.on("If", 1, "B", importIf).results(INT_MAX);
  registerLoops(registry);
}

} // namespace dnnc::importer
