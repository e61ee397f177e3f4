//===- Passes.td - all passes of dnnc -----------------------------------------------===//

#ifndef DNNC_PASSES_TD
#define DNNC_PASSES_TD

include "mlir/Pass/PassBase.td"

#endif
