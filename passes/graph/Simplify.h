// The patterns of simplify-graph, by family; later phases that create movement ops may use them too.
#pragma once

#include "mlir/Dialect/Func/IR/FuncOps.h"
#include "mlir/IR/PatternMatch.h"

namespace dnnc {

/// Reshape, transpose, slice, concat, pad, broadcast, tile, gather; reductions and pools that do nothing.
void populateMovementPatterns(mlir::RewritePatternSet &patterns);
/// Scalar chains and the operands of dnn.pointwise.
void populateChainPatterns(mlir::RewritePatternSet &patterns);
/// Transposes and reshapes below the ops that do not care.
void populateSinkPatterns(mlir::RewritePatternSet &patterns);

/// Applies \p patterns to all ops of \p func, which keep their places and names; an error if that does not come to an end.
mlir::LogicalResult applyPatterns(mlir::func::FuncOp func, mlir::RewritePatternSet &&patterns);

} // namespace dnnc
