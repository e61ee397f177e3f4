// Reductions against double (f32) and 64-bit (integers) arithmetic, over strided inputs and with an epilogue.
#include "kernel_test.h"

namespace {
DNNC_TARGET_BEGIN
#include "kernels/reduce/reduce.h"
const int lanes_max = VL;
struct Scale {
  static DNNC_INLINE vf apply(vf acc, vf row, vf column) { return acc * row + column; }
};
typedef pw::Epilogue<Scale, pw::Arg<float, 0>, pw::Arg<float, 1>> ScaleEpilogue;

#define REDUCTION(name, Name)                                                                                                              \
  void name##_f32(const reduce::ReduceParams &p, const float *x, float *y, const Par &par) {                                               \
    reduce::name<float>(p, x, y, pw::NoEpilogue{}, par);                                                                                   \
  }                                                                                                                                        \
  void name##_scaled(const reduce::ReduceParams &p, const float *x, float *y, const float *rows, const float *columns, const Par &par) {   \
    reduce::name<float>(p, x, y, ScaleEpilogue{{rows, 0, 1}, {columns, 0, 0}}, par);                                                       \
  }                                                                                                                                        \
  void name##_i32(const reduce::ReduceParams &p, const int32_t *x, int32_t *y, const Par &par) {                                           \
    reduce::plain<reduce::Name, int32_t>(p, x, y, par);                                                                                    \
  }                                                                                                                                        \
  void name##_i64(const reduce::ReduceParams &p, const int64_t *x, int64_t *y, const Par &par) {                                           \
    reduce::plain<reduce::Name, int64_t>(p, x, y, par);                                                                                    \
  }
void mean_u8(const reduce::ReduceParams &p, const uint8_t *x, uint8_t *y, const float *rows, const float *columns, const Par &par) {
  reduce::mean<uint8_t>(p, x, y, ScaleEpilogue{{rows, 0, 1}, {columns, 0, 0}}, par);
}
REDUCTION(sum, Sum)
REDUCTION(mean, Mean) REDUCTION(max, Max) REDUCTION(min, Min) REDUCTION(prod, Prod) DNNC_TARGET_END

    using reduce::ReduceParams;

struct Reduction {
  const char *name;
  void (*f32)(const ReduceParams &, const float *, float *, const Par &);
  void (*scaled)(const ReduceParams &, const float *, float *, const float *, const float *, const Par &);
  void (*i32)(const ReduceParams &, const int32_t *, int32_t *, const Par &);
  void (*i64_)(const ReduceParams &, const int64_t *, int64_t *, const Par &);

  template <class T> T want(const std::vector<T> &v) const {
    std::string kind = name;
    T r = v[0];
    for (size_t i = 1; i < v.size(); ++i) {
      if (kind == "sum" || kind == "mean") r += v[i];
      if (kind == "prod") r *= v[i];
      if (kind == "max") r = std::max(r, v[i]);
      if (kind == "min") r = std::min(r, v[i]);
    }
    return kind == "mean" ? r / (T)v.size() : r;
  }
  // Roundings of a partial result, relative to sizes(): blocks of at most 4 * 64 terms to a lane, and their joining.
  double roundings(i64 red) const {
    std::string kind = name;
    return kind == "max" || kind == "min" ? 0 : kind == "prod" ? (double)red : std::min<double>((double)red, 64) + (double)red / 64 + 24;
  }
  double size(const std::vector<double> &v) const {
    std::string kind = name;
    double s = kind == "prod" ? 1 : 0;
    for (double x : v) s = kind == "prod" ? s * std::fabs(x) : s + std::fabs(x);
    return kind == "mean" ? s / (double)v.size() : s;
  }
};
const Reduction reductions[] = {{"sum", sum_f32, sum_scaled, sum_i32, sum_i64},
                                {"mean", mean_f32, mean_scaled, mean_i32, mean_i64},
                                {"max", max_f32, max_scaled, max_i32, max_i64},
                                {"min", min_f32, min_scaled, min_i32, min_i64},
                                {"prod", prod_f32, prod_scaled, prod_i32, prod_i64}};

std::string describe(const Reduction &r, const ReduceParams &p) {
  return std::string(r.name) + " outer " + std::to_string(p.outer) + ", red " + std::to_string(p.red) + ", inner " +
         std::to_string(p.inner) + ", strides " + std::to_string(p.x_outer) + " " + std::to_string(p.x_red);
}

void check(const Reduction &r, const ReduceParams &p, float lo = 0.5f, float hi = 1.5f) {
  std::vector<float> x = test::uniform((p.outer - 1) * p.x_outer + (p.red - 1) * p.x_red + p.inner, lo, hi, (unsigned)p.red);
  std::vector<float> rows = test::uniform(p.outer, -1, 1), columns = test::uniform(p.inner, -1, 1);
  size_t n = (size_t)(p.outer * p.inner);
  auto y = test::run_both<float, Par>(n, [&](float *y, Par par) { r.f32(p, x.data(), y, par); });
  auto z = test::run_both<float, Par>(n, [&](float *z, Par par) { r.scaled(p, x.data(), z, rows.data(), columns.data(), par); });
  for (i64 o = 0; o < p.outer; ++o)
    for (i64 i = 0; i < p.inner; ++i) {
      std::vector<double> terms;
      for (i64 k = 0; k < p.red; ++k) terms.push_back(x[o * p.x_outer + k * p.x_red + i]);
      double want = r.want(terms), bound = 0x1p-24 * r.roundings(p.red) * r.size(terms);
      i64 at = o * p.inner + i;
      ASSERT_NEAR(y[at], want, bound) << describe(r, p) << ", at " << o << ", " << i;
      ASSERT_NEAR(z[at], (double)y[at] * rows[o] + columns[i], 0x1p-23 * (std::fabs(y[at]) + 1)) << describe(r, p) << ", epilogue";
    }
}

TEST(Reduce, Rows) {
  for (const Reduction &r : reductions)
    for (i64 red : {1, 2, lanes_max - 1, lanes_max, lanes_max + 1, 4 * lanes_max + 3, 1000})
      for (i64 outer : {1, 3, 2 * lanes_max})
        for (i64 gap : {0, 5}) check(r, {outer, red, 1, red + gap, 1});
}
TEST(Reduce, Columns) {
  for (const Reduction &r : reductions)
    for (i64 inner : {1, 2, lanes_max - 1, lanes_max, 4 * lanes_max, 6 * lanes_max + 5})
      for (i64 red : {1, 3, 63, 64, 65, 200})
        for (i64 gap : {0, 3}) check(r, {2, red, inner, red * (inner + gap) + 7, inner + gap});
}
TEST(Reduce, BlocksOfRowsAreSharedAmongThreads) {
  for (const Reduction &r : reductions)
    for (i64 inner : {2, lanes_max - 1, lanes_max, 6 * lanes_max + 5})
      for (i64 red : {384, 385, 999})
        for (i64 gap : {0, 3}) check(r, {1, red, inner, red * (inner + gap), inner + gap}, 0.99f, 1.01f);
}
TEST(Reduce, LongSumsStayAccurate) {
  for (i64 inner : {1, 3}) {
    check(reductions[0], {1, 300001, inner, 300001 * inner, inner}, -1, 1);
    check(reductions[1], {1, 300001, inner, 300001 * inner, inner}, 0.1f, 0.2f);
  }
}
// The sums are exact; what follows is two roundings in f32, done here in the same order.
TEST(Reduce, MeanOfBytes) {
  for (i64 inner : {(i64)1, (i64)7, (i64)(5 * lanes_max + 3)})
    for (i64 red : {1, 49, 3000}) {
      ReduceParams p = {3, red, inner, red * (inner + 2) + 7, inner > 1 ? inner + 2 : 1};
      std::vector<uint8_t> x((size_t)(3 * p.x_outer));
      for (size_t i = 0; i < x.size(); ++i) x[i] = (uint8_t)(i % 7 ? 255 - i * 31 % 60 : i * 31);
      std::vector<float> rows = test::uniform(3, 0.5f, 1.5f), columns = test::uniform((size_t)inner, -40, 40);
      auto run = [&](uint8_t *y, Par par) { mean_u8(p, x.data(), y, rows.data(), columns.data(), par); };
      auto y = test::run_both<uint8_t, Par>((size_t)(3 * inner), run);
      for (i64 o = 0; o < 3; ++o)
        for (i64 i = 0; i < inner; ++i) {
          i64 sum = 0;
          for (i64 k = 0; k < red; ++k) sum += x[(size_t)(o * p.x_outer + k * p.x_red + i)];
          volatile float scaled = (float)sum / (float)red * rows[(size_t)o];
          float want = std::nearbyint(std::min(std::max(scaled + columns[(size_t)i], 0.0f), 255.0f));
          ASSERT_EQ(want, y[(size_t)(o * inner + i)]) << "red " << red << ", inner " << inner << ", at " << o << ", " << i;
        }
    }
}
TEST(Reduce, NanWins) {
  for (i64 inner : {1, 2})
    for (const Reduction &r : reductions) {
      std::vector<float> x(100 * inner, 1.0f), y(inner);
      x[57 * inner] = std::numeric_limits<float>::quiet_NaN();
      r.f32({1, 100, inner, 100 * inner, inner}, x.data(), y.data(), Par{nullptr});
      EXPECT_TRUE(std::isnan(y[0])) << r.name;
      if (inner == 2) {
        EXPECT_EQ(y[1], r.want(std::vector<double>(100, 1.0))) << r.name;
      }
    }
}
TEST(Reduce, Integers) {
  for (const Reduction &r : reductions)
    for (i64 inner : {1, 3, 131})
      for (i64 red : {1, 2, 7, 100}) {
        ReduceParams p = {4, red, inner, red * inner, inner};
        std::vector<int32_t> x(4 * red * inner);
        std::vector<int64_t> wide(x.size());
        for (size_t i = 0; i < x.size(); ++i) x[i] = (int)(i * 7919 % 23) - 11, wide[i] = x[i] * 1000000007LL;
        auto y = test::run_both<int32_t, Par>(4 * inner, [&](int32_t *y, Par par) { r.i32(p, x.data(), y, par); });
        auto z = test::run_both<int64_t, Par>(4 * inner, [&](int64_t *z, Par par) { r.i64_(p, wide.data(), z, par); });
        for (i64 o = 0; o < 4; ++o)
          for (i64 i = 0; i < inner; ++i) {
            std::vector<int64_t> a;
            std::vector<__int128> b;
            for (i64 k = 0; k < red; ++k) a.push_back(x[(o * red + k) * inner + i]), b.push_back(wide[(o * red + k) * inner + i]);
            EXPECT_EQ(y[o * inner + i], (int32_t)r.want(a)) << describe(r, p);
            EXPECT_EQ(z[o * inner + i], (int64_t)r.want(b)) << describe(r, p);
          }
      }
}
TEST(Reduce, IntegersWrap) {
  std::vector<int32_t> x = {INT32_MAX, 1}, y(1);
  sum_i32({1, 2, 1, 2, 1}, x.data(), y.data(), Par{nullptr});
  EXPECT_EQ(y[0], INT32_MIN);
}

} // namespace
