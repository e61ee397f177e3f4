// The functions of functions.inc, overloaded on the type of a value inside a chain:
//   vf for f32, f16 and bf16 and vm for bool (vector chains); float, double, int*_t, uint*_t and bool (scalar chains).
// f16 and bf16 in a scalar chain can only be cast, selected and passed on: arithmetic on them is f32's.
// Constants: splat(1.5f) in a vector chain, a typed literal in a scalar one.
// Division of integers by zero and shifts by more than the width give 0; sums and products of integers wrap.
#pragma once

#include "scalar.h"
#include "small_types.h"

namespace pw {

// ---- one type throughout: vectors and all scalars

#define DNNC_BINARY(name, op)                                                                                                              \
  DNNC_INLINE vf name(vf x, vf y) { return x op y; }                                                                                       \
  template <class T> DNNC_INLINE T name(T x, T y) { return (T)(wide(x) op wide(y)); }
DNNC_BINARY(add, +)
DNNC_BINARY(sub, -)
DNNC_BINARY(mul, *)
#undef DNNC_BINARY

DNNC_INLINE vf div(vf x, vf y) { return x / y; }
template <class T> DNNC_INLINE T div(T x, T y) { return quotient(x, y); }

template <class T> DNNC_INLINE T fmod(T x, T y) { return remainder(x, y); }
template <class T> DNNC_INLINE T mod(T x, T y) {
  T r = remainder(x, y);
  return r != 0 && (r < 0) != (y < 0) ? (T)(r + y) : r;
}
struct FmodLane {
  static DNNC_INLINE float apply(float x, float y) { return fmod(x, y); }
};
struct ModLane {
  static DNNC_INLINE float apply(float x, float y) { return mod(x, y); }
};
template <class Lane> DNNC_NOINLINE void by_lane(const float *x, const float *y, float *z) {
  for (int i = 0; i < VL; ++i) z[i] = Lane::apply(x[i], y[i]);
}
template <class Lane> DNNC_INLINE vf by_lane(vf x, vf y) {
  float xs[VL], ys[VL], zs[VL];
  store(xs, x, Full{});
  store(ys, y, Full{});
  by_lane<Lane>(xs, ys, zs);
  return load(zs, Full{});
}
#if DNNC_ISA == DNNC_ISA_GENERIC || DNNC_ISA == DNNC_ISA_CUDA // fma rounds twice; a vector is one lane
DNNC_INLINE vf fmod(vf x, vf y) { return by_lane<FmodLane>(x, y); }
DNNC_INLINE vf mod(vf x, vf y) { return by_lane<ModLane>(x, y); }
#else
// Exact: a quotient below 2^23 is at most one too large when rounded, and either remainder, a multiple of the last place of y no larger
// than y, is a float.
DNNC_INLINE vf fmod(vf x, vf y) {
  const vf a = simd::abs(x), b = simd::abs(y), quotient = a / b;
  const vm is_near = mask_and(lt(quotient, splat(0x1p23f)), lt(b, splat(infinity)));
  if (!all(is_near)) return by_lane<FmodLane>(x, y);
  const vf r = fma(simd::neg(simd::trunc(quotient)), b, a);
  return simd::copysign(select(lt(r, zero()), r + b, r), x);
}
DNNC_INLINE vf mod(vf x, vf y) {
  const vf r = fmod(x, y);
  const vm apart = mask_and(ne(r, zero()), lt(as_int(r) ^ as_int(y), splat_i32(0)));
  return select(apart, r + y, r);
}
#endif

DNNC_INLINE vf min(vf x, vf y) { return simd::min(x, y); }
DNNC_INLINE vf max(vf x, vf y) { return simd::max(x, y); }
template <class T> DNNC_INLINE T min(T x, T y) { return x != x || x < y ? x : y; }
template <class T> DNNC_INLINE T max(T x, T y) { return x != x || x > y ? x : y; }

template <class V> DNNC_INLINE V clip(V x, V low, V high) { return clamp_max(clamp_min(x, low), high); }

template <class T> DNNC_INLINE T neg(T x) { return (T)(0 - wide(x)); }
DNNC_INLINE float neg(float x) { return -x; }
DNNC_INLINE double neg(double x) { return -x; }
template <class T> DNNC_INLINE T abs(T x) { return x < 0 ? neg(x) : x; }
DNNC_INLINE float abs(float x) { return __builtin_fabsf(x); }
DNNC_INLINE double abs(double x) { return __builtin_fabs(x); }

DNNC_INLINE vf sign(vf x) { return select(gt(x, zero()), splat(1.0f), select(lt(x, zero()), splat(-1.0f), x)); }
template <class T> DNNC_INLINE T sign(T x) { return x > 0 ? (T)1 : x < 0 ? (T)-1 : x; }

DNNC_INLINE vf relu(vf x) { return clamp_min(x, zero()); }
template <class T> DNNC_INLINE T relu(T x) { return clamp_min(x, (T)0); }

template <class V> DNNC_INLINE V identity(V x) { return x; }

// ---- comparisons and logic

#define DNNC_COMPARE(name, vector, op)                                                                                                     \
  DNNC_INLINE vm name(vf x, vf y) { return vector(x, y); }                                                                                 \
  template <class T> DNNC_INLINE bool name(T x, T y) { return x op y; }
DNNC_COMPARE(equal, eq, ==)
DNNC_COMPARE(not_equal, ne, !=)
DNNC_COMPARE(less, lt, <)
DNNC_COMPARE(less_equal, le, <=)
DNNC_COMPARE(greater, gt, >)
DNNC_COMPARE(greater_equal, ge, >=)
#undef DNNC_COMPARE

DNNC_INLINE vm logical_not(vm x) { return mask_not(x); }
DNNC_INLINE vm logical_and(vm x, vm y) { return mask_and(x, y); }
DNNC_INLINE vm logical_or(vm x, vm y) { return mask_or(x, y); }
DNNC_INLINE vm logical_xor(vm x, vm y) { return mask_and(mask_or(x, y), mask_not(mask_and(x, y))); }
// g++ does not make vectors of a loop of !x.
DNNC_INLINE bool logical_not(bool x) { return static_cast<uint8_t>(static_cast<uint8_t>(x) - 1) >> 7; }
DNNC_INLINE bool logical_and(bool x, bool y) { return x & y; }
DNNC_INLINE bool logical_or(bool x, bool y) { return x | y; }
DNNC_INLINE bool logical_xor(bool x, bool y) { return x != y; }
DNNC_INLINE vm not_equal(vm x, vm y) { return logical_xor(x, y); }
DNNC_INLINE vm equal(vm x, vm y) { return mask_not(logical_xor(x, y)); }

DNNC_INLINE vf where(vm c, vf x, vf y) { return select(c, x, y); }
DNNC_INLINE vm where(vm c, vm x, vm y) { return mask_or(mask_and(c, x), mask_and(mask_not(c), y)); }
template <class T> DNNC_INLINE T where(bool c, T x, T y) { return c ? x : y; }

DNNC_INLINE vm is_inf(vf x) { return eq(abs(x), splat(infinity)); }
DNNC_INLINE bool is_inf(float x) { return abs(x) == infinity; }
DNNC_INLINE bool is_inf(double x) { return abs(x) == __builtin_inf(); }

// ---- integers

template <class T> DNNC_INLINE T bitwise_not(T x) { return (T)~x; }
template <class T> DNNC_INLINE T bitwise_and(T x, T y) { return (T)(x & y); }
template <class T> DNNC_INLINE T bitwise_or(T x, T y) { return (T)(x | y); }
template <class T> DNNC_INLINE T bitwise_xor(T x, T y) { return (T)(x ^ y); }
template <class T> DNNC_INLINE T shift_left(T x, T y) { return (uint64_t)y < 8 * sizeof(T) ? (T)(wide(x) << y) : (T)0; }
template <class T> DNNC_INLINE T shift_right(T x, T y) { return (uint64_t)y < 8 * sizeof(T) ? (T)(x >> y) : (T)0; }

// ---- floats: vf, float and double

template <class V> DNNC_INLINE V reciprocal(V x) { return like(x, 1) / x; }
DNNC_INLINE vf round(vf x) { return round_even(x); }
DNNC_INLINE float round(float x) { return __builtin_nearbyintf(x); }
DNNC_INLINE double round(double x) { return __builtin_nearbyint(x); }

template <class V> DNNC_INLINE V prelu(V x, V slope) { return select(less(x, V{}), mul(slope, x), x); }
template <class V> DNNC_INLINE V leaky_relu(V x, V alpha) { return prelu(x, alpha); }
template <class V> DNNC_INLINE V elu(V x, V alpha) { return select(less(x, V{}), alpha * expm1(x), x); }
template <class V> DNNC_INLINE V selu(V x, V alpha, V gamma) { return gamma * elu(x, alpha); }
template <class V> DNNC_INLINE V celu(V x, V alpha) { return select(less(x, V{}), alpha * expm1(x / alpha), x); }
template <class V> DNNC_INLINE V softplus(V x) { return relu(x) + log1p(exp(neg(abs(x)))); }
template <class V> DNNC_INLINE V softsign(V x) { return x / (like(x, 1) + abs(x)); }
template <class V> DNNC_INLINE V hard_sigmoid(V x, V alpha, V beta) { return clip(fma(alpha, x, beta), V{}, like(x, 1)); }
template <class V> DNNC_INLINE V hard_swish(V x) { return x * (clip(x + like(x, 3), V{}, like(x, 6)) * like(x, 1.0 / 6)); }
template <class V> DNNC_INLINE V mish(V x) {
  // tanh(log(1 + e)) = n / (n + 2) with n = e (e + 2); 1 from e^20 on
  V e = exp(clamp_max(x, like(x, 20))), n = e * (e + like(x, 2));
  return select(greater(x, like(x, 20)), x, clamp_min(x, like(x, -1000)) * (n / (n + like(x, 2))));
}
template <class V> DNNC_INLINE V thresholded_relu(V x, V alpha) { return select(greater(x, alpha), x, V{}); }
DNNC_INLINE vf shrink(vf x, vf lambda, vf bias) { return select(gt(x, lambda), x - bias, select(lt(x, neg(lambda)), x + bias, zero())); }
template <class T> DNNC_INLINE T shrink(T x, T lambda, T bias) {
  return x > lambda ? sub(x, bias) : is_signed<T> && x < neg(lambda) ? add(x, bias) : (T)0;
}

// ---- cast: float to integer truncates and saturates, NaN gives 0

template <class A, class B> struct Same { static constexpr bool value = false; };
template <class A> struct Same<A, A> { static constexpr bool value = true; };
template <class T> constexpr bool is_float = Same<T, float>::value || Same<T, double>::value;
template <class T> constexpr bool is_narrow_float = Same<T, f16>::value || Same<T, bf16>::value;

template <class To> DNNC_INLINE auto cast(vf x) {
  static_assert(Same<To, float>::value || Same<To, bool>::value || is_narrow_float<To>, "not a type of vector chains");
  if constexpr (Same<To, bool>::value) {
    return ne(x, zero());
  } else if constexpr (is_narrow_float<To>) {
    To t[VL];
    store(t, x, Full{});
    return load(t, Full{});
  } else {
    return x;
  }
}
template <class To> DNNC_INLINE auto cast(vm x) {
  if constexpr (Same<To, bool>::value)
    return x;
  else
    return select(x, splat(1.0f), zero());
}

template <class To, class From> DNNC_INLINE To cast(From x) {
  if constexpr (Same<To, From>::value)
    return x;
  else if constexpr (is_narrow_float<From>)
    return cast<To>(to_float(x));
  else if constexpr (Same<To, f16>::value)
    return to_f16((float)x);
  else if constexpr (Same<To, bf16>::value)
    return to_bf16((float)x);
  else if constexpr (Same<To, bool>::value)
    return x != From(0);
  else if constexpr (is_float<From> && !is_float<To>) {
    constexpr int bits = 8 * (int)sizeof(To) - is_signed<To>;
    const From high = (From)((uint64_t)1 << (bits - 1)) * 2, low = is_signed<To> ? -high : (From)0;
    const To largest = (To)(((uint64_t)1 << (bits - 1)) - 1 + ((uint64_t)1 << (bits - 1)));
    return x != x ? (To)0 : x >= high ? largest : x <= low ? (To)(is_signed<To> ? ~(uint64_t)largest : 0) : (To)x;
  } else {
    return (To)x;
  }
}

// ---- saturate: the nearest value of an integer type, halves to even; NaN gives the lowest
// In a vector chain an 8-bit value is a vf, so that storing it rounds nothing any more.

template <class To> DNNC_INLINE vf saturate(vf x) {
  static_assert(sizeof(To) == 1 && !Same<To, bool>::value, "not an integer type of vector chains");
  const vf low = splat(is_signed<To> ? -128.0f : 0.0f), high = splat(is_signed<To> ? 127.0f : 255.0f);
  return round_even(select(gt(x, low), clamp_max(x, high), low)); // gt is false of a NaN
}
template <class To, class From> DNNC_INLINE To saturate(From x) { // From: float, double
  return x != x && is_signed<To> ? (To)((uint64_t)1 << (8 * sizeof(To) - 1)) : cast<To>(round(x));
}

} // namespace pw
