// The vocabulary of simd.h for AVX2 with FMA and F16C. The vector types are plain GCC vectors, which convert to __m256
// implicitly and, unlike it, are not may_alias and so can be template arguments without a warning.

enum { VL = 8, NUM_VREGS = 16, FMA_LANES = 0, DOT_LANES = 0 };
typedef float vf __attribute__((vector_size(32)));
typedef int32_t vi __attribute__((vector_size(32)));
typedef vi vm; // 0 or -1

DNNC_INLINE int lanes_of(Full) { return VL; }
DNNC_INLINE int lanes_of(Part n) { return n.k; }

DNNC_INLINE vf splat(float x) { return _mm256_set1_ps(x); }
DNNC_INLINE vi splat_i32(int32_t x) { return (vi)_mm256_set1_epi32(x); }
DNNC_INLINE vi lane_index() { return vi{0, 1, 2, 3, 4, 5, 6, 7}; }
DNNC_INLINE vi as_int(vf x) { return (vi)x; }
DNNC_INLINE vf as_float(vi x) { return (vf)x; }
DNNC_INLINE float first(vf x) { return _mm256_cvtss_f32(x); }

DNNC_INLINE __m256i lane_mask(Part n) { return _mm256_cmpgt_epi32(_mm256_set1_epi32(n.k), (__m256i)lane_index()); }

DNNC_INLINE vi load_i32(const int32_t *p, Full) { return (vi)_mm256_loadu_si256((const __m256i *)p); }
DNNC_INLINE vi load_i32(const int32_t *p, Part n) { return (vi)_mm256_maskload_epi32(p, lane_mask(n)); }
DNNC_INLINE void store_i32(int32_t *p, vi v, Full) { _mm256_storeu_si256((__m256i *)p, (__m256i)v); }
DNNC_INLINE void store_i32(int32_t *p, vi v, Part n) { _mm256_maskstore_epi32(p, lane_mask(n), (__m256i)v); }

DNNC_INLINE vi to_int(vf x) { return (vi)_mm256_cvttps_epi32(x); }
DNNC_INLINE vf to_float(vi x) { return _mm256_cvtepi32_ps((__m256i)x); }

// Narrow elements go through one 128-bit register; a tail goes through a zeroed copy.
template <class T> DNNC_INLINE __m128i load_bytes(const T *p, Full) {
  __m128i v = _mm_setzero_si128();
  __builtin_memcpy(&v, p, VL * sizeof(T));
  return v;
}
template <class T> DNNC_INLINE __m128i load_bytes(const T *p, Part n) {
  T t[16 / sizeof(T)] = {};
  for (int i = 0; i < n.k; ++i) t[i] = p[i];
  return _mm_loadu_si128((const __m128i *)t);
}
template <class T> DNNC_INLINE void store_bytes(T *p, __m128i v, Full) { __builtin_memcpy(p, &v, VL * sizeof(T)); }
template <class T> DNNC_INLINE void store_bytes(T *p, __m128i v, Part n) {
  T t[16 / sizeof(T)];
  _mm_storeu_si128((__m128i *)t, v);
  for (int i = 0; i < n.k; ++i) p[i] = t[i];
}

DNNC_INLINE vf load(const float *p, Full) { return _mm256_loadu_ps(p); }
DNNC_INLINE vf load(const float *p, Part n) { return _mm256_maskload_ps(p, lane_mask(n)); }
template <class L> DNNC_INLINE vf load(const f16 *p, L lanes) { return _mm256_cvtph_ps(load_bytes(p, lanes)); }
template <class L> DNNC_INLINE vf load(const bf16 *p, L lanes) {
  return _mm256_castsi256_ps(_mm256_slli_epi32(_mm256_cvtepu16_epi32(load_bytes(p, lanes)), 16));
}
template <class L> DNNC_INLINE vf load(const uint8_t *p, L lanes) { return _mm256_cvtepi32_ps(_mm256_cvtepu8_epi32(load_bytes(p, lanes))); }
template <class L> DNNC_INLINE vf load(const int8_t *p, L lanes) { return _mm256_cvtepi32_ps(_mm256_cvtepi8_epi32(load_bytes(p, lanes))); }
template <class L> DNNC_INLINE vf load(const int32_t *p, L lanes) { return to_float(load_i32(p, lanes)); }
template <class L> DNNC_INLINE vm load(const bool *p, L lanes) {
  return (vi)_mm256_sub_epi32(_mm256_setzero_si256(), _mm256_cvtepu8_epi32(load_bytes(p, lanes)));
}

DNNC_INLINE vf fma(vf a, vf b, vf c) { return _mm256_fmadd_ps(a, b, c); }

DNNC_INLINE vm lt(vf a, vf b) { return a < b; }
DNNC_INLINE vm le(vf a, vf b) { return a <= b; }
DNNC_INLINE vm gt(vf a, vf b) { return a > b; }
DNNC_INLINE vm ge(vf a, vf b) { return a >= b; }
DNNC_INLINE vm eq(vf a, vf b) { return a == b; }
DNNC_INLINE vm ne(vf a, vf b) { return a != b; }
DNNC_INLINE vm eq(vi a, vi b) { return a == b; }
DNNC_INLINE vm lt(vi a, vi b) { return a < b; }
DNNC_INLINE vm gt(vi a, vi b) { return a > b; }
DNNC_INLINE vf select(vm m, vf a, vf b) { return _mm256_blendv_ps(b, a, (vf)m); }
DNNC_INLINE vi select(vm m, vi a, vi b) { return (vi)_mm256_blendv_epi8((__m256i)b, (__m256i)a, (__m256i)m); }
DNNC_INLINE vm mask_and(vm a, vm b) { return a & b; }
DNNC_INLINE vm mask_or(vm a, vm b) { return a | b; }
DNNC_INLINE vm mask_not(vm a) { return ~a; }
DNNC_INLINE bool any(vm m) { return _mm256_movemask_ps((vf)m) != 0; }
DNNC_INLINE bool all(vm m) { return _mm256_movemask_ps((vf)m) == 0xff; }

// maxps and minps return their second operand when either is NaN.
DNNC_INLINE vf clamp_min(vf x, vf lo) { return _mm256_max_ps(lo, x); }
DNNC_INLINE vf clamp_max(vf x, vf hi) { return _mm256_min_ps(hi, x); }

DNNC_INLINE vi shift_left(vi x, int n) { return (vi)_mm256_slli_epi32((__m256i)x, n); }
DNNC_INLINE vi shift_right(vi x, int n) { return (vi)_mm256_srai_epi32((__m256i)x, n); }
DNNC_INLINE vi shift_right_logical(vi x, int n) { return (vi)_mm256_srli_epi32((__m256i)x, n); }

DNNC_INLINE vf floor(vf x) { return _mm256_round_ps(x, _MM_FROUND_TO_NEG_INF | _MM_FROUND_NO_EXC); }
DNNC_INLINE vf ceil(vf x) { return _mm256_round_ps(x, _MM_FROUND_TO_POS_INF | _MM_FROUND_NO_EXC); }
DNNC_INLINE vf trunc(vf x) { return _mm256_round_ps(x, _MM_FROUND_TO_ZERO | _MM_FROUND_NO_EXC); }
DNNC_INLINE vf round_even(vf x) { return _mm256_round_ps(x, _MM_FROUND_TO_NEAREST_INT | _MM_FROUND_NO_EXC); }
DNNC_INLINE vf sqrt(vf x) { return _mm256_sqrt_ps(x); }

DNNC_INLINE void store(float *p, vf v, Full) { _mm256_storeu_ps(p, v); }
DNNC_INLINE void store(float *p, vf v, Part n) { _mm256_maskstore_ps(p, lane_mask(n), v); }
template <class L> DNNC_INLINE void store(f16 *p, vf v, L lanes) { store_bytes(p, _mm256_cvtps_ph(v, _MM_FROUND_TO_NEAREST_INT), lanes); }
// The low 16 bits of each lane, which must hold no more than those.
DNNC_INLINE __m128i narrow_u16(vi v) {
  __m256i x = (__m256i)v;
  return _mm_packus_epi32(_mm256_castsi256_si128(x), _mm256_extracti128_si256(x, 1));
}
template <class L> DNNC_INLINE void store(bf16 *p, vf v, L lanes) {
  vi u = as_int(v);
  vi r = u + splat_i32(0x7fff) + (shift_right_logical(u, 16) & splat_i32(1));
  r = select(ne(v, v), u | splat_i32(0x400000), r);
  store_bytes(p, narrow_u16(shift_right_logical(r, 16)), lanes);
}

// Rounded, hi at most; NaN and what is too low give the lowest integer, which a narrower type saturates.
DNNC_INLINE __m256i round_up_to(vf x, float hi) { return _mm256_cvtps_epi32(_mm256_min_ps(splat(hi), x)); }
DNNC_INLINE __m128i narrow_words(uint8_t *, __m128i a, __m128i b) { return _mm_packus_epi16(a, b); }
DNNC_INLINE __m128i narrow_words(int8_t *, __m128i a, __m128i b) { return _mm_packs_epi16(a, b); }
template <class T, class L> DNNC_INLINE void store_8bit(T *p, vf v, float hi, L lanes) {
  const __m256i r = round_up_to(v, hi);
  const __m128i words = _mm_packs_epi32(_mm256_castsi256_si128(r), _mm256_extracti128_si256(r, 1));
  store_bytes(p, narrow_words(p, words, words), lanes);
}
template <class L> DNNC_INLINE void store(uint8_t *p, vf v, L lanes) { store_8bit(p, v, 255.0f, lanes); }
template <class L> DNNC_INLINE void store(int8_t *p, vf v, L lanes) { store_8bit(p, v, 127.0f, lanes); }
template <class T> DNNC_INLINE void store_two_8bit(T *p, vf a, T *q, vf b, float hi) {
  const __m256i words = _mm256_packs_epi32(round_up_to(a, hi), round_up_to(b, hi)); // halves of a and b by turns
  const __m256i apart = _mm256_permute4x64_epi64(words, 0xd8);
  const __m128i bytes = narrow_words(p, _mm256_castsi256_si128(apart), _mm256_extracti128_si256(apart, 1));
  _mm_storel_epi64((__m128i *)p, bytes);
  const double high = _mm_castsi128_pd(bytes)[1]; // not _mm_storeh_pd: q is not aligned
  __builtin_memcpy(q, &high, 8);
}
DNNC_INLINE void store_two(uint8_t *p, vf a, uint8_t *q, vf b) { store_two_8bit(p, a, q, b, 255.0f); }
DNNC_INLINE void store_two(int8_t *p, vf a, int8_t *q, vf b) { store_two_8bit(p, a, q, b, 127.0f); }
template <class L> DNNC_INLINE void store(int32_t *p, vf v, L lanes) {
  vi r = (vi)round_up_to(v, 0x1.fffffep30f); // the largest float below 2^31
  store_i32(p, select(ge(v, splat(0x1p31f)), splat_i32(0x7fffffff), r), lanes);
}
template <class L> DNNC_INLINE void store(bool *p, vm v, L lanes) {
  __m128i h = narrow_u16(v & splat_i32(1));
  store_bytes(p, _mm_packus_epi16(h, h), lanes);
}

DNNC_INLINE __m128 low_half(vf x) { return _mm256_castps256_ps128(x); }
DNNC_INLINE __m128 high_half(vf x) { return _mm256_extractf128_ps(x, 1); }
DNNC_INLINE float reduce_add(vf x) {
  __m128 q = _mm_add_ps(low_half(x), high_half(x));
  q = _mm_add_ps(q, _mm_movehl_ps(q, q));
  return _mm_cvtss_f32(_mm_add_ss(q, _mm_shuffle_ps(q, q, 1)));
}
DNNC_INLINE __m128 nan_min(__m128 a, __m128 b) { return _mm_blendv_ps(_mm_min_ps(a, b), a, _mm_cmpunord_ps(a, a)); }
DNNC_INLINE __m128 nan_max(__m128 a, __m128 b) { return _mm_blendv_ps(_mm_max_ps(a, b), a, _mm_cmpunord_ps(a, a)); }
DNNC_INLINE float reduce_min(vf x) {
  __m128 q = nan_min(low_half(x), high_half(x));
  q = nan_min(q, _mm_movehl_ps(q, q));
  return _mm_cvtss_f32(nan_min(q, _mm_shuffle_ps(q, q, 1)));
}
DNNC_INLINE float reduce_max(vf x) {
  __m128 q = nan_max(low_half(x), high_half(x));
  q = nan_max(q, _mm_movehl_ps(q, q));
  return _mm_cvtss_f32(nan_max(q, _mm_shuffle_ps(q, q, 1)));
}

DNNC_INLINE vi load_bytes4(const int8_t *p) { return (vi)_mm256_loadu_si256((const __m256i *)p); }
DNNC_INLINE vi splat_bytes4(const uint8_t *p) {
  int32_t word;
  __builtin_memcpy(&word, p, 4);
  return splat_i32(word);
}
DNNC_INLINE vi dot4(vi acc, vi x, vi w) { // of words: vpmaddubsw would saturate
  return (vi)_mm256_add_epi32((__m256i)acc, _mm256_madd_epi16((__m256i)x, (__m256i)w));
}
// Of bytes: u8 x and s8 w whose sums of two products, or of four (two of x0, two of x1), fit in 16 bits.
DNNC_INLINE vi dot4_pairs(vi acc, vi x, vi w) {
  const __m256i sums = _mm256_maddubs_epi16((__m256i)x, (__m256i)w);
  return (vi)_mm256_add_epi32((__m256i)acc, _mm256_madd_epi16(sums, _mm256_set1_epi16(1)));
}
DNNC_INLINE vi dot8(vi acc, vi x0, vi w0, vi x1, vi w1) {
  const __m256i sums = _mm256_add_epi16(_mm256_maddubs_epi16((__m256i)x0, (__m256i)w0), _mm256_maddubs_epi16((__m256i)x1, (__m256i)w1));
  return (vi)_mm256_add_epi32((__m256i)acc, _mm256_madd_epi16(sums, _mm256_set1_epi16(1)));
}

template <int COUNT, class L> DNNC_INLINE vi load_taps(const uint8_t *a, const uint8_t *b, const uint8_t *, const uint8_t *, L lanes) {
  if (COUNT == 1) return (vi)_mm256_cvtepu8_epi32(load_bytes(a, lanes));
  return (vi)_mm256_cvtepu8_epi16(_mm_unpacklo_epi8(load_bytes(a, lanes), load_bytes(b, lanes)));
}
DNNC_INLINE vi dot_taps(vi acc, vi x, vi w) {
  vi sum = dot4(acc, x, w);
  asm("" : "+x"(sum)); // g++ would add up the products later, when it has spilled them
  return sum;
}

// vpshufb looks up 16 values and gives 0 for a byte with its highest bit set. Each 16 values are stored XOR the 16 before them: of x - 0, x - 16,
// x - 32 … the ones that are not negative add up to those of x. What is above 127 is a table of its own.
enum { TABLE_BYTES = 32 };
struct ByteTable {
  __m256i part[16];

  explicit DNNC_INLINE ByteTable(const uint8_t *values) {
    __m256i before = _mm256_setzero_si256();
    for (int i = 0; i < 16; ++i) {
      const __m256i these = _mm256_broadcastsi128_si256(_mm_loadu_si128((const __m128i *)(values + 16 * i)));
      part[i] = i == 8 ? these : _mm256_xor_si256(these, before);
      before = these;
    }
  }
  DNNC_INLINE void operator()(const uint8_t *x, uint8_t *y) const {
    __m256i low = _mm256_loadu_si256((const __m256i *)x), high = _mm256_xor_si256(low, _mm256_set1_epi8(-128));
    __m256i a = _mm256_setzero_si256(), b = a;
    DNNC_UNROLL for (int i = 0; i < 8; ++i) {
      a = _mm256_xor_si256(a, _mm256_shuffle_epi8(part[i], low));
      b = _mm256_xor_si256(b, _mm256_shuffle_epi8(part[8 + i], high));
      low = _mm256_subs_epi8(low, _mm256_set1_epi8(16));
      high = _mm256_subs_epi8(high, _mm256_set1_epi8(16));
    }
    _mm256_storeu_si256((__m256i *)y, _mm256_xor_si256(a, b));
  }
};

template <int WHICH> DNNC_INLINE vf load_pairs(const float *p) {
  const __m256 a = _mm256_loadu_ps(p), b = _mm256_loadu_ps(p + VL), apart = _mm256_shuffle_ps(a, b, WHICH ? 0xdd : 0x88);
  return _mm256_castpd_ps(_mm256_permute4x64_pd(_mm256_castps_pd(apart), 0xd8));
}
template <int ROWS> DNNC_INLINE void transpose(vf (&r)[VL]) {
  static_assert(ROWS == VL, "a whole square");
  vf t[VL], q[VL]; // q[i]: of four rows, columns i % 4 and i % 4 + 4
  DNNC_UNROLL for (int i = 0; i < VL; i += 2) t[i] = _mm256_unpacklo_ps(r[i], r[i + 1]), t[i + 1] = _mm256_unpackhi_ps(r[i], r[i + 1]);
  DNNC_UNROLL for (int i = 0; i < VL; i += 4) {
    q[i] = _mm256_shuffle_ps(t[i], t[i + 2], 0x44), q[i + 1] = _mm256_shuffle_ps(t[i], t[i + 2], 0xee);
    q[i + 2] = _mm256_shuffle_ps(t[i + 1], t[i + 3], 0x44), q[i + 3] = _mm256_shuffle_ps(t[i + 1], t[i + 3], 0xee);
  }
  DNNC_UNROLL for (int i = 0; i < 4; ++i) {
    r[i] = _mm256_permute2f128_ps(q[i], q[i + 4], 0x20);
    r[i + 4] = _mm256_permute2f128_ps(q[i], q[i + 4], 0x31);
  }
}
