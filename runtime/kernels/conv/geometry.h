// The pixels of a dense pass: where they read, and where they write.
#pragma once
#include "../matmul/tile.h"
#include "params.h"

namespace conv {

// Output pixel (i, j) reads input pixel (h0 + i * sh + t * dh, w0 + j * sw + u * dw) at tap (t, u), whose weights are rows
// b0 + t * b_h + u * b_w … of a panel. It is written at y0 + i * y_h + j * y_w; the epilogue calls it r0 + i * r_h + j * r_w.
struct Grid {
  i64 rows, cols, h, w, c, sh, sw, h0, w0, kh, kw, dh, dw;
  i64 x_h, x_w, b0, b_h, b_w, y0, y_h, y_w, r0, r_h, r_w;

  // The taps along a row are one contiguous run of x and of the weights.
  DNNC_INLINE bool merged() const { return dw == 1 && x_w == c && b_w == c; }

  // Rows t0 … t1 of the taps of a pixel that has them all.
  DNNC_INLINE matmul::Terms terms(i64 t0, i64 t1) const {
    bool m = merged();
    return {t1 - t0, m ? 1 : kw, m ? kw * c : c, 1, dh * x_h, dw * x_w, b0 + t0 * b_h, b_h, b_w};
  }
};

// Up to M consecutive pixels of a grid; offsets into x may point outside the image.
template <int M> struct Pixels {
  i64 count, h[M], w[M], x[M], y[M], r[M];
  bool inside; // every tap of every pixel lies in the image

  DNNC_INLINE void set(const Grid &g, i64 first, i64 end) {
    count = end - first < M ? end - first : M;
    inside = true;
    i64 i = first / g.cols, j = first - i * g.cols;
    for (i64 m = 0; m < count; i += 1, j = 0) {
      i64 top = g.h0 + i * g.sh, left = g.w0 + j * g.sw, in = top * g.x_h + left * g.x_w;
      i64 out = g.y0 + i * g.y_h + j * g.y_w, row = g.r0 + i * g.r_h + j * g.r_w;
      i64 stop = count - m < g.cols - j ? count : m + g.cols - j;
      inside = inside && top >= 0 && top + (g.kh - 1) * g.dh < g.h && left >= 0 && left + (stop - m - 1) * g.sw + (g.kw - 1) * g.dw < g.w;
      for (; m < stop; ++m) {
        h[m] = top, w[m] = left, x[m] = in, y[m] = out, r[m] = row;
        left += g.sw, in += g.sw * g.x_w, out += g.y_w, row += g.r_w;
      }
    }
  }
};

} // namespace conv
