// What the processor and the operating system offer. Used outside target regions.
#pragma once

#if defined(__x86_64__)
#include <cpuid.h>

// clang knows "f16c" in __builtin_cpu_supports only since 16; whoever has AVX2 lets the registers be saved. Asked once: cpuid
// leaves a virtual machine and takes microseconds there. Threads that ask at once get the same answer.
inline __attribute__((always_inline)) bool cpu_has_f16c() {
  static int answer; // 0: not asked, 1: no, 2: yes
  int known = __atomic_load_n(&answer, __ATOMIC_RELAXED);
  if (known == 0) {
    unsigned a, b, c, d;
    known = __get_cpuid(1, &a, &b, &c, &d) && (c & bit_F16C) ? 2 : 1;
    __atomic_store_n(&answer, known, __ATOMIC_RELAXED);
  }
  return known == 2;
}
#endif
