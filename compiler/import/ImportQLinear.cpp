// Operators on quantized tensors: what they compute between dequantize and quantize, which the graph phase joins again.
#include "compiler/import/Quantize.h"
#include "compiler/import/RunTimeOps.h"
#include "compiler/import/Window.h"

using namespace mlir;

namespace dnnc::importer {

/// A bias in i32 counts in steps of \p x's scale times the weights'.
static Value dequantizedBias(NodeBinder &node, unsigned index, const Quantization &x, const Quantization &w, double factor = 1) {
  Value bias = node.operand(index);
  if (!node.type(bias).getElementType().isSignlessInteger(32)) {
    node.error() << "input " << index << " (the bias, here '" << node.node.input(index) << "') is " << node.type(bias) << "; it must be of type i32";
    return {};
  }
  Quantization by{w.scales, Ints(w.scales.size(), 0), node.rank(bias) - 1};
  for (double &scale : by.scales) scale *= x.scales.front() * factor;
  return dequantize(node, bias, by);
}

static bool anyVaries(NodeBinder &node, ArrayRef<unsigned> operands) {
  return llvm::any_of(operands, [&](unsigned index) { return node.varies(index); });
}

static LogicalResult importQLinearConv(NodeBinder &node) {
  if (anyVaries(node, {1, 2, 3, 4, 5, 6, 7, 8})) return qlinearConvAtRunTime(node);
  Quantization xBy, wBy;
  Value x = dequantizedOperand(node, 0, 1, "the input", &xBy), w = dequantizedOperand(node, 3, 0, "the weight", &wBy), bias;
  if (!x || !w || (node.operand(8) && !(bias = dequantizedBias(node, 8, xBy, wBy)))) return failure();
  return quantizedResult(node, createConv(node, x, w, bias), 6, 0);
}

static LogicalResult importQLinearMatMul(NodeBinder &node) {
  int64_t rank = node.rank(node.operand(3));
  if (node.rank(node.operand(0)) < 2 || rank < 2)
    return node.error() << "the operands are " << node.type(node.operand(0)) << " and " << node.type(node.operand(3))
                        << "; both must have rank 2 or more";
  if (anyVaries(node, {1, 2, 4, 5, 6, 7})) return qlinearMatMulAtRunTime(node);
  Value a = dequantizedOperand(node, 0, -2, "input 'a'"), b = dequantizedOperand(node, 3, -1, "input 'b'");
  return a && b ? quantizedResult(node, node.create<dnn::MatMulOp>(a, b, Value(), ValueRange(), node.i64(0)), 6, 0) : failure();
}

/// alpha * op(A) * op(B) + C, quantized where a scale for that is given, else f32.
static LogicalResult importQGemm(NodeBinder &node) {
  bool transposeA = node.intAttr("transA", 0, flag), transposeB = node.intAttr("transB", 0, flag);
  double alpha = node.floatAttr("alpha", 1);
  for (unsigned index : {0, 3})
    if (node.rank(node.operand(index)) != 2)
      return node.error() << "input " << index << " is " << node.type(node.operand(index)) << "; its rank must be 2";
  Quantization aBy, bBy;
  Value a = dequantizedOperand(node, 0, 0, "input 'A'", &aBy), b = dequantizedOperand(node, 3, transposeB ? 0 : 1, "input 'B'", &bBy), c;
  if (!a || !b || (node.operand(6) && !(c = dequantizedBias(node, 6, aBy, bBy, alpha)))) return failure();
  if (alpha != 1) {
    for (double &scale : bBy.scales) scale *= alpha;
    b = dequantize(node, node.operand(3), bBy);
  }
  if (transposeA) a = node.transpose(a, {1, 0});
  if (transposeB) b = node.transpose(b, {1, 0});
  int64_t columns = b ? node.shape(b)[1] : 0;
  bool isBias = c && node.type(c).getNumElements() == columns && node.shape(c).back() == columns;
  Value y = node.create<dnn::MatMulOp>(a, b, isBias ? node.reshape(c, {columns}) : Value(), ValueRange(), node.i64(0));
  if (c && !isBias) y = node.pointwise({y, c}, [](Chain &chain, ValueRange args) { return chain.fn("add", args); });
  return node.operand(7) ? quantizedResult(node, y, 7, 0) : node.result(y);
}

static Handler binary(StringRef fn) {
  return [fn = fn.str()](NodeBinder &node) -> LogicalResult {
    Value a = dequantizedOperand(node, 0, 1, "input 'A'"), b = dequantizedOperand(node, 3, 1, "input 'B'");
    if (!a || !b) return failure();
    return quantizedResult(node, node.pointwise({a, b}, [&](Chain &chain, ValueRange args) { return chain.fn(fn, args); }), 6, 0);
  };
}

static Handler unary(StringRef fn, const char *attribute = nullptr, double defaultValue = 0) {
  return [=, fn = fn.str()](NodeBinder &node) -> LogicalResult {
    double parameter = attribute ? node.floatAttr(attribute, defaultValue) : 0;
    Value x = dequantizedOperand(node, 0, 1, "the input");
    if (!x) return failure();
    return quantizedResult(node, node.pointwise({x}, [&](Chain &chain, ValueRange args) {
      return attribute ? chain.fn(fn, {args[0], chain.constant(parameter, args[0].getType())}) : chain.fn(fn, args);
    }), 3, 0);
  };
}

/// From opset 13 on along one axis, before over everything from it on.
static LogicalResult importQLinearSoftmax(NodeBinder &node) {
  Value x = dequantizedOperand(node, 0, 1, "the input");
  if (!x) return failure();
  Ints shape(node.shape(x));
  std::optional<int64_t> axis = node.axisAttr("axis", -1, shape.size());
  bool flat = node.intAttr("opset", 13) < 13;
  if (!axis) return failure();
  if (flat) {
    int64_t outer = 1, inner = 1;
    for (auto [i, dim] : llvm::enumerate(shape)) (int64_t(i) < *axis ? outer : inner) *= dim;
    x = node.reshape(x, {outer, inner});
    axis = 1;
  }
  return quantizedResult(node, node.reshape(node.softmax(x, *axis), shape), 3, 0);
}

static LogicalResult importQLinearAveragePool(NodeBinder &node) {
  node.attr("channels_last");
  Value x = dequantizedOperand(node, 0, 1, "the input");
  return quantizedResult(node, createPool(node, x, dnn::PoolKind::Average), 3, 0);
}

static LogicalResult importQLinearGlobalAveragePool(NodeBinder &node) {
  node.attr("channels_last");
  Value x = dequantizedOperand(node, 0, 1, "the input");
  if (!x || !checkSpatialRank(node, x)) return failure();
  return quantizedResult(node, node.reduce(x, dnn::ReduceKind::Mean, llvm::to_vector(llvm::seq<int64_t>(2, node.rank(x)))), 3, 0);
}

/// The result's scale and zero point, then each operand with its own.
static LogicalResult importQLinearConcat(NodeBinder &node) {
  if (node.numOperands() % 3 != 2 || node.numOperands() < 5)
    return node.error() << "has " << node.numOperands() << " inputs; it must have 2, and 3 for each tensor";
  SmallVector<Value> parts;
  for (unsigned i = 2; i < node.numOperands(); i += 3) {
    if (!node.operand(i)) return node.error() << "input " << i << " is missing; it is not optional";
    parts.push_back(dequantizedOperand(node, i, 1, "input " + std::to_string(i)));
  }
  if (llvm::is_contained(parts, Value())) return failure();
  std::optional<int64_t> axis = node.axisAttr("axis", std::nullopt, node.rank(parts.front()));
  if (!axis) return failure();
  return quantizedResult(node, node.create<dnn::ConcatOp>(ValueRange(parts), node.i64(*axis), DenseBoolArrayAttr()), 0, 2);
}

void registerQLinear(Registry &registry) {
  auto on = [&](StringRef name, StringRef operands, Handler handler) -> OpEntry & {
    return registry.on(Registry::key("com.microsoft", name), 1, operands, std::move(handler));
  };
  registry.on("QLinearConv", 10, "Z F Z2 Z3 F Z4 F Z5 Z6?", importQLinearConv).allow("auto_pad", autoPads);
  registry.on("QLinearMatMul", 10, "Z F Z2 Z3 F2 Z4 F3 Z5", importQLinearMatMul);
  on("QGemm", "Z F Z2 Z3 F Z4 Z5? F? Z6?", importQGemm);
  on("QLinearAdd", "Z F Z2? Z3 F Z4? F Z5?", binary("add"));
  on("QLinearMul", "Z F Z2? Z3 F Z4? F Z5?", binary("mul"));
  on("QLinearSigmoid", "Z F Z2? F Z3?", unary("sigmoid"));
  on("QLinearLeakyRelu", "Z F Z2? F Z3?", unary("leaky_relu", "alpha", 0.01f));
  on("QLinearSoftmax", "Z F Z2? F Z3?", importQLinearSoftmax);
  on("QLinearAveragePool", "Z F Z2? F Z3?", importQLinearAveragePool).allow("auto_pad", autoPads).allowInts("channels_last", {0});
  on("QLinearGlobalAveragePool", "Z F Z2? F Z3?", importQLinearGlobalAveragePool).allowInts("channels_last", {0});
  on("QLinearConcat", "F Z A*", importQLinearConcat);
}

} // namespace dnnc::importer
