// Ops without users go, back to front, so that whole chains go at once: the passes before replace weights and leave the old ones behind,
// and at -O0 nothing else removes what folding has made unused.
#include "passes/Passes.h"

#include "mlir/Interfaces/SideEffectInterfaces.h"

namespace dnnc {
#define GEN_PASS_DEF_REMOVEDEADCODE
#include "Passes.h.inc"
} // namespace dnnc

using namespace mlir;

namespace {
struct RemoveDeadCode : dnnc::impl::RemoveDeadCodeBase<RemoveDeadCode> {
  void runOnOperation() override {
    func::FuncOp func = getOperation();
    if (func.isDeclaration()) return;
    removeFrom(func.front());
  }

  static void removeFrom(Block &block) {
    for (Operation &op : llvm::make_early_inc_range(llvm::reverse(block))) {
      if (isOpTriviallyDead(&op)) {
        op.erase();
      } else if (isa<dnnc::dnn::IfOp, dnnc::dnn::LoopOp>(op)) { // before the ops whose last users may be in there
        for (Region &region : op.getRegions()) removeFrom(region.front());
      }
    }
  }
};
} // namespace
