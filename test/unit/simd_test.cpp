// Every function of runtime/simd.h against plain scalar code, on values where vectors and tails go wrong.
#include "kernel_test.h"

namespace {
DNNC_TARGET_BEGIN
#include "simd.h"

const int lanes_max = VL;

#define UNARY(name)                                                                                                                        \
  void name##_of(const float *x, float *y) { store(y, simd::name(load(x, Full{})), Full{}); }
#define BINARY(name)                                                                                                                       \
  void name##_of(const float *a, const float *b, float *y) { store(y, simd::name(load(a, Full{}), load(b, Full{})), Full{}); }
#define COMPARE(name)                                                                                                                      \
  void name##_of(const float *a, const float *b, bool *y) { store(y, simd::name(load(a, Full{}), load(b, Full{})), Full{}); }
UNARY(floor)
UNARY(ceil) UNARY(trunc) UNARY(round_even) UNARY(sqrt) UNARY(abs) UNARY(neg) BINARY(min) BINARY(max) BINARY(clamp_min) BINARY(clamp_max)
    BINARY(copysign) COMPARE(lt) COMPARE(le) COMPARE(gt) COMPARE(ge) COMPARE(eq) COMPARE(ne)

        template <class In, class Out>
        void convert(const In *x, Out *y, int k) {
  if (k == VL)
    store(y, load(x, Full{}), Full{});
  else
    store(y, load(x, Part{k}), Part{k});
}
template <class Out> void convert_two(const float *x, Out *y, Out *z) { store_two(y, load(x, Full{}), z, load(x + VL, Full{})); }
void mask_round_trip(const bool *x, bool *y, int k) { store(y, load(x, Part{k}), Part{k}); }
void ints_round_trip(const int32_t *x, int32_t *y, int k) { store_i32(y, load_i32(x, Part{k}), Part{k}); }
void tail(const float *x, float *y, int k) { store(y, load(x, Part{k}), Full{}); }
void fma_of(const float *a, const float *b, const float *c, float *y) {
  store(y, fma(load(a, Full{}), load(b, Full{}), load(c, Full{})), Full{});
}
// A separate multiply and add; contraction would turn it into fma.
void multiply_add(const float *a, const float *b, const float *c, float *y) {
  store(y, load(a, Full{}) * load(b, Full{}) + load(c, Full{}), Full{});
  for (int i = 0; i < VL; ++i) y[VL + i] = a[i] * b[i] + c[i];
}
void reduce(const float *x, float *y) {
  vf v = load(x, Full{});
  y[0] = reduce_add(v);
  y[1] = reduce_min(v);
  y[2] = reduce_max(v);
  y[3] = first(v);
}
void any_all(const bool *x, bool *y) {
  vm m = load(x, Full{});
  y[0] = any(m);
  y[1] = all(m);
  y[2] = any(mask_not(m));
  y[3] = all(mask_or(m, mask_not(m)));
  y[4] = any(mask_and(m, mask_not(m)));
}
void ints(const int32_t *x, int32_t *y) {
  vi v = load_i32(x, Full{});
  store_i32(y, shift_left(v, 3), Full{});
  store_i32(y + VL, shift_right(v, 3), Full{});
  store_i32(y + 2 * VL, shift_right_logical(v, 3), Full{});
  store_i32(y + 3 * VL, (v + splat_i32(7)) * splat_i32(3) - (v ^ splat_i32(5)) + (v & splat_i32(6)) + (v | ~v), Full{});
  store_i32(y + 4 * VL, select(lt(v, splat_i32(2)), v, splat_i32(9)), Full{});
  store_i32(y + 5 * VL, select(eq(v, splat_i32(2)), v, splat_i32(9)), Full{});
  store_i32(y + 6 * VL, select(gt(v, splat_i32(2)), v, splat_i32(9)), Full{});
  store_i32(y + 7 * VL, to_int(to_float(shift_right(v, 8))), Full{});
}
void pairs(const float *x, float *y) {
  store(y, load_pairs<0>(x), Full{});
  store(y + VL, load_pairs<1>(x), Full{});
}
template <int ROWS> void transpose_of(const float *x, float *y) {
  vf r[VL];
  for (int i = 0; i < VL; ++i) r[i] = i < ROWS ? load(x + i * VL, Full{}) : splat(-1.0f);
  transpose<ROWS>(r);
  for (int i = 0; i < VL; ++i) store(y + i * VL, r[i], Full{});
}
uint16_t half_bits(float x) { return to_f16(x).bits; }
uint16_t brain_bits(float x) { return to_bf16(x).bits; }
float half_value(uint16_t bits) { return to_float(f16{bits}); }
DNNC_TARGET_END

TEST(Moves, PairsAndTransposes) {
  std::vector<float> x(lanes_max * lanes_max), y(lanes_max * lanes_max), z(lanes_max * lanes_max);
  for (size_t i = 0; i < x.size(); ++i) x[i] = static_cast<float>(i);
  pairs(x.data(), y.data());
  for (int i = 0; i < 2 * lanes_max; ++i) EXPECT_EQ(y[i], x[i % lanes_max * 2 + i / lanes_max]);
  transpose_of<lanes_max>(x.data(), y.data());
  transpose_of<lanes_max == 16 ? 8 : lanes_max>(x.data(), z.data());
  for (int i = 0; i < lanes_max; ++i)
    for (int j = 0; j < lanes_max; ++j) {
      EXPECT_EQ(y[i * lanes_max + j], x[j * lanes_max + i]);
      if (lanes_max != 16 || j < 8) {
        EXPECT_EQ(z[i * lanes_max + j], x[j * lanes_max + i]);
      }
    }
}

const float inf = std::numeric_limits<float>::infinity(), nan = std::numeric_limits<float>::quiet_NaN();

std::vector<float> hard_values() {
  std::vector<float> v = {0.0f,           -0.0f,   0.5f,     -0.5f,  1.5f,    2.5f,   -2.5f,    1e-40f,   -1e-45f,     0x1p23f,
                          0x1p23f - 0.5f, 0.25f,   126.5f,   127.5f, -128.5f, 255.5f, 65519.9f, 65520.0f, 6e-8f,       2.98e-8f,
                          3e-8f,          0x1p31f, -0x1p31f, 3e9f,   inf,     -inf,   nan,      3.4e38f,  0.49999997f, -1e20f};
  for (float x : test::uniform(2000, -70, 70)) v.push_back(x);
  for (float x : test::uniform(2000, -1e5f, 1e5f, 2)) v.push_back(x);
  while (v.size() % lanes_max) v.push_back(1);
  return v;
}

void expect_same(float got, float want, const char *what, float x) {
  if (std::isnan(want))
    EXPECT_TRUE(std::isnan(got)) << what << '(' << x << ") = " << got;
  else
    EXPECT_TRUE(!std::memcmp(&got, &want, 4)) << what << '(' << x << ") = " << got << ", not " << want;
}

TEST(Simd, Unary) {
  std::vector<float> x = hard_values(), y(x.size());
  struct {
    const char *name;
    void (*got)(const float *, float *);
    float (*want)(float);
  } rows[] = {{"floor", floor_of, std::floor},
              {"ceil", ceil_of, std::ceil},
              {"trunc", trunc_of, std::trunc},
              {"round_even", round_even_of, std::nearbyint},
              {"sqrt", sqrt_of, std::sqrt},
              {"abs", abs_of, std::fabs},
              {"neg", neg_of, [](float v) { return -v; }}};
  for (auto &row : rows) {
    for (size_t i = 0; i < x.size(); i += lanes_max) row.got(&x[i], &y[i]);
    for (size_t i = 0; i < x.size(); ++i) expect_same(y[i], row.want(x[i]), row.name, x[i]);
  }
}

TEST(Simd, Binary) {
  std::vector<float> a = hard_values(), b = a, y(a.size());
  std::shuffle(b.begin(), b.end(), std::mt19937(3));
  struct {
    const char *name;
    void (*got)(const float *, const float *, float *);
    float (*want)(float, float);
  } rows[] = {{"min", min_of, [](float p, float q) { return std::isnan(p) || std::isnan(q) ? nan
                                                            : p < q                        ? p
                                                                                           : q; }},
              {"max", max_of, [](float p, float q) { return std::isnan(p) || std::isnan(q) ? nan
                                                            : p > q                        ? p
                                                                                           : q; }},
              {"copysign", copysign_of, std::copysign}};
  for (auto &row : rows) {
    for (size_t i = 0; i < a.size(); i += lanes_max) row.got(&a[i], &b[i], &y[i]);
    for (size_t i = 0; i < a.size(); ++i) {
      float want = row.want(a[i], b[i]);
      if (want == 0) y[i] += 0, want += 0, y[i] = std::fabs(y[i]), want = 0; // which zero is not specified
      expect_same(y[i], want, row.name, a[i]);
    }
  }
  struct {
    const char *name;
    void (*got)(const float *, const float *, bool *);
    bool (*want)(float, float);
  } compares[] = {{"lt", lt_of, [](float p, float q) { return p < q; }},  {"le", le_of, [](float p, float q) { return p <= q; }},
                  {"gt", gt_of, [](float p, float q) { return p > q; }},  {"ge", ge_of, [](float p, float q) { return p >= q; }},
                  {"eq", eq_of, [](float p, float q) { return p == q; }}, {"ne", ne_of, [](float p, float q) { return p != q; }}};
  for (auto &row : compares)
    for (size_t i = 0; i < a.size(); i += lanes_max)
      for (const float *q : {&a[i], &b[i]}) {
        bool m[64];
        row.got(&a[i], q, m);
        for (int j = 0; j < lanes_max; ++j) EXPECT_EQ(m[j], row.want(a[i + j], q[j])) << row.name << ' ' << a[i + j] << ' ' << q[j];
      }
}

TEST(Simd, ClampsPassNanOfTheFirstOperand) {
  std::vector<float> x(lanes_max, nan), bound(lanes_max, 1.0f), y(lanes_max);
  clamp_min_of(x.data(), bound.data(), y.data());
  EXPECT_TRUE(std::isnan(y[0]));
  clamp_max_of(x.data(), bound.data(), y.data());
  EXPECT_TRUE(std::isnan(y[0]));
  x.assign(lanes_max, -2.0f);
  clamp_min_of(x.data(), bound.data(), y.data());
  EXPECT_EQ(y[0], 1.0f);
  clamp_max_of(x.data(), bound.data(), y.data());
  EXPECT_EQ(y[0], -2.0f);
}

TEST(Simd, TailsTouchOnlyTheirLanes) {
  for (int k = 1; k < lanes_max; ++k) {
    std::vector<float> x = test::uniform(lanes_max, 1, 2);
    test::Guarded<float> y(k), padded(lanes_max);
    convert(x.data(), y.data(), k);
    EXPECT_TRUE(y.intact()) << k;
    tail(x.data(), padded.data(), k);
    for (int i = 0; i < lanes_max; ++i) EXPECT_EQ(padded[i], i < k ? x[i] : 0.0f);
    test::Guarded<f16> h(k);
    convert(x.data(), h.data(), k);
    EXPECT_TRUE(h.intact()) << k;
    test::Guarded<uint8_t> b(k);
    convert(x.data(), b.data(), k);
    EXPECT_TRUE(b.intact()) << k;
    test::Guarded<int32_t> n(k);
    convert(x.data(), n.data(), k);
    EXPECT_TRUE(n.intact()) << k;
    bool flags[64], out[64];
    for (int i = 0; i < 64; ++i) flags[i] = i % 3 == 0, out[i] = i % 2;
    mask_round_trip(flags, out, k);
    for (int i = 0; i < 64; ++i) EXPECT_EQ(out[i], i < k ? flags[i] : i % 2);
    test::Guarded<int32_t> m(k);
    std::vector<int32_t> ints(lanes_max, 77);
    ints_round_trip(ints.data(), m.data(), k);
    EXPECT_TRUE(m.intact()) << k;
    for (int i = 0; i < k; ++i) EXPECT_EQ(m[i], 77);
  }
}

// All 65536 halves to float, against their definition; then every float made from a half, and both neighbours of each
// midpoint, back.
TEST(Simd, F16) {
  std::vector<uint16_t> bits(65536);
  std::vector<float> y(65536);
  for (int i = 0; i < 65536; ++i) bits[i] = (uint16_t)i;
  for (int i = 0; i < 65536; i += lanes_max) convert((const f16 *)&bits[i], &y[i], lanes_max);
  auto value = [](int h) {
    int e = h >> 10 & 31, m = h & 1023;
    double v = e == 31 ? (m ? nan : inf) : e ? std::ldexp(1024 + m, e - 25) : std::ldexp(m, -24);
    return (float)(h & 0x8000 ? -v : v);
  };
  for (int i = 0; i < 65536; ++i) {
    expect_same(y[i], value(i), "f16", (float)i);
    expect_same(half_value(bits[i]), y[i], "scalar f16", (float)i);
  }
  for (int h = 0; h < 0x7bff; ++h) {
    float low = value(h), high = value(h + 1), middle = (low + high) / 2; // exact
    std::vector<float> x(lanes_max);
    float in[4] = {low, std::nextafter(middle, 0.0f), middle, std::nextafter(middle, inf)};
    int want[4] = {h, h, h + (h & 1), h + 1};
    for (int i = 0; i < lanes_max; ++i) x[i] = in[i & 3];
    std::vector<uint16_t> out(lanes_max);
    convert(x.data(), (f16 *)out.data(), lanes_max);
    for (int i = 0; i < 4; ++i) {
      EXPECT_EQ(out[i], want[i]) << in[i];
      EXPECT_EQ(half_bits(in[i]), want[i]) << in[i];
      EXPECT_EQ(half_bits(-in[i]), want[i] | 0x8000) << -in[i];
    }
  }
  EXPECT_EQ(half_bits(65519.99f), 0x7bff);
  EXPECT_EQ(half_bits(65520.0f), 0x7c00);
  EXPECT_EQ(half_bits(inf), 0x7c00);
  EXPECT_TRUE((half_bits(nan) & 0x7fff) > 0x7c00);
}

TEST(Simd, Bf16) {
  std::vector<float> x = hard_values();
  std::vector<uint16_t> out(x.size());
  std::vector<float> back(x.size());
  for (size_t i = 0; i < x.size(); i += lanes_max) {
    convert(&x[i], (bf16 *)&out[i], lanes_max);
    convert((const bf16 *)&out[i], &back[i], lanes_max);
  }
  for (size_t i = 0; i < x.size(); ++i) {
    EXPECT_EQ(brain_bits(x[i]), out[i]);
    if (std::isnan(x[i])) {
      EXPECT_TRUE(std::isnan(back[i]));
      continue;
    }
    uint32_t u;
    std::memcpy(&u, &back[i], 4);
    EXPECT_EQ(u & 0xffff, 0u);
    // Within half a step of eight significant bits, denormals as fixed point; overflow goes to infinity.
    if (std::fabs(x[i]) > 3.39e38f) continue;
    int e;
    std::frexp(x[i], &e);
    EXPECT_LE(std::fabs((double)back[i] - x[i]), std::ldexp(0.5, std::max(e, -125) - 8)) << x[i];
  }
}

template <class T> void check_integers() {
  std::vector<float> x = hard_values(), back(x.size());
  std::vector<T> y(x.size());
  for (size_t i = 0; i < x.size(); i += lanes_max) {
    convert(&x[i], &y[i], lanes_max);
    convert(&y[i], &back[i], lanes_max);
  }
  double lo = std::numeric_limits<T>::min(), hi = std::numeric_limits<T>::max();
  for (size_t i = 0; i < x.size(); ++i) {
    double want = std::isnan(x[i]) ? lo : std::min(std::max(std::nearbyint((double)x[i]), lo), hi);
    EXPECT_EQ((double)y[i], want) << x[i];
    EXPECT_EQ(back[i], (float)y[i]);
  }
  std::vector<T> two(x.size());
  for (size_t i = 0; i + 2 * lanes_max <= x.size(); i += lanes_max) {
    convert_two(&x[i], &two[i + lanes_max], &two[i]); // apart, the second first
    for (int j = 0; j < lanes_max; ++j) {
      EXPECT_EQ(two[i + lanes_max + j], y[i + j]) << x[i + j];
      EXPECT_EQ(two[i + j], y[i + lanes_max + j]) << x[i + lanes_max + j];
    }
  }
}
TEST(Simd, IntegersRoundAndSaturate) {
  check_integers<uint8_t>();
  check_integers<int8_t>();
  check_integers<int32_t>();
}

TEST(Simd, FmaAndNoContraction) {
  // (1 + e)^2 - 1 - 2e is e^2 exactly, 0 when the product is rounded first.
  float e = 0x1p-12f;
  std::vector<float> a(lanes_max, 1 + e), c(lanes_max, -1 - 2 * e), y(2 * lanes_max);
  fma_of(a.data(), a.data(), c.data(), y.data());
  EXPECT_EQ(y[0], DNNC_ISA == DNNC_ISA_GENERIC ? 0.0f : e * e);
  multiply_add(a.data(), a.data(), c.data(), y.data());
  for (float v : y) EXPECT_EQ(v, 0.0f);
}

TEST(Simd, Reductions) {
  for (int seed = 0; seed < 50; ++seed) {
    std::vector<float> x = test::uniform(lanes_max, -3, 3, seed);
    float y[4];
    reduce(x.data(), y);
    std::vector<float> folded = x; // the documented order
    for (int n = lanes_max / 2; n; n /= 2)
      for (int i = 0; i < n; ++i) folded[i] += folded[i + n];
    EXPECT_EQ(y[0], folded[0]);
    EXPECT_EQ(y[1], *std::min_element(x.begin(), x.end()));
    EXPECT_EQ(y[2], *std::max_element(x.begin(), x.end()));
    EXPECT_EQ(y[3], x[0]);
    x[seed % lanes_max] = nan;
    reduce(x.data(), y);
    EXPECT_TRUE(std::isnan(y[0]) && std::isnan(y[1]) && std::isnan(y[2]));
  }
}

TEST(Simd, Masks) {
  for (int ones : {0, 1, lanes_max - 1, lanes_max}) {
    bool x[64] = {}, y[5];
    for (int i = 0; i < ones; ++i) x[lanes_max - 1 - i] = true;
    any_all(x, y);
    EXPECT_EQ(y[0], ones > 0);
    EXPECT_EQ(y[1], ones == lanes_max);
    EXPECT_EQ(y[2], ones < lanes_max);
    EXPECT_TRUE(y[3]);
    EXPECT_FALSE(y[4]);
  }
}

TEST(Simd, Integers) {
  std::vector<int32_t> x(lanes_max), y(8 * lanes_max);
  for (int round = 0; round < 20; ++round) {
    std::mt19937 random(round);
    for (int i = 0; i < lanes_max; ++i) x[i] = round & 1 ? (int32_t)random() >> 3 : (int32_t)(random() % 5) - 1;
    ints(x.data(), y.data());
    for (int i = 0; i < lanes_max; ++i) {
      int32_t v = x[i];
      uint32_t u = (uint32_t)v;
      int32_t want[8] = {(int32_t)(u << 3), v >> 3,         (int32_t)(u >> 3), (int32_t)((u + 7) * 3 - (u ^ 5) + (u & 6) - 1u),
                         v < 2 ? v : 9,     v == 2 ? v : 9, v > 2 ? v : 9,     v >> 8};
      for (int j = 0; j < 8; ++j) EXPECT_EQ(y[j * lanes_max + i], want[j]) << j << ' ' << v;
    }
  }
}

} // namespace
