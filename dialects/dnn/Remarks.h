// Decisions reported to the user: what was fused, elided, folded, and what was refused and why.
#pragma once

#include "mlir/IR/Location.h"
#include "mlir/IR/Operation.h"

namespace dnnc {

/// Emits the remark "[category] text" or, for a refusal, "[category] not applied: text", at \p loc. Categories: import, fold, fuse,
/// weights, layout, elide, kernel, plan.
void remark(mlir::Location loc, llvm::StringRef category, const llvm::Twine &text, bool applied = true);
inline void remark(mlir::Operation *op, llvm::StringRef category, const llvm::Twine &text, bool applied = true) {
  remark(op->getLoc(), category, text, applied);
}

/// The ONNX node names in a location, joined by " + ".
std::string nodeNames(mlir::Location loc);

} // namespace dnnc
