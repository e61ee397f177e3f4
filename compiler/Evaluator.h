// The Evaluator that passes get: lowers an op for the generic target and runs it in the executor.
#pragma once

#include "passes/Evaluator.h"

#include <memory>

namespace dnnc {

std::unique_ptr<Evaluator> makeEvaluator();

} // namespace dnnc
