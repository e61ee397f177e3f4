// A dense pass over a grid of output pixels: conv::direct is one, conv_transpose one per phase of its strides. Pixels are
// numbered along rows and taken a register tile at a time, across row ends, so that small maps waste little.
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
    return {t1 - t0, m ? 1 : kw, m ? kw * c : c, 1, dh * x_h, dw * x_w, b_h, b_w};
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
      inside = inside && top >= 0 && top + (g.kh - 1) * g.dh < g.h && left >= 0 &&
               left + (stop - m - 1) * g.sw + (g.kw - 1) * g.dw < g.w;
      for (; m < stop; ++m) {
        h[m] = top, w[m] = left, x[m] = in, y[m] = out, r[m] = row;
        left += g.sw, in += g.sw * g.x_w, out += g.y_w, row += g.r_w;
      }
    }
  }
};

// Stands for the channels of a pixel outside the image.
struct Zeros {
  enum { COUNT = 256 };
  float values[COUNT];
};

// The sums of a tile over the rows t0 … t1 of its taps, added to what is there unless t0 is 0.
template <int M, int N>
DNNC_INLINE void sum_inside(const Grid &g, const Pixels<M> &px, i64 t0, i64 t1, const float *x, const float *b, i64 vectors,
                            float *sum) {
  const float *a[M];
  for (i64 m = 0; m < px.count; ++m) a[m] = x + px.x[m] + t0 * g.dh * g.x_h;
  matmul::accumulate_tile<M, N>(px.count, vectors, g.terms(t0, t1), a, b + t0 * g.b_h * vectors * VL, t0 == 0, sum);
}

// The same with taps outside the image: cut into runs that are inside or outside for a pixel as a whole.
template <int M, int N>
DNNC_NOINLINE void sum_border(const Grid &g, const Pixels<M> &px, i64 t0, i64 t1, const float *x, const float *b, i64 vectors,
                              const Zeros &zeros, float *sum) {
  const float *a[M];
  i64 width = vectors * VL;
  bool merged = g.merged(), first = t0 == 0;
  for (i64 t = t0; t < t1; ++t) {
    for (i64 u = 0, end; u < g.kw; u = end) {
      bool any = false, all = true, ok[M];
      end = merged ? g.kw : u + 1;
      for (i64 m = 0; m < px.count; ++m) {
        i64 h = px.h[m] + t * g.dh, w = px.w[m] + u * g.dw;
        bool row = h >= 0 && h < g.h;
        ok[m] = row && w >= 0 && w < g.w;
        if (row && w < 0 && end > u - w) end = u - w;
        if (ok[m] && end > u + g.w - w) end = u + g.w - w;
        a[m] = ok[m] ? x + px.x[m] + t * g.dh * g.x_h + u * g.dw * g.x_w : zeros.values;
        any = any || ok[m];
        all = all && ok[m];
      }
      if (!any) continue;
      i64 length = (end - u) * g.c, step = all ? length : static_cast<i64>(Zeros::COUNT);
      for (i64 o = 0; o < length; o += step) {
        i64 run = length - o < step ? length - o : step;
        matmul::Terms terms = {1, 1, run, 1, 0, 0, 0, 0};
        matmul::accumulate_tile<M, N>(px.count, vectors, terms, a, b + (t * g.b_h + u * g.b_w + o) * width, first, sum);
        first = false;
        for (i64 m = 0; m < px.count; ++m) a[m] += ok[m] ? run : 0;
      }
    }
  }
  if (first) {
    for (i64 i = 0; i < px.count * width; ++i) sum[i] = 0.0f;
  }
}

// How the work is cut. A unit is one panel of channels for a block of pixels; panels vary fastest, so that a block's input stays
// in the second-level cache while the weights stream past it.
struct Split {
  i64 phases, panels, blocks, block;
};

// Blocks of `pixels` pixels in multiples of `tile`, each reading at most about 256 KB at `per_pixel` floats a pixel, and enough
// of them for every thread to have work. `others` counts the units there would be with one block.
DNNC_INLINE void cut_blocks(Split &s, i64 pixels, i64 tile, i64 per_pixel, i64 others, i64 threads) {
  i64 tiles = (pixels + tile - 1) / tile, blocks = (pixels * per_pixel + 65535) / 65536;
  if (threads > 1 && blocks * others < 4 * threads) blocks = (4 * threads + others - 1) / others;
  if (blocks > tiles) blocks = tiles;
  if (blocks < 1) blocks = 1;
  s.block = (tiles + blocks - 1) / blocks * tile;
  s.blocks = (pixels + s.block - 1) / s.block;
}

// Grids gives the grid of a phase: static Grid of(const ConvParams &, i64 phase).
template <int MR, int NRV, class Grids, class Ep> struct GridWork {
  const ConvParams &p;
  const float *x, *w;
  float *y;
  const Ep &epilogue;
  Split split;

  // A panel with more floats would crowd the second-level cache: it is taken some rows of taps at a time, with the sums of
  // several tiles waiting meanwhile.
  enum { PANEL_FLOATS = 160 * 1024, TILES = 12 };

  void operator()(i64 begin, i64 end, int) const {
    const Ep ep = epilogue;
    const i64 c = p.c / p.groups, k = p.k / p.groups, depth = p.kh * p.kw * c, nr = NRV * VL;
    const i64 group_size = (k + VL - 1) / VL * VL * depth;
    const Zeros zeros = {};
    alignas(64) float sums[TILES * MR * NRV * VL];
    Pixels<MR> tiles[TILES];
    for (i64 unit = begin; unit < end; ++unit) {
      i64 rest = unit;
      const i64 panel = rest % split.panels;
      rest /= split.panels;
      const i64 block = rest % split.blocks;
      rest /= split.blocks;
      const i64 group = rest % p.groups;
      rest /= p.groups;
      const i64 phase = rest % split.phases, n = rest / split.phases;

      const Grid g = Grids::of(p, phase);
      const i64 channels = k - panel * nr < nr ? k - panel * nr : nr, vectors = (channels + VL - 1) / VL;
      const i64 column = group * k + panel * nr;
      const float *in = x + n * p.x_n + group * c;
      const float *b = w + group * group_size + panel * nr * depth + g.b0 * vectors * VL;
      float *out = y + n * p.y_n + column;
      const i64 row_floats = g.kw * c * vectors * VL;
      const i64 tap_rows = row_floats * g.kh <= PANEL_FLOATS ? g.kh : row_floats >= PANEL_FLOATS ? 1 : PANEL_FLOATS / row_floats;
      const i64 ahead = tap_rows == g.kh ? MR : TILES * MR, size = MR * vectors * VL;
      const i64 pixels = g.rows * g.cols, last = (block + 1) * split.block < pixels ? (block + 1) * split.block : pixels;
      for (i64 first = block * split.block; first < last; first += ahead) {
        const i64 stop = last - first < ahead ? last : first + ahead, count = (stop - first + MR - 1) / MR;
        for (i64 i = 0; i < count; ++i) tiles[i].set(g, first + i * MR, stop);
        if (ahead == MR && tiles[0].inside && tiles[0].count == MR && channels == nr) {
          const float *a[MR];
          DNNC_UNROLL for (int m = 0; m < MR; ++m) a[m] = in + tiles[0].x[m];
          matmul::multiply_finish<MR, NRV>(g.terms(0, g.kh), a, b, out, tiles[0].y, ep, n, tiles[0].r, column);
          continue;
        }
        i64 t0 = 0;
        do {
          const i64 t1 = t0 + tap_rows < g.kh ? t0 + tap_rows : g.kh;
          for (i64 i = 0; i < count; ++i) {
            if (tiles[i].inside) {
              sum_inside<MR, NRV>(g, tiles[i], t0, t1, in, b, vectors, sums + i * size);
            } else {
              sum_border<MR, NRV>(g, tiles[i], t0, t1, in, b, vectors, zeros, sums + i * size);
            }
          }
          t0 = t1;
        } while (t0 < g.kh);
        for (i64 i = 0; i < count; ++i) {
          for (i64 m = 0; m < tiles[i].count; ++m) {
            matmul::finish_row(sums + i * size + m * vectors * VL, channels, out + tiles[i].y[m], ep, n, tiles[i].r[m], column);
          }
        }
      }
    }
  }
};

template <int MR, int NRV, class Grids, class Ep>
DNNC_INLINE void run_grids(const ConvParams &p, i64 phases, i64 pixels, i64 per_pixel, const float *x, const float *w, float *y,
                           const Ep &ep, const Par &par) {
  Split split;
  split.phases = phases;
  split.panels = (p.k / p.groups + NRV * VL - 1) / (NRV * VL);
  i64 others = p.n * phases * p.groups * split.panels;
  cut_blocks(split, pixels, MR, per_pixel, others, par.threads());
  par.run(others * split.blocks, GridWork<MR, NRV, Grids, Ep>{p, x, w, y, ep, split});
}

} // namespace conv
