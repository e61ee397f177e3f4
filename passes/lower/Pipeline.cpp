// The lower phase: dnn → exec, kernels chosen, weights packed, memory planned.
#include "codegen/Targets.h"
#include "passes/lower/Lower.h"
#include "passes/Passes.h"

#include "mlir/Pass/PassManager.h"

using namespace mlir;

namespace dnnc {

void buildLowerPipeline(OpPassManager &manager, const LowerOptions &options) {
  // 0. What was measured, before models decide.
  if (!options.tuning.empty()) {
    ApplyTuningOptions tuning;
    tuning.target = options.target;
    tuning.files = options.tuning;
    manager.addPass(createApplyTuning(tuning));
  }
  // 1. Tensors become views of buffers, ops become kernel calls, constants packed weights.
  manager.addPass(createLowerToExec(LowerToExecOptions{options.target, options.reassociate, options.winogradWeights}));
  // 2. Before sizes matter.
  if (options.half) manager.addNestedPass<exec::ScheduleOp>(createNarrowStorage());
  // 3. Chains of steps that know their memory, before it is planned.
  manager.addNestedPass<exec::ScheduleOp>(createFuseBands(FuseBandsOptions{options.bandKib}));
  // 4. Before lifetimes are fixed: an output that may be an input's memory may need a buffer until the end.
  manager.addNestedPass<exec::ScheduleOp>(createPlaceStates());
  // 5. A GPU has its own measure of small.
  if (const Target *target = findTarget(options.target); target && !target->isGpu())
    manager.addNestedPass<exec::ScheduleOp>(createSerialSteps());
  // 6. With all calls in order, lifetimes are known: one arena.
  manager.addNestedPass<exec::ScheduleOp>(createPlanMemory());
}

} // namespace dnnc
