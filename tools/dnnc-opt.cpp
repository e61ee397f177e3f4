// mlir-opt for dnnc's dialects. Reads what `dnnc --stop-after` prints, its weights included.
#include "compiler/Register.h"
#include "dialects/dnn/Sidecar.h"

#include "mlir/IR/BuiltinOps.h"
#include "mlir/Pass/Pass.h"
#include "mlir/Pass/PassManager.h"
#include "mlir/Support/FileUtilities.h"
#include "mlir/Tools/mlir-opt/MlirOptMain.h"
#include "llvm/Support/InitLLVM.h"
#include "llvm/Support/MemoryBuffer.h"
#include "llvm/Support/Path.h"
#include "llvm/Support/ToolOutputFile.h"

using namespace mlir;

namespace {
/// Runs before all others: MlirOptMain has no other moment between parsing and passes.
struct LoadWeights : PassWrapper<LoadWeights, OperationPass<ModuleOp>> {
  MLIR_DEFINE_EXPLICIT_INTERNAL_INLINE_TYPE_ID(LoadWeights)
  explicit LoadWeights(std::string folder) : folder(std::move(folder)) {}
  StringRef getName() const override { return "dnnc-load-weights"; }
  void runOnOperation() override {
    if (failed(dnnc::loadSidecar(getOperation(), folder))) signalPassFailure();
  }
  std::string folder;
};
} // namespace

int main(int argc, char **argv) {
  llvm::InitLLVM init(argc, argv);
  DialectRegistry registry;
  dnnc::registerAllDialects(registry);
  dnnc::registerAllPasses();
  // One thread, as in dnnc: passes that run operators at compile time share one Evaluator, which runs passes of its own.
  SmallVector<char *> args(argv, argv + argc);
  char disableThreading[] = "--mlir-disable-threading";
  args.insert(args.begin() + 1, disableThreading);
  auto [input, output] = registerAndParseCLIOptions(int(args.size()), args.data(), "dnnc-opt: runs passes on dnnc's IR", registry);
  MlirOptMainConfig passes = MlirOptMainConfig::createFromCLOptions(), config = passes;
  config.setPassPipelineSetupFn([&, folder = llvm::sys::path::parent_path(input).str()](PassManager &pm) {
    pm.addPass(std::make_unique<LoadWeights>(folder));
    return passes.setupPassPipeline(pm);
  });

  std::string error;
  std::unique_ptr<llvm::MemoryBuffer> buffer = openInputFile(input, &error);
  std::unique_ptr<llvm::ToolOutputFile> file = buffer ? openOutputFile(output, &error) : nullptr;
  if (!file) {
    llvm::errs() << "dnnc-opt: " << error << "\n";
    return 1;
  }
  if (failed(MlirOptMain(file->os(), std::move(buffer), registry, config))) return 1;
  file->keep();
  return 0;
}
