// A schedule run in the compiler: `dnnc run` and the golden values of self-tests.
#pragma once

#include "compiler/Options.h"
#include "compiler/OutputFiles.h"
#include "dialects/exec/Exec.h"

namespace dnnc {

using TensorData = std::vector<char>;

/// The inputs: from npy files, or the pattern of runtime/pattern.h; where dims are bounds, the true dims of the files, or else the largest, follow.
mlir::FailureOr<std::vector<TensorData>> readInputs(exec::ScheduleOp schedule,
                                                    llvm::ArrayRef<std::pair<std::string, std::string>> nameAndFile = {});
/// Room for the outputs.
std::vector<TensorData> outputBuffers(exec::ScheduleOp schedule);
mlir::FailureOr<std::vector<TensorData>> runModel(exec::ScheduleOp schedule, llvm::ArrayRef<TensorData> inputs);
/// 0.npy, 1.npy … in \p folder, which is made if it is not there.
mlir::LogicalResult writeOutputs(exec::ScheduleOp schedule, llvm::ArrayRef<TensorData> outputs, llvm::StringRef folder, OutputFiles &files);

/// True if this processor can run schedules for \p target.
bool canRun(const Target &target);

} // namespace dnnc
