// The text of runtime/ and of codegen/templates/, put into the library at build time: dnnc works wherever it is installed.
#pragma once

#include "llvm/ADT/ArrayRef.h"
#include "llvm/ADT/StringRef.h"

namespace dnnc::codegen {

struct EmbeddedFile {
  llvm::StringRef path; ///< from the root of the repository: "runtime/simd.h"
  llvm::StringRef text;
};

llvm::ArrayRef<EmbeddedFile> embeddedFiles();

/// The text of a file, or null.
inline const llvm::StringRef *findEmbedded(llvm::StringRef path) {
  for (const EmbeddedFile &file : embeddedFiles())
    if (file.path == path) return &file.text;
  return nullptr;
}

} // namespace dnnc::codegen
