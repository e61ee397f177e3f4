// The largest error of each elementary function, in units in the last place, against libm in double.
// DNNC_TEST_STRIDE=1 takes every float; the default takes every 4001st, and all near the ends of the ranges.
#include "kernel_test.h"

namespace {
DNNC_TARGET_BEGIN
#include "kernels/pointwise/math.h"
#include "kernels/pointwise/power.h"
#include "kernels/pointwise/trigonometry.h"

#define UNARY(name)                                                                                                                        \
  void name##_of(const float *x, float *y) {                                                                                               \
    for (int i = 0; i < 16; i += VL) store(y + i, pw::name(load(x + i, Full{})), Full{});                                                  \
  }
UNARY(exp)
UNARY(expm1)
UNARY(tanh) UNARY(sigmoid) UNARY(sinh) UNARY(cosh) UNARY(log) UNARY(log1p) UNARY(asinh) UNARY(acosh) UNARY(atanh) UNARY(erf) UNARY(gelu)
    UNARY(gelu_tanh) UNARY(sin) UNARY(cos) UNARY(tan) UNARY(asin) UNARY(acos)
        UNARY(atan) void pow_of(const float *x, const float *y, float *z) {
  for (int i = 0; i < 16; i += VL) store(z + i, pw::pow(load(x + i, Full{}), load(y + i, Full{})), Full{});
}
DNNC_TARGET_END

double sigmoid_true(double x) { return x < 0 ? std::exp(x) / (1 + std::exp(x)) : 1 / (1 + std::exp(-x)); }
double gelu_true(double x) { return std::isinf(x) ? (x > 0 ? x : 0) : 0.5 * x * std::erfc(-x / std::sqrt(2.0)); }
double gelu_tanh_true(double x) {
  double v = 2 * std::sqrt(2 / M_PI) * (x + 0.044715 * x * x * x);
  return std::isinf(x) ? (x > 0 ? x : 0) : x * sigmoid_true(v);
}

float from_bits(uint32_t u) {
  float x;
  std::memcpy(&x, &u, 4);
  return x;
}

struct Row {
  const char *name;
  void (*got)(const float *, float *);
  double (*want)(double);
  double ulps; // what the header states

  friend std::ostream &operator<<(std::ostream &out, const Row &row) { return out << row.name; }
};
class PointwiseMath : public testing::TestWithParam<Row> {};

TEST_P(PointwiseMath, StaysWithinItsUlps) {
  const Row &row = GetParam();
  const char *text = std::getenv("DNNC_TEST_STRIDE");
  uint64_t stride = text ? std::strtoull(text, nullptr, 10) : 4001;
  std::vector<float> hard = {0.0f, -0.0f, from_bits(0x7f800000), from_bits(0xff800000), from_bits(0x7fc00000)};
  for (float x :
       {0.5f,   0.92f,   1.0f,     4.0f,      9.5f,      10.0f,         14.5f,      17.0f,      87.3f, 88.72284f,   89.0f,     103.97f,
        110.0f, 8192.0f, 12800.0f, 0x1p-126f, 0x1p-149f, 3.4028235e38f, 1.5707964f, 3.1415927f, 11.0f, 0.70710678f, 1.4142135f})
    for (int d = -3; d <= 3; ++d) {
      uint32_t u;
      std::memcpy(&u, &x, 4);
      hard.push_back(from_bits(u + (uint32_t)d));
      hard.push_back(-from_bits(u + (uint32_t)d));
    }
  // Next to multiples of pi/2 little is left of the argument of a circular function.
  for (int k = 1; k < 12000; ++k) {
    float x = (float)(k * (M_PI / 2));
    for (float near : {std::nextafter(x, 0.0f), x, std::nextafter(x, 1e9f)}) hard.push_back(near), hard.push_back(-near);
  }
  double worst = 0;
  float worst_x = 0, worst_y = 0;
  float x[16], y[16];
  size_t next_hard = 0;
  for (uint64_t u = 0; u < (1ull << 32);) {
    for (float &v : x) {
      if (next_hard < hard.size()) {
        v = hard[next_hard++];
      } else {
        v = from_bits((uint32_t)u);
        u += stride;
      }
    }
    row.got(x, y);
    for (int i = 0; i < 16; ++i) {
      double error = test::ulps(y[i], row.want((double)x[i]));
      if (error > worst) worst = error, worst_x = x[i], worst_y = y[i];
    }
  }
  RecordProperty("ulps", std::to_string(worst));
  if (text) std::printf("%-10s %.3f ULP at %a\n", row.name, worst, worst_x);
  EXPECT_LE(worst, row.ulps) << row.name << '(' << worst_x << ") = " << worst_y << ", not " << row.want((double)worst_x);
}

#define ROW(name, want, ulps)                                                                                                              \
  Row { #name, name##_of, want, ulps }
INSTANTIATE_TEST_SUITE_P(All, PointwiseMath,
                         testing::Values(ROW(exp, std::exp, 1.5), ROW(expm1, std::expm1, 2), ROW(tanh, std::tanh, 3),
                                         ROW(sigmoid, sigmoid_true, 3), ROW(sinh, std::sinh, 3), ROW(cosh, std::cosh, 2),
                                         ROW(log, std::log, 1.5), ROW(log1p, std::log1p, 2), ROW(asinh, std::asinh, 2),
                                         ROW(acosh, std::acosh, 2.5), ROW(atanh, std::atanh, 2.5), ROW(erf, std::erf, 1.5),
                                         ROW(gelu, gelu_true, 5), ROW(gelu_tanh, gelu_tanh_true, 5), ROW(sin, std::sin, 2),
                                         ROW(cos, std::cos, 2), ROW(tan, std::tan, 4), ROW(asin, std::asin, 3), ROW(acos, std::acos, 1.5),
                                         ROW(atan, std::atan, 2)),
                         [](const testing::TestParamInfo<Row> &info) { return std::string(info.param.name); });

// A grid of magnitudes, of bases near 1, of small integers, and every pair of limits.
TEST(PointwisePow, StaysWithinItsUlps) {
  std::vector<float> limits = {0.0f,
                               -0.0f,
                               1.0f,
                               -1.0f,
                               2.0f,
                               -2.0f,
                               0.5f,
                               -0.5f,
                               3.0f,
                               -3.0f,
                               1e-45f,
                               -1e-45f,
                               3.4028235e38f,
                               -3.4028235e38f,
                               16777216.0f,
                               16777215.0f,
                               -16777215.0f,
                               1e30f,
                               std::nextafter(1.0f, 2.0f),
                               std::nextafter(1.0f, 0.0f),
                               from_bits(0x7f800000),
                               from_bits(0xff800000),
                               from_bits(0x7fc00000)};
  std::vector<float> xs, ys;
  for (float x : limits)
    for (float y : limits) xs.push_back(x), ys.push_back(y);
  std::mt19937 random(5);
  auto uniform = [&](double lo, double hi) { return lo + (hi - lo) * random() * 0x1p-32; };
  for (int i = 0; i < 300000; ++i) {
    double exponent = uniform(-149, 128);
    xs.push_back((float)std::exp2(exponent));
    ys.push_back((float)(uniform(-151, 129) / exponent)); // results over the whole range
    xs.push_back((float)(1 + uniform(-1, 1) * std::exp2(uniform(-22, -1))));
    ys.push_back((float)(uniform(-151, 129) / std::log2((double)xs.back())));
    xs.push_back((float)uniform(-20, 20));
    ys.push_back((float)((int)(random() % 41) - 20));
    xs.push_back(from_bits(random()));
    ys.push_back(from_bits(random()));
  }
  while (xs.size() % 16) xs.push_back(1), ys.push_back(1);
  std::vector<float> z(xs.size());
  double worst = 0;
  size_t at = 0;
  for (size_t i = 0; i < xs.size(); i += 16) pow_of(&xs[i], &ys[i], &z[i]);
  for (size_t i = 0; i < xs.size(); ++i) {
    double want = std::pow((double)xs[i], (double)ys[i]);
    double error = test::ulps(z[i], want);
    if (want == 0 && std::signbit(z[i]) != std::signbit(want)) error = std::numeric_limits<double>::infinity();
    if (error > worst) worst = error, at = i;
  }
  RecordProperty("ulps", std::to_string(worst));
  EXPECT_LE(worst, 1.5) << xs[at] << " ^ " << ys[at] << " = " << z[at] << ", not " << std::pow((double)xs[at], (double)ys[at]);
  if (std::getenv("DNNC_TEST_STRIDE")) std::printf("pow %.3f ULP\n", worst);
}

} // namespace
