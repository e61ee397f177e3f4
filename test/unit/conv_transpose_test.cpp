// conv_transpose::direct against ONNX's definition as a scatter, in double.
#include "kernel_test.h"
#include "reference.h"

namespace {
DNNC_TARGET_BEGIN
#include "kernels/conv_transpose/direct.h"
#include "kernels/conv_transpose/pack.h"
#include "kernels/pointwise/epilogue.h"

struct BiasSkip {
  static DNNC_INLINE vf apply(vf acc, vf bias, vf skip) { return acc + bias + skip; }
};
typedef pw::Epilogue<BiasSkip, pw::Arg<float, 1>, pw::Arg<float, 1>> Tail;

#if DNNC_ISA == DNNC_ISA_GENERIC
enum { ROWS = 4, VECTORS = 2 };
#elif DNNC_ISA == DNNC_ISA_AVX2
enum { ROWS = 6, VECTORS = 2, MORE_ROWS = 4, MORE_VECTORS = 3 }; // and for three vectors of channels
#else
enum { ROWS = 6, VECTORS = 4 };
#endif

void run(int vectors, const conv::ConvParams &p, const float *x, const float *w, float *y, const float *bias, const float *skip,
         const dnnc_parallel_for *pf) {
  Tail tail = {{bias, 0, 0}, {skip, p.oh * p.ow * p.k, p.k}};
#if DNNC_ISA == DNNC_ISA_AVX2
  if (vectors == MORE_VECTORS) return conv_transpose::direct<MORE_ROWS, MORE_VECTORS>(p, x, w, y, tail, Par{pf});
#endif
  (void)vectors;
  conv_transpose::direct<ROWS, VECTORS>(p, x, w, y, tail, Par{pf});
}
#if DNNC_ISA == DNNC_ISA_AVX2
const std::vector<int> vector_counts = {VECTORS, MORE_VECTORS};
#else
const std::vector<int> vector_counts = {VECTORS};
#endif
const int lanes = VL;
DNNC_TARGET_END

struct Case {
  i64 n, h, w, c, k, kh, kw, sh, sw, dh, dw, pt, pl, pb, pr, out_h, out_w, groups;
};

void check(const Case &s, bool views, int vectors) {
  const int nr = vectors * lanes;
  i64 oh = (s.h - 1) * s.sh - s.pt - s.pb + s.dh * (s.kh - 1) + s.out_h + 1;
  i64 ow = (s.w - 1) * s.sw - s.pl - s.pr + s.dw * (s.kw - 1) + s.out_w + 1;
  i64 x_w = s.c + (views ? 3 : 0), x_h = s.w * x_w + (views ? 5 : 0), x_n = s.h * x_h;
  i64 y_w = s.k + (views ? 2 : 0), y_h = ow * y_w + (views ? 4 : 0), y_n = oh * y_h;
  conv::ConvParams p = {s.n,  s.h,  s.w,  s.c,  oh,       ow,  s.k, s.kh, s.kw, s.sh, s.sw,
                        s.dh, s.dw, s.pt, s.pl, s.groups, x_n, x_h, x_w,  y_n,  y_h,  y_w};
  i64 group_c = s.c / s.groups, group_k = s.k / s.groups;
  std::vector<float> x = test::uniform(s.n * x_n, -1, 1, 1), w = test::uniform(s.c * group_k * s.kh * s.kw, -1, 1, 2);
  std::vector<float> bias = test::uniform(s.k, -1, 1, 3), skip = test::uniform(s.n * oh * ow * s.k, -1, 1, 4);
  std::vector<float> packed(conv::packed_size(s.k, s.c, s.kh, s.kw, s.groups, lanes));
  conv_transpose::pack(w.data(), s.k, s.c, s.kh, s.kw, s.groups, nr, lanes, packed.data());
  test::Guarded<float> y(s.n * y_n), again(s.n * y_n);
  run(vectors, p, x.data(), packed.data(), y.data(), bias.data(), skip.data(), nullptr);
  run(vectors, p, x.data(), packed.data(), again.data(), bias.data(), skip.data(), &test::three_threads);
  EXPECT_TRUE(y.intact());
  EXPECT_EQ(0, std::memcmp(y.data(), again.data(), s.n * y_n * sizeof(float))) << "the split changes the bits";

  std::vector<test::Sum> sums(s.n * oh * ow * s.k);
  for (i64 n = 0; n < s.n; ++n)
    for (i64 h = 0; h < s.h; ++h)
      for (i64 v = 0; v < s.w; ++v)
        for (i64 a = 0; a < s.kh; ++a)
          for (i64 b = 0; b < s.kw; ++b) {
            i64 i = h * s.sh - s.pt + a * s.dh, j = v * s.sw - s.pl + b * s.dw;
            if (i < 0 || i >= oh || j < 0 || j >= ow) continue;
            for (i64 c = 0; c < s.c; ++c)
              for (i64 k = 0; k < group_k; ++k)
                sums[((n * oh + i) * ow + j) * s.k + c / group_c * group_k + k].add(x[n * x_n + h * x_h + v * x_w + c],
                                                                                    w[((c * group_k + k) * s.kh + a) * s.kw + b]);
          }
  for (i64 n = 0, at = 0; n < s.n; ++n)
    for (i64 i = 0; i < oh; ++i)
      for (i64 j = 0; j < ow; ++j)
        for (i64 k = 0; k < s.k; ++k, ++at) {
          sums[at].add(bias[k], 1);
          sums[at].add(skip[at], 1);
          ASSERT_NEAR(y[n * y_n + i * y_h + j * y_w + k], sums[at].value, sums[at].bound())
              << "at n h w k = " << n << " " << i << " " << j << " " << k;
        }
}

void check(const Case &s) {
  for (int vectors : vector_counts)
    for (bool views : {false, true}) check(s, views, vectors);
}

TEST(ConvTranspose, UpsamplingByTwo) {
  check({1, 5, 6, 16, 64, 2, 2, 2, 2, 1, 1, 0, 0, 0, 0, 0, 0, 1});
  check({2, 4, 7, 9, 21, 4, 4, 2, 2, 1, 1, 1, 1, 1, 1, 0, 0, 1});
  check({1, 6, 5, 8, 12, 3, 3, 2, 2, 1, 1, 1, 1, 1, 1, 1, 1, 1});
}
TEST(ConvTranspose, StrideOne) { check({1, 7, 8, 11, 33, 3, 3, 1, 1, 1, 1, 1, 1, 1, 1, 0, 0, 1}); }
TEST(ConvTranspose, StrideBeyondTheKernel) { check({1, 4, 3, 5, 7, 2, 1, 3, 4, 1, 1, 0, 0, 0, 0, 2, 3, 1}); }
TEST(ConvTranspose, UnequalPadsAndStrides) { check({1, 5, 9, 6, 18, 5, 3, 3, 2, 1, 1, 2, 0, 1, 1, 1, 0, 1}); }
TEST(ConvTranspose, Dilations) {
  check({1, 6, 5, 4, 10, 3, 3, 2, 2, 2, 2, 1, 2, 1, 2, 0, 0, 1});
  check({1, 6, 5, 4, 10, 3, 3, 2, 3, 3, 2, 0, 1, 2, 1, 1, 1, 1});
  check({1, 5, 5, 4, 10, 3, 4, 4, 6, 6, 4, 3, 1, 2, 1, 0, 2, 1});
}
TEST(ConvTranspose, Groups) {
  check({1, 5, 4, 6, 9, 3, 3, 2, 2, 1, 1, 1, 1, 1, 1, 1, 1, 3});
  check({1, 4, 4, 5, 5, 4, 4, 2, 2, 1, 1, 1, 1, 1, 1, 0, 0, 5});
}
TEST(ConvTranspose, OneDimension) { check({1, 1, 20, 8, 16, 1, 5, 1, 3, 1, 1, 0, 2, 0, 2, 0, 1, 1}); }
TEST(ConvTranspose, SingleInput) { check({1, 1, 1, 40, 70, 4, 4, 1, 1, 1, 1, 0, 0, 0, 0, 0, 0, 1}); }

} // namespace
