#include "compiler/import/Elements.h"

using namespace mlir;

namespace dnnc::importer {

std::optional<Element> movedFrom(NodeBinder &node, Element element) {
  auto [tensor, index] = element;
  Operation *op = tensor.getDefiningOp();
  if (!op) return std::nullopt;
  if (auto reshape = dyn_cast<dnn::ReshapeOp>(op)) return Element{reshape.getInput(), index};
  if (auto broadcast = dyn_cast<dnn::BroadcastOp>(op); broadcast && node.type(broadcast.getInput()).getNumElements() == 1)
    return Element{broadcast.getInput(), 0};
  if (auto gather = dyn_cast<dnn::GatherOp>(op); gather && node.rank(gather.getData()) == 1) {
    ElementsAttr indices = node.constantOf(gather.getIndices());
    if (!indices) return std::nullopt;
    int64_t at = constantValues<int64_t>(indices)[index], count = node.shape(gather.getData())[0];
    return Element{gather.getData(), at < 0 ? at + count : at};
  }
  if (node.rank(tensor) != 1) return std::nullopt;
  if (auto slice = dyn_cast<dnn::SliceOp>(op)) return Element{slice.getInput(), slice.getStarts()[0] + index * slice.getSteps()[0]};
  if (auto concat = dyn_cast<dnn::ConcatOp>(op))
    for (Value part : concat.getInputs()) {
      int64_t size = node.type(part).getNumElements();
      if (index < size) return Element{part, index};
      index -= size;
    }
  return std::nullopt;
}

} // namespace dnnc::importer
