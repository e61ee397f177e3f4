// LinearAttention.
#include "compiler/import/NodeBinder.h"

#include <cmath>

using namespace mlir;

namespace dnnc::importer {

/// The gates an update rule needs, and takes no others.
static bool checkGate(NodeBinder &node, StringRef rule, unsigned index, StringRef name, bool needed) {
  if (bool(node.operand(index)) == needed) return true;
  node.error() << "attribute 'update_rule' is '" << rule << "', which " << (needed ? "needs" : "takes no") << " input " << index << " ('"
               << name << "')";
  return false;
}

static LogicalResult importLinearAttention(NodeBinder &node) {
  int64_t heads = node.intAttr("q_num_heads", std::nullopt, positive), kvHeads = node.intAttr("kv_num_heads", std::nullopt, positive);
  std::string rule = node.stringAttr("update_rule", "gated_delta");
  double scale = node.floatAttr("scale", 0);
  node.attr("chunk_size"); // a hint for those who cut the positions into chunks
  Value query = node.operand(0), past = node.operand(3), decay = node.operand(4);
  bool isGated = StringRef(rule).starts_with("gated"), isDelta = StringRef(rule).ends_with("delta");
  if (!checkGate(node, rule, 4, "decay", isGated) || !checkGate(node, rule, 5, "beta", isDelta)) return failure();
  if (scale == 0 && node.rank(query) == 3 && node.shape(query)[2] >= heads) scale = 1 / std::sqrt(double(node.shape(query)[2] / heads));
  // The state may be wider or narrower than the rest; it is computed in f32.
  Type stateType = node.type(past ? past : query).getElementType(), f32 = node.builder.getF32Type();
  SmallVector<Value> operands;
  for (Value operand : node.operands()) operands.push_back(node.cast(operand, f32));
  operands.resize(6);
  if (decay) operands[4] = node.pointwise({operands[4]}, [](Chain &chain, ValueRange args) { return chain.fn("exp", args); });
  Operation *op = node.createFilled<dnn::LinearAttentionOp>([](OperationState &) {}, 2, operands[0], operands[1], operands[2], operands[3],
                                                            operands[4], operands[5], node.i64(heads), node.i64(kvHeads), node.f64(scale));
  if (!op) return failure();
  return node.results({node.cast(op->getResult(0), node.type(query).getElementType()), node.cast(op->getResult(1), stateType)});
}

void registerLinearAttention(Registry &registry) {
  registry.on("LinearAttention", 27, "F F F F2? F? F?", importLinearAttention)
      .allow("update_rule", {"linear", "gated", "delta", "gated_delta"})
      .results(2);
}

} // namespace dnnc::importer
