// recurrent::gru and gru_linear: the contract is in params.h.
#pragma once
#include "gates.h"

namespace recurrent {

// The reset gate acts on the state: its product must wait for all of r.
template <bool MANY, class F> struct GruCell {
  Held<RecurrentParams> p;
  const float *x, *r, *coefficients;

  struct Gates {
    const Span &span;
    i64 s;
    const float *x, *h;
    float *z, *reset;
    F f;

    template <class L> DNNC_INLINE void operator()(i64 row, i64 c, const float *sum, i64 gate, L lanes) const {
      if (s >= span.length(row)) return;
      const i64 hidden = span.p.hidden, at = row * hidden + c;
      const float *add = x + span.x_row(row, span.time(row, s), 3) + c;
      store(z + at, f.template apply<0>(load(sum, Full{}) + load(add, lanes)), lanes);
      store(reset + at, f.template apply<0>(load(sum + gate, Full{}) + load(add + hidden, lanes)) * load(h + at, lanes), lanes);
    }
  };
  struct Candidate {
    const Span &span;
    i64 s;
    const float *x, *h, *z;
    float *next;
    F f;

    template <class L> DNNC_INLINE void operator()(i64 row, i64 c, const float *sum, i64, L lanes) const {
      if (s >= span.length(row)) return;
      const i64 hidden = span.p.hidden, at = row * hidden + c;
      const float *add = x + span.x_row(row, span.time(row, s), 3) + 2 * hidden + c;
      const vf n = f.template apply<1>(load(sum, Full{}) + load(add, lanes));
      store(next + at, simd::fma(load(z + at, lanes), load(h + at, lanes) - n, n), lanes);
    }
  };

  DNNC_INLINE void begin(const Span &) const {}
  DNNC_INLINE void step(const Span &span, i64 s, const float *h, float *next, float *z, float *reset) const {
    const float *group = r + span.d * packed_size(p.hidden, 3, VL);
    const F f(p, coefficients, span.d);
    multiply<2, MANY>(h, span.rows, p.hidden, group, Gates{span, s, x, h, z, reset, f});
    multiply<1, MANY>(reset, span.rows, p.hidden, group + packed_size(p.hidden, 2, VL), Candidate{span, s, x, h, z, next, f});
  }
};

template <bool MANY, class F> struct GruLinearCell {
  Held<RecurrentParams> p;
  const float *x, *r, *rb, *coefficients;

  struct Step {
    const Span &span;
    i64 s;
    const float *x, *rb, *h;
    float *next;
    F f;

    template <class L> DNNC_INLINE void operator()(i64 row, i64 c, const float *sum, i64 gate, L lanes) const {
      if (s >= span.length(row)) return;
      const i64 hidden = span.p.hidden, at = row * hidden + c;
      const float *add = x + span.x_row(row, span.time(row, s), 3) + c;
      const vf z = f.template apply<0>(load(sum, Full{}) + load(add, lanes));
      const vf reset = f.template apply<0>(load(sum + gate, Full{}) + load(add + hidden, lanes));
      vf product = load(sum + 2 * gate, Full{});
      if (span.p.has_rb) product += load(rb + span.d * hidden + c, lanes);
      const vf n = f.template apply<1>(simd::fma(reset, product, load(add + 2 * hidden, lanes)));
      store(next + at, simd::fma(z, load(h + at, lanes) - n, n), lanes);
    }
  };

  DNNC_INLINE void begin(const Span &) const {}
  DNNC_INLINE void step(const Span &span, i64 s, const float *h, float *next, float *, float *) const {
    const float *group = r + span.d * packed_size(p.hidden, 3, VL);
    multiply<3, MANY>(h, span.rows, p.hidden, group, Step{span, s, x, rb, h, next, F(p, coefficients, span.d)});
  }
};

template <bool MANY, class F> void gru(const RecurrentParams &p, const float *x, const float *r, const float *, const float *coefficients,
                                       const float *h0, const int32_t *lens, float *y, float *h, float *work, const Par &par) {
  run(p, GruCell<MANY, F>{p, x, r, coefficients}, h0, lens, y, h, work, par);
}
template <bool MANY, class F> void gru_linear(const RecurrentParams &p, const float *x, const float *r, const float *rb,
                                              const float *coefficients, const float *h0, const int32_t *lens, float *y, float *h,
                                              float *work, const Par &par) {
  run(p, GruLinearCell<MANY, F>{p, x, r, rb, coefficients}, h0, lens, y, h, work, par);
}

} // namespace recurrent
