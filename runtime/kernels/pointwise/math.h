// Elementary functions on vectors, free of branches. Each states its largest error in units in the last place (ULP) of
// the true value, over all floats: denormals, infinities and NaN included. pointwise_math_test measures it.
// Polynomials: approximations.sollya. The rest is textbook: argument reduction by Cody and Waite, products and quotients
// with their rounding error by Dekker, e^x - 1 and log(1 + x) wherever a difference would cancel.
#pragma once

#include "../../simd.h"

namespace pw {

constexpr float infinity = __builtin_inff(), not_a_number = __builtin_nanf("");
// ln 2 in two parts, the first short enough that an exponent times it is exact.
constexpr float ln2_high = 0x1.62e4p-1f, ln2_low = 0x1.7f7d1cp-20f;

// c0 + c1 x + c2 x^2 …
DNNC_INLINE vf polynomial(vf, float c) { return splat(c); }
template <class... C> DNNC_INLINE vf polynomial(vf x, float c, C... rest) { return fma(x, polynomial(x, rest...), splat(c)); }

// a * b - p, exactly, where p is the rounded product. Without fma: Dekker; |a|, |b| < 2^115.
DNNC_INLINE vf product_error(vf a, vf b, vf p) {
#if DNNC_ISA == DNNC_ISA_GENERIC
  vf a_big = a * splat(4097.0f), b_big = b * splat(4097.0f);
  vf a1 = a_big - (a_big - a), b1 = b_big - (b_big - b), a2 = a - a1, b2 = b - b1;
  return ((a1 * b1 - p) + a1 * b2 + a2 * b1) + a2 * b2;
#else
  return fma(a, b, neg(p));
#endif
}

// A whole number, as a float and as an integer.
struct Whole {
  vf value;
  vi n;
};
DNNC_INLINE Whole operator+(Whole a, int k) { return {a.value + splat((float)k), a.n + splat_i32(k)}; }

// 2^n, -126 <= n <= 127
DNNC_INLINE vf pow2(vi n) { return as_float(simd::shift_left(n + splat_i32(127), 23)); }
#if (DNNC_ISA == DNNC_ISA_AVX512 || DNNC_ISA == DNNC_ISA_AVX512VNNI) && !defined(DNNC_EMULATE) // by one instruction
DNNC_INLINE vf pow2(Whole k) { return simd::scale(splat(1.0f), k.value); }
DNNC_INLINE vf scale(vf x, Whole k) { return simd::scale(x, k.value); }
#else
DNNC_INLINE vf pow2(Whole k) { return pow2(k.n); }
// x * 2^n for -252 <= n <= 254, rounded once for x in [1/4, 4]
DNNC_INLINE vf scale(vf x, Whole k) {
  vi half = simd::shift_right(k.n, 1);
  return x * pow2(half) * pow2(k.n - half);
}
#endif

// x * factor = n + remainder: adding 1.5 * 2^23 leaves the nearest integer in the low bits. |x * factor| < 2^22.
DNNC_INLINE Whole nearest(vf x, float factor) {
  const vf magic = splat(0x1.8p23f);
  vf t = fma(x, splat(factor), magic);
  return {t - magic, as_int(t) - as_int(magic)};
}

// e^x = 2^n (1 + m), |x| < 150
struct Exp {
  vf m;
  Whole n;
};
DNNC_INLINE Exp exp_parts(vf x) {
  Whole k = nearest(x, 0x1.715476p0f);
  vf r = fma(k.value, splat(-ln2_low), fma(k.value, splat(-ln2_high), x));
  vf p = polynomial(r, 0x1p-1f, 0x1.5554dep-3f, 0x1.55556cp-5f, 0x1.120aep-7f, 0x1.6ca9c8p-10f);
  return {fma(r * r, p, r), k};
}

DNNC_INLINE vf value_of(Exp e) { return scale(splat(1.0f) + e.m, e.n); }

DNNC_INLINE Exp exp_limited(vf x) { return exp_parts(clamp_max(clamp_min(x, splat(-110.0f)), splat(91.0f))); }

// 1.5 ULP
DNNC_INLINE vf exp(vf x) { return value_of(exp_limited(x)); }
// e^x / 2, where e^x would overflow too early; 1.5 ULP
DNNC_INLINE vf half_exp(vf x) {
  Exp e = exp_limited(x);
  return value_of({e.m, e.n + -1});
}

// 2 ULP
DNNC_INLINE vf expm1(vf x) {
  Exp e = exp_parts(clamp_max(clamp_min(x, splat(-20.0f)), splat(88.8f)));
  vf s = pow2(e.n + -1); // halved, so that 2^128 does not overflow too early
  vf y = fma(s, e.m, s - splat(0.5f));
  return y + y;
}

// 3 ULP
DNNC_INLINE vf tanh(vf x) {
  // (e^2a - 1) / (e^2a + 1)
  vf a = clamp_max(abs(x), splat(10.0f));
  Exp e = exp_parts(a + a);
  vf s = pow2(e.n), m = fma(s, e.m, s - splat(1.0f));
  return copysign(m / (m + splat(2.0f)), x);
}

// 3 ULP
DNNC_INLINE vf sigmoid(vf x) {
  vf e = value_of(exp_parts(clamp_min(neg(abs(x)), splat(-110.0f))));
  return select(lt(x, zero()), e, splat(1.0f)) / (splat(1.0f) + e);
}

// 3 ULP
DNNC_INLINE vf sinh(vf x) {
  vf a = abs(x), m = expm1(clamp_max(a, splat(10.0f)));
  vf y = splat(0.5f) * (m + m / (m + splat(1.0f)));
  return copysign(select(gt(a, splat(9.5f)), half_exp(a), y), x);
}

// 2 ULP
DNNC_INLINE vf cosh(vf x) {
  vf e = half_exp(abs(x));
  return e + splat(0.25f) / e;
}

// x = 2^e m, sqrt(1/2) <= m < sqrt(2); x normal and positive
struct Parts {
  vf m;
  vi e;
};
DNNC_INLINE Parts parts(vf x) {
  const vi root_half = splat_i32(0x3f3504f3);
  vi u = as_int(x) - root_half;
  return {as_float((u & splat_i32(0x7fffff)) + root_half), simd::shift_right(u, 23)};
}
DNNC_INLINE Parts parts_of_any(vf x) { // denormals too
  vm small = lt(x, splat(0x1p-126f));
  Parts p = parts(select(small, x * splat(0x1p23f), x));
  return {p.m, p.e - select(small, splat_i32(23), splat_i32(0))};
}

// log(1 + f) + e ln 2, sqrt(1/2) <= 1 + f < sqrt(2)
DNNC_INLINE vf log_parts(vf f, vf e) {
  vf f2 = f * f;
  vf p = polynomial(f, 0x1.555554p-2f, -0x1.0000ccp-2f, 0x1.999f42p-3f, -0x1.54d14p-3f, 0x1.231308p-3f, -0x1.0a1966p-3f, 0x1.02d7a4p-3f,
                    -0x1.45561ep-4f);
  vf y = fma(e, splat(ln2_low), f * f2 * p);
  y = fma(splat(-0.5f), f2, y);
  return fma(e, splat(ln2_high), f + y);
}
// What log gives outside (0, infinity): log(0) = -infinity, NaN below.
DNNC_INLINE vf log_limits(vf x, vf y) {
  y = select(gt(x, zero()), y, select(eq(x, zero()), splat(-infinity), splat(not_a_number)));
  return select(lt(x, splat(infinity)), y, x);
}

// 1.5 ULP
DNNC_INLINE vf log(vf x) {
  Parts p = parts_of_any(x);
  return log_limits(x, log_parts(p.m - splat(1.0f), to_float(p.e)));
}

// log(1 + x); 2 ULP
DNNC_INLINE vf log1p(vf x) {
  vf u = splat(1.0f) + x;
  vf lost = select(lt(x, splat(1.0f)), x - (u - splat(1.0f)), splat(1.0f) - (u - x)); // 1 + x = u + lost
  Parts p = parts(u);
  vi e = select(lt(p.e, splat_i32(60)), p.e, splat_i32(60)); // beyond, what was lost does not matter
  vf f = (p.m - splat(1.0f)) + lost * pow2(splat_i32(0) - e);
  f = select(eq(p.e, splat_i32(0)), x, f);
  return log_limits(u, log_parts(f, to_float(p.e)));
}

// 2 ULP
DNNC_INLINE vf asinh(vf x) {
  vf a = abs(x), a2 = a * a;
  vf y = log1p(a + a2 / (splat(1.0f) + sqrt(splat(1.0f) + a2)));
  return copysign(select(gt(a, splat(0x1p13f)), log(a) + splat(0x1.62e43p-1f), y), x);
}

// 2.5 ULP
DNNC_INLINE vf acosh(vf x) {
  vf t = x - splat(1.0f), y = log1p(t + sqrt(t + t + t * t));
  y = select(gt(x, splat(0x1p13f)), log(x) + splat(0x1.62e43p-1f), y);
  return select(lt(x, splat(1.0f)), splat(not_a_number), y);
}

// 2.5 ULP
DNNC_INLINE vf atanh(vf x) {
  vf a = abs(x);
  return copysign(splat(0.5f) * log1p((a + a) / (splat(1.0f) - a)), x);
}

// 1.5 ULP
DNNC_INLINE vf erf(vf x) {
  vf a = abs(x), x2 = x * x, b = clamp_max(a, splat(4.0f));
  vf near = fma(
      x,
      polynomial(x2, 0x1.06eba8p-3f, -0x1.812742p-2f, 0x1.ce2dfep-4f, -0x1.b80f96p-6f, 0x1.54de4cp-8f, -0x1.ab51c2p-11f, 0x1.6115f8p-14f),
      x);
  vf log_erfc = polynomial(b, -0x1.cc8918p-13f, -0x1.20ba04p0f, -0x1.45c84ep-1f, -0x1.b0269p-4f, 0x1.82c9c8p-6f, -0x1.e42afp-9f,
                           0x1.72bdap-12f, -0x1.026b66p-16f);
  return select(lt(a, splat(0.92f)), near, copysign(splat(1.0f) - exp(log_erfc), x));
}

// x/2 (1 + erf(x / sqrt 2)); 5 ULP. Beyond 1, with T the upper tail of the normal distribution: x < 0 ? x T(-x) : x - x T(x).
DNNC_INLINE vf gelu(vf x) {
  vf x2 = x * x;
  vf near = polynomial(x2, 0x1.988454p-2f, -0x1.10587p-4f, 0x1.46d908p-7f, -0x1.37bfd2p-10f, 0x1.e8123cp-14f, -0x1.23c10ap-17f);
  near = x * fma(x, near, splat(0.5f));

  vf a = clamp_max(abs(x), splat(14.5f)), square = a * a, error = product_error(a, a, square);
  Exp e = exp_parts(splat(-0.5f) * square);
  vf inverse = splat(1.0f) / (a + splat(4.0f)), t = (a - splat(4.0f)) * inverse;
  vf p = inverse * polynomial(t, 0x1.82b4bcp-1f, -0x1.373e38p-1f, 0x1.8c6dap-2f, -0x1.7e00fp-3f, 0x1.eecf14p-5f, -0x1.eba57ep-8f,
                              -0x1.cac888p-9f, 0x1.81aa44p-10f, 0x1.54fa86p-13f);
  vf w = p * a;
  w = fma(w * splat(-0.5f), error, w);
  vf tail = scale(fma(e.m, w, w), e.n);
  vf far = select(lt(x, zero()), neg(tail), x - tail);
  return select(lt(abs(x), splat(1.0f)), near, far);
}

// x/2 (1 + tanh(v / 2)) = x / (1 + e^-v) with v = 2 sqrt(2/pi) (x + 0.044715 x^3); 5 ULP. v carries its rounding error,
// which e^v would magnify.
DNNC_INLINE vf gelu_tanh(vf x) {
  const vf c1 = splat(0x1.988454p0f), c1_low = splat(-0x1.857936p-25f);
  const vf c3 = splat(0x1.2444f2p-4f), c3_low = splat(0x1.49b16ap-29f);
  vf a = clamp_max(abs(x), splat(11.0f)), square = a * a;
  vf cubic = c3 * square, w = c1 + cubic;
  vf part = w - c1, w_low = (c1 - (w - part)) + (cubic - part); // Knuth's two-sum
  w_low = w_low + (product_error(c3, square, cubic) + fma(c3, product_error(a, a, square), fma(c3_low, square, c1_low)));
  vf v = a * w, v_low = fma(a, w_low, product_error(a, w, v));
  Exp e = exp_parts(neg(v));
  vf m = splat(1.0f) + e.m;
  m = m - m * v_low; // e^-v = 2^n m
  vf positive = x / (splat(1.0f) + scale(m, e.n));
  vf negative = scale(neg(a) * (m / (splat(1.0f) + scale(m, e.n))), e.n);
  return select(lt(x, zero()), negative, positive);
}

} // namespace pw
