// Operators some of whose parameters are known at run time only; the handlers of the families call these then.
#pragma once

#include "compiler/import/RunTime.h"

namespace dnnc::importer {

/// Slice of version 10 on.
mlir::LogicalResult sliceAtRunTime(NodeBinder &node, const Ints &result);
/// Pad of version 11 on.
mlir::LogicalResult padAtRunTime(NodeBinder &node, llvm::StringRef mode, const Ints &result);

mlir::LogicalResult convIntegerAtRunTime(NodeBinder &node);
mlir::LogicalResult qlinearConvAtRunTime(NodeBinder &node);
mlir::LogicalResult qlinearMatMulAtRunTime(NodeBinder &node);
/// Operand \p index dequantized by the two operands behind it, in f32.
mlir::Value dequantizedAtRunTime(NodeBinder &node, unsigned index, int64_t axis);
/// \p value quantized by operands \p scaleIndex and the one behind it.
mlir::Value quantizedAtRunTime(NodeBinder &node, mlir::Value value, unsigned scaleIndex, mlir::Type to);

/// What is static of a Resize.
struct ResizeForm {
  std::string mode = "nearest", coordinates = "half_pixel", nearest = "round_prefer_floor"; ///< nearest "": as Upsample
  double cubicA = -0.75, extrapolation = 0;
  bool excludeOutside = false, antialias = false;
  unsigned operand = 2; ///< the one that fixes the sizes, for messages
  const char *operandName = "scales";
};
/// Resize and Upsample along \p axes by \p scales, f32, one per axis. \p roi, f32, starts and then ends, is there to crop.
mlir::LogicalResult resizeAtRunTime(NodeBinder &node, const ResizeForm &form, llvm::ArrayRef<int64_t> axes, mlir::Value scales,
                                    mlir::Value roi, const Ints &result);

} // namespace dnnc::importer
