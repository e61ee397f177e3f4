#include "compiler/RunModel.h"
#include "compiler/Npy.h"
#include "dialects/dnn/Dnn.h"
#include "executor/ChainProgram.h"
#include "executor/Executor.h"
#include "executor/KernelRegistry.h"
#include "runtime/pattern.h"

#include "mlir/IR/BuiltinAttributes.h"
#include "mlir/IR/Diagnostics.h"
#include "llvm/ADT/StringMap.h"
#include "llvm/Support/Path.h"

using namespace mlir;

namespace dnnc {

static RankedTensorType typeAt(ArrayAttr types, size_t index) {
  return cast<RankedTensorType>(cast<TypeAttr>(types[static_cast<unsigned>(index)]).getValue());
}

static StringRef nameAt(ArrayRef<Attribute> names, size_t index) { return cast<StringAttr>(names[index]).getValue(); }

static size_t bytesOf(RankedTensorType type) {
  return static_cast<size_t>(type.getNumElements()) * static_cast<size_t>(dnn::elementBytes(type.getElementType()));
}

FailureOr<std::vector<TensorData>> readInputs(exec::ScheduleOp schedule, ArrayRef<std::pair<std::string, std::string>> nameAndFile) {
  SmallVector<exec::Bound> bounds = exec::boundsOf(schedule.getInputBounds());
  ArrayRef<Attribute> names = schedule.getInputNames().getValue().drop_back(bounds.size());
  std::vector<TensorData> inputs(names.size() + bounds.size());
  std::vector<SmallVector<int64_t>> min(names.size()), dims(names.size());
  for (const exec::Bound &bound : bounds) {
    min[bound.of] = bound.min;
    dims[bound.of] = SmallVector<int64_t>(typeAt(schedule.getInputs(), bound.of).getShape());
  }
  for (auto &[name, file] : nameAndFile) {
    size_t index = 0;
    while (index < names.size() && nameAt(names, index) != name) ++index;
    if (index == names.size()) {
      InFlightDiagnostic error = emitError(schedule.getLoc()) << "--input: there is no input '" << name << "'; the inputs are";
      for (size_t i = 0; i < names.size(); ++i) error << (i ? ", '" : " '") << nameAt(names, i) << "'";
      return error;
    }
    std::string why;
    if (!readNpy(file, typeAt(schedule.getInputs(), index), min[index], inputs[index], dims[index], why))
      return emitError(schedule.getLoc()) << "input '" << name << "', " << typeAt(schedule.getInputs(), index) << ": " << why;
  }
  for (size_t i = 0; i < names.size(); ++i)
    if (inputs[i].empty()) {
      RankedTensorType type = typeAt(schedule.getInputs(), i);
      inputs[i].resize(bytesOf(type));
      fill_pattern(static_cast<int>(i), elementTypeOf(type.getElementType()), static_cast<size_t>(type.getNumElements()), inputs[i].data());
    }
  llvm::StringMap<std::pair<size_t, int64_t>> named; ///< whose it was first, and its size
  for (auto [i, bound] : llvm::enumerate(bounds)) {
    ArrayRef<int64_t> own = dims[bound.of];
    auto *bytes = reinterpret_cast<const char *>(own.data());
    inputs[names.size() + i].assign(bytes, bytes + own.size() * sizeof(int64_t));
    for (size_t d = 0; d < own.size(); ++d) {
      if (bound.names[d].empty()) continue;
      auto [first, isNew] = named.try_emplace(bound.names[d], bound.of, own[d]);
      if (!isNew && first->second.second != own[d])
        return emitError(schedule.getLoc()) << "dimension '" << bound.names[d] << "' is " << first->second.second << " in input '"
                                            << nameAt(names, first->second.first) << "' and " << own[d] << " in input '"
                                            << nameAt(names, bound.of) << "'";
    }
  }
  return inputs;
}

std::vector<TensorData> outputBuffers(exec::ScheduleOp schedule) {
  std::vector<TensorData> outputs;
  for (size_t i = 0; i < schedule.getOutputs().size(); ++i) outputs.emplace_back(bytesOf(typeAt(schedule.getOutputs(), i)));
  return outputs;
}

FailureOr<std::vector<TensorData>> runModel(exec::ScheduleOp schedule, ArrayRef<TensorData> inputs) {
  std::vector<TensorData> outputs = outputBuffers(schedule);
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
  SmallVector<exec::Bound> bounds = exec::boundsOf(schedule.getOutputBounds());
  const size_t count = outputs.size() - bounds.size();
  for (auto [i, data] : llvm::enumerate(outputs.take_front(count))) {
    RankedTensorType type = typeAt(schedule.getOutputs(), i);
    for (auto [j, bound] : llvm::enumerate(bounds))
      if (bound.of == int64_t(i))
        type = RankedTensorType::get(ArrayRef(reinterpret_cast<const int64_t *>(outputs[count + j].data()), type.getRank()), type.getElementType());
    SmallString<128> path(folder);
    llvm::sys::path::append(path, std::to_string(i) + ".npy");
    bool written = files.write(path, [&, &data = data](llvm::raw_ostream &os) {
      writeNpy(os, type, ArrayRef(data).take_front(bytesOf(type)));
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
