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
  /// The one of several targets that remarks are about from now on; empty for all, or where there is one.
  void setTarget(llvm::StringRef name) { target = name.str(); }

private:
  void print(mlir::Diagnostic &diagnostic);
  void printRemark(mlir::Diagnostic &diagnostic);

  std::string file;
  RemarksMode remarks;
  std::string target;
  int errors = 0;
  mlir::ScopedDiagnosticHandler handler;
};

} // namespace dnnc
