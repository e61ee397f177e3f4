// A dense pass over a grid of output pixels: conv::direct is one, conv_transpose one per phase of its strides. Pixels are
// numbered along rows and taken a register tile at a time, across row ends, so that small maps waste little.
#pragma once
#include "../../parallel.h"
#include "border.h"

namespace conv {

// The sums of a tile over the rows t0 … t1 of its taps, added to what is there unless t0 is 0.
template <int M, int N, class W> DNNC_NOINLINE void sum_tile(const Grid &g, const Pixels<M> &px, i64 t0, i64 t1, const float *x, const W *b,
                                                             i64 vectors, Border<M> &border, const Zeros &zeros, float *sum) {
  if (px.inside) {
    const float *a[M];
    for (i64 m = 0; m < px.count; ++m) a[m] = x + px.x[m] + t0 * g.dh * g.x_h;
    const matmul::Terms terms = g.terms(t0, t1);
    matmul::accumulate_tile<M, N>(px.count, vectors, {&terms, 1, a, M}, b, t0 == 0, sum);
    return;
  }
  bool first = t0 == 0;
  border.start(g, px, t0, t1);
  do {
    border.fill(g, px, x, zeros);
    matmul::accumulate_tile<M, N>(px.count, vectors, border.list(), b, first, sum);
    first = false;
  } while (!border.finished());
}

// How the work is cut. A unit is one panel of channels for a block of pixels; panels vary fastest, so that a block's input stays
// in the second-level cache while the weights stream past it.
struct Split {
  i64 phases, panels, blocks, block;
};

// Blocks of `pixels` pixels in multiples of `tile`, each reading at most about 256 KB at `per_pixel` floats a pixel, and enough
// of them for every thread to have work. `others` counts the units there would be with one block. by_pixels: each thread gets pixels of its own, as
// in the layers before and behind, rather than channels, so that they stay in its cache.
DNNC_INLINE void cut_blocks(Split &s, i64 pixels, i64 tile, i64 per_pixel, i64 others, i64 threads, bool by_pixels) {
  i64 tiles = (pixels + tile - 1) / tile, blocks = (pixels * per_pixel + 65535) / 65536;
  if (threads > 1 && blocks * others < 4 * threads) blocks = (4 * threads + others - 1) / others;
  if (by_pixels) blocks = (blocks + threads - 1) / threads * threads;
  if (blocks > tiles) blocks = tiles;
  if (blocks < 1) blocks = 1;
  s.block = (tiles + blocks - 1) / blocks * tile;
  s.blocks = (pixels + s.block - 1) / s.block;
}

// Grids gives the grid of a phase: static Grid of(const ConvParams &, i64 phase).
template <int MR, int NRV, class Grids, class W, class Ep> struct GridWork {
  Held<ConvParams> p;
  const float *x;
  const W *w;
  float *y;
  Held<Ep> epilogue;
  Split split;

  // A panel with more floats would crowd the second-level cache: it is taken some rows of taps at a time, with the sums of
  // several tiles waiting meanwhile.
  enum { PANEL_FLOATS = 160 * 1024, TILES = 12 };

  // A tile with all its pixels, vectors and taps, from its terms to y; false if they need more than one list.
  static DNNC_INLINE bool finish_tile(const Grid &g, const Pixels<MR> &px, const matmul::Terms &terms, const float *x, const W *b,
                                      float *y, const Ep &ep, i64 n, i64 column, i64 channels, Border<MR> &border, const Zeros &zeros,
                                      i64 ahead) {
    const float *a[MR];
    matmul::TermList list = {&terms, 1, a, MR, ahead};
    if (px.inside) {
      DNNC_UNROLL for (int m = 0; m < MR; ++m) a[m] = x + px.x[m];
    } else {
      border.start(g, px, 0, g.kh);
      border.fill(g, px, x, zeros);
      if (!border.finished()) return false;
      list = border.list();
      list.ahead = ahead;
    }
    matmul::multiply_finish<MR, NRV>(list, b, y, px.y, ep, n, px.r, column, channels);
    return true;
  }

  DNNC_DEVICE void operator()(i64 begin, i64 end, int) const {
    const Ep ep = epilogue;
    const i64 c = p.c / p.groups, k = p.k / p.groups, depth = p.kh * p.kw * c, nr = NRV * VL;
    const i64 group_size = (k + VL - 1) / VL * VL * depth;
    const Zeros zeros = {};
    alignas(64) float sums[TILES * MR * NRV * VL];
    Pixels<MR> tiles[TILES];
    Border<MR> border;
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
      const W *b = w + group * group_size + panel * nr * depth;
      float *out = y + n * p.y_n + column;
      const matmul::Terms terms = g.terms(0, g.kh);
      const i64 row_floats = g.kw * c * vectors * VL;
      const i64 tap_rows = row_floats * g.kh <= PANEL_FLOATS ? g.kh : row_floats >= PANEL_FLOATS ? 1 : PANEL_FLOATS / row_floats;
      const i64 ahead = tap_rows == g.kh ? MR : TILES * MR, size = MR * vectors * VL;
      const i64 pixels = g.rows * g.cols, last = (block + 1) * split.block < pixels ? (block + 1) * split.block : pixels;
      for (i64 first = block * split.block; first < last; first += ahead) {
        const i64 stop = last - first < ahead ? last : first + ahead, count = (stop - first + MR - 1) / MR;
        for (i64 i = 0; i < count; ++i) tiles[i].set(g, first + i * MR, stop);
        if (ahead == MR && tiles[0].count == MR && vectors == NRV &&
            finish_tile(g, tiles[0], terms, in, b, out, ep, n, column, channels, border, zeros, matmul::Ahead<NRV, W>::of(depth, first / MR))) {
          continue;
        }
        i64 t0 = 0;
        do {
          const i64 t1 = t0 + tap_rows < g.kh ? t0 + tap_rows : g.kh;
          for (i64 i = 0; i < count; ++i) sum_tile<MR, NRV>(g, tiles[i], t0, t1, in, b, vectors, border, zeros, sums + i * size);
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

template <int MR, int NRV, class Grids, class W, class Ep>
inline void run_grids(const ConvParams &p, i64 phases, i64 pixels, i64 per_pixel, const float *x, const W *w, float *y, const Ep &ep,
                      const Par &par) {
  Split split;
  split.phases = phases;
  split.panels = (p.k / p.groups + NRV * VL - 1) / (NRV * VL);
  i64 others = p.n * phases * p.groups * split.panels;
  const i64 weights = p.kh * p.kw * (p.c / p.groups) * p.k; // what all threads would read
  cut_blocks(split, pixels, MR, per_pixel, others, par.threads(), p.n == 1 && p.groups == 1 && weights < pixels * (p.k + per_pixel));
  par.run(others * split.blocks, GridWork<MR, NRV, Grids, W, Ep>{p, x, w, y, ep, split});
}

} // namespace conv
