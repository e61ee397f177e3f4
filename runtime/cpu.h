// What the processor and the operating system offer. Used outside target regions.
#pragma once

#if defined(__x86_64__)
#include <cpuid.h>

// clang knows "f16c" in __builtin_cpu_supports only since 16; whoever has AVX2 lets the registers be saved.
inline __attribute__((always_inline)) bool cpu_has_f16c() {
  unsigned a, b, c, d;
  return __get_cpuid(1, &a, &b, &c, &d) && (c & bit_F16C);
}
#endif
