// One convolution or product of a network, lowered alone (without its bias and epilogue) with a kernel and run in the executor, to be timed.
#pragma once

#include "compiler/RunModel.h"
#include "passes/lower/KernelChoice.h"
#include "passes/lower/Lower.h"

#include "mlir/IR/BuiltinOps.h"
#include "mlir/IR/OwningOpRef.h"

#include <memory>

namespace dnnc {

/// What the caches hold when an op of a network begins: not its weights where those of the network are too large, but its operands, which were
/// written just before.
class CacheState {
public:
  /// \p bytes of other data pass between two runs; 0: all stays where it is.
  explicit CacheState(int64_t bytes) : other(static_cast<size_t>(bytes)) {}
  void prepare(llvm::ArrayRef<TensorData> operands);

private:
  std::vector<char> other;
};

class Trial {
public:
  /// Null where \p op cannot be lowered so, or does not take \p choice. An empty choice leaves it to the models. \p far: see weightsStay.
  static std::unique_ptr<Trial> make(mlir::Operation *op, bool far, const LowerOptions &options, const KernelChoice &choice);
  ~Trial();

  /// The kernel that it is.
  const KernelChoice &taken() const { return kernel; }
  /// Nanoseconds of the kernels of one run; negative if it fails.
  double run(CacheState &caches);

private:
  Trial() = default;

  mlir::OwningOpRef<mlir::ModuleOp> module;
  llvm::SmallVector<mlir::ElementsAttr> constants; ///< the network's own
  KernelChoice kernel;
  std::vector<TensorData> inputs, outputs;
};

/// Nanoseconds that the kernels of a run take; negative if it fails.
double timeOf(exec::ScheduleOp schedule, llvm::ArrayRef<TensorData> inputs, std::vector<TensorData> &outputs);

} // namespace dnnc
