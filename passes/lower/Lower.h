// The lower phase: dnn → exec, kernels chosen, weights packed, memory planned.
#pragma once

#include "mlir/Pass/Pass.h"

#include <string>

namespace dnnc {

struct LowerOptions {
  std::string target = "avx2"; ///< a row of codegen/Targets.def
};

std::unique_ptr<mlir::Pass> createLowerToExecPass(std::string target = "avx2");
std::unique_ptr<mlir::Pass> createPlanMemoryPass();

void buildLowerPipeline(mlir::OpPassManager &manager, const LowerOptions &options);
void registerLowerPasses();

} // namespace dnnc
