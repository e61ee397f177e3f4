// The schedule's calls: parameter structs, chains, and the statements of execute().
#pragma once

#include "codegen/Codegen.h"
#include "codegen/EmitChain.h"
#include "codegen/Program.h"

#include <set>

namespace dnnc::codegen {

struct Steps {
  std::set<std::string> headers; ///< runtime headers the kernels come from
  std::string chains, params, body;
};

mlir::FailureOr<Steps> emitSteps(const Program &program, WeightsMode weights);

} // namespace dnnc::codegen
