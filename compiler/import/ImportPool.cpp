// MaxPool, AveragePool, LpPool and their global forms.
#include "compiler/import/Window.h"

#include <cmath>

using namespace mlir;

namespace dnnc::importer {

/// Attribute p of the Lp poolings: a float in version 1.
static int64_t exponent(NodeBinder &node) {
  if (node.version() >= 2) return node.intAttr("p", 2, positive);
  double p = node.floatAttr("p", 2);
  if (p >= 1 && p <= 1024 && p == std::floor(p)) return int64_t(p);
  node.error() << "attribute 'p' is " << p << "; it must be a whole number between 1 and 1024";
  return 2;
}

Value createPool(NodeBinder &node, Value x, dnn::PoolKind kind) {
  if (!x || !checkSpatialRank(node, x)) return {};
  ArrayRef<int64_t> spatial = node.shape(x).drop_front(2);
  if (!node.hasAttr("kernel_shape"))
    return node.error() << "attribute 'kernel_shape' is missing; it must have " << spatial.size() << " values", Value();
  std::optional<Window> window = readWindow(node, spatial, node.intsAttr("kernel_shape", spatial.size(), 1, positive));
  if (!window) return {};
  // A window in padding alone has no value.
  for (size_t i = 0; i < window->pads.size() && window->explicitPads; ++i)
    if (window->pads[i] >= window->extent(i % spatial.size()))
      return node.error() << "attribute 'pads' is [" << window->pads << "]; every value must be smaller than the kernel, which is ["
                          << window->kernel << "]",
             Value();
  bool ceil = node.intAttr("ceil_mode", 0, flag);
  bool countPad = kind == dnn::PoolKind::Average && node.intAttr("count_include_pad", 0, flag);
  int64_t p = kind == dnn::PoolKind::Lp ? exponent(node) : 2;
  if (kind == dnn::PoolKind::Max) node.intAttr("storage_order", 0, flag); // of the indices, which nothing uses
  return node.create<dnn::PoolOp>(x, ValueRange(), dnn::PoolKindAttr::get(node.builder.getContext(), kind),
                                  node.i64s(window->kernel), node.i64s(window->strides), node.i64s(window->pads),
                                  node.i64s(window->dilations), node.boolean(countPad), node.boolean(ceil), node.i64(p));
}

static Handler pool(dnn::PoolKind kind) {
  return [kind](NodeBinder &node) { return node.result(createPool(node, node.operand(0), kind)); };
}

/// The second result: where the largest elements are.
static LogicalResult importMaxPool(NodeBinder &node) {
  Value x = node.operand(0);
  if (node.numResults() < 2 || node.node.output(1).empty()) return node.result(createPool(node, x, dnn::PoolKind::Max));
  Value plain = createPool(node, x, dnn::PoolKind::Max);
  auto pool = plain ? plain.getDefiningOp<dnn::PoolOp>() : dnn::PoolOp();
  if (!pool) return failure();
  bool columnMajor = node.intAttr("storage_order", 0, flag);
  Operation *op = node.createFilled<dnn::MaxPoolIndicesOp>([](OperationState &) {}, 2, x, pool.getKernelAttr(), pool.getStridesAttr(),
                                                           pool.getPadsAttr(), pool.getDilationsAttr(), pool.getCeilModeAttr(),
                                                           node.boolean(columnMajor));
  pool.erase();
  return op ? node.results({op->getResult(0), op->getResult(1)}) : failure();
}

static bool spatialAxes(NodeBinder &node, Value x, Ints &axes) {
  if (node.rank(x) < 3) {
    node.error() << "the input is " << node.type(x) << "; its rank must be at least 3";
    return false;
  }
  axes = llvm::to_vector(llvm::seq<int64_t>(2, node.rank(x)));
  return true;
}

static Handler globalPool(dnn::ReduceKind kind) {
  return [kind](NodeBinder &node) -> LogicalResult {
    Ints axes;
    if (!spatialAxes(node, node.operand(0), axes)) return failure();
    return node.result(node.reduce(node.operand(0), kind, axes));
  };
}

/// (sum of |x|^p)^(1/p)
static LogicalResult importGlobalLpPool(NodeBinder &node) {
  Value x = node.operand(0);
  double p = exponent(node);
  Ints axes;
  if (!spatialAxes(node, x, axes)) return failure();
  Value powers = node.pointwise({x}, [&](Chain &chain, ValueRange args) {
    Value magnitude = chain.fn("abs", args);
    return chain.fn("pow", {magnitude, chain.constant(p, magnitude.getType())});
  });
  Value sum = node.reduce(powers, dnn::ReduceKind::Sum, axes);
  return node.result(node.pointwise({sum}, [&](Chain &chain, ValueRange args) {
    return chain.fn("pow", {args[0], chain.constant(1 / p, args[0].getType())});
  }));
}

void registerPool(Registry &registry) {
  registry.on("MaxPool", 1, "N", importMaxPool).allow("auto_pad", autoPads).results(2);
  registry.on("AveragePool", 1, "F", pool(dnn::PoolKind::Average)).allow("auto_pad", autoPads);
  registry.on("LpPool", 1, "F", pool(dnn::PoolKind::Lp)).allow("auto_pad", autoPads);
  registry.on("GlobalAveragePool", 1, "F", globalPool(dnn::ReduceKind::Mean));
  registry.on("GlobalMaxPool", 1, "F", globalPool(dnn::ReduceKind::Max));
  registry.on("GlobalLpPool", 1, "F", importGlobalLpPool);
}

} // namespace dnnc::importer
