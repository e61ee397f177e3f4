#include "executor/Executor.h"

#include "codegen/Targets.h"
#include "executor/ChainProgram.h"
#include "executor/KernelRegistry.h"

#include "mlir/IR/AsmState.h"
#include "mlir/IR/DialectResourceBlobManager.h"

#include <cstdlib>
#include <memory>

using namespace mlir;

namespace dnnc {
namespace {

struct FreeAligned {
  void operator()(char *memory) const { std::free(memory); }
};
using AlignedBytes = std::unique_ptr<char[], FreeAligned>;

AlignedBytes allocate(size_t bytes) {
  size_t rounded = (std::max<size_t>(bytes, 1) + 63) / 64 * 64;
  return AlignedBytes(static_cast<char *>(std::aligned_alloc(64, rounded)));
}

class Run {
public:
  Run(exec::ScheduleOp schedule, ArrayRef<const void *> inputs, ArrayRef<void *> outputs, const dnnc_parallel_for *pf, AroundCall around)
      : schedule(schedule), inputs(inputs), outputs(outputs), pf(pf), around(around) {}

  LogicalResult operator()() {
    target = findTarget(schedule.getTarget());
    if (!target)
      return schedule.emitError() << "unknown target \"" << schedule.getTarget() << "\"";
    Isa isa;
    if (!findIsa(std::string_view(target->name), isa) || !isSupported(isa))
      return schedule.emitError() << "this processor cannot run target " << target->name << " (it needs " << target->cpuFeatures << ")";
    if (!schedule.getArenaSize())
      return schedule.emitError() << "memory is not planned";
    int threads = pf ? pf->max_threads : 1;
    arena = allocate(*schedule.getArenaSize());
    scratch = allocate(schedule.getScratchSize().value_or(0) * threads);
    return execute(schedule.getBody().front());
  }

private:
  /// Where a buffer's first element is.
  void *pointer(Value buffer) {
    exec::Place place = exec::placeOf(buffer);
    char *base = nullptr;
    if (auto alloc = dyn_cast<exec::AllocOp>(place.root))
      base = arena.get() + alloc.getOffset().value_or(0);
    else if (auto input = dyn_cast<exec::InputOp>(place.root))
      base = static_cast<char *>(const_cast<void *>(inputs[input.getIndex()]));
    else if (auto output = dyn_cast<exec::OutputOp>(place.root))
      base = static_cast<char *>(outputs[output.getIndex()]);
    else
      base = const_cast<char *>(weight(cast<exec::WeightOp>(place.root)));
    for (auto [counter, step] : place.steps)
      place.offset += counters.lookup(counter) * step;
    return base + place.offset;
  }

  const char *weight(exec::WeightOp op) {
    if (auto resource = dyn_cast<DenseResourceElementsAttr>(op.getValue()))
      if (AsmResourceBlob *blob = resource.getRawHandle().getBlob())
        return blob->getData().data();
    std::vector<char> &bytes = smallWeights[op];
    if (bytes.empty())
      bytes = rawBytes(op.getValue());
    return bytes.data();
  }

  LogicalResult setParams(exec::CallOp call, KernelParams &params) {
    for (NamedAttribute field : call.getParams()) {
      StringRef name = field.getName();
      bool known = false;
      if (auto integer = dyn_cast<IntegerAttr>(field.getValue()))
        known = params.set(std::string_view(name), integer.getInt());
      else if (auto array = dyn_cast<DenseI64ArrayAttr>(field.getValue()))
        known = params.set(std::string_view(name), array.asArrayRef().data(), array.size());
      else if (auto real = dyn_cast<FloatAttr>(field.getValue()))
        known = params.setReal(std::string_view(name), real.getValueAsDouble());
      if (!known)
        return call.emitError() << "kernel " << call.getKernel() << " has no parameter like " << name << " = " << field.getValue();
    }
    return success();
  }

  /// The kernel's variant for the target, or for the nearest of its fallbacks.
  const Kernel *find(StringRef name) {
    for (const Target *row = target; row; row = parentOf(*row)) {
      Isa isa;
      if (findIsa(std::string_view(row->name), isa))
        if (const Kernel *kernel = findKernel(std::string_view(name), isa))
          return kernel;
    }
    return nullptr;
  }

  LogicalResult execute(Block &block) {
    for (Operation &op : block) {
      LogicalResult done = success();
      if (auto call = dyn_cast<exec::CallOp>(op))
        done = execute(call);
      else if (auto branch = dyn_cast<exec::IfOp>(op))
        done = execute((*static_cast<bool *>(pointer(branch.getCond())) ? branch.getThenRegion() : branch.getElseRegion()).front());
      else if (auto loop = dyn_cast<exec::LoopOp>(op))
        done = execute(loop);
      else if (auto counter = dyn_cast<exec::CounterOp>(op))
        *static_cast<int64_t *>(pointer(counter.getBuffer())) = counters.lookup(counter.getCounter());
      if (failed(done))
        return failure();
    }
    return success();
  }

  LogicalResult execute(exec::LoopOp loop) {
    int64_t count = loop.getCount() ? int64_t(*loop.getCount()) : INT64_MAX, i = 0;
    int64_t trips = loop.getTrips() ? *static_cast<int64_t *>(pointer(loop.getTrips())) : INT64_MAX;
    auto goesOn = [&] { return i < trips && (!loop.getCond() || *static_cast<bool *>(pointer(loop.getCond()))); };
    for (; i < count && goesOn(); ++i) {
      counters[loop.getBody().getArgument(0)] = i;
      if (failed(execute(loop.getBody().front())))
        return failure();
    }
    if (loop.getExact() && (i != count || goesOn()))
      return loop.emitError() << "the loop does not run " << count << " times, as the model declares";
    return success();
  }

  void invoke(exec::CallOp call, function_ref<void()> kernel) { around ? around(call, kernel) : kernel(); }

  LogicalResult execute(exec::CallOp call) {
    Program program;
    if (!call.getChain().empty()) {
      if (failed(buildProgram(call.getChain(), program)))
        return failure();
      if (const char *problem = call.getKernel() == "map_scalar" ? scalarProblem(program) : vectorProblem(program))
        return call.emitError() << "the executor cannot run the chain: " << problem;
    }
    const Kernel *kernel = find(call.getKernel());
    if (!kernel)
      return call.emitError() << "there is no kernel " << call.getKernel() << " for target " << target->name;
    KernelParams params(*kernel);
    if (failed(setParams(call, params)))
      return failure();
    SmallVector<void *> buffers;
    for (Value input : call.getInputs())
      buffers.push_back(pointer(input));
    for (Value output : call.getOutputs())
      buffers.push_back(pointer(output));
    if (call.getScratchBytes())
      buffers.push_back(scratch.get());
    if (kernel->invokeMap) {
      invoke(call, [&] { kernel->invokeMap(params.data(), buffers.data(), FlatProgram(program), pf); });
      return success();
    }
    if (int(buffers.size()) != kernel->buffers)
      return call.emitError() << "kernel " << call.getKernel() << " takes " << kernel->buffers << " buffers, the call has " << buffers.size();
    SmallVector<EpilogueOperand> operands;
    for (auto [i, arg] : llvm::enumerate(call.getArgs())) {
      ArrayRef<int64_t> strides = call.getArgStrides()->slice(3 * i, 3);
      operands.push_back({pointer(arg), strides[0], strides[1], strides[2]});
    }
    BoundEpilogue epilogue{FlatProgram(program), operands.data()};
    invoke(call, [&] { kernel->invoke(params.data(), buffers.data(), call.getChain().empty() ? nullptr : &epilogue, pf); });
    if (call.getRefusal() && !*static_cast<const bool *>(pointer(call.getOutputs().front())))
      return emitError(call.getLoc()) << *call.getRefusal();
    return success();
  }

  exec::ScheduleOp schedule;
  ArrayRef<const void *> inputs;
  ArrayRef<void *> outputs;
  const dnnc_parallel_for *pf;
  AroundCall around;
  const Target *target = nullptr;
  AlignedBytes arena, scratch;
  DenseMap<Value, int64_t> counters; ///< of the loops that run
  DenseMap<Operation *, std::vector<char>> smallWeights;
};

} // namespace

LogicalResult runSchedule(exec::ScheduleOp schedule, ArrayRef<const void *> inputs, ArrayRef<void *> outputs, const dnnc_parallel_for *pf,
                          AroundCall around) {
  return Run(schedule, inputs, outputs, pf, around)();
}

} // namespace dnnc
