// Simplification of scalar chains, and of the operands of dnn.pointwise.
#include "dialects/dnn/Constants.h"
#include "passes/graph/Pointwise.h"
#include "passes/graph/Simplify.h"

using namespace mlir;
using namespace dnnc;
using namespace dnnc::dnn;

namespace {

/// A cast from \p from by \p middle to \p to may be one. 16-bit floats are only cast from and to f32: kernels need no other pairs.
bool canJoin(Type from, Type middle, Type to) {
  auto narrow = [](Type type) { return isa<Float16Type, BFloat16Type>(type); };
  return holdsAll(from, middle) && (from == to || (!narrow(from) && !narrow(to)));
}

/// identity; cast to the same type; a cast behind a cast that loses nothing.
struct SimplifyCast : OpRewritePattern<pw::FnOp> {
  using OpRewritePattern::OpRewritePattern;
  LogicalResult matchAndRewrite(pw::FnOp op, PatternRewriter &rewriter) const override {
    if (op.getName() != "cast" && op.getName() != "identity") return rewriter.notifyMatchFailure(op, "no cast");
    Value input = op.getArgs().front();
    if (input.getType() == op.getType()) {
      rewriter.replaceOp(op, input);
      return success();
    }
    auto inner = input.getDefiningOp<pw::FnOp>();
    if (!inner || inner.getName() != "cast" || !canJoin(inner.getArgs().front().getType(), inner.getType(), op.getType()))
      return rewriter.notifyMatchFailure(op, "the value changes");
    rewriter.replaceOpWithNewOp<pw::FnOp>(op, op.getType(), "cast", inner.getArgs());
    return success();
  }
};

/// x * 1, x / 1, x + 0, x - 0, x^1; x^2 as x * x and x^0.5 as a square root, which are rounded once and far cheaper.
/// Equal but for the sign of zero and the root of -infinity.
struct SimplifyArithmetic : OpRewritePattern<pw::FnOp> {
  using OpRewritePattern::OpRewritePattern;
  LogicalResult matchAndRewrite(pw::FnOp op, PatternRewriter &rewriter) const override {
    if (op.getArgs().size() != 2) return rewriter.notifyMatchFailure(op, "not of two operands");
    StringRef name = op.getName();
    Value left = op.getArgs()[0], right = op.getArgs()[1];
    if (name == "add" || name == "mul") // constants to the right
      if (constantScalar(left) && !constantScalar(right)) std::swap(left, right);
    std::optional<double> number = constantScalar(right);
    if (!number) return rewriter.notifyMatchFailure(op, "no constant operand");
    bool neutral =
        ((name == "mul" || name == "div" || name == "pow") && *number == 1) || ((name == "add" || name == "sub") && *number == 0);
    if (neutral)
      rewriter.replaceOp(op, left);
    else if (name == "pow" && *number == 2)
      rewriter.replaceOpWithNewOp<pw::FnOp>(op, op.getType(), "mul", ValueRange{left, left});
    else if (name == "pow" && *number == 0.5 && isa<FloatType>(op.getType()))
      rewriter.replaceOpWithNewOp<pw::FnOp>(op, op.getType(), "sqrt", left);
    else
      return rewriter.notifyMatchFailure(op, "changes the value");
    return success();
  }
};

/// A chain that yields one of its operands.
struct RemoveIdentity : OpRewritePattern<PointwiseOp> {
  using OpRewritePattern::OpRewritePattern;
  LogicalResult matchAndRewrite(PointwiseOp op, PatternRewriter &rewriter) const override {
    auto arg = dyn_cast<BlockArgument>(pw::yielded(op.getChain()));
    if (!arg) return rewriter.notifyMatchFailure(op, "computes");
    Value input = op.getInputs()[arg.getArgNumber()];
    if (input.getType() == op.getType())
      rewriter.replaceOp(op, input);
    else
      rewriter.replaceOpWithNewOp<BroadcastOp>(op, op.getType(), input);
    return success();
  }
};

struct TidyOperands : OpRewritePattern<PointwiseOp> {
  using OpRewritePattern::OpRewritePattern;
  LogicalResult matchAndRewrite(PointwiseOp op, PatternRewriter &rewriter) const override {
    rewriter.startOpModification(op);
    if (!tidyOperands(op)) {
      rewriter.cancelOpModification(op);
      return rewriter.notifyMatchFailure(op, "every operand is needed");
    }
    rewriter.finalizeOpModification(op);
    return success();
  }
};

/// True if \p op without operand \p slot, or with one of \p shape there, still has its result's shape.
bool keepsShape(PointwiseOp op, unsigned slot, std::optional<ArrayRef<int64_t>> shape) {
  SmallVector<ArrayRef<int64_t>> shapes;
  for (auto [i, input] : llvm::enumerate(op.getInputs()))
    if (i != slot) shapes.push_back(tensorOf(input).getShape());
  if (shape) shapes.push_back(*shape);
  auto result = broadcastShapes(shapes);
  return !shapes.empty() && succeeded(result) && ArrayRef<int64_t>(*result) == cast<RankedTensorType>(op.getType()).getShape();
}

/// An operand that broadcast, or that is a constant of equal elements, need not be there in full.
struct SimplifyOperands : OpRewritePattern<PointwiseOp> {
  using OpRewritePattern::OpRewritePattern;
  LogicalResult matchAndRewrite(PointwiseOp op, PatternRewriter &rewriter) const override {
    for (unsigned i = 0; i < op.getInputs().size(); ++i) {
      Value input = op.getInputs()[i];
      auto broadcast = input.getDefiningOp<BroadcastOp>();
      if (broadcast && keepsShape(op, i, tensorOf(broadcast.getInput()).getShape())) {
        rewriter.modifyOpInPlace(op, [&] { op.getInputsMutable().slice(i, 1).assign(broadcast.getInput()); });
        return success();
      }
      TypedAttr splat = keepsShape(op, i, std::nullopt) ? splatValue(input) : TypedAttr();
      if (!splat) continue;
      rewriter.setInsertionPointToStart(&op.getChain().front());
      Value scalar = rewriter.create<pw::ConstOp>(input.getLoc(), splat.getType(), splat);
      rewriter.replaceAllUsesWith(op.getChain().getArgument(i), scalar);
      rewriter.modifyOpInPlace(op, [&] {
        op.getChain().eraseArgument(i);
        op.getInputsMutable().erase(i);
      });
      return success();
    }
    return rewriter.notifyMatchFailure(op, "every operand is needed in full");
  }
};

/// A cast behind a cast in another op: one op, if the first loses nothing.
struct JoinCasts : OpRewritePattern<PointwiseOp> {
  using OpRewritePattern::OpRewritePattern;
  LogicalResult matchAndRewrite(PointwiseOp op, PatternRewriter &rewriter) const override {
    auto inner = op.getInputs().front().getDefiningOp<PointwiseOp>();
    auto castType = [](PointwiseOp cast) -> Type {
      auto fn = cast && cast.getInputs().size() == 1 ? pw::yielded(cast.getChain()).getDefiningOp<pw::FnOp>() : pw::FnOp();
      return fn && fn.getName() == "cast" && isa<BlockArgument>(fn.getArgs().front()) ? fn.getType() : Type();
    };
    Type from = castType(inner), to = castType(op);
    if (!from || !to || !canJoin(tensorOf(inner.getInputs().front()).getElementType(), from, to))
      return rewriter.notifyMatchFailure(op, "not two casts, or the first loses something");
    auto cast = createPointwise(rewriter, op.getLoc(), op.getType(), inner.getInputs(),
                                [&](OpBuilder &b, Location l, ValueRange x) -> Value { return b.create<pw::FnOp>(l, to, "cast", x); });
    rewriter.replaceOp(op, cast);
    return success();
  }
};

} // namespace

void dnnc::populateChainPatterns(RewritePatternSet &patterns) {
  patterns.add<SimplifyCast, SimplifyArithmetic, RemoveIdentity, TidyOperands, SimplifyOperands, JoinCasts>(patterns.getContext());
}
