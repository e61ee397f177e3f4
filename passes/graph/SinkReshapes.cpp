// Transposes and reshapes move below the ops that do not care about the order of dims, so that they meet, cancel or end at the boundary,
// and so that a pointwise op stands next to the conv or matmul whose epilogue it can become. They only ever move down, so this ends.
#include "passes/graph/Pointwise.h"
#include "passes/graph/Simplify.h"

using namespace mlir;
using namespace dnnc;
using namespace dnnc::dnn;

namespace {

/// values[i], which belongs to dim i behind the transpose, at its place before it.
SmallVector<int64_t> unpermuted(ArrayRef<int64_t> values, ArrayRef<int64_t> perm) {
  SmallVector<int64_t> result(values.size());
  for (size_t i = 0; i < perm.size(); ++i) result[perm[i]] = values[i];
  return result;
}

RankedTensorType unpermuted(RankedTensorType type, ArrayRef<int64_t> perm) {
  return RankedTensorType::get(unpermuted(type.getShape(), perm), type.getElementType());
}

/// One dim at most is more than 1.
bool isLine(Value value) {
  return llvm::count_if(tensorOf(value).getShape(), [](int64_t dim) { return dim != 1; }) <= 1;
}

/// The operands of \p op as they would be before a transpose by \p perm: operands of such transposes, constants, and tensors with one dim
/// of more than 1, whose transpose is a reshape. Failure when another operand would have to be moved in memory, or nothing would be won.
FailureOr<SmallVector<Value>> operandsBefore(Operation *op, ArrayRef<int64_t> perm, PatternRewriter &rewriter) {
  bool won = false;
  SmallVector<Value> operands;
  for (Value operand : op->getOperands()) {
    auto transpose = operand.getDefiningOp<TransposeOp>();
    if (transpose && transpose.getPerm() == perm) {
      won |= hasOneUser(operand);
      operands.push_back(transpose.getInput());
      continue;
    }
    if (!getConstant(operand) && !isLine(operand)) return rewriter.notifyMatchFailure(op, "an operand would have to be transposed");
    operands.push_back(Value());
  }
  if (!won) return rewriter.notifyMatchFailure(op, "every transpose has other users");
  for (auto [before, operand] : llvm::zip(operands, op->getOperands())) {
    if (before) continue;
    SmallVector<int64_t> padded = padShape(tensorOf(operand).getShape(), perm.size()), shape = unpermuted(padded, perm);
    if (isLine(operand)) {
      before = reshaped(rewriter, operand, shape);
      continue;
    }
    SmallVector<int64_t> inverse(perm.size());
    for (size_t i = 0; i < perm.size(); ++i) inverse[perm[i]] = i;
    auto type = RankedTensorType::get(shape, tensorOf(operand).getElementType());
    before = rewriter.create<TransposeOp>(operand.getLoc(), type, reshaped(rewriter, operand, padded), inverse);
  }
  return operands;
}

/// The perm of the first operand that a transpose of \p rank dims makes.
ArrayRef<int64_t> transposeOfOperands(Operation *op, int64_t rank) {
  for (Value operand : op->getOperands())
    if (auto transpose = operand.getDefiningOp<TransposeOp>())
      if (int64_t(transpose.getPerm().size()) == rank) return transpose.getPerm();
  return {};
}

/// op(transpose(x), …) → transpose(op(x, …)) for pointwise ops.
struct SinkTransposeBelowPointwise : OpRewritePattern<PointwiseOp> {
  using OpRewritePattern::OpRewritePattern;
  LogicalResult matchAndRewrite(PointwiseOp op, PatternRewriter &rewriter) const override {
    auto type = cast<RankedTensorType>(op.getType());
    SmallVector<int64_t> perm(transposeOfOperands(op, type.getRank()));
    if (perm.empty()) return rewriter.notifyMatchFailure(op, "no transposed operand");
    auto operands = operandsBefore(op, perm, rewriter);
    if (failed(operands)) return failure();
    auto before = rewriter.create<PointwiseOp>(op.getLoc(), unpermuted(type, perm), *operands);
    rewriter.inlineRegionBefore(op.getChain(), before.getChain(), before.getChain().end());
    rewriter.replaceOpWithNewOp<TransposeOp>(op, type, before, perm);
    return success();
  }
};

struct SinkTransposeBelowConcat : OpRewritePattern<ConcatOp> {
  using OpRewritePattern::OpRewritePattern;
  LogicalResult matchAndRewrite(ConcatOp op, PatternRewriter &rewriter) const override {
    auto type = cast<RankedTensorType>(op.getType());
    SmallVector<int64_t> perm(transposeOfOperands(op, type.getRank()));
    if (perm.empty()) return rewriter.notifyMatchFailure(op, "no transposed operand");
    auto operands = operandsBefore(op, perm, rewriter);
    if (failed(operands)) return failure();
    int64_t axis = perm[dimOf(op.getAxis(), type.getRank())];
    Value before = rewriter.create<ConcatOp>(op.getLoc(), unpermuted(type, perm), *operands, axis, DenseBoolArrayAttr());
    rewriter.replaceOpWithNewOp<TransposeOp>(op, type, before, perm);
    return success();
  }
};

/// op(transpose(x)) for ops with one value per dim.
template <class Op> struct SinkTransposeBelow : OpRewritePattern<Op> {
  using OpRewritePattern<Op>::OpRewritePattern;

  static Value before(PadOp op, Value input, RankedTensorType type, ArrayRef<int64_t> perm, PatternRewriter &rewriter) {
    SmallVector<int64_t> pads = unpermuted(op.getPads().take_front(perm.size()), perm);
    llvm::append_range(pads, unpermuted(op.getPads().drop_front(perm.size()), perm));
    return rewriter.create<PadOp>(op.getLoc(), type, input, pads, op.getMode(), op.getValue());
  }
  static Value before(SliceOp op, Value input, RankedTensorType type, ArrayRef<int64_t> perm, PatternRewriter &rewriter) {
    return rewriter.create<SliceOp>(op.getLoc(), type, input, unpermuted(op.getStarts(), perm), unpermuted(op.getSizes(), perm),
                                    unpermuted(op.getSteps(), perm));
  }
  static Value before(ReduceOp op, Value input, RankedTensorType type, ArrayRef<int64_t> perm, PatternRewriter &rewriter) {
    SmallVector<int64_t> axes;
    for (int64_t axis : op.getAxes()) axes.push_back(perm[dimOf(axis, perm.size())]);
    llvm::sort(axes);
    return rewriter.create<ReduceOp>(op.getLoc(), type, input, ValueRange(), op.getKind(), axes);
  }

  LogicalResult matchAndRewrite(Op op, PatternRewriter &rewriter) const override {
    auto transpose = op.getInput().template getDefiningOp<TransposeOp>();
    // Slices may share it: together they move no more than it does.
    auto mayShare = [](Operation *user) { return isa<SliceOp>(user); };
    if (!transpose || !((transpose.getResult().hasOneUse() && hasOneUser(transpose.getResult())) || llvm::all_of(transpose.getResult().getUsers(), mayShare)))
      return rewriter.notifyMatchFailure(op, "no transpose of its own before it");
    if (auto fusable = dyn_cast<FusableOp>(op.getOperation()); fusable && !fusable.epilogueChain().empty())
      return rewriter.notifyMatchFailure(op, "has an epilogue");
    auto type = cast<RankedTensorType>(op.getType());
    SmallVector<int64_t> perm(transpose.getPerm());
    Value result = before(op, transpose.getInput(), unpermuted(type, perm), perm, rewriter);
    rewriter.replaceOpWithNewOp<TransposeOp>(op, type, result, perm);
    return success();
  }
};

/// \p operand's shape (one that broadcasts to \p to) for tensors of shape \p from, a reshape of \p to: dims that the reshape joins or
/// splits must be all there or all 1.
std::optional<SmallVector<int64_t>> shapeBefore(ArrayRef<int64_t> operand, ArrayRef<int64_t> from, ArrayRef<int64_t> to) {
  SmallVector<int64_t> result, padded = padShape(operand, to.size());
  for (size_t i = 0, j = 0; i < from.size() || j < to.size();) {
    size_t firstFrom = i, firstTo = j; // the smallest groups with the same product
    int64_t left = i < from.size() ? from[i++] : 1, right = j < to.size() ? to[j++] : 1;
    while (left != right) {
      if (left < right && i < from.size())
        left *= from[i++];
      else if (right < left && j < to.size())
        right *= to[j++];
      else
        return {};
    }
    ArrayRef<int64_t> part = ArrayRef<int64_t>(padded).slice(firstTo, j - firstTo), whole = to.slice(firstTo, j - firstTo);
    if (part == whole)
      llvm::append_range(result, from.slice(firstFrom, i - firstFrom));
    else if (llvm::all_of(part, [](int64_t dim) { return dim == 1; }))
      result.append(i - firstFrom, 1);
    else
      return {};
  }
  return result;
}

/// A pointwise op on \p value alone could become part of the op that produces it, now or when pointwise ops between are joined.
bool takesEpilogue(Value value, int depth = 16) {
  Operation *op = value.getDefiningOp();
  if (!op || depth == 0 || !hasOneUser(value)) return false;
  auto deeper = [&](Value operand) { return takesEpilogue(operand, depth - 1); };
  return isa<FusableOp>(op) || (isa<PointwiseOp>(op) && llvm::any_of(op->getOperands(), deeper));
}

/// op(reshape(x), y, …) → reshape(op(x, y', …)), where y' is y seen in x's shape, itself a reshape.
struct SinkReshapeBelowPointwise : OpRewritePattern<PointwiseOp> {
  using OpRewritePattern::OpRewritePattern;
  LogicalResult matchAndRewrite(PointwiseOp op, PatternRewriter &rewriter) const override {
    auto type = cast<RankedTensorType>(op.getType());
    ReshapeOp reshape;
    for (Value input : op.getInputs())
      if (auto candidate = input.getDefiningOp<ReshapeOp>())
        if (hasOneUser(input) && cast<RankedTensorType>(candidate.getType()).getShape() == type.getShape() && !reshape) reshape = candidate;
    if (!reshape) return rewriter.notifyMatchFailure(op, "no reshape of its own before it");
    ArrayRef<int64_t> from = tensorOf(reshape.getInput()).getShape();
    if (from == type.getShape()) return rewriter.notifyMatchFailure(op, "the reshape does nothing");
    SmallVector<SmallVector<int64_t>> shapes;
    for (Value input : op.getInputs()) {
      auto shape = shapeBefore(tensorOf(input).getShape(), from, type.getShape());
      // Another full operand only if it is such a reshape too, or has nothing to gain where it is, while x has.
      auto other = input.getDefiningOp<ReshapeOp>();
      bool full = tensorOf(input).getShape() == type.getShape() && !getConstant(input);
      bool same = other && tensorOf(other.getInput()).getShape() == from;
      if (!shape || (full && !same && (takesEpilogue(input) || !takesEpilogue(reshape.getInput()))))
        return rewriter.notifyMatchFailure(op, "an operand has no such shape");
      shapes.push_back(std::move(*shape));
    }
    SmallVector<Value> operands;
    for (auto [input, shape] : llvm::zip(op.getInputs(), shapes)) operands.push_back(reshaped(rewriter, input, shape));
    auto before = rewriter.create<PointwiseOp>(op.getLoc(), RankedTensorType::get(from, type.getElementType()), operands);
    rewriter.inlineRegionBefore(op.getChain(), before.getChain(), before.getChain().end());
    rewriter.replaceOpWithNewOp<ReshapeOp>(op, type, before);
    return success();
  }
};

} // namespace

void dnnc::populateSinkPatterns(RewritePatternSet &patterns) {
  patterns.add<SinkTransposeBelowPointwise, SinkTransposeBelowConcat, SinkTransposeBelow<PadOp>, SinkTransposeBelow<SliceOp>,
               SinkTransposeBelow<ReduceOp>, SinkReshapeBelowPointwise>(patterns.getContext());
}
