// Normalizations and softmax.
#include "compiler/import/NodeBinder.h"

using namespace mlir;

namespace dnnc::importer {

/// What is normalized with: means over \p axes, and the variances of what is left without them.
struct Moments {
  Value mean, variance;
};
static Moments moments(NodeBinder &node, Value x, ArrayRef<int64_t> axes) {
  Value mean = node.reduce(x, dnn::ReduceKind::Mean, axes);
  Value squares = node.pointwise({x, mean}, [](Chain &chain, ValueRange args) {
    Value centred = chain.fn("sub", args);
    return chain.fn("mul", {centred, centred});
  });
  return {mean, node.reduce(squares, dnn::ReduceKind::Mean, axes)};
}

/// In training the batch's own mean and variance are taken, and those given move a little towards them.
static LogicalResult trainBatchNorm(NodeBinder &node, Value wide, MutableArrayRef<Value> operands, Value x, double epsilon, double momentum) {
  if (node.rank(x) < 2) return node.error() << "the input is " << node.type(x) << "; its rank must be at least 2";
  Ints axes;
  for (int64_t dim = 0; dim < node.rank(x); ++dim)
    if (dim != 1) axes.push_back(dim);
  Moments own = moments(node, wide, axes);
  if (!own.mean || !own.variance) return failure();
  Value mean = node.reshape(own.mean, {node.shape(x)[1]}), variance = node.reshape(own.variance, {node.shape(x)[1]});
  auto moved = [&](unsigned index, Value to) {
    Value y = node.pointwise({operands[index], to}, [&](Chain &chain, ValueRange args) {
      auto weighted = [&](Value value, double weight) { return chain.fn("mul", {value, chain.constant(weight, value.getType())}); };
      return chain.fn("add", {weighted(args[0], momentum), weighted(args[1], 1 - momentum)});
    });
    return node.cast(y, node.type(node.operand(index + 1)).getElementType());
  };
  Value y = node.create<dnn::BatchNormOp>(wide, operands[0], operands[1], mean, variance, node.f64(epsilon));
  return node.results({node.cast(y, node.type(x).getElementType()), moved(2, mean), moved(3, variance)});
}

static LogicalResult importBatchNorm(NodeBinder &node) {
  Value x = node.operand(0);
  double epsilon = node.floatAttr("epsilon", 1e-5f), momentum = node.floatAttr("momentum", 0.9f);
  bool training = node.intAttr("training_mode", 0, flag);
  for (StringRef name : {"spatial", "is_test"}) node.attr(name); // have one allowed value
  Type element = node.type(x).getElementType(), parameters = node.type(node.operand(1)).getElementType();
  // Since 15 the parameters may be wider than the input.
  Value wide = node.cast(x, parameters);
  SmallVector<Value> operands(node.operands().drop_front());
  for (Value &operand : operands) operand = node.cast(operand, parameters);
  if (training) return trainBatchNorm(node, wide, operands, x, epsilon, momentum);
  Value y = node.cast(node.create<dnn::BatchNormOp>(wide, operands[0], operands[1], operands[2], operands[3], node.f64(epsilon)), element);
  Value all[] = {y, node.operand(3), node.operand(4)}; // mean and variance stay as they are
  return node.results(ArrayRef<Value>(all).take_front(node.numResults()));
}

static LogicalResult importInstanceNorm(NodeBinder &node) {
  Value x = node.operand(0);
  double epsilon = node.floatAttr("epsilon", 1e-5f);
  if (node.rank(x) < 3) return node.error() << "the input is " << node.type(x) << "; its rank must be at least 3";
  return node.result(node.create<dnn::GroupNormOp>(x, node.operand(1), node.operand(2), node.i64(node.shape(x)[1]), node.f64(epsilon)));
}

/// Before 21, scale and bias hold one value per group.
static LogicalResult importGroupNorm(NodeBinder &node) {
  Value x = node.operand(0), scale = node.operand(1), bias = node.operand(2);
  double epsilon = node.floatAttr("epsilon", 1e-5f);
  int64_t groups = node.intAttr("num_groups", std::nullopt, positive);
  node.attr("stash_type"); // kernels accumulate in f32 or better
  if (node.rank(x) < 2 || node.shape(x)[1] % groups)
    return node.error() << "attribute 'num_groups' is " << groups << "; it must divide the channels of " << node.type(x);
  int64_t channels = node.shape(x)[1];
  if (node.version() < 21)
    for (Value *parameter : {&scale, &bias}) {
      if (node.shape(*parameter) != ArrayRef<int64_t>{groups})
        return node.error() << "scale and bias are " << node.type(scale) << " and " << node.type(bias)
                            << "; before version 21 both have one value for each of the " << groups << " groups";
      *parameter = node.reshape(node.broadcast(node.reshape(*parameter, {groups, 1}), {groups, channels / groups}), {channels});
    }
  return node.result(node.create<dnn::GroupNormOp>(x, scale, bias, node.i64(groups), node.f64(epsilon)));
}

static Handler layerNorm(bool rms) {
  return [rms](NodeBinder &node) -> LogicalResult {
    Value x = node.operand(0), scale = node.operand(1), bias = rms ? Value() : node.operand(2);
    std::optional<int64_t> axis = node.axisAttr("axis", -1, node.rank(x));
    double epsilon = node.floatAttr("epsilon", 1e-5f);
    int64_t stash = node.intAttr("stash_type", 1); // of the further results; kernels accumulate in f32 or better
    if (!axis) return failure();
    // ONNX lets the parameters broadcast to the normalized dims.
    ArrayRef<int64_t> normalized = node.shape(x).drop_front(*axis);
    auto fit = [&](Value parameter) {
      Ints shape(node.shape(parameter));
      while (shape.size() > normalized.size() && shape.front() == 1) shape.erase(shape.begin());
      return node.broadcast(node.reshape(parameter, shape), normalized);
    };
    Value y = node.create<dnn::LayerNormOp>(x, fit(scale), bias ? fit(bias) : Value(), node.i64(*axis), node.f64(epsilon), node.boolean(rms));
    if (node.numResults() == 1) return node.result(y);
    Type kept = elementType(node.builder.getContext(), int32_t(stash));
    if (!kept) return node.error() << "attribute 'stash_type' is " << stash << ", a type that is not supported";
    Moments own = moments(node, node.cast(x, kept), llvm::to_vector(llvm::seq<int64_t>(*axis, node.rank(x))));
    Value inverse = own.variance ? node.pointwise({own.variance}, [&](Chain &chain, ValueRange args) {
      Value sum = chain.fn("add", {args[0], chain.constant(epsilon, args[0].getType())});
      return chain.fn("reciprocal", chain.fn("sqrt", sum));
    }) : Value();
    Value all[] = {y, own.mean, inverse};
    return node.results(ArrayRef<Value>(all).take_front(node.numResults()));
  };
}

static LogicalResult importLrn(NodeBinder &node) {
  int64_t size = node.intAttr("size", std::nullopt, positive);
  double alpha = node.floatAttr("alpha", 1e-4f), beta = node.floatAttr("beta", 0.75), bias = node.floatAttr("bias", 1);
  return node.result(node.create<dnn::LrnOp>(node.operand(0), node.i64(size), node.f64(alpha), node.f64(beta), node.f64(bias)));
}

/// x / |x|_p along an axis; 0 where the norm is.
static LogicalResult importLpNorm(NodeBinder &node) {
  Value x = node.operand(0);
  std::optional<int64_t> axis = node.axisAttr("axis", -1, node.rank(x));
  bool isL1 = node.intAttr("p", 2) == 1;
  if (!axis) return failure();
  Value terms = node.pointwise({x}, [&](Chain &chain, ValueRange args) {
    return isL1 ? chain.fn("abs", args) : chain.fn("mul", {args[0], args[0]});
  });
  Value sum = node.reduce(terms, dnn::ReduceKind::Sum, {*axis});
  return node.result(node.pointwise({x, sum}, [&](Chain &chain, ValueRange args) {
    Value norm = isL1 ? args[1] : chain.fn("sqrt", args[1]), zero = chain.constant(0, norm.getType());
    Value isZero = chain.boolean("equal", {norm, zero});
    return chain.fn("where", {isZero, zero, chain.fn("div", {args[0], norm})}, norm.getType());
  }));
}

/// (x - mean) / (standard deviation + 1e-9)
static LogicalResult importMeanVariance(NodeBinder &node) {
  Value x = node.operand(0);
  std::optional<Ints> axes = node.axes(node.hasAttr("axes") ? node.intsAttr("axes").value_or(Ints()) : Ints{0, 2, 3}, node.rank(x));
  if (!axes) return failure();
  Value mean = node.reduce(x, dnn::ReduceKind::Mean, *axes);
  Value centred = node.pointwise({x, mean}, [](Chain &chain, ValueRange args) { return chain.fn("sub", args); });
  Value squares = node.pointwise({centred}, [](Chain &chain, ValueRange args) { return chain.fn("mul", {args[0], args[0]}); });
  Value variance = node.reduce(squares, dnn::ReduceKind::Mean, *axes);
  return node.result(node.pointwise({centred, variance}, [](Chain &chain, ValueRange args) {
    Value deviation = chain.fn("add", {chain.fn("sqrt", args[1]), chain.constant(1e-9, args[1].getType())});
    return chain.fn("div", {args[0], deviation});
  }));
}

/// Runs \p body on \p x with everything from the axis on in one last dim, as softmax did before 13.
static Value flattened(NodeBinder &node, Value x, int64_t axis, function_ref<Value(Value, int64_t)> body) {
  ArrayRef<int64_t> shape = node.shape(x);
  if (node.version() >= 13 ||
      llvm::all_of(shape.drop_front(std::min<int64_t>(axis + 1, shape.size())), [](int64_t dim) { return dim == 1; }))
    return body(x, axis);
  int64_t outer = 1, inner = 1;
  for (auto [index, dim] : llvm::enumerate(shape)) (int64_t(index) < axis ? outer : inner) *= dim;
  Value matrix = node.reshape(x, {outer, inner}), y = matrix ? body(matrix, 1) : Value(); // which may be too large
  return y ? node.reshape(y, shape) : y;
}

static std::optional<int64_t> softmaxAxis(NodeBinder &node, Value x) {
  if (node.rank(x) == 0) return node.error() << "the input is a scalar; it needs an axis", std::nullopt;
  return node.axisAttr("axis", node.version() < 13 ? std::min<int64_t>(1, node.rank(x) - 1) : -1, node.rank(x));
}

static Handler softmax(bool log) {
  return [log](NodeBinder &node) -> LogicalResult {
    Value x = node.operand(0);
    std::optional<int64_t> axis = softmaxAxis(node, x);
    if (!axis) return failure();
    return node.result(flattened(node, x, *axis, [&](Value input, int64_t dim) { return node.softmax(input, dim, log); }));
  };
}

/// 1 at the first largest element, 0 elsewhere.
static LogicalResult importHardmax(NodeBinder &node) {
  Value x = node.operand(0);
  std::optional<int64_t> axis = softmaxAxis(node, x);
  if (!axis) return failure();
  Value levels = createConstant(node.builder, node.loc, RankedTensorType::get({2}, node.type(x).getElementType()), {0.0, 1.0});
  return node.result(flattened(node, x, *axis, [&](Value input, int64_t dim) {
    Value index = node.create<dnn::ArgReduceOp>(input, node.i64(dim), node.boolean(true), node.boolean(false));
    Ints shape(node.shape(input));
    int64_t depth = shape[dim];
    shape.erase(shape.begin() + dim);
    return node.create<dnn::OneHotOp>(node.reshape(index, shape), levels, node.i64(depth), node.i64(dim));
  }));
}

void registerNormalize(Registry &registry) {
  registry.on("BatchNormalization", 1, "F F F F F", importBatchNorm).allowInts("spatial", {1}).allowInts("is_test", {1});
  registry.on("BatchNormalization", 7, "F F F F F", importBatchNorm).allowInts("spatial", {1});
  registry.on("BatchNormalization", 9, "F F F F F", importBatchNorm);
  registry.on("BatchNormalization", 14, "F F2 F2 F3 F3", importBatchNorm).results(3);
  registry.on("InstanceNormalization", 1, "F F F", importInstanceNorm);
  registry.on("GroupNormalization", 18, "F F F", importGroupNorm);
  registry.on("LayerNormalization", 17, "F F F?", layerNorm(false)).results(3);
  registry.on("SimplifiedLayerNormalization", 1, "F F", layerNorm(true)); // ONNX Runtime's, in ONNX's domain
  registry.on("RMSNormalization", 23, "F F", layerNorm(true));
  registry.on("LRN", 1, "F", importLrn);
  registry.on("LpNormalization", 1, "F", importLpNorm).allowInts("p", {1, 2});
  registry.on("MeanVarianceNormalization", 9, "F", importMeanVariance);
  registry.on("Softmax", 1, "F", softmax(false));
  registry.on("LogSoftmax", 1, "F", softmax(true));
  registry.on("Hardmax", 1, "F", importHardmax);
}

} // namespace dnnc::importer
