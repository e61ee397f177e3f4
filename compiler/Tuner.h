// `dnnc tune`: measures the kernels that each convolution and product of a network could take, and writes the fastest to a tuning database.
#pragma once

#include "compiler/Options.h"
#include "passes/lower/Lower.h"

#include "mlir/IR/BuiltinOps.h"

namespace dnnc {

/// \p module is at the end of the select phase; it stays as it is. \p lower has the target, which this processor can run, and the databases whose
/// ops need not be measured. Lines are added to the file \p options.output after each op, so that an interrupted run goes on where it was.
/// Progress goes to stderr, the gain of the whole network to stdout.
mlir::LogicalResult tune(mlir::ModuleOp module, const Options &options, const LowerOptions &lower);

} // namespace dnnc
