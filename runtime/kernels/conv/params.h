// conv: y[n, oh, ow, k] = ep(Σ over kh, kw, c of x[n, oh*sh - pt + kh*dh, ow*sw - pl + kw*dw, c] * w[k, c, kh, kw]), where x is
// 0 outside the image and c runs over the channels of k's group. Conv-1 to Conv-22 with one or two spatial dims (one: h = 1).
// x and y are NHWC views: channels contiguous, element strides for the other dims. Bottom and right pads follow from oh and ow.
// The epilogue sees n = image, r = oh * p.ow + ow (whatever the strides of y), c = k; it adds the bias.
// y may be an operand of the epilogue; y does not overlap x or w. Alignment: that of float. At most 48 KB of stack.
#pragma once
#include "../../prelude.h"

namespace conv {

#define DNNC_CONV_PARAMS(I, A, R)                                                                                                          \
  I(n) I(h) I(w) I(c) I(oh) I(ow) I(k) I(kh) I(kw) I(sh) I(sw) I(dh) I(dw) I(pt) I(pl) I(groups) I(x_n) I(x_h) I(x_w) I(y_n) I(y_h) I(y_w)
DNNC_DECLARE_PARAMS(ConvParams, DNNC_CONV_PARAMS)

// A register tile: output pixels × vectors of output channels. The variant's name ends in <pixels>x<vectors>, and weights are
// packed for nr = vectors * (lanes of the target's vector).
struct Tile {
  int pixels, vectors;
};

// The tile of conv::direct and conv::transpose for `channels` output channels (per group) and vectors of `vl` lanes, of which the
// machine has `registers`.
constexpr Tile pick_tile(int vl, int registers, i64 channels) {
  if (registers == 16) {
    const i64 vectors = (channels + vl - 1) / vl;
    return vl == 4 ? Tile{4, 2} : vectors % 6 == 3 ? Tile{4, 3} : channels > vl ? Tile{6, 2} : Tile{10, 1};
  }
  if (channels > (vl == 4 ? 2 : 3) * vl) return {6, 4}; // where vl is 4 a row has a register of its own, too many for 8x3
  return channels > 2 * vl ? Tile{8, 3} : channels > vl ? Tile{8, 2} : Tile{10, 1};
}

// The tile of a GPU's block of threads, where a vector has one lane: small ones where there would be too few to fill it.
constexpr Tile pick_block(i64 pixels, i64 channels) {
  return channels <= 32 || pixels * channels < 64 * 64 * 100 ? Tile{32, 32}
         : pixels * channels < 128 * 64 * 200                ? Tile{64, 64}
                                                             : Tile{128, 64};
}

// Which template of conv::depthwise is fastest: {kernel size, stride}, {0, 0} for the general one.
struct DepthwiseVariant {
  int size, stride;
};
constexpr DepthwiseVariant pick_depthwise(const ConvParams &p) {
  return p.kh == p.kw && (p.kh == 3 || p.kh == 5) && p.sh == p.sw && (p.sh == 1 || p.sh == 2) && p.dh == 1 && p.dw == 1
             ? DepthwiseVariant{static_cast<int>(p.kh), static_cast<int>(p.sh)}
             : DepthwiseVariant{0, 0};
}

// What conv::pointwise can do: kernel 1x1, strides and groups 1, no padding, and no gaps between the rows of x and of y.
constexpr bool pointwise_takes(const ConvParams &p) {
  return p.kh == 1 && p.kw == 1 && p.sh == 1 && p.sw == 1 && p.groups == 1 && p.pt == 0 && p.pl == 0 && p.oh == p.h && p.ow == p.w &&
         (p.oh == 1 || (p.x_h == p.w * p.x_w && p.y_h == p.ow * p.y_w));
}

// conv::padded copies the rows that a block of outputs reads, each with its padding. Rows and columns of that copy:
constexpr i64 padded_rows(const ConvParams &p, i64 rows) { return (rows - 1) * p.sh + (p.kh - 1) * p.dh + 1; }
constexpr i64 padded_columns(const ConvParams &p) { return (p.ow - 1) * p.sw + (p.kw - 1) * p.dw + 1; }
// Rows of outputs in a block: a quarter of a small image, and of a large one what reads about 64 KB.
constexpr i64 padded_block(const ConvParams &p) {
  const i64 row = padded_columns(p) * p.c, fit = (16384 / row - (p.kh - 1) * p.dh - 1) / p.sh + 1, quarter = (p.oh + 3) / 4;
  return fit < 1 ? 1 : fit < quarter ? fit : quarter;
}
// Floats of scratch for each thread.
constexpr i64 padded_scratch_size(const ConvParams &p) { return (padded_rows(p, padded_block(p)) * padded_columns(p) * p.c + 15) / 16 * 16; }

// What conv::padded can do: the copy is small, which it is not of wide images and of taps that are far from each other.
enum { PADDED_FLOATS = 128 * 1024 };
constexpr bool padded_takes(const ConvParams &p) {
  return p.c > 0 && p.c <= PADDED_FLOATS && p.ow <= PADDED_FLOATS && p.sw <= PADDED_FLOATS && padded_columns(p) <= PADDED_FLOATS / p.c && p.sh <= PADDED_FLOATS &&
         padded_rows(p, 1) <= PADDED_FLOATS / (padded_columns(p) * p.c) && padded_scratch_size(p) <= PADDED_FLOATS;
}

// Whether conv::padded, whose tiles are `pixels` pixels and nr channels, is faster than conv::direct: by what the tiles at the border cost there, and the
// copies here. In cycles; measured on Zen 3 and Zen 5.
constexpr bool pick_padded(const ConvParams &p, i64 pixels, i64 nr, int vl) {
  if (vl == 1 || !padded_takes(p)) return false;
  const i64 bottom = padded_rows(p, p.oh) - p.pt - p.h, right = padded_columns(p) - p.pl - p.w; // how far it reaches outside there
  if (p.pt <= 0 && p.pl <= 0 && bottom <= 0 && right <= 0) return false;
  const i64 outer = (p.pt > 0 ? (p.pt + p.sh - 1) / p.sh : 0) + (bottom > 0 ? (bottom + p.sh - 1) / p.sh : 0), rows = outer < p.oh ? outer : p.oh;
  const i64 wide = (p.ow + pixels - 1) / pixels, sides = (p.pl > 0) + (right > 0), each = sides < wide ? sides : wide;
  const i64 panels = p.groups * ((p.k / p.groups + nr - 1) / nr), border = p.n * (rows * wide + (p.oh - rows) * each) * panels;
  const i64 blocks = (p.oh + padded_block(p) - 1) / padded_block(p);
  const i64 copies = p.n * (blocks * padded_scratch_size(p) / vl * 2 + p.oh * p.sh * 20);
  const i64 sums = p.n * p.oh * p.ow * p.kh * p.kw * (p.c / p.groups) * ((p.k + vl - 1) / vl) / 2;
  // Rows of taps that lie outside, which conv::direct leaves out.
  const i64 reach = ((p.pt > 0 ? p.pt * (p.pt + 1) : 0) + (bottom > 0 ? bottom * (bottom + 1) : 0)) / (2 * p.sh);
  const i64 outside = reach < p.oh * p.kh ? reach : p.oh * p.kh;
  return border * (60 + 15 * p.kh) > copies + sums / 64 + sums / (p.oh * p.kh) * outside;
}

// conv::winograd: kernel 3x3, strides, dilations and groups 1, y as above; x outside the image is 0 here too. A block of `block` tiles is
// transformed at a time. Weights: winograd/pack.h.
#define DNNC_WINOGRAD_PARAMS(I, A, R)                                                                                                      \
  I(n) I(h) I(w) I(c) I(oh) I(ow) I(k) I(pt) I(pl) I(x_n) I(x_h) I(x_w) I(y_n) I(y_h) I(y_w) I(block)
DNNC_DECLARE_PARAMS(WinogradParams, DNNC_WINOGRAD_PARAMS)

// Floats between the values of two points: 64 bytes more than they are, so that points do not all meet in one set of the cache.
constexpr i64 winograd_step(i64 values) { return values + 16; }
// Floats of scratch conv::winograd<out, …> needs for each thread; thread t uses scratch[t * size … (t + 1) * size).
constexpr i64 winograd_scratch_size(int out, i64 block, i64 c, int nr, int vl) {
  return (out + 2) * (out + 2) * (winograd_step(block * ((c + vl - 1) / vl * vl)) + winograd_step(block * nr));
}

// conv::planar: groups 1, y as above; x has its columns contiguous and its channels x_c apart, each a plane. `block` rows of y are computed from
// one copy of the rows of x that they need. Weights: as for conv::direct in panels of the tile's channels, the last filled up with zeros.
#define DNNC_PLANAR_PARAMS(I, A, R)                                                                                                        \
  I(n) I(h) I(w) I(c) I(oh) I(ow) I(k) I(kh) I(kw) I(sh) I(sw) I(dh) I(dw) I(pt) I(pl) I(x_n) I(x_c) I(x_h) I(y_n) I(y_h) I(y_w) I(block)
DNNC_DECLARE_PARAMS(PlanarParams, DNNC_PLANAR_PARAMS)

enum { PLANAR_DEPTH = 128, PLANAR_STRIDE = 4 }; // the most products of a sum, and the longest stride

// Floats of a part of a row in the copy: whole tiles of `pixels`, and what the last taps reach behind them.
constexpr i64 planar_pitch(const PlanarParams &p, i64 pixels) {
  return ((p.ow + pixels - 1) / pixels * pixels + (p.kw - 1) * p.dw / p.sw + 15) / 16 * 16;
}
// Floats of scratch for each thread: the copy, and a vector that is written behind it.
constexpr i64 planar_scratch_size(const PlanarParams &p, i64 pixels) {
  return ((p.block - 1) * p.sh + (p.kh - 1) * p.dh + 1) * p.c * p.sw * planar_pitch(p, pixels) + 16;
}

// What conv::planar can do: few products of a sum, and few rows and columns between its taps, for the copy holds them all.
constexpr bool planar_takes(const PlanarParams &p) {
  return p.kh * p.kw * p.c <= PLANAR_DEPTH && p.sh <= PLANAR_STRIDE && p.sw <= PLANAR_STRIDE && p.dh <= 16 && p.dw <= 16 &&
         planar_scratch_size(p, 48) <= 128 * 1024;
}

// A register tile of conv::planar: output channels × vectors of pixels; 0 channels where conv::direct, which fills its vectors with channels, is
// as good or better.
struct PlanarTile {
  int channels, vectors;
};
constexpr PlanarTile pick_planar(const PlanarParams &p, int vl) {
  if (vl < 8 || !planar_takes(p) || p.c > 4 || p.k > 32 || p.kh * p.kw == 1 || p.kw * p.c > 16 || 2 * p.ow < vl) return {0, 0};
  if (p.oh < 8 && p.ow > 1024) return {0, 0}; // threads share rows
  const bool half = vl == 16 && (p.k + 15) % 16 < 8; // 8 channels would be left over
  if (!half) return {vl, 1};
  return {8, (p.ow + 47) / 48 * 3 < (p.ow + 31) / 32 * 2 ? 3 : 2};
}

// Rows of y in a block: enough that few rows of x are copied twice; of a small image a quarter.
constexpr i64 planar_block(i64 oh) { return oh < 32 ? (oh + 3) / 4 : 8; }

// pack_weights, of weights that are computed at run time: panels of `panel` channels, the last rounded up to vl; see pack.h.
#define DNNC_PACK_PARAMS(I, A, R) I(k) I(c) I(kh) I(kw) I(groups) I(panel) I(vl)
DNNC_DECLARE_PARAMS(PackParams, DNNC_PACK_PARAMS)

} // namespace conv
