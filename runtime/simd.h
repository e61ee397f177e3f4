// The vector vocabulary every kernel is written in. One of simd/*.h defines, for DNNC_ISA:
//
//   vf, vi        vectors of VL floats and of VL 32-bit integers; + - * / and, on vi, & | ^ ~ work on them
//   vm            a truth value per lane: mask_and, mask_or, mask_not, any, all
//   VL, NUM_VREGS lanes of a vector; vector registers of the machine
//   Full, Part{k} all lanes, or the first k (0 < k < VL): lanes beyond k load as 0 and are neither read nor written
//
//   load(p, lanes)      float, f16, bf16, u8, i8, i32 -> vf      load_i32(p, lanes), store_i32(p, vi, lanes)
//   load(bool*, lanes) -> vm                                     store(bool*, vm, lanes)
//   store(p, vf, lanes) float, f16, bf16; u8, i8, i32 round half to even and saturate, NaN gives the lowest value
//   store_two(p, a, q, b): stores a at p and b at q, all their lanes
//   splat zero splat_i32; broadcast(x): as load, one element for all lanes
//   fma(a, b, c) = a * b + c, rounded once where the machine can (generic: twice)
//   FMA_LANES     if not 0, fma_lane(a, b, c, Lane<I>{}), I < FMA_LANES, is fma with lane I of a in all lanes, at no further cost
//   min max (NaN propagates) | clamp_min(x, lo) clamp_max(x, hi): one instruction, for bounds that are never NaN
//   abs neg sqrt floor ceil trunc round_even | lt le gt ge eq ne (also on vi: eq, lt, gt) | select(m, a, b)
//   as_int as_float (bits) | to_int (truncates; |x| < 2^31) to_float | shift_left shift_right shift_right_logical
//   reduce_add reduce_min reduce_max: halves folded onto each other, so every machine of a given VL has the same bits
//   lanes_of(lanes): their number | is_lane(lanes): true in them | lane_index(): 0, 1, 2 … | first(x): lane 0
//   load_pairs<I>(p): element I, 0 or 1, of VL pairs of floats that lie one after the other
//   transpose<ROWS>(r): the first ROWS of VL vectors as a matrix; VL vectors come out, of which ROWS lanes count. ROWS: VL, or 8 of 16
//   copysign(x, s): |x| with the sign of s
//   load_bytes4(p): 4 * VL bytes | splat_bytes4(p): the four bytes at p in every lane | dot4(acc, x, w): acc + the products of the four
//   u8 of x (Arm: less 128) and the four s8 of w, or of two words each: Dot in kernels/conv_int8/params.h says which; exact
//   load_taps<COUNT>(a, b, c, d, lanes): in each lane what dot4 takes of x, from the first COUNT pointers, then 0 | dot_taps: dot4, many in a row
//   DOT_LANES     if not 0, load_x_bytes4(p) is 4 * VL bytes of x, and dot4_lane(acc, x, w, Lane<I>{}), I < DOT_LANES, is dot4 with lane I of
//   x in all lanes
//   ByteTable(values): a function of a byte, as its 256 values; table(x, y) looks up TABLE_BYTES of them, if that is not 0. y may be x
//
// +, -, *, /, sqrt, the roundings, comparisons and conversions give the same bits on every machine.
#pragma once

#include "types.h"

namespace simd {

struct Full {};
struct Part {
  int k;
};
template <int I> struct Lane {};

#if (DNNC_ISA == DNNC_ISA_AVX512 || DNNC_ISA == DNNC_ISA_AVX512VNNI) && defined(DNNC_EMULATE)
#include "simd/avx512_emulated.h"
#elif DNNC_ISA == DNNC_ISA_AVX512 || DNNC_ISA == DNNC_ISA_AVX512VNNI
#include "simd/avx512.h"
#elif DNNC_ISA == DNNC_ISA_CUDA
#include "simd/cuda.h"
#elif DNNC_ISA == DNNC_ISA_AVX2
#include "simd/avx2.h"
#elif DNNC_ISA >= DNNC_ISA_NEON
#include "simd/neon.h"
#else
#include "simd/generic.h"
#endif

// What follows is the same on every machine.

DNNC_INLINE vf zero() { return splat(0.0f); }
template <class T> DNNC_INLINE void store_two(T *p, vf a, T *q, vf b) {
  store(p, a, Full{});
  store(q, b, Full{});
}
template <class T> DNNC_INLINE vf broadcast(T x) { return splat(to_float(x)); }
DNNC_INLINE vm broadcast(bool x) { return eq(splat_i32(x), splat_i32(1)); }
DNNC_INLINE vf abs(vf x) { return as_float(as_int(x) & splat_i32(0x7fffffff)); }
DNNC_INLINE vf neg(vf x) { return as_float(as_int(x) ^ splat_i32((int32_t)0x80000000)); }
DNNC_INLINE vf copysign(vf x, vf s) { return as_float((as_int(x) & splat_i32(0x7fffffff)) | (as_int(s) & splat_i32((int32_t)0x80000000))); }
DNNC_INLINE vm is_nan(vf x) { return ne(x, x); }
template <class L> DNNC_INLINE vm is_lane(L lanes) { return lt(lane_index(), splat_i32(lanes_of(lanes))); }

// NaN in either operand propagates: clamp_* passes on one in the second, select one in the first.
DNNC_INLINE vf min(vf a, vf b) { return select(is_nan(a), a, clamp_max(b, a)); }
DNNC_INLINE vf max(vf a, vf b) { return select(is_nan(a), a, clamp_min(b, a)); }

} // namespace simd

using namespace simd;
