// The vocabulary of simd.h for AVX-512 F, BW, DQ and VL. Masked forms are used throughout: g++ 12 warns about the
// undefined pass-through operand inside the plain ones of some conversions.

enum { VL = 16, NUM_VREGS = 32, FMA_LANES = 0, DOT_LANES = 0 };
typedef float vf __attribute__((vector_size(64)));
typedef int32_t vi __attribute__((vector_size(64)));
struct vm {
  __mmask16 bits;
};

DNNC_INLINE int lanes_of(Full) { return VL; }
DNNC_INLINE int lanes_of(Part n) { return n.k; }
DNNC_INLINE __mmask16 lane_mask(Full) { return 0xffff; }
DNNC_INLINE __mmask16 lane_mask(Part n) { return (__mmask16)((1u << n.k) - 1); }

DNNC_INLINE vf splat(float x) { return _mm512_set1_ps(x); }
DNNC_INLINE vi splat_i32(int32_t x) { return (vi)_mm512_set1_epi32(x); }
DNNC_INLINE vi lane_index() { return vi{0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15}; }
DNNC_INLINE vi as_int(vf x) { return (vi)x; }
DNNC_INLINE vf as_float(vi x) { return (vf)x; }
DNNC_INLINE float first(vf x) { return x[0]; }

DNNC_INLINE vi load_i32(const int32_t *p, Full) { return (vi)_mm512_loadu_si512(p); }
DNNC_INLINE vi load_i32(const int32_t *p, Part n) { return (vi)_mm512_maskz_loadu_epi32(lane_mask(n), p); }
DNNC_INLINE void store_i32(int32_t *p, vi v, Full) { _mm512_storeu_si512(p, (__m512i)v); }
DNNC_INLINE void store_i32(int32_t *p, vi v, Part n) { _mm512_mask_storeu_epi32(p, lane_mask(n), (__m512i)v); }

DNNC_INLINE vi to_int(vf x) { return (vi)_mm512_maskz_cvttps_epi32(0xffff, x); }
DNNC_INLINE vf to_float(vi x) { return _mm512_maskz_cvtepi32_ps(0xffff, (__m512i)x); }

template <class T> DNNC_INLINE __m256i load_16bit(const T *p, Full) { return _mm256_loadu_si256((const __m256i *)p); }
template <class T> DNNC_INLINE __m256i load_16bit(const T *p, Part n) { return _mm256_maskz_loadu_epi16(lane_mask(n), p); }
template <class T> DNNC_INLINE __m128i load_8bit(const T *p, Full) { return _mm_loadu_si128((const __m128i *)p); }
template <class T> DNNC_INLINE __m128i load_8bit(const T *p, Part n) { return _mm_maskz_loadu_epi8(lane_mask(n), p); }
template <class T> DNNC_INLINE void store_16bit(T *p, __m256i v, Full) { _mm256_storeu_si256((__m256i *)p, v); }
template <class T> DNNC_INLINE void store_16bit(T *p, __m256i v, Part n) { _mm256_mask_storeu_epi16(p, lane_mask(n), v); }
template <class T> DNNC_INLINE void store_8bit(T *p, __m128i v, Full) { _mm_storeu_si128((__m128i *)p, v); }
template <class T> DNNC_INLINE void store_8bit(T *p, __m128i v, Part n) { _mm_mask_storeu_epi8(p, lane_mask(n), v); }

DNNC_INLINE vf load(const float *p, Full) { return _mm512_loadu_ps(p); }
DNNC_INLINE vf load(const float *p, Part n) { return _mm512_maskz_loadu_ps(lane_mask(n), p); }
template <class L> DNNC_INLINE vf load(const f16 *p, L lanes) { return _mm512_maskz_cvtph_ps(0xffff, load_16bit(p, lanes)); }
template <class L> DNNC_INLINE vf load(const bf16 *p, L lanes) {
  __m512i u = _mm512_maskz_cvtepu16_epi32(0xffff, load_16bit(p, lanes));
  return _mm512_castsi512_ps(_mm512_maskz_slli_epi32(0xffff, u, 16));
}
template <class L> DNNC_INLINE vf load(const uint8_t *p, L lanes) {
  return to_float((vi)_mm512_maskz_cvtepu8_epi32(0xffff, load_8bit(p, lanes)));
}
template <class L> DNNC_INLINE vf load(const int8_t *p, L lanes) {
  return to_float((vi)_mm512_maskz_cvtepi8_epi32(0xffff, load_8bit(p, lanes)));
}
template <class L> DNNC_INLINE vf load(const int32_t *p, L lanes) { return to_float(load_i32(p, lanes)); }
template <class L> DNNC_INLINE vm load(const bool *p, L lanes) {
  __m128i b = load_8bit(p, lanes);
  return {_mm_test_epi8_mask(b, b)};
}

DNNC_INLINE vf fma(vf a, vf b, vf c) { return _mm512_fmadd_ps(a, b, c); }

DNNC_INLINE vm lt(vf a, vf b) { return {_mm512_cmp_ps_mask(a, b, _CMP_LT_OQ)}; }
DNNC_INLINE vm le(vf a, vf b) { return {_mm512_cmp_ps_mask(a, b, _CMP_LE_OQ)}; }
DNNC_INLINE vm gt(vf a, vf b) { return {_mm512_cmp_ps_mask(a, b, _CMP_GT_OQ)}; }
DNNC_INLINE vm ge(vf a, vf b) { return {_mm512_cmp_ps_mask(a, b, _CMP_GE_OQ)}; }
DNNC_INLINE vm eq(vf a, vf b) { return {_mm512_cmp_ps_mask(a, b, _CMP_EQ_OQ)}; }
DNNC_INLINE vm ne(vf a, vf b) { return {_mm512_cmp_ps_mask(a, b, _CMP_NEQ_UQ)}; }
DNNC_INLINE vm eq(vi a, vi b) { return {_mm512_cmpeq_epi32_mask((__m512i)a, (__m512i)b)}; }
DNNC_INLINE vm lt(vi a, vi b) { return {_mm512_cmplt_epi32_mask((__m512i)a, (__m512i)b)}; }
DNNC_INLINE vm gt(vi a, vi b) { return {_mm512_cmpgt_epi32_mask((__m512i)a, (__m512i)b)}; }
DNNC_INLINE vf select(vm m, vf a, vf b) { return _mm512_mask_blend_ps(m.bits, b, a); }
DNNC_INLINE vi select(vm m, vi a, vi b) { return (vi)_mm512_mask_blend_epi32(m.bits, (__m512i)b, (__m512i)a); }
DNNC_INLINE vm mask_and(vm a, vm b) { return {(__mmask16)(a.bits & b.bits)}; }
DNNC_INLINE vm mask_or(vm a, vm b) { return {(__mmask16)(a.bits | b.bits)}; }
DNNC_INLINE vm mask_not(vm a) { return {(__mmask16)~a.bits}; }
DNNC_INLINE bool any(vm m) { return m.bits != 0; }
DNNC_INLINE bool all(vm m) { return m.bits == 0xffff; }

// maxps and minps return their second operand when either is NaN.
DNNC_INLINE vf clamp_min(vf x, vf lo) { return _mm512_maskz_max_ps(0xffff, lo, x); }
DNNC_INLINE vf clamp_max(vf x, vf hi) { return _mm512_maskz_min_ps(0xffff, hi, x); }

DNNC_INLINE vi shift_left(vi x, int n) { return (vi)_mm512_maskz_slli_epi32(0xffff, (__m512i)x, (unsigned)n); }
DNNC_INLINE vi shift_right(vi x, int n) { return (vi)_mm512_maskz_srai_epi32(0xffff, (__m512i)x, (unsigned)n); }
DNNC_INLINE vi shift_right_logical(vi x, int n) { return (vi)_mm512_maskz_srli_epi32(0xffff, (__m512i)x, (unsigned)n); }

DNNC_INLINE vf floor(vf x) { return _mm512_maskz_roundscale_ps(0xffff, x, 9); }
DNNC_INLINE vf ceil(vf x) { return _mm512_maskz_roundscale_ps(0xffff, x, 10); }
DNNC_INLINE vf trunc(vf x) { return _mm512_maskz_roundscale_ps(0xffff, x, 11); }
DNNC_INLINE vf round_even(vf x) { return _mm512_maskz_roundscale_ps(0xffff, x, 8); }
DNNC_INLINE vf sqrt(vf x) { return _mm512_maskz_sqrt_ps(0xffff, x); }

DNNC_INLINE void store(float *p, vf v, Full) { _mm512_storeu_ps(p, v); }
DNNC_INLINE void store(float *p, vf v, Part n) { _mm512_mask_storeu_ps(p, lane_mask(n), v); }
template <class L> DNNC_INLINE void store(f16 *p, vf v, L lanes) {
  store_16bit(p, _mm512_maskz_cvtps_ph(0xffff, v, _MM_FROUND_TO_NEAREST_INT), lanes);
}
template <class L> DNNC_INLINE void store(bf16 *p, vf v, L lanes) {
  vi u = as_int(v);
  vi r = u + splat_i32(0x7fff) + (shift_right_logical(u, 16) & splat_i32(1));
  r = select(ne(v, v), u | splat_i32(0x400000), r);
  store_16bit(p, _mm512_maskz_cvtepi32_epi16(0xffff, (__m512i)shift_right_logical(r, 16)), lanes);
}

// x * 2^n, n a whole number; rounded once.
DNNC_INLINE vf scale(vf x, vf n) { return _mm512_maskz_scalef_ps(0xffff, x, n); }

DNNC_INLINE __m512i round_to_range(vf x, float lo, float hi) { // NaN gives lo
  return _mm512_maskz_cvtps_epi32(0xffff, clamp_max(_mm512_maskz_max_ps(0xffff, x, splat(lo)), splat(hi)));
}
template <class L> DNNC_INLINE void store(uint8_t *p, vf v, L lanes) {
  // What does not fit in an integer becomes 0x80000000, which saturates to 255 here and to -128 below.
  store_8bit(p, _mm512_maskz_cvtusepi32_epi8(0xffff, _mm512_maskz_cvtps_epi32(0xffff, _mm512_maskz_max_ps(0xffff, v, splat(0.0f)))), lanes);
}
template <class L> DNNC_INLINE void store(int8_t *p, vf v, L lanes) {
  store_8bit(p, _mm512_maskz_cvtsepi32_epi8(0xffff, _mm512_maskz_cvtps_epi32(0xffff, clamp_max(v, splat(127.0f)))), lanes);
}
template <class L> DNNC_INLINE void store(int32_t *p, vf v, L lanes) {
  vi r = (vi)round_to_range(v, -0x1p31f, 0x1.fffffep30f); // the largest float below 2^31
  store_i32(p, select(ge(v, splat(0x1p31f)), splat_i32(0x7fffffff), r), lanes);
}
template <class L> DNNC_INLINE void store(bool *p, vm v, L lanes) { store_8bit(p, _mm_maskz_set1_epi8(v.bits, 1), lanes); }

DNNC_INLINE __m256 low_half(vf x) { return _mm512_maskz_extractf32x8_ps(0xff, x, 0); }
DNNC_INLINE __m256 high_half(vf x) { return _mm512_maskz_extractf32x8_ps(0xff, x, 1); }
DNNC_INLINE float reduce_add(vf x) {
  __m256 h = _mm256_add_ps(low_half(x), high_half(x));
  __m128 q = _mm_add_ps(_mm256_castps256_ps128(h), _mm256_extractf128_ps(h, 1));
  q = _mm_add_ps(q, _mm_movehl_ps(q, q));
  return _mm_cvtss_f32(_mm_add_ss(q, _mm_shuffle_ps(q, q, 1)));
}
DNNC_INLINE __m256 nan_min(__m256 a, __m256 b) { return _mm256_blendv_ps(_mm256_min_ps(a, b), a, _mm256_cmp_ps(a, a, _CMP_UNORD_Q)); }
DNNC_INLINE __m256 nan_max(__m256 a, __m256 b) { return _mm256_blendv_ps(_mm256_max_ps(a, b), a, _mm256_cmp_ps(a, a, _CMP_UNORD_Q)); }
DNNC_INLINE float reduce_min(vf x) {
  __m256 h = nan_min(low_half(x), high_half(x));
  h = nan_min(h, _mm256_permute2f128_ps(h, h, 1));
  h = nan_min(h, _mm256_permute_ps(h, 0x4e));
  return _mm256_cvtss_f32(nan_min(h, _mm256_permute_ps(h, 0xb1)));
}
DNNC_INLINE float reduce_max(vf x) {
  __m256 h = nan_max(low_half(x), high_half(x));
  h = nan_max(h, _mm256_permute2f128_ps(h, h, 1));
  h = nan_max(h, _mm256_permute_ps(h, 0x4e));
  return _mm256_cvtss_f32(nan_max(h, _mm256_permute_ps(h, 0xb1)));
}

DNNC_INLINE vi load_bytes4(const int8_t *p) { return (vi)_mm512_loadu_si512(p); }
DNNC_INLINE vi splat_bytes4(const uint8_t *p) {
  int32_t word;
  __builtin_memcpy(&word, p, 4);
  return splat_i32(word);
}
#if DNNC_ISA == DNNC_ISA_AVX512VNNI
DNNC_INLINE vi dot4(vi acc, vi x, vi w) { return (vi)_mm512_dpbusd_epi32((__m512i)acc, (__m512i)x, (__m512i)w); }

template <int COUNT, class L> DNNC_INLINE vi load_taps(const uint8_t *a, const uint8_t *b, const uint8_t *c, const uint8_t *d, L lanes) {
  if (COUNT == 1) return (vi)_mm512_maskz_cvtepu8_epi32(0xffff, load_8bit(a, lanes));
  __m512i v = _mm512_zextsi128_si512(load_8bit(a, lanes));
  v = _mm512_maskz_inserti32x4(0xffff, v, load_8bit(b, lanes), 1);
  if (COUNT > 2) v = _mm512_maskz_inserti32x4(0xffff, v, load_8bit(c, lanes), 2);
  if (COUNT > 3) v = _mm512_maskz_inserti32x4(0xffff, v, load_8bit(d, lanes), 3);
  const vi words = {0, 4, 8, 12, 1, 5, 9, 13, 2, 6, 10, 14, 3, 7, 11, 15};
  const __m128i bytes = _mm_setr_epi8(0, 4, 8, 12, 1, 5, 9, 13, 2, 6, 10, 14, 3, 7, 11, 15);
  v = _mm512_maskz_permutexvar_epi32(0xffff, (__m512i)words, v);
  return (vi)_mm512_shuffle_epi8(v, _mm512_maskz_broadcast_i32x4(0xffff, bytes));
}
DNNC_INLINE vi dot_taps(vi acc, vi x, vi w) { return dot4(acc, x, w); }
#else
DNNC_INLINE vi dot4(vi acc, vi x, vi w) { // of words: vpmaddubsw would saturate
  return (vi)_mm512_add_epi32((__m512i)acc, _mm512_madd_epi16((__m512i)x, (__m512i)w));
}

template <int COUNT, class L> DNNC_INLINE vi load_taps(const uint8_t *a, const uint8_t *b, const uint8_t *, const uint8_t *, L lanes) {
  const __m128i first = load_8bit(a, lanes);
  if (COUNT == 1) return (vi)_mm512_maskz_cvtepu8_epi32(0xffff, first);
  const __m128i second = load_8bit(b, lanes);
  const __m256i low = _mm256_castsi128_si256(_mm_unpacklo_epi8(first, second));
  return (vi)_mm512_maskz_cvtepu8_epi16(0xffffffff, _mm256_inserti128_si256(low, _mm_unpackhi_epi8(first, second), 1));
}
DNNC_INLINE vi dot_taps(vi acc, vi x, vi w) {
  vi sum = dot4(acc, x, w);
  asm("" : "+v"(sum)); // g++ would add up the products later, when it has spilled them
  return sum;
}
#endif

// As in avx2.h.
enum { TABLE_BYTES = 64 };
struct ByteTable {
  __m512i part[16];

  explicit DNNC_INLINE ByteTable(const uint8_t *values) {
    __m512i before = _mm512_setzero_si512();
    for (int i = 0; i < 16; ++i) {
      const __m512i these = _mm512_maskz_broadcast_i32x4(0xffff, _mm_loadu_si128((const __m128i *)(values + 16 * i)));
      part[i] = i == 8 ? these : _mm512_xor_si512(these, before);
      before = these;
    }
  }
  DNNC_INLINE void operator()(const uint8_t *x, uint8_t *y) const {
    __m512i low = _mm512_loadu_si512(x), high = _mm512_xor_si512(low, _mm512_set1_epi8(-128));
    __m512i a = _mm512_setzero_si512(), b = a;
    DNNC_UNROLL for (int i = 0; i < 8; ++i) {
      a = _mm512_xor_si512(a, _mm512_shuffle_epi8(part[i], low));
      b = _mm512_xor_si512(b, _mm512_shuffle_epi8(part[8 + i], high));
      low = _mm512_subs_epi8(low, _mm512_set1_epi8(16));
      high = _mm512_subs_epi8(high, _mm512_set1_epi8(16));
    }
    _mm512_storeu_si512(y, _mm512_xor_si512(a, b));
  }
};

template <int WHICH> DNNC_INLINE vf load_pairs(const float *p) {
  const __m512i index = _mm512_setr_epi32(0, 2, 4, 6, 8, 10, 12, 14, 16, 18, 20, 22, 24, 26, 28, 30);
  return _mm512_permutex2var_ps(_mm512_loadu_ps(p), _mm512_add_epi32(index, _mm512_set1_epi32(WHICH)), _mm512_loadu_ps(p + VL));
}

template <int ROWS> DNNC_INLINE void transpose(vf (&r)[VL]) {
  static_assert(ROWS == 8 || ROWS == VL, "half a square or all of it");
  vf t[ROWS], quarter[ROWS]; // quarter[4 * g + i]: of rows 4 * g …, columns i, i + 4, i + 8 and i + 12
  DNNC_UNROLL for (int i = 0; i < ROWS; i += 2) {
    t[i] = _mm512_maskz_unpacklo_ps(0xffff, r[i], r[i + 1]);
    t[i + 1] = _mm512_maskz_unpackhi_ps(0xffff, r[i], r[i + 1]);
  }
  DNNC_UNROLL for (int g = 0; g < ROWS; g += 4) {
    DNNC_UNROLL for (int i = 0; i < 2; ++i) {
      const __m512d a = _mm512_castps_pd(t[g + i]), b = _mm512_castps_pd(t[g + i + 2]);
      quarter[g + 2 * i] = _mm512_castpd_ps(_mm512_maskz_unpacklo_pd(0xff, a, b));
      quarter[g + 2 * i + 1] = _mm512_castpd_ps(_mm512_maskz_unpackhi_pd(0xff, a, b));
    }
  }
  const __m512i even = _mm512_setr_epi64(0, 1, 8, 9, 4, 5, 12, 13), odd = _mm512_setr_epi64(2, 3, 10, 11, 6, 7, 14, 15);
  DNNC_UNROLL for (int i = 0; i < 4; ++i) {
    // Columns i and i + 8, i + 4 and i + 12: 8 rows each, then all 16.
    vf lower[2], upper[2];
    DNNC_UNROLL for (int g = 0; g < ROWS / 8; ++g) {
      const __m512d a = _mm512_castps_pd(quarter[8 * g + i]), b = _mm512_castps_pd(quarter[8 * g + 4 + i]);
      lower[g] = _mm512_castpd_ps(_mm512_permutex2var_pd(a, even, b));
      upper[g] = _mm512_castpd_ps(_mm512_permutex2var_pd(a, odd, b));
    }
    if constexpr (ROWS == 8) {
      r[i] = lower[0], r[i + 4] = upper[0];
      r[i + 8] = _mm512_maskz_shuffle_f32x4(0xffff, lower[0], lower[0], 0xee);
      r[i + 12] = _mm512_maskz_shuffle_f32x4(0xffff, upper[0], upper[0], 0xee);
    } else {
      r[i] = _mm512_maskz_shuffle_f32x4(0xffff, lower[0], lower[1], 0x44);
      r[i + 4] = _mm512_maskz_shuffle_f32x4(0xffff, upper[0], upper[1], 0x44);
      r[i + 8] = _mm512_maskz_shuffle_f32x4(0xffff, lower[0], lower[1], 0xee);
      r[i + 12] = _mm512_maskz_shuffle_f32x4(0xffff, upper[0], upper[1], 0xee);
    }
  }
}
