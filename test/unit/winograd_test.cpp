// conv::winograd against a plain double loop over ONNX's definition, and its transforms against theirs.
#include "kernel_test.h"

namespace {
DNNC_TARGET_BEGIN
#include "kernels/conv/winograd.h"
#include "kernels/conv/winograd/pack.h"
#include "kernels/pointwise/epilogue.h"

// Bias per channel, then a skip tensor with rows and images of its own strides.
struct BiasSkipRelu {
  static DNNC_INLINE vf apply(vf acc, vf bias, vf skip) { return clamp_min(acc + bias + skip, zero()); }
};
typedef pw::Epilogue<BiasSkipRelu, pw::Arg<float, 1>, pw::Arg<float, 1>> BiasSkip;
struct OnlyBias {
  static DNNC_INLINE vf apply(vf acc, vf bias) { return acc + bias; }
};
typedef pw::Epilogue<OnlyBias, pw::Arg<float, 1>> Bias;

struct Operands {
  const float *bias, *skip;
  i64 skip_n, skip_r;
};
enum Tail { NONE, BIAS, BIAS_SKIP_RELU };

template <int OUT, class Ep>
void run_tile(conv::Tile tile, const conv::WinogradParams &p, const float *x, const float *w, float *y, float *scratch, const Ep &ep,
              const Par &par) {
  (void)tile;
#if DNNC_ISA == DNNC_ISA_GENERIC
  conv::winograd<OUT, 4, 2>(p, x, w, y, scratch, ep, par);
#elif DNNC_ISA == DNNC_ISA_AVX2
  if (tile.vectors == 3) return conv::winograd<OUT, 4, 3>(p, x, w, y, scratch, ep, par);
  if (tile.vectors == 2) return conv::winograd<OUT, 6, 2>(p, x, w, y, scratch, ep, par);
  conv::winograd<OUT, 10, 1>(p, x, w, y, scratch, ep, par);
#else
  if (tile.vectors == 4) return conv::winograd<OUT, 6, 4>(p, x, w, y, scratch, ep, par);
#if DNNC_ISA == DNNC_ISA_AVX512
  if (tile.vectors == 3) return conv::winograd<OUT, 8, 3>(p, x, w, y, scratch, ep, par);
#endif
  if (tile.vectors == 2) return conv::winograd<OUT, 8, 2>(p, x, w, y, scratch, ep, par);
  conv::winograd<OUT, 10, 1>(p, x, w, y, scratch, ep, par);
#endif
}
template <class Ep>
void run_with(int out, conv::Tile tile, const conv::WinogradParams &p, const float *x, const float *w, float *y, float *scratch,
              const Ep &ep, const Par &par) {
  if (out == 4) return run_tile<4>(tile, p, x, w, y, scratch, ep, par);
  run_tile<6>(tile, p, x, w, y, scratch, ep, par);
}
void run(int out, conv::Tile tile, const conv::WinogradParams &p, const float *x, const float *w, float *y, float *scratch, Tail tail,
         const Operands &o, const dnnc_parallel_for *pf) {
  Par par = {pf};
  if (tail == NONE) return run_with(out, tile, p, x, w, y, scratch, pw::NoEpilogue{}, par);
  if (tail == BIAS) return run_with(out, tile, p, x, w, y, scratch, Bias{{o.bias, 0, 0}}, par);
  run_with(out, tile, p, x, w, y, scratch, BiasSkip{{o.bias, 0, 0}, {o.skip, o.skip_n, o.skip_r}}, par);
}

// The transforms of lane 0.
template <int OUT> void input_transform(const float *d, float *o) {
  vf in[OUT + 2], out[OUT + 2];
  for (int i = 0; i < OUT + 2; ++i) in[i] = splat(d[i]);
  conv::WinogradTransform<OUT>::input(in, out);
  for (int i = 0; i < OUT + 2; ++i) o[i] = first(out[i]);
}
template <int OUT> void output_transform(const float *m, float *o) {
  vf in[OUT + 2], out[OUT];
  for (int i = 0; i < OUT + 2; ++i) in[i] = splat(m[i]);
  conv::WinogradTransform<OUT>::output(in, out);
  for (int i = 0; i < OUT; ++i) o[i] = first(out[i]);
}
const int lanes = VL, registers = NUM_VREGS;
DNNC_TARGET_END

typedef std::vector<std::vector<double>> Matrix;

template <class T, size_t ROWS, size_t COLUMNS> Matrix matrix(const T (&values)[ROWS][COLUMNS]) {
  Matrix result;
  for (const auto &row : values) result.emplace_back(std::begin(row), std::end(row));
  return result;
}
// Bᵀ, Aᵀ and G.
struct Matrices {
  Matrix input, output, filter;
  template <class M> static Matrices of() { return {matrix(M::input), matrix(M::output), matrix(M::filter)}; }
};
Matrices matrices(int out) {
  return out == 4 ? Matrices::of<conv::WinogradMatrices<4>>() : Matrices::of<conv::WinogradMatrices<6>>();
}
Matrix magnitudes(Matrix m) {
  for (auto &row : m)
    for (double &x : row) x = std::fabs(x);
  return m;
}

// |left| value |left|ᵀ for a square value of side `from`, the result of side `to`.
void sandwich(const Matrix &left, int to, int from, const double *value, double *result) {
  double half[8][8];
  for (int i = 0; i < to; ++i)
    for (int j = 0; j < from; ++j) {
      half[i][j] = 0;
      for (int s = 0; s < from; ++s) half[i][j] += left[i][s] * value[s * from + j];
    }
  for (int i = 0; i < to; ++i)
    for (int j = 0; j < to; ++j) {
      result[i * to + j] = 0;
      for (int s = 0; s < from; ++s) result[i * to + j] += half[i][s] * left[j][s];
    }
}

// The code of the transforms on unit vectors gives the columns of the matrices.
TEST(Winograd, TransformsAreTheMatrices) {
  for (int out : {4, 6}) {
    const Matrices m = matrices(out);
    for (int j = 0; j < out + 2; ++j) {
      float unit[8] = {}, input[8], output[6];
      unit[j] = 1;
      out == 4 ? input_transform<4>(unit, input) : input_transform<6>(unit, input);
      out == 4 ? output_transform<4>(unit, output) : output_transform<6>(unit, output);
      for (int i = 0; i < out + 2; ++i) EXPECT_EQ(input[i], m.input[i][j]) << "F(" << out << ", 3) " << i << " " << j;
      for (int i = 0; i < out; ++i) EXPECT_EQ(output[i], m.output[i][j]) << "F(" << out << ", 3) " << i << " " << j;
    }
  }
}
// Output o of Aᵀ [(G g) ⊙ (Bᵀ d)] takes pixel o + t with tap t, and nothing else.
TEST(Winograd, MatricesAreAFilter) {
  for (int out : {4, 6}) {
    const Matrices m = matrices(out);
    for (int o = 0; o < out; ++o)
      for (int tap = 0; tap < 3; ++tap)
        for (int pixel = 0; pixel < out + 2; ++pixel) {
          double sum = 0;
          for (int i = 0; i < out + 2; ++i) sum += m.output[o][i] * m.filter[i][tap] * m.input[i][pixel];
          EXPECT_NEAR(sum, pixel == o + tap, 1e-14) << "F(" << out << ", 3), tap " << tap << " pixel " << pixel << " output " << o;
        }
  }
}

struct Case {
  i64 n, h, w, c, k, pt, pl, pb, pr;
};

std::string name(const Case &s) {
  const i64 v[] = {s.n, s.h, s.w, s.c, s.k, s.pt, s.pl, s.pb, s.pr};
  std::string text = "n h w c k pt pl pb pr =";
  for (i64 x : v) text += " " + std::to_string(x);
  return text;
}

// Runs units one by one, the last first.
void run_backwards(void *, int64_t count, dnnc_task task, void *arg) {
  for (int64_t i = count; i-- > 0;) task(arg, i, i + 1, 0);
}
const dnnc_parallel_for backwards = {run_backwards, nullptr, 1};

// Views: pad elements after every pixel, row and image, as slices of larger buffers have.
void check(int out, const Case &s, i64 block, bool views, Tail tail) {
  SCOPED_TRACE(name(s) + " F(" + std::to_string(out) + ", 3) block " + std::to_string(block) + " tail " + std::to_string(tail));
  const i64 oh = s.h + s.pt + s.pb - 2, ow = s.w + s.pl + s.pr - 2;
  const i64 x_w = s.c + (views ? 3 : 0), x_h = s.w * x_w + (views ? 5 : 0), x_n = s.h * x_h + (views ? 7 : 0);
  const i64 y_w = s.k + (views ? 2 : 0), y_h = ow * y_w + (views ? 4 : 0), y_n = oh * y_h + (views ? 6 : 0);
  const conv::WinogradParams p = {s.n, s.h, s.w, s.c, oh, ow, s.k, s.pt, s.pl, x_n, x_h, x_w, y_n, y_h, y_w, block};
  const conv::Tile tile = conv::pick_tile(lanes, registers, s.k);
  const int nr = tile.vectors * lanes;
  std::vector<float> x = test::uniform(s.n * x_n, -1, 1, 1), w = test::uniform(s.k * s.c * 9, -1, 1, 2);
  std::vector<float> bias = test::uniform(s.k, -1, 1, 3), skip = test::uniform(s.n * oh * ow * s.k, -1, 1, 4);
  std::vector<float> packed(conv::winograd_packed_size(out, s.k, s.c, lanes));
  conv::pack_winograd(w.data(), out, s.k, s.c, nr, lanes, packed.data());
  const Operands operands = {bias.data(), skip.data(), oh * ow * s.k, s.k};
  test::Guarded<float> y(s.n * y_n), again(s.n * y_n), third(s.n * y_n);
  test::Guarded<float> scratch(3 * conv::winograd_scratch_size(out, block, s.c, nr, lanes)); // what was in it must not matter
  run(out, tile, p, x.data(), packed.data(), y.data(), scratch.data(), tail, operands, nullptr);
  run(out, tile, p, x.data(), packed.data(), again.data(), scratch.data(), tail, operands, &test::three_threads);
  run(out, tile, p, x.data(), packed.data(), third.data(), scratch.data(), tail, operands, &backwards);
  EXPECT_TRUE(y.intact() && scratch.intact());
  EXPECT_EQ(0, std::memcmp(y.data(), again.data(), s.n * y_n * sizeof(float))) << "the split changes the bits";
  EXPECT_EQ(0, std::memcmp(y.data(), third.data(), s.n * y_n * sizeof(float))) << "the split changes the bits";

  // Each rounding is of relative error 2^-24 of a value no larger than what the same step gives on magnitudes: c in the sums, at most 5
  // in each pass of a transform, one in the weights, two in the epilogue.
  const Matrices m = matrices(out);
  const Matrix input = magnitudes(m.input), output = magnitudes(m.output), filter = magnitudes(m.filter);
  const int in = out + 2;
  const double unit = static_cast<double>(s.c + 4 * 5 + 3) * std::ldexp(1.0, -24);
  std::vector<double> weights(s.k * s.c * in * in);
  for (i64 i = 0; i < s.k * s.c; ++i) {
    double g[9];
    for (int t = 0; t < 9; ++t) g[t] = std::fabs(w[i * 9 + t]);
    sandwich(filter, in, 3, g, &weights[i * in * in]);
  }
  std::vector<bool> written(s.n * y_n);
  auto pixel = [&](i64 n, i64 h, i64 v, i64 c) {
    return h < 0 || h >= s.h || v < 0 || v >= s.w ? 0.0 : static_cast<double>(x[n * x_n + h * x_h + v * x_w + c]);
  };
  for (i64 n = 0; n < s.n; ++n)
    for (i64 i0 = 0; i0 < oh; i0 += out)
      for (i64 j0 = 0; j0 < ow; j0 += out) {
        std::vector<double> inputs(s.c * in * in);
        for (i64 c = 0; c < s.c; ++c) {
          double d[64];
          for (int i = 0; i < in * in; ++i) d[i] = std::fabs(pixel(n, i0 - s.pt + i / in, j0 - s.pl + i % in, c));
          sandwich(input, in, in, d, &inputs[c * in * in]);
        }
        for (i64 k = 0; k < s.k; ++k) {
          double sums[64] = {}, bounds[36];
          for (i64 c = 0; c < s.c; ++c)
            for (int q = 0; q < in * in; ++q) sums[q] += weights[(k * s.c + c) * in * in + q] * inputs[c * in * in + q];
          sandwich(output, out, in, sums, bounds);
          for (i64 i = i0; i < std::min<i64>(oh, i0 + out); ++i)
            for (i64 j = j0; j < std::min<i64>(ow, j0 + out); ++j) {
              double want = 0, size = bounds[(i - i0) * out + j - j0];
              for (i64 c = 0; c < s.c; ++c)
                for (int t = 0; t < 9; ++t) want += pixel(n, i - s.pt + t / 3, j - s.pl + t % 3, c) * w[(k * s.c + c) * 9 + t];
              if (tail != NONE) want += bias[k], size += std::fabs(bias[k]);
              if (tail == BIAS_SKIP_RELU) {
                const double add = skip[((n * oh + i) * ow + j) * s.k + k];
                want = std::max(want + add, 0.0), size += std::fabs(add);
              }
              const i64 at = n * y_n + i * y_h + j * y_w + k;
              written[at] = true;
              ASSERT_NEAR(y[at], want, unit * size) << "at n h w k = " << n << " " << i << " " << j << " " << k;
            }
        }
      }
  const unsigned untouched = 0xA5A5A5A5;
  for (size_t i = 0; i < written.size(); ++i)
    if (!written[i]) {
      ASSERT_EQ(0, std::memcmp(&untouched, &y[i], 4)) << "wrote between the pixels";
    }
}

void check_all(const Case &s) {
  for (int out : {4, 6})
    for (i64 block : {1, 3, 12})
      for (Tail tail : {NONE, BIAS, BIAS_SKIP_RELU}) check(out, s, block, block == 3, tail);
}

TEST(Winograd, WholeTiles) { check_all({1, 12, 12, 16, 64, 1, 1, 1, 1}); }
TEST(Winograd, PartsOfTiles) {
  check_all({1, 13, 11, 8, 16, 1, 1, 1, 1});
  check_all({2, 7, 9, 5, 35, 1, 1, 1, 1}); // of vectors too
}
TEST(Winograd, OneTile) {
  check_all({1, 4, 4, 12, 24, 1, 1, 1, 1});
  check_all({1, 1, 1, 9, 7, 1, 1, 1, 1});
  check_all({1, 2, 3, 4, 8, 1, 1, 1, 1});
}
TEST(Winograd, NoPads) { check_all({1, 9, 10, 6, 13, 0, 0, 0, 0}); }
TEST(Winograd, UnequalPads) {
  check_all({1, 8, 7, 3, 10, 2, 0, 1, 3});
  check_all({1, 6, 6, 4, 9, 0, 2, 0, 1});
}
TEST(Winograd, PadsBeyondTheTile) { // outputs that see nothing but padding
  check_all({1, 3, 2, 2, 5, 9, 10, 8, 11});
}
TEST(Winograd, Channels) { // every register tile, whole and cut
  for (i64 k : {1, 4, 8, 17, 32, 33, 48, 61, 67, 128, 130}) check(4, {1, 9, 6, 7, k, 1, 1, 1, 1}, 4, true, BIAS_SKIP_RELU);
  for (i64 c : {1, 2, 15, 16, 31, 33, 64, 100}) check(6, {1, 7, 8, c, 18, 1, 1, 1, 1}, 2, false, BIAS);
}

// The skip tensor is overwritten by the result.
TEST(Winograd, InPlace) {
  const conv::WinogradParams p = {1, 10, 9, 12, 10, 9, 40, 1, 1, 10 * 9 * 12, 9 * 12, 12, 10 * 9 * 40, 9 * 40, 40, 4};
  const conv::Tile tile = conv::pick_tile(lanes, registers, 40);
  std::vector<float> x = test::uniform(p.x_n, -1, 1), w = test::uniform(40 * 12 * 9, -1, 1, 2), bias = test::uniform(40, -1, 1, 3);
  for (int out : {4, 6}) {
    std::vector<float> packed(conv::winograd_packed_size(out, 40, 12, lanes)), skip = test::uniform(p.y_n, -1, 1, 4), y(p.y_n);
    std::vector<float> scratch(3 * conv::winograd_scratch_size(out, p.block, 12, tile.vectors * lanes, lanes));
    conv::pack_winograd(w.data(), out, 40, 12, tile.vectors * lanes, lanes, packed.data());
    const Operands operands = {bias.data(), skip.data(), p.y_n, 40};
    run(out, tile, p, x.data(), packed.data(), y.data(), scratch.data(), BIAS_SKIP_RELU, operands, nullptr);
    run(out, tile, p, x.data(), packed.data(), skip.data(), scratch.data(), BIAS_SKIP_RELU, operands, &test::three_threads);
    EXPECT_EQ(y, skip);
  }
}

} // namespace
