// Element types C++17 lacks, and their conversions on scalars. Rounding is to nearest, ties to even; a NaN stays a NaN
// (made quiet, the upper payload bits kept), which is what the F16C instructions do.
#pragma once

struct f16 {
  uint16_t bits;
};
struct bf16 {
  uint16_t bits;
};

namespace simd {

DNNC_INLINE uint32_t float_bits(float x) {
  uint32_t u;
  __builtin_memcpy(&u, &x, 4);
  return u;
}
DNNC_INLINE float bits_float(uint32_t u) {
  float x;
  __builtin_memcpy(&x, &u, 4);
  return x;
}

DNNC_INLINE float to_float(float x) { return x; }
DNNC_INLINE float to_float(uint8_t x) { return (float)x; }
DNNC_INLINE float to_float(int8_t x) { return (float)x; }
DNNC_INLINE float to_float(int32_t x) { return (float)x; }

#if DNNC_ISA == DNNC_ISA_GENERIC || DNNC_ISA == DNNC_ISA_CUDA
// By their bits, for processors without an instruction for it.
DNNC_INLINE float widen_half(uint16_t h) {
  uint32_t sign = (uint32_t)(h & 0x8000) << 16, rest = (uint32_t)(h & 0x7fff) << 13;
  if (rest >= 0x0f800000) // infinity or NaN
    return bits_float(sign | rest | 0x7f800000 | (rest > 0x0f800000 ? 0x00400000 : 0));
  if (rest < 0x00800000) // denormal; no step is one as a float, which the processor may be told to take for 0
    return bits_float(sign | float_bits(bits_float(rest + 0x38800000) - 0x1p-14f));
  return bits_float(sign | (rest + 0x38000000));
}
DNNC_INLINE uint16_t round_to_half(float x) {
  uint32_t u = float_bits(x), sign = u >> 16 & 0x8000, a = u & 0x7fffffff;
  if (a > 0x7f800000) return (uint16_t)(sign | 0x7e00 | (a >> 13 & 0x3ff));
  if (a >= 0x477ff000) return (uint16_t)(sign | 0x7c00); // 65520 and above round to infinity
  if (a < 0x38800000)                                    // denormal: adding 0.5 leaves the rounded multiple of 2^-24 in the low bits
    return (uint16_t)(sign | (float_bits(bits_float(a) + 0.5f) - 0x3f000000));
  return (uint16_t)(sign | (((a + 0xfff + (a >> 13 & 1)) >> 13) - 0x1c000));
}
#endif

#if DNNC_ISA == DNNC_ISA_CUDA
DNNC_INLINE float to_float(f16 h) {
#ifdef __CUDA_ARCH__
  float x;
  asm("cvt.f32.f16 %0, %1;" : "=f"(x) : "h"(h.bits));
  return x;
#else
  return widen_half(h.bits);
#endif
}
DNNC_INLINE f16 to_f16(float x) {
#ifdef __CUDA_ARCH__
  f16 h;
  asm("cvt.rn.f16.f32 %0, %1;" : "=h"(h.bits) : "f"(x));
  return h;
#else
  return {round_to_half(x)};
#endif
}
#elif DNNC_ISA == DNNC_ISA_GENERIC
DNNC_INLINE float to_float(f16 h) { return widen_half(h.bits); }
DNNC_INLINE f16 to_f16(float x) { return {round_to_half(x)}; }
#elif DNNC_ISA >= DNNC_ISA_NEON
DNNC_INLINE float to_float(f16 h) {
  __fp16 x;
  __builtin_memcpy(&x, &h.bits, 2);
  return (float)x;
}
DNNC_INLINE f16 to_f16(float x) {
  __fp16 r = (__fp16)x;
  f16 h;
  __builtin_memcpy(&h.bits, &r, 2);
  return h;
}
#else
DNNC_INLINE float to_float(f16 h) { return _cvtsh_ss(h.bits); }
DNNC_INLINE f16 to_f16(float x) { return {(uint16_t)_cvtss_sh(x, _MM_FROUND_TO_NEAREST_INT)}; }
#endif

DNNC_INLINE float to_float(bf16 h) { return bits_float((uint32_t)h.bits << 16); }

DNNC_INLINE bf16 to_bf16(float x) {
  uint32_t u = float_bits(x);
  if ((u & 0x7fffffff) > 0x7f800000) return {(uint16_t)(u >> 16 | 0x40)};
  return {(uint16_t)((u + 0x7fff + (u >> 16 & 1)) >> 16)};
}

} // namespace simd
