// attention in f64, a query at a time and without scratch; contract in params.h.
#pragma once
#include "../../parallel.h"
#include "../pointwise/scalar.h"
#include "params.h"

namespace attention {

template <class Mask> struct PlainWork {
  Held<AttentionParams> p;
  const double *q, *k, *v;
  const Mask *mask;
  double *y;

  DNNC_INLINE double score(const double *x, const double *key, const Mask *m) const {
    double s = 0;
    for (i64 c = 0; c < p.d; ++c) s += x[c * p.q_s[3]] * key[c * p.k_s[3]];
    s *= p.scale;
    if (p.softcap != 0.0f) s = p.softcap * pw::tanh(s / p.softcap);
    if (!m) return s;
    if constexpr (sizeof(Mask) == 1) return *m ? s : -__builtin_inf();
    else return s + *m;
  }

  DNNC_DEVICE void operator()(i64 begin, i64 end, int) const {
    for (i64 unit = begin; unit < end; ++unit) {
      const i64 i = unit % p.m, h = unit / p.m % p.heads, b = unit / p.m / p.heads, g = h / p.group;
      const double *x = q + b * p.q_s[0] + h * p.q_s[1] + i * p.q_s[2];
      double *to = y + b * p.y_s[0] + h * p.y_s[1] + i * p.y_s[2], top = -__builtin_inf(), sum = 0;
      for (i64 c = 0; c < p.dv; ++c) to[c] = 0;
      for (i64 j = 0; j < p.n && (!p.causal || j <= i + p.past); ++j) {
        const Mask *m = mask ? mask + b * p.mask_s[0] + h * p.mask_s[1] + i * p.mask_s[2] + j * p.mask_s[3] : nullptr;
        const double s = score(x, k + b * p.k_s[0] + g * p.k_s[1] + j * p.k_s[2], m);
        if (s == -__builtin_inf()) continue;
        const double next = s <= top ? top : s, factor = top == next ? 1 : pw::exp(top - next), weight = pw::exp(s - next);
        const double *value = v + b * p.v_s[0] + g * p.v_s[1] + j * p.v_s[2];
        for (i64 c = 0; c < p.dv; ++c) to[c] = to[c] * factor + weight * value[c * p.v_s[3]];
        sum = sum * factor + weight;
        top = next;
      }
      if (top == -__builtin_inf()) continue;
      for (i64 c = 0; c < p.dv; ++c) to[c] /= sum;
    }
  }
};

inline void attention_f64(const AttentionParams &p, const double *q, const double *k, const double *v, double *y, const Par &par) {
  par.run(p.batch * p.heads * p.m, PlainWork<double>{p, q, k, v, nullptr, y});
}
template <class Mask>
void masked_f64(const AttentionParams &p, const double *q, const double *k, const double *v, const Mask *mask, double *y, const Par &par) {
  par.run(p.batch * p.heads * p.m, PlainWork<Mask>{p, q, k, v, mask, y});
}

} // namespace attention
