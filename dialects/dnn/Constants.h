// Making and reading constant tensors. Values are row-major in logical order; i1 is one byte an element.
#pragma once

#include "dialects/dnn/Dnn.h"

#include "mlir/IR/Builders.h"

#include <vector>

namespace dnnc {

/// A constant of \p type (which has no layout) from raw little-endian bytes: dense up to 16 elements, a resource blob above and of !pw.small.
mlir::ElementsAttr makeConstant(mlir::RankedTensorType type, llvm::ArrayRef<char> bytes, llvm::StringRef nameHint = "w");

/// The same with bytes, zeros at first, that \p fill writes where they stay: large weights are not there twice.
mlir::ElementsAttr makeConstant(mlir::RankedTensorType type, llvm::StringRef nameHint, llvm::function_ref<void(llvm::MutableArrayRef<char>)> fill);

template <class T>
mlir::ElementsAttr makeConstant(mlir::RankedTensorType type, llvm::ArrayRef<T> values, llvm::StringRef nameHint = "w") {
  return makeConstant(type, llvm::ArrayRef<char>(reinterpret_cast<const char *>(values.data()), values.size() * sizeof(T)), nameHint);
}

/// The bytes of a constant; splats are expanded. Empty, with an error at \p loc, for a resource whose blob is missing.
std::vector<char> constantBytes(mlir::ElementsAttr attr);

/// The value of dnn.constant, or null.
mlir::ElementsAttr getConstant(mlir::Value value);

/// All elements converted to \p T (float, double, int64_t …) as a C++ cast does.
template <class T> std::vector<T> constantValues(mlir::ElementsAttr attr);
template <class T> std::vector<T> constantValues(mlir::Value value) { return constantValues<T>(getConstant(value)); }

extern template std::vector<float> constantValues<float>(mlir::ElementsAttr);
extern template std::vector<double> constantValues<double>(mlir::ElementsAttr);
extern template std::vector<int64_t> constantValues<int64_t>(mlir::ElementsAttr);

/// The bits of values rounded to f16 or bf16, nearest, ties to even, as the runtime does.
std::vector<uint16_t> narrowed(llvm::ArrayRef<float> values, mlir::Type type);
/// The values of such bits.
std::vector<float> widened(llvm::ArrayRef<uint16_t> bits, mlir::Type type);

/// Creates dnn.constant from float values, rounding once to \p type's element type (f16, bf16, f32, f64 or an integer).
mlir::Value createConstant(mlir::OpBuilder &builder, mlir::Location loc, mlir::RankedTensorType type, llvm::ArrayRef<double> values);
mlir::Value createConstant(mlir::OpBuilder &builder, mlir::Location loc, mlir::ElementsAttr value);
/// The same bytes as another element type of the same size.
mlir::ElementsAttr bitcastConstant(mlir::ElementsAttr value, mlir::Type elementType);

} // namespace dnnc
