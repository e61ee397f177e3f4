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

// The one grid of conv::direct.
struct DirectGrid {
  static DNNC_INLINE Grid of(const ConvParams &p, i64) {
    const i64 c = p.c / p.groups;
    Grid g = {p.oh, p.ow,  p.h,   p.w, c,        p.sh, p.sw, -p.pt, -p.pl, p.kh, p.kw, p.dh,
              p.dw, p.x_h, p.x_w, 0,   p.kw * c, c,    0,    p.y_h, p.y_w, 0,    p.ow, 1};
    // 1x1: the image is one long row.
    if (p.kh == 1 && p.kw == 1 && p.sh == 1 && p.sw == 1 && p.pt == 0 && p.pl == 0 && p.oh == p.h && p.ow == p.w && p.x_h == p.w * p.x_w &&
        p.y_h == p.ow * p.y_w) {
      g.rows = g.h = 1;
      g.cols = g.w = p.oh * p.ow;
    }
    return g;
  }
};

// Up to M consecutive pixels of a grid; offsets into x may point outside the image.
template <int M> struct Pixels {
  i64 count, x[M], y[M], r[M];
  bool inside;    // every tap of every pixel lies in the image
  i64 h[M], w[M]; // of its tap (0, 0); only set where that is not so

  DNNC_INLINE void set(const Grid &g, i64 first, i64 end) {
    count = end - first < M ? end - first : M;
    inside = true;
    i64 i = first / g.cols, j = first - i * g.cols;
    if (count == M && j + M <= g.cols) {
      const i64 step = g.sw * g.x_w, in = add_row(g, i, j, M), out = g.y0 + i * g.y_h + j * g.y_w, row = g.r0 + i * g.r_h + j * g.r_w;
      DNNC_UNROLL for (int m = 0; m < M; ++m) x[m] = in + m * step, y[m] = out + m * g.y_w, r[m] = row + m * g.r_w;
    } else {
      const i64 step = g.sw * g.x_w, left = j;
      i64 top = i;
      for (i64 m = 0; m < count; ++top, j = 0) {
        i64 stop = count - m < g.cols - j ? count : m + g.cols - j;
        i64 in = add_row(g, top, j, stop - m), out = g.y0 + top * g.y_h + j * g.y_w, row = g.r0 + top * g.r_h + j * g.r_w;
        for (; m < stop; ++m) {
          x[m] = in, y[m] = out, r[m] = row;
          in += step, out += g.y_w, row += g.r_w;
        }
      }
      j = left;
    }
    if (!inside) set_taps(g, i, j);
  }

private:
  // Where pixel (i, j) reads; notes whether it and those behind it in the row, `length` in all, lie inside.
  DNNC_INLINE i64 add_row(const Grid &g, i64 i, i64 j, i64 length) {
    const i64 top = g.h0 + i * g.sh, left = g.w0 + j * g.sw, right = left + (length - 1) * g.sw + (g.kw - 1) * g.dw;
    inside = inside && top >= 0 && top + (g.kh - 1) * g.dh < g.h && left >= 0 && right < g.w;
    return top * g.x_h + left * g.x_w;
  }
  DNNC_INLINE void set_taps(const Grid &g, i64 i, i64 j) {
    i64 top = g.h0 + i * g.sh, left = g.w0 + j * g.sw;
    for (i64 m = 0; m < count; ++m) {
      h[m] = top, w[m] = left;
      left += g.sw;
      if (++j == g.cols) j = 0, left = g.w0, top += g.sh;
    }
  }
};

} // namespace conv
