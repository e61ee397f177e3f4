#include "compiler/Tuner.h"
#include "compiler/FreeConstants.h"
#include "compiler/OutputFiles.h"
#include "compiler/Trial.h"

#include "dialects/dnn/Dnn.h"
#include "passes/lower/TuningDb.h"

#include "mlir/IR/Diagnostics.h"
#include "mlir/Pass/PassManager.h"
#include "llvm/ADT/StringMap.h"
#include "llvm/Support/FileSystem.h"
#include "llvm/Support/Format.h"
#include "llvm/Support/MemoryBuffer.h"
#include "llvm/TargetParser/Host.h"

#include <array>
#include <chrono>

using namespace mlir;
using llvm::format;

namespace dnnc {
namespace {

constexpr double leastGain = 0.97;      // of the time of the models' kernel: only below that another takes its place
constexpr double hopeless = 1.15;       // times the best one's time: given up after two runs
constexpr int runs = 10;                // of a kernel, in turn with the best so far
constexpr int lastRuns = 40;            // of the best and of the models' kernel, which decide
constexpr int64_t mostBytes = 64 << 20; // that pass through the caches between two runs
constexpr int networkRuns = 11, mostNetworkRuns = 1001;
constexpr double networkSeconds = 1; // for which it runs again and again, unless it takes longer for those

std::string duration(double ns) {
  std::string text;
  llvm::raw_string_ostream os(text);
  if (ns < 1e6)
    os << format("%.1f us", ns / 1e3);
  else
    os << format("%.2f ms", ns / 1e6);
  return text;
}

/// Ops of one signature, which are measured once.
struct Subject {
  std::string signature;
  Operation *op;
  int64_t flops; ///< of all of them
};

class Tuner {
public:
  Tuner(ModuleOp module, const Options &options, const LowerOptions &lower)
      : module(module), options(options), lower(lower), target(*findTarget(lower.target)) {}

  LogicalResult run();

private:
  LogicalResult load();
  std::vector<Subject> collect();
  LogicalResult measure(const Subject &subject, const Twine &count);
  LogicalResult append(StringRef line);
  LogicalResult compareNetworks();
  LogicalResult fail(const Twine &text) { return emitError(UnknownLoc::get(module.getContext())) << text.str(); }

  ModuleOp module;
  const Options &options;
  const LowerOptions &lower;
  const Target &target;
  std::string contents; ///< of the file
  TuningDb known;
  bool far = false;         ///< the network's weights do not stay in the second-level cache
  int64_t bytesBetween = 0; ///< that pass through the caches between two runs of an op
};

LogicalResult Tuner::run() {
  if (failed(load()) || failed(append(""))) return failure(); // what cannot be written is known now
  std::vector<Subject> subjects = collect();
  const size_t all = subjects.size();
  llvm::erase_if(subjects, [&](const Subject &subject) { return known.find(target, subject.signature); });
  llvm::errs() << "dnnc tune: " << all << " different convolutions and products for " << target.name << ", " << all - subjects.size()
               << " of them known\n";
  const auto end = std::chrono::steady_clock::now() + std::chrono::duration<double>(options.tuneSeconds);
  for (size_t i = 0; i < subjects.size(); ++i) {
    if (std::chrono::steady_clock::now() >= end) {
      llvm::errs() << "dnnc tune: time is up with " << subjects.size() - i << " to go, the same command goes on with them (--seconds="
                   << options.tuneSeconds << ")\n";
      break;
    }
    if (failed(measure(subjects[i], Twine(all - subjects.size() + i + 1) + "/" + Twine(all)))) return failure();
  }
  return all ? compareNetworks() : success();
}

LogicalResult Tuner::load() {
  SmallVector<std::string> errors;
  for (const std::string &file : lower.tuning)
    if (file != options.output) known.read(file, errors);
  if (llvm::sys::fs::exists(options.output)) {
    auto buffer = llvm::MemoryBuffer::getFile(options.output, /*IsText=*/true);
    if (!buffer) return fail("-o: " + options.output + " cannot be read: " + buffer.getError().message());
    contents = (*buffer)->getBuffer().str();
    known.parse(contents, options.output, errors);
  } else {
    contents = ("# Written by dnnc tune " DNNC_VERSION " on " + llvm::sys::getHostCPUName() + ". A line: target, op, fastest kernel.\n").str();
  }
  for (const std::string &error : errors) (void)fail(error);
  return success(errors.empty());
}

/// All that have a choice, those with the most arithmetic first.
std::vector<Subject> Tuner::collect() {
  std::vector<Subject> subjects;
  llvm::StringMap<size_t> index;
  for (auto function : module.getOps<func::FuncOp>()) {
    far = !weightsStay(function, target);
    bytesBetween = far ? std::min(constantBytes(function), mostBytes) : 0;
    function.walk([&](Operation *op) {
      const std::string signature = signatureOf(op, !far);
      if (signature.empty() || candidates(op, target).empty()) return;
      auto [place, isNew] = index.try_emplace(signature, subjects.size());
      if (isNew) subjects.push_back({signature, op, 0});
      subjects[place->second].flops += cast<dnn::WorkOp>(op).flops();
    });
  }
  llvm::stable_sort(subjects, [](const Subject &a, const Subject &b) { return a.flops > b.flops; });
  return subjects;
}

/// The shortest times of both, which run in turn.
std::pair<double, double> duel(Trial &champion, Trial &challenger, CacheState &caches, int runs) {
  std::pair<double, double> best{INFINITY, INFINITY};
  auto run = [&](Trial &trial, double &least) {
    const double time = trial.run(caches);
    if (time >= 0) least = std::min(least, time);
  };
  for (int i = 0; i < runs; ++i) {
    run(champion, best.first);
    run(challenger, best.second);
    if (i == 1 && best.second > hopeless * best.first) break;
  }
  return best;
}

LogicalResult Tuner::measure(const Subject &subject, const Twine &count) {
  std::unique_ptr<Trial> champion = Trial::make(subject.op, far, lower, {});
  if (!champion) return success(); // the compiler itself will say why
  CacheState caches(bytesBetween);
  const KernelChoice byModel = champion->taken();
  std::vector<KernelChoice> tried{byModel};
  for (const KernelChoice &choice : candidates(subject.op, target)) {
    std::unique_ptr<Trial> challenger = Trial::make(subject.op, far, lower, choice);
    if (!challenger || llvm::is_contained(tried, challenger->taken())) continue;
    tried.push_back(challenger->taken());
    auto [old, time] = duel(*champion, *challenger, caches, runs);
    if (time < old) champion = std::move(challenger);
  }
  std::unique_ptr<Trial> first = Trial::make(subject.op, far, lower, {});
  const auto [best, models] = duel(*champion, *first, caches, lastRuns);
  const double gain = best / models;
  const bool other = !(champion->taken() == byModel) && gain < leastGain;
  const KernelChoice choice = other ? champion->taken() : byModel;
  std::string comment = duration(other ? best : models);
  llvm::raw_string_ostream os(comment);
  if (other) os << format(", %.2f of the time of ", gain) << byModel.str();
  llvm::errs() << "[" << count << "] " << subject.signature << ": " << choice.str() << ", " << comment << " (" << tried.size() << " tried)\n";
  return append(TuningDb::line(target, subject.signature, choice, comment));
}

/// The file with one line more, on disk at once.
LogicalResult Tuner::append(StringRef line) {
  if (auto buffer = llvm::MemoryBuffer::getFile(options.output, /*IsText=*/true)) contents = (*buffer)->getBuffer().str(); // others may write, too
  if (!contents.empty() && contents.back() != '\n') contents += '\n';
  contents += line;
  OutputFiles files;
  return files.write(options.output, contents) && files.commit() ? success() : fail(files.error());
}

/// What the whole network gains.
LogicalResult Tuner::compareNetworks() {
  LowerOptions tuned = lower;
  tuned.tuning.push_back(options.output);
  LowerOptions plain = lower;
  plain.tuning.clear();
  struct Network {
    OwningOpRef<ModuleOp> module;
    exec::ScheduleOp schedule;
    std::vector<TensorData> inputs, outputs;
    std::vector<double> times;
  } networks[2];
  for (auto [network, with] : llvm::zip(networks, std::array{&plain, &tuned})) {
    ScopedDiagnosticHandler quiet(module.getContext(), [](Diagnostic &diagnostic) {
      return success(diagnostic.getSeverity() != DiagnosticSeverity::Error);
    });
    network.module = module.clone();
    PassManager passes(module.getContext());
    buildLowerPipeline(passes, *with);
    if (failed(passes.run(*network.module))) return failure();
    network.schedule = *network.module->getOps<exec::ScheduleOp>().begin();
    FailureOr<std::vector<TensorData>> inputs = readInputs(network.schedule);
    if (failed(inputs)) return failure();
    network.inputs = std::move(*inputs);
  }
  const auto end = std::chrono::steady_clock::now() + std::chrono::duration<double>(networkSeconds);
  for (int i = 0; i < networkRuns || (i < mostNetworkRuns && std::chrono::steady_clock::now() < end); ++i)
    for (Network &network : networks) {
      const double time = timeOf(network.schedule, network.inputs, network.outputs);
      if (time < 0) return failure();
      network.times.push_back(time);
    }
  for (Network &network : networks) llvm::sort(network.times);
  auto text = [](const Network &network) { return duration(network.times.front()) + " (" + duration(network.times[network.times.size() / 2]) + ")"; };
  SmallVector<ElementsAttr> constants; // which are not the copies' own
  module.walk([&](dnn::ConstantOp constant) { constants.push_back(constant.getValue()); });
  for (Network &network : networks) freeConstants(*network.module, constants);
  llvm::raw_ostream &os = options.remarks == RemarksMode::Json ? llvm::errs() : llvm::outs();
  os << "kernels of the whole network on " << target.name << ", shortest (median) of " << networks[0].times.size() << " runs in turn, epilogues interpreted: "
               << text(networks[1]) << " tuned, " << text(networks[0]) << " by the models, "
               << format("%.3f", networks[1].times.front() / networks[0].times.front()) << " of that\n";
  return success();
}
} // namespace

LogicalResult tune(ModuleOp module, const Options &options, const LowerOptions &lower) { return Tuner(module, options, lower).run(); }

} // namespace dnnc
