// Memory orders of tensors and the layout attribute.
#include "dialects/dnn/Dnn.h"

#include "llvm/ADT/SmallBitVector.h"

using namespace mlir;

namespace dnnc::dnn {

static bool isPermutation(ArrayRef<int64_t> order) {
  llvm::SmallBitVector seen(order.size());
  for (int64_t dim : order) {
    if (dim < 0 || dim >= int64_t(order.size()) || seen[dim])
      return false;
    seen.set(dim);
  }
  return true;
}

LogicalResult LayoutAttr::verify(function_ref<InFlightDiagnostic()> emitError, ArrayRef<int64_t> order) {
  if (!isPermutation(order))
    return emitError() << "layout [" << order << "] is not a permutation of 0.." << int64_t(order.size()) - 1;
  return success();
}

LogicalResult LayoutAttr::verifyEncoding(ArrayRef<int64_t> shape, Type, function_ref<InFlightDiagnostic()> emitError) const {
  if (shape.size() != getOrder().size())
    return emitError() << "layout [" << getOrder() << "] has " << getOrder().size() << " dims, the tensor " << shape.size();
  return success();
}

Order identityOrder(int64_t rank) { return llvm::to_vector<6>(llvm::seq<int64_t>(0, rank)); }

Order channelsLastOrder(int64_t rank) {
  Order order = identityOrder(rank);
  if (rank > 2) {
    order.erase(order.begin() + 1);
    order.push_back(1);
  }
  return order;
}

Order orderOf(RankedTensorType type) {
  if (auto layout = dyn_cast_or_null<LayoutAttr>(type.getEncoding()))
    return Order(layout.getOrder());
  return identityOrder(type.getRank());
}

RankedTensorType withOrder(RankedTensorType type, ArrayRef<int64_t> order) {
  Attribute encoding;
  if (!llvm::equal(order, identityOrder(type.getRank())))
    encoding = LayoutAttr::get(type.getContext(), order);
  return RankedTensorType::get(type.getShape(), type.getElementType(), encoding);
}

SmallVector<int64_t> physicalShape(RankedTensorType type) {
  SmallVector<int64_t> shape;
  for (int64_t dim : orderOf(type))
    shape.push_back(type.getDimSize(dim));
  return shape;
}

SmallVector<int64_t> logicalStrides(RankedTensorType type) {
  SmallVector<int64_t> strides(type.getRank());
  Order order = orderOf(type);
  int64_t stride = 1;
  for (int64_t dim : llvm::reverse(order)) {
    strides[dim] = stride;
    stride *= type.getDimSize(dim);
  }
  return strides;
}

bool sameMemory(ArrayRef<int64_t> shape, ArrayRef<int64_t> a, ArrayRef<int64_t> b) {
  auto significant = [&](ArrayRef<int64_t> order) {
    return llvm::to_vector(llvm::make_filter_range(order, [&](int64_t dim) { return shape[dim] != 1; }));
  };
  return significant(a) == significant(b);
}

} // namespace dnnc::dnn
