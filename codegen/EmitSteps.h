// The schedule's calls: parameter structs, chains, and the statements of execute().
#pragma once

#include "codegen/Codegen.h"
#include "codegen/EmitChain.h"
#include "codegen/Program.h"

#include <set>

namespace dnnc::codegen {

/// What --profile shows of a call.
struct StepInfo {
  std::string kernel, text;
  int64_t flops, bytes;
};

struct Steps {
  std::set<std::string> headers; ///< runtime headers the kernels come from
  std::string chains, params, body;
  std::vector<StepInfo> infos; ///< of the calls, in the order of their numbers, which begin at 1
};

/// With \p shared the program is one of several, whose weights stand before them all.
mlir::FailureOr<Steps> emitSteps(const Program &program, WeightsMode weights, bool profile, bool shared);

} // namespace dnnc::codegen
