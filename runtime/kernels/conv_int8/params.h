// conv_int8: the integer convolution of quantized networks, exact in 32 bits:
//   acc[n, oh, ow, k] = bias[k] + Σ over kh, kw, c of (x[n, oh*sh - pt + kh*dh, ow*sw - pl + kw*dw, c] - x_zero) * w[k, c, kh, kw]
// with x of u8, equal to x_zero outside the image, c over the channels of k's group, and w an integer: its zero point is subtracted
// when it is packed. A matrix product is a 1x1 convolution of an image with a row for each of its own, w = 1.
// Accumulators wrap as 32-bit integers do.
//   direct, depthwise  y = store(ep(acc as float, rounded to nearest even)) for Out = u8, i8 (rounded half to even, saturated) or f32:
//                      the epilogue multiplies by the scales and adds the zero point of y
//   sums               y = acc, Out = i32, no epilogue: ConvInteger, MatMulInteger
// x and y are NHWC views as in conv/params.h: channels contiguous, strides in elements. The epilogue sees n = image, r = oh * p.ow + ow,
// c = k. y may be an operand of the epilogue; it does not overlap x.
// Weights, bias and index are made by pack.h, which folds x_zero into the bias; scratch_size below says how much scratch there must be.
#pragma once
#include "../../prelude.h"

namespace conv_int8 {

// entries: the most steps of one entry that any panel has (pack.h says), of which only extra ones depend on the weights.
#define DNNC_CONV_INT8_PARAMS(I, A, R)                                                                                                     \
  I(n) I(h) I(w) I(c) I(oh) I(ow) I(k) I(kh) I(kw) I(sh) I(sw) I(dh) I(dw) I(pt) I(pl) I(groups) I(x_n) I(x_h) I(x_w) I(y_n) I(y_h) I(y_w) \
  I(x_zero) I(entries)
DNNC_DECLARE_PARAMS(ConvInt8Params, DNNC_CONV_INT8_PARAMS)

// How a machine multiplies: an entry is 32 bits of x, the numbers of one pixel, and as many weights of each channel.
enum class Dot {
  BYTES,  // four u8 and four s8
  SIGNED, // four s8 and four s8: the kernel subtracts 128 from x, the bias takes it back
  WORDS,  // two numbers of 16 bits: x is widened as it is copied
  PAIRS,  // four u8 and four s8, in 16-bit sums of two products: pack.h keeps them from overflowing
  FOURS,  // the same, and the next entry's two products are added before the sums are widened
};
constexpr Dot dot_of(int isa) {
  return isa == DNNC_ISA_AVX2 || isa == DNNC_ISA_AVX512 ? Dot::WORDS : isa >= DNNC_ISA_NEON ? Dot::SIGNED : Dot::BYTES;
}
constexpr bool adds_in_16_bits(Dot dot) { return dot == Dot::PAIRS || dot == Dot::FOURS; }
constexpr bool has_pairs(int isa) { return isa == DNNC_ISA_AVX2; }
constexpr i64 number_bytes(Dot dot) { return dot == Dot::WORDS ? 2 : 1; }
constexpr i64 entry_numbers(Dot dot) { return 4 / number_bytes(dot); }
constexpr i64 unit_entries(Dot dot) { return dot == Dot::FOURS ? 2 : 1; } // those that are multiplied together

// A register tile: output pixels × vectors of output channels. The variant's name ends in <pixels>x<vectors>, and weights are
// packed for nr = vectors * (lanes of the target's vector).
struct Tile {
  int pixels, vectors;
};
constexpr Tile pick_tile(int vl, int registers, i64 channels, Dot dot) {
  if (adds_in_16_bits(dot)) return channels > vl ? Tile{4, 2} : Tile{8, 1};
  if (registers == 16) return vl == 4 ? Tile{4, 2} : channels > vl ? Tile{6, 2} : Tile{8, 1};
  const i64 vectors = (channels + vl - 1) / vl;
  if (vl == 4 && vectors > 2) return {5, 4}; // a pixel has a register of its own
  if (vectors == 3 || vectors == 5 || (vectors % 3 == 0 && vectors % 4 != 0)) return {8, 3};
  return vectors > 2 ? Tile{6, 4} : vectors == 2 ? Tile{8, 2} : Tile{10, 1};
}

// The taps of a pixel are cut into runs of numbers that lie together, and those into groups, an entry each; the last of a run is filled up
// with weights of 0. A run is a row of taps when they touch, else one tap.
constexpr i64 runs_of_row(const ConvInt8Params &p) { return p.dw == 1 ? 1 : p.kw; }
constexpr i64 run_groups(const ConvInt8Params &p, Dot dot) {
  return (p.c / p.groups * (p.dw == 1 ? p.kw : 1) + entry_numbers(dot) - 1) / entry_numbers(dot);
}
// With those that fill up the last unit, whose weights are 0.
constexpr i64 group_count(const ConvInt8Params &p, Dot dot) {
  const i64 unit = unit_entries(dot);
  return (p.kh * runs_of_row(p) * run_groups(p, dot) + unit - 1) / unit * unit;
}

// Whether x is read where it is; otherwise the rows that a block of outputs needs are copied, with their padding.
constexpr bool in_place(const ConvInt8Params &p, Dot dot) {
  return dot != Dot::WORDS && p.pt == 0 && p.pl == 0 && (p.oh - 1) * p.sh + (p.kh - 1) * p.dh < p.h &&
         (p.ow - 1) * p.sw + (p.kw - 1) * p.dw < p.w && p.c / p.groups % 4 == 0 && (p.dw > 1 || p.kw == 1 || p.x_w == p.c / p.groups);
}
// Input rows and columns that `rows` rows of outputs read.
constexpr i64 rows_read(const ConvInt8Params &p, i64 rows) { return (rows - 1) * p.sh + (p.kh - 1) * p.dh + 1; }
constexpr i64 columns_read(const ConvInt8Params &p) { return (p.ow - 1) * p.sw + (p.kw - 1) * p.dw + 1; }

// Rows of outputs in a block: they read about 128 KB.
constexpr i64 block_rows(const ConvInt8Params &p, Dot dot) {
  const i64 row = columns_read(p) * (p.c / p.groups) * number_bytes(dot), fit = (131072 / row - (p.kh - 1) * p.dh) / p.sh;
  const i64 blocks = fit > 1 ? (p.oh + fit - 1) / fit : p.oh;
  return (p.oh + blocks - 1) / blocks;
}
constexpr i64 round_up(i64 value, i64 to) { return (value + to - 1) / to * to; }
// Bytes of scratch for each thread; thread t uses scratch[t * size … (t + 1) * size). Offsets of the groups, then the copy.
constexpr i64 offsets_bytes(const ConvInt8Params &p) { return round_up(p.entries * 4, 64); }
constexpr i64 scratch_size(const ConvInt8Params &p, Dot dot) {
  const i64 numbers = rows_read(p, block_rows(p, dot)) * columns_read(p) * (p.c / p.groups);
  const i64 copy = in_place(p, dot) ? 0 : numbers * number_bytes(dot) + 4;
  return offsets_bytes(p) + round_up(copy, 64);
}

// depthwise: groups == c == k. An entry is taps of a column, one below the other; p.entries is the entries of a column, more than
// column_entries if some weight does not fit in a byte.
constexpr i64 column_entries(i64 kh, Dot dot) { return (kh + entry_numbers(dot) - 1) / entry_numbers(dot); }
// Outputs are computed DEPTHWISE_COUNT at a time; columns, with the padding, that a row of them reads.
enum { DEPTHWISE_COUNT = 7 };
constexpr i64 depthwise_columns(const ConvInt8Params &p) { return (round_up(p.ow, DEPTHWISE_COUNT) - 1) * p.sw + (p.kw - 1) * p.dw + 1; }
// Bytes for each thread: a row of x_zero, then the entries of all columns, for a vector of channels.
constexpr i64 depthwise_scratch_size(const ConvInt8Params &p, Dot dot, int vl) {
  return round_up(p.c, 64) + round_up(column_entries(p.kh, dot) * depthwise_columns(p) * vl * 4, 64);
}

// Which template of depthwise is fastest: {kernel size, stride}, {0, 0} for the general one.
struct DepthwiseVariant {
  int size, stride;
};
constexpr DepthwiseVariant pick_depthwise(const ConvInt8Params &p, Dot dot) {
  return p.kh == p.kw && (p.kh == 3 || p.kh == 5) && p.sh == p.sw && (p.sh == 1 || p.sh == 2) && p.dh == 1 && p.dw == 1 &&
                 p.entries == column_entries(p.kh, dot)
             ? DepthwiseVariant{static_cast<int>(p.kh), static_cast<int>(p.sh)}
             : DepthwiseVariant{0, 0};
}

} // namespace conv_int8
