// exec dialect → C++ text. Printing changes no IR and decides nothing.
#pragma once

#include "mlir/IR/BuiltinOps.h"

#include <functional>
#include <optional>
#include <string>
#include <vector>

namespace dnnc {

enum class WeightsMode { Inline, Incbin, File };

struct EmitOptions {
  std::string name;                   ///< C++ namespace and prefix of the C functions: an identifier
  std::string version;                ///< of dnnc, for the banner
  std::string stem;                   ///< file name of the outputs without folder and ending, "model" for model.cpp
  std::optional<WeightsMode> weights; ///< unset: Inline up to 1 MB, Incbin above
  bool withMain = false;
  bool profile = false; ///< each step is timed; withMain prints the times
  bool flushDenormals = false; ///< the processor takes denormals for 0 while the program runs
  bool goldenElsewhere = false; ///< golden values may be another target's: integers may be off by one
  bool half = false; ///< computed in f16 in part: the self-test allows for its roundings
  /// Set: also the self-test. Element bytes of every output for the inputs that runtime/pattern.h gives.
  std::optional<std::vector<std::vector<char>>> golden;
};

struct EmittedFiles {
  std::string header, source; ///< stem.h, stem.cpp (stem.cu for a GPU)
  std::string main, test;     ///< stem_main.cpp, stem_test.cpp (.cu); empty if not asked for
  WeightsMode weightsMode;
  std::string weightsName;                               ///< stem.cpp.weights.bin, stem.weights.bin, or empty if they are inline
  std::function<void(llvm::raw_ostream &)> writeWeights; ///< while the module lives
};

/// The files for \p modules, each of which holds one exec.schedule with planned memory: one model's for one target, or for several, the best
/// first, among which the program chooses when it runs.
mlir::FailureOr<EmittedFiles> emitCpp(llvm::ArrayRef<mlir::ModuleOp> modules, const EmitOptions &options);

} // namespace dnnc
