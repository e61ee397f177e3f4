// The GPU kernels that multiply and reduce, on small odd shapes, against plain loops in double.
//
// Tolerances, relative to the sum of the absolute terms: n fused multiply-adds in f32 err by at most n * 2^-24; tensor cores take operands
// that were rounded to f16 (2^-11 each, two of them) where they are not f16 already.
#include "kernels.h"

namespace {
DNNC_TARGET_BEGIN
#include "runtime/kernels/conv/cuda.cuh"
#include "runtime/kernels/conv/pack.h"
#include "runtime/kernels/conv_transpose/cuda.cuh"
#include "runtime/kernels/conv_transpose/pack.h"
#include "runtime/kernels/matmul/cuda.cuh"
#include "runtime/kernels/matmul/pack.h"
#include "runtime/kernels/normalize/cuda.cuh"
#include "runtime/kernels/softmax/cuda.cuh"
DNNC_TARGET_END

// w is ONNX's, [k][c / groups][kh][kw] or, transposed, [c][k / groups][kh][kw].
void reference(const conv::ConvParams &p, bool transposed, const float *x, const float *w, const float *bias, std::vector<double> &sum,
               std::vector<double> &magnitude) {
  const i64 gc = p.c / p.groups, gk = p.k / p.groups;
  sum.assign(static_cast<size_t>(p.n * p.oh * p.ow * p.k), 0.0);
  magnitude = sum;
  for (i64 n = 0; n < p.n; ++n)
    for (i64 oh = 0; oh < p.oh; ++oh)
      for (i64 ow = 0; ow < p.ow; ++ow)
        for (i64 k = 0; k < p.k; ++k) {
          const size_t at = static_cast<size_t>(((n * p.oh + oh) * p.ow + ow) * p.k + k);
          sum[at] = static_cast<double>(bias[k]);
          magnitude[at] = ::fabs(sum[at]);
          for (i64 t = 0; t < p.kh; ++t)
            for (i64 u = 0; u < p.kw; ++u) {
              i64 h = oh * p.sh - p.pt + t * p.dh, col = ow * p.sw - p.pl + u * p.dw;
              if (transposed) {
                h = oh + p.pt - t * p.dh, col = ow + p.pl - u * p.dw;
                if (h % p.sh || col % p.sw) continue;
                h /= p.sh, col /= p.sw;
              }
              if (h < 0 || h >= p.h || col < 0 || col >= p.w) continue;
              for (i64 c = 0; c < gc; ++c) {
                const i64 in = k / gk * gc + c;
                const float a = x[((n * p.h + h) * p.w + col) * p.c + in];
                const float b = transposed ? w[((in * gk + k % gk) * p.kh + t) * p.kw + u] : w[((k * gc + c) * p.kh + t) * p.kw + u];
                sum[at] += static_cast<double>(a) * static_cast<double>(b);
                magnitude[at] += ::fabs(static_cast<double>(a) * static_cast<double>(b));
              }
            }
        }
}

struct Case {
  i64 n, h, w, c, k, kh, kw, s, d, pad, groups;
};

template <int BM, int BN> void test_conv(const Case &q, bool transposed) {
  conv::ConvParams p{};
  p.n = q.n, p.h = q.h, p.w = q.w, p.c = q.c, p.k = q.k, p.kh = q.kh, p.kw = q.kw, p.groups = q.groups;
  p.sh = p.sw = q.s, p.dh = p.dw = q.d, p.pt = p.pl = q.pad;
  const i64 reach_h = (q.kh - 1) * q.d + 1, reach_w = (q.kw - 1) * q.d + 1;
  p.oh = transposed ? (q.h - 1) * q.s + reach_h - 2 * q.pad : (q.h + 2 * q.pad - reach_h) / q.s + 1;
  p.ow = transposed ? (q.w - 1) * q.s + reach_w - 2 * q.pad : (q.w + 2 * q.pad - reach_w) / q.s + 1;
  p.x_w = p.c, p.x_h = p.w * p.c, p.x_n = p.h * p.x_h, p.y_w = p.k, p.y_h = p.ow * p.k, p.y_n = p.oh * p.y_h;
  const std::vector<float> x = values(p.n * p.x_n), w = values(p.k * p.c / p.groups * p.kh * p.kw), bias = values(p.k);
  std::vector<double> want, magnitude;
  reference(p, transposed, x.data(), w.data(), bias.data(), want, magnitude);
  std::vector<float> packed(static_cast<size_t>(conv::packed_size(p.k, p.c, p.kh, p.kw, p.groups, 1)));
  (transposed ? conv_transpose::pack : conv::pack)(w.data(), p.k, p.c, p.kh, p.kw, p.groups, BN, 1, packed.data());
  const Bias ep(pw::Arg<float, 1>{bias.data(), 0, 0});
  const double terms = static_cast<double>(p.c / p.groups * p.kh * p.kw + 1);

  std::vector<float> y(want.size(), NAN);
  std::vector<f16> y16(want.size(), to_f16(NAN));
  const std::vector<f16> x16 = halves(x), w16 = halves(packed);
  char name[160];
  std::snprintf(name, sizeof name, "%s %dx%d, x %ldx%ldx%ldx%ld, k %ld, %ldx%ld s%ld d%ld p%ld g%ld",
                transposed ? "conv_transpose" : "conv", BM, BN, long(q.n), long(q.h), long(q.w), long(q.c), long(q.k), long(q.kh),
                long(q.kw), long(q.s), long(q.d), long(q.pad), long(q.groups));
  if (transposed)
    conv_transpose::cuda::direct<BM, BN>(p, x.data(), packed.data(), y.data(), ep, par);
  else
    conv::cuda::direct<BM, BN>(p, x.data(), packed.data(), y.data(), ep, par);
  check(name, y, want, magnitude, terms * 0x1p-24);
  if (transposed)
    conv_transpose::cuda::half_direct<BM, BN>(p, x16.data(), w16.data(), y16.data(), ep, par);
  else
    conv::cuda::half_direct<BM, BN>(p, x16.data(), w16.data(), y16.data(), ep, par);
  check((std::string(name) + ", f16").c_str(), floats(y16), want, magnitude, terms * 0x1p-24 + 0x1p-11); // operands are exact; y is rounded
  y.assign(y.size(), NAN);
  if (transposed)
    conv_transpose::cuda::half_direct<BM, BN>(p, x.data(), w16.data(), y.data(), ep, par);
  else
    conv::cuda::half_direct<BM, BN>(p, x.data(), w16.data(), y.data(), ep, par);
  check((std::string(name) + ", f32 by tensor cores").c_str(), y, want, magnitude, terms * 0x1p-24);
}

void test_depthwise(i64 c, i64 stride) {
  conv::ConvParams p{};
  p.n = 2, p.h = 7, p.w = 6, p.c = p.k = p.groups = c, p.kh = 3, p.kw = 3, p.sh = p.sw = stride, p.dh = p.dw = 1, p.pt = p.pl = 1;
  p.oh = (p.h - 1) / stride + 1, p.ow = (p.w - 1) / stride + 1;
  p.x_w = c, p.x_h = p.w * c, p.x_n = p.h * p.x_h, p.y_w = c, p.y_h = p.ow * c, p.y_n = p.oh * p.y_h;
  const std::vector<float> x = values(p.n * p.x_n), w = values(c * 9), bias = values(c);
  std::vector<double> want, magnitude;
  reference(p, false, x.data(), w.data(), bias.data(), want, magnitude);
  std::vector<float> packed(static_cast<size_t>(conv::depthwise_packed_size(c, 3, 3, 1))), y(want.size(), NAN);
  conv::pack_depthwise(w.data(), c, 3, 3, 1, packed.data());
  const Bias ep(pw::Arg<float, 1>{bias.data(), 0, 0});
  conv::cuda::depthwise<0, 0>(p, x.data(), packed.data(), y.data(), ep, par);
  check("depthwise", y, want, magnitude, 10 * 0x1p-24);
  conv::cuda::depthwise<0, 0>(p, halves(x).data(), packed.data(), y.data(), ep, par);
  check("depthwise, x f16", y, want, magnitude, 10 * 0x1p-24);
}

template <int BM, int BN> void test_matmul(i64 m, i64 n, i64 k) {
  matmul::MatmulParams p{};
  p.m = m, p.n = n, p.k = k;
  p.batch[0] = p.batch[1] = p.batch[2] = 1, p.batch[3] = 2;
  p.a_b[3] = m * k, p.y_b[3] = m * n, p.a_rs = k, p.a_cs = 1, p.y_rs = n, p.b_rs = n, p.b_cs = 1;
  const std::vector<float> a = values(2 * m * k), b = values(k * n), bias = values(n);
  std::vector<double> want, magnitude;
  for (i64 r = 0; r < 2 * m; ++r)
    for (i64 c = 0; c < n; ++c) {
      double sum = static_cast<double>(bias[static_cast<size_t>(c)]), size = ::fabs(sum);
      for (i64 i = 0; i < k; ++i) {
        const double term = static_cast<double>(a[static_cast<size_t>(r * k + i)]) * static_cast<double>(b[static_cast<size_t>(i * n + c)]);
        sum += term, size += ::fabs(term);
      }
      want.push_back(sum), magnitude.push_back(size);
    }
  std::vector<float> packed(static_cast<size_t>(matmul::packed_size(k, n, 1))), y(want.size(), NAN);
  matmul::pack(b.data(), k, n, n, 1, BN, 1, packed.data());
  const Bias ep(pw::Arg<float, 1>{bias.data(), 0, 0});
  const double relative = static_cast<double>(k + 1) * 0x1p-24;
  matmul::cuda::packed<BM, BN>(p, a.data(), packed.data(), y.data(), ep, par);
  check("matmul packed", y, want, magnitude, relative);
  y.assign(y.size(), NAN);
  matmul::cuda::dynamic<BM, BN>(p, a.data(), b.data(), y.data(), ep, par);
  check("matmul dynamic", y, want, magnitude, relative);
  y.assign(y.size(), NAN);
  matmul::cuda::half_packed<BM, BN>(p, halves(a).data(), halves(packed).data(), y.data(), ep, par);
  check("matmul on tensor cores", y, want, magnitude, relative);
}

void test_rows(i64 rows, i64 cols) {
  const std::vector<float> x = values(rows * cols), scale = values(cols), bias = values(cols);
  std::vector<float> y(x.size(), NAN), z(x.size(), NAN), sums(static_cast<size_t>(rows), NAN);
  std::vector<double> soft, norm, total, ones(x.size(), 1.0), many(static_cast<size_t>(rows), static_cast<double>(cols));
  for (i64 r = 0; r < rows; ++r) {
    double sum = 0, exps = 0, squares = 0;
    const float *row = x.data() + r * cols;
    for (i64 c = 0; c < cols; ++c) sum += static_cast<double>(row[c]), exps += ::exp(static_cast<double>(row[c]));
    for (i64 c = 0; c < cols; ++c) squares += ::pow(static_cast<double>(row[c]) - sum / static_cast<double>(cols), 2);
    total.push_back(sum);
    for (i64 c = 0; c < cols; ++c) {
      soft.push_back(::exp(static_cast<double>(row[c])) / exps);
      norm.push_back((static_cast<double>(row[c]) - sum / static_cast<double>(cols)) / ::sqrt(squares / static_cast<double>(cols) + 1e-5) *
                         static_cast<double>(scale[static_cast<size_t>(c)]) +
                     static_cast<double>(bias[static_cast<size_t>(c)]));
    }
  }
  softmax::cuda::softmax({rows, cols, 1}, x.data(), y.data(), par);
  check("softmax", y, soft, ones, 8 * 0x1p-24);
  normalize::cuda::layer_norm({rows, cols, 1e-5f}, x.data(), scale.data(), bias.data(), z.data(), par);
  if (cols > 1) check("layer_norm", z, norm, ones, static_cast<double>(cols) * 0x1p-24 * 8);
  reduce::cuda::sum(reduce::ReduceParams{rows, cols, 1, cols, 1}, x.data(), sums.data(), pw::NoEpilogue{}, par);
  check("reduce_sum", sums, total, many, static_cast<double>(cols) * 0x1p-24);
}
} // namespace

int main() {
  for (const Case &q :
       {Case{2, 7, 5, 3, 5, 3, 3, 1, 1, 1, 1}, Case{1, 9, 8, 8, 70, 3, 3, 2, 1, 1, 1}, Case{1, 6, 7, 16, 64, 1, 1, 1, 1, 0, 1},
        Case{2, 8, 6, 24, 12, 3, 2, 1, 2, 2, 2}, Case{1, 5, 5, 40, 33, 5, 5, 1, 1, 2, 1}}) {
    test_conv<32, 32>(q, false);
    test_conv<64, 64>(q, false);
    test_conv<128, 64>(q, false);
  }
  for (const Case &q :
       {Case{1, 5, 4, 8, 9, 2, 2, 2, 1, 0, 1}, Case{2, 4, 3, 6, 10, 3, 3, 2, 1, 1, 2}, Case{1, 4, 4, 16, 36, 4, 4, 3, 1, 1, 1}}) {
    test_conv<32, 32>(q, true);
    test_conv<64, 64>(q, true);
  }
  for (i64 stride : {1, 2}) test_depthwise(11, stride);
  test_matmul<32, 32>(1, 10, 64);
  test_matmul<64, 64>(67, 130, 33);
  test_matmul<128, 64>(129, 65, 72);
  for (i64 cols : {1, 33, 1000}) test_rows(3, cols);
  return finish();
}
