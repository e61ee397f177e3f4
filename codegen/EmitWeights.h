// Weights: as C++ arrays, or as one blob.
#pragma once

#include "codegen/Codegen.h"
#include "codegen/Program.h"

namespace dnnc::codegen {

/// One array per weight, `w0`, `w1` … With \p shared they stand before the kernels of several targets, each of which has types of its own for
/// 16-bit floats: those are arrays of uint16_t, `w0_bits`.
std::string inlineWeights(const Program &program, bool shared = false);
/// The symbol of a blob that the assembler takes in from the file beside the source.
std::string incbinWeights(const Program &program, llvm::StringRef name, llvm::StringRef macro);
void writeBlob(const Program &program, llvm::raw_ostream &os);
/// The hash of the blob that check_weights of the emitted program computes: FNV-1a over 64-bit words.
uint64_t hashBlob(const Program &program);

/// Text for a // comment: node and initializer names are the model's, and may hold anything.
std::string commentText(llvm::StringRef text);

} // namespace dnnc::codegen
