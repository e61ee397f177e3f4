#include "compiler/Driver.h"
#include "codegen/Codegen.h"
#include "compiler/Diagnostics.h"
#include "compiler/Evaluator.h"
#include "compiler/FreeConstants.h"
#include "compiler/OutputFiles.h"
#include "compiler/Register.h"
#include "compiler/RunModel.h"
#include "compiler/Tuner.h"
#include "compiler/import/Import.h"
#include "compiler/import/Registry.h"
#include "dialects/dnn/Sidecar.h"
#include "dialects/exec/Exec.h"
#include "passes/graph/Pipeline.h"
#include "passes/lower/Lower.h"
#include "passes/select/Select.h"

#include "mlir/Dialect/Func/IR/FuncOps.h"
#include "mlir/Parser/Parser.h"
#include "mlir/Pass/PassManager.h"
#include "llvm/Support/Path.h"

using namespace mlir;

namespace dnnc {

namespace {
/// Set on modules that are printed between phases, so that dnnc can go on from there.
constexpr StringLiteral phaseAttr = "dnn.phase";
constexpr Phase phases[] = {Phase::Import, Phase::Graph, Phase::Select, Phase::Lower};

class Driver {
public:
  explicit Driver(const Options &options) : options(options), printer(&context, options.model, options.remarks) {
    DialectRegistry registry;
    registerAllDialects(registry);
    context.appendDialectRegistry(registry);
    context.loadAllAvailableDialects();
  }

  int run() { return succeeded(compile()) && !printer.hadError() ? 0 : 1; }

private:
  LogicalResult compile();
  LogicalResult load();
  LogicalResult parseMlir();
  LogicalResult runPhase(Phase phase, ModuleOp module, const Target *target = nullptr);
  LogicalResult lower();
  LogicalResult tuneAll();
  LowerOptions lowerOptions(const Target &target) const;
  LogicalResult print(Phase phase, StringRef path);
  LogicalResult emit();
  LogicalResult runInside();
  FailureOr<std::vector<TensorData>> goldenOutputs();
  LogicalResult fail(const Twine &text) { return emitError(UnknownLoc::get(&context)) << text.str(); }
  LogicalResult written(bool ok) { return ok ? success() : fail(files.error()); }

  const Options &options;
  MLIRContext context{MLIRContext::Threading::DISABLED};
  DiagnosticPrinter printer;
  OutputFiles files;
  std::unique_ptr<Evaluator> evaluator = makeEvaluator();
  OwningOpRef<ModuleOp> module;
  std::vector<const Target *> chosen;        ///< the targets that it is lowered for, the best first
  std::vector<OwningOpRef<ModuleOp>> copies; ///< lowered for all of them but the last, which has module itself
  OwningOpRef<ModuleOp> portable;            ///< one more, for any processor, to compute golden values where this one can run no target
  Phase done = Phase::Import;     ///< the last phase that module has been through
  bool half = false;              ///< f16 where kernels can
};

LogicalResult Driver::load() {
  if (StringRef(options.model).ends_with(".mlir")) return parseMlir();
  ImportOptions import;
  import.dims.insert(options.dims.begin(), options.dims.end());
  import.inputShapes.insert(options.inputShapes.begin(), options.inputShapes.end());
  import.keptTensors = options.keepTensors;
  import.states = options.states;
  FailureOr<OwningOpRef<ModuleOp>> imported = importOnnx(context, options.model, import, evaluator.get());
  if (failed(imported)) return failure();
  module = std::move(*imported);
  return success();
}

LogicalResult Driver::parseMlir() {
  if (!options.dims.empty() || !options.inputShapes.empty() || !options.keepTensors.empty() || !options.states.empty())
    return fail("--set-dim, --input-shape, --keep-tensor and --state are for ONNX models");
  module = parseSourceFile<ModuleOp>(options.model, ParserConfig(&context));
  if (!module || failed(loadSidecar(*module, llvm::sys::path::parent_path(options.model)))) return failure();
  done = module->getOps<exec::ScheduleOp>().empty() ? Phase::Import : Phase::Lower;
  if (auto name = module->getOperation()->getAttrOfType<StringAttr>(phaseAttr)) {
    for (Phase phase : phases)
      if (phaseName(phase) == name.getValue()) done = phase;
    module->getOperation()->removeAttr(phaseAttr);
  }
  const char *late = options.weightsType != "model" ? "--weights-type" : options.optLevel ? "-O" : options.exact ? "--exact" : nullptr;
  if (done > Phase::Import && late) return fail(Twine(late) + " belongs to the graph phase, which this module has been through");
  if (done == Phase::Lower && options.targets.size() > 1) return fail("this module is lowered, for one target; --target gives several");
  const char *last = options.winogradWeights ? "--winograd-weights" : options.bandKib ? "--bands" : !options.tuningDbs.empty() ? "--tuning-db" : nullptr;
  if (done == Phase::Lower && last) return fail(Twine(last) + " belongs to the lower phase, which this module has been through");
  return success();
}

LogicalResult Driver::runPhase(Phase phase, ModuleOp module, const Target *target) {
  PassManager passes(&context);
  if (copies.empty() && !portable) // which share its constants
    passes.addInstrumentation(createFreeConstants());
  int level = static_cast<int>(options.optLevel.value_or(2));
  if (phase == Phase::Graph)
    buildGraphPipeline(passes, {evaluator.get(), level, options.exact, options.weightsType});
  else if (phase == Phase::Select)
    buildSelectPipeline(passes, {evaluator.get(), level});
  else
    buildLowerPipeline(passes, lowerOptions(*target));
  return passes.run(module);
}

LogicalResult Driver::lower() {
  if (options.selfTest && llvm::none_of(chosen, [](const Target *target) { return canRun(*target); })) portable = module->clone();
  for (size_t i = 1; i < chosen.size(); ++i) copies.push_back(module->clone());
  if (portable && failed(runPhase(Phase::Lower, *portable, &targets().front()))) return failure();
  for (auto [copy, target] : llvm::zip(copies, chosen)) {
    printer.setTarget(target->name);
    if (failed(runPhase(Phase::Lower, *copy, target))) return failure();
  }
  printer.setTarget(copies.empty() ? StringRef() : chosen.back()->name);
  return runPhase(Phase::Lower, *module, chosen.back());
}

LowerOptions Driver::lowerOptions(const Target &target) const {
  LowerOptions lower;
  lower.target = target.name.str();
  lower.half = half && target.isGpu();
  lower.reassociate = !options.exact && options.optLevel != 0u;
  lower.bandKib = options.optLevel == 0u ? 0 : options.bandKib.value_or(lower.bandKib);
  lower.winogradWeights = options.winogradWeights.value_or(lower.winogradWeights);
  lower.tuning = options.tuningDbs;
  return lower;
}

LogicalResult Driver::tuneAll() {
  if (done == Phase::Lower) return fail("this module is lowered: its kernels are chosen");
  if (options.target().isGpu()) return fail("dnnc tune measures CPU kernels; " + options.target().name + " has one for each op");
  for (const Target *target : chosen)
    if (!canRun(*target)) return fail("this processor cannot run target " + target->name + " (it needs " + target->cpuFeatures + "): tune where it can");
  for (const Target *target : chosen)
    if (failed(tune(*module, options, lowerOptions(*target)))) return failure();
  return success();
}

LogicalResult Driver::print(Phase phase, StringRef path) {
  OwningOpRef<ModuleOp> copy = module->clone();
  copy->getOperation()->setAttr(phaseAttr, StringAttr::get(&context, phaseName(phase)));
  if (path.empty()) return printWithSidecar(*copy, llvm::outs(), "", "");
  std::string sidecar = (path + ".safetensors").str(), temporary;
  if (hasResources(*copy) && (temporary = files.temporaryFor(sidecar)).empty()) return fail(files.error());
  return written(files.write(
      path, [&](llvm::raw_ostream &os) { return succeeded(printWithSidecar(*copy, os, temporary, llvm::sys::path::filename(sidecar))); }));
}

/// What the self-test expects: this compiler's own run of the schedule, on the inputs of runtime/pattern.h.
FailureOr<std::vector<TensorData>> Driver::goldenOutputs() {
  ModuleOp runnable = portable ? *portable : *module;
  for (auto [copy, target] : llvm::zip(copies, chosen))
    if (canRun(*target)) {
      runnable = *copy;
      break;
    }
  exec::ScheduleOp schedule = *runnable.getOps<exec::ScheduleOp>().begin();
  FailureOr<std::vector<TensorData>> inputs = readInputs(schedule);
  if (failed(inputs)) return failure();
  return runModel(schedule, *inputs);
}

LogicalResult Driver::runInside() {
  exec::ScheduleOp schedule = *module->getOps<exec::ScheduleOp>().begin();
  FailureOr<std::vector<TensorData>> inputs = readInputs(schedule, options.inputs);
  if (failed(inputs)) return failure();
  FailureOr<std::vector<TensorData>> outputs = runModel(schedule, *inputs);
  return failed(outputs) ? failure() : writeOutputs(schedule, *outputs, options.outputDir, files);
}

LogicalResult Driver::emit() {
  StringRef base = StringRef(options.output).drop_back(options.sourceEnding().size());
  EmitOptions emit;
  emit.name = options.name;
  emit.version = DNNC_VERSION;
  emit.stem = llvm::sys::path::filename(base).str();
  emit.weights = options.weights;
  emit.half = half;
  emit.withMain = options.withMain;
  emit.profile = options.profile;
  emit.flushDenormals = options.flushDenormals;
  if (options.selfTest) {
    FailureOr<std::vector<TensorData>> golden = goldenOutputs();
    if (failed(golden)) return failure();
    emit.golden = std::move(*golden);
    emit.goldenElsewhere = portable || !copies.empty();
  }
  SmallVector<ModuleOp> modules;
  for (OwningOpRef<ModuleOp> &copy : copies) modules.push_back(*copy);
  modules.push_back(*module);
  FailureOr<EmittedFiles> text = emitCpp(modules, emit);
  if (failed(text)) return failure();
  const std::string ending = options.sourceEnding().str();
  SmallVector<std::pair<std::string, std::string *>> outputs = {{".h", &text->header}, {ending, &text->source}};
  if (options.withMain) outputs.push_back({"_main" + ending, &text->main});
  if (options.selfTest) outputs.push_back({"_test" + ending, &text->test});
  for (auto &[suffix, content] : outputs)
    if (!files.write((base + suffix).str(), *content)) return fail(files.error());
  if (text->weightsName.empty()) return success();
  SmallString<128> path(llvm::sys::path::parent_path(base));
  llvm::sys::path::append(path, text->weightsName);
  return written(files.write(path, [&](llvm::raw_ostream &os) {
    text->writeWeights(os);
    return true;
  }));
}

/// Whether an input is f16.
static bool takesHalf(ModuleOp module) {
  return llvm::any_of(module.getOps<func::FuncOp>(), [](func::FuncOp function) {
    return llvm::any_of(function.getArgumentTypes(), [](Type type) { return getElementTypeOrSelf(type).isF16(); });
  });
}

LogicalResult Driver::compile() {
  if (failed(load())) return failure();
  chosen = options.targets;
  if (options.command == Command::Run) { // on the best that this processor can
    auto best = llvm::find_if(chosen, [](const Target *target) { return canRun(*target); });
    chosen = {best == chosen.end() ? chosen.front() : *best};
  }
  half = options.target().isGpu() && options.half.value_or(takesHalf(*module));
  for (Phase phase : phases) {
    if (phase == Phase::Lower && options.command == Command::Tune) return tuneAll();
    if (phase > done && failed(phase == Phase::Lower ? lower() : runPhase(phase, *module))) return failure();
    if (llvm::is_contained(options.dumpAfter, phase) &&
        failed(print(phase, (StringRef(options.output).drop_back(options.sourceEnding().size()) + "." + phaseName(phase) + ".mlir").str())))
      return failure();
    if (options.stopAfter == phase) return failed(print(phase, options.output)) ? failure() : written(files.commit());
  }
  LogicalResult result = options.command == Command::Run ? runInside() : emit();
  return failed(result) ? failure() : written(files.commit());
}
} // namespace

int runDriver(const Options &options) {
  if (options.command != Command::Operators) return Driver(options).run();
  importer::Registry::get().print(llvm::outs());
  return 0;
}

} // namespace dnnc
