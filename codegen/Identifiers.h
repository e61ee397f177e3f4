// Names of the model as C++ identifiers.
#pragma once

#include "llvm/ADT/ArrayRef.h"
#include "llvm/ADT/StringRef.h"

#include <string>
#include <vector>

namespace dnnc {

/// True if \p name may be used as a namespace and as the prefix of global names.
bool isIdentifier(llvm::StringRef name);

/// \p name with every other character replaced by '_' and words the language or the emitted source uses avoided.
std::string toIdentifier(llvm::StringRef name, llvm::StringRef ifEmpty = "model");

/// One identifier per name, all different, none of them in \p taken.
std::vector<std::string> toIdentifiers(llvm::ArrayRef<std::string> names, llvm::ArrayRef<llvm::StringRef> taken);

} // namespace dnnc
