// A module's large constants in a file beside its text, so that the text stays readable: the module's attribute `dnn.weights` names
// the file, which is in the safetensors format (8 bytes: length of the header; the header: JSON; then raw little-endian data).
#pragma once

#include "mlir/IR/BuiltinOps.h"

namespace dnnc {

/// True if \p module has constants that belong into a sidecar.
bool hasResources(mlir::ModuleOp module);

/// Prints \p module without its resource blobs, which go to the file \p path (none is written when there are no blobs); the text
/// calls that file \p name. An empty \p path leaves the blobs out altogether. \p module is not changed.
mlir::LogicalResult printWithSidecar(mlir::ModuleOp module, llvm::raw_ostream &os, llvm::StringRef path, llvm::StringRef name);

/// Reads the file that `dnn.weights` names, looked for in \p folder, into the resources of \p module, and drops the attribute.
/// Modules without the attribute are left alone.
mlir::LogicalResult loadSidecar(mlir::ModuleOp module, llvm::StringRef folder);

} // namespace dnnc
