// The vocabulary of simd.h for any processor, by the vector extension that g++ and clang share.

enum { VL = 4, NUM_VREGS = 16, FMA_LANES = 0, DOT_LANES = 0, TABLE_BYTES = 0 };
typedef float vf __attribute__((vector_size(16)));
typedef int32_t vi __attribute__((vector_size(16)));
typedef vi vm; // 0 or -1

DNNC_INLINE int lanes_of(Full) { return VL; }
DNNC_INLINE int lanes_of(Part n) { return n.k; }

DNNC_INLINE vf splat(float x) { return vf{x, x, x, x}; }
DNNC_INLINE vi splat_i32(int32_t x) { return vi{x, x, x, x}; }
DNNC_INLINE vi lane_index() { return vi{0, 1, 2, 3}; }
DNNC_INLINE vi as_int(vf x) { return (vi)x; }
DNNC_INLINE vf as_float(vi x) { return (vf)x; }
DNNC_INLINE float first(vf x) { return x[0]; }

DNNC_INLINE vi load_i32(const int32_t *p, Full) {
  vi v;
  __builtin_memcpy(&v, p, 16);
  return v;
}
DNNC_INLINE vi load_i32(const int32_t *p, Part n) { return vi{p[0], n.k > 1 ? p[1] : 0, n.k > 2 ? p[2] : 0, 0}; }
DNNC_INLINE void store_i32(int32_t *p, vi v, Full) { __builtin_memcpy(p, &v, 16); }
DNNC_INLINE void store_i32(int32_t *p, vi v, Part n) {
  p[0] = v[0];
  if (n.k > 1) p[1] = v[1];
  if (n.k > 2) p[2] = v[2];
}

DNNC_INLINE vf load(const float *p, Full) {
  vf v;
  __builtin_memcpy(&v, p, 16);
  return v;
}
DNNC_INLINE void store(float *p, vf v, Full) { __builtin_memcpy(p, &v, 16); }
template <class T> DNNC_INLINE vf load(const T *p, Full) { return vf{to_float(p[0]), to_float(p[1]), to_float(p[2]), to_float(p[3])}; }
template <class T> DNNC_INLINE vf load(const T *p, Part n) {
  return vf{to_float(p[0]), n.k > 1 ? to_float(p[1]) : 0.0f, n.k > 2 ? to_float(p[2]) : 0.0f, 0.0f};
}
// to_float of types.h on vectors: packed weights are read so. The 16 bits stand in the upper half of each lane.
DNNC_INLINE vi load_high(const void *p) {
#if defined(__SSE2__)
  return (vi)_mm_unpacklo_epi16(_mm_setzero_si128(), _mm_loadl_epi64((const __m128i *)p));
#else
  typedef uint16_t vu16 __attribute__((vector_size(8)));
  vu16 v;
  __builtin_memcpy(&v, p, sizeof v);
  return __builtin_convertvector(v, vi) << 16;
#endif
}
DNNC_INLINE vf load(const bf16 *p, Full) { return (vf)load_high(p); }
DNNC_INLINE vf load(const f16 *p, Full) {
  const vi infinity = vi{} + 0x0f800000;
  vi wide = load_high(p) >> 3 & (int32_t)0x8fffe000, magnitude = wide & 0x0fffe000; // the sign stays in front
  // No step is a denormal as a float, which the processor may be told to take for 0.
  vi small = magnitude < 0x00800000, denormal = (vi)((vf)(magnitude + 0x38800000) - 0x1p-14f);
  vi value = (small & denormal) | (~small & (magnitude + 0x38000000)) | (wide & (int32_t)0x80000000);
  return (vf)(value | ((magnitude >= infinity) & 0x7f800000) | ((magnitude > infinity) & 0x00400000));
}
DNNC_INLINE vm load(const bool *p, Full) { return vm{-p[0], -p[1], -p[2], -p[3]}; }
DNNC_INLINE vm load(const bool *p, Part n) { return vm{-p[0], n.k > 1 ? -p[1] : 0, n.k > 2 ? -p[2] : 0, 0}; }
template <class L> DNNC_INLINE void store(bool *p, vm v, L lanes) {
  for (int i = 0; i < lanes_of(lanes); ++i) p[i] = v[i] != 0;
}

DNNC_INLINE vf fma(vf a, vf b, vf c) { return a * b + c; }

DNNC_INLINE vm lt(vf a, vf b) { return a < b; }
DNNC_INLINE vm le(vf a, vf b) { return a <= b; }
DNNC_INLINE vm gt(vf a, vf b) { return a > b; }
DNNC_INLINE vm ge(vf a, vf b) { return a >= b; }
DNNC_INLINE vm eq(vf a, vf b) { return a == b; }
DNNC_INLINE vm ne(vf a, vf b) { return a != b; }
DNNC_INLINE vm eq(vi a, vi b) { return a == b; }
DNNC_INLINE vm lt(vi a, vi b) { return a < b; }
DNNC_INLINE vm gt(vi a, vi b) { return a > b; }
DNNC_INLINE vf select(vm m, vf a, vf b) { return m ? a : b; }
DNNC_INLINE vi select(vm m, vi a, vi b) { return m ? a : b; }
DNNC_INLINE vm mask_and(vm a, vm b) { return a & b; }
DNNC_INLINE vm mask_or(vm a, vm b) { return a | b; }
DNNC_INLINE vm mask_not(vm a) { return ~a; }
DNNC_INLINE bool any(vm m) { return (m[0] | m[1] | m[2] | m[3]) != 0; }
DNNC_INLINE bool all(vm m) { return (m[0] & m[1] & m[2] & m[3]) != 0; }

DNNC_INLINE vf clamp_min(vf x, vf lo) { return lo > x ? lo : x; }
DNNC_INLINE vf clamp_max(vf x, vf hi) { return hi < x ? hi : x; }

DNNC_INLINE vi shift_left(vi x, int n) { return x << n; }
DNNC_INLINE vi shift_right(vi x, int n) { return x >> n; }
DNNC_INLINE vi shift_right_logical(vi x, int n) {
  typedef uint32_t vu __attribute__((vector_size(16)));
  return (vi)((vu)x >> n);
}

DNNC_INLINE vi to_int(vf x) { return __builtin_convertvector(x, vi); }
DNNC_INLINE vf to_float(vi x) { return __builtin_convertvector(x, vf); }

// From 2^23 on every float is an integer; the sign is put back for results of -0.
DNNC_INLINE vf keep_large(vf x, vf rounded) {
  vi sign = as_int(x) & splat_i32((int32_t)0x80000000);
  vf a = as_float(as_int(x) ^ sign);
  return a < splat(0x1p23f) ? as_float(as_int(rounded) | sign) : x;
}
DNNC_INLINE vf small(vf x) { // x where truncating it to an integer is defined, else 0
  vf a = as_float(as_int(x) & splat_i32(0x7fffffff));
  return a < splat(0x1p23f) ? x : splat(0.0f);
}
DNNC_INLINE vf trunc(vf x) { return keep_large(x, to_float(to_int(small(x)))); }
DNNC_INLINE vf floor(vf x) {
  vf t = to_float(to_int(small(x)));
  return keep_large(x, t > x ? t - splat(1.0f) : t);
}
DNNC_INLINE vf ceil(vf x) {
  vf t = to_float(to_int(small(x)));
  return keep_large(x, t < x ? t + splat(1.0f) : t);
}
DNNC_INLINE vf round_even(vf x) {
  vf t = to_float(to_int(small(x))), d = small(x) - t; // exact; |d| < 1
  vf up = as_float((as_int(x) & splat_i32((int32_t)0x80000000)) | as_int(splat(1.0f)));
  vf a = as_float(as_int(d) & splat_i32(0x7fffffff));
  vm odd = (to_int(t) & splat_i32(1)) != 0;
  vm away = (a > splat(0.5f)) | ((a == splat(0.5f)) & odd);
  return keep_large(x, away ? t + up : t);
}

DNNC_INLINE vf sqrt(vf x) {
#if defined(__SSE2__)
  return _mm_sqrt_ps(x);
#else
  return vf{__builtin_sqrtf(x[0]), __builtin_sqrtf(x[1]), __builtin_sqrtf(x[2]), __builtin_sqrtf(x[3])};
#endif
}

DNNC_INLINE void store(float *p, vf v, Part n) {
  p[0] = v[0];
  if (n.k > 1) p[1] = v[1];
  if (n.k > 2) p[2] = v[2];
}
template <class L> DNNC_INLINE void store(f16 *p, vf v, L lanes) {
  for (int i = 0; i < lanes_of(lanes); ++i) p[i] = to_f16(v[i]);
}
template <class L> DNNC_INLINE void store(bf16 *p, vf v, L lanes) {
  for (int i = 0; i < lanes_of(lanes); ++i) p[i] = to_bf16(v[i]);
}

DNNC_INLINE vf to_range(vf x, float lo, float hi) { // NaN gives lo
  vf r = x > splat(lo) ? x : splat(lo);
  return round_even(r < splat(hi) ? r : splat(hi));
}
template <class L> DNNC_INLINE void store(uint8_t *p, vf v, L lanes) {
  vi r = to_int(to_range(v, 0.0f, 255.0f));
  for (int i = 0; i < lanes_of(lanes); ++i) p[i] = (uint8_t)r[i];
}
template <class L> DNNC_INLINE void store(int8_t *p, vf v, L lanes) {
  vi r = to_int(to_range(v, -128.0f, 127.0f));
  for (int i = 0; i < lanes_of(lanes); ++i) p[i] = (int8_t)r[i];
}
template <class L> DNNC_INLINE void store(int32_t *p, vf v, L lanes) {
  vi r = to_int(to_range(v, -0x1p31f, 0x1.fffffep30f)); // the largest float below 2^31
  store_i32(p, v >= splat(0x1p31f) ? splat_i32(0x7fffffff) : r, lanes);
}

DNNC_INLINE float reduce_add(vf x) { return (x[0] + x[2]) + (x[1] + x[3]); }
DNNC_INLINE float lesser(float a, float b) { return a != a || a < b ? a : b; }
DNNC_INLINE float greater(float a, float b) { return a != a || a > b ? a : b; }
DNNC_INLINE float reduce_min(vf x) { return lesser(lesser(x[0], x[2]), lesser(x[1], x[3])); }
DNNC_INLINE float reduce_max(vf x) { return greater(greater(x[0], x[2]), greater(x[1], x[3])); }

DNNC_INLINE vi load_bytes4(const int8_t *p) {
  vi v;
  __builtin_memcpy(&v, p, 16);
  return v;
}
DNNC_INLINE vi splat_bytes4(const uint8_t *p) {
  int32_t word;
  __builtin_memcpy(&word, p, 4);
  return splat_i32(word);
}
// Byte b of each lane as a number; the machine is little-endian.
template <int B> DNNC_INLINE vi unsigned_byte(vi x) { return shift_right_logical(shift_left(x, 24 - 8 * B), 24); }
template <int B> DNNC_INLINE vi signed_byte(vi x) { return shift_right(shift_left(x, 24 - 8 * B), 24); }
DNNC_INLINE vi dot4(vi acc, vi x, vi w) {
  return acc + unsigned_byte<0>(x) * signed_byte<0>(w) + unsigned_byte<1>(x) * signed_byte<1>(w) + unsigned_byte<2>(x) * signed_byte<2>(w) +
         unsigned_byte<3>(x) * signed_byte<3>(w);
}

template <int COUNT, class L> DNNC_NOINLINE vi load_taps(const uint8_t *a, const uint8_t *b, const uint8_t *c, const uint8_t *d, L lanes) {
  vi v = {};
  for (int i = 0; i < lanes_of(lanes); ++i) {
    v[i] = a[i] | (COUNT > 1 ? b[i] << 8 : 0) | (COUNT > 2 ? c[i] << 16 : 0) | (COUNT > 3 ? (int32_t)((uint32_t)d[i] << 24) : 0);
  }
  return v;
}
DNNC_NOINLINE vi dot_taps(vi acc, vi x, vi w) { return dot4(acc, x, w); }

struct ByteTable {
  explicit DNNC_INLINE ByteTable(const uint8_t *) {}
  DNNC_INLINE void operator()(const uint8_t *, uint8_t *) const {}
};
template <int WHICH> DNNC_INLINE vf load_pairs(const float *p) { return vf{p[WHICH], p[2 + WHICH], p[4 + WHICH], p[6 + WHICH]}; }
template <int ROWS> DNNC_INLINE void transpose(vf (&r)[VL]) {
  static_assert(ROWS == VL, "a whole square");
  const vf a = r[0], b = r[1], c = r[2], d = r[3];
  for (int i = 0; i < VL; ++i) r[i] = vf{a[i], b[i], c[i], d[i]};
}
