// The rows of all runtime/kernels/*/kernels.inc, with the fields of their parameter structs.
#pragma once

#include "llvm/ADT/ArrayRef.h"
#include "llvm/ADT/StringRef.h"

#include <string>

namespace dnnc::codegen {

struct ParamField {
  llvm::StringRef name;
  char kind;  ///< 'I' i64, 'A' array of i64, 'R' float
  int length; ///< of an array
};

struct KernelRow {
  llvm::StringRef name;       ///< "conv_direct_6x2"
  llvm::StringRef family;     ///< "conv", a folder of runtime/kernels
  llvm::StringRef function;   ///< "conv::direct<6, 2>"
  llvm::StringRef paramsType; ///< "conv::ConvParams"
  llvm::ArrayRef<ParamField> fields;
  bool epilogue;

  /// The header that defines the function: <family>/<function>.h, else <family>/<family>.h.
  std::string header() const;
};

/// The row called \p name, or null. A GPU takes its own where there is one.
const KernelRow *findKernel(llvm::StringRef name, bool gpu = false);

} // namespace dnnc::codegen
