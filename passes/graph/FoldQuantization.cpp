// Quantized networks come as f32 ops between dequantize and quantize (whether the model says so, or names operators such as QLinearConv).
// Here they become what is computed: integers. It runs before constants are folded, which would turn quantized weights into f32.
#include "dialects/dnn/Remarks.h"
#include "passes/Passes.h"
#include "passes/graph/Quantized.h"

#include "mlir/IR/IRMapping.h"

#include <cmath>

namespace dnnc {
#define GEN_PASS_DEF_FOLDQUANTIZATION
#include "Passes.h.inc"
} // namespace dnnc

using namespace mlir;
using namespace dnnc;

namespace {

/// Moves elements, or picks the largest, so that it may as well be done to the quantized values. The data are the first \p count operands.
bool movesData(Operation *op, unsigned &count) {
  count = isa<dnn::ConcatOp>(op) ? op->getNumOperands() : 1;
  if (auto pool = dyn_cast<dnn::PoolOp>(op)) return pool.getKind() == dnn::PoolKind::Max && pool.getEpilogue().empty();
  if (auto resize = dyn_cast<dnn::ResizeOp>(op)) return resize.getMode() == "nearest" && !resize.getRoi();
  return isa<dnn::ReshapeOp, dnn::TransposeOp, dnn::SliceOp, dnn::BroadcastOp, dnn::TileOp, dnn::GatherOp, dnn::ConcatOp, dnn::PadOp>(op);
}

/// \p op on other data of another element type.
Operation *cloneOn(OpBuilder &builder, Operation *op, ArrayRef<Value> data) {
  IRMapping none;
  Operation *copy = builder.clone(*op, none);
  for (auto [i, value] : llvm::enumerate(data)) copy->setOperand(i, value);
  auto type = cast<RankedTensorType>(op->getResult(0).getType());
  copy->getResult(0).setType(RankedTensorType::get(type.getShape(), tensorOf(data.front()).getElementType()));
  return copy;
}

struct FoldQuantization : dnnc::impl::FoldQuantizationBase<FoldQuantization> {
  Evaluator *evaluator = nullptr;

  void runOnOperation() override {
    func::FuncOp func = getOperation();
    if (func.isDeclaration()) return;
    bool any = false;
    func.walk([&](Operation *op) { any |= isa<dnn::QuantizeOp, dnn::DequantizeOp>(op); });
    if (!any) return;
    SmallVector<Block *> blocks = blocksOf(func);
    auto forEachOp = [&](auto visit) {
      for (Block *block : blocks)
        for (Operation &op : llvm::make_early_inc_range(*block)) visit(&op);
    };
    forEachOp([&](Operation *op) { makeUnsigned(op); });
    forEachOp([&](Operation *op) { fold(op); });
    eraseDead(blocks);
    forEachOp([&](Operation *op) { expandLeft(op); });
    eraseDead(blocks);
  }

  static void eraseDead(ArrayRef<Block *> blocks) {
    for (Block *block : llvm::reverse(blocks)) // inner ones first, which use values of the outer ones
      for (Operation &op : llvm::make_early_inc_range(llvm::reverse(*block)))
        if (op.getNumRegions() == 0 && isOpTriviallyDead(&op)) op.erase();
  }

  //===--------------------------------------------------------------------===//
  // i8 activations as u8
  //===--------------------------------------------------------------------===//

  llvm::DenseMap<Value, Value> unsignedOf; ///< of i8 values that are made from u8

  static bool isI8(Value value) { return tensorOf(value).getElementType().isSignlessInteger(8); }

  Value asUnsigned(Value value, OpBuilder &builder) {
    Value &known = unsignedOf[value];
    if (!known) { // where every user can reach it, also those in another block
      OpBuilder::InsertionGuard guard(builder);
      builder.setInsertionPointAfterValue(value);
      known = shiftedBy128(builder, value.getLoc(), value);
    }
    return known;
  }

  /// Replaces an op with an i8 result by \p made, which has it as u8.
  void replaceBy(Operation *op, Value made, OpBuilder &builder) {
    Value back = shiftedBy128(builder, op->getLoc(), made);
    unsignedOf[back] = made;
    op->getResult(0).replaceAllUsesWith(back);
    op->erase();
  }

  void makeUnsigned(Operation *op) {
    OpBuilder builder(op);
    unsigned count = 0;
    if (auto quantize = dyn_cast<dnn::QuantizeOp>(op)) {
      auto by = perTensor(quantize);
      if (!by || !isI8(quantize) || getConstant(quantize.getInput())) return;
      Value made = builder.create<dnn::QuantizeOp>(op->getLoc(), quantize.getInput(), quantize.getScalesAttr(),
                                                   builder.getDenseI64ArrayAttr(by->zero + 128), quantize.getAxisAttr(),
                                                   TypeAttr::get(builder.getIntegerType(8, false)));
      replaceBy(op, made, builder);
    } else if (auto dequantize = dyn_cast<dnn::DequantizeOp>(op)) {
      auto by = perTensor(dequantize);
      if (!by || !isI8(dequantize.getInput()) || getConstant(dequantize.getInput()) || isQuantizedConstant(dequantize.getInput())) return;
      Value made = createDequantize(builder, op->getLoc(), asUnsigned(dequantize.getInput(), builder), {by->scale, by->zero + 128});
      dequantize.getResult().replaceAllUsesWith(made);
      op->erase();
    } else if (movesData(op, count) && !isa<dnn::PadOp>(op) && isI8(op->getOperand(0))) {
      SmallVector<Value> data;
      for (Value operand : op->getOperands().take_front(count)) data.push_back(unsignedOf.lookup(operand));
      if (llvm::is_contained(data, Value())) return;
      replaceBy(op, cloneOn(builder, op, data)->getResult(0), builder);
    }
  }

  static bool isQuantizedConstant(Value value) {
    auto quantize = value.getDefiningOp<dnn::QuantizeOp>();
    return quantize && getConstant(quantize.getInput());
  }

  //===--------------------------------------------------------------------===//
  // Folding
  //===--------------------------------------------------------------------===//

  void fold(Operation *op) {
    if (auto quantize = dyn_cast<dnn::QuantizeOp>(op)) return foldQuantize(quantize);
    if (isa<dnn::DequantizeOp, dnn::PointwiseOp, dnn::ConstantOp, dnn::IfOp, dnn::LoopOp, dnn::YieldOp, func::ReturnOp>(op)) return;
    unsigned count = 0;
    if (movesData(op, count)) return sinkDequantize(op, count);
    bool changed = false;
    std::string reason = foldCompute(op, changed);
    if (changed)
      remark(op, "fold", nodeNames(op->getLoc()) + " computes on integers");
    else if (!reason.empty() || llvm::any_of(op->getOperands(), [](Value v) { return v.getDefiningOp<dnn::DequantizeOp>(); }))
      remark(op, "fold", nodeNames(op->getLoc()) + " on integers: " + (reason.empty() ? "there is no integer kernel for it" : reason), false);
  }

  /// quantize(dequantize(x)) with the same parameters; of a concat, whose operands are quantized instead; of a constant.
  void foldQuantize(dnn::QuantizeOp op) {
    OpBuilder builder(op);
    auto by = perTensor(op);
    if (getConstant(op.getInput())) {
      if (Value value = evaluated(expand(builder, op).getDefiningOp())) op.getResult().replaceAllUsesWith(value);
      return;
    }
    auto dequantize = op.getInput().getDefiningOp<dnn::DequantizeOp>();
    if (dequantize && by && by == perTensor(dequantize) && dequantize.getInput().getType() == op.getType()) {
      remark(op, "fold", nodeNames(op.getLoc()) + " after " + nodeNames(dequantize.getLoc()) + " changes nothing");
      op.getResult().replaceAllUsesWith(dequantize.getInput());
      return;
    }
    auto concat = op.getInput().getDefiningOp<dnn::ConcatOp>();
    if (!concat || !by || !concat.getResult().hasOneUse() || llvm::none_of(concat.getInputs(), activation)) return;
    SmallVector<Value> parts;
    for (Value part : concat.getInputs()) {
      auto source = part.getDefiningOp<dnn::DequantizeOp>();
      bool same = source && by == perTensor(source) && tensorOf(source.getInput()).getElementType() == op.getTo();
      parts.push_back(same ? source.getInput()
                           : Value(builder.create<dnn::QuantizeOp>(op.getLoc(), part, op.getScalesAttr(), op.getZeroPointsAttr(), op.getAxisAttr(),
                                                                   op.getToAttr())));
    }
    Operation *made = cloneOn(builder, concat, parts);
    remark(op, "fold", nodeNames(concat.getLoc()) + " moves quantized values");
    op.getResult().replaceAllUsesWith(made->getResult(0));
  }

  /// op(dequantize(x)) → dequantize(op(x)).
  void sinkDequantize(Operation *op, unsigned count) {
    SmallVector<Value> data;
    dnn::DequantizeOp first;
    for (Value operand : op->getOperands().take_front(count)) {
      auto dequantize = operand.getDefiningOp<dnn::DequantizeOp>();
      if (!dequantize || (first && (perTensor(dequantize) != perTensor(first) || tensorOf(dequantize.getInput()).getElementType() != tensorOf(first.getInput()).getElementType())))
        return;
      if (!first) first = dequantize;
      data.push_back(dequantize.getInput());
    }
    if (!first) return;
    OpBuilder builder(op);
    auto by = perTensor(first);
    int64_t axis = first.getAxis();
    if (!by) {
      // Of a list of parameters only a transpose keeps track.
      auto transpose = dyn_cast<dnn::TransposeOp>(op);
      if (!transpose) return;
      axis = llvm::find(transpose.getPerm(), dimOf(axis, tensorOf(first).getRank())) - transpose.getPerm().begin();
    }
    FloatAttr padding;
    if (auto pad = dyn_cast<dnn::PadOp>(op); pad && pad.getMode() == "constant") {
      double value = pad.getValue().convertToDouble() / by->scale + double(by->zero);
      if (value != std::nearbyint(value) || value < 0 || value > 255 || !tensorOf(data[0]).getElementType().isUnsignedInteger(8)) {
        remark(op, "fold", nodeNames(op->getLoc()) + " on integers: the value it pads with is not one of the quantized values", false);
        return;
      }
      padding = builder.getF64FloatAttr(value);
    }
    Operation *moved = cloneOn(builder, op, data);
    if (padding) cast<dnn::PadOp>(moved).setValueAttr(padding);
    Value result = moved->getResult(0);
    if (Value value = evaluated(moved)) result = value;
    auto made = builder.create<dnn::DequantizeOp>(op->getLoc(), result, first.getScalesAttr(), first.getZeroPointsAttr(),
                                                  builder.getI64IntegerAttr(axis));
    op->getResult(0).replaceAllUsesWith(made.getResult());
  }

  /// The constant result of an op on constants, which is erased; null if it cannot be computed.
  Value evaluated(Operation *op) {
    SmallVector<ElementsAttr> operands;
    for (Value operand : op->getOperands()) {
      operands.push_back(getConstant(operand));
      if (!operands.back() || !evaluator) return {};
    }
    auto results = evaluator->evaluate(op, operands);
    if (failed(results)) return {};
    OpBuilder builder(op);
    Value value = createConstant(builder, op->getOperand(0).getLoc(), results->front());
    op->replaceAllUsesWith(ValueRange(value));
    op->erase();
    return value;
  }

  //===--------------------------------------------------------------------===//
  // What is left
  //===--------------------------------------------------------------------===//

  void expandLeft(Operation *op) {
    OpBuilder builder(op);
    Value value;
    if (auto quantize = dyn_cast<dnn::QuantizeOp>(op))
      value = expand(builder, quantize);
    else if (auto dequantize = dyn_cast<dnn::DequantizeOp>(op))
      value = expand(builder, dequantize);
    else
      return;
    if (Value constant = evaluated(value.getDefiningOp())) value = constant;
    op->getResult(0).replaceAllUsesWith(value);
    op->erase();
  }
};

} // namespace

std::unique_ptr<Pass> dnnc::createFoldQuantization(Evaluator *evaluator) {
  auto pass = std::make_unique<FoldQuantization>();
  pass->evaluator = evaluator;
  return pass;
}
