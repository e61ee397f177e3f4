// GELU out of its parts, by erf or by tanh: exporters before opset 20 have no operator for it, and write its factors in any order.
#include "dialects/dnn/Remarks.h"
#include "passes/graph/Pointwise.h"
#include "passes/graph/Recognize.h"

#include <algorithm>
#include <cmath>

using namespace mlir;
using namespace dnnc;
using namespace dnnc::dnn;

namespace {

bool isNear(double value, double wanted) { return std::fabs(value - wanted) <= 1e-4 * wanted; } // exporters round sqrt(2/pi) to 0.7979

/// A product of numbers and tensors. Values of \p whole are factors as they are.
struct Product {
  double number = 1;
  SmallVector<Value> factors;

  Product(Value value, ArrayRef<Value> whole) { addTensor(value, whole); }

  bool is(double wanted, ArrayRef<Value> values) const {
    return isNear(number, wanted) && factors.size() == values.size() && std::is_permutation(factors.begin(), factors.end(), values.begin());
  }

private:
  void addTensor(Value value, ArrayRef<Value> whole) {
    auto op = value.getDefiningOp<PointwiseOp>();
    if (llvm::is_contained(whole, value) || !op || !isProduct(pw::yielded(op.getChain())))
      factors.push_back(value);
    else
      addScalar(op, pw::yielded(op.getChain()), whole);
  }
  static bool isProduct(Value scalar) {
    auto fn = scalar.getDefiningOp<pw::FnOp>();
    return fn && (fn.getName() == "mul" || (fn.getName() == "div" && constantScalar(fn.getArgs()[1]))) &&
           llvm::all_of(fn.getArgs(), [](Value arg) { return isa<BlockArgument>(arg) || constantScalar(arg) || isProduct(arg); });
  }
  void addScalar(PointwiseOp op, Value scalar, ArrayRef<Value> whole) {
    if (auto constant = constantScalar(scalar)) {
      number *= *constant;
    } else if (auto arg = dyn_cast<BlockArgument>(scalar)) {
      addTensor(op.getInputs()[arg.getArgNumber()], whole);
    } else {
      auto fn = scalar.getDefiningOp<pw::FnOp>();
      addScalar(op, fn.getArgs()[0], whole);
      if (fn.getName() == "div")
        number /= *constantScalar(fn.getArgs()[1]);
      else
        addScalar(op, fn.getArgs()[1], whole);
    }
  }
};

/// The x of erf(x / sqrt 2).
Value operandOfErf(Value value) {
  auto erf = matchFn(value, "erf");
  Value inner = erf ? erf->front().tensor : Value();
  if (!inner) return {};
  for (StringRef name : {"div", "mul"})
    if (auto scaled = matchFn(inner, name))
      if ((*scaled)[0].tensor && (*scaled)[1].number && isNear(*(*scaled)[1].number, name == "div" ? M_SQRT2 : M_SQRT1_2)) return (*scaled)[0].tensor;
  return {};
}

/// The x of tanh(sqrt(2/pi) (x + 0.044715 x^3)).
Value operandOfTanh(Value value) {
  auto tanh = matchFn(value, "tanh");
  if (!tanh || !tanh->front().tensor) return {};
  Product scaled(tanh->front().tensor, {});
  auto sum = scaled.factors.size() == 1 && isNear(scaled.number, std::sqrt(2 / M_PI)) ? matchFn(scaled.factors.front(), "add") : std::nullopt;
  for (unsigned i : {0, 1}) {
    Value x = sum ? (*sum)[i].tensor : Value(), cube = sum ? (*sum)[1 - i].tensor : Value();
    if (x && cube && Product(cube, {x}).is(0.044715, {x, x, x})) return x;
  }
  return {};
}

/// x / 2 (1 + erf(…)) or x / 2 (1 + tanh(…)).
struct RecognizeGelu : OpRewritePattern<PointwiseOp> {
  using OpRewritePattern::OpRewritePattern;
  LogicalResult matchAndRewrite(PointwiseOp op, PatternRewriter &rewriter) const override {
    auto sum = matchFn(op, "add");
    unsigned side = sum && (*sum)[0].number ? 1 : 0;
    if (!sum || (*sum)[1 - side].number != 1.0 || !(*sum)[side].tensor) return rewriter.notifyMatchFailure(op, "no sum with 1");
    Value x = operandOfErf((*sum)[side].tensor);
    bool byErf = bool(x);
    if (!x) x = operandOfTanh((*sum)[side].tensor);
    if (!x || x.getType() != op.getType()) return rewriter.notifyMatchFailure(op, "neither of the two functions");
    // Up the product, of which the sum is one factor.
    Value sums = op.getResult(), whole = sums;
    for (int step = 0; step < 3 && hasOneUser(whole); ++step) {
      auto user = dyn_cast<PointwiseOp>(*whole.user_begin());
      if (!user) break;
      whole = user.getResult();
      if (!Product(whole, {x, sums}).is(0.5, {x, sums})) continue;
      remark(user, "fuse", nodeNames(user.getLoc()) + " is a GELU");
      rewriter.setInsertionPoint(user);
      rewriter.replaceOp(user, createPointwise(rewriter, user.getLoc(), byErf ? "gelu" : "gelu_tanh", x));
      return success();
    }
    return rewriter.notifyMatchFailure(op, "no product with x / 2");
  }
};

} // namespace

void dnnc::populateGeluPatterns(RewritePatternSet &patterns) { patterns.add<RecognizeGelu>(patterns.getContext()); }
