// Rotary embedding; contract in params.h. An item is a row of one head.
#pragma once
#include "../../parallel.h"
#include "../../simd.h"
#include "params.h"

namespace rotary {

template <class L> DNNC_INLINE void halves(const float *x, const float *cos, const float *sin, float *y, i64 pairs, L lanes) {
  const vf a = load(x, lanes), b = load(x + pairs, lanes), c = load(cos, lanes), s = load(sin, lanes);
  store(y, a * c - b * s, lanes);
  store(y + pairs, b * c + a * s, lanes);
}

// Neighbours change places by the way of a buffer.
DNNC_INLINE void neighbours(const float *x, const float *cos, const float *sin, float *y, int count) {
  float first[VL] = {}, second[VL] = {}, c[VL] = {}, s[VL] = {};
  for (int i = 0; i < count; ++i) first[i] = x[2 * i], second[i] = x[2 * i + 1], c[i] = cos[i], s[i] = sin[i];
  const vf a = load(first, Full{}), b = load(second, Full{});
  store(first, a * load(c, Full{}) - b * load(s, Full{}), Full{});
  store(second, b * load(c, Full{}) + a * load(s, Full{}), Full{});
  for (int i = 0; i < count; ++i) y[2 * i] = first[i], y[2 * i + 1] = second[i];
}

template <bool INTERLEAVED> struct Work {
  Held<RotaryParams> p;
  const float *x, *cos, *sin;
  float *y;

  DNNC_DEVICE void operator()(i64 begin, i64 end, int) const {
    for (i64 unit = begin; unit < end; ++unit) {
      const i64 i = unit % p.m, h = unit / p.m % p.heads, b = unit / p.m / p.heads;
      const float *from = x + b * p.x_s[0] + h * p.x_s[1] + i * p.x_s[2];
      const float *c = cos + b * p.table_batch + i * p.pairs, *s = sin + (c - cos);
      float *to = y + b * p.y_s[0] + h * p.y_s[1] + i * p.y_s[2];
      for (i64 t = 0; t < p.pairs; t += VL) {
        const int count = p.pairs - t < VL ? static_cast<int>(p.pairs - t) : int(VL);
        if constexpr (INTERLEAVED) neighbours(from + 2 * t, c + t, s + t, to + 2 * t, count);
        else if (count == VL) halves(from + t, c + t, s + t, to + t, p.pairs, Full{});
        else halves(from + t, c + t, s + t, to + t, p.pairs, Part{count});
      }
      for (i64 t = 2 * p.pairs; t < p.d; ++t) to[t] = from[t];
    }
  }
};

template <bool INTERLEAVED> void rotary(const RotaryParams &p, const float *x, const float *cos, const float *sin, float *y, const Par &par) {
  par.run(p.batch * p.heads * p.m, Work<INTERLEAVED>{p, x, cos, sin, y});
}

} // namespace rotary
