// Shared by the files of the quantization pass: what quantized values are, and the chains at their edges.
#pragma once

#include "passes/Evaluator.h"
#include "passes/graph/Pointwise.h"

#include "mlir/Dialect/Func/IR/FuncOps.h"

namespace dnnc {

/// One scale and one zero point for a whole tensor.
struct PerTensor {
  double scale;
  int64_t zero;
  bool operator==(const PerTensor &other) const { return scale == other.scale && zero == other.zero; }
  bool operator!=(const PerTensor &other) const { return !(*this == other); }
};

/// The parameters of a dnn.quantize or dnn.dequantize, if it has one of each.
template <class Op> std::optional<PerTensor> perTensor(Op op) {
  if (!op || op.getScales().size() != 1) return std::nullopt;
  return PerTensor{op.getScales()[0], op.getZeroPoints()[0]};
}

/// The dnn.dequantize of a u8 tensor that makes \p value, with one scale and zero point; null for others.
dnn::DequantizeOp activation(mlir::Value value);

dnn::DequantizeOp createDequantize(mlir::OpBuilder &builder, mlir::Location loc, mlir::Value value, PerTensor by);

/// What an op's f32 result goes through on its way to a quantized tensor: a relu or clip, then dnn.quantize to u8.
struct Tail {
  mlir::Value last;                ///< the value that is replaced: the quantized one, or the op's own f32 result
  std::optional<PerTensor> result; ///< none: the result stays f32
  std::optional<double> low, high; ///< bounds in between
};
Tail tailOf(mlir::Value result);

/// acc * factor (one, or one per \p shape's place) + shift, bounds and requantization as \p tail says. M = factor / scale is computed in
/// double and rounded once. Returns the type of the result's elements.
struct Epilogue {
  std::vector<double> factors, shifts; ///< shifts may be empty; added in units of the factor's result
  llvm::SmallVector<int64_t> shape;    ///< in which a list of them broadcasts to the result
  double before = 0;                   ///< subtracted from the accumulator first
};
mlir::Type addEpilogue(mlir::OpBuilder &builder, mlir::Location loc, mlir::Region &chain, llvm::SmallVectorImpl<mlir::Value> &operands,
                       const Epilogue &epilogue, const Tail &tail);

/// The op as a dnn.pointwise.
mlir::Value expand(mlir::OpBuilder &builder, dnn::QuantizeOp op);
mlir::Value expand(mlir::OpBuilder &builder, dnn::DequantizeOp op);
/// The same integers, 8 bits each, less or more 128: i8 as u8 and back.
mlir::Value shiftedBy128(mlir::OpBuilder &builder, mlir::Location loc, mlir::Value value);

/// Makes the conv or matmul integers where its operands are dequantized; the reason why not, or empty. An empty reason without a new op
/// means that it is none of these.
std::string foldCompute(mlir::Operation *op, bool &changed);

} // namespace dnnc
