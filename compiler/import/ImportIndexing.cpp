// Gather, Scatter and OneHot.
#include "compiler/import/RunTime.h"

using namespace mlir;

namespace dnnc::importer {

/// Indices that are constant must lie within the dims they index; \p dims are repeated over the indices.
static bool checkIndices(NodeBinder &node, ArrayRef<int64_t> dims) {
  ElementsAttr constant = node.constantOf(node.operand(1));
  if (!constant || dims.empty()) return true;
  for (auto [position, index] : llvm::enumerate(constantValues<int64_t>(constant))) {
    int64_t dim = dims[position % dims.size()];
    if (index >= -dim && index < dim) continue;
    node.error() << "input 1 ('indices') has the value " << index << "; it must be between " << -dim << " and " << dim - 1;
    return false;
  }
  return true;
}

static LogicalResult importGather(NodeBinder &node) {
  Value data = node.operand(0);
  std::optional<int64_t> axis = node.axisAttr("axis", 0, node.rank(data));
  if (!axis || !checkIndices(node, {node.shape(data)[*axis]})) return failure();
  return node.result(node.create<dnn::GatherOp>(data, node.operand(1), node.i64(*axis)));
}

static LogicalResult importGatherElements(NodeBinder &node) {
  Value data = node.operand(0);
  std::optional<int64_t> axis = node.axisAttr("axis", 0, node.rank(data));
  if (!axis || !checkIndices(node, {node.shape(data)[*axis]})) return failure();
  return node.result(node.create<dnn::GatherElementsOp>(data, node.operand(1), node.i64(*axis)));
}

/// The dims of the data that an index tuple addresses, from \p first on.
static ArrayRef<int64_t> indexedDims(NodeBinder &node, int64_t first) {
  ArrayRef<int64_t> data = node.shape(node.operand(0)), indices = node.shape(node.operand(1));
  bool fits = !indices.empty() && first >= 0 && first + indices.back() <= int64_t(data.size());
  return fits ? data.slice(first, indices.back()) : ArrayRef<int64_t>(); // type inference reports what does not fit
}

static LogicalResult importGatherND(NodeBinder &node) {
  int64_t batch = node.version() >= 12 ? node.intAttr("batch_dims", 0, {0, 64}) : 0;
  if (!checkIndices(node, indexedDims(node, batch))) return failure();
  return node.result(node.create<dnn::GatherNDOp>(node.operand(0), node.operand(1), node.i64(batch)));
}

static LogicalResult importScatterElements(NodeBinder &node) {
  Value data = node.operand(0);
  std::optional<int64_t> axis = node.axisAttr("axis", 0, node.rank(data));
  std::string reduction = node.version() >= 16 ? node.stringAttr("reduction", "none") : "none";
  if (!axis || !checkIndices(node, {node.shape(data)[*axis]})) return failure();
  return node.result(node.create<dnn::ScatterElementsOp>(data, node.operand(1), node.operand(2), node.i64(*axis), node.str(reduction)));
}

static LogicalResult importScatterND(NodeBinder &node) {
  std::string reduction = node.version() >= 16 ? node.stringAttr("reduction", "none") : "none";
  if (!checkIndices(node, indexedDims(node, 0))) return failure();
  return node.result(node.create<dnn::ScatterNDOp>(node.operand(0), node.operand(1), node.operand(2), node.str(reduction)));
}

static LogicalResult importOneHot(NodeBinder &node) {
  int64_t rank = node.rank(node.operand(0)) + 1;
  std::optional<int64_t> axis = node.axisAttr("axis", -1, rank);
  std::optional<Ints> declared = node.resultShape();
  bool fromShape = axis && declared && int64_t(declared->size()) == rank && node.varies(1);
  if (fromShape && !node.intsOrDeclared(1, "depth", Ints{(*declared)[*axis]})) return failure();
  auto depth = fromShape ? std::optional(std::vector<double>{double((*declared)[*axis])}) : node.constantFloats(1, "depth");
  if (!depth || !axis) return failure();
  if (depth->size() != 1 || !(depth->front() >= 1 && depth->front() <= double(maxDim)))
    return node.error() << "input 1 ('depth') must be one number between 1 and " << maxDim;
  if (node.shape(node.operand(2)) != ArrayRef<int64_t>{2})
    return node.error() << "input 2 ('values') is " << node.type(node.operand(2)) << "; it must have 2 elements, off and on";
  Value indices = node.operand(0);
  if (!node.type(indices).getElementType().isInteger(32)) indices = node.cast(indices, node.builder.getI64Type());
  return node.result(node.create<dnn::OneHotOp>(indices, node.operand(2), node.i64(int64_t(depth->front())), node.i64(*axis)));
}

void registerIndexing(Registry &registry) {
  const std::vector<std::string> reductions16 = {"none", "add", "mul"}, reductions18 = {"none", "add", "mul", "min", "max"};
  registry.on("Gather", 1, "T I", importGather);
  registry.on("GatherElements", 11, "T I", importGatherElements);
  registry.on("GatherND", 11, "T L", importGatherND);
  registry.on("Scatter", 9, "T I T", importScatterElements).through(10);
  registry.on("ScatterElements", 11, "T I T", importScatterElements);
  registry.on("ScatterElements", 16, "T I T", importScatterElements).allow("reduction", reductions16);
  registry.on("ScatterElements", 18, "T I T", importScatterElements).allow("reduction", reductions18);
  registry.on("ScatterND", 11, "T L T", importScatterND);
  registry.on("ScatterND", 16, "T L T", importScatterND).allow("reduction", reductions16);
  registry.on("ScatterND", 18, "T L T", importScatterND).allow("reduction", reductions18);
  registry.on("OneHot", 9, "N N2 T", importOneHot);
}

} // namespace dnnc::importer
