// The select phase: physical layouts and copies that need not happen.
#pragma once

#include "passes/Evaluator.h"

#include "mlir/Pass/PassManager.h"

namespace dnnc {

struct SelectOptions {
  Evaluator *evaluator = nullptr; ///< for constants whose order is merged into weights; none: not merged
  int optLevel = 2;               ///< 0: row-major layouts kept where a kernel allows, no elision
};

void buildSelectPipeline(mlir::OpPassManager &manager, const SelectOptions &options);

} // namespace dnnc
