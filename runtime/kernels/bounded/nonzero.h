// nonzero: the coordinates of the true elements of a mask.
#pragma once
#include "../move/bits.h"
#include "params.h"

namespace bounded {

struct NonZero {
  Held<NonZeroParams> p;
  const bool *x;
  i64 *y, *count;

  DNNC_DEVICE void operator()(i64, i64, int) const {
    const i64 all = move::product(p.rank, p.shape), cols = p.rank ? p.shape[p.rank - 1] : 1;
    i64 found = 0;
    for (i64 row = 0; row < all; row += cols) {
      const i64 before = found;
      i64 *last = y + (p.rank - 1) * all; // the coordinates of the innermost dim
      for (i64 c = 0; c < cols; ++c)
        if (x[row + c]) {
          if (p.rank) last[found] = c;
          ++found;
        }
      i64 rest = row / cols;
      for (i64 d = p.rank - 2; d >= 0 && found > before; --d) {
        for (i64 j = before; j < found; ++j) y[d * all + j] = rest % p.shape[d];
        rest /= p.shape[d];
      }
    }
    for (i64 d = 0; d < p.rank; ++d)
      for (i64 j = found; j < all; ++j) y[d * all + j] = 0;
    *count = found;
  }
};

inline void nonzero(const NonZeroParams &p, const bool *x, i64 *y, i64 *count, const Par &par) { par.run(1, NonZero{p, x, y, count}); }

} // namespace bounded
