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
    DNNC_UNROLL for (int v = 0; v < 2; ++v) tops[v] = simd::max(tops[v], load(x + i + v * VL, Full{}));
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

// NV vectors of columns side by side: a step along the axis touches whole cache lines.
template <bool LOG, int NV, class L> DNNC_INLINE void columns(const float *x, float *y, i64 axis, i64 stride, L lanes) {
  vf top[NV], total[NV] = {};
  DNNC_UNROLL for (int v = 0; v < NV; ++v) top[v] = load(x + v * VL, lanes);
  for (i64 a = 1; a < axis; ++a) DNNC_UNROLL for (int v = 0; v < NV; ++v) top[v] = simd::max(top[v], load(x + a * stride + v * VL, lanes));
  for (i64 a = 0; a < axis;) {
    i64 end = a + block < axis ? a + block : axis;
    vf sum[NV] = {};
    for (; a < end; ++a)
      DNNC_UNROLL for (int v = 0; v < NV; ++v) sum[v] += term<LOG>(x + a * stride + v * VL, y + a * stride + v * VL, top[v], lanes);
    DNNC_UNROLL for (int v = 0; v < NV; ++v) total[v] += sum[v];
  }
  DNNC_UNROLL for (int v = 0; v < NV; ++v) total[v] = LOG ? pw::log(total[v]) : splat(1.0f) / total[v];
  for (i64 a = 0; a < axis; ++a)
    DNNC_UNROLL for (int v = 0; v < NV; ++v) finish<LOG>(x + a * stride + v * VL, y + a * stride + v * VL, top[v], total[v], lanes);
}

template <bool LOG> struct Rows {
  Held<SoftmaxParams> p;
  const float *x;
  float *y;

  DNNC_DEVICE void operator()(i64 begin, i64 end, int) const {
    for (i64 o = begin; o < end; ++o) row<LOG>(x + o * p.axis, y + o * p.axis, p.axis);
  }
};

// Rows shorter than a vector, a vector's lanes of them at a time, as the columns of a small transposed copy.
template <bool LOG> struct ShortRows {
  Held<SoftmaxParams> p;
  const float *x;
  float *y;

  DNNC_DEVICE void operator()(i64 begin, i64 end, int) const {
    float t[VL * VL];
    for (i64 o = begin * VL; o < end * VL && o < p.outer; o += VL) {
      const i64 rows = p.outer - o < VL ? p.outer - o : static_cast<i64>(VL);
      const float *from = x + o * p.axis;
      float *to = y + o * p.axis;
      for (i64 a = 0; a < p.axis; ++a)
        for (i64 r = 0; r < VL; ++r) t[a * VL + r] = r < rows ? from[r * p.axis + a] : 0;
      columns<LOG, 1>(t, t, p.axis, VL, Full{});
      for (i64 r = 0; r < rows; ++r)
        for (i64 a = 0; a < p.axis; ++a) to[r * p.axis + a] = t[a * VL + r];
    }
  }
};

template <bool LOG> struct Panels {
  static constexpr i64 width = 4 * VL; // columns
  Held<SoftmaxParams> p;
  const float *x;
  float *y;
  i64 panels; // per outer index

  DNNC_DEVICE void operator()(i64 begin, i64 end, int) const {
    for (i64 i = begin; i < end; ++i) {
      i64 c = i % panels * width;
      const float *from = x + i / panels * p.axis * p.inner;
      float *to = y + (from - x);
      if (c + width <= p.inner) {
        columns<LOG, 4>(from + c, to + c, p.axis, p.inner, Full{});
        continue;
      }
      for (; c + VL <= p.inner; c += VL) columns<LOG, 1>(from + c, to + c, p.axis, p.inner, Full{});
      if (c < p.inner) columns<LOG, 1>(from + c, to + c, p.axis, p.inner, Part{static_cast<int>(p.inner - c)});
    }
  }
};

template <bool LOG> inline void run(const SoftmaxParams &p, const float *x, float *y, const Par &par) {
  i64 panels = (p.inner + Panels<LOG>::width - 1) / Panels<LOG>::width;
  if (p.inner == 1 && p.axis < VL && p.outer > 1)
    par.run((p.outer + VL - 1) / VL, ShortRows<LOG>{p, x, y});
  else if (p.inner == 1)
    par.run(p.outer, Rows<LOG>{p, x, y});
  else
    par.run(p.outer * panels, Panels<LOG>{p, x, y, panels});
}
inline void softmax(const SoftmaxParams &p, const float *x, float *y, const Par &par) { run<false>(p, x, y, par); }
inline void log_softmax(const SoftmaxParams &p, const float *x, float *y, const Par &par) { run<true>(p, x, y, par); }

} // namespace softmax
