// What the handlers of Loop and Scan share.
#pragma once

#include "compiler/import/NodeBinder.h"

namespace dnnc::importer {

/// What Loop and Scan have in common.
struct LoopParts {
  const onnx::GraphProto *body = nullptr;
  bool isScan = false;                      ///< the body has neither number nor condition
  std::optional<int64_t> count;             ///< known number of iterations, or the bound where there is also trips
  mlir::Value trips, cond;                  ///< known at run time only; null otherwise
  llvm::SmallVector<mlir::Value> carried, scanned;
  llvm::SmallVector<int64_t> scanAxes;      ///< counted from 0
  llvm::SmallVector<int64_t> stackAxes;     ///< as given
  llvm::SmallVector<bool> scanReversed, stackReversed;
};

/// The loop as ops, in place or as dnn.loop; its results.
mlir::FailureOr<llvm::SmallVector<mlir::Value>> buildLoop(NodeBinder &node, LoopParts parts);

void registerScans(Registry &registry);

} // namespace dnnc::importer
