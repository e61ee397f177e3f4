// The vocabulary of avx512.h on a processor with AVX2 only, for tests: a vector is two AVX2 vectors, the results are the
// same bits.

namespace half {
#include "avx2.h"
}

enum { VL = 16, NUM_VREGS = 32, FMA_LANES = 0, DOT_LANES = 0 };
struct vf {
  half::vf lo, hi;
};
struct vi {
  half::vi lo, hi;
};
struct vm {
  half::vm lo, hi;
};

DNNC_INLINE int lanes_of(Full) { return VL; }
DNNC_INLINE int lanes_of(Part n) { return n.k; }
DNNC_INLINE Full low(Full) { return {}; }
DNNC_INLINE Full high(Full) { return {}; }
DNNC_INLINE Part low(Part n) { return {n.k < 8 ? n.k : 8}; }
DNNC_INLINE Part high(Part n) { return {n.k > 8 ? n.k - 8 : 0}; }

#define DNNC_BINARY(R, T, name)                                                                                                            \
  DNNC_INLINE R name(T a, T b) { return {half::name(a.lo, b.lo), half::name(a.hi, b.hi)}; }
#define DNNC_UNARY(R, T, name)                                                                                                             \
  DNNC_INLINE R name(T a) { return {half::name(a.lo), half::name(a.hi)}; }
#define DNNC_SHIFT(name)                                                                                                                   \
  DNNC_INLINE vi name(vi a, int n) { return {half::name(a.lo, n), half::name(a.hi, n)}; }
#define DNNC_OPERATOR(T, op)                                                                                                               \
  DNNC_INLINE T operator op(T a, T b) { return {a.lo op b.lo, a.hi op b.hi}; }                                                             \
  DNNC_INLINE T &operator op##=(T &a, T b) { return a = a op b; }

DNNC_INLINE vf splat(float x) { return {half::splat(x), half::splat(x)}; }
DNNC_INLINE vi splat_i32(int32_t x) { return {half::splat_i32(x), half::splat_i32(x)}; }
DNNC_INLINE vi lane_index() { return {half::lane_index(), half::lane_index() + half::splat_i32(8)}; }
DNNC_INLINE float first(vf x) { return half::first(x.lo); }

DNNC_OPERATOR(vf, +)
DNNC_OPERATOR(vf, -)
DNNC_OPERATOR(vf, *)
DNNC_OPERATOR(vf, /)
DNNC_OPERATOR(vi, +)
DNNC_OPERATOR(vi, -)
DNNC_OPERATOR(vi, *)
DNNC_OPERATOR(vi, &)
DNNC_OPERATOR(vi, |)
DNNC_OPERATOR(vi, ^)
DNNC_INLINE vf operator-(vf a) { return {-a.lo, -a.hi}; }
DNNC_INLINE vi operator-(vi a) { return {-a.lo, -a.hi}; }
DNNC_INLINE vi operator~(vi a) { return {~a.lo, ~a.hi}; }

template <class L> DNNC_INLINE vi load_i32(const int32_t *p, L n) { return {half::load_i32(p, low(n)), half::load_i32(p + 8, high(n))}; }
template <class L> DNNC_INLINE void store_i32(int32_t *p, vi v, L n) {
  half::store_i32(p, v.lo, low(n));
  half::store_i32(p + 8, v.hi, high(n));
}
template <class T, class L> DNNC_INLINE vf load(const T *p, L n) { return {half::load(p, low(n)), half::load(p + 8, high(n))}; }
template <class L> DNNC_INLINE vm load(const bool *p, L n) { return {half::load(p, low(n)), half::load(p + 8, high(n))}; }
template <class T, class L> DNNC_INLINE void store(T *p, vf v, L n) {
  half::store(p, v.lo, low(n));
  half::store(p + 8, v.hi, high(n));
}
template <class L> DNNC_INLINE void store(bool *p, vm v, L n) {
  half::store(p, v.lo, low(n));
  half::store(p + 8, v.hi, high(n));
}

DNNC_INLINE vf fma(vf a, vf b, vf c) { return {half::fma(a.lo, b.lo, c.lo), half::fma(a.hi, b.hi, c.hi)}; }
DNNC_INLINE vf select(vm m, vf a, vf b) { return {half::select(m.lo, a.lo, b.lo), half::select(m.hi, a.hi, b.hi)}; }
DNNC_INLINE vi select(vm m, vi a, vi b) { return {half::select(m.lo, a.lo, b.lo), half::select(m.hi, a.hi, b.hi)}; }
DNNC_INLINE bool any(vm m) { return half::any(m.lo) || half::any(m.hi); }
DNNC_INLINE bool all(vm m) { return half::all(m.lo) && half::all(m.hi); }

DNNC_UNARY(vi, vf, as_int)
DNNC_UNARY(vf, vi, as_float)
DNNC_UNARY(vi, vf, to_int)
DNNC_UNARY(vf, vi, to_float)
DNNC_UNARY(vf, vf, floor)
DNNC_UNARY(vf, vf, ceil)
DNNC_UNARY(vf, vf, trunc)
DNNC_UNARY(vf, vf, round_even)
DNNC_UNARY(vf, vf, sqrt)
DNNC_UNARY(vm, vm, mask_not)
DNNC_BINARY(vm, vm, mask_and)
DNNC_BINARY(vm, vm, mask_or)
DNNC_BINARY(vm, vf, lt)
DNNC_BINARY(vm, vf, le)
DNNC_BINARY(vm, vf, gt)
DNNC_BINARY(vm, vf, ge)
DNNC_BINARY(vm, vf, eq)
DNNC_BINARY(vm, vf, ne)
DNNC_BINARY(vm, vi, eq)
DNNC_BINARY(vm, vi, lt)
DNNC_BINARY(vm, vi, gt)
DNNC_BINARY(vf, vf, clamp_min)
DNNC_BINARY(vf, vf, clamp_max)
DNNC_SHIFT(shift_left)
DNNC_SHIFT(shift_right)
DNNC_SHIFT(shift_right_logical)

DNNC_INLINE float reduce_add(vf x) { return half::reduce_add(x.lo + x.hi); }
DNNC_INLINE float reduce_min(vf x) { return half::reduce_min(half::select(half::ne(x.lo, x.lo), x.lo, half::clamp_max(x.hi, x.lo))); }
DNNC_INLINE float reduce_max(vf x) { return half::reduce_max(half::select(half::ne(x.lo, x.lo), x.lo, half::clamp_min(x.hi, x.lo))); }

DNNC_INLINE vi load_bytes4(const int8_t *p) { return {half::load_bytes4(p), half::load_bytes4(p + 32)}; }
DNNC_INLINE vi splat_bytes4(const uint8_t *p) { return {half::splat_bytes4(p), half::splat_bytes4(p)}; }
DNNC_INLINE half::vi half_dot4(half::vi acc, half::vi x, half::vi w) {
#if DNNC_ISA == DNNC_ISA_AVX512VNNI // exact: even and odd bytes apart, in 16 bits
  const __m256i low = _mm256_set1_epi16(255), a = (__m256i)x, b = (__m256i)w;
  const __m256i even = _mm256_madd_epi16(_mm256_and_si256(a, low), _mm256_srai_epi16(_mm256_slli_epi16(b, 8), 8));
  const __m256i odd = _mm256_madd_epi16(_mm256_srli_epi16(a, 8), _mm256_srai_epi16(b, 8));
  return acc + (half::vi)_mm256_add_epi32(even, odd);
#else
  return half::dot4(acc, x, w);
#endif
}
DNNC_INLINE vi dot4(vi acc, vi x, vi w) { return {half_dot4(acc.lo, x.lo, w.lo), half_dot4(acc.hi, x.hi, w.hi)}; }

template <int COUNT, class L>
DNNC_INLINE half::vi half_taps(const uint8_t *a, const uint8_t *b, const uint8_t *c, const uint8_t *d, L lanes) {
#if DNNC_ISA == DNNC_ISA_AVX512VNNI // four to a lane
  half::vi v = {};
  const uint8_t *p[4] = {a, b, c, d};
  for (int i = 0; i < 4 * lanes_of(lanes); ++i) v[i / 4] |= i % 4 < COUNT ? (int32_t)((uint32_t)p[i % 4][i / 4] << i % 4 * 8) : 0;
  return v;
#else
  return half::load_taps<COUNT>(a, b, c, d, lanes);
#endif
}
template <int COUNT, class L> DNNC_INLINE vi load_taps(const uint8_t *a, const uint8_t *b, const uint8_t *c, const uint8_t *d, L n) {
  return {half_taps<COUNT>(a, b, c, d, low(n)), half_taps<COUNT>(a + 8, b + 8, c + 8, d + 8, high(n))};
}
DNNC_INLINE vi dot_taps(vi acc, vi x, vi w) { return dot4(acc, x, w); }

enum { TABLE_BYTES = 64 };
struct ByteTable {
  half::ByteTable table;

  explicit DNNC_INLINE ByteTable(const uint8_t *values) : table(values) {}
  DNNC_INLINE void operator()(const uint8_t *x, uint8_t *y) const {
    table(x, y);
    table(x + 32, y + 32);
  }
};

template <int WHICH> DNNC_INLINE vf load_pairs(const float *p) { return {half::load_pairs<WHICH>(p), half::load_pairs<WHICH>(p + VL)}; }
template <int ROWS> DNNC_INLINE void transpose(vf (&r)[VL]) {
  float from[ROWS * VL], to[VL * VL] = {};
  for (int i = 0; i < ROWS; ++i) store(from + i * VL, r[i], Full{});
  for (int i = 0; i < ROWS; ++i)
    for (int j = 0; j < VL; ++j) to[j * VL + i] = from[i * VL + j];
  for (int j = 0; j < VL; ++j) r[j] = load(to + j * VL, Full{});
}

#undef DNNC_BINARY
#undef DNNC_UNARY
#undef DNNC_SHIFT
#undef DNNC_OPERATOR
