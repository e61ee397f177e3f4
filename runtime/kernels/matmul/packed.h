// matmul::packed: the contract is in params.h. MR rows × NRV vectors of columns at a time.
#pragma once
#include "batch.h"
#include "tile.h"

namespace matmul {

// How the work is cut. A unit is one panel of columns for a block of rows of one batch index; panels vary fastest, so that a
// block of a stays in the second-level cache while the panels stream past it.
struct Split {
  i64 batches, panels, blocks, block;
};

// Blocks of rows, each reading at most about 512 KB of a, and enough of them for every thread to have work.
DNNC_INLINE Split cut(const MatmulParams &p, i64 mr, i64 nr, i64 threads) {
  Split s;
  s.batches = batch_count(p);
  s.panels = (p.n + nr - 1) / nr;
  i64 tiles = (p.m + mr - 1) / mr, blocks = (p.m * p.k + 131071) / 131072, others = s.batches * s.panels;
  if (threads > 1 && others > 0 && blocks * others < 4 * threads) blocks = (4 * threads + others - 1) / others;
  // Each thread gets rows of its own, as in the layers before and behind, where they are more than the weights that all then read.
  if (s.batches == 1 && p.k * p.n < p.m * (p.k + p.n)) blocks = (blocks + threads - 1) / threads * threads;
  if (blocks > tiles) blocks = tiles;
  if (blocks < 1) blocks = 1;
  s.block = (tiles + blocks - 1) / blocks * mr;
  s.blocks = s.block > 0 ? (p.m + s.block - 1) / s.block : 0;
  return s;
}

// Rows first … last of y for one panel, which starts at column `column`.
template <int MR, int NRV, class W, class Ep> DNNC_INLINE void multiply_panel(const MatmulParams &p, const float *a, const W *b, float *y,
                                                                              const Ep &ep, i64 n, i64 first, i64 last, i64 column) {
  // A long sum is taken in pieces, so that its piece of the panel stays in the second-level cache for several tiles.
  enum { DEPTH = 64 * 1024 / (NRV * VL), TILES = 12 };
  alignas(64) float sums[TILES * MR * NRV * VL];
  const i64 left = p.n - column, columns = left < NRV * VL ? left : NRV * VL, vectors = (columns + VL - 1) / VL;
  const i64 ahead = p.k <= DEPTH ? MR : TILES * MR, size = vectors * VL;
  for (i64 r0 = first; r0 < last; r0 += ahead) {
    const i64 r1 = last - r0 < ahead ? last : r0 + ahead;
    if (p.k <= DEPTH && r1 - r0 == MR && vectors == NRV) {
      const Terms terms = {1, 1, p.k, p.a_cs, 0, 0, 0, 0, 0};
      const float *rows[MR];
      i64 y_row[MR], row[MR];
      DNNC_UNROLL for (int i = 0; i < MR; ++i) {
        rows[i] = a + (r0 + i) * p.a_rs;
        y_row[i] = (r0 + i) * p.y_rs;
        row[i] = r0 + i;
      }
      const i64 next = Ahead<NRV, W>::of(p.k, r0 / MR);
      multiply_finish<MR, NRV>(TermList{&terms, 1, rows, MR, next}, b, y + column, y_row, ep, n, row, column, columns);
      continue;
    }
    i64 k0 = 0;
    do {
      const i64 depth = p.k - k0 < DEPTH ? p.k - k0 : static_cast<i64>(DEPTH);
      const Terms terms = {1, 1, depth, p.a_cs, 0, 0, k0, 0, 0};
      for (i64 r = r0; r < r1; r += MR) {
        const i64 count = r1 - r < MR ? r1 - r : MR;
        const float *rows[MR];
        for (i64 i = 0; i < count; ++i) rows[i] = a + (r + i) * p.a_rs + k0 * p.a_cs;
        accumulate_tile<MR, NRV>(count, vectors, TermList{&terms, 1, rows, MR}, b, k0 == 0, sums + (r - r0) * size);
      }
      k0 += depth;
    } while (k0 < p.k);
    for (i64 r = r0; r < r1; ++r) finish_row(sums + (r - r0) * size, columns, y + r * p.y_rs + column, ep, n, r, column);
  }
}

// One row: a few panels at a time, to keep enough sums and enough streams of memory in flight.
template <int NRV, class W, class Ep> struct RowWork {
  Held<MatmulParams> p;
  const float *a;
  const W *b;
  float *y;
  Held<Ep> epilogue;
  i64 panels;

  enum { STREAMS = NRV >= 4 ? 2 : 4 };

  DNNC_DEVICE void operator()(i64 begin, i64 end, int) const {
    const Ep ep = epilogue;
    const i64 nr = NRV * VL;
    alignas(64) float sums[STREAMS * NRV * VL];
    for (i64 unit = begin; unit < end;) {
      const i64 n = unit / panels, panel = unit - n * panels, column = panel * nr;
      const Batch batch(p, n);
      const float *row = a + batch.a;
      const W *w = b + batch.b + column * p.k;
      float *out = y + batch.y + column;
      const i64 whole = p.n / nr - panel; // panels from here on that are nr wide
      if (whole >= STREAMS && end - unit >= STREAMS) {
        accumulate_row<STREAMS, NRV>(row, p.a_cs, w, p.k, sums);
        finish_row(sums, STREAMS * nr, out, ep, n, 0, column);
        unit += STREAMS;
      } else {
        const i64 columns = p.n - column < nr ? p.n - column : nr;
        const Terms terms = {1, 1, p.k, p.a_cs, 0, 0, 0, 0, 0};
        accumulate_vectors<1, NRV>((columns + VL - 1) / VL, TermList{&terms, 1, &row, 1}, 0, w, true, sums);
        finish_row(sums, columns, out, ep, n, 0, column);
        ++unit;
      }
    }
  }
};

template <int MR, int NRV, class W, class Ep> struct PackedWork {
  Held<MatmulParams> p;
  const float *a;
  const W *b;
  float *y;
  Held<Ep> epilogue;
  Split split;

  DNNC_DEVICE void operator()(i64 begin, i64 end, int) const {
    const Ep ep = epilogue;
    for (i64 unit = begin; unit < end; ++unit) {
      const i64 panel = unit % split.panels, block = unit / split.panels % split.blocks;
      const i64 n = unit / split.panels / split.blocks, column = panel * (NRV * VL);
      const i64 first = block * split.block, last = p.m - first < split.block ? p.m : first + split.block;
      const Batch batch(p, n);
      multiply_panel<MR, NRV>(p, a + batch.a, b + batch.b + column * p.k, y + batch.y, ep, n, first, last, column);
    }
  }
};

template <int MR, int NRV, class W, class Ep>
void packed(const MatmulParams &p, const float *a, const W *b, float *y, const Ep &ep, const Par &par) {
  if (p.m == 1) {
    const i64 panels = (p.n + NRV * VL - 1) / (NRV * VL);
    par.run(batch_count(p) * panels, RowWork<NRV, W, Ep>{p, a, b, y, ep, panels});
    return;
  }
  const Split split = cut(p, MR, NRV * VL, par.threads());
  par.run(split.batches * split.blocks * split.panels, PackedWork<MR, NRV, W, Ep>{p, a, b, y, ep, split});
}

} // namespace matmul
