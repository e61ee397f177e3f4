// Shared by the Infer*.cpp files: result types from operand types and attributes. Errors name the attribute, its value and the range.
#pragma once

#include "dialects/dnn/Dnn.h"

namespace dnnc::dnn {

inline mlir::RankedTensorType tensor(mlir::Value value) { return llvm::cast<mlir::RankedTensorType>(value.getType()); }

/// The element type that the epilogue yields, or \p acc without one.
inline mlir::Type epilogueType(mlir::Region &chain, mlir::Type acc) {
  return chain.empty() ? acc : pw::yielded(chain).getType();
}

/// Brings \p axis into [0, rank); failure with an error when it is not in [-rank, rank).
inline mlir::FailureOr<int64_t> normalizeAxis(std::optional<mlir::Location> loc, llvm::StringRef name, int64_t axis, int64_t rank) {
  if (axis < -rank || axis >= rank)
    return mlir::emitOptionalError(loc, "attribute '", name, "' is ", axis, "; for rank ", rank, " it must be between ", -rank, " and ", rank - 1);
  return axis < 0 ? axis + rank : axis;
}

/// strides, pads and dilations have the right length and every value is in range.
mlir::LogicalResult checkWindow(std::optional<mlir::Location> loc, int64_t spatial, llvm::ArrayRef<int64_t> kernel,
                                llvm::ArrayRef<int64_t> strides, llvm::ArrayRef<int64_t> pads, llvm::ArrayRef<int64_t> dilations);

} // namespace dnnc::dnn
