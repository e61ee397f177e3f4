#include "compiler/Options.h"
#include "codegen/Identifiers.h"
#include "compiler/CommandLine.h"

#include "llvm/ADT/StringExtras.h"
#include "llvm/ADT/StringSwitch.h"
#include "llvm/Support/Path.h"
#include "llvm/TargetParser/Host.h"

#include <cmath>

using llvm::StringRef;

namespace dnnc {

namespace {
/// Checks values; the first complaint is kept.
struct Checker {
  std::string error;

  bool fail(const llvm::Twine &text) {
    if (error.empty()) error = text.str();
    return false;
  }

  bool phase(StringRef option, StringRef value, Phase &out) {
    auto found = llvm::StringSwitch<std::optional<Phase>>(value)
                     .Case("import", Phase::Import)
                     .Case("graph", Phase::Graph)
                     .Case("select", Phase::Select)
                     .Case("lower", Phase::Lower)
                     .Default(std::nullopt);
    if (!found) return fail(option + ": '" + value + "' is not a phase; accepted: import, graph, select, lower");
    out = *found;
    return true;
  }

  /// NAME=VALUE, split at the last '=': names may hold one.
  bool pair(StringRef option, StringRef value, StringRef form, std::pair<StringRef, StringRef> &out) {
    out = value.rsplit('=');
    if (!value.contains('=') || out.first.empty() || out.second.empty())
      return fail(option + ": '" + value + "' does not have the form " + form);
    return true;
  }

  /// "4" or "1..32"
  bool dim(StringRef option, StringRef value, StringRef whole, DimRange &out) {
    auto [low, high] = value.split("..");
    bool isRange = value.contains("..");
    if (!isRange) high = low;
    if (low.getAsInteger(10, out.min) || high.getAsInteger(10, out.max) || out.min < (isRange ? 0 : 1) || out.max < 1 || out.max > INT32_MAX)
      return fail(option + "=" + whole + ": '" + value + "' is not a size; accepted: 1 to " + llvm::Twine(INT32_MAX) +
                  ", or a range from 0 on such as 1..32");
    if (out.min > out.max) return fail(option + "=" + whole + ": the range '" + value + "' is empty; its end must not be below its start");
    return true;
  }
};

const Target *nativeTarget() {
  llvm::StringMap<bool> host = llvm::sys::getHostCPUFeatures();
  const Target *best = nullptr;
  for (const Target &target : targets()) {
    if (target.isGpu()) continue;
    llvm::SmallVector<StringRef> needed;
    target.cpuFeatures.split(needed, ',', -1, false);
    if (llvm::all_of(needed, [&](StringRef feature) { return host.lookup(feature); }))
      best = &target; // rows go from the plainest to the richest
  }
  return best;
}

StringRef defaultTarget() {
#if defined(__x86_64__)
  return "avx2";
#elif defined(__aarch64__)
  return "neon";
#else
  return "generic";
#endif
}

/// One name, or several with commas between.
bool checkTarget(StringRef value, Options &options, Checker &check) {
  for (StringRef name : llvm::split(value.empty() ? defaultTarget() : value, ',')) {
    const Target *target = name == "native" ? nativeTarget() : findTarget(name);
    if (!target) return check.fail("--target: '" + name + "' is not known; accepted: " + targetNames() + "native");
    if (llvm::is_contained(options.targets, target)) return check.fail("--target=" + value + ": " + target->name + " is there twice");
    options.targets.push_back(target);
  }
  if (options.targets.size() > 1)
    for (const Target *target : options.targets)
      if (target->isGpu()) return check.fail("--target=" + value + ": " + target->name + " stands alone; several targets are for CPUs");
  llvm::sort(options.targets, [](const Target *a, const Target *b) { return a > b; }); // rows go from the plainest to the richest
  return true;
}

/// What is one target's alone.
bool checkSeveral(const Options &options, Checker &check) {
  if (options.targets.size() < 2) return true;
  if (options.profile) return check.fail("--profile measures one target; --target gives several");
  if (options.stopAfter == Phase::Lower || llvm::is_contained(options.dumpAfter, Phase::Lower))
    return check.fail("from the lower phase on the IR is one target's; --target gives several");
  return true;
}

bool checkPair(StringRef option, StringRef text, Options &options, Checker &check) {
  std::pair<StringRef, StringRef> parts;
  if (option == "--input") {
    if (!check.pair(option, text, "NAME=FILE.npy", parts)) return false;
    options.inputs.emplace_back(parts.first, parts.second);
    return true;
  }
  if (option == "--set-dim") {
    DimRange size;
    if (!check.pair(option, text, "NAME=SIZE", parts) || !check.dim(option, parts.second, text, size)) return false;
    options.dims.emplace_back(parts.first, size);
    return true;
  }
  if (!check.pair(option, text, "INPUT=1x3x224x224", parts)) return false;
  std::vector<DimRange> shape;
  for (StringRef part : llvm::split(parts.second, 'x')) {
    DimRange size;
    if (!check.dim(option, part, text, size)) return false;
    shape.push_back(size);
  }
  options.inputShapes.emplace_back(parts.first, shape);
  return true;
}

bool check(const CommandLine &line, Options &options, Checker &check) {
  options.command = line.run ? Command::Run : line.tune ? Command::Tune : line.operators ? Command::Operators : Command::Compile;
  if (options.command == Command::Operators) return true;
  options.model = line.model;
  options.output = line.output;
  options.withMain = line.withMain || line.profile;
  options.profile = line.profile;
  options.flushDenormals = line.flushDenormals;
  options.selfTest = line.selfTest;
  options.exact = line.exact;
  options.outputDir = line.outputDir;
  options.keepTensors.assign(line.keepTensors.begin(), line.keepTensors.end());
  options.states.assign(line.states.begin(), line.states.end());

  if (options.model.empty()) return check.fail("give a model: dnnc model.onnx -o model.cpp (see --help)");
  if (!checkTarget(line.target, options, check)) return false;

  options.name = line.name.empty() ? toIdentifier(llvm::sys::path::stem(options.model)) : line.name.getValue();
  if (!isIdentifier(options.name))
    return check.fail("--name: '" + options.name +
                      "' cannot be a C++ namespace; accepted: letters, digits and single underscores, no keyword");

  if (!line.weights.empty()) {
    options.weights = llvm::StringSwitch<std::optional<WeightsMode>>(line.weights)
                          .Case("inline", WeightsMode::Inline)
                          .Case("incbin", WeightsMode::Incbin)
                          .Case("file", WeightsMode::File)
                          .Default(std::nullopt);
    if (!options.weights) return check.fail("--weights: '" + line.weights + "' is not known; accepted: inline, incbin, file");
  }
  if (!line.weightsType.empty()) {
    if (!llvm::is_contained({"f32", "f16", "bf16"}, StringRef(line.weightsType)))
      return check.fail("--weights-type: '" + line.weightsType + "' is not known; accepted: f32, f16, bf16");
    options.weightsType = line.weightsType;
  }
  if (!line.precision.empty()) {
    if (!llvm::is_contained({"f32", "f16"}, StringRef(line.precision)))
      return check.fail("--precision: '" + line.precision + "' is not known; accepted: f32, f16");
    if (!options.target().isGpu())
      return check.fail("--precision is for cuda targets; " + options.target().name + " computes in f32 (see --weights-type)");
    options.half = line.precision == "f16";
  }
  if (options.flushDenormals && options.target().isGpu())
    return check.fail("--flush-denormals is for CPU targets, not for " + options.target().name + " (see nvcc's -ftz)");
  if (options.profile && options.target().isGpu()) return check.fail("--profile is for CPU targets, not for " + options.target().name);
  if (line.level.getNumOccurrences()) {
    unsigned level;
    if (StringRef(line.level).getAsInteger(10, level) || level > 2)
      return check.fail("-O" + line.level + " is not known; accepted: -O0, -O1, -O2");
    options.optLevel = level;
  }
  if (line.winogradWeights.getNumOccurrences()) {
    double factor;
    if (StringRef(line.winogradWeights).getAsDouble(factor) || !(factor >= 1) || std::isinf(factor))
      return check.fail("--winograd-weights: '" + line.winogradWeights + "' is not a factor; accepted: a number from 1 on");
    options.winogradWeights = factor;
  }
  if (StringRef bands = line.bands; line.bands.getNumOccurrences() && bands != "auto") {
    int64_t kib = 0;
    if (bands != "off" && (bands.getAsInteger(10, kib) || kib < 1 || kib > 1 << 20))
      return check.fail("--bands: '" + bands + "' is not known; accepted: auto, off, and 1 to 1048576 KiB");
    options.bandKib = kib;
  }
  if (line.remarks.getNumOccurrences()) {
    if (!line.remarks.empty() && line.remarks != "json")
      return check.fail("--remarks: '" + line.remarks + "' is not known; accepted: --remarks, --remarks=json");
    options.remarks = line.remarks.empty() ? RemarksMode::Text : RemarksMode::Json;
  }

  for (const std::string &text : line.dims)
    if (!checkPair("--set-dim", text, options, check)) return false;
  for (const std::string &text : line.inputShapes)
    if (!checkPair("--input-shape", text, options, check)) return false;
  for (const std::string &text : line.inputs)
    if (!checkPair("--input", text, options, check)) return false;

  options.tuningDbs.assign(line.tuningDbs.begin(), line.tuningDbs.end());
  if (line.seconds.getNumOccurrences() && (StringRef(line.seconds).getAsDouble(options.tuneSeconds) || !(options.tuneSeconds > 0)))
    return check.fail("--seconds: '" + line.seconds + "' is not a time; accepted: a number above 0");

  Phase phase;
  if (!line.stopAfter.empty()) {
    if (!check.phase("--stop-after", line.stopAfter, phase)) return false;
    options.stopAfter = phase;
  }
  for (const std::string &text : line.dumpAfter) {
    if (!check.phase("--dump-after", text, phase)) return false;
    options.dumpAfter.push_back(phase);
  }
  if (!checkSeveral(options, check)) return false;

  if (options.command == Command::Tune && (options.exact || options.optLevel == 0u || options.winogradWeights))
    return check.fail("dnnc tune: a database is for every compilation: without --exact, -O0 and --winograd-weights, which then leave out what they forbid");
  if (options.command == Command::Tune) return !options.output.empty() || check.fail("dnnc tune: give the database to write or to add to: -o tuning.txt");
  if (options.command == Command::Run)
    return !options.outputDir.empty() || check.fail("dnnc run: give --output-dir, the folder where 0.npy, 1.npy … go");
  if (options.stopAfter) {
    if (options.remarks == RemarksMode::Json && options.output.empty())
      return check.fail("--remarks=json and --stop-after would both write to the terminal; give -o");
    return true;
  }
  if (options.output.empty()) return check.fail("give the file to write: -o model.cpp");
  if (!StringRef(options.output).ends_with(options.sourceEnding()))
    return check.fail("-o: '" + options.output + "' does not end in " + options.sourceEnding());
  return true;
}
} // namespace

StringRef phaseName(Phase phase) {
  static constexpr StringRef names[] = {"import", "graph", "select", "lower"};
  return names[static_cast<int>(phase)];
}

bool parseOptions(int argc, const char *const *argv, Options &options, llvm::raw_ostream &errors) {
  cl::ResetCommandLineParser(); // libLLVM's own options have names of ours
  CommandLine line;
  cl::SetVersionPrinter(printVersion);
  std::string complaint;
  llvm::raw_string_ostream os(complaint);
  if (!cl::ParseCommandLineOptions(argc, argv, overview, &os)) {
    for (StringRef text : llvm::split(StringRef(complaint).rtrim(), '\n')) // each "dnnc: …"
      errors << "dnnc: error: " << text.substr(text.starts_with("dnnc: ") ? 6 : 0) << "\n";
    return false;
  }
  Checker checker;
  if (check(line, options, checker)) return true;
  errors << "dnnc: error: " << checker.error << "\n";
  return false;
}

} // namespace dnnc
