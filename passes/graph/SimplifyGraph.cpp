// One form for each thing. Exporters leave identities, chains of reshapes and transposes, slices of slices, broadcast operands and scalars
// as tensors; the importer maps op by op. The patterns are in SimplifyMovement.cpp, SimplifyChains.cpp and SinkReshapes.cpp.
#include "passes/Passes.h"
#include "passes/graph/Simplify.h"

#include "mlir/Transforms/GreedyPatternRewriteDriver.h"

namespace dnnc {
#define GEN_PASS_DEF_SIMPLIFYGRAPH
#include "Passes.h.inc"
} // namespace dnnc

using namespace mlir;

LogicalResult dnnc::applyPatterns(func::FuncOp func, RewritePatternSet &&patterns) {
  // Not the driver for whole regions: it moves constants to the front and forgets their names.
  SmallVector<Operation *> ops;
  func.walk([&](Operation *op) {
    if (op != func && !op->hasTrait<OpTrait::IsTerminator>()) ops.push_back(op);
  });
  GreedyRewriteConfig config;
  config.scope = &func.getBody();
  config.maxNumRewrites = 64 * static_cast<int64_t>(ops.size()) + 1024; // every pattern shrinks the graph or moves an op one way
  if (failed(applyOpPatternsAndFold(ops, std::move(patterns), config))) return func.emitError("simplification does not come to an end");
  return success();
}

namespace {
struct SimplifyGraph : dnnc::impl::SimplifyGraphBase<SimplifyGraph> {
  void runOnOperation() override {
    if (getOperation().isDeclaration()) return;
    RewritePatternSet patterns(&getContext());
    dnnc::populateMovementPatterns(patterns);
    dnnc::populateChainPatterns(patterns);
    dnnc::populateSinkPatterns(patterns);
    if (failed(dnnc::applyPatterns(getOperation(), std::move(patterns)))) signalPassFailure();
  }
};
} // namespace
