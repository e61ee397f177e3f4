// ONNX protobuf → dnn dialect.
#pragma once

#include "passes/Evaluator.h"

#include "mlir/IR/BuiltinOps.h"
#include "mlir/IR/OwningOpRef.h"

#include <map>
#include <string>
#include <vector>

namespace dnnc {

/// A size, or sizes from which each run chooses one.
struct DimRange {
  int64_t min = 1, max = 1;
  bool isOne() const { return min == max; }
};

struct ImportOptions {
  std::map<std::string, DimRange> dims;                     ///< `--set-dim=N=1`, `N=1..32`: the value of a symbolic dimension
  std::map<std::string, std::vector<DimRange>> inputShapes; ///< `--input-shape=NAME=1x3x224x224`, `1..8x3x224x224`
  std::vector<std::string> keptTensors;                    ///< `--keep-tensor=NAME`: inner tensors returned as extra outputs
  std::vector<std::string> states;                         ///< `--state=IN:OUT`: an input and an output that may share memory
};

/// Imports a model file. Every problem found is an error diagnostic that says everything but the file
/// ("node 'conv1' (Conv): attribute 'strides' is [0, 1]; every value must be between 1 and 2147483647"); its location is the node's
/// NameLoc, or unknown where the whole file is meant. \p evaluator runs shape arithmetic; without it, a shape computed by nodes is an
/// error.
mlir::FailureOr<mlir::OwningOpRef<mlir::ModuleOp>> importOnnx(mlir::MLIRContext &context, llvm::StringRef path,
                                                              const ImportOptions &options = {}, Evaluator *evaluator = nullptr);

/// The same from memory. \p fileName names the module; external data is refused.
mlir::FailureOr<mlir::OwningOpRef<mlir::ModuleOp>> importOnnxBuffer(mlir::MLIRContext &context, llvm::StringRef bytes,
                                                                    llvm::StringRef fileName, const ImportOptions &options = {},
                                                                    Evaluator *evaluator = nullptr);

} // namespace dnnc
