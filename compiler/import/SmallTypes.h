// Elements of 8 bits and less in the chains of a handler. What is stored of them is a byte (dialects/pw/SmallTypes.h).
#pragma once

#include "compiler/import/NodeBinder.h"
#include "dialects/pw/SmallTypes.h"

namespace dnnc::importer {

/// How a cast rounds where ONNX leaves it to attributes: of 8-bit floats and, `roundMode`, of FLOAT8E8M0.
struct CastMode {
  bool saturate = true;
  std::string roundMode = "up";
};

/// \p value for use in a chain: of small types the bytes.
mlir::Value stored(NodeBinder &node, mlir::Value value);
/// The number of \p stored, an element that is \p from in the model: f32 for a small float, itself for others.
mlir::Value numberOf(Chain &chain, mlir::Value stored, mlir::Type from);
/// What is stored of \p number in \p to, any element type.
mlir::Value storedAs(Chain &chain, mlir::Value number, mlir::Type to, const CastMode &mode = {});
/// \p value with other elements (ONNX Cast).
mlir::Value convert(NodeBinder &node, mlir::Value value, mlir::Type to, const CastMode &mode = {});

/// The type of an attribute that is one of TensorProto.DataType; \p fallback for an absent one or 0, null after an error.
mlir::Type typeAttr(NodeBinder &node, llvm::StringRef name, mlir::Type fallback);

} // namespace dnnc::importer
