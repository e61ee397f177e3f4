// recurrent::lstm: the contract is in params.h.
#pragma once
#include "gates.h"

namespace recurrent {

template <bool MANY, class F> struct LstmCell {
  Held<RecurrentParams> p;
  const float *x, *r, *peepholes, *coefficients, *c0;
  float *c; // the state, where its last value goes

  struct Step {
    const Span &span;
    i64 s;
    const float *x, *peepholes;
    float *cell, *next;
    F f;

    template <class L> DNNC_INLINE vf peephole(i64 gate, i64 column, vf c, vf sum, L lanes) const {
      const i64 hidden = span.p.hidden;
      return simd::fma(load(peepholes + (3 * span.d + gate) * hidden + column, lanes), c, sum);
    }
    template <class L> DNNC_INLINE void operator()(i64 row, i64 column, const float *sum, i64 gate, L lanes) const {
      if (s >= span.length(row)) return;
      const RecurrentParams &p = span.p;
      const float *add = x + span.x_row(row, span.time(row, s), 4) + column;
      float *state = cell + span.state(row) + column;
      const vf old = load(state, lanes);
      vf i = load(sum, Full{}) + load(add, lanes), o = load(sum + gate, Full{}) + load(add + p.hidden, lanes);
      vf forget = load(sum + 2 * gate, Full{}) + load(add + 2 * p.hidden, lanes);
      const vf g = f.template apply<1>(load(sum + 3 * gate, Full{}) + load(add + 3 * p.hidden, lanes));
      if (p.has_peepholes) i = peephole(0, column, old, i, lanes), forget = peephole(2, column, old, forget, lanes);
      i = f.template apply<0>(i);
      forget = p.input_forget ? splat(1.0f) - i : f.template apply<0>(forget);
      const vf c = simd::fma(forget, old, i * g);
      store(state, c, lanes);
      if (p.has_peepholes) o = peephole(1, column, c, o, lanes);
      store(next + row * p.hidden + column, f.template apply<0>(o) * f.template apply<2>(c), lanes);
    }
  };

  DNNC_INLINE void begin(const Span &span) const {
    for (i64 i = 0; i < span.rows; ++i) {
      if (p.has_c0)
        copy_row(c + span.state(i), c0 + span.state(i), p.hidden);
      else
        clear_row(c + span.state(i), p.hidden);
    }
  }
  DNNC_INLINE void step(const Span &span, i64 s, const float *h, float *next, float *, float *) const {
    const float *group = r + span.d * packed_size(p.hidden, 4, VL);
    multiply<4, MANY>(h, span.rows, p.hidden, group, Step{span, s, x, peepholes, c, next, F(p, coefficients, span.d)});
  }
};

template <bool MANY, class F> void lstm(const RecurrentParams &p, const float *x, const float *r, const float *peepholes,
                                        const float *coefficients, const float *h0, const float *c0, const int32_t *lens, float *y,
                                        float *h, float *c, float *work, const Par &par) {
  run(p, LstmCell<MANY, F>{p, x, r, peepholes, coefficients, c0, c}, h0, lens, y, h, work, par);
}

} // namespace recurrent
