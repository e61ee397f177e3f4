// Completion, hover and diagnostics for .mlir files of dnnc's dialects, in any editor that speaks LSP.
#include "compiler/Register.h"

#include "mlir/Tools/mlir-lsp-server/MlirLspServerMain.h"

int main(int argc, char **argv) {
  mlir::DialectRegistry registry;
  dnnc::registerAllDialects(registry);
  return failed(mlir::MlirLspServerMain(argc, argv, registry));
}
