// ONNX tensors → constants.
#pragma once

#include "compiler/import/Model.h"

#include "mlir/IR/BuiltinAttributes.h"

namespace dnnc::importer {

/// Reports what is wrong with a tensor: its type, dims, or the amount of data. \p what names it ("initializer 'w'") and is printed
/// after the file. External files are looked up and their checksums verified, but their data is not read.
mlir::LogicalResult checkTensor(Model &model, const onnx::TensorProto &tensor, const llvm::Twine &what);

/// The constant of a tensor that has been checked; failure, reported, when the constants in all become too large. The protobuf's copy
/// of the data is freed.
mlir::FailureOr<mlir::ElementsAttr> readTensor(Model &model, onnx::TensorProto &tensor, llvm::StringRef nameHint);

/// External data (ExternalData.cpp): where the data of a tensor lies.
struct ExternalData {
  std::string path; ///< Resolved, inside the model's folder.
  uint64_t offset = 0;
};
mlir::FailureOr<ExternalData> locateExternalData(Model &model, const onnx::TensorProto &tensor, int64_t bytes, const llvm::Twine &what);

} // namespace dnnc::importer
