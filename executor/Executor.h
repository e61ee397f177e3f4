// Runs an exec schedule inside the compiler, by calling the very kernels that emitted programs contain.
#pragma once

#include "dialects/exec/Exec.h"
#include "runtime/api.h"

#include <vector>

namespace dnnc {

/// Called for each kernel call of a run in place of the kernel, which \p invoke runs, any number of times.
using AroundCall = llvm::function_ref<void(exec::CallOp call, llvm::function_ref<void()> invoke)>;

/// Runs \p schedule (planned: allocs and sizes are set) on this machine. \p inputs and \p outputs hold row-major data of exactly the
/// types of the schedule, or, where dims are bounds, of the true dims, which are inputs and outputs, too. Emits an error at the schedule when its target needs instructions this processor lacks, or at a call
/// whose kernel or parameters are unknown. \p pf may be null: one thread. \p around may be null: kernels are just called.
mlir::LogicalResult runSchedule(exec::ScheduleOp schedule, llvm::ArrayRef<const void *> inputs, llvm::ArrayRef<void *> outputs,
                                const dnnc_parallel_for *pf = nullptr, AroundCall around = nullptr);

} // namespace dnnc
