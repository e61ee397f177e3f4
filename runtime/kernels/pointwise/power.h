// x^y on vectors; see math.h.
#pragma once

#include "math.h"

namespace pw {

// An unevaluated sum of two floats, low below half a unit of high.
struct Pair {
  vf high, low;
};

// log2(x), x positive, to about 2^-31 of its value.
DNNC_INLINE Pair log2_pair(vf x) {
  Parts p = parts_of_any(x);
  // s = (m - 1) / (m + 1), with the rounding errors of the sum and of the quotient.
  vf num = p.m - splat(1.0f), den = p.m + splat(1.0f), den_low = p.m - (den - splat(1.0f));
  vf s = num / den, q = s * den;
  vf s_low = ((num - q) - product_error(s, den, q) - s * den_low) / den;
  // log2(m) = (2 s + 2/3 s^3) / ln 2 + s^5 p(s^2), the first two terms in pairs
  const vf c1 = splat(0x1.715476p1f), c1_low = splat(0x1.4ae0cp-25f);
  const vf c3 = splat(0x1.ec709ep-1f), c3_low = splat(-0x1.e2fe02p-28f);
  vf s2 = s * s, s2_low = product_error(s, s, s2) + splat(2.0f) * s * s_low;
  vf s3 = s * s2, s3_low = product_error(s, s2, s3) + fma(s, s2_low, s_low * s2);
  vf linear = c1 * s, linear_low = product_error(c1, s, linear) + fma(c1, s_low, c1_low * s);
  vf cubic = c3 * s3, cubic_low = product_error(c3, s3, cubic) + fma(c3, s3_low, c3_low * s3);
  vf high = linear + cubic, low = cubic - (high - linear);
  low = low + (linear_low + fma(s3 * s2, polynomial(s2, 0x1.2776ccp-1f, 0x1.a5f48ep-2f, 0x1.548c6p-2f), cubic_low));
  vf e = to_float(p.e), sum = e + high, rest = (high - (sum - e)) + low;
  vf total = sum + rest;
  return {total, rest - (total - sum)};
}

// 1.5 ULP. Limits as in C: x^0 = 1^y = 1 even for NaN, NaN for finite x < 0 and fractional y.
DNNC_INLINE vf pow(vf x, vf y) {
  const vf one = splat(1.0f), inf = splat(infinity), nan = splat(not_a_number);
  vf a = abs(x), whole = floor(y), half = splat(0.5f) * y;
  vm integer = eq(whole, y), odd = mask_and(integer, ne(floor(half), half));

  // 2^(y log2 a). |log2 a| > 2^-24 or a = 1, so that a larger y changes nothing.
  Pair l = log2_pair(a);
  vf b = clamp_max(clamp_min(y, splat(-0x1p33f)), splat(0x1p33f));
  vf high = b * l.high, low = fma(b, l.low, product_error(b, l.high, high));
  vf t = clamp_max(clamp_min(high, splat(-160.0f)), splat(160.0f));
  low = select(eq(t, high), low, zero());
  Whole k = nearest(t, 1.0f);
  vf f = (t - k.value) + low;
  vf p = polynomial(f, 0x1.62e43p-1f, 0x1.ebfbdep-3f, 0x1.c6af9ep-5f, 0x1.3b2c58p-7f, 0x1.5ef4a2p-10f, 0x1.427918p-13f);
  vf r = scale(fma(f, p, one), k);

  vm down = lt(y, zero()), nothing = eq(a, zero()), limit = mask_or(nothing, eq(a, inf));
  r = select(limit, select(down, select(nothing, inf, zero()), select(nothing, zero(), inf)), r);
  r = select(odd, copysign(r, x), r);
  vm undefined = mask_and(mask_and(lt(x, zero()), lt(a, inf)), mask_not(integer));
  r = select(mask_or(undefined, mask_or(is_nan(x), is_nan(y))), nan, r);
  return select(mask_or(eq(y, zero()), eq(x, one)), one, r);
}

} // namespace pw
