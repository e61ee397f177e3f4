//===- LowerToExec.cpp - dnn function → exec schedule ------------------------------===//
//
// Turns each tensor into a strided view of a buffer and each op into kernel calls. Where a value lives is decided before the first
// call: outputs and the operands of concats that copy elision put in place are placed inside another buffer; all others get an
// alloc, which memory planning puts into the arena later.
//
//===----------------------------------------------------------------------===//

#include "dialects/dnn/Remarks.h"
#include "dialects/pw/SmallTypes.h"
#include "passes/Passes.h"
#include "passes/lower/KernelChoice.h"
#include "passes/lower/ScheduleBuilder.h"
#include "passes/select/Strides.h"

#include "llvm/ADT/TypeSwitch.h"

using namespace mlir;

namespace dnnc {

#define GEN_PASS_DEF_LOWERTOEXEC
#include "Passes.h.inc"

namespace {

ArrayAttr typesAttr(OpBuilder &builder, TypeRange range) { return builder.getTypeArrayAttr(llvm::to_vector(range)); }

template <class F> ArrayAttr namesAttr(OpBuilder &builder, unsigned count, const char *fallback, F name) {
  SmallVector<Attribute> list;
  for (unsigned i = 0; i < count; ++i) {
    StringAttr given = name(i);
    list.push_back(given ? given : builder.getStringAttr(fallback + std::to_string(i)));
  }
  return builder.getArrayAttr(list);
}

exec::BufferType bufferOf(Value value) {
  return exec::BufferType::get(value.getContext(), pw::storageType(Lowering::typeOf(value).getElementType()));
}

/// Pairs of the numbers of an input and an output that may share memory.
DenseI64ArrayAttr statesAttr(OpBuilder &builder, func::FuncOp function) {
  SmallVector<int64_t> pairs;
  for (unsigned i = 0; i < function.getNumArguments(); ++i)
    if (auto output = function.getArgAttrOfType<IntegerAttr>(i, "dnn.state")) pairs.append({i, output.getInt()});
  return pairs.empty() ? DenseI64ArrayAttr() : builder.getDenseI64ArrayAttr(pairs);
}

/// What the last arguments or results, which hold the true dims of others, say about these.
template <class F> ArrayAttr boundsAttr(OpBuilder &builder, unsigned count, F bound) {
  SmallVector<Attribute> list;
  for (unsigned i = 0; i < count; ++i)
    if (DictionaryAttr given = bound(i)) list.push_back(given);
  return list.empty() ? ArrayAttr() : builder.getArrayAttr(list);
}
} // namespace

LogicalResult ScheduleBuilder::run() {
  lowering.weightsStay = weightsStay(function, target);
  builder.setInsertionPoint(function);
  auto schedule = builder.create<exec::ScheduleOp>(
      function.getLoc(), builder.getStringAttr(function.getName()), builder.getStringAttr(target.name),
      typesAttr(builder, function.getArgumentTypes()),
      namesAttr(builder, function.getNumArguments(), "input", [&](unsigned i) { return function.getArgAttrOfType<StringAttr>(i, "dnn.name"); }),
      typesAttr(builder, function.getResultTypes()),
      namesAttr(builder, function.getNumResults(), "output",
                [&](unsigned i) { return function.getResultAttrOfType<StringAttr>(i, "dnn.name"); }),
      IntegerAttr(), IntegerAttr(), IntegerAttr(), statesAttr(builder, function),
      boundsAttr(builder, function.getNumArguments(), [&](unsigned i) { return function.getArgAttrOfType<DictionaryAttr>(i, "dnn.bound"); }),
      boundsAttr(builder, function.getNumResults(), [&](unsigned i) { return function.getResultAttrOfType<DictionaryAttr>(i, "dnn.bound"); }));
  Block &steps = schedule.getBody().emplaceBlock();
  builder.setInsertionPointToStart(&steps);
  lowering.setWeightsBlock(&steps);
  defineInputs();
  Block &block = function.getBody().front();
  SmallVector<View> outputs;
  for (auto [i, value] : llvm::enumerate(block.getTerminator()->getOperands())) {
    Value buffer = builder.create<exec::OutputOp>(value.getLoc(), bufferOf(value), i);
    outputs.push_back({buffer, 0, dnn::logicalStrides(Lowering::typeOf(value))});
  }
  lowerBlock(block, outputs);
  if (failed_) return failure();
  function.erase();
  return success();
}

void ScheduleBuilder::defineInputs() {
  for (BlockArgument arg : function.getArguments()) {
    Value buffer = builder.create<exec::InputOp>(arg.getLoc(), bufferOf(arg), arg.getArgNumber());
    lowering.define(arg, {buffer, 0, dnn::logicalStrides(Lowering::typeOf(arg))});
  }
}

/// Follows a value back through ops that only change the view, with the strides it must have there. The value at the end is computed by a
/// kernel of the same block, or null when it is not (an input, a constant, a slice, something from outside a loop).
Value ScheduleBuilder::rootOf(Value value, SmallVector<int64_t> &strides) {
  Block *block = value.getParentBlock();
  while (Operation *op = value.getDefiningOp()) {
    if (op->getBlock() != block) return {};
    SmallVector<int64_t> source(strides);
    if (auto transpose = dyn_cast<dnn::TransposeOp>(op)) {
      for (auto [i, dim] : llvm::enumerate(transpose.getPerm())) source[dim] = strides[i];
    } else if (auto reshape = dyn_cast<dnn::ReshapeOp>(op)) {
      auto reshaped = reshapeStrides(Lowering::typeOf(value).getShape(), strides, Lowering::typeOf(reshape.getInput()).getShape());
      if (!reshaped) return {};
      source = *reshaped;
    } else if (auto bitcast = dyn_cast<dnn::BitcastOp>(op)) {
      if (!isView(bitcast)) return value;
    } else if (auto relayout = dyn_cast<dnn::RelayoutOp>(op)) {
      RankedTensorType from = Lowering::typeOf(relayout.getInput()), to = Lowering::typeOf(value);
      if (!dnn::sameMemory(from.getShape(), dnn::orderOf(from), dnn::orderOf(to)))
        return getConstant(relayout.getInput()) ? Value() : value;
    } else {
      bool view = isa<dnn::SliceOp>(op) && cast<dnn::SliceOp>(op).getView();
      return view || isa<dnn::ConstantOp>(op) ? Value() : value;
    }
    strides = source;
    value = op->getOperand(0);
  }
  return {};
}

void ScheduleBuilder::lowerBlock(Block &block, ArrayRef<View> results) {
  Operation *terminator = block.getTerminator();
  SmallVector<bool> placed;
  for (auto [value, view] : llvm::zip(terminator->getOperands(), results)) {
    if (!view.buffer) { // the caller sees to it
      placed.push_back(true);
      continue;
    }
    View inside = view;
    Value root = value.getParentBlock() == &block ? rootOf(value, inside.strides) : Value();
    // Only where the producer's own layout is the output's: a kernel must not be made to write across its vectors.
    bool fits = root && !lowering.isPlaced(root) && isContiguous(Lowering::typeOf(root), inside.strides);
    if (fits) lowering.place(root, inside);
    placed.push_back(fits);
  }
  placeConcats(block);
  for (Operation &op : block.without_terminator()) {
    if (isa<dnn::ConstantOp>(op)) continue;
    if (failed(lower(&op)))
      failed_ = true; // go on: report every op without a kernel at once
    else
      lowering.finish(&op);
    for (Value result : op.getResults())
      if (failed_) lowering.define(result, lowering.alloc(Lowering::typeOf(result)));
  }
  if (failed_) return;
  // Results that no kernel wrote in place: inputs, constants, views, and values returned twice.
  for (auto [i, value] : llvm::enumerate(terminator->getOperands())) {
    if (placed[i]) continue;
    RankedTensorType type = Lowering::typeOf(value);
    if (type.getNumElements() == 0) continue;
    lowering.copy(nullptr, type.getShape(), dnn::orderOf(type), type.getElementType(), lowering.read(value), results[i],
                  "output " + std::to_string(i));
  }
}

void ScheduleBuilder::placeConcats(Block &block) {
  SmallVector<dnn::ConcatOp> concats(block.getOps<dnn::ConcatOp>());
  for (dnn::ConcatOp op : llvm::reverse(concats)) { // outer before nested
    if (!op.getInPlace() || llvm::none_of(*op.getInPlace(), [](bool b) { return b; })) continue;
    View whole = lowering.write(op.getResult());
    lowering.place(op.getResult(), whole);
    int64_t axis = fromFront(op.getAxis(), Lowering::typeOf(op.getResult()).getRank()), start = 0;
    for (auto [i, input] : llvm::enumerate(op.getInputs())) {
      View part = whole;
      part.offset += start * whole.strides[axis];
      start += Lowering::typeOf(input).getDimSize(axis);
      if (!(*op.getInPlace())[i]) continue;
      Value root = rootOf(input, part.strides);
      assert(root && !lowering.isPlaced(root) && "copy elision marked an operand that cannot be placed");
      lowering.place(root, part);
    }
  }
}

LogicalResult ScheduleBuilder::lower(Operation *op) {
  return llvm::TypeSwitch<Operation *, LogicalResult>(op)
      .Case<dnn::ConvOp, dnn::ConvTransposeOp>([&](auto) { return lowerConv(lowering, op); })
      .Case<dnn::MatMulOp>([&](auto matmul) { return lowerMatMul(lowering, matmul); })
      .Case<dnn::ReduceOp, dnn::SoftmaxOp, dnn::LayerNormOp, dnn::GroupNormOp, dnn::LrnOp, dnn::ArgReduceOp, dnn::TopKOp, dnn::CumSumOp, dnn::CumProdOp>(
          [&](auto) { return lowerNormalize(lowering, op); })
      .Case<dnn::AttentionOp>([&](dnn::AttentionOp attention) { return lowerAttention(lowering, attention); })
      .Case<dnn::RotaryOp>([&](dnn::RotaryOp rotary) { return lowerRotary(lowering, rotary); })
      .Case<dnn::CheckOp>([&](dnn::CheckOp check) { return lowerCheck(lowering, check); })
      .Case<dnn::PackOp, dnn::UnpackOp, dnn::NonZeroOp, dnn::UniqueOp, dnn::NonMaxSuppressionOp>(
          [&](auto) { return lowerBounded(lowering, op); })
      .Case<dnn::LinearAttentionOp>([&](dnn::LinearAttentionOp attention) { return lowerLinearAttention(lowering, attention); })
      .Case<dnn::RecurrentOp>([&](dnn::RecurrentOp layer) { return lowerRecurrent(lowering, layer); })
      .Case<dnn::PoolOp, dnn::MaxPoolIndicesOp, dnn::GridSampleOp, dnn::DeformColumnsOp, dnn::RoiAlignOp, dnn::RoiMaxPoolOp, dnn::Col2ImOp, dnn::DetOp>(
          [&](auto) { return lowerSpatial(lowering, op); })
      .Case<dnn::LookupOp>([&](dnn::LookupOp lookup) { return lowerLookup(lowering, lookup); })
      .Case<dnn::PointwiseOp>([&](auto) { return lowerPointwise(lowering, op); })
      .Case<dnn::GatherOp, dnn::GatherElementsOp, dnn::GatherNDOp, dnn::ScatterElementsOp, dnn::ScatterNDOp, dnn::OneHotOp>(
          [&](auto) { return lowerIndexed(lowering, op); })
      .Case<dnn::TransposeOp, dnn::ReshapeOp, dnn::RelayoutOp, dnn::ConcatOp, dnn::SliceOp, dnn::BroadcastOp, dnn::TileOp, dnn::PadOp,
            dnn::ResizeOp, dnn::BitcastOp>([&](auto) { return lowerMovement(lowering, op); })
      .Case<dnn::IfOp, dnn::LoopOp>([&](auto control) -> LogicalResult {
        if (target.isGpu())
          return control.emitError() << "branches and loops by values known at run time only are not supported for " << target.name;
        if constexpr (std::is_same_v<decltype(control), dnn::IfOp>)
          return lowerIf(control);
        else
          return lowerLoop(control);
      })
      .Default([](Operation *other) {
        return other->emitError() << "no kernel for " << other->getName() << " with these types", failure();
      });
}

namespace {
struct LowerToExec : impl::LowerToExecBase<LowerToExec> {
  using LowerToExecBase::LowerToExecBase;
  void runOnOperation() final {
    const Target *row = findTarget(target);
    if (!row) {
      getOperation().emitError() << "unknown target \"" << target << "\"";
      return signalPassFailure();
    }
    LowerOptions options;
    options.target = target;
    options.reassociate = reassociate;
    options.winogradWeights = winogradWeights;
    for (auto function : llvm::make_early_inc_range(getOperation().getOps<func::FuncOp>()))
      if (failed(ScheduleBuilder(function, *row, options).run()))
        signalPassFailure();
  }
};

} // namespace
} // namespace dnnc
