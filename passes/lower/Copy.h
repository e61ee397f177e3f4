// A copy within the schedule.
#pragma once

#include "dialects/exec/Exec.h"

#include "mlir/IR/Builders.h"

namespace dnnc {

/// Bytes of an element of \p buffer.
int64_t elementBytes(mlir::Value buffer);

/// The call that copies \p count consecutive elements; \p text says why.
exec::CallOp createCopy(mlir::OpBuilder &builder, mlir::Location loc, mlir::Value from, mlir::Value to, int64_t count, const llvm::Twine &text);

} // namespace dnnc
