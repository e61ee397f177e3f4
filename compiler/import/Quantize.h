// Quantization parameters of a node, and the ops they make.
#pragma once

#include "compiler/import/NodeBinder.h"

namespace dnnc::importer {

/// One scale and zero point, or one for each place along \p axis.
struct Quantization {
  std::vector<double> scales;
  Ints zeroPoints;
  int64_t axis = 0;
};

/// Reads operands \p scale and \p scale + 1 (the zero point, which may be absent: 0), which must be constant, for values of
/// type \p values (of which the element type is the quantized one). \p axis is where a list of scales goes. \p what names the quantized
/// tensor in messages.
std::optional<Quantization> readQuantization(NodeBinder &node, unsigned scale, mlir::RankedTensorType values, int64_t axis,
                                             llvm::StringRef what);

/// dnn.dequantize and dnn.quantize; null for a null value.
mlir::Value dequantize(NodeBinder &node, mlir::Value value, const Quantization &by);
mlir::Value quantize(NodeBinder &node, mlir::Value value, const Quantization &by, mlir::Type to);

/// Operand \p index dequantized by the two operands behind it; null after an error.
mlir::Value dequantizedOperand(NodeBinder &node, unsigned index, int64_t axis, llvm::StringRef what, Quantization *read = nullptr);
/// \p value quantized by operands \p scale and \p scale + 1, to the type of the zero point, or else of operand \p like.
mlir::LogicalResult quantizedResult(NodeBinder &node, mlir::Value value, unsigned scale, unsigned like);

/// The exact i32 values of \p sums, which are integers.
mlir::Value toInt32(NodeBinder &node, mlir::Value sums);

} // namespace dnnc::importer
