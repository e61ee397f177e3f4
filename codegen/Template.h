// Text with @PLACEHOLDERS@.
#pragma once

#include "llvm/ADT/StringMap.h"

#include <string>

namespace dnnc::codegen {

/// The embedded file codegen/templates/\p name with every @KEY@ replaced; a key that has no value is a bug in dnnc.
std::string fillTemplate(llvm::StringRef name, const llvm::StringMap<std::string> &values);

} // namespace dnnc::codegen
