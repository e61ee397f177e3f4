// Building, reading and tidying dnn.pointwise and epilogue chains; shared by the graph passes.
#pragma once

#include "dialects/dnn/Constants.h"
#include "dialects/dnn/Dnn.h"

#include "mlir/IR/PatternMatch.h"

#include <optional>

namespace dnnc {

/// The blocks of tensor ops: that of \p function and those of branches and loops, outer ones first.
llvm::SmallVector<mlir::Block *> blocksOf(mlir::Operation *function);

inline mlir::RankedTensorType tensorOf(mlir::Value value) { return llvm::cast<mlir::RankedTensorType>(value.getType()); }

/// The dim that \p axis, which may count from the end, names.
inline int64_t dimOf(int64_t axis, int64_t rank) { return axis < 0 ? axis + rank : axis; }

/// \p shape with 1s in front, up to \p rank.
llvm::SmallVector<int64_t> padShape(llvm::ArrayRef<int64_t> shape, int64_t rank);

/// \p value with another shape: the type of a constant changed, what a reshape was made of, or a reshape.
mlir::Value reshaped(mlir::OpBuilder &builder, mlir::Value value, llvm::ArrayRef<int64_t> shape);

/// True if every use of \p value is an operand of one op, which runs as often as the one that makes it: in the same block.
bool hasOneUser(mlir::Value value);

/// dnn.pointwise whose chain \p body builds: it gets one scalar per input and returns the scalar to yield.
using ChainBody = llvm::function_ref<mlir::Value(mlir::OpBuilder &, mlir::Location, mlir::ValueRange)>;
dnn::PointwiseOp createPointwise(mlir::OpBuilder &builder, mlir::Location loc, mlir::Type result, mlir::ValueRange inputs, ChainBody body);

/// pw.fn with the type of its first operand.
mlir::Value applyFn(mlir::OpBuilder &builder, mlir::Location loc, llvm::StringRef name, mlir::ValueRange args);

/// dnn.pointwise of one function, e.g. "mul" of two tensors.
dnn::PointwiseOp createPointwise(mlir::OpBuilder &builder, mlir::Location loc, llvm::StringRef fn, mlir::ValueRange inputs);

/// A pw.const of \p type; \p value is rounded to it.
mlir::Value createScalar(mlir::OpBuilder &builder, mlir::Location loc, mlir::Type type, double value);

/// The value that all elements of a constant share, as an attribute of the element type; null if they differ or \p value is no constant.
mlir::TypedAttr splatValue(mlir::Value value);

/// Every value of the scalar type \p from is a value of \p to.
bool holdsAll(mlir::Type from, mlir::Type to);

/// The number in a FloatAttr or IntegerAttr.
double numberOf(mlir::Attribute attr);

/// The number a scalar of a chain is, if it is a pw.const.
std::optional<double> constantScalar(mlir::Value scalar);

/// One operand of a function: a tensor or a number.
struct FnOperand {
  mlir::Value tensor;
  std::optional<double> number;
};

/// The name and operands of a dnn.pointwise whose chain is a single function; failure for other ops.
struct SingleFn {
  llvm::StringRef name;
  llvm::SmallVector<FnOperand, 3> operands;
};
mlir::FailureOr<SingleFn> singleFn(mlir::Value value);
/// The operands of \p value if it is the function \p name of tensors and numbers.
std::optional<llvm::SmallVector<FnOperand, 3>> matchFn(mlir::Value value, llvm::StringRef name);

/// Joins equal operands and drops those that the chain does not read, unless they give the result its shape. True if anything changed.
bool tidyOperands(dnn::PointwiseOp op);

/// Joins equal epilogue operands.
void tidyEpilogue(dnn::FusableOp op);

} // namespace dnnc
