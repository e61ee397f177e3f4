// How passes run operators on constants without knowing who runs them.
#pragma once

#include "mlir/IR/BuiltinAttributes.h"
#include "mlir/IR/Operation.h"

namespace dnnc {

/// Evaluates dnn operators on constant operands. compiler/ hands passes an implementation that runs the very kernels of the
/// runtime, always the generic variant, so that what is folded does not depend on the machine that compiles.
class Evaluator {
public:
  virtual ~Evaluator() = default;

  /// The results of \p op, whose operand values are \p operands (one per operand). Failure, without a diagnostic, when the op
  /// has no kernel; \p op is not changed.
  virtual mlir::FailureOr<llvm::SmallVector<mlir::ElementsAttr>> evaluate(mlir::Operation *op,
                                                                          llvm::ArrayRef<mlir::ElementsAttr> operands) = 0;
};

} // namespace dnnc
