// Golden values of the self-test.
#pragma once

#include "codegen/Program.h"

namespace dnnc::codegen {

/// Rows of golden[]: evenly spaced elements of every output, whose bytes are \p outputs.
mlir::FailureOr<std::string> emitGolden(const Program &program, llvm::ArrayRef<std::vector<char>> outputs, bool half);

} // namespace dnnc::codegen
