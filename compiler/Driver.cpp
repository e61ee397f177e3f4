#include "compiler/Driver.h"
#include "compiler/Diagnostics.h"
#include "compiler/OutputFiles.h"
#include "dialects/dnn/Dnn.h"
#include "dialects/dnn/Sidecar.h"
#include "dialects/exec/Exec.h"

#include "mlir/Dialect/Func/IR/FuncOps.h"
#include "mlir/IR/AsmState.h"
#include "mlir/Parser/Parser.h"
#include "llvm/Support/Path.h"

using namespace mlir;

namespace dnnc {

namespace {
/// Set on modules that are printed between phases, so that dnnc can go on from there.
constexpr StringLiteral phaseAttr = "dnn.phase";

class Driver {
public:
  explicit Driver(const Options &options) : options(options), printer(&context, options.model, options.remarks) {
    context.loadDialect<func::FuncDialect, dnn::DnnDialect, exec::ExecDialect>();
  }

  int run() { return succeeded(compile()) && !printer.hadError() ? 0 : 1; }

private:
  LogicalResult compile();
  LogicalResult load();
  LogicalResult parseMlir();
  LogicalResult print(Phase phase, StringRef path);
  LogicalResult fail(const Twine &text) { return emitError(UnknownLoc::get(&context)) << text.str(); }

  const Options &options;
  MLIRContext context{MLIRContext::Threading::DISABLED};
  DiagnosticPrinter printer;
  OutputFiles files;
  OwningOpRef<ModuleOp> module;
  std::optional<Phase> done; ///< the last phase that module has been through
};

LogicalResult Driver::load() { return parseMlir(); }

LogicalResult Driver::parseMlir() {
  module = parseSourceFile<ModuleOp>(options.model, ParserConfig(&context));
  if (!module || failed(loadSidecar(*module, llvm::sys::path::parent_path(options.model))))
    return failure();
  done = module->getOps<exec::ScheduleOp>().empty() ? Phase::Import : Phase::Lower;
  if (auto name = module->getOperation()->getAttrOfType<StringAttr>(phaseAttr)) {
    for (Phase phase : {Phase::Import, Phase::Graph, Phase::Select, Phase::Lower})
      if (phaseName(phase) == name.getValue())
        done = phase;
    module->getOperation()->removeAttr(phaseAttr);
  }
  return success();
}

LogicalResult Driver::print(Phase phase, StringRef path) {
  OwningOpRef<ModuleOp> copy = module->clone();
  copy->getOperation()->setAttr(phaseAttr, StringAttr::get(&context, phaseName(phase)));
  if (path.empty())
    return printWithSidecar(*copy, llvm::outs(), "", "");
  std::string sidecar = (path + ".safetensors").str(), temporary;
  if (hasResources(*copy) && (temporary = files.temporaryFor(sidecar)).empty())
    return fail(files.error());
  bool written = files.write(path, [&](llvm::raw_ostream &os) {
    return succeeded(printWithSidecar(*copy, os, temporary, llvm::sys::path::filename(sidecar)));
  });
  return written ? success() : fail(files.error());
}

LogicalResult Driver::compile() {
  if (failed(load()))
    return failure();
  if (options.stopAfter)
    return failed(print(*options.stopAfter, options.output)) || files.commit() ? success() : fail(files.error());
  return success();
}
} // namespace

int runDriver(const Options &options) { return Driver(options).run(); }

} // namespace dnnc
