// Softmax and its logarithm; contract in params.h. With inner > 1 vectors run over the inner columns, else along the axis.
#pragma once
#include "../../parallel.h"
#include "../pointwise/math.h"
#include "params.h"

namespace softmax {

// A tail's lanes beyond k take part as `other`.
DNNC_INLINE vf load_or(const float* p, Full, vf) { return load(p, Full{}); }
DNNC_INLINE vf load_or(const float* p, Part lanes, vf other) {
  vi index = {};
  for (int i = 0; i < VL; ++i) index[i] = i;
  return select(lt(index, splat_i32(lanes.k)), load(p, lanes), other);
}

template <bool LOG> DNNC_INLINE void row(const float* x, float* y, i64 n) {
  vf lowest = splat(-__builtin_inff()), top = lowest;
  i64 whole = n / VL * VL;
  Part tail = {static_cast<int>(n - whole)};
  for (i64 i = 0; i < whole; i += VL) top = simd::max(top, load(x + i, Full{}));
  if (whole < n) top = simd::max(top, load_or(x + whole, tail, lowest));
  vf shift = splat(reduce_max(top)), sum = zero();
  for (i64 i = 0; i < whole; i += VL) {
    vf e = pw::exp(load(x + i, Full{}) - shift);
    if constexpr (!LOG) store(y + i, e, Full{});
    sum = sum + e;
  }
  if (whole < n) {
    vf e = pw::exp(load_or(x + whole, tail, lowest) - shift);
    if constexpr (!LOG) store(y + whole, e, tail);
    sum = sum + e;
  }
  if constexpr (LOG) {
    vf offset = shift + pw::log(splat(reduce_add(sum)));
    for (i64 i = 0; i < whole; i += VL) store(y + i, load(x + i, Full{}) - offset, Full{});
    if (whole < n) store(y + whole, load(x + whole, tail) - offset, tail);
  } else {
    vf scale = splat(1.0f / reduce_add(sum));
    for (i64 i = 0; i < whole; i += VL) store(y + i, load(y + i, Full{}) * scale, Full{});
    if (whole < n) store(y + whole, load(y + whole, tail) * scale, tail);
  }
}

template <bool LOG, class L> DNNC_INLINE void columns(const float* x, float* y, i64 axis, i64 stride, L lanes) {
  vf shift = load(x, lanes), sum = zero();
  for (i64 a = 1; a < axis; ++a) shift = simd::max(shift, load(x + a * stride, lanes));
  for (i64 a = 0; a < axis; ++a) {
    vf e = pw::exp(load(x + a * stride, lanes) - shift);
    if constexpr (!LOG) store(y + a * stride, e, lanes);
    sum = sum + e;
  }
  if constexpr (LOG) {
    vf offset = shift + pw::log(sum);
    for (i64 a = 0; a < axis; ++a) store(y + a * stride, load(x + a * stride, lanes) - offset, lanes);
  } else {
    vf scale = splat(1.0f) / sum;
    for (i64 a = 0; a < axis; ++a) store(y + a * stride, load(y + a * stride, lanes) * scale, lanes);
  }
}

template <bool LOG> struct Pieces {
  const SoftmaxParams& p;
  const float* x;
  float* y;
  i64 pieces; // vectors of columns

  DNNC_INLINE void operator()(i64 begin, i64 end, int) const {
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

inline void softmax(const SoftmaxParams& p, const float* x, float* y, const Par& par) {
  i64 pieces = (p.inner + VL - 1) / VL;
  par.run(p.outer * pieces, Pieces<false>{p, x, y, pieces});
}
inline void log_softmax(const SoftmaxParams& p, const float* x, float* y, const Par& par) {
  i64 pieces = (p.inner + VL - 1) / VL;
  par.run(p.outer * pieces, Pieces<true>{p, x, y, pieces});
}

} // namespace softmax
