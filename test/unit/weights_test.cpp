// Kernels on 16-bit packed weights give the bits of the same kernel on those weights as f32, which the tests beside this compare with
// ONNX's definition.
#include "kernel_test.h"

namespace {
DNNC_TARGET_BEGIN
#include "kernels/conv/depthwise.h"
#include "kernels/conv/direct.h"
#include "kernels/conv_transpose/direct.h"
#include "kernels/matmul/packed.h"
#include "kernels/pointwise/epilogue.h"

#if DNNC_ISA == DNNC_ISA_GENERIC
enum { ROWS = 4, VECTORS = 2 };
#elif DNNC_ISA == DNNC_ISA_AVX512
enum { ROWS = 6, VECTORS = 4 };
#else
enum { ROWS = 6, VECTORS = 2 };
#endif

enum Kind { DIRECT, TRANSPOSE, DEPTHWISE, DEPTHWISE_3X3 };

template <class W>
void run_conv(Kind kind, const conv::ConvParams &p, const float *x, const W *w, float *y, const dnnc_parallel_for *pf) {
  const pw::NoEpilogue none = {};
  if (kind == DIRECT) return conv::direct<ROWS, VECTORS>(p, x, w, y, none, Par{pf});
  if (kind == TRANSPOSE) return conv_transpose::direct<ROWS, VECTORS>(p, x, w, y, none, Par{pf});
  if (kind == DEPTHWISE) return conv::depthwise<0, 0>(p, x, w, y, none, Par{pf});
  return conv::depthwise<3, 1>(p, x, w, y, none, Par{pf});
}
template <class W> void run_matmul(const matmul::MatmulParams &p, const float *a, const W *b, float *y, const dnnc_parallel_for *pf) {
  matmul::packed<ROWS, VECTORS>(p, a, b, y, pw::NoEpilogue{}, Par{pf});
}

void narrow(float x, f16 &y) { y = to_f16(x); }
void narrow(float x, bf16 &y) { y = to_bf16(x); }
template <class W> float widen(W x) { return to_float(x); }
const int lanes = VL;
DNNC_TARGET_END

// Weights of every size the type has, denormals of f16 included.
template <class W> struct Weights {
  std::vector<W> narrow_values;
  std::vector<float> values;

  explicit Weights(size_t n) : narrow_values(n), values(test::uniform(n, -2, 2, 7)) {
    for (size_t i = 0; i < n; ++i) {
      narrow(std::ldexp(values[i], -static_cast<int>(i % 23)), narrow_values[i]);
      values[i] = widen(narrow_values[i]);
    }
  }
};

template <class F> void expect_same(i64 size, const F &run) {
  test::Guarded<float> wide(size), small(size), threaded(size);
  run(wide.data(), false, nullptr);
  run(small.data(), true, nullptr);
  run(threaded.data(), true, &test::three_threads);
  EXPECT_TRUE(small.intact());
  EXPECT_EQ(0, std::memcmp(wide.data(), small.data(), size * sizeof(float)));
  EXPECT_EQ(0, std::memcmp(wide.data(), threaded.data(), size * sizeof(float)));
  EXPECT_TRUE(std::any_of(small.data(), small.data() + size, [](float y) { return y != 0; }));
}

template <class W> void check_conv(Kind kind, i64 h, i64 w, i64 c, i64 k, i64 size, i64 stride, i64 pad) {
  SCOPED_TRACE("kind h w c k size stride pad = " + std::to_string(kind) + " " + std::to_string(h) + " " + std::to_string(w) + " " +
               std::to_string(c) + " " + std::to_string(k) + " " + std::to_string(size) + " " + std::to_string(stride) + " " +
               std::to_string(pad));
  auto out = [&](i64 in) {
    return kind == TRANSPOSE ? (in - 1) * stride - 2 * pad + size : (in + 2 * pad - size) / stride + 1;
  };
  const i64 oh = out(h), ow = out(w), groups = kind == DIRECT || kind == TRANSPOSE ? 1 : c;
  const conv::ConvParams p = {1, h, w, c, oh, ow, k, size, size, stride, stride, 1, 1, pad, pad, groups, h * w * c, w * c, c, oh * ow * k, ow * k, k};
  const Weights<W> weights((k + lanes - 1) / lanes * lanes * (c / groups) * size * size);
  const std::vector<float> x = test::uniform(h * w * c, -1, 1);
  expect_same(p.y_n, [&](float *y, bool narrowed, const dnnc_parallel_for *pf) {
    if (narrowed)
      run_conv(kind, p, x.data(), weights.narrow_values.data(), y, pf);
    else
      run_conv(kind, p, x.data(), weights.values.data(), y, pf);
  });
}

template <class W> void check_matmul(i64 m, i64 n, i64 k) {
  SCOPED_TRACE("m n k = " + std::to_string(m) + " " + std::to_string(n) + " " + std::to_string(k));
  const matmul::MatmulParams p = {m, n, k, {1, 1, 1, 1}, {}, {}, {}, k, 1, 0, 0, n};
  const Weights<W> weights((n + lanes - 1) / lanes * lanes * k);
  const std::vector<float> a = test::uniform(m * k, -1, 1);
  expect_same(m * n, [&](float *y, bool narrowed, const dnnc_parallel_for *pf) {
    if (narrowed)
      run_matmul(p, a.data(), weights.narrow_values.data(), y, pf);
    else
      run_matmul(p, a.data(), weights.values.data(), y, pf);
  });
}

template <class W> struct NarrowWeights : testing::Test {};
typedef testing::Types<f16, bf16> WeightTypes;
TYPED_TEST_SUITE(NarrowWeights, WeightTypes, );

TYPED_TEST(NarrowWeights, Direct) {
  check_conv<TypeParam>(DIRECT, 9, 7, 16, 64, 1, 1, 0);
  check_conv<TypeParam>(DIRECT, 8, 11, 5, 83, 3, 2, 1);
  check_conv<TypeParam>(DIRECT, 3, 3, 700, 64, 3, 1, 1); // a panel beyond the cache
}
TYPED_TEST(NarrowWeights, Transpose) {
  check_conv<TypeParam>(TRANSPOSE, 5, 6, 9, 70, 3, 2, 1);
  check_conv<TypeParam>(TRANSPOSE, 4, 4, 8, 16, 2, 2, 0);
}
TYPED_TEST(NarrowWeights, Depthwise) {
  for (Kind kind : {DEPTHWISE, DEPTHWISE_3X3}) {
    check_conv<TypeParam>(kind, 6, 23, 32, 32, 3, 1, 1);
    check_conv<TypeParam>(kind, 5, 9, 19, 19, 3, 1, 1);
  }
  check_conv<TypeParam>(DEPTHWISE, 9, 9, 5, 5, 5, 2, 2);
}
TYPED_TEST(NarrowWeights, Matmul) {
  for (i64 m : {1, 2, 13})
    for (i64 n : {1, 17, 300}) check_matmul<TypeParam>(m, n, 37);
  check_matmul<TypeParam>(9, 70, 5000); // sums taken in pieces
}

} // namespace
