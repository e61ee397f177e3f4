// Losses: NegativeLogLikelihoodLoss and SoftmaxCrossEntropyLoss.
#include "compiler/import/NodeBinder.h"

using namespace mlir;

namespace dnnc::importer {

/// Of log probabilities [N, C, d…] and classes [N, d…]: -x[n, class, d] * weight[class], 0 where the class is `ignore_index`; then
/// by `reduction` as it is, its sum, or its sum over that of the weights taken.
static Value likelihoodLoss(NodeBinder &node, Value x, Value target, Value weight) {
  std::string reduction = node.stringAttr("reduction", "mean");
  bool ignores = node.hasAttr("ignore_index");
  int64_t ignored = node.intAttr("ignore_index", 0);
  Ints column(node.shape(target));
  if (column.empty()) return node.error() << "the classes are " << node.type(target) << "; their rank must be at least 1", Value();
  column.insert(column.begin() + 1, 1);

  Type index = node.type(target).getElementType(), element = node.type(x).getElementType();
  Value known; // whether a class counts
  if (ignores) {
    known = node.pointwise({target}, [&](Chain &chain, ValueRange args) {
      return chain.boolean("not_equal", {args[0], chain.constant(double(ignored), index)});
    });
    target = node.pointwise({known, target}, [&](Chain &chain, ValueRange args) {
      return chain.fn("where", {args[0], args[1], chain.constant(0, index)}, index);
    });
  }
  Value picked = node.reshape(node.create<dnn::GatherElementsOp>(x, node.reshape(target, column), node.i64(1)), node.shape(target));
  Value factor = weight ? node.create<dnn::GatherOp>(weight, target, node.i64(0)) : Value();
  if (known && factor)
    factor = node.pointwise({known, factor}, [&](Chain &chain, ValueRange args) {
      return chain.fn("where", {args[0], args[1], chain.constant(0, element)}, element);
    });
  else if (known)
    factor = node.cast(known, element);
  SmallVector<Value> terms{picked};
  if (factor) terms.push_back(factor);
  Value loss = node.pointwise(terms, [&](Chain &chain, ValueRange args) {
    Value negative = chain.fn("neg", args[0]);
    return args.size() == 2 ? chain.fn("mul", {negative, args[1]}) : negative;
  });
  if (!loss || reduction == "none") return loss;

  Ints all = llvm::to_vector(llvm::seq<int64_t>(0, node.rank(loss)));
  auto total = [&](Value value, dnn::ReduceKind kind) { return value ? node.reshape(node.reduce(value, kind, all), {}) : value; };
  if (reduction == "sum") return total(loss, dnn::ReduceKind::Sum);
  if (!factor) return total(loss, dnn::ReduceKind::Mean);
  return node.pointwise({total(loss, dnn::ReduceKind::Sum), total(factor, dnn::ReduceKind::Sum)},
                        [](Chain &chain, ValueRange args) { return chain.fn("div", args); });
}

/// Whether the classes have the shape of the scores without dim 1.
static bool checkShapes(NodeBinder &node) {
  Ints expected(node.shape(node.operand(0)));
  if (expected.size() >= 2) expected.erase(expected.begin() + 1);
  if (node.rank(node.operand(0)) >= 2 && node.shape(node.operand(1)) == ArrayRef<int64_t>(expected)) return true;
  node.error() << "the operands are " << node.type(node.operand(0)) << " and " << node.type(node.operand(1))
               << "; they must be [N, C, d…] and [N, d…]";
  return false;
}

static LogicalResult importLikelihoodLoss(NodeBinder &node) {
  if (!checkShapes(node)) return failure();
  return node.result(likelihoodLoss(node, node.operand(0), node.operand(1), node.operand(2)));
}

static LogicalResult importCrossEntropyLoss(NodeBinder &node) {
  if (!checkShapes(node)) return failure();
  Value logs = node.softmax(node.operand(0), 1, /*log=*/true);
  if (!logs) return failure();
  return node.results({likelihoodLoss(node, logs, node.operand(1), node.operand(2)), logs});
}

void registerLoss(Registry &registry) {
  const std::vector<std::string> reductions = {"none", "sum", "mean"};
  registry.on("NegativeLogLikelihoodLoss", 12, "F I F?", importLikelihoodLoss).allow("reduction", reductions);
  registry.on("SoftmaxCrossEntropyLoss", 12, "F I F?", importCrossEntropyLoss).allow("reduction", reductions).results(2);
}

} // namespace dnnc::importer
