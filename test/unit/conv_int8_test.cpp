// conv_int8 against ONNX's definition in 64-bit integers: every result is equal, on every machine.
#include "kernel_test.h"

namespace {
DNNC_TARGET_BEGIN
#include "kernels/conv_int8/conv_int8.h"
#include "kernels/conv_int8/pack.h"
#include "kernels/pointwise/epilogue.h"

// Requantization: the scale of each channel, a residual with rows and images of its own, the zero point of the output.
struct Scaled {
  static DNNC_INLINE vf apply(vf acc, vf scale, vf skip) { return round_even(acc * scale) + skip + splat(100.0f); }
};
typedef pw::Epilogue<Scaled, pw::Arg<float, 1>, pw::Arg<uint8_t, 1>> Tail;

struct Buffers {
  const uint8_t *x;
  const int8_t *w;
  const int32_t *bias, *index;
  uint8_t *scratch;
  const float *scale;
  const uint8_t *skip;
  i64 skip_n, skip_r;
};

template <class Out> struct IsSums { enum { value = false }; };
template <> struct IsSums<int32_t> { enum { value = true }; };

template <int M, int N, conv_int8::Dot D = conv_int8::own_dot(), class Out>
void run_tile(const conv_int8::ConvInt8Params &p, const Buffers &b, Out *y, const Par &par) {
  if constexpr (IsSums<Out>::value)
    conv_int8::sums<M, N, D>(p, b.x, b.w, b.bias, b.index, y, b.scratch, par);
  else
    conv_int8::direct<M, N, Out, D>(p, b.x, b.w, b.bias, b.index, y, b.scratch, Tail{{b.scale, 0, 0}, {b.skip, b.skip_n, b.skip_r}}, par);
}
enum { DEPTHWISE = 0, DEPTHWISE_FIXED = -1 };
template <class Out> void run_depthwise(int variant, const conv_int8::ConvInt8Params &p, const Buffers &b, Out *y, const Par &par) {
  if constexpr (!IsSums<Out>::value) {
    const Tail tail = {{b.scale, 0, 0}, {b.skip, b.skip_n, b.skip_r}};
    const conv_int8::DepthwiseVariant v = variant == DEPTHWISE ? conv_int8::DepthwiseVariant{0, 0} : conv_int8::pick_depthwise(p, conv_int8::own_dot());
    if (v.size == 3 && v.stride == 1) return conv_int8::depthwise<3, 1>(p, b.x, b.w, b.bias, y, b.scratch, tail, par);
    if (v.size == 3) return conv_int8::depthwise<3, 2>(p, b.x, b.w, b.bias, y, b.scratch, tail, par);
    if (v.size == 5 && v.stride == 1) return conv_int8::depthwise<5, 1>(p, b.x, b.w, b.bias, y, b.scratch, tail, par);
    if (v.size == 5) return conv_int8::depthwise<5, 2>(p, b.x, b.w, b.bias, y, b.scratch, tail, par);
    return conv_int8::depthwise<0, 0>(p, b.x, b.w, b.bias, y, b.scratch, tail, par);
  }
}

enum { PAIRS = 1000, FOURS = 2000 };
// tile: pixels * 10 + vectors of direct, with PAIRS or FOURS of that Dot, or a depthwise variant.
template <class Out>
void run(int tile, const conv_int8::ConvInt8Params &p, const Buffers &b, Out *y, const dnnc_parallel_for *pf) {
  Par par = {pf};
  if (tile <= 0) return run_depthwise(tile, p, b, y, par);
#if DNNC_ISA == DNNC_ISA_GENERIC
  if (tile == 42) return run_tile<4, 2>(p, b, y, par);
#elif DNNC_ISA == DNNC_ISA_AVX2
  if (tile == 62) return run_tile<6, 2>(p, b, y, par);
  if (tile == 81) return run_tile<8, 1>(p, b, y, par);
  if (tile == PAIRS + 42) return run_tile<4, 2, conv_int8::Dot::PAIRS>(p, b, y, par);
  if (tile == PAIRS + 81) return run_tile<8, 1, conv_int8::Dot::PAIRS>(p, b, y, par);
  if (tile == FOURS + 42) return run_tile<4, 2, conv_int8::Dot::FOURS>(p, b, y, par);
  if (tile == FOURS + 81) return run_tile<8, 1, conv_int8::Dot::FOURS>(p, b, y, par);
#elif DNNC_ISA >= DNNC_ISA_NEON
  if (tile == 54) return run_tile<5, 4>(p, b, y, par);
  if (tile == 82) return run_tile<8, 2>(p, b, y, par);
  if (tile == 101) return run_tile<10, 1>(p, b, y, par);
#else
  if (tile == 64) return run_tile<6, 4>(p, b, y, par);
  if (tile == 83) return run_tile<8, 3>(p, b, y, par);
  if (tile == 82) return run_tile<8, 2>(p, b, y, par);
  if (tile == 101) return run_tile<10, 1>(p, b, y, par);
#endif
}
const int lanes = VL;
DNNC_TARGET_END

#if DNNC_ISA == DNNC_ISA_GENERIC
const std::vector<int> tiles = {42};
#elif DNNC_ISA == DNNC_ISA_AVX2
const std::vector<int> tiles = {62, 81, PAIRS + 42, PAIRS + 81, FOURS + 42, FOURS + 81};
#elif DNNC_ISA >= DNNC_ISA_NEON
const std::vector<int> tiles = {54, 82, 101};
#else
const std::vector<int> tiles = {64, 83, 82, 101};
#endif

struct Case {
  i64 n, h, w, c, k, kh, kw, sh, sw, dh, dw, pt, pl, pb, pr, groups;
};

std::string name(const Case &s) {
  const i64 v[] = {s.n, s.h, s.w, s.c, s.k, s.kh, s.kw, s.sh, s.sw, s.dh, s.dw, s.pt, s.pl, s.pb, s.pr, s.groups};
  std::string text = "n h w c k kh kw sh sw dh dw pt pl pb pr groups =";
  for (i64 x : v) text += " " + std::to_string(x);
  return text;
}

// How the bytes are made.
enum Values {
  UNIFORM,   // all of their range
  SMALL,     // weights of 7 bits
  EXTREMES,  // 0 and 255, -128 and 127
  ONE_SIGN,  // 255 and -128 everywhere: the largest sums
  ZERO_POINT // weights of u8, with a zero point for each output channel
};

std::vector<int> integers(size_t n, int lo, int hi, bool extremes, unsigned seed) {
  std::mt19937 random(seed);
  std::vector<int> v(n);
  for (int &x : v) x = extremes ? (random() & 1 ? lo : hi) : lo + static_cast<int>(random() % static_cast<unsigned>(hi - lo + 1));
  return v;
}

template <class Out> Out stored(double value) {
  if (std::is_same<Out, float>::value) return static_cast<Out>(value);
  const double low = std::numeric_limits<Out>::lowest(), high = std::numeric_limits<Out>::max();
  return static_cast<Out>(std::nearbyint(std::min(std::max(value, low), high)));
}

// Views: pad elements after every pixel, row and image, as slices of larger buffers have.
template <class Out> void check(int tile, const Case &s, bool views, Values values, int x_zero = 117) {
  SCOPED_TRACE(name(s) + " tile " + std::to_string(tile) + " values " + std::to_string(values) + " x_zero " + std::to_string(x_zero));
  i64 oh = (s.h + s.pt + s.pb - s.dh * (s.kh - 1) - 1) / s.sh + 1, ow = (s.w + s.pl + s.pr - s.dw * (s.kw - 1) - 1) / s.sw + 1;
  i64 x_w = s.c + (views ? 3 : 0), x_h = s.w * x_w + (views ? 5 : 0), x_n = s.h * x_h + (views ? 7 : 0);
  i64 y_w = s.k + (views ? 2 : 0), y_h = ow * y_w + (views ? 4 : 0), y_n = oh * y_h + (views ? 6 : 0);
  conv_int8::ConvInt8Params p = {s.n,  s.h,  s.w,  s.c,  oh,       ow,  s.k, s.kh, s.kw, s.sh, s.sw,   s.dh,
                                 s.dw, s.pt, s.pl, s.groups, x_n, x_h, x_w,  y_n,  y_h,  y_w,  x_zero, 0};
  i64 group_c = s.c / s.groups, group_k = s.k / s.groups, depth = group_c * s.kh * s.kw;

  // The buffer ends with the last pixel, so that a sanitizer sees what is read beyond.
  std::vector<int> xs = integers(s.n * x_n - (views ? 15 : 0), values == ONE_SIGN ? 255 : 0, 255, values == EXTREMES, 1);
  std::vector<uint8_t> x(xs.begin(), xs.end());
  std::vector<int> ws = values == SMALL        ? integers(s.k * depth, -64, 63, false, 2)
                        : values == ONE_SIGN   ? integers(s.k * depth, -128, -128, false, 2)
                        : values == ZERO_POINT ? integers(s.k * depth, 0, 255, false, 2)
                                               : integers(s.k * depth, -128, 127, values == EXTREMES, 2);
  std::vector<int> zeros = values == ZERO_POINT ? integers(s.k, 0, 255, true, 3) : std::vector<int>(s.k, 0);
  std::vector<int> biases = integers(s.k, -100000, 100000, false, 4);
  std::vector<int32_t> bias(biases.begin(), biases.end());
  const conv_int8::Weights<int> source = {ws.data(), depth, s.kh * s.kw, s.kw, 1, zeros.data(), 1};
  const conv_int8::Dot dot = tile > FOURS ? conv_int8::Dot::FOURS : tile > PAIRS ? conv_int8::Dot::PAIRS : conv_int8::dot_of(DNNC_TEST_ISA);
  const int nr = tile % 10 * lanes;
  const conv_int8::Sizes sizes =
      tile > 0 ? conv_int8::packed_sizes(p, source, dot, nr, lanes) : conv_int8::depthwise_sizes(p, source, dot, lanes);
  p.entries = sizes.entries;
  if (tile > 0 && !conv_int8::adds_in_16_bits(dot) && (values != ZERO_POINT || dot == conv_int8::Dot::WORDS)) {
    EXPECT_EQ(sizes.entries, conv_int8::group_count(p, dot));
  }
  test::Guarded<int8_t> packed(sizes.weights);
  test::Guarded<int32_t> packed_bias(sizes.bias), index(sizes.index);
  if (tile <= 0)
    conv_int8::pack_depthwise(p, source, bias.data(), dot, lanes, packed.data(), packed_bias.data());
  else
    conv_int8::pack(p, source, bias.data(), dot, nr, lanes, packed.data(), packed_bias.data(), index.data());
  ASSERT_TRUE(packed.intact() && packed_bias.intact() && index.intact());

  std::vector<float> scale = test::uniform(s.k, 0.0f, 400.0f / static_cast<float>(depth * 127 * 64), 5);
  std::vector<int> skips = integers(s.n * oh * ow * s.k, 0, 9, false, 6);
  std::vector<uint8_t> skip(skips.begin(), skips.end());
  test::Guarded<Out> y(s.n * y_n), again(s.n * y_n);
  const i64 scratch_size = tile > 0 ? conv_int8::scratch_size(p, dot) : conv_int8::depthwise_scratch_size(p, dot, lanes);
  test::Guarded<uint8_t> scratch(scratch_size), shared(3 * scratch_size);
  Buffers b = {x.data(), packed.data(), packed_bias.data(), index.data(), scratch.data(), scale.data(), skip.data(), oh * ow * s.k, s.k};
  run(tile, p, b, y.data(), nullptr);
  b.scratch = shared.data();
  run(tile, p, b, again.data(), &test::three_threads);
  EXPECT_TRUE(y.intact() && again.intact() && scratch.intact() && shared.intact());
  EXPECT_EQ(0, std::memcmp(y.data(), again.data(), s.n * y_n * sizeof(Out))) << "the split changes the result";

  std::vector<bool> written(s.n * y_n);
  for (i64 n = 0; n < s.n; ++n)
    for (i64 i = 0; i < oh; ++i)
      for (i64 j = 0; j < ow; ++j)
        for (i64 k = 0; k < s.k; ++k) {
          i64 sum = bias[k];
          for (i64 a = 0; a < s.kh; ++a)
            for (i64 e = 0; e < s.kw; ++e)
              for (i64 c = 0; c < group_c; ++c) {
                i64 h = i * s.sh - s.pt + a * s.dh, v = j * s.sw - s.pl + e * s.dw;
                if (h < 0 || h >= s.h || v < 0 || v >= s.w) continue;
                sum += (x[n * x_n + h * x_h + v * x_w + k / group_k * group_c + c] - x_zero) *
                       (ws[((k * group_c + c) * s.kh + a) * s.kw + e] - zeros[k]);
              }
          i64 at = n * y_n + i * y_h + j * y_w + k;
          written[at] = true;
          if (std::is_same<Out, int32_t>::value) {
            ASSERT_EQ(static_cast<i64>(y[at]), sum) << "at n h w k = " << n << " " << i << " " << j << " " << k;
          } else {
            const float rounded = std::nearbyint(static_cast<float>(static_cast<int32_t>(sum)) * scale[k]);
            const float want = rounded + static_cast<float>(skip[((n * oh + i) * ow + j) * s.k + k]) + 100.0f;
            ASSERT_EQ(y[at], stored<Out>(want)) << "at n h w k = " << n << " " << i << " " << j << " " << k;
          }
        }
  unsigned untouched = 0xA5A5A5A5;
  for (size_t i = 0; i < written.size(); ++i)
    if (!written[i]) {
      ASSERT_EQ(0, std::memcmp(&untouched, &y[i], sizeof(Out))) << "wrote between the pixels";
    }
}

void check_all(const Case &s) {
  for (int tile : tiles)
    for (bool views : {false, true}) {
      check<int32_t>(tile, s, views, UNIFORM);
      check<uint8_t>(tile, s, views, views ? SMALL : UNIFORM);
      for (int x_zero : {0, 128, 255}) check<int32_t>(tile, s, views, EXTREMES, x_zero);
      check<int32_t>(tile, s, views, ONE_SIGN, views ? 255 : 0);
      check<int32_t>(tile, s, views, ZERO_POINT, views ? 0 : 255);
    }
}

TEST(Direct, Kernel1x1) {
  check_all({1, 7, 7, 16, 64, 1, 1, 1, 1, 1, 1, 0, 0, 0, 0, 1});
  check_all({2, 5, 6, 13, 83, 1, 1, 1, 1, 1, 1, 0, 0, 0, 0, 1});
  check_all({1, 9, 8, 8, 24, 1, 1, 2, 2, 1, 1, 0, 0, 0, 0, 1});
}
TEST(Direct, Kernel1x1Padded) { check_all({1, 4, 4, 3, 9, 1, 1, 1, 1, 1, 1, 1, 2, 1, 0, 1}); }
TEST(Direct, Kernel3x3) {
  check_all({1, 7, 7, 8, 64, 3, 3, 1, 1, 1, 1, 1, 1, 1, 1, 1});
  check_all({2, 8, 9, 17, 35, 3, 3, 2, 2, 1, 1, 1, 1, 1, 1, 1});
  check_all({1, 6, 5, 4, 10, 3, 3, 1, 1, 1, 1, 0, 0, 0, 0, 1}); // read where it is
}
TEST(Direct, OutputTypes) {
  for (int tile : tiles)
    for (bool views : {false, true}) {
      const Case s = {1, 6, 7, 11, 37, 3, 3, 1, 1, 1, 1, 1, 1, 1, 1, 1};
      check<uint8_t>(tile, s, views, UNIFORM);
      check<int8_t>(tile, s, views, UNIFORM);
      check<float>(tile, s, views, UNIFORM);
      check<int32_t>(tile, s, views, UNIFORM);
    }
}
TEST(Direct, FirstLayers) {
  check_all({1, 23, 21, 3, 32, 7, 7, 2, 2, 1, 1, 3, 3, 3, 3, 1});
  check_all({1, 17, 19, 1, 6, 5, 5, 1, 1, 1, 1, 2, 2, 2, 2, 1});
  check_all({1, 16, 16, 3, 8, 3, 3, 2, 2, 1, 1, 0, 0, 1, 1, 1});
}
TEST(Direct, UnequalStridesPadsAndKernels) {
  check_all({1, 11, 12, 4, 20, 2, 5, 3, 1, 1, 1, 0, 3, 2, 1, 1});
  check_all({1, 5, 30, 6, 17, 1, 7, 1, 2, 1, 1, 0, 3, 0, 3, 1});
}
TEST(Direct, Dilations) {
  check_all({1, 13, 14, 5, 19, 3, 3, 1, 1, 2, 2, 2, 2, 2, 2, 1});
  check_all({1, 12, 15, 6, 16, 3, 2, 2, 1, 1, 4, 1, 3, 0, 4, 1});
  check_all({1, 12, 15, 8, 16, 3, 2, 2, 1, 1, 4, 0, 0, 0, 0, 1}); // read where it is
}
TEST(Direct, KernelLargerThanTheImage) {
  check_all({1, 2, 2, 3, 9, 5, 5, 1, 1, 1, 1, 2, 2, 2, 2, 1});
  check_all({1, 1, 1, 4, 8, 3, 3, 1, 1, 1, 1, 1, 1, 1, 1, 1});
  check_all({1, 3, 3, 2, 4, 2, 2, 1, 1, 1, 1, 6, 6, 6, 6, 1}); // outputs that see nothing but padding
}
TEST(Direct, OneDimension) { check_all({2, 1, 50, 7, 12, 1, 9, 1, 2, 1, 1, 0, 4, 0, 4, 1}); }
TEST(Direct, Products) { // of matrices: a row is a pixel
  check_all({1, 1, 1, 100, 70, 1, 1, 1, 1, 1, 1, 0, 0, 0, 0, 1});
  check_all({1, 19, 1, 30, 33, 1, 1, 1, 1, 1, 1, 0, 0, 0, 0, 1});
}
TEST(Direct, Groups) {
  check_all({1, 9, 7, 32, 64, 3, 3, 1, 1, 1, 1, 1, 1, 1, 1, 4});
  check_all({1, 6, 6, 6, 9, 3, 3, 2, 2, 1, 1, 1, 1, 1, 1, 3});
  check_all({2, 5, 5, 8, 16, 3, 3, 1, 1, 1, 1, 1, 1, 1, 1, 8}); // two outputs per channel
  check_all({1, 5, 5, 24, 70, 1, 1, 1, 1, 1, 1, 0, 0, 0, 0, 2});
}
TEST(Direct, SeveralBlocks) { // of rows, with the input of a block within 128 KB
  for (int tile : tiles) check<uint8_t>(tile, {1, 40, 37, 160, 5, 3, 3, 1, 1, 1, 1, 1, 1, 1, 1, 1}, false, UNIFORM);
}

void check_depthwise(const Case &s) {
  for (int variant : {DEPTHWISE, DEPTHWISE_FIXED})
    for (bool views : {false, true}) {
      check<uint8_t>(variant, s, views, UNIFORM);
      for (int x_zero : {0, 128, 255}) check<float>(variant, s, views, EXTREMES, x_zero);
      check<float>(variant, s, views, ONE_SIGN, views ? 255 : 0);
      check<float>(variant, s, views, ZERO_POINT, views ? 0 : 255);
      check<int8_t>(variant, s, views, UNIFORM);
    }
}
#include "depthwise_cases.h"

} // namespace
