// Single elements of tensors, as shape arithmetic takes them apart and puts them together.
#pragma once

#include "compiler/import/NodeBinder.h"

namespace dnnc::importer {

/// Element \p index, in row-major order, of a tensor.
struct Element {
  mlir::Value tensor;
  int64_t index;
};

/// Which element of an operand an element is, where the op that makes it only moves elements: reshape, concat, slice and gather of lists,
/// broadcast of one element. None for other ops, and for arguments.
std::optional<Element> movedFrom(NodeBinder &node, Element element);

} // namespace dnnc::importer
