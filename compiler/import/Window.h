// Attributes that convolutions and poolings share.
#pragma once

#include "compiler/import/NodeBinder.h"

namespace dnnc::importer {

struct Window {
  Ints kernel, strides, dilations, pads; ///< pads: all begins, then all ends.
  bool explicitPads = true;              ///< False when auto_pad gave them.

  int64_t extent(int64_t dim) const { return dilations[dim] * (kernel[dim] - 1) + 1; }
};

/// Reads strides, dilations, pads and auto_pad, which becomes pads. \p spatial are the input's spatial sizes; a window that does not
/// fit in them is an error.
std::optional<Window> readWindow(NodeBinder &node, llvm::ArrayRef<int64_t> spatial, llvm::ArrayRef<int64_t> kernel);

/// Reads auto_pad; "" for NOTSET.
std::string readAutoPad(NodeBinder &node);

/// Splits padding as SAME_UPPER (the odd one at the end) or SAME_LOWER does.
void setPads(Window &window, int64_t dim, int64_t total, bool upper);

/// Reports and returns false unless the input has rank 3 to 5 (1 to 3 spatial dims).
bool checkSpatialRank(NodeBinder &node, mlir::Value input);

/// Convolution with the node's attributes. Null after an error.
mlir::Value createConv(NodeBinder &node, mlir::Value x, mlir::Value w, mlir::Value bias);
/// Pooling with the node's attributes. Null after an error.
mlir::Value createPool(NodeBinder &node, mlir::Value x, dnn::PoolKind kind);

extern const std::vector<std::string> autoPads;

} // namespace dnnc::importer
