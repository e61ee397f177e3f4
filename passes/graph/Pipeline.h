// The graph phase: from what the importer made to fused ops on constant weights.
#pragma once

#include "passes/Evaluator.h"

#include "mlir/Pass/PassManager.h"

#include <string>

namespace dnnc {

struct GraphOptions {
  Evaluator *evaluator = nullptr; ///< runs ops on constants; null: no constant folding
  int optLevel = 2;               ///< 0: the model's own ops in its own order
  bool exact = false;             ///< nothing that changes a rounding of the model's own arithmetic
  std::string weightsType = "model"; ///< model, f32, f16 or bf16
};

/// Appends the graph phase to \p pm, which runs on a module.
void buildGraphPipeline(mlir::OpPassManager &pm, const GraphOptions &options);

/// Registers the passes of this phase and the pipeline "graph" with the options opt-level, exact and weights-type.
void registerGraphPasses(Evaluator *evaluator);

} // namespace dnnc
