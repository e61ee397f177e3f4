// libFuzzer target of the importer: any bytes must give a module or an error message, never a crash, a leak or a hang.
#include "compiler/import/Import.h"

#include "mlir/IR/Diagnostics.h"
#include "mlir/IR/MLIRContext.h"
#include "mlir/IR/Verifier.h"

#include <cstdint>
#include <cstdio>
#include <cstdlib>

static int models, modules; ///< Few modules would say that the rest is never reached.

extern "C" int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
  mlir::MLIRContext context(mlir::MLIRContext::Threading::DISABLED);
  bool explained = false;
  mlir::ScopedDiagnosticHandler handler(&context, [&](mlir::Diagnostic &diagnostic) {
    explained |= diagnostic.getSeverity() == mlir::DiagnosticSeverity::Error;
    return mlir::success(); // nobody reads them
  });
  if (models++ == 0) atexit([] { fprintf(stderr, "modules from %d of %d models\n", modules, models); });
  llvm::StringRef bytes(reinterpret_cast<const char *>(data), size);
  auto module = dnnc::importOnnxBuffer(context, bytes, "fuzz.onnx");
  if (mlir::failed(module)) {
    if (!explained)
      abort(); // a failure without a message
  } else if (mlir::failed(mlir::verify(**module))) {
    abort(); // accepted, but what came out is not valid IR
  } else {
    ++modules;
  }
  return 0;
}
