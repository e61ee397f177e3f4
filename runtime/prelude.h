// Included once, at global scope, before the kernels: system headers, types and the macros that hide compiler pragmas.
#pragma once

#include "api.h"

#include <math.h>
#include <string.h>

#ifdef DNNC_CUDA
#include <cuda_runtime.h>
#else
#if defined(__x86_64__) || defined(__i386__)
#if defined(__GNUC__) && !defined(__clang__) // g++ 12 warns about its own _mm512_undefined_ps
#pragma GCC diagnostic push
#pragma GCC diagnostic ignored "-Wuninitialized"
#pragma GCC diagnostic ignored "-Wmaybe-uninitialized"
#include <immintrin.h>
#pragma GCC diagnostic pop
#else
#include <immintrin.h>
#endif
#elif defined(__aarch64__)
#include <arm_neon.h>
#endif
#endif

#define DNNC_ISA_GENERIC 0
#define DNNC_ISA_AVX2 2
#define DNNC_ISA_AVX512 3
#define DNNC_ISA_AVX512VNNI 4
#define DNNC_ISA_NEON 10 // this and above: 64-bit Arm
#define DNNC_ISA_NEON_DOTPROD 11
#define DNNC_ISA_NEON_FP16 12
#define DNNC_ISA_CUDA 8 // with DNNC_CUDA defined before this header

// DNNC_DEVICE marks a function that a kernel reaches and that is neither DNNC_INLINE nor DNNC_NOINLINE.
#if defined(DNNC_CUDA)
#define DNNC_DEVICE __host__ __device__
#else
#define DNNC_DEVICE
#endif
#define DNNC_INLINE DNNC_DEVICE inline __attribute__((always_inline))
#define DNNC_NOINLINE DNNC_DEVICE __attribute__((noinline))
#define DNNC_RESTRICT __restrict__
// Asks for the cache line at an address, which may be any, in the second level.
#if defined(DNNC_CUDA)
#define DNNC_PREFETCH(address) ((void)(address))
#else
#define DNNC_PREFETCH(address) __builtin_prefetch(address, 0, 2)
#endif

typedef int64_t i64;

// DNNC_DECLARE_PARAMS(Name, FIELDS): a POD struct from a field list FIELDS(I, A, R) of i64s, i64 arrays and floats.
#define DNNC_FIELD_I(name) i64 name;
#define DNNC_FIELD_A(name, count) i64 name[count];
#define DNNC_FIELD_R(name) float name;
#define DNNC_DECLARE_PARAMS(Name, FIELDS)                                                                                                  \
  struct Name {                                                                                                                            \
    FIELDS(DNNC_FIELD_I, DNNC_FIELD_A, DNNC_FIELD_R)                                                                                       \
  };

// DNNC_TARGET_BEGIN … DNNC_TARGET_END: functions between are compiled for DNNC_ISA, with contraction off, whatever the flags
// on the command line. See docs/architecture.md.
//
// g++ contracts a * b + c into a fused multiply-add by default, clang does so within an expression: both are told not to.
// Templates belong to the region they are written in, wherever they are instantiated.
#define DNNC_PRAGMA(text) _Pragma(#text)
#define DNNC_CAT_(a, b) a##b
#define DNNC_CAT(a, b) DNNC_CAT_(a, b)

#if defined(__clang__)
#define DNNC_REGION_BEGIN                                                                                                                  \
  DNNC_PRAGMA(clang fp contract(off))                                                                                                      \
  DNNC_PRAGMA(clang diagnostic push)                                                                                                       \
  DNNC_PRAGMA(clang diagnostic ignored "-Wunused-function")                                                                                \
  DNNC_PRAGMA(clang diagnostic ignored "-Wunused-const-variable")
#define DNNC_REGION_END DNNC_PRAGMA(clang diagnostic pop)
#define DNNC_ISA_REGION_BEGIN(isa) DNNC_PRAGMA(clang attribute push(__attribute__((target(isa))), apply_to = function)) DNNC_REGION_BEGIN
#define DNNC_ISA_REGION_END DNNC_REGION_END DNNC_PRAGMA(clang attribute pop)
#else
#define DNNC_REGION_BEGIN                                                                                                                  \
  DNNC_PRAGMA(GCC push_options)                                                                                                            \
  DNNC_PRAGMA(GCC optimize("fp-contract=off"))                                                                                             \
  DNNC_PRAGMA(GCC diagnostic push)                                                                                                         \
  DNNC_PRAGMA(GCC diagnostic ignored "-Wunused-function")
#define DNNC_REGION_END                                                                                                                    \
  DNNC_PRAGMA(GCC diagnostic pop)                                                                                                          \
  DNNC_PRAGMA(GCC pop_options)
#define DNNC_ISA_REGION_BEGIN(isa) DNNC_REGION_BEGIN DNNC_PRAGMA(GCC target(isa))
#define DNNC_ISA_REGION_END DNNC_REGION_END
#endif

// One pair per value of DNNC_ISA. With DNNC_EMULATE the AVX-512 kernels run on a processor that has AVX2 only.
#define DNNC_TARGET_BEGIN_0 DNNC_REGION_BEGIN
#define DNNC_TARGET_END_0 DNNC_REGION_END
#define DNNC_TARGET_BEGIN_2 DNNC_ISA_REGION_BEGIN("avx2,fma,f16c")
#define DNNC_TARGET_END_2 DNNC_ISA_REGION_END
#ifdef DNNC_EMULATE
#define DNNC_TARGET_BEGIN_3 DNNC_TARGET_BEGIN_2
#define DNNC_TARGET_BEGIN_4 DNNC_TARGET_BEGIN_2
#else
#define DNNC_TARGET_BEGIN_3 DNNC_ISA_REGION_BEGIN("avx2,fma,f16c,avx512f,avx512bw,avx512dq,avx512vl")
#define DNNC_TARGET_BEGIN_4 DNNC_ISA_REGION_BEGIN("avx2,fma,f16c,avx512f,avx512bw,avx512dq,avx512vl,avx512vnni")
#endif
#define DNNC_TARGET_END_3 DNNC_ISA_REGION_END
#define DNNC_TARGET_END_4 DNNC_ISA_REGION_END
// Every 64-bit Arm processor has NEON. g++ would schedule loads so early that sums are spilled.
#if defined(__clang__)
#define DNNC_TARGET_BEGIN_10 DNNC_REGION_BEGIN
#define DNNC_TARGET_BEGIN_11 DNNC_ISA_REGION_BEGIN("dotprod")
#define DNNC_TARGET_BEGIN_12 DNNC_ISA_REGION_BEGIN("dotprod,fullfp16")
#else
#define DNNC_TARGET_BEGIN_10 DNNC_REGION_BEGIN DNNC_PRAGMA(GCC optimize("no-schedule-insns"))
#define DNNC_TARGET_BEGIN_11 DNNC_TARGET_BEGIN_10 DNNC_PRAGMA(GCC target("arch=armv8.2-a+dotprod"))
#define DNNC_TARGET_BEGIN_12 DNNC_TARGET_BEGIN_10 DNNC_PRAGMA(GCC target("arch=armv8.2-a+dotprod+fp16"))
#endif
#define DNNC_TARGET_END_10 DNNC_REGION_END
#define DNNC_TARGET_END_11 DNNC_ISA_REGION_END
#define DNNC_TARGET_END_12 DNNC_ISA_REGION_END

// The contraction of device code is nvcc's -fmad, which no pragma turns off: simd/cuda.h writes each rounding out.
#if defined(__CUDACC__)
#define DNNC_TARGET_BEGIN_8                                                                                                               \
  DNNC_PRAGMA(nv_diagnostic push)                                                                                                          \
  DNNC_PRAGMA(nv_diag_suppress 177) /* a function that is not used */
#define DNNC_TARGET_END_8 DNNC_PRAGMA(nv_diagnostic pop)
#else
#define DNNC_TARGET_BEGIN_8 DNNC_REGION_BEGIN
#define DNNC_TARGET_END_8 DNNC_REGION_END
#endif

#define DNNC_TARGET_BEGIN DNNC_CAT(DNNC_TARGET_BEGIN_, DNNC_ISA)
#define DNNC_TARGET_END DNNC_CAT(DNNC_TARGET_END_, DNNC_ISA)

// Before a loop of constant count: unrolled in full, so that the arrays it indexes can live in registers.
#if defined(__clang__) || defined(__CUDACC__)
#define DNNC_UNROLL _Pragma("unroll")
#else
#define DNNC_UNROLL _Pragma("GCC unroll 64")
#endif

// Between these, plain loops of unknown length are vectorized: g++ 12 at -O2 takes only the surest cases, clang all.
#if defined(__clang__) || defined(__CUDACC__)
#define DNNC_VECTORIZE_BEGIN
#define DNNC_VECTORIZE_END
#else
#define DNNC_VECTORIZE_BEGIN DNNC_PRAGMA(GCC push_options) DNNC_PRAGMA(GCC optimize("vect-cost-model=dynamic"))
#define DNNC_VECTORIZE_END DNNC_PRAGMA(GCC pop_options)
#endif
