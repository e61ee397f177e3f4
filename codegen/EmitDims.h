// What an emitted program has only where dims are chosen at run time: parameters and checks for the true dims.
#pragma once

#include "codegen/Program.h"

#include "llvm/ADT/StringMap.h"

namespace dnnc::codegen {

/// Sets what the templates write for true dims: nothing for a model without any.
void setDims(const Program &program, llvm::StringMap<std::string> &values);

} // namespace dnnc::codegen
