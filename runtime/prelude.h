// Included once, at global scope, before the kernels: system headers, types and the macros that hide compiler pragmas.
#pragma once

#include "api.h"

#include <math.h>
#include <string.h>

#if defined(__x86_64__) || defined(__i386__)
#include <immintrin.h>
#elif defined(__aarch64__)
#include <arm_neon.h>
#endif

#define DNNC_ISA_GENERIC 0
#define DNNC_ISA_AVX2 2
#define DNNC_ISA_AVX512 3

#define DNNC_INLINE inline __attribute__((always_inline))
#define DNNC_NOINLINE __attribute__((noinline))
#define DNNC_RESTRICT __restrict__

typedef int64_t i64;

// DNNC_DECLARE_PARAMS(Name, FIELDS): a POD struct from a field list FIELDS(I, A, R) of i64s, i64 arrays and floats.
#define DNNC_FIELD_I(name) i64 name;
#define DNNC_FIELD_A(name, count) i64 name[count];
#define DNNC_FIELD_R(name) float name;
#define DNNC_DECLARE_PARAMS(Name, FIELDS) \
  struct Name { FIELDS(DNNC_FIELD_I, DNNC_FIELD_A, DNNC_FIELD_R) };

// DNNC_TARGET_BEGIN … DNNC_TARGET_END: functions between are compiled for DNNC_ISA, with contraction off, whatever the flags
// on the command line. See docs/architecture.md.
