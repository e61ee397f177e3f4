// Branches and loops: nested steps on buffers that live outside of them.
#include "passes/lower/ScheduleBuilder.h"

#include "dialects/dnn/Remarks.h"
#include "passes/select/Strides.h"

using namespace mlir;

namespace dnnc {

void ScheduleBuilder::copy(Value like, const View &from, const View &to, StringRef why) {
  RankedTensorType type = Lowering::typeOf(like);
  lowering.copy(nullptr, type.getShape(), dnn::orderOf(type), type.getElementType(), from, to, why);
}

LogicalResult ScheduleBuilder::lowerIf(dnn::IfOp op) {
  SmallVector<View> results;
  for (Value result : op.getResults()) results.push_back(lowering.write(result));
  auto branch = builder.create<exec::IfOp>(op.getLoc(), scalar(op.getCond()), builder.getStringAttr(nodeNames(op.getLoc())));
  OpBuilder::InsertionGuard guard(builder);
  for (auto [from, to] : {std::pair(&op.getThenRegion(), &branch.getThenRegion()), std::pair(&op.getElseRegion(), &branch.getElseRegion())}) {
    builder.setInsertionPointToStart(&to->emplaceBlock());
    lowerBlock(from->front(), results);
  }
  return success();
}

/// Whether \p root, which makes the next value of a loop, may write over the present one: nobody reads that later. Only a chain whose
/// operand is at the very place it writes may itself be the last reader.
bool ScheduleBuilder::mayOverwrite(BlockArgument state, Value root) {
  Operation *writer = root.getDefiningOp();
  if (writer->getBlock() != state.getOwner() || root.getType() != state.getType()) return false;
  if (isa<dnn::ConcatOp>(writer)) return false; // its operands may be written long before
  SmallVector<Value> aliases{state};
  while (!aliases.empty()) {
    Value value = aliases.pop_back_val();
    for (Operation *user : value.getUsers()) {
      Operation *reader = state.getOwner()->findAncestorOpInBlock(*user);
      if (reader->hasTrait<OpTrait::IsTerminator>() || isa<dnn::IfOp, dnn::LoopOp>(reader)) return false;
      if (isa<dnn::ReshapeOp, dnn::TransposeOp, dnn::RelayoutOp, dnn::SliceOp>(reader)) aliases.push_back(reader->getResult(0));
      bool inPlace = reader == writer && isa<dnn::PointwiseOp>(writer) && value == state;
      if (!inPlace && !reader->isBeforeInBlock(writer)) return false;
    }
  }
  return true;
}

/// Copies the next values to where the next iteration looks for them. Those that lie in a state themselves (a swap, a shift) go through a
/// temporary first.
void ScheduleBuilder::putState(ArrayRef<Value> next, ArrayRef<View> states) {
  SmallVector<Operation *> roots;
  for (const View &state : states) roots.push_back(exec::placeOf(state.buffer).root);
  SmallVector<std::pair<size_t, View>> moves;
  for (auto [i, value] : llvm::enumerate(next)) {
    View from = lowering.read(value);
    if (from.buffer == states[i].buffer && from.offset == states[i].offset && from.strides == states[i].strides) continue;
    if (llvm::is_contained(roots, exec::placeOf(from.buffer).root)) {
      View temporary = lowering.alloc(Lowering::typeOf(value));
      copy(value, from, temporary, "set aside");
      from = temporary;
    }
    moves.push_back({i, from});
  }
  for (auto &[i, from] : moves) {
    View to = states[i];
    to.strides.resize(from.strides.size(), 0); // of one condition, whose rank may change
    copy(next[i], from, to, "to the next iteration");
  }
}

LogicalResult ScheduleBuilder::lowerLoop(dnn::LoopOp op) {
  SmallVector<View> states, stacks;
  SmallVector<Value> initial(op.getCarried());
  for (Value result : op.carriedResults()) states.push_back(lowering.write(result));
  for (Value result : op.stacks()) stacks.push_back(lowering.write(result));
  if (op.getCond()) {
    initial.push_back(op.getCond());
    states.push_back(lowering.alloc(RankedTensorType::get({}, builder.getI1Type())));
    states.back().strides.assign(Lowering::typeOf(op.getCond()).getRank(), 0);
  }
  SmallVector<View> scanned;
  for (Value value : op.getScanned()) scanned.push_back(lowering.read(value));
  for (auto [value, state] : llvm::zip(initial, states)) copy(value, lowering.read(value), state, nodeNames(op.getLoc()) + ": initial value");

  Value cond = op.getCond() ? lowering.pointer(states.back()) : Value();
  Value trips = op.getTrips() ? scalar(op.getTrips()) : Value();
  bool exact = !stacks.empty() && (trips || cond);
  auto loop = builder.create<exec::LoopOp>(op.getLoc(), trips, cond, op.getCountAttr(), exact ? builder.getUnitAttr() : UnitAttr(),
                                           builder.getStringAttr(nodeNames(op.getLoc())));
  OpBuilder::InsertionGuard guard(builder);
  Block &body = loop.getBody().emplaceBlock();
  Value counter = body.addArgument(builder.getIndexType(), op.getLoc());
  builder.setInsertionPointToStart(&body);
  if (!op.counter().use_empty()) {
    View number = lowering.alloc(Lowering::typeOf(op.counter()));
    builder.create<exec::CounterOp>(op.getLoc(), counter, number.buffer);
    lowering.define(op.counter(), number);
  }
  for (auto [arg, state] : llvm::zip(op.carriedArgs(), states)) lowering.define(arg, state);

  /// What iteration number i has of a tensor, from the end where \p reversed.
  auto sliceOf = [&](View whole, int64_t axis, bool reversed) {
    int64_t stride = whole.strides[axis], bytes = dnn::elementBytes(cast<exec::BufferType>(whole.buffer.getType()).getElementType());
    int64_t offset = (whole.offset + (reversed ? (int64_t(*op.getCount()) - 1) * stride : 0)) * bytes;
    whole.buffer = builder.create<exec::ViewOp>(op.getLoc(), whole.buffer.getType(), whole.buffer, offset, counter,
                                                builder.getI64IntegerAttr((reversed ? -stride : stride) * bytes));
    whole.offset = 0;
    whole.strides.erase(whole.strides.begin() + axis);
    return whole;
  };
  for (auto [i, arg] : llvm::enumerate(op.sliceArgs())) lowering.define(arg, sliceOf(scanned[i], op.getScanAxes()[i], op.getScanReversed()[i]));

  // Places of what is yielded: that of the iteration in a stack; a state itself where it may be overwritten; else a copy at the end.
  SmallVector<Value> next(op.nextCarried());
  if (op.getCond()) next.push_back(op.nextCond());
  SmallVector<View> places(next.size()); // none for the next values: putState sees to them
  for (auto [i, value] : llvm::enumerate(op.nextCarried())) {
    SmallVector<int64_t> strides = states[i].strides;
    Value root = rootOf(value, strides);
    if (root && !lowering.isPlaced(root) && isContiguous(Lowering::typeOf(root), strides) && mayOverwrite(op.carriedArgs()[i], root))
      lowering.place(root, {states[i].buffer, states[i].offset, strides});
  }
  for (auto [i, value] : llvm::enumerate(op.stackedValues()))
    places.push_back(sliceOf(stacks[i], op.getStackAxes()[i], op.getStackReversed()[i]));
  lowerBlock(op.getBody().front(), places);
  putState(next, states);
  return success();
}

} // namespace dnnc
