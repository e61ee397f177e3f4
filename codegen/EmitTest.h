// Golden values of the self-test.
#pragma once

#include "codegen/Program.h"

namespace dnnc::codegen {

/// Rows of golden[]: evenly spaced elements of every output, whose bytes are \p outputs.
/// A schedule's true dims of outputs follow these.
mlir::FailureOr<std::string> emitGolden(const Program &program, llvm::ArrayRef<std::vector<char>> outputs, bool half);

/// The statement that compares true dims of outputs; empty where all are fixed.
std::string goldenDims(const Program &program, llvm::ArrayRef<std::vector<char>> outputs);

} // namespace dnnc::codegen
