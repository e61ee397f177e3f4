// Normalizations against their formulas in double.
#include "kernel_test.h"

namespace {
DNNC_TARGET_BEGIN
#include "kernels/normalize/normalize.h"
const int lanes_max = VL;
DNNC_TARGET_END

using namespace normalize;

// Mean and variance of what f(k) gives for k < n, in double, and the largest magnitude.
struct Moments {
  double mean = 0, variance = 0, squares = 0, largest = 0;
  template <class F> Moments(i64 n, const F &f) {
    for (i64 k = 0; k < n; ++k) mean += f(k) / (double)n, squares += f(k) * f(k) / (double)n, largest = std::max(largest, std::fabs(f(k)));
    for (i64 k = 0; k < n; ++k) variance += (f(k) - mean) * (f(k) - mean) / (double)n;
  }
  // An error of the mean of m roundings of the largest element, and as many relative to the spread; m by the blocks of reduce.h.
  double bound(i64 n, double inverse, double scale, double bias) const {
    double m = 16 + std::min<double>((double)n, 64) + (double)n / 256;
    return 0x1p-24 * m * (largest * inverse * std::fabs(scale) + std::fabs(bias));
  }
};

TEST(Normalize, LayerNorm) {
  for (i64 rows : {1, 5})
    for (i64 cols : {1, 3, lanes_max - 1, lanes_max, 4 * lanes_max + 1, 768, 5000})
      for (float offset : {0.0f, 20.0f}) {
        RowNormParams p = {rows, cols, 1e-5f};
        std::vector<float> x = test::uniform(rows * cols, -2, 2), scale = test::uniform(cols, -1, 1, 2),
                           bias = test::uniform(cols, -1, 1, 3);
        for (float &v : x) v += offset;
        auto y =
            test::run_both<float, Par>(x.size(), [&](float *y, Par par) { layer_norm(p, x.data(), scale.data(), bias.data(), y, par); });
        auto z = test::run_both<float, Par>(x.size(), [&](float *y, Par par) { layer_norm(p, x.data(), scale.data(), nullptr, y, par); });
        std::vector<float> in_place = x;
        layer_norm(p, in_place.data(), scale.data(), bias.data(), in_place.data(), Par{nullptr});
        EXPECT_EQ(in_place, y);
        for (i64 r = 0; r < rows; ++r) {
          Moments m(cols, [&](i64 c) { return (double)x[r * cols + c]; });
          double inverse = 1 / std::sqrt(m.variance + p.epsilon);
          for (i64 c = 0; c < cols; ++c) {
            double normal = (x[r * cols + c] - m.mean) * inverse * scale[c], bound = m.bound(cols, inverse, scale[c], bias[c]);
            ASSERT_NEAR(y[r * cols + c], normal + bias[c], bound) << rows << " x " << cols << " at " << r << ", " << c;
            ASSERT_NEAR(z[r * cols + c], normal, bound) << "no bias, " << rows << " x " << cols << " at " << r << ", " << c;
          }
        }
      }
}

TEST(Normalize, RmsNorm) {
  for (i64 cols : {1, 5, lanes_max, 3 * lanes_max + 2, 4096}) {
    RowNormParams p = {3, cols, 1e-6f};
    std::vector<float> x = test::uniform(3 * cols, -2, 2), scale = test::uniform(cols, -1, 1, 2);
    auto y = test::run_both<float, Par>(x.size(), [&](float *y, Par par) { rms_norm(p, x.data(), scale.data(), y, par); });
    for (i64 r = 0; r < 3; ++r) {
      Moments m(cols, [&](i64 c) { return (double)x[r * cols + c]; });
      double inverse = 1 / std::sqrt(m.squares + p.epsilon);
      for (i64 c = 0; c < cols; ++c)
        ASSERT_NEAR(y[r * cols + c], x[r * cols + c] * inverse * scale[c], m.bound(cols, inverse, scale[c], 0))
            << cols << " at " << r << ", " << c;
    }
  }
}

TEST(Normalize, GroupAndInstanceNorm) {
  struct {
    i64 n, spatial, c, groups;
  } shapes[] = {{1, 1, 4, 2},
                {2, 49, 6, 6},
                {1, 100, 3, 3},
                {2, 30, 2 * lanes_max + 3, 2 * lanes_max + 3},
                {2, 35, 12, 3},
                {1, 200, 5, 1},
                {2, 17, 4 * lanes_max, 2},
                {1, 9, 3 * (lanes_max + 1), 3},
                {1, 1000, lanes_max, lanes_max}};
  for (auto &s : shapes) {
    GroupNormParams p = {s.n, s.spatial, s.c, s.groups, 1e-5f};
    std::vector<float> x = test::uniform(s.n * s.spatial * s.c, -1, 3), scale = test::uniform(s.c, -1, 1, 2),
                       bias = test::uniform(s.c, -1, 1, 3);
    auto y = test::run_both<float, Par>(x.size(), [&](float *y, Par par) { group_norm(p, x.data(), scale.data(), bias.data(), y, par); });
    std::vector<float> in_place = x;
    group_norm(p, in_place.data(), scale.data(), bias.data(), in_place.data(), Par{nullptr});
    EXPECT_EQ(in_place, y);
    i64 width = s.c / s.groups;
    for (i64 n = 0; n < s.n; ++n)
      for (i64 g = 0; g < s.groups; ++g) {
        auto at = [&](i64 k) { return (n * s.spatial + k / width) * s.c + g * width + k % width; };
        Moments m(width * s.spatial, [&](i64 k) { return (double)x[at(k)]; });
        double inverse = 1 / std::sqrt(m.variance + p.epsilon);
        for (i64 k = 0; k < width * s.spatial; ++k) {
          i64 c = g * width + k % width;
          double want = (x[at(k)] - m.mean) * inverse * scale[c] + bias[c];
          ASSERT_NEAR(y[at(k)], want, m.bound(width * s.spatial, inverse, scale[c], bias[c]))
              << s.n << " x " << s.spatial << " x " << s.c << ", " << s.groups << " groups, at " << at(k);
        }
      }
  }
}

TEST(Normalize, Lrn) {
  for (i64 c : {1, 4, lanes_max, 2 * lanes_max + 3, 64})
    for (i64 size : {1, 2, 3, 5, 7})
      for (float beta : {0.75f, 1.0f, 0.4f}) {
        LrnParams p = {5, c, size, 0.5f, beta, 1.5f};
        std::vector<float> x = test::uniform(5 * c, -3, 3);
        auto y = test::run_both<float, Par>(x.size(), [&](float *y, Par par) { lrn(p, x.data(), y, par); });
        for (i64 pixel = 0; pixel < 5; ++pixel)
          for (i64 k = 0; k < c; ++k) {
            double sum = 0;
            for (i64 j = std::max<i64>(0, k - (size - 1) / 2); j <= std::min(c - 1, k + size / 2); ++j)
              sum += (double)x[pixel * c + j] * x[pixel * c + j];
            double want = x[pixel * c + k] / std::pow(p.bias + (double)p.alpha / (double)size * sum, (double)beta);
            // A dozen roundings; raised to a power of at most one.
            ASSERT_NEAR(y[pixel * c + k], want, 16 * 0x1p-24 * std::fabs(want)) << c << " channels, size " << size << ", beta " << beta;
          }
      }
}

} // namespace
