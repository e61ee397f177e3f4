// The lower phase: dnn → exec, kernels chosen, weights packed, memory planned.
#pragma once

#include "mlir/Pass/PassManager.h"

#include <string>
#include <vector>

namespace dnnc {

struct LowerOptions {
  std::string target = "avx2"; ///< a row of codegen/Targets.def
  bool half = false;           ///< a GPU: f16 between kernels, tensor cores
  bool reassociate = true;     ///< algorithms with other sums than the definition's
  double winogradWeights = 8;  ///< how many times its weights a convolution may take for Winograd's algorithm; none takes more than 7.2
  std::vector<std::string> tuning; ///< databases that choose kernels before the models do; see TuningDb.h
  int64_t bandKib = -1;        ///< of images between two layers, KiB; -1: by the target's caches, 0: of any size
};

void buildLowerPipeline(mlir::OpPassManager &manager, const LowerOptions &options);

} // namespace dnnc
