// Arithmetic on shapes and element strides of views, shared by elision and lowering.
#pragma once

#include "llvm/ADT/ArrayRef.h"
#include "llvm/ADT/STLExtras.h"
#include "llvm/ADT/Sequence.h"
#include "llvm/ADT/SmallVector.h"

#include <cstdint>
#include <optional>

namespace dnnc {

/// An axis counted from the end when it is negative.
inline int64_t fromFront(int64_t axis, int64_t rank) { return axis < 0 ? axis + rank : axis; }

/// A reshape's dims fall into groups with equal products: calls visit(i0, i1, j0, j1) for dims [i0,i1) of \p from, [j0,j1) of \p to.
template <class F> void forEachGroup(llvm::ArrayRef<int64_t> from, llvm::ArrayRef<int64_t> to, F visit) {
  size_t i = 0, j = 0;
  while (i < from.size() || j < to.size()) {
    size_t i0 = i, j0 = j;
    int64_t a = i < from.size() ? from[i++] : 1, b = j < to.size() ? to[j++] : 1;
    while (a != b) {
      if (a < b)
        a *= from[i++];
      else
        b *= to[j++];
    }
    visit(i0, i, j0, j);
  }
}

/// The one stride that walks \p dims (outermost first) as a single dim, or none. Dims of size 1 do not matter.
std::optional<int64_t> flattenStride(llvm::ArrayRef<int64_t> shape, llvm::ArrayRef<int64_t> strides, llvm::ArrayRef<int64_t> dims);

/// The strides of a view of shape \p from seen under shape \p to, or none when data would have to move.
std::optional<llvm::SmallVector<int64_t>> reshapeStrides(llvm::ArrayRef<int64_t> from, llvm::ArrayRef<int64_t> strides,
                                                         llvm::ArrayRef<int64_t> to);

/// Merges dims that all views walk as one; \p order lists the dims from the outermost in memory. On return shape and each strides list
/// have the same, smallest number of dims (at least 1).
void collapseDims(llvm::SmallVectorImpl<int64_t> &shape, llvm::MutableArrayRef<llvm::SmallVector<int64_t>> strides,
                  llvm::ArrayRef<int64_t> order);

} // namespace dnnc
