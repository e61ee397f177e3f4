// The vocabulary of simd.h for one thread of a GPU: a vector has one lane. vf is a struct, so that overloads tell it from float.
// Operations that nvcc could contract or approximate by its flags are written as the intrinsics that round as IEEE 754 says.
// Templates name the type they return: cudafe++ 13.0 loses the braces of a list.

enum { VL = 1, NUM_VREGS = 64, FMA_LANES = 0, DOT_LANES = 0, TABLE_BYTES = 0 };
struct vf {
  float x;
};
struct vi {
  int32_t x;
};
struct vm {
  bool x;
};

#ifdef __CUDA_ARCH__
#define DNNC_ROUNDED(device, host) device
#else
#define DNNC_ROUNDED(device, host) host
#endif

DNNC_INLINE int lanes_of(Full) { return 1; }
DNNC_INLINE int lanes_of(Part n) { return n.k; }

DNNC_INLINE vf splat(float x) { return {x}; }
DNNC_INLINE vi splat_i32(int32_t x) { return {x}; }
DNNC_INLINE vi lane_index() { return {0}; }
DNNC_INLINE vi as_int(vf x) { return {(int32_t)float_bits(x.x)}; }
DNNC_INLINE vf as_float(vi x) { return {bits_float((uint32_t)x.x)}; }
DNNC_INLINE float first(vf x) { return x.x; }

DNNC_INLINE vf operator+(vf a, vf b) { return {DNNC_ROUNDED(__fadd_rn(a.x, b.x), a.x + b.x)}; }
DNNC_INLINE vf operator-(vf a, vf b) { return {DNNC_ROUNDED(__fsub_rn(a.x, b.x), a.x - b.x)}; }
DNNC_INLINE vf operator*(vf a, vf b) { return {DNNC_ROUNDED(__fmul_rn(a.x, b.x), a.x * b.x)}; }
DNNC_INLINE vf operator/(vf a, vf b) { return {DNNC_ROUNDED(__fdiv_rn(a.x, b.x), a.x / b.x)}; }
DNNC_INLINE vf &operator+=(vf &a, vf b) { return a = a + b; }
DNNC_INLINE vf &operator-=(vf &a, vf b) { return a = a - b; }
DNNC_INLINE vf &operator*=(vf &a, vf b) { return a = a * b; }
// Integers wrap around.
DNNC_INLINE vi operator+(vi a, vi b) { return {(int32_t)((uint32_t)a.x + (uint32_t)b.x)}; }
DNNC_INLINE vi operator-(vi a, vi b) { return {(int32_t)((uint32_t)a.x - (uint32_t)b.x)}; }
DNNC_INLINE vi operator*(vi a, vi b) { return {(int32_t)((uint32_t)a.x * (uint32_t)b.x)}; }
DNNC_INLINE vi operator&(vi a, vi b) { return {a.x & b.x}; }
DNNC_INLINE vi operator|(vi a, vi b) { return {a.x | b.x}; }
DNNC_INLINE vi operator^(vi a, vi b) { return {a.x ^ b.x}; }
DNNC_INLINE vi operator~(vi a) { return {~a.x}; }
DNNC_INLINE vi &operator+=(vi &a, vi b) { return a = a + b; }

// A part of one lane is all of it.
template <class L> DNNC_INLINE vi load_i32(const int32_t *p, L) { return vi{*p}; }
template <class L> DNNC_INLINE void store_i32(int32_t *p, vi v, L) { *p = v.x; }
template <class T, class L> DNNC_INLINE vf load(const T *p, L) { return vf{to_float(*p)}; }
template <class L> DNNC_INLINE vm load(const bool *p, L) { return vm{*p}; }
template <class L> DNNC_INLINE void store(bool *p, vm v, L) { *p = v.x; }
template <class L> DNNC_INLINE void store(float *p, vf v, L) { *p = v.x; }
template <class L> DNNC_INLINE void store(f16 *p, vf v, L) { *p = to_f16(v.x); }
template <class L> DNNC_INLINE void store(bf16 *p, vf v, L) { *p = to_bf16(v.x); }

DNNC_INLINE vf fma(vf a, vf b, vf c) { return {DNNC_ROUNDED(__fmaf_rn(a.x, b.x, c.x), __builtin_fmaf(a.x, b.x, c.x))}; }

DNNC_INLINE vm lt(vf a, vf b) { return {a.x < b.x}; }
DNNC_INLINE vm le(vf a, vf b) { return {a.x <= b.x}; }
DNNC_INLINE vm gt(vf a, vf b) { return {a.x > b.x}; }
DNNC_INLINE vm ge(vf a, vf b) { return {a.x >= b.x}; }
DNNC_INLINE vm eq(vf a, vf b) { return {a.x == b.x}; }
DNNC_INLINE vm ne(vf a, vf b) { return {a.x != b.x}; }
DNNC_INLINE vm eq(vi a, vi b) { return {a.x == b.x}; }
DNNC_INLINE vm lt(vi a, vi b) { return {a.x < b.x}; }
DNNC_INLINE vm gt(vi a, vi b) { return {a.x > b.x}; }
DNNC_INLINE vf select(vm m, vf a, vf b) { return m.x ? a : b; }
DNNC_INLINE vi select(vm m, vi a, vi b) { return m.x ? a : b; }
DNNC_INLINE vm mask_and(vm a, vm b) { return {a.x && b.x}; }
DNNC_INLINE vm mask_or(vm a, vm b) { return {a.x || b.x}; }
DNNC_INLINE vm mask_not(vm a) { return {!a.x}; }
DNNC_INLINE bool any(vm m) { return m.x; }
DNNC_INLINE bool all(vm m) { return m.x; }

DNNC_INLINE vf clamp_min(vf x, vf lo) { return lo.x > x.x ? lo : x; }
DNNC_INLINE vf clamp_max(vf x, vf hi) { return hi.x < x.x ? hi : x; }

DNNC_INLINE vi shift_left(vi x, int n) { return {(int32_t)((uint32_t)x.x << n)}; }
DNNC_INLINE vi shift_right(vi x, int n) { return {x.x >> n}; }
DNNC_INLINE vi shift_right_logical(vi x, int n) { return {(int32_t)((uint32_t)x.x >> n)}; }

DNNC_INLINE vi to_int(vf x) { return {(int32_t)x.x}; }
DNNC_INLINE vf to_float(vi x) { return {(float)x.x}; }

DNNC_INLINE vf trunc(vf x) { return {__builtin_truncf(x.x)}; }
DNNC_INLINE vf floor(vf x) { return {__builtin_floorf(x.x)}; }
DNNC_INLINE vf ceil(vf x) { return {__builtin_ceilf(x.x)}; }
DNNC_INLINE vf round_even(vf x) { return {__builtin_rintf(x.x)}; }
DNNC_INLINE vf sqrt(vf x) { return {DNNC_ROUNDED(__fsqrt_rn(x.x), __builtin_sqrtf(x.x))}; }

DNNC_INLINE vf to_range(vf x, float lo, float hi) { // NaN gives lo
  float r = x.x > lo ? x.x : lo;
  return round_even({r < hi ? r : hi});
}
template <class L> DNNC_INLINE void store(uint8_t *p, vf v, L) { *p = (uint8_t)to_int(to_range(v, 0.0f, 255.0f)).x; }
template <class L> DNNC_INLINE void store(int8_t *p, vf v, L) { *p = (int8_t)to_int(to_range(v, -128.0f, 127.0f)).x; }
template <class L> DNNC_INLINE void store(int32_t *p, vf v, L) {
  *p = v.x >= 0x1p31f ? 0x7fffffff : to_int(to_range(v, -0x1p31f, 0x1.fffffep30f)).x; // the largest float below 2^31
}

DNNC_INLINE float reduce_add(vf x) { return x.x; }
DNNC_INLINE float reduce_min(vf x) { return x.x; }
DNNC_INLINE float reduce_max(vf x) { return x.x; }
struct ByteTable {
  explicit DNNC_INLINE ByteTable(const uint8_t *) {}
  DNNC_INLINE void operator()(const uint8_t *, uint8_t *) const {}
};
template <int WHICH> DNNC_INLINE vf load_pairs(const float *p) { return splat(p[WHICH]); }
template <int ROWS> DNNC_INLINE void transpose(vf (&)[VL]) {}
#undef DNNC_ROUNDED
