// Pooling against plain loops in double.
#include "kernel_test.h"

namespace {
DNNC_TARGET_BEGIN
#include "kernels/pool/pool.h"

// Adds n + 0.5 r and the channel's bias, which shows where the epilogue thinks it is.
struct PlaceEpilogue {
  const float *bias;
  template <class L> DNNC_INLINE vf operator()(vf acc, i64 n, i64 r, i64 c, L lanes) const {
    return acc + load(bias + c, lanes) + splat((float)n + 0.5f * (float)r);
  }
};

f16 half_of(float x) { return to_f16(x); }
float float_of(f16 x) { return to_float(x); }
DNNC_TARGET_END

enum class Kind { Max, Average, Lp };

struct Case {
  Kind kind;
  i64 n, h, w, c, kh, kw, sh, sw, dh, dw, pt, pl, pb, pr, ceil, count_include_pad, p = 2;
};

i64 out_size(i64 in, i64 k, i64 s, i64 d, i64 before, i64 after, i64 ceil) {
  i64 room = in + before + after - d * (k - 1) - 1;
  i64 out = (ceil ? (room + s - 1) / s : room / s) + 1;
  return ceil && (out - 1) * s >= in + before ? out - 1 : out;
}

pool::PoolParams params(const Case &t) {
  pool::PoolParams p = {};
  p.d = p.od = p.kd = p.sd = p.dd = 1;
  p.n = t.n; p.h = t.h; p.w = t.w; p.c = t.c; p.kh = t.kh; p.kw = t.kw; p.sh = t.sh; p.sw = t.sw; p.dh = t.dh; p.dw = t.dw;
  p.pt = t.pt; p.pl = t.pl; p.pb = t.pb; p.pr = t.pr; p.count_include_pad = t.count_include_pad; p.p = t.p;
  p.oh = out_size(t.h, t.kh, t.sh, t.dh, t.pt, t.pb, t.ceil);
  p.ow = out_size(t.w, t.kw, t.sw, t.dw, t.pl, t.pr, t.ceil);
  // Views of wider buffers.
  p.x_w = t.c + 3; p.x_h = p.x_w * t.w + 2; p.x_n = p.x_h * t.h;
  p.y_w = t.c + 1; p.y_h = p.y_w * p.ow + 4; p.y_n = p.y_h * p.oh;
  return p;
}

template <class T> double expected(const pool::PoolParams &p, Kind kind, const T *x, i64 n, i64 oh, i64 ow, i64 c) {
  double max = -std::numeric_limits<double>::infinity(), sum = 0, powers = 0;
  i64 count = 0;
  for (i64 i = 0; i < p.kh; ++i)
    for (i64 j = 0; j < p.kw; ++j) {
      i64 h = oh * p.sh - p.pt + i * p.dh, w = ow * p.sw - p.pl + j * p.dw;
      bool inside = h >= 0 && h < p.h && w >= 0 && w < p.w;
      count += inside || (p.count_include_pad && h < p.h + p.pb && w < p.w + p.pr);
      if (!inside) continue;
      double v = x[n * p.x_n + h * p.x_h + w * p.x_w + c];
      max = std::isnan(v) || v > max ? v : max;
      sum += v;
      powers += std::pow(std::fabs(v), (double)p.p);
    }
  return kind == Kind::Max ? max : kind == Kind::Average ? sum / (double)count : std::pow(powers, 1.0 / (double)p.p);
}

void check(const Case &t) {
  pool::PoolParams p = params(t);
  std::vector<float> x = test::uniform((size_t)(p.n * p.x_n), -4, 4), bias = test::uniform((size_t)p.c, -1, 1, 7);
  size_t size = (size_t)((p.n - 1) * p.y_n + (p.oh - 1) * p.y_h + (p.ow - 1) * p.y_w + p.c);
  test::Guarded<float> y(size), again(size);
  PlaceEpilogue ep = {bias.data()};
  if (t.kind == Kind::Max) {
    pool::max<float>(p, x.data(), y.data(), ep, Par{nullptr});
    pool::max<float>(p, x.data(), again.data(), ep, Par{&test::three_threads});
  } else if (t.kind == Kind::Average) {
    pool::average<float>(p, x.data(), y.data(), ep, Par{nullptr});
    pool::average<float>(p, x.data(), again.data(), ep, Par{&test::three_threads});
  } else {
    pool::lp<float>(p, x.data(), y.data(), ep, Par{nullptr});
    pool::lp<float>(p, x.data(), again.data(), ep, Par{&test::three_threads});
  }
  EXPECT_TRUE(y.intact());
  EXPECT_EQ(0, std::memcmp(y.data(), again.data(), size * sizeof(float))) << "depends on the split";
  // A sum of kh*kw values below 4 (an Lp norm: positive ones, its root no larger than their sum) and a few more operations:
  // each rounds by at most 2^-24 of what it adds up.
  double largest = t.kind == Kind::Lp ? 4 * (double)(t.kh * t.kw) : 4, bound = 0x1p-24 * largest * (double)(t.kh * t.kw + 4) * 2;
  for (i64 n = 0; n < p.n; ++n)
    for (i64 oh = 0; oh < p.oh; ++oh)
      for (i64 ow = 0; ow < p.ow; ++ow)
        for (i64 c = 0; c < p.c; ++c) {
          double r = (double)(oh * p.ow + ow), place = (double)n + 0.5 * r;
          double want = expected(p, t.kind, x.data(), n, oh, ow, c) + bias[(size_t)c] + place;
          double got = y[(size_t)(n * p.y_n + oh * p.y_h + ow * p.y_w + c)];
          ASSERT_NEAR(got, want, bound + place * 0x1p-23) << "h " << t.h << " k " << t.kh << "x" << t.kw << " s " << t.sh << " d " << t.dh
                                                          << " pad " << t.pt << "," << t.pb << " ceil " << t.ceil << " include "
                                                          << t.count_include_pad << " at " << n << " " << oh << " " << ow << " " << c;
        }
}

TEST(Pool, Shapes) {
  for (Kind kind : {Kind::Max, Kind::Average})
    for (i64 include : {0, 1})
      for (i64 c : {1, 3, 8, 19, 64, 71, 133}) {
        check({kind, 1, 6, 8, c, 2, 2, 2, 2, 1, 1, 0, 0, 0, 0, 0, include});
        check({kind, 2, 9, 7, c, 3, 3, 2, 2, 1, 1, 1, 1, 1, 1, 0, include});
        check({kind, 1, 9, 8, c, 3, 3, 2, 2, 1, 1, 0, 0, 0, 0, 1, include});
        check({kind, 1, 7, 10, c, 3, 2, 1, 3, 2, 3, 2, 1, 0, 2, 0, include});
        check({kind, 2, 1, 11, c, 1, 5, 1, 4, 1, 1, 0, 3, 0, 4, 1, include});
        check({kind, 1, 8, 8, c, 5, 5, 3, 3, 1, 1, 2, 2, 2, 2, 1, include});
        check({kind, 1, 4, 4, c, 4, 4, 1, 1, 1, 1, 3, 3, 3, 3, 0, include});
      }
}

TEST(Pool, Norms) {
  for (i64 p : {1, 2, 3}) {
    check({Kind::Lp, 2, 9, 7, 19, 3, 3, 2, 2, 1, 1, 1, 1, 1, 1, 0, 0, p});
    check({Kind::Lp, 1, 6, 8, 71, 2, 2, 2, 2, 1, 1, 0, 0, 0, 0, 0, 0, p});
  }
}

TEST(Pool, MaxKeepsNaNAndInfinity) {
  pool::PoolParams p = params({Kind::Max, 1, 2, 4, 2, 2, 2, 2, 2, 1, 1, 0, 0, 0, 0, 0, 0});
  std::vector<float> x((size_t)p.x_n, -INFINITY);
  x[(size_t)p.x_h] = NAN; // row 1, column 0, channel 0
  x[(size_t)(p.x_w * 2)] = 3;
  std::vector<float> y((size_t)p.y_n);
  pool::max<float>(p, x.data(), y.data(), pw::NoEpilogue{}, Par{nullptr});
  EXPECT_TRUE(std::isnan(y[0]));
  EXPECT_EQ(y[1], -INFINITY);
  EXPECT_EQ(y[(size_t)p.y_w], 3);
}

template <class T> void check_integers() {
  pool::PoolParams p = params({Kind::Max, 1, 5, 5, 21, 3, 3, 2, 2, 1, 1, 1, 1, 1, 1, 0, 0});
  std::vector<T> x((size_t)p.x_n), y((size_t)p.y_n);
  for (size_t i = 0; i < x.size(); ++i) x[i] = (T)(i * 37 + 11);
  pool::max<T>(p, x.data(), y.data(), pw::NoEpilogue{}, Par{nullptr});
  for (i64 oh = 0; oh < p.oh; ++oh)
    for (i64 ow = 0; ow < p.ow; ++ow)
      for (i64 c = 0; c < p.c; ++c) {
        int want = -1000;
        for (i64 h = std::max<i64>(oh * 2 - 1, 0); h < std::min<i64>(oh * 2 + 2, 5); ++h)
          for (i64 w = std::max<i64>(ow * 2 - 1, 0); w < std::min<i64>(ow * 2 + 2, 5); ++w)
            want = std::max<int>(want, x[(size_t)(h * p.x_h + w * p.x_w + c)]);
        ASSERT_EQ(want, y[(size_t)(oh * p.y_h + ow * p.y_w + c)]);
      }
}
TEST(Pool, MaxOfBytes) {
  check_integers<uint8_t>();
  check_integers<int8_t>();
}

// Sums of bytes are exact; their quotient is rounded in f32, then half to even.
TEST(Pool, AverageOfBytes) {
  pool::PoolParams p = params({Kind::Average, 2, 5, 6, 37, 2, 2, 1, 2, 1, 1, 0, 0, 0, 0, 0, 0});
  std::vector<uint8_t> x((size_t)(p.n * p.x_n));
  for (size_t i = 0; i < x.size(); ++i) x[i] = (uint8_t)(i * 37 + 11);
  test::Guarded<uint8_t> y((size_t)(p.n * p.y_n));
  pool::average<uint8_t>(p, x.data(), y.data(), pw::NoEpilogue{}, Par{&test::three_threads});
  EXPECT_TRUE(y.intact());
  for (i64 n = 0; n < p.n; ++n)
    for (i64 oh = 0; oh < p.oh; ++oh)
      for (i64 ow = 0; ow < p.ow; ++ow)
        for (i64 c = 0; c < p.c; ++c) {
          double want = std::nearbyint(expected(p, Kind::Average, x.data(), n, oh, ow, c));
          ASSERT_EQ(want, y[(size_t)(n * p.y_n + oh * p.y_h + ow * p.y_w + c)]);
        }
}

// Stored in 16 bits, computed in 32: the average of a 2x2 window of small integers is exact in f32, so what is stored is it, rounded.
TEST(Pool, HalfPrecision) {
  pool::PoolParams p = params({Kind::Average, 1, 4, 6, 21, 2, 2, 2, 2, 1, 1, 0, 0, 0, 0, 0, 0});
  std::vector<f16> x((size_t)p.x_n);
  std::vector<float> values = test::uniform(x.size(), -2000, 2000);
  for (size_t i = 0; i < x.size(); ++i) x[i] = half_of(values[i] = std::round(values[i]));
  test::Guarded<f16> y((size_t)(p.y_h + 2 * p.y_w + p.c)), largest(y.n);
  pool::average<f16>(p, x.data(), y.data(), pw::NoEpilogue{}, Par{&test::three_threads});
  pool::max<f16>(p, x.data(), largest.data(), pw::NoEpilogue{}, Par{nullptr});
  EXPECT_TRUE(y.intact() && largest.intact());
  for (i64 oh = 0; oh < p.oh; ++oh)
    for (i64 ow = 0; ow < p.ow; ++ow)
      for (i64 c = 0; c < p.c; ++c) {
        const float *at = &values[(size_t)(2 * oh * p.x_h + 2 * ow * p.x_w + c)];
        float a = at[0], b = at[p.x_w], d = at[p.x_h], e = at[p.x_h + p.x_w];
        size_t place = (size_t)(oh * p.y_h + ow * p.y_w + c);
        ASSERT_EQ(y[place].bits, half_of((a + b + d + e) / 4).bits);
        ASSERT_EQ(float_of(largest[place]), std::max(std::max(a, b), std::max(d, e)));
      }
}

} // namespace
