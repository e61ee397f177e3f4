// conv::padded: conv::direct on a copy of the rows that a block of outputs reads, zeros where it reaches outside the image. The contract is in
// params.h. Direct lists the terms of each tile that has a part of its window outside, panel after panel: on small maps, or with large windows, nearly all
// of them have, and where the sums are short that takes longer than they do. The sums are the same, in the same order.
#pragma once
#include "grid.h"

namespace conv {

// The epilogue of rows from one on, of one image.
template <class Ep> struct FromRow {
  Ep ep;
  i64 n, row;
  template <class L> DNNC_INLINE vf operator()(vf acc, i64, i64 r, i64 c, L lanes) const { return ep(acc, n, row + r, c, lanes); }
};

template <int MR, int NRV, class Ep> struct PaddedWork {
  Held<ConvParams> p;
  const float *x, *w;
  float *y, *scratch;
  Held<Ep> epilogue;
  i64 block, blocks; // rows of y in a block; blocks of an image

  static DNNC_INLINE void fill_zeros(float *to, i64 count) {
    i64 i = 0;
    for (; i + VL <= count; i += VL) store(to + i, zero(), Full{});
    for (; i < count; ++i) to[i] = 0;
  }

  // The rows of the image from `top` on: [row][column][channel].
  DNNC_NOINLINE void copy_rows(float *to, const float *image, i64 top, i64 rows, i64 columns) const {
    const i64 left = p.pl < columns ? p.pl : columns, end = p.pl + p.w < columns ? p.pl + p.w : columns, size = columns * p.c;
    for (i64 r = top; r < top + rows; ++r, to += size) {
      if (r < 0 || r >= p.h || left == end) {
        fill_zeros(to, size);
        continue;
      }
      const float *row = image + r * p.x_h;
      fill_zeros(to, left * p.c);
      if (p.x_w == p.c) copy_floats(to + left * p.c, row, (end - left) * p.c);
      else for (i64 j = left; j < end; ++j) copy_floats(to + j * p.c, row + (j - left) * p.x_w, p.c);
      fill_zeros(to + end * p.c, (columns - end) * p.c);
    }
  }

  DNNC_DEVICE void operator()(i64 begin, i64 end, int thread) const {
    const i64 columns = padded_columns(p), panels = (p.k / p.groups + NRV * VL - 1) / (NRV * VL);
    float *copy = scratch + thread * padded_scratch_size(p);
    for (i64 unit = begin; unit < end; ++unit) {
      const i64 n = unit / blocks, first = unit % blocks * block, count = p.oh - first < block ? p.oh - first : block;
      ConvParams q = p;
      q.n = 1, q.oh = count, q.h = padded_rows(p, count), q.w = columns, q.pt = q.pl = 0, q.x_w = p.c, q.x_h = columns * p.c;
      copy_rows(copy, x + n * p.x_n, first * p.sh - p.pt, q.h, columns);
      const FromRow<Ep> from = {epilogue, n, first * p.ow};
      const Split split = {1, panels, 1, (count * p.ow + MR - 1) / MR * MR};
      GridWork<MR, NRV, DirectGrid, float, FromRow<Ep>>{q, copy, w, y + n * p.y_n + first * p.y_h, from, split}(0, panels * p.groups, 0);
    }
  }
};

template <int MR, int NRV, class Ep>
void padded(const ConvParams &p, const float *x, const float *w, float *y, float *scratch, const Ep &ep, const Par &par) {
  const i64 most = padded_block(p), units = 2 * par.threads(), share = (p.n * p.oh + units - 1) / units; // two blocks for each thread
  const i64 block = share < most ? share : most, blocks = (p.oh + block - 1) / block;
  par.run(p.n * blocks, PaddedWork<MR, NRV, Ep>{p, x, w, y, scratch, ep, block, blocks});
}

} // namespace conv
