// Which kernel a convolution or a product takes where that is not left to the models: its attribute `dnn.kernel`, which a tuning database sets.
#pragma once

#include "codegen/Targets.h"

#include "mlir/Dialect/Func/IR/FuncOps.h"
#include "mlir/IR/Operation.h"

#include <optional>
#include <string>
#include <utility>
#include <vector>

namespace dnnc {

constexpr llvm::StringLiteral kernelAttr = "dnn.kernel";

/// Written "conv_direct_6x2", or "conv_winograd_f4_6x2 block=48".
struct KernelChoice {
  std::string kernel; ///< a row of a kernels.inc, without the type of its weights; empty: the models choose
  int64_t block = 0;  ///< conv_winograd_*: tiles that are transformed at a time; 0: as many as the model says

  /// None where \p text has another form.
  static std::optional<KernelChoice> parse(llvm::StringRef text);
  std::string str() const;
  /// The tile at the end of the name, where the name is \p stem and a tile: 6 and 2 of conv_direct_6x2 for "conv_direct_".
  std::optional<std::pair<int, int>> tile(llvm::StringRef stem) const;

  explicit operator bool() const { return !kernel.empty(); }
  bool operator==(const KernelChoice &other) const { return kernel == other.kernel && block == other.block; }
};

/// What the attribute of \p op asks for.
KernelChoice askedKernel(mlir::Operation *op);

/// Whether there is a kernel of this name, made for vectors of the target's length.
bool hasKernel(const Target &target, llvm::StringRef name);

/// All that \p op could ask for on \p target; not each of them takes its shape. Empty for an op without a choice.
std::vector<KernelChoice> candidates(mlir::Operation *op, const Target &target);

/// What makes one op as fast as another: kind, shapes, window, type of the weights, and whether these stay in the second-level cache. Empty for an
/// op without a choice.
std::string signatureOf(mlir::Operation *op, bool weightsStay);

/// Bytes of all constants of \p function.
int64_t constantBytes(mlir::func::FuncOp function);

/// The constants of \p function stay in the second-level cache from run to run, even where Winograd's algorithm makes them four times as large. An
/// attribute `dnn.far` says that they do not, whatever their size.
bool weightsStay(mlir::func::FuncOp function, const Target &target);

} // namespace dnnc
