// How diagnostics of passes and importer reach the user.
#pragma once

#include "compiler/Options.h"

#include "mlir/IR/Diagnostics.h"

namespace dnnc {

/// While alive, prints the errors and warnings of \p context as "dnnc: error: FILE: node '…': …" to stderr, and remarks as --remarks
/// says: as text to stderr or as JSON, one object a line, to stdout.
class DiagnosticPrinter {
public:
  DiagnosticPrinter(mlir::MLIRContext *context, std::string file, RemarksMode remarks);

  bool hadError() const { return errors != 0; }

private:
  void print(mlir::Diagnostic &diagnostic);
  void printRemark(mlir::Diagnostic &diagnostic);

  std::string file;
  RemarksMode remarks;
  int errors = 0;
  mlir::ScopedDiagnosticHandler handler;
};

} // namespace dnnc
