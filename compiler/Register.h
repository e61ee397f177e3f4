// What the tools know: all dialects, all passes.
#pragma once

#include "mlir/IR/DialectRegistry.h"

namespace dnnc {

void registerAllDialects(mlir::DialectRegistry &registry);
void registerAllPasses();

} // namespace dnnc
