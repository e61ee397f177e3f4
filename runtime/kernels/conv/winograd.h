// conv::winograd: the contract is in params.h. F(OUT, 3): an output tile of OUT × OUT pixels takes (OUT + 2)² products per pair of channels
// in place of 9 OUT². A unit is a block of tiles and a panel of output channels. For a block, V, the transformed input of all channels,
// is made once; then for each panel the sums M = V U, a matrix product at each point, and at once the inverse transform with the
// epilogue. V and M stay in the second-level cache while the weights stream past them. Against conv::direct with warm caches on Zen 5:
// 64 channels on 56x56 3.7 times as fast with AVX2 and 3.4 with AVX-512, 256 on 14x14 2.8 and 2.7; passes/lower/Winograd.cpp has the rest.
#pragma once
#include "../../parallel.h"
#include "../matmul/tile.h"
#include "params.h"
#include "winograd/transform.h"

namespace conv {

// Which outputs a tile has, and where its inputs begin: at (top, left), maybe outside the image.
struct WinogradTile {
  i64 row, column, top, left;

  DNNC_INLINE WinogradTile(const WinogradParams &p, i64 out, i64 index) {
    const i64 columns = (p.ow + out - 1) / out;
    row = index / columns * out;
    column = index % columns * out;
    top = row - p.pt;
    left = column - p.pl;
  }
};

// The input of a tile transformed, for one vector of channels: pixel (i, j) is at x[at + i * x_h + j * x_w], point q goes to v[q * step].
// Rows and columns outside [r0, r1) × [c0, c1) of the tile are 0.
template <int OUT, bool INSIDE, class L>
DNNC_INLINE void winograd_input(const float *x, i64 at, i64 x_h, i64 x_w, i64 r0, i64 r1, i64 c0, i64 c1, float *v, i64 step, L lanes) {
  enum { IN = OUT + 2 };
  vf w[IN][IN];
  for (i64 j = 0; j < IN; ++j) {
    vf d[IN], o[IN];
    if (INSIDE || (j >= c0 && j < c1)) {
      DNNC_UNROLL for (int i = 0; i < IN; ++i) d[i] = INSIDE || (i >= r0 && i < r1) ? load(x + (at + j * x_w + i * x_h), lanes) : zero();
      WinogradTransform<OUT>::input(d, o);
    } else {
      DNNC_UNROLL for (int i = 0; i < IN; ++i) o[i] = zero();
    }
    DNNC_UNROLL for (int i = 0; i < IN; ++i) w[i][j] = o[i];
  }
  for (i64 i = 0; i < IN; ++i) {
    vf o[IN];
    WinogradTransform<OUT>::input(w[i], o);
    DNNC_UNROLL for (int j = 0; j < IN; ++j) store(v + (i * IN + j) * step, o[j], Full{});
  }
}

// V of `count` tiles from `first` on: [point][tile][channel], points `step` apart.
template <int OUT> DNNC_NOINLINE void winograd_inputs(const WinogradParams &p, const float *x, i64 first, i64 count, float *v, i64 step) {
  const i64 in = OUT + 2, width = (p.c + VL - 1) / VL * VL;
  for (i64 t = 0; t < count; ++t, v += width) {
    const WinogradTile tile(p, OUT, first + t);
    const i64 at = tile.top * p.x_h + tile.left * p.x_w;
    const i64 r0 = tile.top < 0 ? -tile.top : 0, r1 = p.h - tile.top < in ? p.h - tile.top : in;
    const i64 c0 = tile.left < 0 ? -tile.left : 0, c1 = p.w - tile.left < in ? p.w - tile.left : in;
    const bool inside = r0 == 0 && r1 == in && c0 == 0 && c1 == in;
    i64 c = 0;
    if (inside) {
      for (; c + VL <= p.c; c += VL) winograd_input<OUT, true>(x, at + c, p.x_h, p.x_w, 0, in, 0, in, v + c, step, Full{});
    } else {
      for (; c + VL <= p.c; c += VL) winograd_input<OUT, false>(x, at + c, p.x_h, p.x_w, r0, r1, c0, c1, v + c, step, Full{});
    }
    if (c < p.c) winograd_input<OUT, false>(x, at + c, p.x_h, p.x_w, r0, r1, c0, c1, v + c, step, Part{static_cast<int>(p.c - c)});
  }
}

// Weights that the next point will need, fetched into the second-level cache `step` floats for each channel of this one.
struct WinogradAhead {
  const float *next;
  i64 step;
};

template <bool FETCH, int M, int N>
DNNC_INLINE void winograd_tile(const float *a, i64 a_row, const float *b, i64 c, float *sum, WinogradAhead ahead) {
  const float *rows[M];
  DNNC_UNROLL for (int i = 0; i < M; ++i) rows[i] = a + i * a_row;
  vf acc[M][N];
  DNNC_UNROLL for (int i = 0; i < M; ++i) { DNNC_UNROLL for (int j = 0; j < N; ++j) acc[i][j] = zero(); }
  i64 k = 0;
  if constexpr (FMA_LANES != 0) matmul::multiply_lanes(acc, rows, k, b, b + c * N * VL);
  for (; k < c; ++k, b += N * VL) {
    if constexpr (FETCH) {
      __builtin_prefetch(ahead.next, 0, 2);
      ahead.next += ahead.step;
    }
    vf column[N];
    DNNC_UNROLL for (int j = 0; j < N; ++j) column[j] = load(b + j * VL, Full{});
    DNNC_UNROLL for (int i = 0; i < M; ++i) {
      const vf x = splat(rows[i][k]);
      DNNC_UNROLL for (int j = 0; j < N; ++j) acc[i][j] = fma(x, column[j], acc[i][j]);
    }
  }
  DNNC_UNROLL for (int i = 0; i < M; ++i) { DNNC_UNROLL for (int j = 0; j < N; ++j) store(sum + (i * N + j) * VL, acc[i][j], Full{}); }
}

// The rows of a block that fill no tile of M rows.
template <bool FETCH, int M, int N>
DNNC_INLINE void winograd_rest(i64 rows, const float *a, i64 a_row, const float *b, i64 c, float *sum, WinogradAhead ahead) {
  if (rows == M) {
    winograd_tile<FETCH, M, N>(a, a_row, b, c, sum, ahead);
  } else if constexpr (M > 1) {
    winograd_rest<FETCH, M - 1, N>(rows, a, a_row, b, c, sum, ahead);
  }
}

// sum[row][channel of the panel] = Σ over c of a[row * a_row + c] * b[c][channel], at one point. FETCH: the next point's weights, which
// follow, are fetched a part with each register tile, so that memory is busy all the time and not only when they are first used.
template <bool FETCH, int MR, int N>
DNNC_NOINLINE void winograd_sums(i64 rows, const float *a, i64 a_row, const float *b, i64 c, float *sum) {
  WinogradAhead ahead = {b + c * N * VL, N * VL / ((rows + MR - 1) / MR)};
  for (; rows >= MR; rows -= MR, a += MR * a_row, sum += MR * N * VL, ahead.next += c * ahead.step) {
    winograd_tile<FETCH, MR, N>(a, a_row, b, c, sum, ahead);
  }
  if constexpr (MR > 1) winograd_rest<FETCH, MR - 1, N>(rows, a, a_row, b, c, sum, ahead);
}

// The same at all points, for a panel of `vectors` <= N vectors.
template <int POINTS, int MR, int N>
DNNC_INLINE void winograd_products(i64 vectors, i64 rows, const float *v, i64 v_step, i64 v_row, const float *b, i64 c, float *m, i64 m_step) {
  // One line for each channel, and so many of them that they come from memory: there it gains up to a quarter. Wider panels are
  // fetched early enough by the processor.
  constexpr bool line = N * VL * sizeof(float) == 64 && FMA_LANES == 0;
  if (vectors == N) {
    for (i64 q = 0; q < POINTS; ++q) {
      const float *from = v + q * v_step, *weights = b + q * c * N * VL;
      if (line && c >= 256) winograd_sums<line, MR, N>(rows, from, v_row, weights, c, m + q * m_step);
      else winograd_sums<false, MR, N>(rows, from, v_row, weights, c, m + q * m_step);
    }
  } else if constexpr (N > 1) {
    winograd_products<POINTS, MR, N - 1>(vectors, rows, v, v_step, v_row, b, c, m, m_step);
  }
}

// The outputs of a tile, for one vector of channels; point q is at m[q * step].
template <int OUT, class Ep, class L>
DNNC_INLINE void winograd_output(const float *m, i64 step, float *y, const WinogradParams &p, const WinogradTile &tile, const Ep &ep, i64 n,
                                 i64 k, L lanes) {
  enum { IN = OUT + 2 };
  vf w[OUT][IN];
  for (i64 j = 0; j < IN; ++j) {
    vf d[IN], o[OUT];
    DNNC_UNROLL for (int i = 0; i < IN; ++i) d[i] = load(m + (i * IN + j) * step, Full{});
    WinogradTransform<OUT>::output(d, o);
    DNNC_UNROLL for (int i = 0; i < OUT; ++i) w[i][j] = o[i];
  }
  const i64 rows = p.oh - tile.row < OUT ? p.oh - tile.row : OUT, columns = p.ow - tile.column < OUT ? p.ow - tile.column : OUT;
  for (i64 i = 0; i < rows; ++i) {
    vf o[OUT];
    WinogradTransform<OUT>::output(w[i], o);
    float *out = y + (tile.row + i) * p.y_h + tile.column * p.y_w;
    const i64 r = (tile.row + i) * p.ow + tile.column;
    for (i64 j = 0; j < columns; ++j) store(out + j * p.y_w, ep(o[j], n, r + j, k, lanes), lanes);
  }
}

template <int OUT, int MR, int NRV, class Ep> struct WinogradWork {
  enum { IN = OUT + 2, POINTS = IN * IN };
  Held<WinogradParams> p;
  const float *x, *w;
  float *y, *scratch;
  Held<Ep> epilogue;
  i64 tiles, blocks, panels;

  DNNC_DEVICE void operator()(i64 begin, i64 end, int thread) const {
    const Ep ep = epilogue;
    const i64 width = (p.c + VL - 1) / VL * VL, v_step = winograd_step(p.block * width), m_step = winograd_step(p.block * NRV * VL);
    float *v = scratch + thread * winograd_scratch_size(OUT, p.block, p.c, NRV * VL, VL), *m = v + POINTS * v_step;
    i64 transformed = -1;
    for (i64 unit = begin; unit < end; ++unit) {
      const i64 place = unit / panels, n = place / blocks, first = place % blocks * p.block, k = unit % panels * (NRV * VL);
      const i64 count = tiles - first < p.block ? tiles - first : p.block;
      const i64 channels = p.k - k < NRV * VL ? p.k - k : NRV * VL, vectors = (channels + VL - 1) / VL;
      if (place != transformed) {
        winograd_inputs<OUT>(p, x + n * p.x_n, first, count, v, v_step);
        transformed = place;
      }
      winograd_products<POINTS, MR, NRV>(vectors, count, v, v_step, width, w + k * p.c * POINTS, p.c, m, m_step);
      for (i64 t = 0; t < count; ++t) {
        const WinogradTile tile(p, OUT, first + t);
        const float *sums = m + t * vectors * VL;
        float *out = y + n * p.y_n + k;
        i64 c = 0;
        for (; c + VL <= channels; c += VL) winograd_output<OUT>(sums + c, m_step, out + c, p, tile, ep, n, k + c, Full{});
        if (c < channels) winograd_output<OUT>(sums + c, m_step, out + c, p, tile, ep, n, k + c, Part{static_cast<int>(channels - c)});
      }
    }
  }
};

template <int OUT, int MR, int NRV, class Ep>
void winograd(const WinogradParams &p, const float *x, const float *w, float *y, float *scratch, const Ep &ep, const Par &par) {
  const i64 tiles = ((p.oh + OUT - 1) / OUT) * ((p.ow + OUT - 1) / OUT), blocks = (tiles + p.block - 1) / p.block;
  const i64 panels = (p.k + NRV * VL - 1) / (NRV * VL);
  par.run(p.n * blocks * panels, WinogradWork<OUT, MR, NRV, Ep>{p, x, w, y, scratch, ep, tiles, blocks, panels});
}

} // namespace conv
