// What the processor and the operating system offer. Used outside target regions.
#pragma once

#if defined(__x86_64__)
#include <cpuid.h>

// clang's __builtin_cpu_supports knows "f16c" only since 16. Asking the processor leaves a virtual machine and takes microseconds, but
// keeping the answer would take a global variable. Whoever has AVX2 lets the registers be saved.
inline __attribute__((always_inline)) bool cpu_has_f16c() {
#if defined(__clang__) && __clang_major__ < 16
  unsigned a, b, c, d;
  return __get_cpuid(1, &a, &b, &c, &d) && (c & bit_F16C);
#else
  return __builtin_cpu_supports("f16c");
#endif
}
#elif defined(__aarch64__)
#if defined(__linux__)
#include <sys/auxv.h>

inline __attribute__((always_inline)) bool cpu_has_dotprod() { return getauxval(AT_HWCAP) >> 20 & 1; } // HWCAP_ASIMDDP
inline __attribute__((always_inline)) bool cpu_has_fullfp16() { return (getauxval(AT_HWCAP) >> 9 & 3) == 3; } // HWCAP_FPHP, HWCAP_ASIMDHP
#else
inline __attribute__((always_inline)) bool cpu_has_dotprod() { return true; } // every Mac with such a processor
inline __attribute__((always_inline)) bool cpu_has_fullfp16() { return true; }
#endif
#endif
