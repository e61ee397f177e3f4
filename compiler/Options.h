// The command line of dnnc, parsed and checked.
#pragma once

#include "codegen/Codegen.h"
#include "codegen/Targets.h"
#include "compiler/import/Import.h"

#include "llvm/Support/raw_ostream.h"

#include <cstdint>
#include <optional>
#include <string>
#include <utility>
#include <vector>

namespace dnnc {

enum class Command { Compile, Run, Tune, Operators };
enum class Phase { Import, Graph, Select, Lower };
enum class RemarksMode { None, Text, Json };

llvm::StringRef phaseName(Phase phase);

struct Options {
  Command command = Command::Compile;
  std::string model;  ///< the file to compile: .onnx, or .mlir of any phase
  std::string output; ///< empty only with a stop before codegen, or for `run`; of `tune` the database

  std::vector<const Target *> targets; ///< one, or several of a CPU among which the program chooses, the best first
  std::string name;                                                      ///< C++ namespace and prefix
  std::optional<WeightsMode> weights;                                    ///< unset: by size
  std::string weightsType = "model";                                     ///< --weights-type; model: as it has them
  std::vector<std::pair<std::string, DimRange>> dims;                     ///< --set-dim
  std::vector<std::pair<std::string, std::vector<DimRange>>> inputShapes; ///< --input-shape
  std::vector<std::string> keepTensors;
  std::vector<std::string> states; ///< --state, IN:OUT
  std::optional<bool> half; ///< --precision; unset: as the model's inputs
  bool withMain = false;
  bool profile = false; ///< steps are timed; comes with withMain
  bool flushDenormals = false;
  bool selfTest = false;

  std::optional<unsigned> optLevel; ///< -O; unset: 2
  bool exact = false;
  std::optional<int64_t> bandKib;       ///< --bands; unset: auto, 0: off
  std::optional<double> winogradWeights; ///< --winograd-weights; unset: no bound
  std::vector<std::string> tuningDbs;    ///< --tuning-db

  std::optional<Phase> stopAfter;
  std::vector<Phase> dumpAfter;
  RemarksMode remarks = RemarksMode::None;

  std::vector<std::pair<std::string, std::string>> inputs; ///< dnnc run: tensor name and npy file
  std::string outputDir;
  double tuneSeconds = 600; ///< dnnc tune

  const Target &target() const { return *targets.front(); }
  llvm::StringRef sourceEnding() const { return target().isGpu() ? ".cu" : ".cpp"; }
};

/// Fills \p options; prints what is wrong to \p errors and returns false otherwise. --help and --version print and exit(0).
bool parseOptions(int argc, const char *const *argv, Options &options, llvm::raw_ostream &errors);

} // namespace dnnc
