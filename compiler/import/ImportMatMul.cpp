// MatMul and Gemm.
#include "compiler/import/NodeBinder.h"

using namespace mlir;

namespace dnnc::importer {

static Value scale(NodeBinder &node, Value value, double factor) {
  if (!value || factor == 1) return value;
  return node.pointwise({value}, [&](Chain &chain, ValueRange x) {
    return chain.fn("mul", {x[0], chain.constant(factor, x[0].getType())});
  });
}

static Value add(NodeBinder &node, Value a, Value b) {
  return node.pointwise({a, b}, [](Chain &chain, ValueRange args) { return chain.fn("add", args); });
}

/// numpy's rules for vectors: a row on the left, a column on the right, and the dim disappears from the result.
static LogicalResult importMatMul(NodeBinder &node) {
  Value a = node.operand(0), b = node.operand(1);
  if (node.rank(a) == 0 || node.rank(b) == 0)
    return node.error() << "the operands are " << node.type(a) << " and " << node.type(b) << "; neither may be a scalar";
  bool row = node.rank(a) == 1, column = node.rank(b) == 1;
  if (row) a = node.reshape(a, {1, node.shape(a)[0]});
  if (column) b = node.reshape(b, {node.shape(b)[0], 1});
  Value y = node.create<dnn::MatMulOp>(a, b, Value(), ValueRange(), node.i64(0));
  if (!y || (!row && !column)) return node.result(y);
  Ints shape(node.shape(y));
  if (column) shape.pop_back();
  if (row) shape.erase(shape.end() - (column ? 1 : 2));
  return node.result(node.reshape(y, shape));
}

/// alpha * op(A) * op(B) + beta * C
static LogicalResult importGemm(NodeBinder &node) {
  Value a = node.operand(0), b = node.operand(1), c = node.operand(2);
  double alpha = node.floatAttr("alpha", 1), beta = node.floatAttr("beta", 1);
  if (node.version() < 7) node.attr("broadcast"); // C broadcasts in any case
  bool transposeA = node.intAttr("transA", 0, flag), transposeB = node.intAttr("transB", 0, flag);
  for (Value operand : {a, b})
    if (node.rank(operand) != 2) return node.error() << "operand is " << node.type(operand) << "; its rank must be 2";
  if (transposeA) a = node.transpose(a, {1, 0});
  if (transposeB) b = node.transpose(b, {1, 0});
  // On a constant, alpha costs nothing at run time.
  bool scaleWeight = node.constantOf(b) != nullptr;
  if (scaleWeight) b = scale(node, b, alpha);

  if (beta == 0) c = {};
  c = scale(node, c, beta);
  Ints result{node.shape(a)[0], b ? node.shape(b)[1] : 0};
  if (c) {
    auto joined = dnn::broadcastShapes({node.shape(c), result});
    if (failed(joined) || *joined != result)
      return node.error() << "input 2 ('C') is " << node.type(c) << "; it must broadcast to [" << result << "]";
  }
  bool isRow = c && node.type(c).getNumElements() == result[1] && (node.rank(c) == 0 || node.shape(c).back() == result[1]);
  bool isBias = isRow && (scaleWeight || alpha == 1);
  Value y = node.create<dnn::MatMulOp>(a, b, isBias ? node.reshape(c, {result[1]}) : Value(), ValueRange(), node.i64(0));
  if (!scaleWeight) y = scale(node, y, alpha);
  return node.result(c && !isBias ? add(node, y, c) : y);
}

void registerMatMul(Registry &registry) {
  registry.on("MatMul", 1, "N N", importMatMul);
  registry.on("Gemm", 1, "N N N", importGemm);
  registry.on("Gemm", 11, "N N N?", importGemm);
}

} // namespace dnnc::importer
