// map and map_scalar against an element by element walk with the same strides.
#include "kernel_test.h"

namespace {
DNNC_TARGET_BEGIN
#include "kernels/pointwise/map.h"
#include "kernels/pointwise/table.h"

const int lanes_max = VL;
struct Add2 {
  static DNNC_INLINE vf apply(vf a, vf b) { return pw::relu(pw::add(a, b)); }
};
struct Choose {
  static DNNC_INLINE vf apply(vm c, vf a, vf b) { return pw::where(c, a, pw::mul(b, splat(2.0f))); }
};
struct Less {
  static DNNC_INLINE vm apply(vf a, vf b) { return pw::less(a, b); }
};
struct Mixed {
  static DNNC_INLINE int64_t apply(int64_t a, float b, bool c) {
    return pw::where(c, pw::add(a, pw::cast<int64_t>(b)), pw::mul(a, (int64_t)3));
  }
};
struct ToHalf {
  static DNNC_INLINE f16 apply(double x) { return pw::cast<f16>(x); }
};
struct MulAdd {
  static DNNC_INLINE double apply(double x, double y) { return pw::add(pw::mul(x, x), y); }
};
struct Constant {
  static DNNC_INLINE vf apply() { return splat(2.5f); }
};
void add2(const pw::MapParams &p, const float *a, const float *b, float *y, const Par &par) {
  pw::map<Add2, float, float, float>(p, a, b, y, par);
}
void add_halves(const pw::MapParams &p, const uint16_t *a, const uint8_t *b, uint16_t *y, const Par &par) {
  pw::map<Add2, bf16, f16, uint8_t>(p, (const f16 *)a, b, (bf16 *)y, par);
}
void choose(const pw::MapParams &p, const bool *c, const float *a, const float *b, float *y, const Par &par) {
  pw::map<Choose, float, bool, float, float>(p, c, a, b, y, par);
}
void less(const pw::MapParams &p, const float *a, const float *b, bool *y, const Par &par) {
  pw::map<Less, bool, float, float>(p, a, b, y, par);
}
void mixed(const pw::MapParams &p, const int64_t *a, const float *b, const bool *c, int64_t *y, const Par &par) {
  pw::map_scalar<Mixed, int64_t, int64_t, float, bool>(p, a, b, c, y, par);
}
void to_half(const pw::MapParams &p, const double *x, uint16_t *y, const Par &par) {
  pw::map_scalar<ToHalf, f16, double>(p, x, (f16 *)y, par);
}
void constant(const pw::MapParams &p, float *y, const Par &par) { pw::map<Constant, float>(p, y, par); }
void mul_add(const pw::MapParams &p, const double *x, const double *y, double *z, const Par &par) {
  pw::map_scalar<MulAdd, double, double, double>(p, x, y, z, par);
}
float half_value(uint16_t bits) { return to_float(f16{bits}); }
float brain_value(uint16_t bits) { return to_float(bf16{bits}); }
void lookup(const pw::MapParams &p, const uint8_t *x, const uint8_t *values, uint8_t *y, const Par &par) { pw::table(p, x, values, y, par); }
DNNC_TARGET_END

using pw::MapParams;

// Shape, strides of y, strides of each operand.
MapParams params(std::vector<i64> shape, std::vector<i64> y, std::vector<std::vector<i64>> x) {
  MapParams p = {};
  p.rank = (i64)shape.size();
  std::copy(shape.begin(), shape.end(), p.shape);
  std::copy(y.begin(), y.end(), p.y_strides);
  for (size_t k = 0; k < x.size(); ++k) std::copy(x[k].begin(), x[k].end(), p.x_strides + 6 * k);
  return p;
}

// Calls f(offset in y, offsets in the operands) for every index.
template <class F> void walk(const MapParams &p, const F &f) {
  i64 total = 1;
  for (int d = 0; d < p.rank; ++d) total *= p.shape[d];
  for (i64 n = 0; n < total; ++n) {
    i64 rest = n, at[9] = {};
    for (int d = (int)p.rank - 1; d >= 0; --d) {
      i64 index = rest % p.shape[d];
      rest /= p.shape[d];
      at[0] += index * p.y_strides[d];
      for (int k = 0; k < 8; ++k) at[1 + k] += index * p.x_strides[6 * k + d];
    }
    f(at[0], at + 1);
  }
}
const Par serial{nullptr}, parallel{&test::three_threads};

struct Case {
  const char *name;
  std::vector<i64> shape, y;
  std::vector<std::vector<i64>> x;
};
std::vector<Case> cases() {
  i64 n = 5 * lanes_max + 3;
  return {{"scalar", {}, {}, {{}, {}}},
          {"one", {1}, {1}, {{1}, {1}}},
          {"flat", {n}, {1}, {{1}, {1}}},
          {"several pieces", {9001}, {1}, {{1}, {1}}},
          {"channel bias", {7, n}, {n, 1}, {{n, 1}, {0, 1}}},
          {"scalar operand", {3, n}, {n, 1}, {{n, 1}, {0, 0}}},
          {"both broadcast", {4, 5, 3}, {15, 3, 1}, {{0, 3, 1}, {1, 0, 0}}},
          {"view into a larger buffer", {6, 5}, {9, 1}, {{5, 1}, {7, 1}}},
          {"strided inner", {3, n}, {2 * n, 2}, {{3 * n, 3}, {n, 1}}},
          {"transposed", {5, n}, {n, 1}, {{1, 5}, {n, 1}}},
          {"corners of boxes", {3, 2 * lanes_max + 1, 2}, {200, 4, 1}, {{200, 4, 1}, {0, 2, 1}}},
          {"short rows, together in memory", {37, 2}, {2, 1}, {{4, 2}, {2, 1}}},
          {"short rows, transposed", {41, 2}, {1, 41}, {{2, 1}, {0, 1}}},
          {"short rows, one operand for all", {23, 2}, {3, 1}, {{0, 0}, {1, 0}}},
          {"rows of one", {30, 1}, {2, 1}, {{3, 1}, {1, 1}}},
          {"rows of three, several pieces", {4999, 3}, {4, 1}, {{3, 1}, {0, 1}}},
          {"six dims", {2, 3, 2, 2, 3, 5}, {180, 60, 30, 15, 5, 1}, {{0, 60, 30, 15, 5, 1}, {90, 0, 0, 15, 0, 1}}},
          {"long rows", {2, 5000}, {5000, 1}, {{5000, 1}, {0, 1}}}};
}

TEST(Map, AddsBroadcastOperands) {
  std::vector<float> a = test::uniform(20000, -1, 1), b = test::uniform(20000, -1, 1, 2);
  for (const Case &c : cases()) {
    MapParams p = params(c.shape, c.y, c.x);
    test::Guarded<float> y(20000), threaded(20000);
    add2(p, a.data(), b.data(), y.data(), serial);
    add2(p, a.data(), b.data(), threaded.data(), parallel);
    std::vector<float> want(20000);
    std::memset(want.data(), 0xA5, want.size() * 4);
    walk(p, [&](i64 at, const i64 *x) { want[at] = std::max(a[x[0]] + b[x[1]], 0.0f); });
    EXPECT_FALSE(std::memcmp(want.data(), y.data(), want.size() * 4)) << c.name;
    EXPECT_FALSE(std::memcmp(want.data(), threaded.data(), want.size() * 4)) << c.name << ", three threads";
  }
}

TEST(Map, ReadsAndWritesNarrowTypes) {
  for (i64 stride : {0, 1, 2}) {
    i64 n = 3 * lanes_max + 1;
    std::vector<uint16_t> a(2 * n), y(n);
    std::vector<uint8_t> b(2 * n);
    for (i64 i = 0; i < 2 * n; ++i) a[i] = (uint16_t)(0x3c00 + 37 * i), b[i] = (uint8_t)(i * 7);
    add_halves(params({n}, {1}, {{1}, {stride}}), a.data(), b.data(), y.data(), serial);
    for (i64 i = 0; i < n; ++i) {
      float want = half_value(a[i]) + (float)b[i * stride];
      EXPECT_NEAR(brain_value(y[i]), want, want * 0x1p-8) << i; // bf16 has eight bits
    }
  }
}

TEST(Map, BoolsInShortRows) {
  i64 n = 2 * lanes_max + 5;
  std::vector<float> a = test::uniform(4 * n, -1, 1), b = test::uniform(2 * n, -1, 1, 2);
  std::unique_ptr<bool[]> c(new bool[4 * n]), less_out(new bool[4 * n]());
  for (i64 i = 0; i < 4 * n; ++i) c[i] = i % 3 == 0;
  MapParams p = params({n, 2}, {4, 1}, {{4, 2}, {2, 1}});
  less(p, a.data(), b.data(), less_out.get(), serial);
  walk(p, [&](i64 at, const i64 *x) { EXPECT_EQ(less_out[at], a[x[0]] < b[x[1]]) << at; });
  MapParams q = params({n, 2}, {2, 1}, {{4, 1}, {4, 2}, {2, 1}});
  std::vector<float> y(2 * n);
  choose(q, c.get(), a.data(), b.data(), y.data(), parallel);
  walk(q, [&](i64 at, const i64 *x) { EXPECT_EQ(y[at], c[x[0]] ? a[x[1]] : 2 * b[x[2]]) << at; });
}

TEST(Map, Bools) {
  i64 n = 2 * lanes_max + 5;
  std::vector<float> a = test::uniform(2 * n, -1, 1), b = test::uniform(2 * n, -1, 1, 2), y(2 * n);
  std::unique_ptr<bool[]> c(new bool[2 * n]), less_out(new bool[2 * n]);
  for (i64 i = 0; i < 2 * n; ++i) c[i] = i % 3 == 0;
  for (auto &x : std::vector<std::vector<std::vector<i64>>>{{{n, 1}, {n, 1}, {n, 1}}, {{1, 0}, {n, 1}, {0, 0}}, {{0, 2}, {1, 2}, {n, 1}}}) {
    MapParams p = params({2, n}, {n, 1}, x);
    choose(p, c.get(), a.data(), b.data(), y.data(), serial);
    walk(p, [&](i64 at, const i64 *x) { EXPECT_EQ(y[at], c[x[0]] ? a[x[1]] : b[x[2]] * 2); });
  }
  MapParams p = params({2, n}, {n, 1}, {{n, 1}, {0, 1}});
  less(p, a.data(), b.data(), less_out.get(), parallel);
  walk(p, [&](i64 at, const i64 *x) { EXPECT_EQ(less_out[at], a[x[0]] < b[x[1]]); });
}

TEST(Map, InPlace) {
  i64 n = 4 * lanes_max + 1;
  std::vector<float> a = test::uniform(3 * n, -1, 1), b = test::uniform(n, -1, 1, 2), y = a;
  MapParams p = params({3, n}, {n, 1}, {{n, 1}, {0, 1}});
  add2(p, y.data(), b.data(), y.data(), parallel);
  walk(p, [&](i64 at, const i64 *x) { EXPECT_EQ(y[at], std::max(a[x[0]] + b[x[1]], 0.0f)); });
}

TEST(Map, WithoutOperands) {
  std::vector<float> y(30);
  constant(params({3, 5}, {10, 2}, {}), y.data(), serial);
  for (size_t i = 0; i < y.size(); ++i) EXPECT_EQ(y[i], i % 2 == 0 ? 2.5f : 0.0f) << i;
}

TEST(Map, EmptyTensorsAreLeftAlone) {
  test::Guarded<float> y(4);
  add2(params({0, 4}, {4, 1}, {{4, 1}, {4, 1}}), nullptr, nullptr, y.data(), parallel);
  add2(params({4, 0}, {0, 1}, {{0, 1}, {0, 1}}), nullptr, nullptr, y.data(), parallel);
  EXPECT_TRUE(y.intact());
}

TEST(Table, EveryByteInAnyView) {
  std::vector<uint8_t> values(256), x(3 * 10000);
  for (size_t i = 0; i < 256; ++i) values[i] = (uint8_t)(i * 91 + 5);
  for (size_t i = 0; i < x.size(); ++i) x[i] = (uint8_t)(i * 7 + i / 256);
  for (i64 n : {1, 3, 4099, 9001})
    for (i64 x_step : {0, 1, 3})
      for (i64 y_step : {1, 2}) {
        test::Guarded<uint8_t> y(3 * n * y_step);
        MapParams p = params({3, n}, {n * y_step, y_step}, {{999, x_step}});
        lookup(p, x.data(), values.data(), y.data(), parallel);
        ASSERT_TRUE(y.intact());
        walk(p, [&](i64 at, const i64 *from) { ASSERT_EQ(y[at], values[x[from[0]]]); });
      }
}
TEST(Table, InPlace) {
  std::vector<uint8_t> values(256), x(1000);
  for (size_t i = 0; i < 256; ++i) values[i] = (uint8_t)(255 - i);
  for (size_t i = 0; i < x.size(); ++i) x[i] = (uint8_t)(i * 13);
  std::vector<uint8_t> y = x;
  MapParams p = params({1000}, {1}, {{1}});
  lookup(p, y.data(), values.data(), y.data(), parallel);
  walk(p, [&](i64 at, const i64 *from) { ASSERT_EQ(y[at], values[x[from[0]]]); });
}

TEST(MapScalar, MixedTypes) {
  i64 n = 77;
  std::vector<int64_t> a(3 * n), y(6 * n);
  std::vector<float> b = test::uniform(3 * n, -100, 100);
  std::unique_ptr<bool[]> c(new bool[3 * n]);
  for (i64 i = 0; i < 3 * n; ++i) a[i] = i * 1000003 - 5, c[i] = i % 4 == 1;
  for (auto &x : std::vector<std::vector<std::vector<i64>>>{{{n, 1}, {n, 1}, {n, 1}}, {{n, 1}, {0, 0}, {0, 1}}, {{1, 3}, {n, 1}, {0, 0}}})
    for (i64 step : {1, 2}) {
      MapParams p = params({3, n}, {n * step, step}, x);
      mixed(p, a.data(), b.data(), c.get(), y.data(), parallel);
      walk(p, [&](i64 at, const i64 *x) { EXPECT_EQ(y[at], c[x[2]] ? a[x[0]] + (int64_t)b[x[1]] : a[x[0]] * 3); });
    }
}

TEST(MapScalar, WritesHalves) {
  std::vector<double> x = {0, 1, -2.5, 65504, 1e9, 0x1p-24};
  std::vector<uint16_t> y(6);
  to_half(params({6}, {1}, {{1}}), x.data(), y.data(), serial);
  EXPECT_EQ(y, (std::vector<uint16_t>{0, 0x3c00, 0xc100, 0x7bff, 0x7c00, 1}));
}

// (1 + e)^2 - 1 - 2e is e^2 exactly, and 0 when the product is rounded first, as it must be.
TEST(MapScalar, DoesNotContract) {
  const double e = 0x1p-30;
  std::vector<double> x(9, 1 + e), y(9, -1 - 2 * e), z(9, 1);
  mul_add(params({9}, {1}, {{1}, {1}}), x.data(), y.data(), z.data(), serial);
  EXPECT_EQ(z, std::vector<double>(9, 0.0));
}

} // namespace
