// Layer normalization and softmax out of their parts; other composites have files of their own. Opsets before 17 have no LayerNormalization, and some exporters write softmax as Exp,
// ReduceSum, Div; the importer maps op by op. Runs on simplified IR: x^2 is x * x, scalars are in the chains, equal ops are one.
#include "dialects/dnn/Remarks.h"
#include "passes/Passes.h"
#include "passes/graph/Pointwise.h"
#include "passes/graph/Recognize.h"
#include "passes/graph/Simplify.h"

namespace dnnc {
#define GEN_PASS_DEF_RECOGNIZECOMPOSITES
#include "Passes.h.inc"
} // namespace dnnc

using namespace mlir;
using namespace dnnc;
using namespace dnnc::dnn;

namespace {

/// \p value's reduction, without epilogue.
ReduceOp matchReduce(Value value, ReduceKind kind) {
  auto reduce = value ? value.getDefiningOp<ReduceOp>() : ReduceOp();
  return reduce && reduce.getKind() == kind && reduce.getEpilogue().empty() ? reduce : ReduceOp();
}

SmallVector<int64_t> axesOf(ReduceOp reduce) {
  SmallVector<int64_t> axes;
  for (int64_t axis : reduce.getAxes()) axes.push_back(dimOf(axis, tensorOf(reduce.getInput()).getRank()));
  llvm::sort(axes);
  return axes;
}

/// The first of the trailing dims that \p reduce is over; nothing if it is over others.
std::optional<int64_t> trailingAxis(ReduceOp reduce) {
  SmallVector<int64_t> axes = axesOf(reduce);
  int64_t rank = tensorOf(reduce.getInput()).getRank();
  if (axes.empty() || !llvm::equal(axes, llvm::seq<int64_t>(rank - axes.size(), rank))) return {};
  return axes.front();
}

/// What is normalized (before and after its mean was taken off), over which dims, and the epsilon.
struct Normalization {
  Value input, centred;
  int64_t axis;
  double epsilon;
  bool rms() const { return input == centred; }
};

/// \p value = sqrt(mean(centred^2) + epsilon).
std::optional<Normalization> matchSpread(Value value) {
  auto root = matchFn(value, "sqrt");
  if (!root) return {};
  auto sum = matchFn(root->front().tensor, "add");
  if (!sum) return {};
  if ((*sum)[0].number) std::swap((*sum)[0], (*sum)[1]);
  ReduceOp variance = matchReduce((*sum)[0].tensor, ReduceKind::Mean);
  if (!variance || !(*sum)[1].number) return {};
  auto square = matchFn(variance.getInput(), "mul");
  auto axis = trailingAxis(variance);
  if (!square || !axis || !(*square)[0].tensor || (*square)[0].tensor != (*square)[1].tensor) return {};
  Value centred = (*square)[0].tensor;
  Normalization norm{centred, centred, *axis, *(*sum)[1].number};
  if (auto difference = matchFn(centred, "sub"))
    if (ReduceOp mean = matchReduce((*difference)[1].tensor, ReduceKind::Mean))
      if (mean.getInput() == (*difference)[0].tensor && axesOf(mean) == axesOf(variance)) norm.input = mean.getInput();
  return norm;
}

/// centred / spread, centred * (1 / spread).
std::optional<Normalization> matchNormalization(Value value) {
  if (auto quotient = matchFn(value, "div")) {
    auto norm = (*quotient)[1].tensor ? matchSpread((*quotient)[1].tensor) : std::nullopt;
    return norm && norm->centred == (*quotient)[0].tensor ? norm : std::nullopt;
  }
  auto product = matchFn(value, "mul");
  for (unsigned i : {0, 1}) {
    if (!product || !(*product)[i].tensor || !(*product)[1 - i].tensor) return {};
    Value spread;
    if (auto inverse = matchFn((*product)[i].tensor, "reciprocal"))
      spread = inverse->front().tensor;
    else if (auto one = matchFn((*product)[i].tensor, "div"); one && (*one)[0].number == 1.0)
      spread = (*one)[1].tensor;
    auto norm = spread ? matchSpread(spread) : std::nullopt;
    if (norm && norm->centred == (*product)[1 - i].tensor) return norm;
  }
  return {};
}

/// The other tensor of two, one of which is \p known.
Value otherThan(Value known, ArrayRef<FnOperand> operands) {
  return operands[0].tensor == known ? operands[1].tensor : operands[1].tensor == known ? operands[0].tensor : Value();
}

/// x * f + (bias - mean * f) with f = scale / spread, as TensorFlow writes it; sets the parameters.
std::optional<Normalization> matchShifted(Value value, Value &scale, Value &bias) {
  auto sum = matchFn(value, "add");
  for (unsigned i : {0, 1}) {
    auto product = sum ? matchFn((*sum)[i].tensor, "mul") : std::nullopt;
    auto shift = sum ? matchFn((*sum)[1 - i].tensor, "sub") : std::nullopt;
    auto taken = shift ? matchFn((*shift)[1].tensor, "mul") : std::nullopt;
    if (!product || !taken) continue;
    for (unsigned j : {0, 1}) {
      Value factor = (*product)[j].tensor;
      auto parts = matchFn(factor, "mul");
      ReduceOp mean = matchReduce(otherThan(factor, *taken), ReduceKind::Mean);
      for (unsigned k : {0, 1}) {
        auto inverse = parts && mean ? matchFn((*parts)[k].tensor, "reciprocal") : std::nullopt;
        auto norm = inverse ? matchSpread(inverse->front().tensor) : std::nullopt;
        if (!norm || norm->rms() || norm->input != otherThan(factor, *product) || mean.getInput() != norm->input ||
            trailingAxis(mean) != norm->axis)
          continue;
        scale = (*parts)[1 - k].tensor;
        bias = (*shift)[0].tensor;
        return norm;
      }
    }
  }
  return {};
}

/// A constant over the normalized dims, in their shape; null if \p parameter is something else.
Value asParameter(Value parameter, ArrayRef<int64_t> normalized, int64_t rank, PatternRewriter &rewriter) {
  if (!parameter || !getConstant(parameter) || tensorOf(parameter).getRank() > rank) return {};
  bool fits = padShape(tensorOf(parameter).getShape(), rank) == padShape(normalized, rank);
  return fits ? reshaped(rewriter, parameter, normalized) : Value();
}

/// If \p value's only user is \p fn with a parameter over the normalized dims: that parameter; \p value becomes the user's result.
Value takeParameter(Value &value, StringRef fn, ArrayRef<int64_t> normalized, PatternRewriter &rewriter, SmallVector<Location> &locs) {
  auto user = value.hasOneUse() && hasOneUser(value) ? dyn_cast<PointwiseOp>(*value.user_begin()) : PointwiseOp();
  auto operands = user && user.getType() == value.getType() ? matchFn(user, fn) : std::nullopt;
  if (!operands || user->getNumOperands() != 2) return {};
  rewriter.setInsertionPoint(user);
  Value parameter = asParameter(otherThan(value, *operands), normalized, tensorOf(value).getRank(), rewriter);
  if (!parameter) return {};
  value = user.getResult();
  locs.push_back(user.getLoc());
  return parameter;
}

struct RecognizeLayerNorm : OpRewritePattern<PointwiseOp> {
  using OpRewritePattern::OpRewritePattern;
  LogicalResult matchAndRewrite(PointwiseOp op, PatternRewriter &rewriter) const override {
    Value result = op, scale, bias;
    std::optional<Normalization> norm = matchNormalization(op);
    bool shifted = !norm && (norm = matchShifted(op, scale, bias));
    if (!norm || norm->input.getType() != op.getType() || !tensorOf(op).getElementType().isF32())
      return rewriter.notifyMatchFailure(op, "no normalization over the last dims");
    RankedTensorType type = tensorOf(op);
    ArrayRef<int64_t> normalized = type.getShape().drop_front(norm->axis);
    SmallVector<Location> locs{op.getLoc()};
    if (shifted) {
      scale = asParameter(scale, normalized, type.getRank(), rewriter);
      bias = asParameter(bias, normalized, type.getRank(), rewriter);
      if (!scale || !bias) return rewriter.notifyMatchFailure(op, "its parameters are not over the normalized dims");
    } else {
      scale = takeParameter(result, "mul", normalized, rewriter, locs);
      bias = takeParameter(result, "add", normalized, rewriter, locs);
    }
    Operation *last = result.getDefiningOp();
    rewriter.setInsertionPoint(last);
    if (!scale) {
      auto ones = RankedTensorType::get(normalized, type.getElementType());
      scale = createConstant(rewriter, op.getLoc(), ones, std::vector<double>(ones.getNumElements(), 1.0));
    }
    Location loc = rewriter.getFusedLoc(locs);
    remark(op, "fuse", nodeNames(loc) + (norm->rms() ? " is an RMS normalization" : " is a layer normalization"));
    auto layerNorm =
        rewriter.create<LayerNormOp>(loc, type, norm->input, scale, bias, norm->axis, llvm::APFloat(norm->epsilon), norm->rms());
    rewriter.replaceOp(last, layerNorm);
    return success();
  }
};

/// exp(x) / sum(exp(x)), with or without the maximum taken off x, along one dim.
struct RecognizeSoftmax : OpRewritePattern<PointwiseOp> {
  using OpRewritePattern::OpRewritePattern;
  LogicalResult matchAndRewrite(PointwiseOp op, PatternRewriter &rewriter) const override {
    auto quotient = matchFn(op, "div");
    ReduceOp sum = quotient ? matchReduce((*quotient)[1].tensor, ReduceKind::Sum) : ReduceOp();
    auto exponential = sum && sum.getInput() == (*quotient)[0].tensor ? matchFn(sum.getInput(), "exp") : std::nullopt;
    if (!exponential || !exponential->front().tensor || axesOf(sum).size() != 1 || !tensorOf(op).getElementType().isF32())
      return rewriter.notifyMatchFailure(op, "no softmax along one dim");
    Value input = exponential->front().tensor;
    if (auto difference = matchFn(input, "sub"))
      if (ReduceOp max = matchReduce((*difference)[1].tensor, ReduceKind::Max))
        if (max.getInput() == (*difference)[0].tensor && axesOf(max) == axesOf(sum)) input = max.getInput();
    remark(op, "fuse", nodeNames(op.getLoc()) + " is a softmax");
    rewriter.replaceOpWithNewOp<SoftmaxOp>(op, op.getType(), input, axesOf(sum).front(), false);
    return success();
  }
};

struct RecognizeComposites : dnnc::impl::RecognizeCompositesBase<RecognizeComposites> {
  void runOnOperation() override {
    if (getOperation().isDeclaration()) return;
    RewritePatternSet patterns(&getContext());
    patterns.add<RecognizeLayerNorm, RecognizeSoftmax>(&getContext());
    populateGeluPatterns(patterns);
    populateGroupNormPatterns(patterns);
    populateRotaryPatterns(patterns);
    if (failed(applyPatterns(getOperation(), std::move(patterns)))) signalPassFailure();
  }
};

} // namespace
