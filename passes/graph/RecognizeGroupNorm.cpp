// Group normalization as PyTorch writes it before opset 18: an instance normalization of groups, which reshapes make channels, and a scale and a bias for each
// channel behind it.
#include "dialects/dnn/Remarks.h"
#include "passes/graph/Pointwise.h"
#include "passes/graph/Recognize.h"

using namespace mlir;
using namespace dnnc;
using namespace dnnc::dnn;

namespace {

/// All elements of a constant are \p number.
bool isAll(Value value, double number) {
  TypedAttr splat = splatValue(value);
  return splat && numberOf(splat) == number;
}

/// The user of \p value if that is \p fn with one number for each channel; \p parameter gets them.
PointwiseOp channelUser(Value value, StringRef fn, Value &parameter, PatternRewriter &rewriter) {
  auto user = value.hasOneUse() ? dyn_cast<PointwiseOp>(*value.user_begin()) : PointwiseOp();
  auto operands = user && user.getType() == value.getType() ? matchFn(user, fn) : std::nullopt;
  if (!operands) return {};
  Value other = (*operands)[0].tensor == value ? (*operands)[1].tensor : (*operands)[0].tensor;
  RankedTensorType type = tensorOf(value);
  if (!other || !getConstant(other) || tensorOf(other).getRank() > type.getRank()) return {};
  SmallVector<int64_t> wanted(type.getRank(), 1);
  wanted[1] = type.getDimSize(1);
  if (padShape(tensorOf(other).getShape(), type.getRank()) != wanted) return {};
  rewriter.setInsertionPoint(user);
  parameter = reshaped(rewriter, other, {wanted[1]});
  return user;
}

struct RecognizeGroupNorm : OpRewritePattern<ReshapeOp> {
  using OpRewritePattern::OpRewritePattern;
  LogicalResult matchAndRewrite(ReshapeOp op, PatternRewriter &rewriter) const override {
    auto norm = op.getInput().getDefiningOp<GroupNormOp>();
    auto before = norm ? norm.getInput().getDefiningOp<ReshapeOp>() : ReshapeOp();
    RankedTensorType type = tensorOf(op.getResult());
    if (!before || before.getInput().getType() != type || type.getRank() < 3 || !norm->hasOneUse())
      return rewriter.notifyMatchFailure(op, "no normalization between reshapes");
    RankedTensorType inner = tensorOf(before.getResult());
    const int64_t groups = norm.getGroups();
    if (inner.getDimSize(0) != type.getDimSize(0) || inner.getDimSize(1) != groups || type.getDimSize(1) % groups || !isAll(norm.getScale(), 1) ||
        !isAll(norm.getBias(), 0))
      return rewriter.notifyMatchFailure(op, "its channels are not groups of channels");
    Value result = op.getResult(), scale, bias;
    SmallVector<Location> locs{norm.getLoc()};
    if (PointwiseOp user = channelUser(result, "mul", scale, rewriter)) result = user.getResult(), locs.push_back(user.getLoc());
    if (PointwiseOp user = channelUser(result, "add", bias, rewriter)) result = user.getResult(), locs.push_back(user.getLoc());
    Operation *last = result.getDefiningOp();
    rewriter.setInsertionPoint(last);
    auto channels = RankedTensorType::get({type.getDimSize(1)}, type.getElementType());
    auto filled = [&](double number) { return createConstant(rewriter, op.getLoc(), channels, std::vector<double>(channels.getNumElements(), number)); };
    if (!scale) scale = filled(1);
    if (!bias) bias = filled(0);
    Location loc = rewriter.getFusedLoc(locs);
    remark(last, "fuse", nodeNames(loc) + " is a group normalization");
    rewriter.replaceOp(last, rewriter.create<GroupNormOp>(loc, type, before.getInput(), scale, bias, groups, norm.getEpsilon()));
    return success();
  }
};

} // namespace

void dnnc::populateGroupNormPatterns(RewritePatternSet &patterns) { patterns.add<RecognizeGroupNorm>(patterns.getContext()); }
