// The vocabulary of simd.h and the elementary functions of math.h on scalars, so that functions.h can say a function once
// for vectors and scalars. float goes through a vector, so that it has the bits of the vector form; double is libm's.
#pragma once

#include "math.h"
#include "power.h"
#include "trigonometry.h"

namespace pw {

using simd::abs;
using simd::ceil;
using simd::clamp_max;
using simd::clamp_min;
using simd::floor;
using simd::fma;
using simd::is_nan;
using simd::neg;
using simd::select;
using simd::sqrt;

// A constant of the type of the first operand.
DNNC_INLINE vf like(vf, double c) { return splat((float)c); }
DNNC_INLINE float like(float, double c) { return (float)c; }
DNNC_INLINE double like(double, double c) { return c; }

template <class T> DNNC_INLINE T select(bool condition, T a, T b) { return condition ? a : b; }
template <class T> DNNC_INLINE T clamp_min(T x, T lo) { return lo > x ? lo : x; }
template <class T> DNNC_INLINE T clamp_max(T x, T hi) { return hi < x ? hi : x; }
DNNC_INLINE double fma(double a, double b, double c) { return a * b + c; }
DNNC_INLINE double sqrt(double x) { return __builtin_sqrt(x); }
DNNC_INLINE double floor(double x) { return __builtin_floor(x); }
DNNC_INLINE double ceil(double x) { return __builtin_ceil(x); }
DNNC_INLINE bool is_nan(double x) { return x != x; }
DNNC_INLINE bool is_nan(float x) { return x != x; }
DNNC_INLINE double gelu(double x) { return 0.5 * x * __builtin_erfc(x * -0.70710678118654752); }
DNNC_INLINE double gelu_tanh(double x) { return 0.5 * x * (1 + __builtin_tanh(0.79788456080286536 * (x + 0.044715 * x * x * x))); }
DNNC_INLINE double sigmoid(double x) { return 1 / (1 + __builtin_exp(-x)); }

#define DNNC_SCALAR_FLOAT(name)                                                                                                            \
  DNNC_DEVICE inline float name(float x) { return first(name(splat(x))); }
#define DNNC_SCALAR(name)                                                                                                                  \
  DNNC_SCALAR_FLOAT(name)                                                                                                                  \
  DNNC_INLINE double name(double x) { return __builtin_##name(x); }
DNNC_SCALAR(exp)
DNNC_SCALAR(expm1)
DNNC_SCALAR(log)
DNNC_SCALAR(log1p)
DNNC_SCALAR(sin)
DNNC_SCALAR(cos)
DNNC_SCALAR(tan)
DNNC_SCALAR(asin)
DNNC_SCALAR(acos)
DNNC_SCALAR(atan)
DNNC_SCALAR(sinh)
DNNC_SCALAR(cosh)
DNNC_SCALAR(tanh)
DNNC_SCALAR(asinh)
DNNC_SCALAR(acosh)
DNNC_SCALAR(atanh)
DNNC_SCALAR(erf)
DNNC_SCALAR_FLOAT(sqrt)
DNNC_SCALAR_FLOAT(floor)
DNNC_SCALAR_FLOAT(ceil)
DNNC_SCALAR_FLOAT(sigmoid)
DNNC_SCALAR_FLOAT(gelu)
DNNC_SCALAR_FLOAT(gelu_tanh)
#undef DNNC_SCALAR
#undef DNNC_SCALAR_FLOAT
DNNC_DEVICE inline float fma(float a, float b, float c) { return first(fma(splat(a), splat(b), splat(c))); }
DNNC_DEVICE inline float pow(float x, float y) { return first(pow(splat(x), splat(y))); }
DNNC_INLINE double pow(double x, double y) { return __builtin_pow(x, y); }

// Integers wrap around; signed overflow is undefined in C++, so sums and products are taken on these.
template <class T> DNNC_INLINE T wide(T x) { return x; }
DNNC_INLINE uint32_t wide(int8_t x) { return (uint32_t)x; }
DNNC_INLINE uint32_t wide(uint8_t x) { return x; }
DNNC_INLINE uint32_t wide(int16_t x) { return (uint32_t)x; }
DNNC_INLINE uint32_t wide(uint16_t x) { return x; }
DNNC_INLINE uint32_t wide(int32_t x) { return (uint32_t)x; }
DNNC_INLINE uint64_t wide(int64_t x) { return (uint64_t)x; }

template <class T> constexpr bool is_signed = (T)-1 < (T)1;
template <class T> DNNC_INLINE bool is_minus_one(T y) { return is_signed<T> && y == (T)-1; }

template <class T> DNNC_INLINE T quotient(T x, T y) { // 0 for a division by zero, which would stop the program
  if (y == 0) return 0;
  return is_minus_one(y) ? (T)(0 - wide(x)) : (T)(x / y);
}
DNNC_INLINE float quotient(float x, float y) { return x / y; }
DNNC_INLINE double quotient(double x, double y) { return x / y; }

template <class T> DNNC_INLINE T remainder(T x, T y) { // the sign of x
  return y == 0 || is_minus_one(y) ? (T)0 : (T)(x % y);
}
DNNC_INLINE float remainder(float x, float y) { return __builtin_fmodf(x, y); }
DNNC_INLINE double remainder(double x, double y) { return __builtin_fmod(x, y); }

template <class T> DNNC_DEVICE inline T pow(T x, T y) {
  if (y < 0) return x == 1 ? (T)1 : x == (T)-1 ? (y & 1 ? x : (T)1) : (T)0;
  auto result = wide((T)1), base = wide(x);
  for (; y > 0; y = (T)(y / 2)) {
    if (y & 1) result *= base;
    base *= base;
  }
  return (T)result;
}

} // namespace pw
