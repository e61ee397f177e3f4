// What the files of a GPU target have that others have not.
#pragma once

#include "codegen/Codegen.h"
#include "codegen/Program.h"

#include "llvm/ADT/StringMap.h"

namespace dnnc::codegen {

/// Fills in and replaces the values of the templates *_cuda.*.in, after those of all targets are set.
mlir::LogicalResult setCuda(const Program &program, const EmitOptions &options, const EmittedFiles &files,
                            llvm::StringMap<std::string> &values);

} // namespace dnnc::codegen
