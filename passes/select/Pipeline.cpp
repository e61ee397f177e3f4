// The select phase: physical layouts and copies that need not happen.
#include "passes/select/Select.h"
#include "passes/Passes.h"

#include "mlir/Pass/PassManager.h"

using namespace mlir;

namespace dnnc {

void buildSelectPipeline(OpPassManager &manager, const SelectOptions &options) {
  // 1. Every tensor gets a memory order: kernels want channels last, and transposes become views.
  manager.addNestedPass<func::FuncOp>(createAssignLayouts(options.evaluator));
  // 2. With orders known, producers write into concat buffers and readers walk slices.
  if (options.optLevel > 0)
    manager.addNestedPass<func::FuncOp>(createElideCopies());
}

} // namespace dnnc
