// Simplification of the ops that move data, and of reductions and pools over nothing.
#include "dialects/dnn/Constants.h"
#include "passes/graph/Pointwise.h"
#include "passes/graph/Simplify.h"

using namespace mlir;
using namespace dnnc;
using namespace dnnc::dnn;

namespace {

/// An op whose result is its first operand.
template <class Op> LogicalResult replaceWithInput(Op op, PatternRewriter &rewriter) {
  if (op->getOperand(0).getType() != op->getResult(0).getType()) return rewriter.notifyMatchFailure(op, "types differ");
  rewriter.replaceOp(op, op->getOperand(0));
  return success();
}

bool isIdentityPerm(ArrayRef<int64_t> perm) { return llvm::equal(perm, llvm::seq<int64_t>(0, perm.size())); }

/// reshape of the same shape, of a reshape, of a constant.
struct SimplifyReshape : OpRewritePattern<ReshapeOp> {
  using OpRewritePattern::OpRewritePattern;
  LogicalResult matchAndRewrite(ReshapeOp op, PatternRewriter &rewriter) const override {
    if (succeeded(replaceWithInput(op, rewriter))) return success();
    if (auto inner = op.getInput().getDefiningOp<ReshapeOp>()) {
      rewriter.replaceOpWithNewOp<ReshapeOp>(op, op.getType(), inner.getInput());
      return success();
    }
    if (!getConstant(op.getInput())) return rewriter.notifyMatchFailure(op, "neither a reshape nor a constant before it");
    rewriter.replaceOp(op, reshaped(rewriter, op.getInput(), cast<RankedTensorType>(op.getType()).getShape()));
    return success();
  }
};

/// The identity, transpose of transpose, and one that moves only dims of size 1, which is a reshape.
struct SimplifyTranspose : OpRewritePattern<TransposeOp> {
  using OpRewritePattern::OpRewritePattern;
  LogicalResult matchAndRewrite(TransposeOp op, PatternRewriter &rewriter) const override {
    if (isIdentityPerm(op.getPerm())) return replaceWithInput(op, rewriter);
    if (auto inner = op.getInput().getDefiningOp<TransposeOp>()) {
      SmallVector<int64_t> perm;
      for (int64_t dim : op.getPerm()) perm.push_back(inner.getPerm()[dim]);
      rewriter.replaceOpWithNewOp<TransposeOp>(op, op.getType(), inner.getInput(), perm);
      return success();
    }
    ArrayRef<int64_t> shape = tensorOf(op.getInput()).getShape();
    SmallVector<int64_t> moved;
    for (int64_t dim : op.getPerm())
      if (shape[dim] != 1) moved.push_back(dim);
    if (!llvm::is_sorted(moved)) return rewriter.notifyMatchFailure(op, "moves data");
    rewriter.replaceOpWithNewOp<ReshapeOp>(op, op.getType(), op.getInput());
    return success();
  }
};

/// slice of everything, of a slice, and of a part of one operand of a concat.
struct SimplifySlice : OpRewritePattern<SliceOp> {
  using OpRewritePattern::OpRewritePattern;
  LogicalResult matchAndRewrite(SliceOp op, PatternRewriter &rewriter) const override {
    RankedTensorType input = tensorOf(op.getInput());
    bool whole = input.getShape() == op.getSizes();
    for (int64_t i = 0; whole && i < input.getRank(); ++i) whole = op.getSteps()[i] == 1 || op.getSizes()[i] == 1;
    if (whole) return replaceWithInput(op, rewriter);
    SmallVector<int64_t> starts(op.getStarts()), steps(op.getSteps());
    if (auto inner = op.getInput().getDefiningOp<SliceOp>()) {
      for (int64_t i = 0; i < input.getRank(); ++i) {
        starts[i] = inner.getStarts()[i] + starts[i] * inner.getSteps()[i];
        steps[i] *= inner.getSteps()[i];
      }
      rewriter.replaceOpWithNewOp<SliceOp>(op, op.getType(), inner.getInput(), starts, op.getSizes(), steps);
      return success();
    }
    auto concat = op.getInput().getDefiningOp<ConcatOp>();
    if (!concat) return rewriter.notifyMatchFailure(op, "not a slice of a slice or concat");
    int64_t axis = dimOf(concat.getAxis(), input.getRank());
    int64_t first = starts[axis], last = first + (op.getSizes()[axis] - 1) * steps[axis], at = 0;
    for (Value part : concat.getInputs()) {
      int64_t end = at + tensorOf(part).getDimSize(axis);
      if (std::min(first, last) >= at && std::max(first, last) < end) {
        starts[axis] -= at;
        rewriter.replaceOpWithNewOp<SliceOp>(op, op.getType(), part, starts, op.getSizes(), steps);
        return success();
      }
      at = end;
    }
    return rewriter.notifyMatchFailure(op, "crosses operands of the concat");
  }
};

/// concat of one; of a concat that has no other user, along the same axis.
struct SimplifyConcat : OpRewritePattern<ConcatOp> {
  using OpRewritePattern::OpRewritePattern;
  LogicalResult matchAndRewrite(ConcatOp op, PatternRewriter &rewriter) const override {
    if (op.getInputs().size() == 1) return replaceWithInput(op, rewriter);
    int64_t rank = cast<RankedTensorType>(op.getType()).getRank();
    auto axisOf = [&](ConcatOp concat) { return dimOf(concat.getAxis(), rank); };
    SmallVector<Value> flat;
    SmallVector<Location> locs{op.getLoc()};
    for (Value input : op.getInputs()) {
      auto inner = input.getDefiningOp<ConcatOp>();
      if (inner && input.hasOneUse() && inner->getBlock() == op->getBlock() && axisOf(inner) == axisOf(op)) {
        llvm::append_range(flat, inner.getInputs());
        locs.insert(locs.end() - 1, inner.getLoc());
      } else {
        flat.push_back(input);
      }
    }
    if (locs.size() == 1) return rewriter.notifyMatchFailure(op, "no nested concat of its own");
    auto joined = rewriter.create<ConcatOp>(rewriter.getFusedLoc(locs), op.getType(), flat, op.getAxis(), DenseBoolArrayAttr());
    rewriter.replaceOp(op, joined);
    return success();
  }
};

/// pad by nothing; pad of a pad with the same constant.
struct SimplifyPad : OpRewritePattern<PadOp> {
  using OpRewritePattern::OpRewritePattern;
  LogicalResult matchAndRewrite(PadOp op, PatternRewriter &rewriter) const override {
    auto isZero = [](int64_t pad) { return pad == 0; };
    if (llvm::all_of(op.getPads(), isZero)) return replaceWithInput(op, rewriter);
    auto inner = op.getInput().getDefiningOp<PadOp>();
    auto grows = [](PadOp pad) { return pad.getMode() == "constant" && llvm::all_of(pad.getPads(), [](int64_t p) { return p >= 0; }); };
    if (!inner || !grows(inner) || !grows(op) || inner.getValueAttr() != op.getValueAttr())
      return rewriter.notifyMatchFailure(op, "not two constant pads with one value");
    SmallVector<int64_t> pads;
    for (auto [a, b] : llvm::zip(inner.getPads(), op.getPads())) pads.push_back(a + b);
    rewriter.replaceOpWithNewOp<PadOp>(op, op.getType(), inner.getInput(), pads, op.getMode(), op.getValue());
    return success();
  }
};

/// broadcast to the same shape, of a broadcast.
struct SimplifyBroadcast : OpRewritePattern<BroadcastOp> {
  using OpRewritePattern::OpRewritePattern;
  LogicalResult matchAndRewrite(BroadcastOp op, PatternRewriter &rewriter) const override {
    if (succeeded(replaceWithInput(op, rewriter))) return success();
    auto inner = op.getInput().getDefiningOp<BroadcastOp>();
    if (!inner) return rewriter.notifyMatchFailure(op, "repeats data");
    rewriter.replaceOpWithNewOp<BroadcastOp>(op, op.getType(), inner.getInput());
    return success();
  }
};

/// tile by 1s; of dims of size 1 only, which is a broadcast.
struct SimplifyTile : OpRewritePattern<TileOp> {
  using OpRewritePattern::OpRewritePattern;
  LogicalResult matchAndRewrite(TileOp op, PatternRewriter &rewriter) const override {
    ArrayRef<int64_t> shape = tensorOf(op.getInput()).getShape();
    for (auto [repeats, dim] : llvm::zip(op.getRepeats(), shape))
      if (repeats != 1 && dim != 1) return rewriter.notifyMatchFailure(op, "repeats a dim of more than 1");
    rewriter.replaceOpWithNewOp<BroadcastOp>(op, op.getType(), op.getInput());
    return success();
  }
};

/// Gather with one constant index, or with constant indices at one distance, is a slice.
struct GatherToSlice : OpRewritePattern<GatherOp> {
  using OpRewritePattern::OpRewritePattern;
  LogicalResult matchAndRewrite(GatherOp op, PatternRewriter &rewriter) const override {
    RankedTensorType data = tensorOf(op.getData()), indices = tensorOf(op.getIndices());
    if (!getConstant(op.getIndices()) || indices.getRank() > 1 || indices.getNumElements() == 0)
      return rewriter.notifyMatchFailure(op, "indices are no constant list");
    int64_t axis = dimOf(op.getAxis(), data.getRank());
    std::vector<int64_t> list = constantValues<int64_t>(op.getIndices());
    for (int64_t &index : list) index += index < 0 ? data.getDimSize(axis) : 0;
    int64_t step = list.size() > 1 ? list[1] - list[0] : 1;
    for (size_t i = 0; i < list.size(); ++i)
      if (step == 0 || list[i] != list[0] + int64_t(i) * step || list[i] < 0 || list[i] >= data.getDimSize(axis))
        return rewriter.notifyMatchFailure(op, "indices are not evenly spaced");
    SmallVector<int64_t> starts(data.getRank(), 0), sizes(data.getShape()), steps(data.getRank(), 1);
    starts[axis] = list[0];
    sizes[axis] = list.size();
    steps[axis] = step;
    auto sliced = RankedTensorType::get(sizes, data.getElementType());
    Value slice = rewriter.create<SliceOp>(op.getLoc(), sliced, op.getData(), starts, sizes, steps);
    rewriter.replaceOpWithNewOp<ReshapeOp>(op, op.getType(), slice); // a scalar index drops the dim
    return success();
  }
};

/// A reduction over dims of size 1 only; those dims otherwise need not be named.
struct SimplifyReduce : OpRewritePattern<ReduceOp> {
  using OpRewritePattern::OpRewritePattern;
  LogicalResult matchAndRewrite(ReduceOp op, PatternRewriter &rewriter) const override {
    RankedTensorType input = tensorOf(op.getInput());
    SmallVector<int64_t> axes;
    for (int64_t axis : op.getAxes())
      if (input.getDimSize(dimOf(axis, input.getRank())) != 1) axes.push_back(axis);
    if (axes.empty() && op.getEpilogue().empty()) return replaceWithInput(op, rewriter);
    if (axes.empty() || axes.size() == op.getAxes().size()) return rewriter.notifyMatchFailure(op, "reduces every axis it names");
    rewriter.modifyOpInPlace(op, [&] { op.setAxes(axes); });
    return success();
  }
};

/// Exporters name the indices of a pool whether or not anyone asks for them.
struct DropIndices : OpRewritePattern<MaxPoolIndicesOp> {
  using OpRewritePattern::OpRewritePattern;
  LogicalResult matchAndRewrite(MaxPoolIndicesOp op, PatternRewriter &rewriter) const override {
    if (!op.getIndices().use_empty()) return rewriter.notifyMatchFailure(op, "its indices are used");
    Value pool = rewriter.create<PoolOp>(op.getLoc(), op.getResult().getType(), op.getInput(), ValueRange(), PoolKind::Max, op.getKernel(),
                                         op.getStrides(), op.getPads(), op.getDilations(), false, op.getCeilMode(), 2);
    rewriter.replaceAllUsesWith(op.getResult(), pool);
    rewriter.eraseOp(op);
    return success();
  }
};

/// A window of one element, without stride and padding.
struct SimplifyPool : OpRewritePattern<PoolOp> {
  using OpRewritePattern::OpRewritePattern;
  LogicalResult matchAndRewrite(PoolOp op, PatternRewriter &rewriter) const override {
    auto all = [](ArrayRef<int64_t> values, int64_t wanted) { return llvm::all_of(values, [=](int64_t v) { return v == wanted; }); };
    if (!op.getEpilogue().empty() || !all(op.getKernel(), 1) || !all(op.getStrides(), 1) || !all(op.getPads(), 0) ||
        op.getKind() == PoolKind::Lp)
      return rewriter.notifyMatchFailure(op, "pools");
    return replaceWithInput(op, rewriter);
  }
};

} // namespace

void dnnc::populateMovementPatterns(RewritePatternSet &patterns) {
  patterns.add<SimplifyReshape, SimplifyTranspose, SimplifySlice, SimplifyConcat, SimplifyPad, SimplifyBroadcast, SimplifyTile,
               GatherToSlice, SimplifyReduce, SimplifyPool, DropIndices>(patterns.getContext());
}
