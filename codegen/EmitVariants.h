// The kernels and the steps for one target or several, and what chooses among them at run time.
#pragma once

#include "codegen/Codegen.h"
#include "codegen/EmitSteps.h"
#include "codegen/Program.h"

#include "llvm/ADT/StringMap.h"

namespace dnnc::codegen {

/// Fills in the values of the templates that depend on the target, after all others are set. \p programs are one model's, best target first,
/// each with its \p steps. One gives a source for one target; of several each has a namespace of its own in it, within an #if where their
/// architectures differ. For a GPU, which is alone, the values of source_cuda.cu.in.
void setVariants(llvm::ArrayRef<Program> programs, llvm::ArrayRef<Steps> steps, const EmitOptions &options, llvm::StringMap<std::string> &values);

/// "avx512, avx2"
std::string targetNames(llvm::ArrayRef<Program> programs);

} // namespace dnnc::codegen
