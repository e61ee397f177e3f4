// Runtime headers as one piece of text.
#pragma once

#include "llvm/ADT/StringMap.h"
#include "llvm/ADT/StringSet.h"

#include <string>

namespace dnnc::codegen {

/// Expands `#include "…"` of embedded files in place, each once, and resolves the conditions that are known at compile time, so that
/// the emitted source holds one instruction set's code and no more. Comments stay; `#pragma once` goes.
class Amalgamator {
public:
  /// \p macros: values of the macros that conditions may ask for. A condition that asks for any other is kept as it is.
  explicit Amalgamator(llvm::StringMap<long> macros) : macros(std::move(macros)) {}

  /// Counts a file as expanded already.
  void skip(llvm::StringRef path) { seen.insert(path); }

  /// The text of \p path and of what it includes; empty if it was expanded before. The path is one of embeddedFiles().
  std::string expand(llvm::StringRef path);

private:
  llvm::StringMap<long> macros;
  llvm::StringSet<> seen;
};

} // namespace dnnc::codegen
