// unique: row numbers sorted by what the rows hold, equal ones by number; then each run of equal rows is one distinct row.
#pragma once
#include "../../parallel.h"
#include "params.h"

namespace bounded {

template <class T> struct Unique {
  Held<UniqueParams> p;
  const T *x;
  const i64 *n;
  i64 *first, *inverse, *counts, *size, *order;

  // Below 0, 0 or above 0 as row a is before, equal to or behind row b.
  DNNC_INLINE int compare(i64 a, i64 b) const {
    const T *u = x + a * p.inner, *v = x + b * p.inner;
    for (i64 i = 0; i < p.inner; ++i) {
      const bool none = u[i] != u[i], other = v[i] != v[i];
      if (none || other) {
        if (none != other) return none ? 1 : -1;
      } else if (u[i] != v[i]) {
        return u[i] < v[i] ? -1 : 1;
      }
    }
    return 0;
  }
  // Rows [begin, middle) and [middle, end) of `from`, each in order, into one; the first goes first among equals.
  DNNC_INLINE void merge(const i64 *from, i64 begin, i64 middle, i64 end, i64 *to) const {
    i64 left = begin, right = middle;
    for (i64 at = begin; at < end; ++at)
      to[at] = right < end && (left == middle || compare(from[right], from[left]) < 0) ? from[right++] : from[left++];
  }

  DNNC_DEVICE void operator()(i64, i64, int) const {
    const i64 rows = *n < 0 ? 0 : *n < p.rows ? *n : p.rows;
    for (i64 i = 0; i < rows; ++i) order[i] = i;
    i64 *sorted = order, *other = inverse;
    for (i64 width = 1; width < rows; width *= 2) {
      for (i64 begin = 0; begin < rows; begin += 2 * width) {
        const i64 middle = begin + width < rows ? begin + width : rows, end = middle + width < rows ? middle + width : rows;
        merge(sorted, begin, middle, end, other);
      }
      i64 *const swapped = sorted;
      sorted = other, other = swapped;
    }
    if (sorted != order)
      for (i64 i = 0; i < rows; ++i) order[i] = sorted[i];
    i64 distinct = 0;
    for (i64 i = 0; i < rows; ++i) {
      if (i == 0 || compare(order[i - 1], order[i])) ++distinct;
      inverse[order[i]] = distinct - 1;
    }
    if (!p.sorted) { // numbered anew, in order of appearance
      for (i64 u = 0; u < distinct; ++u) order[u] = -1;
      i64 next = 0;
      for (i64 i = 0; i < rows; ++i) {
        i64 &number = order[inverse[i]];
        if (number < 0) number = next++;
        inverse[i] = number;
      }
    }
    for (i64 u = 0; u < p.rows; ++u) counts[u] = first[u] = 0;
    for (i64 i = 0; i < rows; ++i)
      if (counts[inverse[i]]++ == 0) first[inverse[i]] = i;
    for (i64 i = rows; i < p.rows; ++i) inverse[i] = 0;
    *size = distinct;
  }
};

template <class T>
void unique(const UniqueParams &p, const T *x, const i64 *n, i64 *first, i64 *inverse, i64 *counts, i64 *size, i64 *order, const Par &par) {
  par.run(1, Unique<T>{p, x, n, first, inverse, counts, size, order});
}

} // namespace bounded
