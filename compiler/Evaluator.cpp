#include "compiler/Evaluator.h"
#include "compiler/FreeConstants.h"

#include "dialects/dnn/Constants.h"
#include "executor/Executor.h"
#include "passes/lower/Lower.h"
#include "passes/select/Select.h"

#include "mlir/Dialect/Func/IR/FuncOps.h"
#include "mlir/IR/BuiltinOps.h"
#include "mlir/Pass/PassManager.h"
#include "llvm/ADT/ScopeExit.h"

using namespace mlir;

namespace dnnc {
namespace {

class ExecutorEvaluator : public Evaluator {
public:
  FailureOr<SmallVector<ElementsAttr>> evaluate(Operation *op, ArrayRef<ElementsAttr> operands) override {
    MLIRContext *context = op->getContext();
    // What cannot be evaluated stays as it is; that is no news for the user.
    ScopedDiagnosticHandler quiet(context, [](Diagnostic &) { return success(); });
    OwningOpRef<ModuleOp> module = wrap(op, operands);
    auto cleanup = llvm::make_scope_exit([&] { freeConstants(*module, operands); });
    PassManager manager(context);
    manager.enableVerifier(false);
    buildSelectPipeline(manager, {nullptr, 0});
    LowerOptions options;
    options.target = "generic";
    options.reassociate = false; // constants are computed once: as exactly as may be
    buildLowerPipeline(manager, options);
    if (failed(manager.run(*module)))
      return failure();
    std::vector<std::vector<char>> results;
    std::vector<void *> outputs;
    for (Type type : op->getResultTypes()) {
      auto tensor = cast<RankedTensorType>(type);
      results.emplace_back(tensor.getNumElements() * dnn::elementBytes(tensor.getElementType()));
      outputs.push_back(results.back().data());
    }
    auto schedule = *module->getOps<exec::ScheduleOp>().begin();
    if (failed(runSchedule(schedule, {}, outputs)))
      return failure();
    SmallVector<ElementsAttr> values;
    for (auto [type, bytes] : llvm::zip(op->getResultTypes(), results)) {
      auto tensor = cast<RankedTensorType>(type);
      values.push_back(makeConstant(RankedTensorType::get(tensor.getShape(), tensor.getElementType()), bytes, "folded"));
    }
    return values;
  }

private:
  /// A module whose function makes the constants, applies the op and returns its results.
  static OwningOpRef<ModuleOp> wrap(Operation *op, ArrayRef<ElementsAttr> operands) {
    Location loc = op->getLoc();
    OpBuilder builder(op->getContext());
    OwningOpRef<ModuleOp> module = ModuleOp::create(loc);
    builder.setInsertionPointToEnd(module->getBody());
    auto function = builder.create<func::FuncOp>(loc, "main", builder.getFunctionType({}, op->getResultTypes()));
    builder.setInsertionPointToStart(function.addEntryBlock());
    SmallVector<Value> values;
    for (ElementsAttr operand : operands)
      values.push_back(createConstant(builder, loc, operand));
    Operation *copy = builder.clone(*op);
    copy->setOperands(values);
    builder.create<func::ReturnOp>(loc, copy->getResults());
    return module;
  }
};

} // namespace

std::unique_ptr<Evaluator> makeEvaluator() { return std::make_unique<ExecutorEvaluator>(); }

} // namespace dnnc
