// All passes of dnnc; see Passes.td for what each does.
#pragma once

#include "dialects/dnn/Dnn.h"
#include "dialects/exec/Exec.h"
#include "passes/Evaluator.h"

#include "mlir/Dialect/Func/IR/FuncOps.h"
#include "mlir/IR/BuiltinOps.h"
#include "mlir/Pass/Pass.h"

namespace dnnc {

#define GEN_PASS_DECL
#include "Passes.h.inc"

/// Constant folding with an evaluator, which must outlive the pass; null folds nothing.
std::unique_ptr<mlir::Pass> createFoldConstants(Evaluator *evaluator, FoldConstantsOptions options = {});

/// Quantization with an evaluator for quantized constants that are moved; null leaves them.
std::unique_ptr<mlir::Pass> createFoldQuantization(Evaluator *evaluator);

/// Tables with an evaluator, which computes them; null makes none.
std::unique_ptr<mlir::Pass> createTabulatePointwise(Evaluator *evaluator);

/// Layouts with an evaluator for constants whose order changes; null leaves them.
std::unique_ptr<mlir::Pass> createAssignLayouts(Evaluator *evaluator);

} // namespace dnnc
