// Sampling, regions, folding and determinants against plain loops in double.
#include "kernel_test.h"

namespace {
DNNC_TARGET_BEGIN
#include "kernels/det/det.h"
#include "kernels/spatial/col2im.h"
#include "kernels/spatial/deform_columns.h"
#include "kernels/spatial/grid_sample.h"
#include "kernels/spatial/roi_align.h"
#include "kernels/spatial/roi_max_pool.h"
DNNC_TARGET_END

// A pixel of a channels-last image; 0 outside.
double pixel(const std::vector<float> &x, i64 h, i64 w, i64 c, i64 row, i64 col, i64 channel) {
  return row < 0 || row >= h || col < 0 || col >= w ? 0 : x[(size_t)((row * w + col) * c + channel)];
}
double bilinear(const std::vector<float> &x, i64 h, i64 w, i64 c, double row, double col, i64 channel) {
  i64 r = (i64)std::floor(row), k = (i64)std::floor(col);
  double v = row - (double)r, u = col - (double)k;
  return (1 - v) * ((1 - u) * pixel(x, h, w, c, r, k, channel) + u * pixel(x, h, w, c, r, k + 1, channel)) +
         v * ((1 - u) * pixel(x, h, w, c, r + 1, k, channel) + u * pixel(x, h, w, c, r + 1, k + 1, channel));
}

// Places in f32 are off by 2^-24 of the image's size (below 16), a few times; a step between pixels is at most 2.
constexpr double placeBound = 16 * 0x1p-22 * 2 + 16 * 0x1p-24;

TEST(Spatial, GridSampleLinear) {
  for (i64 c : {1, 3, 8, 19, 71}) {
    spatial::GridSampleParams p = {};
    p.n = 2, p.d = 1, p.h = 7, p.w = 9, p.c = c, p.points = 23, p.rank = 2;
    p.x_w = c, p.x_h = c * p.w, p.x_n = c * p.w * p.h, p.align_corners = 1;
    std::vector<float> x = test::uniform((size_t)(p.n * p.x_n), -1, 1), grid = test::uniform((size_t)(p.n * p.points * 2), -1.4f, 1.4f, 3);
    test::Guarded<float> y((size_t)(p.n * p.points * c)), again(y.n);
    spatial::grid_sample<2>(p, x.data(), grid.data(), y.data(), Par{nullptr});
    spatial::grid_sample<2>(p, x.data(), grid.data(), again.data(), Par{&test::three_threads});
    EXPECT_TRUE(y.intact() && again.intact());
    EXPECT_EQ(0, std::memcmp(y.data(), again.data(), y.n * sizeof(float))) << "depends on the split";
    for (i64 n = 0; n < p.n; ++n) {
      std::vector<float> image(x.begin() + n * p.x_n, x.begin() + (n + 1) * p.x_n);
      for (i64 i = 0; i < p.points; ++i)
        for (i64 channel = 0; channel < c; ++channel) {
          const float *g = &grid[(size_t)((n * p.points + i) * 2)];
          double col = (g[0] + 1.0) / 2 * (double)(p.w - 1), row = (g[1] + 1.0) / 2 * (double)(p.h - 1);
          ASSERT_NEAR(y[(size_t)((n * p.points + i) * c + channel)], bilinear(image, p.h, p.w, c, row, col, channel), placeBound) << c << " " << i;
        }
    }
  }
}

// Nearest is exact: a place on a pixel gives it, whatever the padding; one outside depends on it.
TEST(Spatial, GridSamplePadding) {
  spatial::GridSampleParams p = {};
  p.n = 1, p.d = 1, p.h = 1, p.w = 4, p.c = 1, p.points = 6, p.rank = 2, p.x_w = 1, p.x_h = 4, p.x_n = 4, p.align_corners = 1;
  const float x[] = {1, 2, 3, 4}, places[] = {-1, 0, 3, 5, 8, -2};
  float grid[12];
  for (int i = 0; i < 6; ++i) grid[2 * i] = places[i] / 1.5f - 1, grid[2 * i + 1] = 0;
  const float want[3][6] = {{0, 1, 4, 0, 0, 0}, {1, 1, 4, 4, 4, 1}, {2, 1, 4, 2, 3, 3}};
  for (i64 padding = 0; padding < 3; ++padding) {
    p.padding = padding;
    float y[6];
    spatial::grid_sample<1>(p, x, grid, y, Par{nullptr});
    for (int i = 0; i < 6; ++i) EXPECT_EQ(y[i], want[padding][i]) << "padding " << padding << " at " << places[i];
  }
  const float wild[] = {NAN, 0, INFINITY, 0, -INFINITY, NAN, 1e38f, -1e38f, 0, 0, 0, 0};
  float y[6];
  for (i64 padding = 0; padding < 3; ++padding) { // anything, but from inside the image
    p.padding = padding;
    spatial::grid_sample<2>(p, x, wild, y, Par{nullptr});
  }
}

TEST(Spatial, DeformColumns) {
  for (i64 c : {2, 6, 34, 130}) {
    spatial::DeformParams p = {};
    p.n = 1, p.h = 6, p.w = 5, p.c = c, p.oh = 3, p.ow = 5, p.kh = 3, p.kw = 2, p.sh = 2, p.sw = 1, p.dh = 1, p.dw = 1, p.pt = 1, p.pl = 1, p.groups = 2;
    p.x_w = c, p.x_h = c * p.w, p.x_n = c * p.w * p.h;
    const i64 taps = 6, pixels = p.oh * p.ow, offsets = 2 * p.groups * taps;
    const i64 offset[] = {offsets * pixels, pixels, p.ow, 1}, mask[] = {p.groups * taps * pixels, pixels, p.ow, 1};
    for (int i = 0; i < 4; ++i) p.offset[i] = offset[i], p.mask[i] = mask[i];
    std::vector<float> x = test::uniform((size_t)p.x_n, -1, 1), off = test::uniform((size_t)offset[0], -2, 2, 3), m = test::uniform((size_t)mask[0], 0, 1, 4);
    test::Guarded<float> y((size_t)(pixels * taps * c));
    spatial::deform_columns(p, x.data(), off.data(), m.data(), y.data(), Par{&test::three_threads});
    EXPECT_TRUE(y.intact());
    for (i64 i = 0; i < pixels; ++i)
      for (i64 t = 0; t < taps; ++t)
        for (i64 channel = 0; channel < c; ++channel) {
          i64 g = channel / (c / 2), at = 2 * (g * taps + t);
          double row = (double)(i / p.ow * 2 - 1 + t / 2) + off[(size_t)(at * pixels + i)];
          double col = (double)(i % p.ow - 1 + t % 2) + off[(size_t)((at + 1) * pixels + i)];
          double want = bilinear(x, p.h, p.w, c, row, col, channel) * m[(size_t)((g * taps + t) * pixels + i)];
          ASSERT_NEAR(y[(size_t)((i * taps + t) * c + channel)], want, placeBound) << "c " << c << " pixel " << i << " tap " << t;
        }
  }
}

spatial::RoiParams regions(i64 c) {
  spatial::RoiParams p = {};
  p.n = 1, p.h = 8, p.w = 9, p.c = c, p.rois = 3, p.oh = 2, p.ow = 3, p.sampling_ratio = 2, p.half_pixel = 1, p.spatial_scale = 0.5f;
  p.x_w = c, p.x_h = c * p.w, p.x_n = c * p.w * p.h;
  return p;
}

TEST(Spatial, RoiAlignMean) {
  for (i64 c : {1, 5, 40, 70}) {
    spatial::RoiParams p = regions(c);
    std::vector<float> x = test::uniform((size_t)p.x_n, -1, 1);
    const float rois[] = {2, 2, 12, 13, 5, 3, 6, 14, 4, 4, 15, 6}; // all samples lie in the image
    const i64 batch[] = {0, 7, -3};                                 // the last two are clamped
    test::Guarded<float> y((size_t)(p.rois * p.oh * p.ow * c));
    spatial::roi_align<spatial::Mean>(p, x.data(), rois, batch, y.data(), Par{&test::three_threads});
    EXPECT_TRUE(y.intact());
    for (i64 r = 0; r < 3; ++r)
      for (i64 i = 0; i < p.oh; ++i)
        for (i64 j = 0; j < p.ow; ++j)
          for (i64 channel = 0; channel < c; ++channel) {
            const float *box = rois + 4 * r;
            double left = box[0] * 0.5 - 0.5, top = box[1] * 0.5 - 0.5, w = (box[2] - box[0]) * 0.5 / 3, h = (box[3] - box[1]) * 0.5 / 2, sum = 0;
            for (int a = 0; a < 2; ++a)
              for (int b = 0; b < 2; ++b)
                sum += bilinear(x, p.h, p.w, c, top + h * ((double)i + (a + 0.5) / 2), left + w * ((double)j + (b + 0.5) / 2), channel);
            ASSERT_NEAR(y[(size_t)(((r * p.oh + i) * p.ow + j) * c + channel)], sum / 4, placeBound) << r << " " << i << " " << j;
          }
  }
}

TEST(Spatial, RoiMaxPool) {
  spatial::RoiParams p = regions(21);
  p.spatial_scale = 1;
  p.rois = 2;
  std::vector<float> x = test::uniform((size_t)p.x_n, -1, 1);
  const float rois[] = {0, 1, 2, 6, 5, 0, 20, 20, 22, 22}; // 6×4 pixels from (2, 1); outside
  test::Guarded<float> y((size_t)(p.rois * p.oh * p.ow * p.c));
  spatial::roi_max_pool(p, x.data(), rois, y.data(), Par{nullptr});
  EXPECT_TRUE(y.intact());
  for (i64 i = 0; i < 2; ++i)
    for (i64 j = 0; j < 3; ++j)
      for (i64 c = 0; c < p.c; ++c) {
        double want = -2;
        for (i64 h = 2 + 2 * i; h < 4 + 2 * i; ++h)
          for (i64 w = 1 + 2 * j; w < 3 + 2 * j; ++w) want = std::max(want, pixel(x, p.h, p.w, p.c, h, w, c));
        ASSERT_EQ(y[(size_t)((i * 3 + j) * p.c + c)], (float)want);
        ASSERT_EQ(y[(size_t)(((2 + i) * 3 + j) * p.c + c)], 0) << "an empty bin";
      }
}

TEST(Spatial, Col2Im) {
  for (i64 stride : {1, 2}) {
    spatial::Col2ImParams p = {};
    p.n = 3, p.rank = 2;
    const i64 image[] = {7, 23}, block[] = {2, 3}, pads[] = {1, 2}, dilations[] = {2, 1};
    i64 count = 1, taps = 6;
    for (int i = 0; i < 2; ++i) {
      p.image[i] = image[i], p.block[i] = block[i], p.pads[i] = pads[i], p.dilations[i] = dilations[i], p.strides[i] = stride;
      p.blocks[i] = (image[i] + 2 * pads[i] - dilations[i] * (block[i] - 1) - 1) / stride + 1;
      count *= p.blocks[i];
    }
    std::vector<float> x = test::uniform((size_t)(p.n * taps * count), -1, 1);
    test::Guarded<float> y((size_t)(p.n * 7 * 23));
    spatial::col2im(p, x.data(), y.data(), Par{&test::three_threads});
    EXPECT_TRUE(y.intact());
    std::vector<double> want(y.n, 0);
    for (i64 n = 0; n < p.n; ++n)
      for (i64 t = 0; t < taps; ++t)
        for (i64 b = 0; b < count; ++b) {
          i64 row = b / p.blocks[1] * stride - 1 + t / 3 * 2, col = b % p.blocks[1] * stride - 2 + t % 3;
          if (row >= 0 && row < 7 && col >= 0 && col < 23) want[(size_t)((n * 7 + row) * 23 + col)] += x[(size_t)((n * taps + t) * count + b)];
        }
    for (size_t i = 0; i < want.size(); ++i) ASSERT_NEAR(y[i], want[i], 6 * 6 * 0x1p-24) << "stride " << stride << " at " << i;
  }
}

TEST(Det, Permutations) {
  const float x[] = {0, 1, 0, 0, 0, 1, 1, 0, 0 /* even */, 0, 2, 0, 3, 0, 0, 0, 0, 4 /* odd, -24 */, 1, 2, 3, 2, 4, 6, 1, 0, 1 /* singular */};
  float y[3];
  double work[27];
  det::det<float>({3, 3}, x, y, work, Par{nullptr});
  EXPECT_EQ(y[0], 1);
  EXPECT_EQ(y[1], -24);
  EXPECT_EQ(y[2], 0);
}

} // namespace
