#include "compiler/Driver.h"
#include "codegen/Codegen.h"
#include "compiler/Diagnostics.h"
#include "compiler/OutputFiles.h"
#include "compiler/Register.h"
#include "compiler/import/Import.h"
#include "dialects/dnn/Sidecar.h"
#include "dialects/exec/Exec.h"
#include "passes/graph/Pipeline.h"
#include "passes/lower/Lower.h"
#include "passes/select/Select.h"

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
  LogicalResult runPhase(Phase phase);
  LogicalResult print(Phase phase, StringRef path);
  LogicalResult emit();
  LogicalResult fail(const Twine &text) { return emitError(UnknownLoc::get(&context)) << text.str(); }
  LogicalResult written(bool ok) { return ok ? success() : fail(files.error()); }

  const Options &options;
  MLIRContext context{MLIRContext::Threading::DISABLED};
  DiagnosticPrinter printer;
  OutputFiles files;
  OwningOpRef<ModuleOp> module;
  Phase done = Phase::Import; ///< the last phase that module has been through
};

LogicalResult Driver::load() {
  if (StringRef(options.model).ends_with(".mlir"))
    return parseMlir();
  ImportOptions import;
  import.dims.insert(options.dims.begin(), options.dims.end());
  import.inputShapes.insert(options.inputShapes.begin(), options.inputShapes.end());
  import.keptTensors = options.keepTensors;
  FailureOr<OwningOpRef<ModuleOp>> imported = importOnnx(context, options.model, import);
  if (failed(imported))
    return failure();
  module = std::move(*imported);
  return success();
}

LogicalResult Driver::parseMlir() {
  if (!options.dims.empty() || !options.inputShapes.empty() || !options.keepTensors.empty())
    return fail("--set-dim, --input-shape and --keep-tensor are for ONNX models");
  module = parseSourceFile<ModuleOp>(options.model, ParserConfig(&context));
  if (!module || failed(loadSidecar(*module, llvm::sys::path::parent_path(options.model))))
    return failure();
  done = module->getOps<exec::ScheduleOp>().empty() ? Phase::Import : Phase::Lower;
  if (auto name = module->getOperation()->getAttrOfType<StringAttr>(phaseAttr)) {
    for (Phase phase : phases)
      if (phaseName(phase) == name.getValue())
        done = phase;
    module->getOperation()->removeAttr(phaseAttr);
  }
  return success();
}

LogicalResult Driver::runPhase(Phase phase) {
  PassManager passes(&context);
  int level = static_cast<int>(options.optLevel);
  if (phase == Phase::Graph)
    buildGraphPipeline(passes, {nullptr, level, options.exact});
  else if (phase == Phase::Select)
    buildSelectPipeline(passes, {nullptr, level});
  else
    buildLowerPipeline(passes, {options.target->name.str()});
  return passes.run(*module);
}

LogicalResult Driver::print(Phase phase, StringRef path) {
  OwningOpRef<ModuleOp> copy = module->clone();
  copy->getOperation()->setAttr(phaseAttr, StringAttr::get(&context, phaseName(phase)));
  if (path.empty())
    return printWithSidecar(*copy, llvm::outs(), "", "");
  std::string sidecar = (path + ".safetensors").str(), temporary;
  if (hasResources(*copy) && (temporary = files.temporaryFor(sidecar)).empty())
    return fail(files.error());
  return written(files.write(path, [&](llvm::raw_ostream &os) {
    return succeeded(printWithSidecar(*copy, os, temporary, llvm::sys::path::filename(sidecar)));
  }));
}

LogicalResult Driver::emit() {
  StringRef base = StringRef(options.output).drop_back(StringRef(".cpp").size());
  EmitOptions emit;
  emit.name = options.name;
  emit.version = DNNC_VERSION;
  emit.stem = llvm::sys::path::filename(base).str();
  emit.weights = options.weights;
  emit.withMain = options.withMain;
  FailureOr<EmittedFiles> text = emitCpp(*module, emit);
  if (failed(text))
    return failure();
  SmallVector<std::pair<std::string, std::string *>> outputs = {{".h", &text->header}, {".cpp", &text->source}};
  if (options.withMain)
    outputs.push_back({"_main.cpp", &text->main});
  if (options.selfTest)
    outputs.push_back({"_test.cpp", &text->test});
  for (auto &[ending, content] : outputs)
    if (!files.write((base + ending).str(), *content))
      return fail(files.error());
  if (text->weightsName.empty())
    return success();
  SmallString<128> path(llvm::sys::path::parent_path(base));
  llvm::sys::path::append(path, text->weightsName);
  return written(files.write(path, [&](llvm::raw_ostream &os) {
    text->writeWeights(os);
    return true;
  }));
}

LogicalResult Driver::compile() {
  if (failed(load()))
    return failure();
  for (Phase phase : phases) {
    if (phase > done && failed(runPhase(phase)))
      return failure();
    if (llvm::is_contained(options.dumpAfter, phase) &&
        failed(print(phase, (StringRef(options.output).drop_back(StringRef(".cpp").size()) + "." + phaseName(phase) + ".mlir").str())))
      return failure();
    if (options.stopAfter == phase)
      return failed(print(phase, options.output)) ? failure() : written(files.commit());
  }
  return failed(emit()) ? failure() : written(files.commit());
}
} // namespace

int runDriver(const Options &options) { return Driver(options).run(); }

} // namespace dnnc
