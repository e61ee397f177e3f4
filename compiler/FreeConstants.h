// Frees the data of constants that a pass has replaced: MLIR keeps resource blobs as long as its context, and large models would be
// held many times over.
#pragma once

#include "mlir/IR/BuiltinAttributeInterfaces.h"
#include "mlir/IR/BuiltinOps.h"
#include "mlir/Pass/PassInstrumentation.h"

#include <memory>

namespace dnnc {

/// For a pass manager of a context without threads.
std::unique_ptr<mlir::PassInstrumentation> createFreeConstants();

/// Frees the constants of \p module, which is about to go, but for \p kept.
void freeConstants(mlir::ModuleOp module, llvm::ArrayRef<mlir::ElementsAttr> kept);

} // namespace dnnc
