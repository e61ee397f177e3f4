// Linear attention; contract in params.h. Columns of the state do not see each other: a task is a strip of them, over all positions.
#pragma once
#include "../../parallel.h"
#include "../../simd.h"
#include "params.h"

namespace linear_attention {

// What a position adds to one head's state and takes from it.
struct Position {
  const float *q, *k, *v, *decay;
  float beta;
  float *y;
};

struct Recurrence {
  static constexpr int STRIP = VL == 1 ? 1 : 4; // vectors of columns; a GPU's threads are many and small

  Held<LinearAttentionParams> p;
  const float *q, *k, *v, *past, *decay, *beta;
  float *y, *present;

  DNNC_INLINE i64 strips() const { return (p.cols + STRIP * VL - 1) / (STRIP * VL); }

  DNNC_INLINE Position position(i64 b, i64 h, i64 t) const {
    const i64 at = b * p.time + t, row = at * p.heads + h;
    const float rate = p.beta ? beta[p.beta == 1 ? at : row] : 1.0f;
    return {q + row * p.group * p.rows, k + row * p.rows, v + row * p.cols, decay + row * p.decay, rate, y + row * p.group * p.cols};
  }

  DNNC_INLINE float factor(const Position &at, i64 r) const { return p.decay ? at.decay[p.decay == 1 ? 0 : r] : 1.0f; }

  // acc + Σ weight[r] * S[r], each row shrunk first where DECAY.
  template <bool DECAY, int U, class L>
  DNNC_INLINE void read(const float *state, const float *weight, const Position &at, vf (&acc)[U], L lanes) const {
    DNNC_UNROLL for (int u = 0; u < U; ++u) acc[u] = zero();
    for (i64 r = 0; r < p.rows; ++r) {
      const vf w = splat(DECAY ? weight[r] * factor(at, r) : weight[r]);
      DNNC_UNROLL for (int u = 0; u < U; ++u) acc[u] = fma(w, load(state + r * p.cols + u * VL, lanes), acc[u]);
    }
  }

  template <int U, class L> DNNC_INLINE void step(float *state, const Position &at, i64 c, L lanes) const {
    vf update[U], acc[U];
    DNNC_UNROLL for (int u = 0; u < U; ++u) update[u] = load(at.v + c + u * VL, lanes);
    if (p.beta) {
      read<true>(state, at.k, at, acc, lanes);
      DNNC_UNROLL for (int u = 0; u < U; ++u) update[u] = splat(at.beta) * (update[u] - acc[u]);
    }
    DNNC_UNROLL for (int u = 0; u < U; ++u) acc[u] = zero();
    for (i64 r = 0; r < p.rows; ++r) { // the update, and the first query head's reading of it
      const vf shrink = splat(factor(at, r)), key = splat(at.k[r]), query = splat(at.q[r]);
      DNNC_UNROLL for (int u = 0; u < U; ++u) {
        float *s = state + r * p.cols + u * VL;
        const vf next = fma(key, update[u], shrink * load(s, lanes));
        store(s, next, lanes);
        acc[u] = fma(query, next, acc[u]);
      }
    }
    for (i64 g = 0;;) {
      DNNC_UNROLL for (int u = 0; u < U; ++u) store(at.y + g * p.cols + c + u * VL, acc[u] * splat(p.scale), lanes);
      if (++g == p.group) return;
      read<false>(state, at.q + g * p.rows, at, acc, lanes);
    }
  }

  template <int U, class L> DNNC_INLINE void columns(i64 b, i64 h, i64 c, L lanes) const {
    const i64 start = (b * p.heads + h) * p.rows * p.cols + c;
    float *state = present + start;
    for (i64 r = 0; r < p.rows; ++r)
      DNNC_UNROLL for (int u = 0; u < U; ++u) {
        const i64 at = r * p.cols + u * VL;
        store(state + at, p.past ? load(past + start + at, lanes) : zero(), lanes);
      }
    for (i64 t = 0; t < p.time; ++t) step<U>(state, position(b, h, t), c, lanes);
  }

  DNNC_DEVICE void operator()(i64 begin, i64 end, int) const {
    for (i64 i = begin; i < end; ++i) {
      const i64 head = i / strips(), b = head / p.heads, h = head % p.heads;
      i64 c = i % strips() * STRIP * VL;
      if (c + STRIP * VL <= p.cols) {
        columns<STRIP>(b, h, c, Full{});
        continue;
      }
      for (; c + VL <= p.cols; c += VL) columns<1>(b, h, c, Full{});
      if (c < p.cols) columns<1>(b, h, c, Part{static_cast<int>(p.cols - c)});
    }
  }
};

inline void run(const LinearAttentionParams &p, const float *q, const float *k, const float *v, const float *past, const float *decay,
                const float *beta, float *y, float *present, const Par &par) {
  const Recurrence task{p, q, k, v, past, decay, beta, y, present};
  par.run(p.batch * p.heads * task.strips(), task);
}

} // namespace linear_attention
