#include "compiler/RunModel.h"
#include "compiler/Npy.h"
#include "dialects/dnn/Dnn.h"
#include "executor/ChainProgram.h"
#include "executor/Executor.h"
#include "executor/KernelRegistry.h"
#include "runtime/pattern.h"

#include "mlir/IR/BuiltinAttributes.h"
#include "mlir/IR/Diagnostics.h"
#include "llvm/Support/Path.h"

using namespace mlir;

namespace dnnc {

static RankedTensorType typeAt(ArrayAttr types, size_t index) {
  return cast<RankedTensorType>(cast<TypeAttr>(types[static_cast<unsigned>(index)]).getValue());
}

static StringRef nameAt(ArrayAttr names, size_t index) { return cast<StringAttr>(names[static_cast<unsigned>(index)]).getValue(); }

static size_t bytesOf(RankedTensorType type) {
  return static_cast<size_t>(type.getNumElements()) * static_cast<size_t>(dnn::elementBytes(type.getElementType()));
}

FailureOr<std::vector<TensorData>> readInputs(exec::ScheduleOp schedule, ArrayRef<std::pair<std::string, std::string>> nameAndFile) {
  ArrayAttr names = schedule.getInputNames();
  std::vector<TensorData> inputs(names.size());
  for (auto &[name, file] : nameAndFile) {
    size_t index = 0;
    while (index < names.size() && nameAt(names, index) != name) ++index;
    if (index == names.size()) {
      InFlightDiagnostic error = emitError(schedule.getLoc()) << "--input: there is no input '" << name << "'; the inputs are";
      for (size_t i = 0; i < names.size(); ++i) error << (i ? ", '" : " '") << nameAt(names, i) << "'";
      return error;
    }
    std::string why;
    if (!readNpy(file, typeAt(schedule.getInputs(), index), inputs[index], why))
      return emitError(schedule.getLoc()) << "input '" << name << "', " << typeAt(schedule.getInputs(), index) << ": " << why;
  }
  for (size_t i = 0; i < inputs.size(); ++i)
    if (inputs[i].empty()) {
      RankedTensorType type = typeAt(schedule.getInputs(), i);
      inputs[i].resize(bytesOf(type));
      fill_pattern(static_cast<int>(i), elementTypeOf(type.getElementType()), static_cast<size_t>(type.getNumElements()), inputs[i].data());
    }
  return inputs;
}

FailureOr<std::vector<TensorData>> runModel(exec::ScheduleOp schedule, ArrayRef<TensorData> inputs) {
  std::vector<TensorData> outputs;
  for (size_t i = 0; i < schedule.getOutputs().size(); ++i) outputs.emplace_back(bytesOf(typeAt(schedule.getOutputs(), i)));
  std::vector<const void *> in;
  for (const TensorData &data : inputs) in.push_back(data.data());
  std::vector<void *> out;
  for (TensorData &data : outputs) out.push_back(data.data());
  if (failed(runSchedule(schedule, in, out))) return failure();
  return outputs;
}

LogicalResult writeOutputs(exec::ScheduleOp schedule, ArrayRef<TensorData> outputs, StringRef folder, OutputFiles &files) {
  if (std::error_code error = llvm::sys::fs::create_directories(folder))
    return emitError(schedule.getLoc()) << "cannot make the folder " << folder << ": " << error.message();
  for (auto [i, data] : llvm::enumerate(outputs)) {
    SmallString<128> path(folder);
    llvm::sys::path::append(path, std::to_string(i) + ".npy");
    bool written = files.write(path, [&, index = i, &data = data](llvm::raw_ostream &os) {
      writeNpy(os, typeAt(schedule.getOutputs(), index), data);
      return true;
    });
    if (!written) return emitError(schedule.getLoc()) << files.error();
  }
  return success();
}

bool canRun(const Target &target) {
  Isa isa;
  return findIsa(std::string_view(target.name.data(), target.name.size()), isa) && isSupported(isa);
}

} // namespace dnnc
