// Packing of a constant right-hand side for matmul::packed, on the host: panels of nr columns, [panel][k][column in panel]. The
// last panel is only as wide as needed, rounded up to vl; what is beyond column n is 0.
#pragma once
#include "../../prelude.h"

namespace matmul {

constexpr i64 packed_size(i64 k, i64 n, int vl) { return (n + vl - 1) / vl * vl * k; }

// out gets packed_size elements of b[i * rs + c * cs], i < k, c < n.
inline void pack(const float *b, i64 k, i64 n, i64 rs, i64 cs, int nr, int vl, float *out) {
  for (i64 panel = 0; panel < n; panel += nr) {
    i64 left = n - panel, width = left < nr ? (left + vl - 1) / vl * vl : nr;
    for (i64 i = 0; i < k; ++i)
      for (i64 j = 0; j < width; ++j) *out++ = j < left ? b[i * rs + (panel + j) * cs] : 0.0f;
  }
}

} // namespace matmul
