// What the cells share: gate functions, the walk over a sequence, and products with packed recurrence weights.
#pragma once
#include "../../parallel.h"
#include "../../simd.h"
#include "../matmul/tile.h"
#include "../pointwise/functions.h"
#include "pack.h"

namespace recurrent {

// The functions that ONNX has as defaults; n is 0, 1 or 2 for f, g and h of an LSTM.
struct Standard {
  DNNC_INLINE Standard(const RecurrentParams &, const float *, i64) {}
  template <int N> DNNC_INLINE vf apply(vf x) const { return N == 0 ? pw::sigmoid(x) : pw::tanh(x); }
};
// The same for an RNN, whose only function is tanh.
struct StandardTanh {
  DNNC_INLINE StandardTanh(const RecurrentParams &, const float *, i64) {}
  template <int N> DNNC_INLINE vf apply(vf x) const { return pw::tanh(x); }
};

DNNC_DEVICE inline vf general_function(i64 function, vf x, vf alpha, vf beta) {
  switch (function) {
  case SIGMOID:
    return pw::sigmoid(x);
  case TANH:
    return pw::tanh(x);
  case RELU:
    return pw::relu(x);
  case AFFINE:
    return simd::fma(alpha, x, beta);
  case LEAKY_RELU:
    return pw::leaky_relu(x, alpha);
  case THRESHOLDED_RELU:
    return select(ge(x, alpha), x, zero()); // ONNX's cells say >=, its operator >
  case SCALED_TANH:
    return alpha * pw::tanh(beta * x);
  case HARD_SIGMOID:
    return pw::hard_sigmoid(x, alpha, beta);
  case ELU:
    return pw::elu(x, alpha);
  case SOFTSIGN:
    return pw::softsign(x);
  default:
    return pw::softplus(x);
  }
}

struct General {
  const RecurrentParams &p;
  const float *coefficients;
  i64 first; // of the direction's functions

  DNNC_INLINE General(const RecurrentParams &params, const float *c, i64 direction) : p(params), coefficients(c), first(3 * direction) {}
  template <int N> DNNC_INLINE vf apply(vf x) const {
    if (N < 2 && p.clip > 0) x = clamp_max(clamp_min(x, splat(-p.clip)), splat(p.clip));
    const float *c = coefficients + 2 * (first + N);
    return general_function(p.functions[first + N], x, splat(c[0]), splat(c[1]));
  }
};

// Sequences first … first + rows of one direction.
struct Span {
  const RecurrentParams &p;
  const int32_t *lens;
  i64 d, first, rows;

  DNNC_INLINE bool backward() const { return p.reverse && d == p.directions - 1; }
  DNNC_INLINE i64 length(i64 row) const {
    const i64 n = p.has_lens ? lens[first + row] : p.steps;
    return n < 0 ? 0 : n < p.steps ? n : p.steps;
  }
  DNNC_INLINE i64 longest() const {
    i64 n = 0;
    for (i64 i = 0; i < rows; ++i) n = length(i) > n ? length(i) : n;
    return n;
  }
  // The place in the sequence of step s of a row.
  DNNC_INLINE i64 time(i64 row, i64 s) const { return backward() ? length(row) - 1 - s : s; }
  DNNC_INLINE i64 state(i64 row) const { return (first + row) * p.s_b + d * p.s_d; }
  DNNC_INLINE i64 y_row(i64 row, i64 t) const { return t * p.y_t + (first + row) * p.y_b + d * p.y_d; }
  DNNC_INLINE i64 x_row(i64 row, i64 t, i64 gates) const { return t * p.x_t + (first + row) * p.x_b + d * gates * p.hidden; }
};

DNNC_INLINE void copy_row(float *to, const float *from, i64 n) {
  if (to == from) return;
  i64 i = 0;
  for (; i + VL <= n; i += VL) store(to + i, load(from + i, Full{}), Full{});
  for (; i < n; ++i) to[i] = from[i];
}
DNNC_INLINE void clear_row(float *to, i64 n) {
  i64 i = 0;
  for (; i + VL <= n; i += VL) store(to + i, zero(), Full{});
  for (; i < n; ++i) to[i] = 0.0f;
}

// matmul::accumulate for the rows that are there, at most M.
template <int M, int N> DNNC_INLINE void accumulate_rows(i64 rows, const matmul::TermList &list, const float *w, float *sums) {
  if (rows == M)
    matmul::accumulate<M, N>(list, 0, w, true, sums);
  else if constexpr (M > 1)
    accumulate_rows<M - 1, N>(rows, list, w, sums);
}

// step(row, column, sums, gate stride, lanes) for the products of `rows` rows at h with a group of G gates, NV vectors of each at a time,
// and MR rows.
template <int MR, int G, int NV, class Step>
DNNC_INLINE void multiply_from(const float *h, i64 rows, i64 hidden, const float *group, i64 v, const Step &step) {
  enum { N = G * NV };
  alignas(64) float sums[MR * N * VL];
  const i64 vectors = vectors_of(hidden, VL);
  const matmul::Terms terms = {1, 1, hidden, 1, 0, 0, 0, 0, 0};
  for (; v + NV <= vectors; v += NV) {
    for (i64 r0 = 0; r0 < rows; r0 += MR) {
      const i64 count = rows - r0 < MR ? rows - r0 : static_cast<i64>(MR);
      const float *a[MR];
      for (i64 i = 0; i < count; ++i) a[i] = h + (r0 + i) * hidden;
      accumulate_rows<MR, N>(count, matmul::TermList{&terms, 1, a, MR}, group + v * VL * G * hidden, sums);
      for (i64 i = 0; i < count; ++i) {
        for (i64 j = 0; j < NV; ++j) {
          const i64 column = (v + j) * VL, left = hidden - column;
          const float *sum = sums + (i * N + j) * VL;
          if (left >= VL)
            step(r0 + i, column, sum, NV * VL, Full{});
          else
            step(r0 + i, column, sum, NV * VL, Part{static_cast<int>(left)});
        }
      }
    }
  }
  if constexpr (NV > 1) multiply_from<MR, G, NV / 2>(h, rows, hidden, group, v, step);
}
template <int G, bool MANY, class Step>
DNNC_INLINE void multiply(const float *h, i64 rows, i64 hidden, const float *group, const Step &step) {
  multiply_from<(MANY ? (NUM_VREGS >= 32 ? 6 : 3) : 1), G, panel_vectors(G, MANY)>(h, rows, hidden, group, 0, step);
}

// Runs a cell from step to step, over directions and blocks of sequences: cell.begin(span), then cell.step(span, s, h, next, two spare
// states). Rows that have ended are multiplied with the others, but nothing is stored for them.
template <class Cell> struct Work {
  Held<RecurrentParams> p;
  Cell cell;
  const float *h0;
  const int32_t *lens;
  float *y, *last, *work;
  i64 blocks, block;

  DNNC_DEVICE void operator()(i64 begin, i64 end, int) const {
    for (i64 unit = begin; unit < end; ++unit) {
      const i64 d = unit / blocks, first = unit % blocks * block;
      run(Span{p, lens, d, first, p.batch - first < block ? p.batch - first : block});
    }
  }

  DNNC_DEVICE void run(const Span &span) const {
    const i64 plane = p.batch * p.hidden * p.directions, n = span.longest();
    float *h = work + (span.d * p.batch + span.first) * p.hidden, *next = h + plane, *spare = next + plane;
    for (i64 i = 0; i < span.rows; ++i) {
      if (p.has_h0)
        copy_row(h + i * p.hidden, h0 + span.state(i), p.hidden);
      else
        clear_row(h + i * p.hidden, p.hidden);
      if (p.has_y)
        for (i64 t = span.length(i); t < p.steps; ++t) clear_row(y + span.y_row(i, t), p.hidden);
    }
    cell.begin(span);
    for (i64 s = 0; s < n; ++s) {
      cell.step(span, s, h, next, spare, spare + plane);
      for (i64 i = 0; i < span.rows; ++i) {
        if (s >= span.length(i))
          copy_row(next + i * p.hidden, h + i * p.hidden, p.hidden);
        else if (p.has_y)
          copy_row(y + span.y_row(i, span.time(i, s)), next + i * p.hidden, p.hidden);
      }
      float *old = h;
      h = next, next = old;
    }
    for (i64 i = 0; i < span.rows; ++i) copy_row(last + span.state(i), h + i * p.hidden, p.hidden);
  }
};

template <class Cell> DNNC_INLINE void run(const RecurrentParams &p, const Cell &cell, const float *h0, const int32_t *lens, float *y,
                                           float *h, float *work, const Par &par) {
  i64 blocks = (par.threads() + p.directions - 1) / p.directions;
  if (blocks > p.batch) blocks = p.batch;
  const i64 block = (p.batch + blocks - 1) / blocks;
  blocks = (p.batch + block - 1) / block;
  par.run(p.directions * blocks, Work<Cell>{p, cell, h0, lens, y, h, work, blocks, block});
}

} // namespace recurrent
