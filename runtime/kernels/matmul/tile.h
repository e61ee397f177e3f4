// The inner loop of every dense kernel: sums of products for a tile of rows × vectors of columns, held in registers. Whole tiles
// go straight through the epilogue (multiply_finish). All others, tails and borders, share code that knows no epilogue, so that a
// program holds it once (accumulate): their sums go through a buffer in the first-level cache to finish_row.
// W, the type of the packed weights, is float, f16 or bf16; they are widened as they are loaded and all arithmetic is in f32.
// Each sum is one chain of fused multiply-adds in the order of its terms, so tile sizes and work splits never change its bits.
#pragma once
#include "../../parallel.h"
#include "../../simd.h"

namespace matmul {

// Terms of a sum: nh × nw runs of `run` products. Run (t, u) starts at a[i] + t * a_h + u * a_w for row i, its elements `step`
// apart, and at row b0 + t * b_h + u * b_w of the packed panel.
struct Terms {
  i64 nh, nw, run, step, a_h, a_w, b0, b_h, b_w;
};

// All the terms of a tile's sums. Row i of terms[s] starts at a[s * stride + i]. What is `ahead` bytes behind
// the weights is brought into the second-level cache meanwhile: see Ahead.
struct TermList {
  const Terms *terms;
  i64 count;
  const float *const *a;
  i64 stride, ahead = 0;
};

// A panel of `rows` rows of weights is read by one tile after the other while the next panel waits in the third level or in memory. Each
// tile asks for one cache line for each of its rows, tile number `tile` for its share of the next panel.
template <int N, class W> struct Ahead {
  // Narrower tiles are for matrices of one panel.
  enum { USED = N >= (NUM_VREGS == 16 ? 2 : 4), ROW = N * VL * sizeof(W), STEP = ROW < 64 ? ROW : 64 };
  static DNNC_INLINE i64 of(i64 rows, i64 tile) { return rows * ROW + tile % (ROW / STEP) * rows * STEP; }
};

// Part of multiply for machines that multiply by a lane: FMA_LANES products of each row at a time, as long as there are so many.
// Moves o and w past them.
template <int M, int N, int LANE, class W> DNNC_INLINE void multiply_lane(vf (&acc)[M][N], const vf (&x)[M], const W *w) {
  if constexpr (LANE < FMA_LANES) {
    DNNC_UNROLL for (int j = 0; j < N; ++j) {
      const vf column = load(w + (LANE * N + j) * VL, Full{});
      DNNC_UNROLL for (int i = 0; i < M; ++i) acc[i][j] = fma_lane(x[i], column, acc[i][j], Lane<LANE>{});
    }
    multiply_lane<M, N, LANE + 1>(acc, x, w);
  }
}
template <int M, int N, class W>
DNNC_INLINE void multiply_lanes(vf (&acc)[M][N], const float *const (&a)[M], i64 &o, const W *&w, const W *end) {
  for (; end - w >= FMA_LANES * N * VL; w += FMA_LANES * N * VL, o += FMA_LANES) {
    vf x[M];
    DNNC_UNROLL for (int i = 0; i < M; ++i) x[i] = load(a[i] + o, Full{});
    multiply_lane<M, N, 0>(acc, x, w);
  }
}

// acc[i][j] += the terms, for M rows from `row` on and N vectors of columns; b is a panel N vectors wide. AHEAD: with list.ahead.
template <int M, int N, bool AHEAD, class W> DNNC_INLINE void multiply(vf (&acc)[M][N], const TermList &list, i64 row, const W *b) {
  for (i64 s = 0; s < list.count; ++s) {
    const Terms &terms = list.terms[s];
    const float *a[M];
    DNNC_UNROLL for (int i = 0; i < M; ++i) a[i] = list.a[s * list.stride + row + i];
    const i64 step = terms.step;
    for (i64 t = 0; t < terms.nh; ++t) {
      for (i64 u = 0; u < terms.nw; ++u) {
        i64 o = t * terms.a_h + u * terms.a_w;
        const W *w = b + (terms.b0 + t * terms.b_h + u * terms.b_w) * (N * VL);
        const W *end = w + terms.run * (N * VL);
        const char *ahead = nullptr;
        if (AHEAD) ahead = reinterpret_cast<const char *>(b) + list.ahead + (terms.b0 + t * terms.b_h + u * terms.b_w) * Ahead<N, W>::STEP;
        if constexpr (FMA_LANES != 0) {
          if (step == 1) multiply_lanes(acc, a, o, w, end);
        }
        for (; w < end; w += N * VL, o += step) {
          vf column[N];
          DNNC_UNROLL for (int j = 0; j < N; ++j) column[j] = load(w + j * VL, Full{});
          if (AHEAD) {
            DNNC_PREFETCH(ahead);
            ahead += Ahead<N, W>::STEP;
          }
          DNNC_UNROLL for (int i = 0; i < M; ++i) {
            vf x = splat(a[i][o]);
            DNNC_UNROLL for (int j = 0; j < N; ++j) acc[i][j] = fma(x, column[j], acc[i][j]);
          }
        }
      }
    }
  }
}

// sum[i][j] (+)= the terms; overwrites when `first`.
template <int M, int N, class W> DNNC_NOINLINE void accumulate(const TermList &list, i64 row, const W *b, bool first, float *sum) {
  vf acc[M][N];
  DNNC_UNROLL for (int i = 0; i < M; ++i) { DNNC_UNROLL for (int j = 0; j < N; ++j) acc[i][j] = zero(); }
  if (!first) {
    DNNC_UNROLL for (int i = 0; i < M; ++i) { DNNC_UNROLL for (int j = 0; j < N; ++j) acc[i][j] = load(sum + (i * N + j) * VL, Full{}); }
  }
  multiply<M, N, false>(acc, list, row, b);
  DNNC_UNROLL for (int i = 0; i < M; ++i) { DNNC_UNROLL for (int j = 0; j < N; ++j) store(sum + (i * N + j) * VL, acc[i][j], Full{}); }
}

// y[y_row[i] + c] = ep(the terms, n, row[i], column + c) for c < count and a whole tile: the fast path, with no buffer between.
// Of the N vectors only the last may be partial.
template <int M, int N, class W, class Ep> DNNC_INLINE void multiply_finish(const TermList &list, const W *b, float *y, const i64 *y_row,
                                                                            const Ep &ep, i64 n, const i64 *row, i64 column, i64 count) {
  vf acc[M][N];
  DNNC_UNROLL for (int i = 0; i < M; ++i) { DNNC_UNROLL for (int j = 0; j < N; ++j) acc[i][j] = zero(); }
  multiply<M, N, Ahead<N, W>::USED>(acc, list, 0, b);
  const int last = static_cast<int>(count - (N - 1) * VL);
  DNNC_UNROLL for (int i = 0; i < M; ++i) {
    float *out = y + y_row[i];
    DNNC_UNROLL for (int j = 0; j < N - 1; ++j) store(out + j * VL, ep(acc[i][j], n, row[i], column + j * VL, Full{}), Full{});
  }
  if (last == VL) {
    DNNC_UNROLL for (int i = 0; i < M; ++i) {
      store(y + y_row[i] + (N - 1) * VL, ep(acc[i][N - 1], n, row[i], column + (N - 1) * VL, Full{}), Full{});
    }
  } else {
    const Part lanes = {last};
    DNNC_UNROLL for (int i = 0; i < M; ++i) {
      store(y + y_row[i] + (N - 1) * VL, ep(acc[i][N - 1], n, row[i], column + (N - 1) * VL, lanes), lanes);
    }
  }
}

template <int M, int N, class W>
DNNC_INLINE void accumulate_vectors(i64 vectors, const TermList &list, i64 row, const W *b, bool first, float *sum) {
  if (vectors == N) {
    accumulate<M, N>(list, row, b, first, sum);
  } else if constexpr (N > 1) {
    accumulate_vectors<M, N - 1>(vectors, list, row, b, first, sum);
  }
}

// accumulate for 1 <= rows <= M < 16 and 1 <= vectors <= N. Row i of sum is at sum + i * vectors * VL.
template <int M, int N, class W>
DNNC_NOINLINE void accumulate_tile(i64 rows, i64 vectors, const TermList &list, const W *b, bool first, float *sum) {
  if (rows == M) return accumulate_vectors<M, N>(vectors, list, 0, b, first, sum);
  i64 row = 0;
  if constexpr (M > 8) {
    if (rows & 8) {
      accumulate_vectors<8, N>(vectors, list, row, b, first, sum);
      row += 8;
    }
  }
  if constexpr (M > 4) {
    if (rows & 4) {
      accumulate_vectors<4, N>(vectors, list, row, b, first, sum + row * vectors * VL);
      row += 4;
    }
  }
  if (rows & 2) {
    accumulate_vectors<2, N>(vectors, list, row, b, first, sum + row * vectors * VL);
    row += 2;
  }
  if (rows & 1) accumulate_vectors<1, N>(vectors, list, row, b, first, sum + row * vectors * VL);
}

// sum[s][j] = one row times S consecutive panels of k rows, N vectors wide: as accumulate<1, N>, with S memory streams.
template <int S, int N, class W> DNNC_NOINLINE void accumulate_row(const float *a, i64 step, const W *b, i64 k, float *sum) {
  vf acc[S][N];
  DNNC_UNROLL for (int s = 0; s < S; ++s) { DNNC_UNROLL for (int j = 0; j < N; ++j) acc[s][j] = zero(); }
  for (i64 i = 0, o = 0; i < k; ++i, o += step, b += N * VL) {
    vf x = splat(a[o]);
    DNNC_UNROLL for (int s = 0; s < S; ++s) {
      DNNC_UNROLL for (int j = 0; j < N; ++j) acc[s][j] = fma(x, load(b + s * k * (N * VL) + j * VL, Full{}), acc[s][j]);
    }
  }
  DNNC_UNROLL for (int s = 0; s < S; ++s) { DNNC_UNROLL for (int j = 0; j < N; ++j) store(sum + (s * N + j) * VL, acc[s][j], Full{}); }
}

// y[c] = ep(sum[c], n, row, column + c) for c < count.
template <class Ep> DNNC_INLINE void finish_row(const float *sum, i64 count, float *y, const Ep &ep, i64 n, i64 row, i64 column) {
  i64 c = 0;
  for (; c + VL <= count; c += VL) store(y + c, ep(load(sum + c, Full{}), n, row, column + c, Full{}), Full{});
  if (c < count) {
    Part lanes = {static_cast<int>(count - c)};
    store(y + c, ep(load(sum + c, lanes), n, row, column + c, lanes), lanes);
  }
}

} // namespace matmul
