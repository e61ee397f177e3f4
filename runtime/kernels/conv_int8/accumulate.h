// The inner loop: exact sums of products, an entry at a time, for a tile of pixels × vectors of output channels.
#pragma once
#include "../../parallel.h"
#include "../../simd.h"
#include "params.h"

namespace conv_int8 {

constexpr Dot own_dot() { return dot_of(DNNC_ISA); }

// What a tile is made of: entry e multiplies the four bytes at offsets[e] from each pixel with the four of each channel. The first
// `regular` entries come in runs whose bytes lie together.
struct Panel {
  const int32_t *offsets;
  i64 entries, regular, run;
  const int8_t *w;
  const int32_t *bias;
};

// Part of multiply for machines that multiply by a lane: DOT_LANES entries of a run.
template <int M, int N, int LANE = 0> DNNC_INLINE void multiply_lane(vi (&acc)[M][N], const vi (&x)[M], const int8_t *w) {
  if constexpr (LANE < DOT_LANES) {
    DNNC_UNROLL for (int j = 0; j < N; ++j) {
      const vi column = load_bytes4(w + (LANE * N + j) * VL * 4);
      DNNC_UNROLL for (int i = 0; i < M; ++i) acc[i][j] = dot4_lane(acc[i][j], x[i], column, Lane<LANE>{});
    }
    multiply_lane<M, N, LANE + 1>(acc, x, w);
  }
}
template <Dot D, int M, int N> DNNC_INLINE void multiply_entry(vi (&acc)[M][N], const uint8_t *const (&x)[M], i64 offset, const int8_t *w) {
  vi column[N];
  DNNC_UNROLL for (int j = 0; j < N; ++j) column[j] = load_bytes4(w + j * VL * 4);
  DNNC_UNROLL for (int i = 0; i < M; ++i) {
    const vi bytes = splat_bytes4(x[i] + offset);
    DNNC_UNROLL for (int j = 0; j < N; ++j) {
      if constexpr (D == Dot::PAIRS) acc[i][j] = dot4_pairs(acc[i][j], bytes, column[j]);
      else acc[i][j] = dot4(acc[i][j], bytes, column[j]);
    }
  }
}

// Dot::FOURS: two entries.
template <int M, int N>
DNNC_INLINE void multiply_unit(vi (&acc)[M][N], const uint8_t *const (&x)[M], const int32_t *offsets, const int8_t *w) {
  vi column[2][N];
  DNNC_UNROLL for (int j = 0; j < N; ++j) {
    column[0][j] = load_bytes4(w + j * VL * 4);
    column[1][j] = load_bytes4(w + (N + j) * VL * 4);
  }
  DNNC_UNROLL for (int i = 0; i < M; ++i) {
    const vi first = splat_bytes4(x[i] + offsets[0]), second = splat_bytes4(x[i] + offsets[1]);
    DNNC_UNROLL for (int j = 0; j < N; ++j) acc[i][j] = dot8(acc[i][j], first, column[0][j], second, column[1][j]);
  }
}

// acc[i][j] = bias + the sums, for M pixels and a panel N vectors wide.
template <Dot D, int M, int N> DNNC_INLINE void multiply(vi (&acc)[M][N], const Panel &panel, const uint8_t *const *pixels) {
  const uint8_t *x[M];
  DNNC_UNROLL for (int i = 0; i < M; ++i) {
    x[i] = pixels[i];
    DNNC_UNROLL for (int j = 0; j < N; ++j) acc[i][j] = load_i32(panel.bias + j * VL, Full{});
  }
  const int8_t *w = panel.w;
  i64 e = 0;
  if constexpr (D == Dot::FOURS) {
    for (; e < panel.entries; e += 2, w += 2 * N * VL * 4) multiply_unit(acc, x, panel.offsets + e, w);
    return;
  }
  if constexpr (DOT_LANES != 0) {
    const i64 lanes = DOT_LANES != 0 ? DOT_LANES : 1;
    while (e < panel.regular) {
      for (i64 i = panel.run / lanes; i > 0; --i, e += DOT_LANES, w += DOT_LANES * N * VL * 4) {
        vi bytes[M];
        DNNC_UNROLL for (int i = 0; i < M; ++i) bytes[i] = load_x_bytes4(x[i] + panel.offsets[e]);
        multiply_lane(acc, bytes, w);
      }
      for (i64 i = panel.run % lanes; i > 0; --i, ++e, w += N * VL * 4) multiply_entry<D>(acc, x, panel.offsets[e], w);
    }
  }
  for (; e < panel.entries; ++e, w += N * VL * 4) multiply_entry<D>(acc, x, panel.offsets[e], w);
}

template <Dot D, int M, int N> DNNC_NOINLINE void accumulate(const Panel &panel, const uint8_t *const *pixels, int32_t *sum) {
  vi acc[M][N];
  multiply<D>(acc, panel, pixels);
  DNNC_UNROLL for (int i = 0; i < M; ++i) {
    DNNC_UNROLL for (int j = 0; j < N; ++j) store_i32(sum + (i * N + j) * VL, acc[i][j], Full{});
  }
}

template <Dot D, int M, int N>
DNNC_INLINE void accumulate_vectors(i64 vectors, const Panel &panel, const uint8_t *const *pixels, int32_t *sum) {
  if (vectors == N) {
    accumulate<D, M, N>(panel, pixels, sum);
  } else if constexpr (N > 1) {
    accumulate_vectors<D, M, N - 1>(vectors, panel, pixels, sum);
  }
}

// For 1 <= count <= M < 16 pixels and 1 <= vectors <= N. Pixel i's sums are at sum + i * vectors * VL.
template <Dot D, int M, int N>
DNNC_NOINLINE void accumulate_tile(i64 count, i64 vectors, const Panel &panel, const uint8_t *const *pixels, int32_t *sum) {
  if (count == M) return accumulate_vectors<D, M, N>(vectors, panel, pixels, sum);
  i64 at = 0;
  if constexpr (M > 8) {
    if (count & 8) accumulate_vectors<D, 8, N>(vectors, panel, pixels, sum), at = 8;
  }
  if constexpr (M > 4) {
    if (count & 4) accumulate_vectors<D, 4, N>(vectors, panel, pixels + at, sum + at * vectors * VL), at += 4;
  }
  if (count & 2) accumulate_vectors<D, 2, N>(vectors, panel, pixels + at, sum + at * vectors * VL), at += 2;
  if (count & 1) accumulate_vectors<D, 1, N>(vectors, panel, pixels + at, sum + at * vectors * VL);
}

// What becomes of sums: through the epilogue, or stored as they are.
template <class Ep> struct Requantize {
  Ep ep;
  template <class Out, class L> DNNC_INLINE void put(Out *y, vi acc, i64 n, i64 r, i64 c, L lanes) const {
    store(y, ep(to_float(acc), n, r, c, lanes), lanes);
  }
  template <class Out> DNNC_INLINE void put_two(Out *y0, vi acc0, i64 r0, Out *y1, vi acc1, i64 r1, i64 n, i64 c) const {
    store_two(y0, ep(to_float(acc0), n, r0, c, Full{}), y1, ep(to_float(acc1), n, r1, c, Full{}));
  }
};
struct Exact {
  template <class L> DNNC_INLINE void put(int32_t *y, vi acc, i64, i64, i64, L lanes) const { store_i32(y, acc, lanes); }
  DNNC_INLINE void put_two(int32_t *y0, vi acc0, i64, int32_t *y1, vi acc1, i64, i64, i64) const {
    store_i32(y0, acc0, Full{});
    store_i32(y1, acc1, Full{});
  }
};

template <class Finish, class Out>
DNNC_INLINE void finish_row(const int32_t *sum, i64 count, Out *y, const Finish &finish, i64 n, i64 row, i64 column) {
  i64 c = 0;
  for (; c + VL <= count; c += VL) finish.put(y + c, load_i32(sum + c, Full{}), n, row, column + c, Full{});
  if (c < count) {
    Part lanes = {static_cast<int>(count - c)};
    finish.put(y + c, load_i32(sum + c, lanes), n, row, column + c, lanes);
  }
}

// A whole tile straight from registers; of the N vectors only the last may be partial.
template <Dot D, int M, int N, class Finish, class Out>
DNNC_INLINE void multiply_finish(const Panel &panel, const uint8_t *const *pixels, Out *const *y, const Finish &finish, i64 n,
                                 const i64 *row, i64 column, i64 count) {
  vi acc[M][N];
  multiply<D>(acc, panel, pixels);
  const int last = static_cast<int>(count - (N - 1) * VL);
  DNNC_UNROLL for (int j = 0; j < N; ++j) {
    const i64 at = j * VL, c = column + at;
    if (j < N - 1 || last == VL) {
      DNNC_UNROLL for (int i = 0; i + 1 < M; i += 2) {
        finish.put_two(y[i] + at, acc[i][j], row[i], y[i + 1] + at, acc[i + 1][j], row[i + 1], n, c);
      }
      if (M % 2 != 0) finish.put(y[M - 1] + at, acc[M - 1][j], n, row[M - 1], c, Full{});
    } else {
      DNNC_UNROLL for (int i = 0; i < M; ++i) finish.put(y[i] + at, acc[i][j], n, row[i], c, Part{last});
    }
  }
}

} // namespace conv_int8
