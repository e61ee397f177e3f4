// conv::direct and conv::depthwise against a plain double loop over ONNX's definition.
#include "kernel_test.h"
#include "reference.h"

namespace {
DNNC_TARGET_BEGIN
#include "kernels/conv/depthwise.h"
#include "kernels/conv/direct.h"
#include "kernels/conv/pack.h"
#include "kernels/conv/padded.h"
#include "kernels/conv/planar.h"
#include "kernels/conv/pointwise.h"
#include "kernels/pointwise/epilogue.h"

// Bias per channel, then a skip tensor with rows and images of its own strides.
struct BiasSkip {
  static DNNC_INLINE vf apply(vf acc, vf bias, vf skip) { return acc + bias + skip; }
};
typedef pw::Epilogue<BiasSkip, pw::Arg<float, 1>, pw::Arg<float, 1>> Tail;

struct Operands {
  const float *bias, *skip;
  i64 skip_n, skip_r;
};

enum { DEPTHWISE = 0, DEPTHWISE_FIXED = -1 };
enum Way { DIRECT, PADDED, POINTWISE }; // the kernels with a tile

template <int MR, int NRV, class Ep>
void run_tile(Way way, const conv::ConvParams &p, const float *x, const float *w, float *y, float *scratch, const Ep &ep, const Par &par) {
  if (way == PADDED) return conv::padded<MR, NRV>(p, x, w, y, scratch, ep, par);
  if (way == POINTWISE) return conv::pointwise<MR, NRV>(p, x, w, y, ep, par);
  conv::direct<MR, NRV>(p, x, w, y, ep, par);
}
// tile: rows * 10 + vectors, or a depthwise variant.
template <class Ep>
void run_with(Way way, int tile, const conv::ConvParams &p, const float *x, const float *w, float *y, float *scratch, const Ep &ep, const Par &par) {
  if (tile == DEPTHWISE) return conv::depthwise<0, 0>(p, x, w, y, ep, par);
  if (tile == DEPTHWISE_FIXED) {
    conv::DepthwiseVariant v = conv::pick_depthwise(p);
    if (v.size == 3 && v.stride == 1) return conv::depthwise<3, 1>(p, x, w, y, ep, par);
    if (v.size == 3) return conv::depthwise<3, 2>(p, x, w, y, ep, par);
    if (v.stride == 1) return conv::depthwise<5, 1>(p, x, w, y, ep, par);
    return conv::depthwise<5, 2>(p, x, w, y, ep, par);
  }
#if DNNC_ISA == DNNC_ISA_GENERIC
  return run_tile<4, 2>(way, p, x, w, y, scratch, ep, par);
#elif DNNC_ISA == DNNC_ISA_AVX2
  if (tile == 62) return run_tile<6, 2>(way, p, x, w, y, scratch, ep, par);
  if (tile == 43) return run_tile<4, 3>(way, p, x, w, y, scratch, ep, par);
  return run_tile<10, 1>(way, p, x, w, y, scratch, ep, par);
#else
  if (tile == 64) return run_tile<6, 4>(way, p, x, w, y, scratch, ep, par);
  if (tile == 83) return run_tile<8, 3>(way, p, x, w, y, scratch, ep, par);
  if (tile == 82) return run_tile<8, 2>(way, p, x, w, y, scratch, ep, par);
  return run_tile<10, 1>(way, p, x, w, y, scratch, ep, par);
#endif
}
void run(int tile, const conv::ConvParams &p, const float *x, const float *w, float *y, const Operands *o, const dnnc_parallel_for *pf, Way way = DIRECT,
         float *scratch = nullptr) {
  Par par = {pf};
  if (o)
    run_with(way, tile, p, x, w, y, scratch, Tail{{o->bias, 0, 0}, {o->skip, o->skip_n, o->skip_r}}, par);
  else
    run_with(way, tile, p, x, w, y, scratch, pw::NoEpilogue{}, par);
}
#define HAS_PLANAR (DNNC_ISA != DNNC_ISA_GENERIC && DNNC_ISA < DNNC_ISA_NEON)
#if HAS_PLANAR
template <class Ep>
void run_planar(conv::PlanarTile tile, const conv::PlanarParams &p, const float *x, const float *w, float *y, float *scratch, const Ep &ep, const Par &par) {
#if DNNC_ISA == DNNC_ISA_AVX2
  if (tile.channels == 8 && tile.vectors == 1) return conv::planar<8, 1>(p, x, w, y, scratch, ep, par);
#else
  if (tile.channels == 8 && tile.vectors == 2) return conv::planar<8, 2>(p, x, w, y, scratch, ep, par);
  if (tile.channels == 8 && tile.vectors == 3) return conv::planar<8, 3>(p, x, w, y, scratch, ep, par);
  if (tile.channels == 16 && tile.vectors == 1) return conv::planar<16, 1>(p, x, w, y, scratch, ep, par);
#endif
  FAIL() << "no conv::planar of " << tile.channels << " x " << tile.vectors;
}
void planar(conv::PlanarTile tile, const conv::PlanarParams &p, const float *x, const float *w, float *y, float *scratch, const Operands *o,
            const dnnc_parallel_for *pf) {
  Par par = {pf};
  if (o)
    run_planar(tile, p, x, w, y, scratch, Tail{{o->bias, 0, 0}, {o->skip, o->skip_n, o->skip_r}}, par);
  else
    run_planar(tile, p, x, w, y, scratch, pw::NoEpilogue{}, par);
}
#endif
const int lanes = VL;
DNNC_TARGET_END

#if DNNC_ISA == DNNC_ISA_GENERIC
const std::vector<int> tiles = {42};
#elif DNNC_ISA == DNNC_ISA_AVX2
const std::vector<int> tiles = {62, 43, 101};
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

// Views: pad elements after every pixel, row and image, as slices of larger buffers have; 2: after pixels alone, as parts of a concat.
void check(int tile, const Case &s, int views, bool epilogue) {
  SCOPED_TRACE(name(s) + " tile " + std::to_string(tile));
  i64 oh = (s.h + s.pt + s.pb - s.dh * (s.kh - 1) - 1) / s.sh + 1, ow = (s.w + s.pl + s.pr - s.dw * (s.kw - 1) - 1) / s.sw + 1;
  i64 x_w = s.c + (views ? 3 : 0), x_h = s.w * x_w + (views == 1 ? 5 : 0), x_n = s.h * x_h + (views == 1 ? 7 : 0);
  i64 y_w = s.k + (views ? 2 : 0), y_h = ow * y_w + (views == 1 ? 4 : 0), y_n = oh * y_h + (views == 1 ? 6 : 0);
  conv::ConvParams p = {s.n,  s.h,  s.w,  s.c,  oh,       ow,  s.k, s.kh, s.kw, s.sh, s.sw,
                        s.dh, s.dw, s.pt, s.pl, s.groups, x_n, x_h, x_w,  y_n,  y_h,  y_w};
  i64 group_c = s.c / s.groups, group_k = s.k / s.groups;
  std::vector<float> x = test::uniform(s.n * x_n, -1, 1, 1), w = test::uniform(s.k * group_c * s.kh * s.kw, -1, 1, 2);
  std::vector<float> bias = test::uniform(s.k, -1, 1, 3), skip = test::uniform(s.n * oh * ow * s.k, -1, 1, 4);
  std::vector<float> packed;
  if (tile > 0) {
    int nr = tile % 10 * lanes;
    packed.resize(conv::packed_size(s.k, s.c, s.kh, s.kw, s.groups, lanes));
    conv::pack(w.data(), s.k, s.c, s.kh, s.kw, s.groups, nr, lanes, packed.data());
  } else {
    packed.resize(conv::depthwise_packed_size(s.c, s.kh, s.kw, lanes));
    conv::pack_depthwise(w.data(), s.c, s.kh, s.kw, lanes, packed.data());
  }
  Operands operands = {bias.data(), skip.data(), oh * ow * s.k, s.k};
  test::Guarded<float> y(s.n * y_n), again(s.n * y_n);
  run(tile, p, x.data(), packed.data(), y.data(), epilogue ? &operands : nullptr, nullptr);
  run(tile, p, x.data(), packed.data(), again.data(), epilogue ? &operands : nullptr, &test::three_threads);
  EXPECT_TRUE(y.intact());
  EXPECT_EQ(0, std::memcmp(y.data(), again.data(), s.n * y_n * sizeof(float))) << "the split changes the bits";
  for (Way way : {PADDED, POINTWISE}) {
    if (tile <= 0 || !(way == PADDED ? conv::padded_takes(p) : conv::pointwise_takes(p))) continue;
    test::Guarded<float> same(s.n * y_n), scratch(way == PADDED ? 3 * conv::padded_scratch_size(p) : 0);
    for (const dnnc_parallel_for *pf : {static_cast<const dnnc_parallel_for *>(nullptr), static_cast<const dnnc_parallel_for *>(&test::three_threads)}) {
      run(tile, p, x.data(), packed.data(), same.data(), epilogue ? &operands : nullptr, pf, way, scratch.data());
      EXPECT_TRUE(same.intact() && scratch.intact());
      EXPECT_EQ(0, std::memcmp(y.data(), same.data(), s.n * y_n * sizeof(float))) << "other bits, way " << way;
    }
  }

  std::vector<bool> written(s.n * y_n);
  for (i64 n = 0; n < s.n; ++n)
    for (i64 i = 0; i < oh; ++i)
      for (i64 j = 0; j < ow; ++j)
        for (i64 k = 0; k < s.k; ++k) {
          test::Sum sum;
          for (i64 a = 0; a < s.kh; ++a)
            for (i64 b = 0; b < s.kw; ++b)
              for (i64 c = 0; c < group_c; ++c) {
                i64 h = i * s.sh - s.pt + a * s.dh, v = j * s.sw - s.pl + b * s.dw;
                if (h < 0 || h >= s.h || v < 0 || v >= s.w) continue;
                sum.add(x[n * x_n + h * x_h + v * x_w + k / group_k * group_c + c], w[((k * group_c + c) * s.kh + a) * s.kw + b]);
              }
          if (epilogue) {
            sum.add(bias[k], 1);
            sum.add(skip[((n * oh + i) * ow + j) * s.k + k], 1);
          }
          i64 at = n * y_n + i * y_h + j * y_w + k;
          written[at] = true;
          ASSERT_NEAR(y[at], sum.value, sum.bound()) << "at n h w k = " << n << " " << i << " " << j << " " << k;
        }
  unsigned untouched = 0xA5A5A5A5;
  for (size_t i = 0; i < written.size(); ++i)
    if (!written[i]) {
      ASSERT_EQ(0, std::memcmp(&untouched, &y[i], 4)) << "wrote between the pixels";
    }
}

void check_all(const Case &s) {
  for (int tile : tiles)
    for (int views : {0, 1, 2})
      for (bool epilogue : {false, true}) check(tile, s, views, epilogue);
}

#if HAS_PLANAR
// conv::planar against conv::direct: the same bits. x has rows and planes of its own strides.
void check_planar(const Case &s, bool epilogue) {
  SCOPED_TRACE(name(s));
  i64 oh = (s.h + s.pt + s.pb - s.dh * (s.kh - 1) - 1) / s.sh + 1, ow = (s.w + s.pl + s.pr - s.dw * (s.kw - 1) - 1) / s.sw + 1;
  i64 x_h = s.w + 3, x_c = s.h * x_h + 5, x_n = s.c * x_c + 2, y_w = s.k + 2, y_h = ow * y_w + 4, y_n = oh * y_h + 6;
  conv::PlanarParams p = {s.n,  s.h,  s.w,  s.c,  oh,   ow,  s.k, s.kh, s.kw, s.sh, s.sw,
                          s.dh, s.dw, s.pt, s.pl, x_n, x_c, x_h, y_n,  y_h,  y_w,  conv::planar_block(oh)};
  conv::PlanarTile tile = conv::pick_planar(p, lanes);
  ASSERT_NE(tile.channels, 0);
  conv::ConvParams direct = {s.n, s.h, s.w, s.c, oh, ow, s.k, s.kh, s.kw, s.sh, s.sw, s.dh, s.dw, s.pt, s.pl, 1, s.h * s.w * s.c, s.w * s.c, s.c, y_n, y_h, y_w};
  std::vector<float> x = test::uniform(s.n * x_n, -1, 1, 1), w = test::uniform(s.k * s.c * s.kh * s.kw, -1, 1, 2), last(s.n * s.h * s.w * s.c);
  for (i64 n = 0; n < s.n; ++n)
    for (i64 c = 0; c < s.c; ++c)
      for (i64 i = 0; i < s.h; ++i)
        for (i64 j = 0; j < s.w; ++j) last[((n * s.h + i) * s.w + j) * s.c + c] = x[n * x_n + c * x_c + i * x_h + j];
  std::vector<float> bias = test::uniform(s.k, -1, 1, 3), skip = test::uniform(s.n * oh * ow * s.k, -1, 1, 4);
  Operands operands = {bias.data(), skip.data(), oh * ow * s.k, s.k}, *o = epilogue ? &operands : nullptr;
  const int first = tiles.front(), nr = first % 10 * lanes;
  std::vector<float> packed(conv::packed_size(s.k, s.c, s.kh, s.kw, 1, lanes)), panels(conv::packed_size(s.k, s.c, s.kh, s.kw, 1, tile.channels));
  conv::pack(w.data(), s.k, s.c, s.kh, s.kw, 1, nr, lanes, packed.data());
  conv::pack(w.data(), s.k, s.c, s.kh, s.kw, 1, tile.channels, tile.channels, panels.data());
  test::Guarded<float> expected(s.n * y_n), y(s.n * y_n), again(s.n * y_n), scratch(3 * conv::planar_scratch_size(p, tile.vectors * lanes));
  run(first, direct, last.data(), packed.data(), expected.data(), o, nullptr);
  planar(tile, p, x.data(), panels.data(), y.data(), scratch.data(), o, nullptr);
  planar(tile, p, x.data(), panels.data(), again.data(), scratch.data(), o, &test::three_threads);
  EXPECT_TRUE(y.intact() && scratch.intact());
  EXPECT_EQ(0, std::memcmp(y.data(), expected.data(), s.n * y_n * sizeof(float)));
  EXPECT_EQ(0, std::memcmp(again.data(), expected.data(), s.n * y_n * sizeof(float)));
}

TEST(Planar, LeavesWhatWouldNotFit) {
  for (i64 far : {i64{100000}, i64{2147483638}}) // only the middle tap touches the image
    EXPECT_EQ(conv::pick_planar({1, 16, 16, 1, 16, 16, 8, 3, 3, 1, 1, far, far, far, far, 256, 256, 16, 2048, 128, 8, 4}, lanes).channels, 0);
  EXPECT_EQ(conv::pick_planar({1, 4000, 1024, 1, 40, 1022, 8, 1, 3, 100, 1, 1, 1, 0, 0, 0, 0, 1024, 0, 0, 8, 8}, lanes).channels, 0);
  EXPECT_EQ(conv::pick_planar({1, 1, 480000, 1, 1, 480000, 32, 1, 7, 1, 1, 1, 1, 0, 3, 0, 0, 480000, 0, 0, 32, 1}, lanes).channels, 0);
}
TEST(Planar, SameBitsAsDirect) {
  for (bool epilogue : {false, true}) {
    check_planar({1, 28, 28, 1, 8, 5, 5, 1, 1, 1, 1, 2, 2, 2, 2, 1}, epilogue);
    check_planar({1, 19, 96, 3, 8, 3, 3, 2, 2, 1, 1, 1, 1, 1, 1, 1}, epilogue);
    check_planar({1, 35, 33, 3, 16, 3, 3, 1, 1, 1, 1, 1, 1, 1, 1, 1}, epilogue);
    check_planar({2, 9, 41, 4, 32, 2, 4, 3, 2, 1, 1, 0, 3, 2, 1, 1}, epilogue);
    check_planar({1, 23, 60, 2, 24, 3, 3, 1, 1, 2, 3, 4, 5, 4, 5, 1}, epilogue); // dilated, with wide borders
    check_planar({1, 8, 70, 3, 5, 3, 5, 1, 4, 1, 1, 2, 0, 0, 2, 1}, epilogue);   // columns four apart, few channels
    check_planar({2, 1, 50, 1, 17, 1, 9, 1, 1, 1, 2, 0, 30, 0, 8, 1}, epilogue); // one row; a part of it outside altogether
    check_planar({1, 3, 2, 3, 9, 3, 3, 1, 1, 1, 1, 3, 17, 3, 17, 1}, epilogue);  // hardly any image
  }
}
#endif

TEST(Direct, Kernel1x1) {
  check_all({1, 7, 7, 16, 64, 1, 1, 1, 1, 1, 1, 0, 0, 0, 0, 1});
  check_all({2, 5, 6, 13, 83, 1, 1, 1, 1, 1, 1, 0, 0, 0, 0, 1});
  check_all({3, 1, 1, 70, 83, 1, 1, 1, 1, 1, 1, 0, 0, 0, 0, 1});
  check_all({1, 9, 8, 5, 24, 1, 1, 2, 2, 1, 1, 0, 0, 0, 0, 1});
}
TEST(Padded, LeavesWhatWouldNotFit) {
  const i64 far = 2147483647, half = 1073741824;
  EXPECT_FALSE(conv::padded_takes({1, 2, 1, 1, 2, 2, 16, 2, 2, 1, 1, far, far, half, half, 1, 2, 1, 1, 64, 32, 16}));
  EXPECT_FALSE(conv::padded_takes({1, 2000, 100, 1, 2000, 100, 16, 2, 1, 1, 1, 1800, 1, 900, 0, 1, 200000, 100, 1, 3200000, 1600, 16}));
  EXPECT_FALSE(conv::padded_takes({1, 3, 200000, 1, 3, 200000, 16, 3, 3, 1, 1, 1, 1, 1, 1, 1, 600000, 200000, 1, 9600000, 3200000, 16}));
  EXPECT_TRUE(conv::padded_takes({1, 49, 10, 1, 25, 5, 64, 10, 4, 2, 2, 1, 1, 4, 1, 1, 490, 10, 1, 8000, 320, 64}));
}
TEST(Direct, Kernel1x1Padded) { check_all({1, 4, 4, 3, 9, 1, 1, 1, 1, 1, 1, 1, 2, 1, 0, 1}); }
TEST(Direct, Kernel3x3) {
  check_all({1, 7, 7, 8, 64, 3, 3, 1, 1, 1, 1, 1, 1, 1, 1, 1});
  check_all({2, 8, 9, 17, 35, 3, 3, 2, 2, 1, 1, 1, 1, 1, 1, 1});
  check_all({1, 6, 5, 4, 10, 3, 3, 1, 1, 1, 1, 0, 0, 0, 0, 1});
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
}
TEST(Direct, KernelLargerThanTheImage) {
  check_all({1, 2, 2, 3, 9, 5, 5, 1, 1, 1, 1, 2, 2, 2, 2, 1});
  check_all({1, 1, 1, 4, 8, 3, 3, 1, 1, 1, 1, 1, 1, 1, 1, 1});
  check_all({1, 3, 3, 2, 4, 2, 2, 1, 1, 1, 1, 6, 6, 6, 6, 1}); // outputs that see nothing but padding
}
TEST(Direct, OneDimension) { check_all({2, 1, 50, 7, 12, 1, 9, 1, 2, 1, 1, 0, 4, 0, 4, 1}); }
TEST(Direct, Groups) {
  check_all({1, 9, 7, 32, 64, 3, 3, 1, 1, 1, 1, 1, 1, 1, 1, 4});
  check_all({1, 6, 6, 6, 9, 3, 3, 2, 2, 1, 1, 1, 1, 1, 1, 3});
  check_all({2, 5, 5, 8, 16, 3, 3, 1, 1, 1, 1, 1, 1, 1, 1, 8}); // two outputs per channel
  check_all({1, 5, 5, 20, 70, 1, 1, 1, 1, 1, 1, 0, 0, 0, 0, 2});
}
TEST(Direct, ChannelsBeyondTheZeroRow) { check_all({1, 3, 4, 300, 12, 3, 3, 1, 1, 1, 1, 1, 1, 1, 1, 1}); }
TEST(Direct, PanelsBeyondTheCache) { // rows of taps are taken in pieces
  for (int tile : tiles) check(tile, {1, 9, 9, 1500, 64, 3, 3, 1, 1, 1, 1, 1, 1, 1, 1, 1}, false, true);
}

// The skip tensor is overwritten by the result.
TEST(Direct, InPlace) {
  conv::ConvParams p = {1, 10, 9, 12, 10, 9, 40, 3, 3, 1, 1, 1, 1, 1, 1, 1, 10 * 9 * 12, 9 * 12, 12, 10 * 9 * 40, 9 * 40, 40};
  std::vector<float> x = test::uniform(p.x_n, -1, 1), w = test::uniform(40 * 12 * 9, -1, 1, 2), bias = test::uniform(40, -1, 1, 3);
  for (int tile : tiles) {
    std::vector<float> packed(conv::packed_size(40, 12, 3, 3, 1, lanes)), skip = test::uniform(p.y_n, -1, 1, 4), y(p.y_n);
    conv::pack(w.data(), 40, 12, 3, 3, 1, tile % 10 * lanes, lanes, packed.data());
    Operands operands = {bias.data(), skip.data(), p.y_n, 40};
    run(tile, p, x.data(), packed.data(), y.data(), &operands, nullptr);
    run(tile, p, x.data(), packed.data(), skip.data(), &operands, &test::three_threads);
    EXPECT_EQ(y, skip);
  }
}

void check_depthwise(const Case &s) {
  const bool fixed = s.kh == s.kw && (s.kh == 3 || s.kh == 5) && s.sh <= 2 && s.dh == 1;
  for (int mode = 0; mode < 4; ++mode) {
    check(DEPTHWISE, s, mode & 1, mode & 2);
    if (fixed) check(DEPTHWISE_FIXED, s, mode & 1, mode & 2);
  }
}
#include "depthwise_cases.h"

} // namespace
