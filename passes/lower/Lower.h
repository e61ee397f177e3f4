// The lower phase: dnn → exec, kernels chosen, weights packed, memory planned.
#pragma once

#include "mlir/Pass/PassManager.h"

#include <string>

namespace dnnc {

struct LowerOptions {
  std::string target = "avx2"; ///< a row of codegen/Targets.def
  bool half = false;           ///< a GPU: f16 between kernels, tensor cores
};

void buildLowerPipeline(mlir::OpPassManager &manager, const LowerOptions &options);

} // namespace dnnc
