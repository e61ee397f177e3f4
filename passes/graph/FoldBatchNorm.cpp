// A constant scale and shift per channel joins the weights and bias of the op before or after it. Trained networks hold one batch norm per
// convolution, which the importer keeps; at inference it is a scale and a shift. New weights are computed in double and rounded once.
// What cannot be joined becomes a dnn.pointwise, so that no later phase knows dnn.batch_norm.
#include "dialects/dnn/Remarks.h"
#include "passes/Passes.h"
#include "passes/graph/Affine.h"
#include "passes/graph/Pointwise.h"

#include "llvm/ADT/TypeSwitch.h"

namespace dnnc {
#define GEN_PASS_DEF_FOLDBATCHNORM
#include "Passes.h.inc"
} // namespace dnnc

using namespace mlir;
using namespace dnnc;

namespace {

/// What folding needs to know of conv, conv_transpose and matmul. Element (o, i) of the weight joins input channel `inputChannel` to output
/// channel `outputChannel`.
struct Weighted {
  Operation *op = nullptr;
  Value input, weight, bias;
  int64_t group = 1;
  int64_t outputs = 0;   ///< output channels
  int64_t outputDim = 0; ///< their dim in the result
  int64_t inputDim = 0;  ///< the input channels' dim in the input
  Location loc() const { return op->getLoc(); }

  explicit operator bool() const { return op; }

  /// Calls body(position in the weight, input channel, output channel) for every weight, row-major.
  void forEachWeight(llvm::function_ref<void(int64_t, int64_t, int64_t)> body) const {
    RankedTensorType type = tensorOf(weight);
    if (isa<dnn::MatMulOp>(op)) {
      int64_t columns = type.getShape().back(), rows = type.getDimSize(type.getRank() - 2);
      for (int64_t i = 0, n = type.getNumElements(); i < n; ++i) body(i, i / columns % rows, i % columns);
      return;
    }
    int64_t first = type.getDimSize(0), second = type.getDimSize(1), kernel = type.getNumElements() / (first * second);
    for (int64_t i = 0, at = 0; i < first; ++i)
      for (int64_t j = 0; j < second; ++j) {
        int64_t other = i / (first / group) * second + j; // channels of the same group
        for (int64_t r = 0; r < kernel; ++r) isa<dnn::ConvOp>(op) ? body(at++, other, i) : body(at++, i, other);
      }
  }
};

Weighted weighted(Operation *op) {
  Weighted w;
  if (auto conv = dyn_cast_or_null<dnn::ConvOp>(op))
    w = {op, conv.getInput(), conv.getWeight(), conv.getBias(), int64_t(conv.getGroup()), tensorOf(conv.getWeight()).getDimSize(0), 1, 1};
  else if (auto transposed = dyn_cast_or_null<dnn::ConvTransposeOp>(op))
    w = {op,
         transposed.getInput(),
         transposed.getWeight(),
         transposed.getBias(),
         int64_t(transposed.getGroup()),
         tensorOf(transposed.getWeight()).getDimSize(1) * int64_t(transposed.getGroup()),
         1,
         1};
  else if (auto matmul = dyn_cast_or_null<dnn::MatMulOp>(op))
    w = {op,
         matmul.getLhs(),
         matmul.getRhs(),
         matmul.getBias(),
         1,
         tensorOf(matmul.getRhs()).getShape().back(),
         cast<RankedTensorType>(matmul.getType()).getRank() - 1,
         tensorOf(matmul.getLhs()).getRank() - 1};
  if (w && !isa<FloatType>(tensorOf(w.weight).getElementType())) return {};
  if (w && (!getConstant(w.weight) || (w.bias && !getConstant(w.bias)))) return {};
  return w;
}

bool anyOtherThan(ArrayRef<double> values, double neutral) {
  return llvm::any_of(values, [&](double value) { return value != neutral; });
}

/// Empty \p weights stay as they are; a bias of zeros that was not there is not made.
void setWeights(const Weighted &w, ArrayRef<double> weights, ArrayRef<double> bias) {
  OpBuilder builder(w.op);
  RankedTensorType type = tensorOf(w.weight);
  auto biasType = RankedTensorType::get({w.outputs}, type.getElementType());
  Value weight = weights.empty() ? w.weight : createConstant(builder, w.weight.getLoc(), type, weights);
  Value biasValue =
      w.bias || anyOtherThan(bias, 0) ? createConstant(builder, (w.bias ? w.bias : w.weight).getLoc(), biasType, bias) : Value();
  llvm::TypeSwitch<Operation *>(w.op)
      .Case<dnn::ConvOp, dnn::ConvTransposeOp>([&](auto op) {
        op.getWeightMutable().assign(weight);
        if (biasValue) op.getBiasMutable().assign(biasValue);
      })
      .Case([&](dnn::MatMulOp op) {
        op.getRhsMutable().assign(weight);
        if (biasValue) op.getBiasMutable().assign(biasValue);
      });
}

std::vector<double> biasOf(const Weighted &w) { return w.bias ? constantValues<double>(w.bias) : std::vector<double>(w.outputs, 0.0); }

/// Why \p affine cannot join \p w, which reads it or (\p behind) is read by it; empty if it can.
StringRef refusal(const Weighted &w, const Affine &affine, bool behind) {
  if (anyOtherThan(affine.scale, 1) && !w.weight.hasOneUse()) return "its weights are shared and would have to be copied";
  if (behind || !anyOtherThan(affine.shift, 0)) return {};
  // Every output must see the same shift: no tap may fall on padding, which is not shifted.
  if (auto conv = dyn_cast<dnn::ConvOp>(w.op)) {
    bool padded = llvm::any_of(conv.getPads(), [](int64_t pad) { return pad != 0; });
    return padded ? "its padding would have to be shifted too" : "";
  }
  return isa<dnn::MatMulOp>(w.op) && tensorOf(w.weight).getRank() == 2 ? "" : "the shift is not the same for every output";
}

/// The op's name then tells both parts, in the order of their computation.
void renameFused(const Weighted &w, Location first, Location second) { w.op->setLoc(FusedLoc::get(w.op->getContext(), {first, second})); }

/// The same as a pointwise op: one scale and shift when the parameters are constants, else the formula.
void expand(dnn::BatchNormOp op) {
  OpBuilder builder(op);
  auto type = cast<RankedTensorType>(op.getType());
  SmallVector<int64_t> shape(type.getRank() - 1, 1);
  shape[0] = type.getDimSize(1);
  auto parameter = RankedTensorType::get(shape, type.getElementType());
  Location loc = op.getLoc();
  Value result;
  if (std::optional<Affine> affine = matchAffine(op, 1)) {
    Value scale = createConstant(builder, op.getScale().getLoc(), parameter, affine->scale);
    Value shift = createConstant(builder, op.getBias().getLoc(), parameter, affine->shift);
    result = createPointwise(builder, loc, type, {op.getInput(), scale, shift}, [](OpBuilder &b, Location l, ValueRange x) {
      return applyFn(b, l, "add", {applyFn(b, l, "mul", {x[0], x[1]}), x[2]});
    });
  } else {
    SmallVector<Value> inputs{op.getInput()};
    for (Value operand : op->getOperands().drop_front()) inputs.push_back(reshaped(builder, operand, shape));
    double epsilon = op.getEpsilon().convertToDouble();
    result = createPointwise(builder, loc, type, inputs, [&](OpBuilder &b, Location l, ValueRange x) {
      Value spread = applyFn(b, l, "sqrt", applyFn(b, l, "add", {x[4], createScalar(b, l, x[4].getType(), epsilon)}));
      Value normal = applyFn(b, l, "div", {applyFn(b, l, "sub", {x[0], x[3]}), spread});
      return applyFn(b, l, "add", {applyFn(b, l, "mul", {normal, x[1]}), x[2]});
    });
  }
  op.getResult().replaceAllUsesWith(result);
  op.erase();
}

struct FoldBatchNorm : dnnc::impl::FoldBatchNormBase<FoldBatchNorm> {
  using FoldBatchNormBase::FoldBatchNormBase;

  void runOnOperation() override {
    func::FuncOp func = getOperation();
    if (func.isDeclaration()) return;
    for (Block *block : blocksOf(func)) runOnBlock(*block);
  }

  void runOnBlock(Block &block) {
    // Backwards too: a scale and shift before one that joins its consumer can then join that consumer as well.
    if (intoWeights) {
      for (Operation &op : llvm::make_early_inc_range(block))
        if (isa<dnn::BatchNormOp, dnn::PointwiseOp>(op)) foldIntoProducer(&op);
      for (Operation &op : llvm::make_early_inc_range(llvm::reverse(block)))
        if (isa<dnn::BatchNormOp, dnn::PointwiseOp>(op)) foldIntoConsumers(&op);
    }
    for (Operation &op : llvm::make_early_inc_range(block))
      if (auto batchNorm = dyn_cast<dnn::BatchNormOp>(op)) {
        remark(&op, "fold", nodeNames(op.getLoc()) + " became scale and shift");
        expand(batchNorm);
      }
  }

  void report(Operation *op, const Weighted &w, StringRef reason) {
    std::string names = nodeNames(op->getLoc()), target = nodeNames(w.loc());
    if (reason.empty())
      remark(op, "fold", names + " folded into the weights of " + target);
    else if (reportRefusals)
      remark(op, "fold", names + " into the weights of " + target + ": " + reason, false);
  }

  /// w(x) * scale + shift: the producer's weights and bias take both.
  void foldIntoProducer(Operation *op) {
    for (Value operand : op->getOperands()) {
      Weighted w = weighted(operand.getDefiningOp());
      if (!w || !hasOneUser(operand) || !cast<dnn::FusableOp>(w.op).epilogueChain().empty()) continue;
      std::optional<Affine> affine = matchAffine(op, w.outputDim);
      if (!affine || affine->input != operand) continue;
      StringRef reason = refusal(w, *affine, /*behind=*/true);
      report(op, w, reason);
      if (!reason.empty()) return;
      std::vector<double> weights, bias = biasOf(w);
      if (anyOtherThan(affine->scale, 1)) {
        weights = constantValues<double>(w.weight);
        w.forEachWeight([&](int64_t at, int64_t, int64_t output) { weights[at] *= affine->scale[output]; });
      }
      for (int64_t k = 0; k < w.outputs; ++k) bias[k] = bias[k] * affine->scale[k] + affine->shift[k];
      setWeights(w, weights, bias);
      renameFused(w, w.loc(), op->getLoc());
      op->getResult(0).replaceAllUsesWith(operand);
      op->erase();
      return;
    }
  }

  /// w(x * scale + shift): the weights of every consumer take the scale, its bias what the shift adds up to.
  void foldIntoConsumers(Operation *op) {
    Value result = op->getResult(0);
    SmallVector<std::pair<Weighted, Affine>> consumers;
    for (OpOperand &use : result.getUses()) {
      Weighted w = weighted(use.getOwner());
      std::optional<Affine> affine = w && use.getOperandNumber() == 0 ? matchAffine(op, w.inputDim) : std::nullopt;
      if (!affine) return;
      if (StringRef reason = refusal(w, *affine, /*behind=*/false); !reason.empty()) return report(op, w, reason);
      consumers.push_back({w, *affine});
    }
    if (consumers.empty()) return;
    for (auto &[consumer, affine] : consumers) {
      const Weighted &w = consumer;
      std::vector<double> weights = constantValues<double>(w.weight), bias = biasOf(w);
      bool shifted = anyOtherThan(affine.shift, 0);
      w.forEachWeight([&, &affine = affine](int64_t at, int64_t input, int64_t output) {
        if (shifted) bias[output] += weights[at] * affine.shift[input];
        weights[at] *= affine.scale[input];
      });
      report(op, w, {});
      setWeights(w, anyOtherThan(affine.scale, 1) ? weights : std::vector<double>(), bias);
      renameFused(w, op->getLoc(), w.loc());
    }
    result.replaceAllUsesWith(consumers.front().second.input);
    op->erase();
  }
};

} // namespace
