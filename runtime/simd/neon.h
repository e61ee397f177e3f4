// The vocabulary of simd.h for 64-bit Arm.

enum { VL = 4, NUM_VREGS = 32, FMA_LANES = 4, DOT_LANES = DNNC_ISA >= DNNC_ISA_NEON_DOTPROD ? 4 : 0 };
typedef float32x4_t vf;
typedef int32x4_t vi;
typedef vi vm; // 0 or -1

DNNC_INLINE int lanes_of(Full) { return VL; }
DNNC_INLINE int lanes_of(Part n) { return n.k; }

DNNC_INLINE vf splat(float x) { return vdupq_n_f32(x); }
DNNC_INLINE vi splat_i32(int32_t x) { return vdupq_n_s32(x); }
DNNC_INLINE vi lane_index() { return vi{0, 1, 2, 3}; }
DNNC_INLINE vi as_int(vf x) { return vreinterpretq_s32_f32(x); }
DNNC_INLINE vf as_float(vi x) { return vreinterpretq_f32_s32(x); }
DNNC_INLINE float first(vf x) { return vgetq_lane_f32(x, 0); }

DNNC_INLINE vi load_i32(const int32_t *p, Full) { return vld1q_s32(p); }
DNNC_INLINE vi load_i32(const int32_t *p, Part n) { return vi{p[0], n.k > 1 ? p[1] : 0, n.k > 2 ? p[2] : 0, 0}; }
DNNC_INLINE void store_i32(int32_t *p, vi v, Full) { vst1q_s32(p, v); }
DNNC_INLINE void store_i32(int32_t *p, vi v, Part n) {
  vst1q_lane_s32(p, v, 0);
  if (n.k > 1) vst1q_lane_s32(p + 1, v, 1);
  if (n.k > 2) vst1q_lane_s32(p + 2, v, 2);
}

DNNC_INLINE vi to_int(vf x) { return vcvtq_s32_f32(x); }
DNNC_INLINE vf to_float(vi x) { return vcvtq_f32_s32(x); }

// Narrow elements go through half a register, or a quarter of one; a tail goes through a zeroed copy.
template <class T> DNNC_INLINE uint64_t load_bytes(const T *p, Full) {
  uint64_t bytes = 0;
  __builtin_memcpy(&bytes, p, VL * sizeof(T));
  return bytes;
}
template <class T> DNNC_INLINE uint64_t load_bytes(const T *p, Part n) {
  T t[8 / sizeof(T)] = {};
  for (int i = 0; i < n.k; ++i) t[i] = p[i];
  uint64_t bytes;
  __builtin_memcpy(&bytes, t, 8);
  return bytes;
}
template <class T> DNNC_INLINE void store_bytes(T *p, uint64_t v, Full) { __builtin_memcpy(p, &v, VL * sizeof(T)); }
template <class T> DNNC_INLINE void store_bytes(T *p, uint64_t v, Part n) {
  T t[8 / sizeof(T)];
  __builtin_memcpy(t, &v, 8);
  for (int i = 0; i < n.k; ++i) p[i] = t[i];
}
DNNC_INLINE uint64_t low_bits(uint8x8_t v) { return vget_lane_u64(vreinterpret_u64_u8(v), 0); }
DNNC_INLINE uint64_t low_bits(int8x8_t v) { return vget_lane_u64(vreinterpret_u64_s8(v), 0); }
DNNC_INLINE uint64_t low_bits(uint16x4_t v) { return vget_lane_u64(vreinterpret_u64_u16(v), 0); }
DNNC_INLINE uint64_t low_bits(float16x4_t v) { return vget_lane_u64(vreinterpret_u64_f16(v), 0); }

DNNC_INLINE vf load(const float *p, Full) { return vld1q_f32(p); }
DNNC_INLINE vf load(const float *p, Part n) { return vf{p[0], n.k > 1 ? p[1] : 0.0f, n.k > 2 ? p[2] : 0.0f, 0.0f}; }
template <class L> DNNC_INLINE vf load(const f16 *p, L lanes) { return vcvt_f32_f16(vcreate_f16(load_bytes(p, lanes))); }
template <class L> DNNC_INLINE vf load(const bf16 *p, L lanes) {
  return vreinterpretq_f32_u32(vshll_n_u16(vcreate_u16(load_bytes(p, lanes)), 16));
}
template <class L> DNNC_INLINE vf load(const uint8_t *p, L lanes) {
  return vcvtq_f32_u32(vmovl_u16(vget_low_u16(vmovl_u8(vcreate_u8(load_bytes(p, lanes))))));
}
template <class L> DNNC_INLINE vf load(const int8_t *p, L lanes) {
  return vcvtq_f32_s32(vmovl_s16(vget_low_s16(vmovl_s8(vcreate_s8(load_bytes(p, lanes))))));
}
template <class L> DNNC_INLINE vf load(const int32_t *p, L lanes) { return to_float(load_i32(p, lanes)); }
template <class L> DNNC_INLINE vm load(const bool *p, L lanes) {
  return vnegq_s32(vmovl_s16(vget_low_s16(vmovl_s8(vcreate_s8(load_bytes(p, lanes))))));
}

DNNC_INLINE vf fma(vf a, vf b, vf c) { return vfmaq_f32(c, a, b); }
// Lane I of a times b, plus c.
template <int I> DNNC_INLINE vf fma_lane(vf a, vf b, vf c, Lane<I>) { return vfmaq_laneq_f32(c, b, a, I); }

DNNC_INLINE vm lt(vf a, vf b) { return vreinterpretq_s32_u32(vcltq_f32(a, b)); }
DNNC_INLINE vm le(vf a, vf b) { return vreinterpretq_s32_u32(vcleq_f32(a, b)); }
DNNC_INLINE vm gt(vf a, vf b) { return vreinterpretq_s32_u32(vcgtq_f32(a, b)); }
DNNC_INLINE vm ge(vf a, vf b) { return vreinterpretq_s32_u32(vcgeq_f32(a, b)); }
DNNC_INLINE vm eq(vf a, vf b) { return vreinterpretq_s32_u32(vceqq_f32(a, b)); }
DNNC_INLINE vm ne(vf a, vf b) { return vreinterpretq_s32_u32(vmvnq_u32(vceqq_f32(a, b))); }
DNNC_INLINE vm eq(vi a, vi b) { return vreinterpretq_s32_u32(vceqq_s32(a, b)); }
DNNC_INLINE vm lt(vi a, vi b) { return vreinterpretq_s32_u32(vcltq_s32(a, b)); }
DNNC_INLINE vm gt(vi a, vi b) { return vreinterpretq_s32_u32(vcgtq_s32(a, b)); }
DNNC_INLINE vf select(vm m, vf a, vf b) { return vbslq_f32(vreinterpretq_u32_s32(m), a, b); }
DNNC_INLINE vi select(vm m, vi a, vi b) { return vbslq_s32(vreinterpretq_u32_s32(m), a, b); }
DNNC_INLINE vm mask_and(vm a, vm b) { return vandq_s32(a, b); }
DNNC_INLINE vm mask_or(vm a, vm b) { return vorrq_s32(a, b); }
DNNC_INLINE vm mask_not(vm a) { return vmvnq_s32(a); }
DNNC_INLINE bool any(vm m) { return vminvq_s32(m) != 0; }
DNNC_INLINE bool all(vm m) { return vmaxvq_s32(m) != 0; }

DNNC_INLINE vf clamp_min(vf x, vf lo) { return vmaxq_f32(x, lo); }
DNNC_INLINE vf clamp_max(vf x, vf hi) { return vminq_f32(x, hi); }

DNNC_INLINE vi shift_left(vi x, int n) { return x << n; }
DNNC_INLINE vi shift_right(vi x, int n) { return x >> n; }
DNNC_INLINE vi shift_right_logical(vi x, int n) { return vreinterpretq_s32_u32(vreinterpretq_u32_s32(x) >> static_cast<unsigned>(n)); }

DNNC_INLINE vf floor(vf x) { return vrndmq_f32(x); }
DNNC_INLINE vf ceil(vf x) { return vrndpq_f32(x); }
DNNC_INLINE vf trunc(vf x) { return vrndq_f32(x); }
DNNC_INLINE vf round_even(vf x) { return vrndnq_f32(x); }
DNNC_INLINE vf sqrt(vf x) { return vsqrtq_f32(x); }

DNNC_INLINE void store(float *p, vf v, Full) { vst1q_f32(p, v); }
DNNC_INLINE void store(float *p, vf v, Part n) {
  vst1q_lane_f32(p, v, 0);
  if (n.k > 1) vst1q_lane_f32(p + 1, v, 1);
  if (n.k > 2) vst1q_lane_f32(p + 2, v, 2);
}
template <class L> DNNC_INLINE void store(f16 *p, vf v, L lanes) { store_bytes(p, low_bits(vcvt_f16_f32(v)), lanes); }
template <class L> DNNC_INLINE void store(bf16 *p, vf v, L lanes) {
  vi u = as_int(v);
  vi r = u + splat_i32(0x7fff) + (shift_right_logical(u, 16) & splat_i32(1));
  r = select(ne(v, v), u | splat_i32(0x400000), r);
  store_bytes(p, low_bits(vshrn_n_u32(vreinterpretq_u32_s32(r), 16)), lanes);
}

// Conversions saturate and take NaN to 0; where 0 is not the lowest value, maxnm has made NaN that before.
DNNC_INLINE vi round_from(vf x, float lo) { return vcvtnq_s32_f32(vmaxnmq_f32(x, splat(lo))); }
template <class L> DNNC_INLINE void store(uint8_t *p, vf v, L lanes) {
  int16x4_t h = vqmovn_s32(vcvtnq_s32_f32(v));
  store_bytes(p, low_bits(vqmovun_s16(vcombine_s16(h, h))), lanes);
}
template <class L> DNNC_INLINE void store(int8_t *p, vf v, L lanes) {
  int16x4_t h = vqmovn_s32(round_from(v, -128.0f));
  store_bytes(p, low_bits(vqmovn_s16(vcombine_s16(h, h))), lanes);
}
template <class L> DNNC_INLINE void store(int32_t *p, vf v, L lanes) { store_i32(p, round_from(v, -0x1p31f), lanes); }
template <class L> DNNC_INLINE void store(bool *p, vm v, L lanes) {
  uint16x4_t h = vmovn_u32(vreinterpretq_u32_s32(v & splat_i32(1)));
  store_bytes(p, low_bits(vmovn_u16(vcombine_u16(h, h))), lanes);
}

DNNC_INLINE float reduce_add(vf x) { return vpadds_f32(vadd_f32(vget_low_f32(x), vget_high_f32(x))); }
DNNC_INLINE float reduce_min(vf x) { return vminvq_f32(x); }
DNNC_INLINE float reduce_max(vf x) { return vmaxvq_f32(x); }

// Arm multiplies s8 by s8: 128 is taken off x here, and the bias takes it back (Dot::SIGNED in conv_int8/params.h).
DNNC_INLINE vi load_bytes4(const int8_t *p) { return vreinterpretq_s32_s8(vld1q_s8(p)); }
DNNC_INLINE vi splat_bytes4(const uint8_t *p) {
  uint32_t word;
  __builtin_memcpy(&word, p, 4);
  return vreinterpretq_s32_u32(vdupq_n_u32(word ^ 0x80808080));
}
#if DNNC_ISA >= DNNC_ISA_NEON_DOTPROD
DNNC_INLINE vi load_x_bytes4(const uint8_t *p) { return vreinterpretq_s32_u8(veorq_u8(vld1q_u8(p), vdupq_n_u8(0x80))); }
DNNC_INLINE vi dot4(vi acc, vi x, vi w) {
#if defined(__clang__) && __clang_major__ < 16 // its arm_neon.h has the intrinsic only where the whole file is compiled for it
  asm("sdot %0.4s, %1.16b, %2.16b" : "+w"(acc) : "w"(w), "w"(x));
  return acc;
#else
  return vdotq_s32(acc, vreinterpretq_s8_s32(w), vreinterpretq_s8_s32(x));
#endif
}
template <int I> DNNC_INLINE vi dot4_lane(vi acc, vi x, vi w, Lane<I>) {
#if defined(__clang__) && __clang_major__ < 16
  asm("sdot %0.4s, %1.16b, %2.4b[%3]" : "+w"(acc) : "w"(w), "w"(x), "i"(I));
  return acc;
#else
  return vdotq_laneq_s32(acc, vreinterpretq_s8_s32(w), vreinterpretq_s8_s32(x), I);
#endif
}
#else
DNNC_INLINE vi dot4(vi acc, vi x, vi w) {
  int8x16_t a = vreinterpretq_s8_s32(x), b = vreinterpretq_s8_s32(w);
  int32x4_t low = vpaddlq_s16(vmull_s8(vget_low_s8(a), vget_low_s8(b))), high = vpaddlq_s16(vmull_high_s8(a, b));
  return vaddq_s32(acc, vpaddq_s32(low, high));
}
#endif

DNNC_INLINE int32_t four_bytes(const uint8_t *p, Full) {
  int32_t word;
  __builtin_memcpy(&word, p, 4);
  return word;
}
DNNC_INLINE int32_t four_bytes(const uint8_t *p, Part n) { return p[0] | (n.k > 1 ? p[1] << 8 : 0) | (n.k > 2 ? p[2] << 16 : 0); }
template <int COUNT, class L> DNNC_INLINE vi load_taps(const uint8_t *a, const uint8_t *b, const uint8_t *c, const uint8_t *d, L lanes) {
  const vi words = {four_bytes(a, lanes), COUNT > 1 ? four_bytes(b, lanes) : 0, COUNT > 2 ? four_bytes(c, lanes) : 0,
                    COUNT > 3 ? four_bytes(d, lanes) : 0};
  const uint8x16_t transpose = {0, 4, 8, 12, 1, 5, 9, 13, 2, 6, 10, 14, 3, 7, 11, 15};
  return vreinterpretq_s32_u8(veorq_u8(vqtbl1q_u8(vreinterpretq_u8_s32(words), transpose), vdupq_n_u8(0x80)));
}
DNNC_INLINE vi dot_taps(vi acc, vi x, vi w) { return dot4(acc, x, w); }

enum { TABLE_BYTES = 16 };
struct ByteTable {
  uint8x16x4_t part[4];

  explicit DNNC_INLINE ByteTable(const uint8_t *values) {
    for (int i = 0; i < 4; ++i) part[i] = vld1q_u8_x4(values + 64 * i);
  }
  DNNC_INLINE void operator()(const uint8_t *x, uint8_t *y) const {
    uint8x16_t at = vld1q_u8(x), out = vqtbl4q_u8(part[0], at); // 0 for 64 and more
    DNNC_UNROLL for (int i = 1; i < 4; ++i) {
      at = vsubq_u8(at, vdupq_n_u8(64));
      out = vqtbx4q_u8(out, part[i], at);
    }
    vst1q_u8(y, out);
  }
};

template <int WHICH> DNNC_INLINE vf load_pairs(const float *p) { return vld2q_f32(p).val[WHICH]; }
template <int ROWS> DNNC_INLINE void transpose(vf (&r)[VL]) {
  static_assert(ROWS == VL, "a whole square");
  const float32x4x2_t a = vtrnq_f32(r[0], r[1]), b = vtrnq_f32(r[2], r[3]);
  DNNC_UNROLL for (int i = 0; i < 2; ++i) {
    r[i] = vcombine_f32(vget_low_f32(a.val[i]), vget_low_f32(b.val[i]));
    r[i + 2] = vcombine_f32(vget_high_f32(a.val[i]), vget_high_f32(b.val[i]));
  }
}
