// recurrent::rnn: the contract is in params.h.
#pragma once
#include "gates.h"

namespace recurrent {

template <bool MANY, class F> struct RnnCell {
  Held<RecurrentParams> p;
  const float *x, *r, *coefficients;

  struct Step {
    const Span &span;
    i64 s;
    const float *x;
    float *next;
    F f;

    template <class L> DNNC_INLINE void operator()(i64 row, i64 c, const float *sum, i64, L lanes) const {
      if (s >= span.length(row)) return;
      const float *add = x + span.x_row(row, span.time(row, s), 1) + c;
      store(next + row * span.p.hidden + c, f.template apply<0>(load(sum, Full{}) + load(add, lanes)), lanes);
    }
  };

  DNNC_INLINE void begin(const Span &) const {}
  DNNC_INLINE void step(const Span &span, i64 s, const float *h, float *next, float *, float *) const {
    const float *group = r + span.d * packed_size(p.hidden, 1, VL);
    multiply<1, MANY>(h, span.rows, p.hidden, group, Step{span, s, x, next, F(p, coefficients, span.d)});
  }
};

template <bool MANY, class F> void rnn(const RecurrentParams &p, const float *x, const float *r, const float *coefficients, const float *h0,
                                       const int32_t *lens, float *y, float *h, float *work, const Par &par) {
  run(p, RnnCell<MANY, F>{p, x, r, coefficients}, h0, lens, y, h, work, par);
}

} // namespace recurrent
