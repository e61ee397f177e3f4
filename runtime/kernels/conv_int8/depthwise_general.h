// conv_int8::depthwise, <0, 0>: of any size, stride and dilation. A row of outputs and a vector of channels at a time: the taps of each
// column are put side by side once, in scratch and with the padding, then multiplied for all the outputs that reach it.
#pragma once
#include "accumulate.h"

namespace conv_int8 {

// Bytes of an entry in scratch and of its weights, and its numbers.
enum { ENTRY = sizeof(vi), NUMBERS = static_cast<int>(entry_numbers(own_dot())) };

// An entry of every column: taps at[…], steps[…] from one column to the next. Columns lo … hi are in the image, the others x_zero.
template <class L> DNNC_INLINE void line_up(const uint8_t *const *at, const i64 *steps, i64 lo, i64 hi, i64 columns, const uint8_t *zeros,
                                            L lanes, uint8_t *out) {
  const vi zero = load_taps<NUMBERS>(zeros, zeros, zeros, zeros, lanes);
  for (i64 column = 0; column < lo; ++column, out += ENTRY) __builtin_memcpy(out, &zero, ENTRY);
  const uint8_t *a = at[0], *b = at[1], *c = at[2], *d = at[3];
  for (i64 column = lo; column < hi; ++column, out += ENTRY) {
    const vi taps = load_taps<NUMBERS>(a, b, c, d, lanes);
    __builtin_memcpy(out, &taps, ENTRY);
    a += steps[0], b += steps[1], c += steps[2], d += steps[3];
  }
  for (i64 column = hi; column < columns; ++column, out += ENTRY) __builtin_memcpy(out, &zero, ENTRY);
}

// A whole block of outputs.
template <class Out, class Finish>
DNNC_INLINE void put_pixels(const Finish &finish, Out *y, i64 step, const vi (&acc)[DEPTHWISE_COUNT], i64 n, i64 row, i64 channel, Part lanes) {
  DNNC_UNROLL for (int i = 0; i < DEPTHWISE_COUNT; ++i) finish.put(y + i * step, acc[i], n, row + i, channel, lanes);
}
template <class Out, class Finish>
DNNC_INLINE void put_pixels(const Finish &finish, Out *y, i64 step, const vi (&acc)[DEPTHWISE_COUNT], i64 n, i64 row, i64 channel, Full) {
  enum { LAST = DEPTHWISE_COUNT - 1 };
  DNNC_UNROLL for (int i = 0; i < LAST; i += 2) {
    finish.put_two(y + i * step, acc[i], row + i, y + (i + 1) * step, acc[i + 1], row + i + 1, n, channel);
  }
  finish.put(y + LAST * step, acc[LAST], n, row + LAST, channel, Full{});
}

// The sums of DEPTHWISE_COUNT pixels, whose first column is at x.
DNNC_INLINE void lined_up_sums(const ConvInt8Params &p, const uint8_t *x, i64 columns, const int8_t *w, vi bias,
                               vi (&acc)[DEPTHWISE_COUNT]) {
  const i64 entries = column_entries(p.kh, own_dot());
  DNNC_UNROLL for (int i = 0; i < DEPTHWISE_COUNT; ++i) acc[i] = bias;
  for (i64 entry = 0; entry < p.entries; ++entry) {
    const uint8_t *from = x + entry % entries * columns * ENTRY;
    for (i64 u = 0; u < p.kw; ++u, w += ENTRY, from += p.dw * ENTRY) {
      const vi weights = load_bytes4(w);
      DNNC_UNROLL for (int i = 0; i < DEPTHWISE_COUNT; ++i) {
        vi taps;
        __builtin_memcpy(&taps, from + i * p.sw * ENTRY, ENTRY);
        acc[i] = dot_taps(acc[i], taps, weights);
      }
    }
  }
}

template <class Out, class Ep> struct GeneralDepthwiseWork {
  Held<ConvInt8Params> p;
  const uint8_t *x;
  const int8_t *w;
  const int32_t *bias;
  Out *y;
  uint8_t *scratch;
  Held<Ep> epilogue;

  enum { ROWS = 64 };

  // All columns of one vector of channels. at, steps: of each tap's row, at column lo; for taps beyond the last, any.
  template <class L> DNNC_INLINE void line_up_rows(const uint8_t *const *at, const i64 *steps, i64 lo, i64 hi, i64 columns,
                                                   const uint8_t *zeros, L lanes, uint8_t *out) const {
    for (i64 t = 0; t < p.kh; t += NUMBERS, out += columns * ENTRY) line_up(at + t, steps + t, lo, hi, columns, zeros, lanes, out);
  }

  // A unit is a row of outputs.
  DNNC_DEVICE void operator()(i64 begin, i64 end, int thread) const {
    const Ep ep = epilogue;
    const Requantize<Ep> finish = {ep};
    uint8_t *zeros = scratch + thread * depthwise_scratch_size(p, own_dot(), VL), *lined_up = zeros + round_up(p.c, 64);
    __builtin_memset(zeros, static_cast<int>(p.x_zero), static_cast<size_t>(p.c));
    constexpr i64 COUNT = DEPTHWISE_COUNT;
    const i64 columns = depthwise_columns(p), weights = p.entries * p.kw * ENTRY, y_w = p.y_w;
    const i64 lo = p.pl < columns ? p.pl : columns, hi = p.w + p.pl < columns ? p.w + p.pl : columns;
    const uint8_t *rows[ROWS + 4], *at[ROWS + 4];
    i64 steps[ROWS + 4];
    for (i64 unit = begin; unit < end; ++unit) {
      const i64 n = unit / p.oh, oh = unit - n * p.oh;
      for (i64 t = 0; t < p.kh + 4; ++t) { // those beyond the last are not multiplied
        const i64 h = oh * p.sh - p.pt + (t < p.kh ? t : 0) * p.dh;
        const bool inside = h >= 0 && h < p.h;
        rows[t] = inside ? x + n * p.x_n + h * p.x_h : zeros;
        steps[t] = inside ? p.x_w : 0;
      }
      for (i64 channel = 0; channel < p.c; channel += VL) {
        const int lanes = p.c - channel < VL ? static_cast<int>(p.c - channel) : static_cast<int>(VL);
        for (i64 t = 0; t < p.kh + 4; ++t) at[t] = rows[t] + channel;
        if (lanes == VL) line_up_rows(at, steps, lo, hi, columns, zeros + channel, Full{}, lined_up);
        else line_up_rows(at, steps, lo, hi, columns, zeros + channel, Part{lanes}, lined_up);
        const int8_t *this_w = w + channel / VL * weights;
        const vi this_bias = load_i32(bias + channel, Full{});
        Out *out = y + n * p.y_n + oh * p.y_h + channel;
        for (i64 ow = 0; ow < p.ow; ow += COUNT, out += COUNT * y_w) {
          const i64 row = oh * p.ow + ow, count = p.ow - ow < COUNT ? p.ow - ow : COUNT;
          vi acc[COUNT];
          lined_up_sums(p, lined_up + ow * p.sw * ENTRY, columns, this_w, this_bias, acc);
          if (count == COUNT && lanes == VL) {
            put_pixels(finish, out, y_w, acc, n, row, channel, Full{});
            continue;
          }
          alignas(64) int32_t sums[COUNT * VL];
          DNNC_UNROLL for (int i = 0; i < COUNT; ++i) store_i32(sums + i * VL, acc[i], Full{});
          for (i64 i = 0; i < count; ++i) finish_row(sums + i * VL, lanes, out + i * y_w, finish, n, row + i, channel);
        }
      }
    }
  }
};

} // namespace conv_int8
