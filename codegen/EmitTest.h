// Golden values of the self-test.
#pragma once

#include "codegen/Program.h"

#include "llvm/ADT/StringMap.h"

namespace dnnc::codegen {

/// Rows of golden[]: evenly spaced elements of every output, whose bytes are \p outputs. \p programs are one model's for each of its targets.
/// A schedule's true dims of outputs follow these. \p elsewhere: they may come from another target than the one that is tested.
mlir::FailureOr<std::string> emitGolden(llvm::ArrayRef<Program> programs, llvm::ArrayRef<std::vector<char>> outputs, bool half, bool elsewhere);

/// The statement that compares true dims of outputs; empty where all are fixed.
std::string goldenDims(const Program &program, llvm::ArrayRef<std::vector<char>> outputs);

/// The statements that run the model, on each of its targets where there are several, and compare.
std::string runAndCompare(llvm::StringRef name, bool several, const llvm::StringMap<std::string> &values);

} // namespace dnnc::codegen
