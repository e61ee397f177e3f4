// softmax and log_softmax against their formulas in double.
#include "kernel_test.h"

namespace {
DNNC_TARGET_BEGIN
#include "kernels/softmax/softmax.h"
const int lanes_max = VL;
DNNC_TARGET_END

using softmax::SoftmaxParams;

void check(const SoftmaxParams &p, const std::vector<float> &x) {
  std::string at = "outer " + std::to_string(p.outer) + ", axis " + std::to_string(p.axis) + ", inner " + std::to_string(p.inner);
  auto y = test::run_both<float, Par>(x.size(), [&](float *y, Par par) { softmax::softmax(p, x.data(), y, par); });
  auto log_y = test::run_both<float, Par>(x.size(), [&](float *y, Par par) { softmax::log_softmax(p, x.data(), y, par); });
  std::vector<float> in_place = x, log_in_place = x;
  softmax::softmax(p, in_place.data(), in_place.data(), Par{nullptr});
  softmax::log_softmax(p, log_in_place.data(), log_in_place.data(), Par{nullptr});
  EXPECT_EQ(in_place, y) << at;
  EXPECT_EQ(log_in_place, log_y) << at;

  for (i64 o = 0; o < p.outer; ++o)
    for (i64 i = 0; i < p.inner; ++i) {
      auto index = [&](i64 a) { return (o * p.axis + a) * p.inner + i; };
      double top = -1e300, sum = 0;
      for (i64 a = 0; a < p.axis; ++a) top = std::max(top, (double)x[index(a)]);
      for (i64 a = 0; a < p.axis; ++a) sum += std::exp(x[index(a)] - top);
      // Of the sum: blocks of 64 terms of 1.5 ULP each, and their joining.
      double of_sum = 4 + std::min<double>((double)p.axis, 64) + (double)p.axis / 64;
      for (i64 a = 0; a < p.axis; ++a) {
        double d = x[index(a)] - top, want = std::exp(d) / sum, log_want = d - std::log(sum);
        // x - top is rounded, which e^… multiplies by |x - top|; what underflows is off by a denormal or two.
        ASSERT_NEAR(y[index(a)], want, want * 0x1p-24 * (8 + of_sum - d) + 0x1p-147) << at << ", at " << index(a);
        ASSERT_NEAR(log_y[index(a)], log_want, 0x1p-24 * (4 + of_sum - 2 * d + 2 * std::log(sum))) << at << ", at " << index(a);
      }
    }
}

TEST(Softmax, OddShapes) {
  unsigned seed = 0;
  for (i64 outer : {1, 5})
    for (i64 axis : {1, 2, 3, lanes_max - 1, lanes_max, lanes_max + 1, 2 * lanes_max, 5 * lanes_max + 3, 1000})
      for (i64 inner : {1, 2, lanes_max - 1, lanes_max, 2 * lanes_max + 5}) {
        SoftmaxParams p = {outer, axis, inner};
        check(p, test::uniform(outer * axis * inner, -8, 8, ++seed));
      }
}

TEST(Softmax, LongRows) { check({2, 50001, 1}, test::uniform(100002, -3, 3)); }

TEST(Softmax, LargeValuesDoNotOverflow) {
  for (i64 inner : {1, 3}) {
    i64 axis = 2 * lanes_max + 1;
    std::vector<float> x = test::uniform(axis * inner, -1, 1);
    for (float &v : x) v = v * 50 + 1e4f;
    check({1, axis, inner}, x);
    for (float &v : x) v -= 2e4f;
    check({1, axis, inner}, x);
  }
}

TEST(Softmax, MinusInfinityIsNoWeight) {
  for (i64 inner : {1, 2}) {
    i64 axis = lanes_max + 3;
    std::vector<float> x(axis * inner, -std::numeric_limits<float>::infinity()), y(axis * inner);
    for (i64 i = 0; i < inner; ++i) x[2 * inner + i] = x[4 * inner + i] = 5;
    softmax::softmax({1, axis, inner}, x.data(), y.data(), Par{nullptr});
    for (i64 a = 0; a < axis; ++a) EXPECT_EQ(y[a * inner], a == 2 || a == 4 ? 0.5f : 0.0f) << a;
  }
}

TEST(Softmax, NanSpreads) {
  std::vector<float> x(3 * lanes_max, 1.0f), y(x.size());
  x[lanes_max + 1] = std::numeric_limits<float>::quiet_NaN();
  softmax::softmax({1, (i64)x.size(), 1}, x.data(), y.data(), Par{nullptr});
  for (float v : y) EXPECT_TRUE(std::isnan(v));
}

} // namespace
