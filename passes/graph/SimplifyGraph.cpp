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
  // Not the driver for whole regions: it moves constants to the front and forgets their names. In rounds, since an op that has lost its
  // other users is not looked at again in the same one.
  FrozenRewritePatternSet frozen(std::move(patterns));
  constexpr int maxRounds = 64;
  for (int round = 0; round < maxRounds; ++round) {
    SmallVector<Operation *> ops;
    func.walk([&](Operation *op) {
      if (op != func && !op->hasTrait<OpTrait::IsTerminator>()) ops.push_back(op);
    });
    // The driver takes the last one first: from front to back, a transpose that sinks meets the next one before that has moved.
    std::reverse(ops.begin(), ops.end());
    GreedyRewriteConfig config;
    config.scope = &func.getBody();
    config.maxNumRewrites = 64 * static_cast<int64_t>(ops.size()) + 1024; // every pattern shrinks the graph or moves an op one way
    bool changed = false;
    if (failed(applyOpPatternsAndFold(ops, frozen, config, &changed))) break;
    if (!changed) return success();
  }
  return emitError(func.getLoc()) << "'" << func.getName() << "': simplification does not come to an end";
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
