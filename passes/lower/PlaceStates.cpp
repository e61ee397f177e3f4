//===- PlaceStates.cpp - outputs that may be an input's memory ----------------------===//
//
// The caller of a streaming model may keep a state in one place, as input and output of every call. Lowering places outputs without
// regard to that: one may be written while its input is still to be read. Such an output is computed in the arena and copied at the end.
//
//===----------------------------------------------------------------------===//

#include "dialects/dnn/Dnn.h"
#include "dialects/dnn/Remarks.h"
#include "passes/Passes.h"
#include "passes/lower/Copy.h"

#include "mlir/IR/Builders.h"

using namespace mlir;

namespace dnnc {

#define GEN_PASS_DEF_PLACESTATES
#include "Passes.h.inc"

namespace {

/// Whether the buffer is (a view of) input or output number \p index.
template <class Op> bool isAt(Value buffer, int64_t index) {
  auto op = dyn_cast_or_null<Op>(exec::placeOf(buffer).root);
  return op && int64_t(op.getIndex()) == index;
}

/// Whether the kernel may write output \p j of the call to where its operand \p i is.
bool mayShare(exec::CallOp call, int64_t i, int64_t j) {
  SmallVector<Value> operands(call.getInputs());
  llvm::append_range(operands, call.getArgs());
  if (exec::placeOf(operands[i]).offset != exec::placeOf(call.getOutputs()[j]).offset) return false;
  if (j == 0 && llvm::is_contained(call.getAliases().value_or(ArrayRef<int64_t>()), i)) return true;
  ArrayRef<int64_t> pairs = call.getInPlace().value_or(ArrayRef<int64_t>());
  for (size_t k = 0; k < pairs.size(); k += 2)
    if (pairs[k] == i && pairs[k + 1] == j) return true;
  return false;
}

struct PlaceStates : impl::PlaceStatesBase<PlaceStates> {
  void runOnOperation() final {
    SmallVector<int64_t> states(getOperation().getStates().value_or(ArrayRef<int64_t>()));
    // Copies come last: one of a pair that needs none may read an input.
    SmallVector<int64_t> copied;
    for (size_t i = 0; i < states.size(); i += 2)
      if (conflicts(states[i], states[i + 1])) copied.push_back(states[i + 1]);
    for (int64_t output : copied) copyAtEnd(output);
  }

  bool conflicts(int64_t input, int64_t output) {
    // Steps inside branches and loops are not followed.
    bool nested = false;
    getOperation().walk([&](Operation *op) {
      if (op->getParentOp() != getOperation() || isa<exec::IfOp, exec::LoopOp>(op))
        nested |= llvm::any_of(op->getOperands(), [&](Value value) {
          return isa<exec::BufferType>(value.getType()) && (isAt<exec::InputOp>(value, input) || isAt<exec::OutputOp>(value, output));
        });
    });
    if (nested) return true;
    bool written = false; // by an earlier step
    for (auto call : getOperation().getBody().getOps<exec::CallOp>()) {
      SmallVector<Value> operands(call.getInputs());
      llvm::append_range(operands, call.getArgs());
      for (auto [i, operand] : llvm::enumerate(operands)) {
        if (!isAt<exec::InputOp>(operand, input)) continue;
        if (written) return true;
        for (auto [j, result] : llvm::enumerate(call.getOutputs()))
          if (isAt<exec::OutputOp>(result, output) && !mayShare(call, i, j)) return true;
      }
      written |= llvm::any_of(call.getOutputs(), [&](Value result) { return isAt<exec::OutputOp>(result, output); });
    }
    return false;
  }

  void copyAtEnd(int64_t index) {
    exec::ScheduleOp schedule = getOperation();
    auto type = cast<RankedTensorType>(cast<TypeAttr>(schedule.getOutputs()[index]).getValue());
    int64_t size = dnn::elementBytes(type.getElementType());
    Value place;
    OpBuilder builder(schedule.getContext());
    for (auto output : llvm::make_early_inc_range(schedule.getBody().getOps<exec::OutputOp>())) {
      if (int64_t(output.getIndex()) != index) continue;
      if (!place) {
        builder.setInsertionPoint(output);
        place = builder.create<exec::AllocOp>(output.getLoc(), output.getType(), type.getNumElements() * size, IntegerAttr());
      }
      output.replaceAllUsesWith(place);
      output.erase();
    }
    builder.setInsertionPointToEnd(&schedule.getBody().front());
    Value output = builder.create<exec::OutputOp>(schedule.getLoc(), place.getType(), index);
    StringRef name = cast<StringAttr>(schedule.getOutputNames()[index]).getValue();
    createCopy(builder, schedule.getLoc(), place, output, type.getNumElements(), "state '" + name + "' put in its place");
    remark(schedule, "states", "output '" + name + "' is copied at the end: its input is read after it is written");
  }
};

} // namespace
} // namespace dnnc
