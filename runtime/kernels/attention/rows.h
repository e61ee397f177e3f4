// attention for one or two queries, as in decoding: each key is read once, where it is, so packing would cost more than it gives.
#pragma once
#include "scores.h"

namespace attention {

// Columns must be contiguous.
DNNC_INLINE bool few_queries(const AttentionParams &p) { return p.m <= 2 && p.q_s[3] == 1 && p.k_s[3] == 1 && p.v_s[3] == 1; }

// s[j] = x · k[j] for N keys.
template <int N> DNNC_INLINE void dots(const float *x, const float *k, i64 step, i64 d, float *s) {
  vf acc[N];
  DNNC_UNROLL for (int j = 0; j < N; ++j) acc[j] = zero();
  i64 c = 0;
  for (; c + VL <= d; c += VL) {
    const vf a = load(x + c, Full{});
    DNNC_UNROLL for (int j = 0; j < N; ++j) acc[j] = fma(a, load(k + j * step + c, Full{}), acc[j]);
  }
  if (c < d) {
    const Part tail = {static_cast<int>(d - c)};
    const vf a = load(x + c, tail);
    DNNC_UNROLL for (int j = 0; j < N; ++j) acc[j] = fma(a, load(k + j * step + c, tail), acc[j]);
  }
  DNNC_UNROLL for (int j = 0; j < N; ++j) s[j] = reduce_add(acc[j]);
}

// sums = sums * factor + Σ over j < keys of w[j] * v[j], for N vectors of columns; of one vector lanes may be a part.
template <int N, class L> DNNC_INLINE void mix(const float *w, const float *v, i64 step, i64 keys, float factor, float *sums, L lanes) {
  vf acc[N];
  DNNC_UNROLL for (int u = 0; u < N; ++u) acc[u] = load(sums + u * VL, Full{}) * splat(factor);
  for (i64 j = 0; j < keys; ++j) {
    const vf a = splat(w[j]);
    DNNC_UNROLL for (int u = 0; u < N; ++u) acc[u] = fma(a, load(v + j * step + u * VL, lanes), acc[u]);
  }
  DNNC_UNROLL for (int u = 0; u < N; ++u) store(sums + u * VL, acc[u], Full{});
}

template <class Mask> struct RowWork {
  Held<AttentionParams> p;
  const float *q, *k, *v;
  const Mask *mask;
  float *y, *scratch;

  DNNC_INLINE void row(i64 b, i64 h, i64 i, float *s) const {
    const i64 end = visible(p, i), columns = (p.dv + VL - 1) / VL * VL, g = h / p.group;
    const float *x = q + b * p.q_s[0] + h * p.q_s[1] + i * p.q_s[2];
    const float *kh = k + b * p.k_s[0] + g * p.k_s[1], *vh = v + b * p.v_s[0] + g * p.v_s[1];
    float *sums = s + KEYS, *to = y + b * p.y_s[0] + h * p.y_s[1] + i * p.y_s[2];
    State state = {-__builtin_inff(), 0.0f};
    for (i64 c = 0; c < columns; c += VL) store(sums + c, zero(), Full{});
    for (i64 k0 = 0; k0 < end; k0 += KEYS) {
      const i64 keys = end - k0 < KEYS ? end - k0 : KEYS;
      const float *from = kh + k0 * p.k_s[2], *value = vh + k0 * p.v_s[2];
      i64 j = 0;
      for (; j + 4 <= keys; j += 4) dots<4>(x, from + j * p.k_s[2], p.k_s[2], p.d, s + j);
      for (; j < keys; ++j) dots<1>(x, from + j * p.k_s[2], p.k_s[2], p.d, s + j);
      const float factor = weigh(p, Scores{s, NR, 0, keys}, mask_row(p, mask, b, h, i), k0, keys, state);
      i64 c = 0;
      for (; c + 4 * VL <= p.dv; c += 4 * VL) mix<4>(s, value + c, p.v_s[2], keys, factor, sums + c, Full{});
      for (; c + VL <= p.dv; c += VL) mix<1>(s, value + c, p.v_s[2], keys, factor, sums + c, Full{});
      if (c < p.dv) mix<1>(s, value + c, p.v_s[2], keys, factor, sums + c, Part{static_cast<int>(p.dv - c)});
    }
    i64 c = 0;
    for (; c + VL <= p.dv; c += VL) store(to + c, normalized(load(sums + c, Full{}), state), Full{});
    if (c < p.dv) store(to + c, normalized(load(sums + c, Full{}), state), Part{static_cast<int>(p.dv - c)});
  }

  DNNC_DEVICE void operator()(i64 begin, i64 end, int thread) const {
    float *buffer = scratch + thread * scratch_size(p, VL, NUM_VREGS);
    for (i64 unit = begin; unit < end; ++unit) row(unit / p.m / p.heads, unit / p.m % p.heads, unit % p.m, buffer);
  }
};

} // namespace attention
