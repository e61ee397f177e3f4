// A pw region as the flat program that the executor's kernels interpret.
#pragma once

#include "dialects/pw/Pw.h"
#include "executor/Program.h"

#include "mlir/IR/BuiltinAttributes.h"

#include <vector>

namespace dnnc {

/// The number ONNX gives an element type, or 0 when it has no counterpart.
dnnc_type elementTypeOf(mlir::Type type);

/// Fails with an error at the op whose type or function the executor does not know.
mlir::LogicalResult buildProgram(mlir::Region &chain, Program &program);

/// Row-major bytes of a small (dense) constant; i1 is one byte an element.
std::vector<char> rawBytes(mlir::ElementsAttr value);

} // namespace dnnc
