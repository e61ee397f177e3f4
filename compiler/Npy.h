// numpy's .npy files: https://numpy.org/doc/stable/reference/generated/numpy.lib.format.html
#pragma once

#include "mlir/IR/BuiltinTypes.h"

#include <string>
#include <vector>

namespace dnnc {

/// Reads the elements of an npy file that holds \p type, in C order; \p min, unless empty, are the smallest dims it may have instead of those of
/// \p type, and \p shape becomes what it has. bfloat16, which numpy lacks, is two raw bytes, V2. Elements of 8 bits and less are one byte
/// each: V1, as ml_dtypes saves them; those of integers are written as i1 and u1, their value. On failure returns false and says why in
/// \p error.
bool readNpy(llvm::StringRef path, mlir::RankedTensorType type, llvm::ArrayRef<int64_t> min, std::vector<char> &data,
             llvm::SmallVectorImpl<int64_t> &shape, std::string &error);

void writeNpy(llvm::raw_ostream &os, mlir::RankedTensorType type, llvm::ArrayRef<char> data);

} // namespace dnnc
