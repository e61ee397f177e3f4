// The select phase: physical layouts and copies that need not happen.
#pragma once

#include "passes/Evaluator.h"

#include "mlir/Pass/Pass.h"

namespace dnnc {

struct SelectOptions {
  Evaluator *evaluator = nullptr; ///< for constants whose order is merged into weights; none: not merged
  int optLevel = 2;               ///< 0: row-major layouts kept where a kernel allows, no elision
};

std::unique_ptr<mlir::Pass> createAssignLayoutsPass(Evaluator *evaluator = nullptr);
std::unique_ptr<mlir::Pass> createElideCopiesPass();

void buildSelectPipeline(mlir::OpPassManager &manager, const SelectOptions &options);
void registerSelectPasses(Evaluator *evaluator);

} // namespace dnnc
