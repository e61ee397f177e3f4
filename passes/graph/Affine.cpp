#include "passes/graph/Affine.h"
#include "passes/graph/Pointwise.h"

#include <cmath>

using namespace mlir;

namespace dnnc {

static std::optional<Affine> matchBatchNorm(dnn::BatchNormOp op, int64_t dim) {
  if (dim != 1) return {};
  for (Value parameter : op->getOperands().drop_front())
    if (!getConstant(parameter)) return {};
  Affine affine{op.getInput(), dim, constantValues<double>(op.getScale()), constantValues<double>(op.getBias())};
  std::vector<double> mean = constantValues<double>(op.getMean()), variance = constantValues<double>(op.getVariance());
  for (size_t c = 0; c < mean.size(); ++c) {
    affine.scale[c] /= std::sqrt(variance[c] + op.getEpsilon().convertToDouble());
    affine.shift[c] -= affine.scale[c] * mean[c];
  }
  return affine;
}

namespace {
/// A scalar of the chain as a * x + b for every channel.
struct Linear {
  std::vector<double> a, b;
  bool isConstant() const {
    return llvm::all_of(a, [](double value) { return value == 0; });
  }
};
} // namespace

/// The constant \p value along \p dim of \p result, repeated if it is one number; empty when it also varies elsewhere.
static std::vector<double> channelValues(Value value, RankedTensorType result, int64_t dim) {
  if (!getConstant(value)) return {};
  SmallVector<int64_t> shape = padShape(tensorOf(value).getShape(), result.getRank());
  for (int64_t i = 0; i < result.getRank(); ++i)
    if (shape[i] != 1 && i != dim) return {};
  std::vector<double> values = constantValues<double>(value);
  if (values.size() == 1) values.assign(result.getDimSize(dim), values[0]);
  return values;
}

static std::optional<Linear> applyFn(StringRef name, ArrayRef<const Linear *> args) {
  Linear result = *args[0];
  size_t n = result.a.size();
  if (name == "neg") {
    for (size_t c = 0; c < n; ++c) result.a[c] = -result.a[c], result.b[c] = -result.b[c];
    return result;
  }
  if (name == "add" || name == "sub") {
    double sign = name == "add" ? 1 : -1;
    for (size_t c = 0; c < n; ++c) {
      result.a[c] += sign * args[1]->a[c];
      result.b[c] += sign * args[1]->b[c];
    }
    return result;
  }
  const Linear *left = args[0], *right = args.size() > 1 ? args[1] : nullptr;
  if (name == "mul" && left->isConstant()) std::swap(left, right);
  if ((name != "mul" && name != "div") || !right->isConstant()) return {};
  for (size_t c = 0; c < n; ++c) {
    double factor = name == "mul" ? right->b[c] : 1 / right->b[c];
    result.a[c] = left->a[c] * factor;
    result.b[c] = left->b[c] * factor;
  }
  return result;
}

static std::optional<Affine> matchPointwise(dnn::PointwiseOp op, int64_t dim) {
  auto result = cast<RankedTensorType>(op.getType());
  if (!isa<FloatType>(result.getElementType())) return {};
  size_t channels = result.getDimSize(dim);
  Affine affine{{}, dim, {}, {}};
  llvm::DenseMap<Value, Linear> scalars;
  for (auto [arg, input] : llvm::zip(op.getChain().getArguments(), op.getInputs())) {
    if (tensorOf(input).getElementType() != result.getElementType()) return {};
    std::vector<double> values = channelValues(input, result, dim);
    if (!values.empty()) {
      scalars[arg] = {std::vector<double>(channels, 0), values};
    } else if (!affine.input && tensorOf(input).getShape() == result.getShape()) {
      affine.input = input;
      scalars[arg] = {std::vector<double>(channels, 1), std::vector<double>(channels, 0)};
    } else {
      return {};
    }
  }
  if (!affine.input) return {};
  for (Operation &inner : op.getChain().front().without_terminator()) {
    if (inner.getResult(0).getType() != result.getElementType()) return {};
    if (auto constant = dyn_cast<pw::ConstOp>(inner)) {
      scalars[constant] = {std::vector<double>(channels, 0), std::vector<double>(channels, numberOf(constant.getValue()))};
      continue;
    }
    auto fn = cast<pw::FnOp>(inner);
    if (!llvm::is_contained({"add", "sub", "mul", "div", "neg"}, fn.getName())) return {};
    SmallVector<const Linear *> args;
    for (Value arg : fn.getArgs()) args.push_back(&scalars.find(arg)->second);
    std::optional<Linear> value = applyFn(fn.getName(), args);
    if (!value) return {};
    scalars[fn] = std::move(*value);
  }
  Linear &last = scalars[pw::yielded(op.getChain())];
  affine.scale = std::move(last.a);
  affine.shift = std::move(last.b);
  return affine;
}

std::optional<Affine> matchAffine(Operation *op, int64_t dim) {
  if (auto batchNorm = dyn_cast<dnn::BatchNormOp>(op)) return matchBatchNorm(batchNorm, dim);
  if (auto pointwise = dyn_cast<dnn::PointwiseOp>(op))
    if (dim < cast<RankedTensorType>(pointwise.getType()).getRank()) return matchPointwise(pointwise, dim);
  return {};
}

} // namespace dnnc
