// Resize: tables against the formulas written out again per pixel in double, kernels against the tables.
#include "kernel_test.h"

#include "kernels/resize/pack.h"

namespace {
DNNC_TARGET_BEGIN
#include "kernels/resize/resize.h"

struct BiasEpilogue {
  const float *bias;
  template <class L> DNNC_INLINE vf operator()(vf acc, i64 n, i64 r, i64 c, L lanes) const {
    return acc + load(bias + c, lanes) + splat((float)n + (float)r);
  }
};
DNNC_TARGET_END

using namespace dnnc::resize_tables;

Axis axis_of(Mode mode, Coordinates coordinates, int64_t in, int64_t out) {
  Axis a;
  a.mode = mode; a.coordinates = coordinates; a.in = in; a.out = out; a.scale = (float)out / (float)in;
  return a;
}

// The expected values are ONNX Runtime's.
TEST(ResizeTables, MatchOnnxRuntime) {
  struct Example { Mode mode; Coordinates coordinates; Rounding rounding; int64_t in, out; float scale; bool exclude, antialias; std::vector<double> x, want; };
  const Example examples[] = {
#include "resize_examples.inc"
  };
  for (const Example &e : examples) {
    // With align_corners it takes the rounded size; the official suite, which dnnc follows, in * scale.
    if (e.coordinates == Coordinates::AlignCorners && std::fabs((float)e.in * e.scale - (float)e.out) > 1e-4f * (float)e.out) continue;
    Axis a = axis_of(e.mode, e.coordinates, e.in, e.out);
    a.scale = e.scale; a.rounding = e.rounding; a.exclude_outside = e.exclude; a.antialias = e.antialias;
    Table t = make_table(a);
    ASSERT_EQ(t.index.size(), (size_t)(t.taps * e.out));
    for (int64_t o = 0; o < e.out; ++o) {
      double sum = 0;
      for (int64_t i = 0; i < t.taps; ++i) sum += (double)t.weight[(size_t)(o * t.taps + i)] * e.x[(size_t)t.index[(size_t)(o * t.taps + i)]];
      // A float place near 7 is off by 2^-22 at most, times a slope below 10; weights are floats times values below 10.
      EXPECT_NEAR(sum, e.want[(size_t)o], 1e-5) << "example " << (&e - examples) << " at " << o;
    }
  }
}

TEST(ResizeTables, OutsideOfACrop) {
  Axis a = axis_of(Mode::Linear, Coordinates::TfCropAndResize, 4, 5);
  a.roi_start = 0.5f; a.roi_end = 1.5f;
  Table t = make_table(a); // samples at 1.5, 2.25, 3, 3.75, 4.5
  std::vector<int32_t> first;
  for (size_t o = 0; o < 5; ++o) first.push_back(t.index[o * 2]);
  EXPECT_EQ(first, (std::vector<int32_t>{1, 2, 3, -1, -1}));
  EXPECT_EQ(t.weight[0], 0.5f);
  EXPECT_EQ(t.weight[2], 0.75f);
}

struct Image {
  resize::ResizeParams p = {};
  std::vector<float> x, bias;
  size_t y_size;
  Table rows, cols;

  Image(Axis vertical, Axis horizontal, i64 n, i64 c) : rows(make_table(vertical)), cols(make_table(horizontal)) {
    p.n = n; p.c = c; p.oh = vertical.out; p.ow = horizontal.out; p.y_taps = rows.taps; p.x_taps = cols.taps;
    p.x_w = c + 2; p.x_h = p.x_w * horizontal.in + 1; p.x_n = p.x_h * vertical.in;
    p.y_w = c + 3; p.y_h = p.y_w * p.ow; p.y_n = p.y_h * p.oh;
    p.extrapolation = 9.5f;
    x = test::uniform((size_t)(p.x_n * n), -2, 2);
    bias = test::uniform((size_t)c, -1, 1, 3);
    y_size = (size_t)(n * p.y_n - 3);
  }

  double want(i64 n, i64 oh, i64 ow, i64 c) const {
    double sum = 0;
    if (rows.index[(size_t)(oh * rows.taps)] < 0 || cols.index[(size_t)(ow * cols.taps)] < 0) return p.extrapolation;
    for (i64 i = 0; i < rows.taps; ++i)
      for (i64 j = 0; j < cols.taps; ++j) {
        size_t r = (size_t)(oh * rows.taps + i), k = (size_t)(ow * cols.taps + j);
        sum += (double)rows.weight[r] * (double)cols.weight[k] * x[(size_t)(n * p.x_n + rows.index[r] * p.x_h + cols.index[k] * p.x_w + c)];
      }
    return sum;
  }

  void run(int taps, float *y, Par par) const {
    BiasEpilogue ep = {bias.data()};
    const int32_t *yi = rows.index.data(), *xi = cols.index.data();
    const float *yw = rows.weight.data(), *xw = cols.weight.data();
    if (taps == 1) resize::nearest<float>(p, x.data(), yi, xi, y, ep, par);
    else if (taps == 2) resize::sampled<2, float>(p, x.data(), yi, yw, xi, xw, y, ep, par);
    else if (taps == 4) resize::sampled<4, float>(p, x.data(), yi, yw, xi, xw, y, ep, par);
    else resize::sampled<0, float>(p, x.data(), yi, yw, xi, xw, y, ep, par);
  }

  void check(int taps) {
    test::Guarded<float> y(y_size), again(y_size);
    run(taps, y.data(), Par{nullptr});
    run(taps, again.data(), Par{&test::three_threads});
    EXPECT_TRUE(y.intact());
    EXPECT_EQ(0, std::memcmp(y.data(), again.data(), y_size * sizeof(float))) << "depends on the split";
    for (i64 n = 0; n < p.n; ++n)
      for (i64 oh = 0; oh < p.oh; ++oh)
        for (i64 ow = 0; ow < p.ow; ++ow)
          for (i64 c = 0; c < p.c; ++c) {
            double place = (double)n + (double)(oh * p.ow + ow);
            double w = want(n, oh, ow, c) + bias[(size_t)c] + place;
            // taps^2 products of values below 2 with weights whose absolute sum is below 2 an axis, then two additions.
            double bound = 0x1p-24 * (2.0 * 4 * (double)(rows.taps + cols.taps + 2) + 2 * (std::fabs(w) + place + 1));
            ASSERT_NEAR(y[(size_t)(n * p.y_n + oh * p.y_h + ow * p.y_w + c)], w, bound) << taps << " taps at " << n << " " << oh << " " << ow << " " << c;
          }
  }
};

TEST(Resize, Images) {
  for (i64 c : {1, 3, 8, 21, 37, 64}) {
    Image(axis_of(Mode::Nearest, Coordinates::Asymmetric, 3, 6), axis_of(Mode::Nearest, Coordinates::Asymmetric, 5, 10), 2, c).check(1);
    Image(axis_of(Mode::Linear, Coordinates::HalfPixel, 3, 6), axis_of(Mode::Linear, Coordinates::HalfPixel, 5, 10), 2, c).check(2);
    Image(axis_of(Mode::Linear, Coordinates::AlignCorners, 4, 7), axis_of(Mode::Linear, Coordinates::PytorchHalfPixel, 6, 1), 1, c).check(2);
    Image(axis_of(Mode::Cubic, Coordinates::HalfPixel, 4, 9), axis_of(Mode::Cubic, Coordinates::HalfPixel, 5, 3), 1, c).check(4);
    Axis small = axis_of(Mode::Linear, Coordinates::HalfPixel, 9, 4);
    small.antialias = true;
    Image(small, axis_of(Mode::Cubic, Coordinates::HalfPixel, 5, 3), 1, c).check(0);
    Axis crop = axis_of(Mode::Linear, Coordinates::TfCropAndResize, 4, 5);
    crop.roi_start = 0.5f; crop.roi_end = 1.5f;
    Image(crop, axis_of(Mode::Linear, Coordinates::HalfPixel, 3, 4), 1, c).check(2);
  }
}

TEST(Resize, OneAxis) {
  Axis a = axis_of(Mode::Cubic, Coordinates::HalfPixel, 5, 8);
  Table t = make_table(a);
  for (i64 inner : {1, 7, 40}) {
    resize::ResizeAxisParams p = {};
    p.outer = 3; p.in = 5; p.out = 8; p.inner = inner; p.taps = t.taps;
    std::vector<float> x = test::uniform((size_t)(3 * 5 * inner), -2, 2);
    test::Guarded<float> y((size_t)(3 * 8 * inner));
    resize::axis(p, x.data(), t.index.data(), t.weight.data(), y.data(), Par{&test::three_threads});
    EXPECT_TRUE(y.intact());
    for (i64 o = 0; o < 3; ++o)
      for (i64 k = 0; k < 8; ++k)
        for (i64 i = 0; i < inner; ++i) {
          double want = 0;
          for (i64 tap = 0; tap < 4; ++tap)
            want += (double)t.weight[(size_t)(k * 4 + tap)] * x[(size_t)((o * 5 + t.index[(size_t)(k * 4 + tap)]) * inner + i)];
          ASSERT_NEAR(y[(size_t)((o * 8 + k) * inner + i)], want, 0x1p-24 * 2 * 2 * 5);
        }
  }
}

} // namespace
