#include "passes/select/Strides.h"

using namespace llvm;

namespace dnnc {

std::optional<int64_t> flattenStride(ArrayRef<int64_t> shape, ArrayRef<int64_t> strides, ArrayRef<int64_t> dims) {
  std::optional<int64_t> stride;
  int64_t next = 0;
  for (int64_t dim : reverse(dims)) {
    if (shape[dim] == 1)
      continue;
    if (stride && strides[dim] != next)
      return std::nullopt;
    if (!stride)
      stride = strides[dim];
    next = strides[dim] * shape[dim];
  }
  return stride.value_or(0);
}

std::optional<SmallVector<int64_t>> reshapeStrides(ArrayRef<int64_t> from, ArrayRef<int64_t> strides, ArrayRef<int64_t> to) {
  SmallVector<int64_t> result(to.size(), 0);
  bool possible = true;
  forEachGroup(from, to, [&](size_t i0, size_t i1, size_t j0, size_t j1) {
    auto stride = flattenStride(from, strides, to_vector(seq<int64_t>(i0, i1)));
    possible &= stride.has_value();
    int64_t next = stride.value_or(0);
    for (size_t j = j1; j > j0; --j) {
      result[j - 1] = next;
      next *= to[j - 1];
    }
  });
  return possible ? std::optional(result) : std::nullopt;
}

void collapseDims(SmallVectorImpl<int64_t> &shape, MutableArrayRef<SmallVector<int64_t>> strides, ArrayRef<int64_t> order) {
  SmallVector<int64_t> newShape;
  SmallVector<SmallVector<int64_t>> newStrides(strides.size());
  for (int64_t dim : order) {
    if (shape[dim] == 1)
      continue;
    bool merges = !newShape.empty();
    for (size_t i = 0; merges && i < strides.size(); ++i)
      merges = newStrides[i].back() == strides[i][dim] * shape[dim];
    if (merges) {
      newShape.back() *= shape[dim];
      for (size_t i = 0; i < strides.size(); ++i)
        newStrides[i].back() = strides[i][dim];
      continue;
    }
    newShape.push_back(shape[dim]);
    for (size_t i = 0; i < strides.size(); ++i)
      newStrides[i].push_back(strides[i][dim]);
  }
  if (newShape.empty()) {
    newShape.push_back(1);
    for (SmallVector<int64_t> &list : newStrides)
      list.push_back(1);
  }
  shape.assign(newShape.begin(), newShape.end());
  for (size_t i = 0; i < strides.size(); ++i)
    strides[i] = newStrides[i];
}

} // namespace dnnc
