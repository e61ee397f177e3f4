// Integers of the run as sums of multiples of others: what of their arithmetic is known before the run.
#pragma once

#include "compiler/import/NodeBinder.h"

namespace dnnc::importer {

/// What element \p index of \p to exceeds that of \p from by, where it is the same in every run as long as no integer overflows: of
/// i + 2 and i it is 2. Elements are counted in row-major order.
std::optional<int64_t> knownDifference(NodeBinder &node, mlir::Value to, mlir::Value from, int64_t index);

} // namespace dnnc::importer
