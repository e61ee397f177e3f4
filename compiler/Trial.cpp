#include "compiler/Trial.h"
#include "compiler/FreeConstants.h"

#include "dialects/dnn/Constants.h"
#include "dialects/dnn/Dnn.h"
#include "executor/Executor.h"

#include "mlir/Dialect/Func/IR/FuncOps.h"
#include "mlir/IR/IRMapping.h"
#include "mlir/Pass/PassManager.h"

#include <chrono>

using namespace mlir;

namespace dnnc {
namespace {

/// A function that makes the constants of \p op, takes its other operands in the order of dims they have, and returns its result. A relayout before it
/// is part of it: a kernel may need none. Bias and epilogue are not: the executor interprets them, which takes far longer than what is emitted.
class Wrapper {
public:
  Wrapper(Operation *op, bool far, const KernelChoice &choice) : builder(op->getContext()) {
    module = ModuleOp::create(op->getLoc());
    builder.setInsertionPointToEnd(module->getBody());
    collect(op->getOperands().take_front(2));
    auto type = cast<RankedTensorType>(op->getResult(0).getType());
    type = RankedTensorType::get(type.getShape(), cast<RankedTensorType>(op->getOperand(0).getType()).getElementType(), type.getEncoding());
    auto function = builder.create<func::FuncOp>(op->getLoc(), "main", builder.getFunctionType(arguments, {type}));
    if (far) function->setAttr("dnn.far", builder.getUnitAttr());
    Block *block = function.addEntryBlock();
    builder.setInsertionPointToStart(block);
    for (auto [value, argument] : llvm::zip(outside, block->getArguments())) mapping.map(value, argument);
    for (Operation *inner : llvm::reverse(inside))
      if (!mapping.contains(inner->getResult(0))) builder.clone(*inner, mapping);
    Operation *copy = builder.cloneWithoutRegions(*op, mapping);
    copy->setOperands(copy->getOperands().take_front(2));
    copy->setAttr("operandSegmentSizes", builder.getDenseI32ArrayAttr({1, 1, 0, 0}));
    copy->getResult(0).setType(type);
    copy->removeAttr(kernelAttr);
    if (choice) copy->setAttr(kernelAttr, builder.getStringAttr(choice.str()));
    builder.create<func::ReturnOp>(op->getLoc(), copy->getResults());
  }

  OwningOpRef<ModuleOp> module;
  SmallVector<ElementsAttr> constants;

private:
  void collect(OperandRange operands) {
    for (Value operand : operands) {
      Operation *op = operand.getDefiningOp();
      if (auto constant = dyn_cast_or_null<dnn::ConstantOp>(op)) constants.push_back(constant.getValue());
      if (isa_and_nonnull<dnn::ConstantOp, dnn::RelayoutOp>(op)) {
        inside.push_back(op);
        collect(op->getOperands());
      } else if (!llvm::is_contained(outside, operand)) {
        outside.push_back(operand);
        arguments.push_back(operand.getType());
      }
    }
  }

  OpBuilder builder;
  IRMapping mapping;
  SmallVector<Operation *> inside; ///< users before what they use
  SmallVector<Value> outside;
  SmallVector<Type> arguments;
};

/// The convolution or product in a schedule of one op.
KernelChoice kernelOf(exec::ScheduleOp schedule, const Target &target) {
  KernelChoice choice;
  schedule.walk([&](exec::CallOp call) {
    StringRef name = call.getKernel();
    name.consume_back("_f16") || name.consume_back("_bf16");
    if (!hasKernel(target, name) || !call.getFlops()) return;
    auto block = call.getParams().getAs<IntegerAttr>("block");
    choice = {name.str(), block && name.starts_with("conv_winograd") ? block.getInt() : 0};
  });
  return choice;
}

exec::ScheduleOp scheduleOf(ModuleOp module) { return *module.getOps<exec::ScheduleOp>().begin(); }

/// Reads all of it.
void touch(ArrayRef<char> bytes) {
  unsigned sum = 0;
  for (size_t i = 0; i < bytes.size(); i += 64) sum += static_cast<unsigned char>(bytes[i]);
  volatile unsigned sink = sum;
  (void)sink;
}
} // namespace

void CacheState::prepare(ArrayRef<TensorData> operands) {
  if (other.empty()) return;
  touch(other);
  for (const TensorData &operand : operands) touch(operand);
}

std::unique_ptr<Trial> Trial::make(Operation *op, bool far, const LowerOptions &options, const KernelChoice &choice) {
  MLIRContext *context = op->getContext();
  ScopedDiagnosticHandler quiet(context, [](Diagnostic &) { return success(); });
  std::unique_ptr<Trial> trial(new Trial);
  {
    Wrapper wrapper(op, far, choice);
    trial->module = std::move(wrapper.module);
    trial->constants = wrapper.constants;
  }
  LowerOptions alone = options;
  alone.bandKib = 0;
  alone.tuning.clear();
  PassManager passes(context);
  passes.enableVerifier(false);
  buildLowerPipeline(passes, alone);
  if (failed(passes.run(*trial->module))) return nullptr;
  exec::ScheduleOp schedule = scheduleOf(*trial->module);
  trial->kernel = kernelOf(schedule, *findTarget(options.target));
  if (!trial->kernel || (choice && choice.kernel != trial->kernel.kernel)) return nullptr;
  FailureOr<std::vector<TensorData>> inputs = readInputs(schedule);
  if (failed(inputs)) return nullptr;
  trial->inputs = std::move(*inputs);
  return trial;
}

Trial::~Trial() {
  if (module) freeConstants(*module, constants);
}

double Trial::run(CacheState &caches) {
  caches.prepare(inputs);
  return timeOf(scheduleOf(*module), inputs, outputs);
}

double timeOf(exec::ScheduleOp schedule, ArrayRef<TensorData> inputs, std::vector<TensorData> &outputs) {
  if (outputs.empty()) outputs = outputBuffers(schedule);
  std::vector<const void *> in;
  for (const TensorData &data : inputs) in.push_back(data.data());
  std::vector<void *> out;
  for (TensorData &data : outputs) out.push_back(data.data());
  typedef std::chrono::steady_clock Clock;
  std::chrono::duration<double, std::nano> total{0};
  auto timed = [&](exec::CallOp, function_ref<void()> invoke) {
    const Clock::time_point start = Clock::now();
    invoke();
    total += Clock::now() - start;
  };
  return failed(runSchedule(schedule, in, out, nullptr, timed)) ? -1 : total.count();
}

} // namespace dnnc
