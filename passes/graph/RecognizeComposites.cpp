// Layer normalization and softmax out of their parts. Opsets before 17 have no LayerNormalization, and some exporters write softmax as Exp,
// ReduceSum, Div; the importer maps op by op. Runs on simplified IR: x^2 is x * x, scalars are in the chains, equal ops are one.
#include "dialects/dnn/Remarks.h"
#include "passes/Passes.h"
#include "passes/graph/Pointwise.h"
#include "passes/graph/Simplify.h"

namespace dnnc {
#define GEN_PASS_DEF_RECOGNIZECOMPOSITES
#include "Passes.h.inc"
} // namespace dnnc

using namespace mlir;
using namespace dnnc;
using namespace dnnc::dnn;

namespace {

/// The operands of \p value if it is the function \p name of tensors and numbers.
std::optional<SmallVector<FnOperand, 3>> matchFn(Value value, StringRef name) {
  auto fn = singleFn(value);
  return succeeded(fn) && fn->name == name ? std::optional(fn->operands) : std::nullopt;
}

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

/// If \p value's only user is \p fn with a parameter over the normalized dims, that parameter in their shape, and \p value the user's
/// result.
Value takeParameter(Value &value, StringRef fn, ArrayRef<int64_t> normalized, PatternRewriter &rewriter, SmallVector<Location> &locs) {
  auto user = value.hasOneUse() ? dyn_cast<PointwiseOp>(*value.user_begin()) : PointwiseOp();
  auto operands = user && user.getType() == value.getType() ? matchFn(user, fn) : std::nullopt;
  if (!operands || user->getNumOperands() != 2) return {};
  Value parameter = user->getOperand(0) == value ? user->getOperand(1) : user->getOperand(0);
  RankedTensorType type = tensorOf(parameter);
  SmallVector<int64_t> shape = padShape(type.getShape(), tensorOf(value).getRank());
  SmallVector<int64_t> wanted = padShape(normalized, tensorOf(value).getRank());
  if (!getConstant(parameter) || shape != wanted) return {};
  value = user.getResult();
  locs.push_back(user.getLoc());
  rewriter.setInsertionPoint(user);
  return reshaped(rewriter, parameter, normalized);
}

struct RecognizeLayerNorm : OpRewritePattern<PointwiseOp> {
  using OpRewritePattern::OpRewritePattern;
  LogicalResult matchAndRewrite(PointwiseOp op, PatternRewriter &rewriter) const override {
    std::optional<Normalization> norm = matchNormalization(op);
    if (!norm || !tensorOf(norm->input).getElementType().isF32())
      return rewriter.notifyMatchFailure(op, "no normalization over the last dims");
    ArrayRef<int64_t> normalized = tensorOf(norm->input).getShape().drop_front(norm->axis);
    auto parameterType = RankedTensorType::get(normalized, rewriter.getF32Type());
    SmallVector<Location> locs{op.getLoc()};
    Value result = op;
    Value scale = takeParameter(result, "mul", normalized, rewriter, locs);
    Value bias = takeParameter(result, "add", normalized, rewriter, locs);
    Operation *last = result.getDefiningOp();
    rewriter.setInsertionPoint(last);
    if (!scale) scale = createConstant(rewriter, op.getLoc(), parameterType, std::vector<double>(parameterType.getNumElements(), 1.0));
    remark(op, "fuse", nodeNames(rewriter.getFusedLoc(locs)) + (norm->rms() ? " is an RMS normalization" : " is a layer normalization"));
    rewriter
        .replaceOpWithNewOp<LayerNormOp>(last, result.getType(), norm->input, scale, bias, norm->axis, llvm::APFloat(norm->epsilon),
                                         norm->rms())
        ->setLoc(rewriter.getFusedLoc(locs));
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
    if (failed(applyPatterns(getOperation(), std::move(patterns)))) signalPassFailure();
  }
};

} // namespace
