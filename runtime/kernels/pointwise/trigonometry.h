// Circular functions on vectors; see math.h for what is promised and where the polynomials come from.
#pragma once

#include "math.h"

namespace pw {

// x = n pi/2 + r, |r| <= pi/4, for any finite x: Payne and Hanek, on integers. n modulo 4.
DNNC_INLINE int32_t reduce_quarter(float x, float *r) {
  // 2/pi after the binary point, behind 32 zero bits.
  static constexpr uint32_t two_over_pi[9] = {0,           0xa2f9836eu, 0x4e441529u, 0xfc2757d1u, 0xf534ddc0u,
                                              0xdb629599u, 0x3c439041u, 0xfe5163abu, 0xdebbc561u};
  uint32_t u = float_bits(x), mantissa = (u & 0x7fffff) | 0x800000;
  int e = (int)(u >> 23 & 255) - 150; // |x| = mantissa 2^e; e >= -30 here
  // 96 bits of 2/pi, those of weight 2^(1 - e) and below: bits above make multiples of four quarter turns.
  int bit = e - 1 + 31, word = bit >> 5, shift = bit & 31;
  uint64_t product = 0, top = 0;
  for (int i = 2; i >= 0; --i) {
    uint64_t two = (uint64_t)two_over_pi[word + i] << 32 | (word + i + 1 < 9 ? two_over_pi[word + i + 1] : 0);
    product = (uint64_t)mantissa * (uint32_t)(two >> (32 - shift)) + (product >> 32);
    top = top >> 32 | product << 32;
  }
  // top / 2^64 is |x| in turns (modulo 1): two bits of quarter turns, then the fraction of one, taken as -1/2 to 1/2.
  int64_t fraction = (int64_t)(top << 2);
  int32_t n = (int32_t)(top >> 62) + (fraction < 0);
  float s = (float)((double)fraction * 0x1.921fb54442d18p-64);
  bool negative = u >> 31;
  *r = (u & 0x7f800000) == 0x7f800000 ? not_a_number : negative ? -s : s;
  return negative ? -n : n;
}

struct Quarter {
  vf r;
  vi n;
};
DNNC_INLINE Quarter quarters(vf x) {
  const float limit = 12800.0f; // up to here n has 13 bits, and n times an 11-bit part of pi/2 is exact
  Whole k = nearest(clamp_max(clamp_min(x, splat(-limit)), splat(limit)), 0x1.45f306p-1f);
  vf r = fma(k.value, splat(-0x1.92p0f), x);
  r = fma(k.value, splat(-0x1.fb4p-12f), r);
  // Exact so far. Near a multiple of pi/2 almost nothing is left, so the error of the next difference is kept (Knuth's two-sum).
  vf third = k.value * splat(0x1.444p-24f), d = r - third, part = d - r, error = (r - (d - part)) - (third + part);
  r = d - (k.value * splat(0x1.68c234p-39f) - error);
  vi n = k.n;
  if (any(mask_not(le(abs(x), splat(limit))))) {
    float xs[VL], rs[VL];
    int32_t ns[VL];
    store(xs, x, Full{});
    store(rs, r, Full{});
    store_i32(ns, n, Full{});
    for (int i = 0; i < VL; ++i)
      if (!(__builtin_fabsf(xs[i]) <= limit)) ns[i] = reduce_quarter(xs[i], &rs[i]);
    r = load(rs, Full{});
    n = load_i32(ns, Full{});
  }
  return {r, n};
}

struct SinCos {
  vf sin, cos;
};
DNNC_INLINE SinCos sin_cos_reduced(vf r) { // |r| <= pi/4
  vf r2 = r * r;
  vf s = polynomial(r2, -0x1.555552p-3f, 0x1.110bep-7f, -0x1.9ab0bp-13f);
  vf c = polynomial(r2, 0x1.555554p-5f, -0x1.6c129ap-10f, 0x1.9bc522p-16f);
  return {fma(r * r2, s, r), fma(r2 * r2, c, fma(r2, splat(-0.5f), splat(1.0f)))};
}
DNNC_INLINE vf sin_of_quarters(Quarter q) {
  SinCos v = sin_cos_reduced(q.r);
  vf y = select(eq(q.n & splat_i32(1), splat_i32(0)), v.sin, v.cos);
  return as_float(as_int(y) ^ simd::shift_left(q.n & splat_i32(2), 30));
}

// 2 ULP
DNNC_INLINE vf sin(vf x) { return sin_of_quarters(quarters(x)); }

// 2 ULP
DNNC_INLINE vf cos(vf x) {
  Quarter q = quarters(x);
  return sin_of_quarters({q.r, q.n + splat_i32(1)});
}

// 4 ULP
DNNC_INLINE vf tan(vf x) {
  Quarter q = quarters(x);
  SinCos v = sin_cos_reduced(q.r);
  vm even = eq(q.n & splat_i32(1), splat_i32(0));
  return select(even, v.sin, neg(v.cos)) / select(even, v.cos, v.sin);
}

// asin for |x| <= 1/2
DNNC_INLINE vf asin_small(vf x, vf x2) {
  vf p = polynomial(x2, 0x1.55555ep-3f, 0x1.332688p-4f, 0x1.70bf2ap-5f, 0x1.b1e3acp-6f, 0x1.3926d2p-5f);
  return fma(x * x2, p, x);
}
// Of a = |x|: asin(a) for a <= 1/2, else the asin(sqrt((1 - a) / 2)) from which asin and acos of a follow.
DNNC_INLINE vf asin_folded(vf a, vm small) {
  vf z = select(small, a * a, splat(0.5f) * (splat(1.0f) - a));
  return asin_small(select(small, a, sqrt(z)), z);
}
constexpr float half_pi = 0x1.921fb6p0f, half_pi_low = -0x1.777a5cp-25f;

// 3 ULP
DNNC_INLINE vf asin(vf x) {
  vf a = abs(x);
  vm small = le(a, splat(0.5f));
  vf p = asin_folded(a, small);
  return copysign(select(small, p, splat(half_pi) - (p + p - splat(half_pi_low))), x);
}

// 1.5 ULP
DNNC_INLINE vf acos(vf x) {
  vf a = abs(x);
  vm small = le(a, splat(0.5f)), negative = lt(x, zero());
  vf p = asin_folded(a, small), twice = p + p;
  vf large = select(negative, splat(2 * half_pi) - (twice - splat(2 * half_pi_low)), twice);
  return select(small, splat(half_pi) - (copysign(p, x) - splat(half_pi_low)), large);
}

// 2 ULP
DNNC_INLINE vf atan(vf x) {
  vf a = abs(x);
  vm large = gt(a, splat(1.0f));
  vf z = select(large, splat(1.0f), a) / select(large, a, splat(1.0f)), z2 = z * z;
  vf p = polynomial(z2, -0x1.555554p-2f, 0x1.999832p-3f, -0x1.246ce4p-3f, 0x1.c3f7fep-4f, -0x1.62baf8p-4f, 0x1.005ebp-4f, -0x1.26cceep-5f,
                    0x1.bd14p-7f, -0x1.3b6c6ap-9f);
  p = fma(z * z2, p, z);
  return copysign(select(large, splat(half_pi) - (p - splat(half_pi_low)), p), x);
}

} // namespace pw
