// The batch dims of a matmul.
#pragma once
#include "params.h"

namespace matmul {

// Element offsets of batch index `index`.
struct Batch {
  i64 a, b, y;

  DNNC_INLINE Batch(const MatmulParams &p, i64 index) {
    a = b = y = 0;
    for (int d = 3; d >= 0; --d) {
      i64 i = index % p.batch[d];
      index /= p.batch[d];
      a += i * p.a_b[d], b += i * p.b_b[d], y += i * p.y_b[d];
    }
  }
};

DNNC_INLINE i64 batch_count(const MatmulParams &p) { return p.batch[0] * p.batch[1] * p.batch[2] * p.batch[3]; }

} // namespace matmul
