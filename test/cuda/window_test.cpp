// Pooling and resizing on a GPU, on small odd shapes, against plain loops in double.
//
// Tolerances, relative to the sum of the absolute terms: one rounding of 2^-24 an operation, 2^-11 more where y is f16.
#include "kernels.h"

namespace {
DNNC_TARGET_BEGIN
#include "runtime/kernels/pool/cuda.cuh"
#include "runtime/kernels/resize/cuda.cuh"

// acc + bias[c] + n + r / 2: shows where the epilogue thinks it is.
struct Place {
  const float *bias;
  template <class L> DNNC_INLINE vf operator()(vf acc, i64 n, i64 r, i64 c, L lanes) const {
    return acc + load(bias + c, lanes) + splat(static_cast<float>(n) + 0.5f * static_cast<float>(r));
  }
};
DNNC_TARGET_END

double place(const std::vector<float> &bias, i64 n, i64 r, i64 c) {
  return static_cast<double>(bias[static_cast<size_t>(c)]) + static_cast<double>(n) + 0.5 * static_cast<double>(r);
}

float to_element(float x, float) { return x; }
f16 to_element(float x, f16) { return to_f16(x); }

// x and y with rows and pixels that do not touch: elements in between stay as they are.
struct View {
  i64 n, h, w, c, s_n, s_h, s_w;
  View(i64 n_, i64 h_, i64 w_, i64 c_) : n(n_), h(h_), w(w_), c(c_), s_n(h_ * (w_ * (c_ + 3) + 2)), s_h(w_ * (c_ + 3) + 2), s_w(c_ + 3) {}
  size_t size() const { return static_cast<size_t>(n * s_n); }
  size_t at(i64 i, i64 j, i64 k, i64 l) const { return static_cast<size_t>(i * s_n + j * s_h + k * s_w + l); }
};

// Runs a kernel into a y of type TY full of a mark, and compares. `want` and `magnitude` hold NaN between the pixels.
template <class TY, class F> void run_and_check(const std::string &name, const F &kernel, const std::vector<double> &want,
                                                const std::vector<double> &magnitude, double relative) {
  const float mark = 1234;
  std::vector<TY> y(want.size(), to_element(mark, TY()));
  kernel(y.data());
  std::vector<double> all = want, size = magnitude;
  for (size_t i = 0; i < all.size(); ++i)
    if (all[i] != all[i] && magnitude[i] == 0) all[i] = static_cast<double>(mark);
  check(name.c_str(), floats(y), all, size, relative + (sizeof(TY) == 2 ? 0x1p-11 : 0));
}

enum Kind { MAX, AVERAGE, LP };
struct Window {
  Kind kind;
  i64 n, h, w, c, kh, kw, sh, sw, dh, dw, pt, pl, pb, pr, oh, ow, count_include_pad, p;
};

// Two spatial dims are three, the first of size 1.
pool::PoolParams one_slice() {
  pool::PoolParams p = {};
  p.d = p.od = p.kd = p.sd = p.dd = 1;
  return p;
}

template <class TX, class TY> void test_pool(const Window &q) {
  const View in(q.n, q.h, q.w, q.c), out(q.n, q.oh, q.ow, q.c);
  pool::PoolParams p = one_slice();
  p.n = q.n, p.h = q.h, p.w = q.w, p.c = q.c, p.oh = q.oh, p.ow = q.ow;
  p.kh = q.kh, p.kw = q.kw, p.sh = q.sh, p.sw = q.sw, p.dh = q.dh, p.dw = q.dw;
  p.pt = q.pt, p.pl = q.pl, p.pb = q.pb, p.pr = q.pr;
  p.x_n = in.s_n, p.x_h = in.s_h, p.x_w = in.s_w, p.y_n = out.s_n, p.y_h = out.s_h, p.y_w = out.s_w;
  p.count_include_pad = q.count_include_pad, p.p = q.p;
  const std::vector<float> plain = values(static_cast<i64>(in.size())), bias = values(q.c);
  std::vector<TX> x;
  for (float v : plain) x.push_back(to_element(v, TX()));
  std::vector<double> want(out.size(), NAN), magnitude(out.size(), 0.0);
  for (i64 n = 0; n < q.n; ++n)
    for (i64 oh = 0; oh < q.oh; ++oh)
      for (i64 ow = 0; ow < q.ow; ++ow)
        for (i64 c = 0; c < q.c; ++c) {
          double largest = -static_cast<double>(INFINITY), sum = 0, powers = 0, absolute = 0;
          i64 taps = 0, padded = 0;
          for (i64 t = 0; t < q.kh; ++t)
            for (i64 u = 0; u < q.kw; ++u) {
              const i64 h = oh * q.sh - q.pt + t * q.dh, w = ow * q.sw - q.pl + u * q.dw;
              padded += h < q.h + q.pb && w < q.w + q.pr;
              if (h < 0 || h >= q.h || w < 0 || w >= q.w) continue;
              const double v = static_cast<double>(plain[in.at(n, h, w, c)]);
              largest = v > largest ? v : largest, sum += v, absolute += ::fabs(v), ++taps;
              powers += ::pow(::fabs(v), static_cast<double>(q.p));
            }
          const double count = static_cast<double>(q.count_include_pad ? padded : taps);
          const double norm = ::pow(powers, 1.0 / static_cast<double>(q.p)), at = place(bias, n, oh * q.ow + ow, c);
          const size_t i = out.at(n, oh, ow, c);
          want[i] = (q.kind == MAX ? largest : q.kind == AVERAGE ? sum / count : norm) + at;
          magnitude[i] = (q.kind == MAX ? ::fabs(largest) : q.kind == AVERAGE ? absolute / count : norm) + ::fabs(at) + 2;
        }
  // The taps, p - 1 products each, the root (pow: 4), the division and the epilogue's two sums.
  const double relative = static_cast<double>(q.kh * q.kw + q.p + 7) * 0x1p-24;
  char name[200];
  std::snprintf(name, sizeof name, "pool %d, x %ldx%ldx%ldx%ld, %ldx%ld s%ld,%ld d%ld,%ld p%ld,%ld,%ld,%ld include %ld p %ld, f%d to f%d",
                q.kind, long(q.n), long(q.h), long(q.w), long(q.c), long(q.kh), long(q.kw), long(q.sh), long(q.sw), long(q.dh), long(q.dw),
                long(q.pt), long(q.pl), long(q.pb), long(q.pr), long(q.count_include_pad), long(q.p), int(8 * sizeof(TX)),
                int(8 * sizeof(TY)));
  const Place ep{bias.data()};
  run_and_check<TY>(
      name,
      [&](TY *y) {
        if (q.kind == MAX) pool::cuda::max(p, x.data(), y, ep, par);
        if (q.kind == AVERAGE) pool::cuda::average(p, x.data(), y, ep, par);
        if (q.kind == LP) pool::cuda::lp(p, x.data(), y, ep, par);
      },
      want, magnitude, relative);
}

// A NaN in a window stays, and reaches no other.
void test_max_nan() {
  pool::PoolParams p = one_slice();
  p.n = p.h = p.oh = p.kh = p.sh = p.dh = p.dw = 1;
  p.w = 6, p.c = 2, p.ow = 3, p.kw = 2, p.sw = 2, p.p = 2;
  p.x_n = p.x_h = 12, p.x_w = 2, p.y_n = p.y_h = 6, p.y_w = 2;
  std::vector<float> x = {1, 2, 3, 4, 5, 6, NAN, 8, -INFINITY, -INFINITY, -INFINITY, 7}, y(6, 0.0f);
  pool::cuda::max(p, x.data(), y.data(), pw::NoEpilogue{}, par);
  const float want[] = {3, 4, NAN, 8, -INFINITY, 7};
  for (size_t i = 0; i < 6; ++i) {
    const bool same = want[i] != want[i] ? y[i] != y[i] : y[i] == want[i];
    if (!same) std::printf("FAIL: max with NaN: element %zu is %g, not %g\n", i, double(y[i]), double(want[i])), ++failures;
  }
}

struct Tables {
  i64 n, h, w, c, oh, ow, y_taps, x_taps;
};

// Any index, any weight; some outputs lie outside.
void fill_table(i64 in, i64 out, i64 taps, std::vector<int32_t> &index, std::vector<float> &weight) {
  for (i64 o = 0; o < out; ++o) {
    const bool outside = value() > 0.7f;
    for (i64 t = 0; t < taps; ++t) {
      index.push_back(outside ? -1 : static_cast<int32_t>(static_cast<float>(in) * (value() + 1) / 2));
      weight.push_back(value());
    }
  }
}

// TAPS as the kernel's: -1 is nearest.
template <int TAPS, class TX, class TY> void test_resize(const Tables &q) {
  const View in(q.n, q.h, q.w, q.c), out(q.n, q.oh, q.ow, q.c);
  const i64 y_taps = TAPS < 0 ? 1 : q.y_taps, x_taps = TAPS < 0 ? 1 : q.x_taps;
  const resize::ResizeParams p = {q.n, q.c, q.oh, q.ow, y_taps, x_taps, in.s_n, in.s_h, in.s_w, out.s_n, out.s_h, out.s_w, 2.5f};
  const std::vector<float> plain = values(static_cast<i64>(in.size())), bias = values(q.c);
  std::vector<TX> x;
  for (float v : plain) x.push_back(to_element(v, TX()));
  std::vector<int32_t> yi, xi;
  std::vector<float> yw, xw;
  fill_table(q.h, q.oh, y_taps, yi, yw);
  fill_table(q.w, q.ow, x_taps, xi, xw);
  std::vector<double> want(out.size(), NAN), magnitude(out.size(), 0.0);
  for (i64 n = 0; n < q.n; ++n)
    for (i64 oh = 0; oh < q.oh; ++oh)
      for (i64 ow = 0; ow < q.ow; ++ow)
        for (i64 c = 0; c < q.c; ++c) {
          double sum = 0, absolute = 0;
          const bool outside = yi[static_cast<size_t>(oh * y_taps)] < 0 || xi[static_cast<size_t>(ow * x_taps)] < 0;
          if (outside) sum = absolute = 2.5;
          for (i64 i = 0; i < y_taps && !outside; ++i)
            for (i64 j = 0; j < x_taps; ++j) {
              const size_t row = static_cast<size_t>(oh * y_taps + i), column = static_cast<size_t>(ow * x_taps + j);
              const double weight = TAPS < 0 ? 1 : static_cast<double>(yw[row]) * static_cast<double>(xw[column]);
              const double term = weight * static_cast<double>(plain[in.at(n, yi[row], xi[column], c)]);
              sum += term, absolute += ::fabs(term);
            }
          const double at = place(bias, n, oh * q.ow + ow, c);
          want[out.at(n, oh, ow, c)] = sum + at;
          magnitude[out.at(n, oh, ow, c)] = absolute + ::fabs(at) + 2;
        }
  char name[160];
  std::snprintf(name, sizeof name, "resize, %d taps, x %ldx%ldx%ldx%ld, y %ldx%ld, f%d to f%d", TAPS, long(q.n), long(q.h), long(q.w),
                long(q.c), long(q.oh), long(q.ow), int(8 * sizeof(TX)), int(8 * sizeof(TY)));
  const Place ep{bias.data()};
  const double relative = static_cast<double>(y_taps + x_taps + 2) * 0x1p-24;
  run_and_check<TY>(
      name,
      [&](TY *y) {
        if constexpr (TAPS < 0)
          resize::cuda::nearest(p, x.data(), yi.data(), xi.data(), y, ep, par);
        else
          resize::cuda::sampled<TAPS>(p, x.data(), yi.data(), yw.data(), xi.data(), xw.data(), y, ep, par);
      },
      want, magnitude, relative);
}

template <class TX, class TY> void test_types() {
  for (Kind kind : {MAX, AVERAGE}) {
    test_pool<TX, TY>({kind, 2, 7, 5, 11, 3, 3, 2, 2, 1, 1, 1, 1, 1, 1, 4, 3, 0, 1});
    test_pool<TX, TY>({kind, 1, 9, 8, 33, 2, 3, 1, 2, 3, 2, 1, 2, 2, 1, 9, 4, 1, 1});
    test_pool<TX, TY>({kind, 1, 6, 6, 3, 3, 3, 2, 2, 1, 1, 0, 0, 0, 0, 3, 3, 1, 1}); // ceil_mode: taps beyond the image and its padding
    test_pool<TX, TY>({kind, 1, 6, 7, 1, 3, 2, 2, 3, 1, 1, 0, 1, 1, 0, 3, 3, 0, 1});
    test_pool<TX, TY>({kind, 1, 1, 13, 5, 1, 4, 1, 3, 1, 1, 0, 0, 0, 0, 1, 4, 0, 1}); // one spatial dim
    test_pool<TX, TY>({kind, 3, 5, 4, 2, 5, 4, 1, 1, 1, 1, 0, 0, 0, 0, 1, 1, 0, 1});  // global
  }
  for (i64 p : {1, 2, 3, 5}) test_pool<TX, TY>({LP, 2, 7, 5, 9, 3, 2, 2, 1, 1, 2, 1, 0, 1, 0, 4, 3, 0, p});
  for (const Tables &q : {Tables{2, 5, 4, 7, 9, 3, 2, 2}, Tables{1, 1, 1, 1, 3, 5, 2, 2}, Tables{1, 8, 6, 33, 2, 11, 2, 2}}) {
    test_resize<-1, TX, TY>(q);
    test_resize<2, TX, TY>(q);
    test_resize<4, TX, TY>({q.n, q.h, q.w, q.c, q.oh, q.ow, 4, 4});
    test_resize<0, TX, TY>({q.n, q.h, q.w, q.c, q.oh, q.ow, 3, 7});
    test_resize<0, TX, TY>({q.n, q.h, q.w, q.c, q.oh, q.ow, 1, 6});
  }
}
} // namespace

int main() {
  test_types<float, float>();
  test_types<f16, f16>();
  test_types<f16, float>();
  test_types<float, f16>();
  test_max_nan();
  return finish();
}
