// Attention out of its parts: matmul, scale, mask, softmax, matmul. The importer maps op by op, and few exporters write the Attention operator. One op
// never has all the scores in memory. Runs when softmax has been recognized and pointwise ops are still single; the transposes that split heads
// are left where they are, for dnn.attention reads operands in any order of dims.
#include "dialects/dnn/Remarks.h"
#include "passes/Passes.h"
#include "passes/graph/Pointwise.h"

#include "mlir/Dialect/Func/IR/FuncOps.h"

#include <cmath>

namespace dnnc {
#define GEN_PASS_DEF_RECOGNIZEATTENTION
#include "Passes.h.inc"
} // namespace dnnc

using namespace mlir;
using namespace dnnc;
using namespace dnnc::dnn;

namespace {

/// Below this a score plus the number is the number, or its weight is 0, whatever else is in the row.
constexpr double leftOut = -1e9;

/// A plain product of two tensors in f32.
MatMulOp matchProduct(Value value) {
  auto product = value ? value.getDefiningOp<MatMulOp>() : MatMulOp();
  bool plain = product && !product.getBias() && product.getEpilogue().empty() && tensorOf(product.getLhs()).getElementType().isF32() &&
               tensorOf(product.getRhs()).getElementType().isF32();
  return plain ? product : MatMulOp();
}

/// \p value as softmax gives it, without what some exporters put behind it: rows that are NaN become 0, as dnn.attention's are.
Value withoutNanCheck(Value value) {
  auto choice = matchFn(value, "where");
  if (!choice || !(*choice)[0].tensor || (*choice)[1].number != 0.0) return value;
  auto test = matchFn((*choice)[0].tensor, "is_nan");
  return test && test->front().tensor == (*choice)[2].tensor ? (*choice)[2].tensor : value;
}

class Recognizer {
public:
  explicit Recognizer(MatMulOp last) : last(last), builder(last) {}

  /// A match, or why not; silent where there is no softmax before the product.
  void run() {
    Value weights = withoutNanCheck(last.getLhs());
    softmax = weights.getDefiningOp<SoftmaxOp>();
    if (!softmax || !matchProduct(last)) return;
    if (const char *reason = match())
      remark(softmax, "fuse", nodeNames(softmax.getLoc()) + " is not part of an attention: " + reason, /*applied=*/false);
  }

private:
  const char *match() {
    RankedTensorType type = tensorOf(softmax.getInput());
    int64_t rank = type.getRank();
    if (softmax.getLog() || dimOf(softmax.getAxis(), rank) != rank - 1) return "it is not along the last dim";
    if (rank > 4) return "its rank is above 4";
    if (!hasOneUser(last.getLhs())) return "its result has other uses";
    if (tensorOf(last.getRhs()).getRank() > 4) return "the rank of the values is above 4";
    if (getConstant(last.getRhs())) return "the values are constant";
    if (const char *reason = matchScores(softmax.getInput())) return reason;
    if (getConstant(scores.getRhs())) return "the keys are constant";
    return build();
  }

  /// Walks from softmax's input to the product of queries and keys: masks, then softcap, then scale.
  const char *matchScores(Value value) {
    while (!(scores = matchProduct(value))) {
      if (!hasOneUser(value)) return "the scores have other uses";
      auto fn = singleFn(value);
      if (failed(fn) || value.getType() != softmax.getInput().getType()) return "something else is between it and a product";
      ArrayRef<FnOperand> x = fn->operands;
      if (fn->name == "add" && scale == 1 && softcap == 0) {
        unsigned side = leadsToProduct(x[0].tensor) ? 0 : 1;
        if (!x[side].tensor || !x[1 - side].tensor) return "a number is added to the scores";
        masks.push_back(x[1 - side].tensor);
        value = x[side].tensor;
      } else if (fn->name == "where" && scale == 1 && softcap == 0) {
        unsigned side = x[1].number ? 2 : 1;
        if (!x[0].tensor || !x[side].tensor || !x[3 - side].number || *x[3 - side].number > leftOut) return "it chooses between scores";
        masks.push_back(chosen(value.getLoc(), x[0].tensor, side == 1, *x[3 - side].number));
        value = x[side].tensor;
      } else if (fn->name == "mul" && (x[0].number || x[1].number)) {
        unsigned side = x[0].number ? 1 : 0;
        value = x[side].tensor;
        double factor = *x[1 - side].number;
        auto tanh = softcap == 0 && scale == 1 ? matchFn(value, "tanh") : std::nullopt;
        if (tanh && hasOneUser(value)) {
          auto inner = matchFn(tanh->front().tensor, "div");
          if (!inner || !hasOneUser(tanh->front().tensor) || (*inner)[1].number != factor || factor <= 0) return "a hyperbolic tangent is in between";
          softcap = factor;
          value = (*inner)[0].tensor;
        } else {
          scale *= factor;
        }
      } else if (fn->name == "div" && x[1].number) {
        scale /= *x[1].number;
        value = x[0].tensor;
      } else {
        return "something else is between it and a product";
      }
      if (!value) return "something else is between it and a product";
    }
    return hasOneUser(scores) ? nullptr : "the scores have other uses";
  }

  /// Which operand of an addition is the scores.
  static bool leadsToProduct(Value value) {
    for (int depth = 0; value && depth < 8; ++depth) {
      if (matchProduct(value)) return true;
      auto fn = singleFn(value);
      if (failed(fn)) return false;
      Value next;
      for (const FnOperand &operand : fn->operands)
        if (operand.tensor && tensorOf(operand.tensor).getShape() == tensorOf(value).getShape()) next = operand.tensor;
      value = next;
    }
    return false;
  }

  /// What is added to the scores for them to be chosen where \p condition is \p wanted.
  Value chosen(Location loc, Value condition, bool wanted, double other) {
    auto type = RankedTensorType::get(tensorOf(condition).getShape(), builder.getF32Type());
    if (getConstant(condition)) {
      std::vector<double> values;
      for (int64_t keep : constantValues<int64_t>(condition)) values.push_back((keep != 0) == wanted ? 0 : other);
      return createConstant(builder, loc, type, values);
    }
    return createPointwise(builder, loc, type, condition, [&](OpBuilder &b, Location l, ValueRange x) -> Value {
      Value none = createScalar(b, l, b.getF32Type(), 0), out = createScalar(b, l, b.getF32Type(), other);
      return b.create<pw::FnOp>(l, b.getF32Type(), "where", ValueRange{x[0], wanted ? none : out, wanted ? out : none});
    });
  }

  static SmallVector<int64_t> to4(Value value) { return padShape(tensorOf(value).getShape(), 4); }

  const char *build() {
    builder.setInsertionPoint(last);
    for (Value operand : {scores.getLhs(), scores.getRhs()}) scale *= takeScale(operand);
    Value query = scores.getLhs(), key = scores.getRhs(), value = last.getRhs();
    SmallVector<int64_t> q = to4(query), k = to4(key), v = to4(value);
    std::swap(k[2], k[3]);
    if (q[0] != k[0] || k[0] != v[0] || k[1] != v[1] || k[1] == 0 || q[1] % k[1]) return "batches or heads of its products differ";
    if (to4(last) != SmallVector<int64_t>{q[0], q[1], q[2], v[3]}) return "batches or heads of its products differ";
    SmallVector<int64_t> perm = llvm::to_vector(llvm::seq<int64_t>(0, tensorOf(key).getRank()));
    std::swap(perm[perm.size() - 1], perm[perm.size() - 2]);
    Location loc = builder.getFusedLoc({scores.getLoc(), softmax.getLoc(), last.getLoc()});
    Value rows = builder.create<TransposeOp>(key.getLoc(), key, builder.getDenseI64ArrayAttr(perm));
    Value mask = join(loc);
    std::optional<int64_t> past = mask ? causalPast(mask, q[2], k[2]) : std::nullopt;
    auto attention = builder.create<AttentionOp>(loc, RankedTensorType::get({q[0], q[1], q[2], v[3]}, builder.getF32Type()), reshaped(builder, query, q),
                                                 reshaped(builder, rows, k), reshaped(builder, value, v), past ? Value() : mask, llvm::APFloat(scale),
                                                 llvm::APFloat(softcap), past.has_value(), past.value_or(0));
    remark(attention, "fuse", nodeNames(loc) + " is an attention" + (past ? ", causal" : mask ? " with a mask" : ""));
    last.getResult().replaceAllUsesWith(reshaped(builder, attention, tensorOf(last.getResult()).getShape()));
    return nullptr;
  }

  /// The number that \p operand is multiplied with, perhaps before its heads are split; it is no longer.
  static double takeScale(Value operand) {
    while (operand.hasOneUse() && isa_and_nonnull<TransposeOp, ReshapeOp>(operand.getDefiningOp())) operand = operand.getDefiningOp()->getOperand(0);
    auto fn = operand.hasOneUse() ? singleFn(operand) : FailureOr<SingleFn>(failure());
    if (failed(fn) || (fn->name != "mul" && fn->name != "div")) return 1;
    ArrayRef<FnOperand> x = fn->operands;
    unsigned side = fn->name == "mul" && x[0].number ? 1 : 0;
    if (!x[side].tensor || !x[1 - side].number || x[side].tensor.getType() != operand.getType()) return 1;
    operand.replaceAllUsesWith(x[side].tensor);
    return fn->name == "mul" ? *x[1 - side].number : 1 / *x[1 - side].number;
  }

  Value join(Location loc) {
    Value mask;
    for (Value part : masks) mask = mask ? createPointwise(builder, loc, "add", {mask, part}).getResult() : part;
    return mask;
  }

  /// If \p mask is constant, 0 for keys up to a query's own place (plus a distance that is returned), and leaves out all others.
  static std::optional<int64_t> causalPast(Value mask, int64_t m, int64_t n) {
    ArrayRef<int64_t> shape = tensorOf(mask).getShape();
    if (!getConstant(mask) || n < m || tensorOf(mask).getNumElements() != m * n || m * n == 1 || shape.back() != n) return {};
    std::vector<float> values = constantValues<float>(mask);
    for (int64_t i = 0; i < m; ++i)
      for (int64_t j = 0; j < n; ++j)
        if (j <= i + n - m ? values[i * n + j] != 0 : values[i * n + j] > leftOut) return {};
    return n - m;
  }

  MatMulOp last, scores;
  OpBuilder builder;
  SoftmaxOp softmax;
  SmallVector<Value> masks;
  double scale = 1, softcap = 0;
};

struct RecognizeAttention : dnnc::impl::RecognizeAttentionBase<RecognizeAttention> {
  void runOnOperation() override {
    SmallVector<MatMulOp> products;
    getOperation().walk([&](MatMulOp op) { products.push_back(op); });
    for (MatMulOp op : products) Recognizer(op).run();
  }
};

} // namespace
