// from_ and to_ of small_types.h, bit for bit: every code, every f16, an f32 out of 4096, and what lies at and beside the middle between
// two neighbours, as f32 and as f64.
#include "kernel_test.h"

#include "small_types.h"

namespace {
DNNC_TARGET_BEGIN
#include "kernels/pointwise/functions.h"

const int lanes = VL;
#define DNNC_FORMAT(name)                                                                                                                  \
  void name##_vector(const float *x, float *y) { store(y, pw::name(load(x, Full{})), Full{}); }                                            \
  double name##_float(double x) { return pw::name((float)x); }                                                                             \
  double name##_double(double x) { return pw::name(x); }
#define DNNC_FORMATS(F)                                                                                                                    \
  F(from_f8e4m3fn)                                                                                                                         \
  F(from_f8e4m3fnuz)                                                                                                                       \
  F(from_f8e5m2)                                                                                                                           \
  F(from_f8e5m2fnuz)                                                                                                                       \
  F(from_f4e2m1)                                                                                                                           \
  F(from_f8e8m0)                                                                                                                           \
  F(to_f8e4m3fn)                                                                                                                           \
  F(to_f8e4m3fnuz)                                                                                                                         \
  F(to_f8e5m2)                                                                                                                             \
  F(to_f8e5m2fnuz)                                                                                                                         \
  F(to_f4e2m1)                                                                                                                             \
  F(to_f8e8m0)                                                                                                                             \
  F(to_f8e8m0_up)                                                                                                                          \
  F(to_f8e8m0_down)
DNNC_FORMATS(DNNC_FORMAT)
float half_of(uint16_t bits) { return to_float(f16{bits}); }
DNNC_TARGET_END

struct Row {
  std::string name;
  void (*vector)(const float *, float *);
  double (*scalar)(double), (*wide)(double);
};
const Row rows[] = {
#define DNNC_ROW(name) {#name, name##_vector, name##_float, name##_double},
    DNNC_FORMATS(DNNC_ROW)};

const Row &rowOf(const std::string &name) {
  for (const Row &row : rows)
    if (row.name == name) return row;
  throw std::runtime_error(name);
}

bool same(double a, double b) { return std::signbit(a) == std::signbit(b) && (a == b || (std::isnan(a) && std::isnan(b))); }

TEST(SmallTypes, EveryCode) {
  for (const test::SmallFormat &format : test::smallFormats()) {
    const Row &row = rowOf("from_" + format.name);
    for (int code = 0; code < 256; code += lanes) {
      std::vector<float> x(lanes), y(lanes);
      for (int i = 0; i < lanes; ++i) x[i] = (float)(code + i);
      row.vector(x.data(), y.data());
      for (int i = 0; i < lanes; ++i) {
        const double want = format.value((code + i) % (1 << format.bits)); // the upper bits of a byte do not count
        EXPECT_TRUE(same(y[i], want)) << row.name << " of " << code + i << " is " << y[i] << ", not " << want;
        EXPECT_TRUE(same(row.scalar(code + i), want) && same(row.wide(code + i), want)) << row.name << ' ' << code + i;
      }
    }
  }
}

void check(const test::SmallFormat &format, const std::string &name, test::SmallFormat::Rounding rounding, std::vector<float> xs) {
  const Row &row = rowOf("to_" + name);
  xs.resize((xs.size() + lanes - 1) / lanes * lanes);
  std::vector<float> y(lanes);
  int wrong = 0;
  for (size_t at = 0; at < xs.size(); at += lanes) {
    row.vector(&xs[at], y.data());
    for (int i = 0; i < lanes && wrong < 10; ++i) {
      const float x = xs[at + i];
      const int want = format.code(x, rounding);
      const bool right = y[i] == want && (at % 64 != 0 || (row.scalar(x) == want && row.wide(x) == want));
      wrong += !right;
      EXPECT_TRUE(right) << row.name << " of " << std::hexfloat << x << std::defaultfloat << " is " << y[i] << ", not " << want;
    }
  }
}

std::vector<float> inputs(const test::SmallFormat &format) {
  std::vector<float> xs;
  for (uint32_t bits = 0; bits < 65536; ++bits) xs.push_back(half_of((uint16_t)bits));
  for (uint64_t bits = 0; bits < (uint64_t)1 << 32; bits += 4093) {
    const uint32_t low = (uint32_t)bits;
    float x;
    std::memcpy(&x, &low, 4);
    xs.push_back(x);
  }
  std::vector<double> values = format.magnitudes();
  values.push_back(2 * values.back() - values[values.size() - 2]); // where the next one would be
  for (size_t i = 0; i + 1 < values.size(); ++i)
    for (double x : {values[i], (values[i] + values[i + 1]) / 2})
      for (float s : {1.0f, -1.0f}) {
        const float y = s * (float)x;
        for (float near : {y, std::nextafter(y, 1e38f), std::nextafter(y, -1e38f)}) xs.push_back(near);
      }
  return xs;
}

TEST(SmallTypes, Rounds) {
  for (const test::SmallFormat &format : test::smallFormats()) {
    std::vector<float> xs = inputs(format);
    if (!format.isExponentOnly) {
      check(format, format.name, test::SmallFormat::Even, xs);
      continue;
    }
    xs.erase(std::remove_if(xs.begin(), xs.end(), [](float x) { return x == 0 && std::signbit(x); }), xs.end());
    check(format, "f8e8m0", test::SmallFormat::HalfUp, xs);
    check(format, "f8e8m0_up", test::SmallFormat::Up, xs);
    check(format, "f8e8m0_down", test::SmallFormat::Down, xs);
  }
}

// Rounding to f32 on the way would put these on the middle.
TEST(SmallTypes, RoundsDoublesOnce) {
  for (const test::SmallFormat &format : test::smallFormats()) {
    std::vector<double> values = format.magnitudes();
    for (size_t i = 0; i + 1 < values.size(); ++i) {
      const double middle = (values[i] + values[i + 1]) / 2;
      for (double x : {middle, middle * (1 + 0x1p-50), middle * (1 - 0x1p-50)})
        EXPECT_EQ(rowOf("to_" + format.name).wide(x),
                  format.code(x, format.isExponentOnly ? test::SmallFormat::HalfUp : test::SmallFormat::Even))
            << format.name << ' ' << std::hexfloat << x;
    }
  }
}

} // namespace
