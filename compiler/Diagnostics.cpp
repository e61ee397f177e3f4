#include "compiler/Diagnostics.h"
#include "dialects/dnn/Remarks.h"

#include "llvm/Support/JSON.h"

using namespace mlir;

namespace dnnc {

DiagnosticPrinter::DiagnosticPrinter(MLIRContext *context, std::string file, RemarksMode remarks)
    : file(std::move(file)), remarks(remarks), handler(context, [this](Diagnostic &diagnostic) {
        print(diagnostic);
        return success();
      }) {}

/// What stands before the message: "node 'conv1': ", a place in an MLIR file, or nothing.
static std::string place(Location location, StringRef text) {
  std::string names = nodeNames(location);
  if (!names.empty() && !text.starts_with("node '")) return "node '" + names + "': ";
  if (auto line = dyn_cast<FileLineColLoc>(location)) return (Twine(line.getLine()) + ":" + Twine(line.getColumn()) + ": ").str();
  return "";
}

void DiagnosticPrinter::print(Diagnostic &diagnostic) {
  if (diagnostic.getSeverity() == DiagnosticSeverity::Remark) return printRemark(diagnostic);
  DiagnosticSeverity severity = diagnostic.getSeverity();
  errors += severity == DiagnosticSeverity::Error;
  std::string text = diagnostic.str();
  llvm::errs() << "dnnc: " << (severity == DiagnosticSeverity::Error  ? "error"
                                : severity == DiagnosticSeverity::Note ? "note"
                                                                       : "warning") << ": " << file << ": " << place(diagnostic.getLocation(), text) << text
               << "\n";
  for (Diagnostic &note : diagnostic.getNotes()) {
    std::string noteText = note.str();
    // A note that shows IR is for people who debug passes; --dump-after serves them better.
    if (!StringRef(noteText).starts_with("see current operation"))
      llvm::errs() << "dnnc: note: " << file << ": " << place(note.getLocation(), noteText) << noteText << "\n";
  }
}

void DiagnosticPrinter::printRemark(Diagnostic &diagnostic) {
  if (remarks == RemarksMode::None) return;
  std::string text = diagnostic.str(), names = nodeNames(diagnostic.getLocation());
  if (remarks == RemarksMode::Text) {
    llvm::errs() << "dnnc: remark: " << (target.empty() ? "" : target + ": ") << (names.empty() ? "" : "node '" + names + "': ") << text << "\n";
    return;
  }
  StringRef rest = text, category;
  if (rest.consume_front("[")) std::tie(category, rest) = rest.split("] ");
  bool refused = rest.consume_front("not applied: ");
  llvm::json::Object object{{"category", category}, {"node", names}, {"applied", !refused}, {"text", rest}};
  if (!target.empty()) object["target"] = target;
  llvm::outs() << llvm::json::Value(std::move(object)) << "\n";
}

} // namespace dnnc
