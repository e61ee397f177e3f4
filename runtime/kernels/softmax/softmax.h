// Softmax and its logarithm; contract in params.h. With inner > 1 vectors run over the inner columns, else along the axis.
#pragma once
#include "../../parallel.h"
#include "../pointwise/math.h"
#include "params.h"

namespace softmax {

// Terms an accumulator takes before it is joined: a sum's rounding error grows with axis / block + block, not with axis.
constexpr i64 block = 64;

// exp(x - top), stored for softmax, which divides it later. Lanes beyond a tail count nothing.
template <bool LOG, class L> DNNC_INLINE vf term(const float *x, float *y, vf top, L lanes) {
  vf e = pw::exp(load(x, lanes) - top);
  if constexpr (!LOG) store(y, e, lanes);
  return e;
}
// The end, from the sum of the terms (softmax: its inverse; log_softmax: its logarithm).
template <bool LOG, class L> DNNC_INLINE void finish(const float *x, float *y, vf top, vf sum, L lanes) {
  if constexpr (LOG)
    store(y, (load(x, lanes) - top) - sum, lanes);
  else
    store(y, load(y, lanes) * sum, lanes);
}

template <bool LOG> DNNC_INLINE void row(const float *x, float *y, i64 n) {
  const vf lowest = splat(-__builtin_inff());
  const i64 whole = n / VL * VL;
  const Part tail = {static_cast<int>(n - whole)};
  vf tops[2] = {lowest, lowest};
  i64 i = 0;
  for (; i + 2 * VL <= whole; i += 2 * VL)
    for (int v = 0; v < 2; ++v) tops[v] = simd::max(tops[v], load(x + i + v * VL, Full{}));
  if (i < whole) tops[0] = simd::max(tops[0], load(x + i, Full{}));
  if (whole < n) tops[1] = simd::max(tops[1], select(is_lane(tail), load(x + whole, tail), lowest));
  const vf top = splat(reduce_max(simd::max(tops[0], tops[1])));

  vf total = zero();
  for (i = 0; i < whole;) {
    i64 end = i + block * VL < whole ? i + block * VL : whole;
    vf sum = zero();
    for (; i < end; i += VL) sum += term<LOG>(x + i, y + i, top, Full{});
    total += sum;
  }
  if (whole < n) total += select(is_lane(tail), term<LOG>(x + whole, y + whole, top, tail), zero());
  const vf sum = splat(reduce_add(total)), last = LOG ? pw::log(sum) : splat(1.0f) / sum;
  for (i = 0; i < whole; i += VL) finish<LOG>(x + i, y + i, top, last, Full{});
  if (whole < n) finish<LOG>(x + whole, y + whole, top, last, tail);
}

template <bool LOG, class L> DNNC_INLINE void columns(const float *x, float *y, i64 axis, i64 stride, L lanes) {
  vf top = load(x, lanes), total = zero();
  for (i64 a = 1; a < axis; ++a) top = simd::max(top, load(x + a * stride, lanes));
  for (i64 a = 0; a < axis;) {
    i64 end = a + block < axis ? a + block : axis;
    vf sum = zero();
    for (; a < end; ++a) sum += term<LOG>(x + a * stride, y + a * stride, top, lanes);
    total += sum;
  }
  const vf last = LOG ? pw::log(total) : splat(1.0f) / total;
  for (i64 a = 0; a < axis; ++a) finish<LOG>(x + a * stride, y + a * stride, top, last, lanes);
}

template <bool LOG> struct Pieces {
  const SoftmaxParams &p;
  const float *x;
  float *y;
  i64 pieces; // vectors of columns

  void operator()(i64 begin, i64 end, int) const {
    for (i64 i = begin; i < end; ++i) {
      i64 o = i / pieces, c = i % pieces * VL, at = o * p.axis * p.inner + c;
      if (p.inner == 1)
        row<LOG>(x + at, y + at, p.axis);
      else if (c + VL <= p.inner)
        columns<LOG>(x + at, y + at, p.axis, p.inner, Full{});
      else
        columns<LOG>(x + at, y + at, p.axis, p.inner, Part{static_cast<int>(p.inner - c)});
    }
  }
};

inline void softmax(const SoftmaxParams &p, const float *x, float *y, const Par &par) {
  i64 pieces = (p.inner + VL - 1) / VL;
  par.run(p.outer * pieces, Pieces<false>{p, x, y, pieces});
}
inline void log_softmax(const SoftmaxParams &p, const float *x, float *y, const Par &par) {
  i64 pieces = (p.inner + VL - 1) / VL;
  par.run(p.outer * pieces, Pieces<true>{p, x, y, pieces});
}

} // namespace softmax
