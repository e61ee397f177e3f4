// Activation functions: pointwise, with attributes as constants of the chain.
#include "compiler/import/NodeBinder.h"

#include <cfloat>

using namespace mlir;

namespace dnnc::importer {

struct Parameter {
  const char *attribute;
  float defaultValue;
};

/// fn(x, parameters...), the parameters in the order of functions.inc.
static Handler activation(StringRef fn, std::vector<Parameter> parameters = {}) {
  return [fn = fn.str(), parameters](NodeBinder &node) {
    SmallVector<double> values;
    for (const Parameter &parameter : parameters) values.push_back(node.floatAttr(parameter.attribute, parameter.defaultValue));
    return node.result(node.pointwise({node.operand(0)}, [&](Chain &chain, ValueRange x) {
      SmallVector<Value> args(x);
      for (double value : values) args.push_back(chain.constant(value, x[0].getType()));
      return chain.fn(fn, args);
    }));
  };
}

static LogicalResult importGelu(NodeBinder &node) {
  return activation(node.stringAttr("approximate", "none") == "tanh" ? "gelu_tanh" : "gelu")(node);
}

/// x * sigmoid(alpha * x)
static LogicalResult importSwish(NodeBinder &node) {
  double alpha = node.floatAttr("alpha", 1);
  return node.result(node.pointwise({node.operand(0)}, [&](Chain &chain, ValueRange x) {
    Value inner = alpha == 1 ? x[0] : chain.fn("mul", {x[0], chain.constant(alpha, x[0].getType())});
    return chain.fn("mul", {x[0], chain.fn("sigmoid", inner)});
  }));
}

static LogicalResult importPRelu(NodeBinder &node) {
  Value y = node.pointwise(node.operands(), [](Chain &chain, ValueRange args) { return chain.fn("prelu", args); });
  if (y && node.shape(y) != node.shape(node.operand(0)))
    return node.error() << "input 1 ('slope') is " << node.type(node.operand(1)) << "; it must broadcast to the shape of input 0, "
                        << node.type(node.operand(0));
  return node.result(y);
}

/// Bounds were attributes before 11; absent ones, and the largest finite floats of old exporters, bound nothing.
static LogicalResult importClipAttributes(NodeBinder &node) {
  double low = node.floatAttr("min", -FLT_MAX), high = node.floatAttr("max", FLT_MAX);
  if (low <= -FLT_MAX && high >= FLT_MAX) return node.result(node.operand(0));
  return node.result(node.pointwise({node.operand(0)}, [&](Chain &chain, ValueRange x) {
    Type type = x[0].getType();
    if (low <= -FLT_MAX) return chain.fn("min", {x[0], chain.constant(high, type)});
    if (high >= FLT_MAX) return low == 0 ? chain.fn("relu", x) : chain.fn("max", {x[0], chain.constant(low, type)});
    return chain.fn("clip", {x[0], chain.constant(low, type), chain.constant(high, type)});
  }));
}

static LogicalResult importClip(NodeBinder &node) {
  Value low = node.operand(1), high = node.operand(2);
  SmallVector<Value> inputs{node.operand(0)};
  for (Value bound : {low, high}) {
    if (bound && node.type(bound).getNumElements() != 1)
      return node.error() << "a bound is " << node.type(bound) << "; it must be a scalar";
    if (bound) inputs.push_back(node.reshape(bound, {}));
  }
  // A scalar reshaped from [1] is a new op; take its constant where there is one.
  for (Value &input : MutableArrayRef<Value>(inputs).drop_front())
    if (ElementsAttr constant = getConstant(input) ? ElementsAttr() : node.constantOf(input)) input = node.constant(constant);
  if (!low && !high) return node.result(node.operand(0));
  StringRef fn = low && high ? "clip" : low ? "max" : "min";
  return node.result(node.pointwise(inputs, [&](Chain &chain, ValueRange args) { return chain.fn(fn, args); }));
}

void registerActivations(Registry &registry) {
  registry.on("Relu", 1, "N", activation("relu"));
  registry.on("Sigmoid", 1, "F", activation("sigmoid"));
  registry.on("HardSwish", 14, "F", activation("hard_swish"));
  registry.on("Mish", 18, "F", activation("mish"));
  registry.on("Softplus", 1, "F", activation("softplus"));
  registry.on("Softsign", 1, "F", activation("softsign"));
  registry.on("LeakyRelu", 1, "F", activation("leaky_relu", {{"alpha", 0.01f}}));
  registry.on("Elu", 1, "F", activation("elu", {{"alpha", 1}}));
  registry.on("Celu", 12, "F", activation("celu", {{"alpha", 1}}));
  registry.on("Selu", 1, "F", activation("selu", {{"alpha", 1.6732f}, {"gamma", 1.0507f}})).through(5);
  registry.on("Selu", 6, "F", activation("selu", {{"alpha", 1.67326319217681884765625f}, {"gamma", 1.05070102214813232421875f}}));
  registry.on("HardSigmoid", 1, "F", activation("hard_sigmoid", {{"alpha", 0.2f}, {"beta", 0.5f}}));
  registry.on("ThresholdedRelu", 10, "F", activation("thresholded_relu", {{"alpha", 1}}));
  registry.on("Shrink", 9, "N", activation("shrink", {{"lambd", 0.5f}, {"bias", 0}}));
  registry.on("Gelu", 20, "F", importGelu).allow("approximate", {"none", "tanh"});
  registry.on("Swish", 24, "F", importSwish);
  registry.on("PRelu", 7, "N N", importPRelu);
  registry.on("Clip", 1, "F", importClipAttributes);
  registry.on("Clip", 11, "N N? N?", importClip);
}

} // namespace dnnc::importer
