// Rotary embedding as transformers write it: x * cos + concat(-second half of x, first half) * sin, where both tables hold each angle twice.
#include "dialects/dnn/Remarks.h"
#include "passes/graph/Pointwise.h"
#include "passes/graph/Recognize.h"

using namespace mlir;
using namespace dnnc;
using namespace dnnc::dnn;

namespace {

/// Both halves of \p value's last dim are known to be equal.
bool halvesAreEqual(Value value, int depth = 0) {
  RankedTensorType type = tensorOf(value);
  const int64_t size = type.getShape().back();
  if (size == 1) return true;
  if (depth > 8 || size % 2) return false;
  if (getConstant(value)) {
    std::vector<float> values = constantValues<float>(value);
    for (size_t i = 0; i < values.size(); ++i)
      if (int64_t(i) % size < size / 2 && values[i] != values[i + size / 2]) return false;
    return true;
  }
  Operation *op = value.getDefiningOp();
  auto sameLast = [&](Value operand) { return tensorOf(operand).getRank() > 0 && tensorOf(operand).getShape().back() == size; };
  if (auto concat = dyn_cast_or_null<ConcatOp>(op))
    return concat.getInputs().size() == 2 && concat.getInputs()[0] == concat.getInputs()[1] && dimOf(concat.getAxis(), type.getRank()) == type.getRank() - 1;
  if (auto pointwise = dyn_cast_or_null<PointwiseOp>(op))
    return llvm::all_of(pointwise.getInputs(), [&](Value input) { return tensorOf(input).getRank() == 0 || halvesAreEqual(input, depth + 1); });
  if (isa_and_nonnull<ReshapeOp, BroadcastOp>(op)) return sameLast(op->getOperand(0)) && halvesAreEqual(op->getOperand(0), depth + 1);
  if (auto gather = dyn_cast_or_null<GatherOp>(op))
    return tensorOf(gather.getData()).getRank() > 1 && dimOf(gather.getAxis(), tensorOf(gather.getData()).getRank()) == 0 && sameLast(gather.getData()) &&
           halvesAreEqual(gather.getData(), depth + 1);
  return false;
}

/// \p value is the last dim's elements from \p start on, as many as a half, of \p x.
bool isHalf(Value value, Value x, int64_t start) {
  auto slice = value ? value.getDefiningOp<SliceOp>() : SliceOp();
  if (!slice || slice.getInput() != x) return false;
  ArrayRef<int64_t> shape = tensorOf(x).getShape();
  for (size_t dim = 0; dim < shape.size(); ++dim) {
    bool last = dim + 1 == shape.size();
    if (slice.getStarts()[dim] != (last ? start : 0) || slice.getSizes()[dim] != (last ? shape[dim] / 2 : shape[dim]) || slice.getSteps()[dim] != 1) return false;
  }
  return true;
}

/// \p value = concat(-second half of x, first half of x).
bool isTurned(Value value, Value x) {
  auto concat = value ? value.getDefiningOp<ConcatOp>() : ConcatOp();
  int64_t rank = tensorOf(x).getRank(), half = tensorOf(x).getShape().back() / 2;
  if (!concat || concat.getInputs().size() != 2 || dimOf(concat.getAxis(), rank) != rank - 1) return false;
  auto negated = matchFn(concat.getInputs()[0], "neg");
  return negated && isHalf(negated->front().tensor, x, half) && isHalf(concat.getInputs()[1], x, 0);
}

struct RecognizeRotary : OpRewritePattern<PointwiseOp> {
  using OpRewritePattern::OpRewritePattern;
  LogicalResult matchAndRewrite(PointwiseOp op, PatternRewriter &rewriter) const override {
    auto sum = matchFn(op, "add");
    RankedTensorType type = tensorOf(op);
    if (!sum || type.getRank() != 4 || !type.getElementType().isF32() || type.getDimSize(3) % 2) return rewriter.notifyMatchFailure(op, "no sum of rank 4");
    for (unsigned i : {0, 1}) {
      auto straight = matchFn((*sum)[i].tensor, "mul"), turned = matchFn((*sum)[1 - i].tensor, "mul");
      if (!straight || !turned) continue;
      for (unsigned j : {0, 1})
        for (unsigned k : {0, 1}) {
          Value x = (*straight)[j].tensor, cos = (*straight)[1 - j].tensor, sin = (*turned)[1 - k].tensor;
          if (!x || !cos || !sin || x.getType() != type || !(*turned)[k].tensor || !isTurned((*turned)[k].tensor, x)) continue;
          if (!isTable(cos, type) || !isTable(sin, type) || tensorOf(cos).getNumElements() != tensorOf(sin).getNumElements())
            return rewriter.notifyMatchFailure(op, "the tables do not hold each angle of a row twice");
          remark(op, "fuse", nodeNames(op.getLoc()) + " is a rotary embedding");
          rewriter.replaceOpWithNewOp<RotaryOp>(op, type, x, firstHalf(rewriter, cos), firstHalf(rewriter, sin), false);
          return success();
        }
    }
    return rewriter.notifyMatchFailure(op, "no rotation");
  }

  /// [batch or 1, 1, rows, columns], in up to as many dims.
  static bool isTable(Value table, RankedTensorType x) {
    if (tensorOf(table).getRank() > 4 || !tensorOf(table).getElementType().isF32()) return false;
    SmallVector<int64_t> shape = padShape(tensorOf(table).getShape(), 4);
    return (shape[0] == 1 || shape[0] == x.getDimSize(0)) && shape[1] == 1 && shape[2] == x.getDimSize(2) && shape[3] == x.getDimSize(3) && halvesAreEqual(table);
  }
  static Value firstHalf(PatternRewriter &rewriter, Value table) {
    SmallVector<int64_t> shape = padShape(tensorOf(table).getShape(), 4);
    shape.erase(shape.begin() + 1);
    Value rows = reshaped(rewriter, table, shape);
    shape[2] /= 2;
    auto type = RankedTensorType::get(shape, tensorOf(table).getElementType());
    return rewriter.create<SliceOp>(table.getLoc(), type, rows, ArrayRef<int64_t>{0, 0, 0}, shape, ArrayRef<int64_t>{1, 1, 1});
  }
};

} // namespace

void dnnc::populateRotaryPatterns(RewritePatternSet &patterns) { patterns.add<RecognizeRotary>(patterns.getContext()); }
