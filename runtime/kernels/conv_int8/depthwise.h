// conv_int8::depthwise for kernels of a fixed size, a few neighbouring output pixels at a time, channels innermost: the taps of a column
// are put side by side once for all the outputs that reach it. The contract is in params.h.
#pragma once
#include "depthwise_general.h"

namespace conv_int8 {

// Up to COUNT output pixels of one row.
struct DepthwiseBlock {
  enum { COUNT = DEPTHWISE_COUNT };
  i64 count, n, row, y;
  const uint8_t *x;            // the first tap's pixel
  const uint8_t *const *cells; // at edges: every tap's, [column][row], those outside the image a pixel of x_zero
};

// An entry of one column: its first tap, and how many.
template <int SIZE, int FIRST, int TAPS, bool EDGE, class L>
DNNC_INLINE vi load_column(const ConvInt8Params &p, const DepthwiseBlock &s, i64 column, i64 channel, L lanes) {
  const uint8_t *at[4];
  DNNC_UNROLL for (int b = 0; b < 4; ++b) {
    const int t = b < TAPS ? FIRST + b : FIRST;
    at[b] = (EDGE ? s.cells[column * SIZE + t] : s.x + t * p.x_h + column * p.x_w) + channel;
  }
  return load_taps<TAPS>(at[0], at[1], at[2], at[3], lanes);
}

// Adds the taps of a column from FIRST on. SIZE, STRIDE: the taps along a row and their stride. EDGE: fewer pixels than COUNT or taps
// outside the image.
template <int SIZE, int STRIDE, bool EDGE, int FIRST, class L>
DNNC_INLINE void depthwise_entries(const ConvInt8Params &p, const DepthwiseBlock &s, const int8_t *w, i64 channel, L lanes,
                                   vi (&acc)[DEPTHWISE_COUNT]) {
  enum { TAPS = SIZE - FIRST < NUMBERS ? SIZE - FIRST : static_cast<int>(NUMBERS) };
  vi taps[SIZE];
  DNNC_UNROLL for (int u = 0; u < SIZE; ++u) taps[u] = load_bytes4(w + u * ENTRY);
  DNNC_UNROLL for (int column = 0; column < (DEPTHWISE_COUNT - 1) * STRIDE + SIZE; ++column) {
    const vi v = load_column<SIZE, FIRST, TAPS, EDGE>(p, s, column, channel, lanes);
    DNNC_UNROLL for (int i = 0; i < DEPTHWISE_COUNT; ++i) {
      const int u = column - i * STRIDE;
      if (u >= 0 && u < SIZE) acc[i] = dot_taps(acc[i], v, taps[u]);
    }
  }
  if constexpr (FIRST + NUMBERS < SIZE) {
    depthwise_entries<SIZE, STRIDE, EDGE, FIRST + NUMBERS>(p, s, w + SIZE * ENTRY, channel, lanes, acc);
  }
}

// The sums of one vector of channels.
template <int SIZE, int STRIDE, bool EDGE, class L>
DNNC_INLINE void depthwise_sums(const ConvInt8Params &p, const DepthwiseBlock &s, const int8_t *w, const int32_t *bias, i64 channel,
                                L lanes, vi (&acc)[DEPTHWISE_COUNT]) {
  DNNC_UNROLL for (int i = 0; i < DEPTHWISE_COUNT; ++i) acc[i] = load_i32(bias + channel, Full{});
  depthwise_entries<SIZE, STRIDE, EDGE, 0>(p, s, w + channel / VL * (p.entries * SIZE * ENTRY), channel, lanes, acc);
}

// At edges: not inlined, so that a program holds this code once whatever becomes of the sums.
template <int SIZE, int STRIDE, class L> DNNC_NOINLINE void
depthwise_edge(const ConvInt8Params &p, const DepthwiseBlock &s, const int8_t *w, const int32_t *bias, i64 channel, L lanes, int32_t *sum) {
  vi acc[DepthwiseBlock::COUNT];
  depthwise_sums<SIZE, STRIDE, true>(p, s, w, bias, channel, lanes, acc);
  DNNC_UNROLL for (int i = 0; i < DepthwiseBlock::COUNT; ++i) store_i32(sum + i * VL, acc[i], Full{});
}

template <int SIZE, int STRIDE, bool EDGE, class Out, class Finish, class L>
DNNC_INLINE void depthwise_vector(const ConvInt8Params &p, const DepthwiseBlock &s, const int8_t *w, const int32_t *bias, Out *y,
                                  const Finish &finish, i64 channel, L lanes) {
  const i64 n = s.n, row = s.row, step = p.y_w;
  Out *out = y + s.y + channel;
  if constexpr (EDGE) {
    alignas(64) int32_t sum[DepthwiseBlock::COUNT * VL];
    depthwise_edge<SIZE, STRIDE>(p, s, w, bias, channel, lanes, sum);
    for (i64 i = 0; i < s.count; ++i) finish.put(out + i * step, load_i32(sum + i * VL, Full{}), n, row + i, channel, lanes);
  } else {
    vi acc[DepthwiseBlock::COUNT];
    depthwise_sums<SIZE, STRIDE, false>(p, s, w, bias, channel, lanes, acc);
    put_pixels(finish, out, step, acc, n, row, channel, lanes);
  }
}

template <int SIZE, int STRIDE, bool EDGE, class Out, class Finish> DNNC_INLINE void
depthwise_channels(const ConvInt8Params &p, const DepthwiseBlock &s, const int8_t *w, const int32_t *bias, Out *y, const Finish &finish) {
  i64 channel = 0;
  for (; channel + VL <= p.c; channel += VL) depthwise_vector<SIZE, STRIDE, EDGE>(p, s, w, bias, y, finish, channel, Full{});
  if (channel < p.c) depthwise_vector<SIZE, STRIDE, EDGE>(p, s, w, bias, y, finish, channel, Part{static_cast<int>(p.c - channel)});
}

template <int SIZE, int STRIDE, class Out, class Ep> struct DepthwiseWork {
  Held<ConvInt8Params> p;
  const uint8_t *x;
  const int8_t *w;
  const int32_t *bias;
  Out *y;
  uint8_t *scratch;
  Held<Ep> epilogue;

  // A unit is a row of outputs.
  DNNC_DEVICE void operator()(i64 begin, i64 end, int thread) const {
    const Ep ep = epilogue;
    const Requantize<Ep> finish = {ep};
    uint8_t *zeros = scratch + thread * depthwise_scratch_size(p, own_dot(), VL);
    __builtin_memset(zeros, static_cast<int>(p.x_zero), static_cast<size_t>(p.c));
    constexpr i64 columns = (DEPTHWISE_COUNT - 1) * STRIDE + SIZE;
    const uint8_t *cells[columns * SIZE];
    DepthwiseBlock s;
    s.cells = cells;
    for (i64 unit = begin; unit < end; ++unit) {
      s.n = unit / p.oh;
      const i64 oh = unit - s.n * p.oh, h0 = oh * STRIDE - p.pt;
      const bool inside = h0 >= 0 && h0 + SIZE <= p.h;
      for (i64 ow = 0; ow < p.ow; ow += DepthwiseBlock::COUNT) {
        const i64 w0 = ow * STRIDE - p.pl;
        s.count = p.ow - ow < DepthwiseBlock::COUNT ? p.ow - ow : static_cast<i64>(DepthwiseBlock::COUNT);
        s.x = x + (s.n * p.x_n + h0 * p.x_h + w0 * p.x_w);
        s.row = oh * p.ow + ow;
        s.y = s.n * p.y_n + oh * p.y_h + ow * p.y_w;
        if (inside && s.count == DepthwiseBlock::COUNT && w0 >= 0 && w0 + columns <= p.w) {
          depthwise_channels<SIZE, STRIDE, false>(p, s, w, bias, y, finish);
          continue;
        }
        for (i64 i = 0; i < columns * SIZE; ++i) {
          const i64 h = h0 + i % SIZE, v = w0 + i / SIZE;
          cells[i] = h >= 0 && h < p.h && v >= 0 && v < p.w ? x + (s.n * p.x_n + h * p.x_h + v * p.x_w) : zeros;
        }
        depthwise_channels<SIZE, STRIDE, true>(p, s, w, bias, y, finish);
      }
    }
  }
};

template <int SIZE, int STRIDE, class Out, class Ep>
void depthwise(const ConvInt8Params &p, const uint8_t *x, const int8_t *w, const int32_t *bias, Out *y, uint8_t *scratch, const Ep &ep,
               const Par &par) {
  if constexpr (SIZE > 0) par.run(p.n * p.oh, DepthwiseWork<SIZE, STRIDE, Out, Ep>{p, x, w, bias, y, scratch, ep});
  else par.run(p.n * p.oh, GeneralDepthwiseWork<Out, Ep>{p, x, w, bias, y, scratch, ep});
}

} // namespace conv_int8
