// numpy's .npy files: https://numpy.org/doc/stable/reference/generated/numpy.lib.format.html
#pragma once

#include "mlir/IR/BuiltinTypes.h"

#include <string>
#include <vector>

namespace dnnc {

/// Reads the elements of an npy file that holds exactly \p type, in C order. bfloat16, which numpy lacks, is two raw bytes, V2. Elements
/// of 8 bits and less are one byte each: V1, as ml_dtypes saves them; those of integers are written as i1 and u1, their value. On failure
/// returns false and says why in \p error.
bool readNpy(llvm::StringRef path, mlir::RankedTensorType type, std::vector<char> &data, std::string &error);

void writeNpy(llvm::raw_ostream &os, mlir::RankedTensorType type, llvm::ArrayRef<char> data);

} // namespace dnnc
