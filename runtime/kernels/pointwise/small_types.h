// ONNX's floats of 8 and 4 bits, by their bits: from_<format>(x) is the number that code x stands for, to_<format>(x) the code of x.
// Codes are 0 to 255 as floats, as every 8-bit value in a chain is. Rounding is to nearest, ties to even; the bits are the same on every
// machine. to_ does not saturate: what rounds to more than the largest number becomes an infinity, or NaN where the format has none, or the
// largest number where it has no NaN either (and NaN 0). A chain that saturates takes min and max first.
#pragma once

#include "scalar.h"

namespace pw {

constexpr int NO_SPECIALS = 0, INFINITIES = 1, ONE_NAN = 2, NAN_IS_NEGATIVE_ZERO = 3;

template <int BITS, int MANTISSA, int BIAS, int SPECIALS> struct SmallFloat {
  static constexpr int SIGN = 1 << (BITS - 1), SHIFT = 23 - MANTISSA;
  static constexpr int TOP = SPECIALS == INFINITIES ? SIGN - (1 << MANTISSA)
                             : SPECIALS == ONE_NAN  ? SIGN - 1
                                                    : SIGN; // first that is no number

  static DNNC_INLINE vf from(vf x) {
    vi code = to_int(x), magnitude = code & splat_i32(SIGN - 1);
    vi sign = simd::shift_left(code & splat_i32(SIGN), 32 - BITS);
    // No step is a denormal as a float, which the processor may be told to take for 0.
    vi shifted = simd::shift_left(magnitude, SHIFT);
    vi denormal = as_int(as_float(shifted + splat_i32((128 - BIAS) << 23)) - pow2(splat_i32(1 - BIAS)));
    vi value = select(lt(magnitude, splat_i32(1 << MANTISSA)), denormal, shifted + splat_i32((127 - BIAS) << 23));
    const vi quiet = splat_i32(0x7fc00000);
    if (SPECIALS == INFINITIES) {
      value = select(eq(magnitude, splat_i32(TOP)), splat_i32(0x7f800000), value);
      value = select(gt(magnitude, splat_i32(TOP)), quiet, value);
    } else if (SPECIALS == ONE_NAN) {
      value = select(eq(magnitude, splat_i32(TOP)), quiet, value);
    } else if (SPECIALS == NAN_IS_NEGATIVE_ZERO) {
      vm is_nan = eq(code & splat_i32(2 * SIGN - 1), splat_i32(SIGN));
      value = select(is_nan, quiet, value);
      sign = select(is_nan, splat_i32(0), sign);
    }
    return as_float(value | sign);
  }

  static DNNC_INLINE vf to(vf x) {
    const vi infinite = splat_i32(0x7f800000);
    vi bits = as_int(x), a = bits & splat_i32(0x7fffffff);
    vi sign = simd::shift_left(simd::shift_right_logical(bits, 31), BITS - 1);
    vm is_nan = gt(a, infinite);
    a = select(is_nan, infinite, a);
    // A number below the least normal one: adding a power of two leaves the rounded multiple of the least denormal in the low bits.
    const vf magic = pow2(splat_i32(24 - BIAS - MANTISSA));
    vi denormal = as_int(as_float(a) + magic) - as_int(magic);
    vi odd = simd::shift_right(a, SHIFT) & splat_i32(1);
    vi normal = simd::shift_right(a + splat_i32((1 << (SHIFT - 1)) - 1) + odd, SHIFT) - splat_i32((127 - BIAS) << MANTISSA);
    vi code = select(lt(a, splat_i32((128 - BIAS) << 23)), denormal, normal);
    vm over = gt(code, splat_i32(TOP - 1));
    if (SPECIALS == NAN_IS_NEGATIVE_ZERO) {
      sign = select(eq(code, splat_i32(0)), splat_i32(0), sign);
      return to_float(select(over, splat_i32(SIGN), code | sign)); // NaN and infinities are over
    }
    code = select(over, splat_i32(SPECIALS == NO_SPECIALS ? TOP - 1 : TOP), code);
    code = select(is_nan, splat_i32(SPECIALS == NO_SPECIALS ? 0 : SIGN - (SPECIALS == INFINITIES ? 2 : 1)), code);
    return to_float(code | sign);
  }
};

typedef SmallFloat<8, 3, 7, ONE_NAN> F8E4M3FN;
typedef SmallFloat<8, 3, 8, NAN_IS_NEGATIVE_ZERO> F8E4M3FNUZ;
typedef SmallFloat<8, 2, 15, INFINITIES> F8E5M2;
typedef SmallFloat<8, 2, 16, NAN_IS_NEGATIVE_ZERO> F8E5M2FNUZ;
typedef SmallFloat<4, 1, 1, NO_SPECIALS> F4E2M1;

// Powers of two from 2^-127 on; 255 is NaN. What is not between the least and the largest, and what is negative, becomes NaN.
struct F8E8M0 {
  static DNNC_INLINE vf from(vf x) {
    vi code = to_int(x), value = simd::shift_left(code, 23);
    value = select(eq(code, splat_i32(0)), splat_i32(0x00400000), value);
    return as_float(select(eq(code, splat_i32(255)), splat_i32(0x7fc00000), value));
  }
  // The exponent, one more from `least` on in the fraction's 23 bits.
  static DNNC_INLINE vf to(vf x, int least) {
    vi bits = as_int(x), exponent = simd::shift_right(bits, 23), fraction = bits & splat_i32(0x007fffff);
    // Denormals from 2^-127 on have their leading one in the fraction.
    vm denormal = eq(exponent, splat_i32(0));
    vm below = lt(bits, splat_i32(0x00400000)); // also what is negative
    fraction = select(denormal, simd::shift_left(fraction - splat_i32(0x00400000), 1), fraction);
    vi code = select(lt(fraction, splat_i32(least)), exponent, exponent + splat_i32(1));
    vm wrong = mask_or(mask_or(below, gt(bits, splat_i32(0x7f7fffff))), gt(code, splat_i32(254)));
    return to_float(select(wrong, splat_i32(255), code));
  }
};

// To float so that rounding again cannot go wrong: towards zero, the last bit set if that was not exact.
DNNC_INLINE float to_odd(double x) {
  float y = (float)x;
  double back = y;
  if (back == x || x != x) return y;
  uint32_t bits = simd::float_bits(y) - (__builtin_fabs(back) > __builtin_fabs(x));
  return simd::bits_float(bits | 1);
}

#define DNNC_SMALL(name, from, to)                                                                                                         \
  DNNC_INLINE vf from_##name(vf x) { return from; }                                                                                        \
  DNNC_DEVICE inline float from_##name(float x) { return first(from_##name(splat(x))); }                                                   \
  DNNC_DEVICE inline double from_##name(double x) { return from_##name((float)x); }                                                        \
  DNNC_SMALL_TO(name, to)
#define DNNC_SMALL_TO(name, to)                                                                                                            \
  DNNC_INLINE vf to_##name(vf x) { return to; }                                                                                            \
  DNNC_DEVICE inline float to_##name(float x) { return first(to_##name(splat(x))); }                                                       \
  DNNC_DEVICE inline double to_##name(double x) { return to_##name(to_odd(x)); }
DNNC_SMALL(f8e4m3fn, F8E4M3FN::from(x), F8E4M3FN::to(x))
DNNC_SMALL(f8e4m3fnuz, F8E4M3FNUZ::from(x), F8E4M3FNUZ::to(x))
DNNC_SMALL(f8e5m2, F8E5M2::from(x), F8E5M2::to(x))
DNNC_SMALL(f8e5m2fnuz, F8E5M2FNUZ::from(x), F8E5M2FNUZ::to(x))
DNNC_SMALL(f4e2m1, F4E2M1::from(x), F4E2M1::to(x))
DNNC_SMALL(f8e8m0, F8E8M0::from(x), F8E8M0::to(x, 0x00400000))
DNNC_SMALL_TO(f8e8m0_up, F8E8M0::to(x, 1))
DNNC_SMALL_TO(f8e8m0_down, F8E8M0::to(x, 0x00800000))
#undef DNNC_SMALL
#undef DNNC_SMALL_TO

} // namespace pw
