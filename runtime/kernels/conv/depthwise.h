// conv::depthwise: the contract is in params.h, with groups == c == k. Weights are [kh][kw][c rounded up to VL]. A few
// neighbouring output pixels at a time, channels innermost: each input vector is loaded once for all the outputs it reaches.
#pragma once
#include "../../parallel.h"
#include "../../simd.h"
#include "params.h"

namespace conv {

// Up to `COUNT` output pixels of one row. Of the taps only rows t0 … t1 and of the input columns, counted from the first one
// the pixels reach, only lo … hi lie in the image.
struct DepthwiseBlock {
  enum { COUNT = 7 };
  i64 count, t0, t1, lo, hi, n, row;
  i64 x, y; // offsets of the first pixel's input at tap (0, 0), which may be outside, and of its output
};

// One vector of channels. SIZE, STRIDE: the taps along a row and their stride, or 0 to read them from p. EDGE: fewer pixels
// than COUNT or taps outside the image. Pixel i is at the input's columns i * stride + u * dilation.
template <int SIZE, int STRIDE, bool EDGE, class W, class Ep, class L>
DNNC_INLINE void depthwise_vector(const ConvParams &p, const DepthwiseBlock &s, const float *x, const W *w, float *y, const Ep &ep,
                                  i64 channel, L lanes) {
  enum { COUNT = DepthwiseBlock::COUNT, COLUMNS = 4 };
  const i64 row_w = (SIZE ? SIZE : p.kw) * ((p.c + VL - 1) / VL * VL), tap_w = (p.c + VL - 1) / VL * VL;
  const i64 row_step = p.dh * p.x_h;
  vf acc[COUNT];
  DNNC_UNROLL for (int i = 0; i < COUNT; ++i) acc[i] = zero();
  for (i64 t = s.t0; t < s.t1; ++t) {
    const i64 in = s.x + t * row_step + channel;
    const W *weights = w + t * row_w + channel;
    if constexpr (SIZE > 0) {
      vf tap[SIZE];
      DNNC_UNROLL for (int u = 0; u < SIZE; ++u) tap[u] = load(weights + u * tap_w, Full{});
      // Inside the image a pointer moves on by a few columns at a time: g++ would compute an address for each.
      const float *at = EDGE ? x : x + in;
      DNNC_UNROLL for (int column = 0; column < (COUNT - 1) * STRIDE + SIZE; ++column) {
        if (EDGE && (column < s.lo || column >= s.hi)) continue;
        vf v = load(EDGE ? x + (in + column * p.x_w) : at + column % COLUMNS * p.x_w, lanes);
        if (!EDGE && column % COLUMNS == COLUMNS - 1) at += COLUMNS * p.x_w;
        DNNC_UNROLL for (int i = 0; i < COUNT; ++i) {
          const int u = column - i * STRIDE;
          if (u >= 0 && u < SIZE) acc[i] = fma(v, tap[u], acc[i]);
        }
      }
    } else {
      const i64 step = p.x_w;
      for (i64 u = 0; u < p.kw; ++u) {
        vf tap = load(weights + u * tap_w, Full{});
        DNNC_UNROLL for (int i = 0; i < COUNT; ++i) {
          const i64 column = i * p.sw + u * p.dw;
          if (EDGE && (column < s.lo || column >= s.hi)) continue;
          acc[i] = fma(load(x + (in + column * step), lanes), tap, acc[i]);
        }
      }
    }
  }
  DNNC_UNROLL for (int i = 0; i < COUNT; ++i) {
    if (EDGE && i >= s.count) break;
    store(y + s.y + i * p.y_w + channel, ep(acc[i], s.n, s.row + i, channel, lanes), lanes);
  }
}

template <int SIZE, int STRIDE, bool EDGE, class W, class Ep>
DNNC_INLINE void depthwise_channels(const ConvParams &p, const DepthwiseBlock &s, const float *x, const W *w, float *y, const Ep &ep) {
  i64 channel = 0;
  for (; channel + VL <= p.c; channel += VL) depthwise_vector<SIZE, STRIDE, EDGE>(p, s, x, w, y, ep, channel, Full{});
  // The tail is rare and short: one copy of its code serves both cases.
  if (EDGE && channel < p.c) {
    depthwise_vector<SIZE, STRIDE, true>(p, s, x, w, y, ep, channel, Part{static_cast<int>(p.c - channel)});
  }
}

template <int SIZE, int STRIDE, class W, class Ep> struct DepthwiseWork {
  Held<ConvParams> p;
  const float *x;
  const W *w;
  float *y;
  Held<Ep> epilogue;

  // A unit is a row of outputs.
  DNNC_DEVICE void operator()(i64 begin, i64 end, int) const {
    const Ep ep = epilogue;
    const bool tail = p.c % VL != 0;
    const i64 columns = (DepthwiseBlock::COUNT - 1) * p.sw + (p.kw - 1) * p.dw + 1;
    for (i64 unit = begin; unit < end; ++unit) {
      DepthwiseBlock s;
      s.n = unit / p.oh;
      const i64 oh = unit - s.n * p.oh, h0 = oh * p.sh - p.pt;
      s.t0 = h0 < 0 ? (-h0 + p.dh - 1) / p.dh : 0;
      s.t1 = h0 < p.h ? (p.h - h0 + p.dh - 1) / p.dh : 0;
      if (s.t1 > p.kh) s.t1 = p.kh;
      for (i64 ow = 0; ow < p.ow; ow += DepthwiseBlock::COUNT) {
        const i64 w0 = ow * p.sw - p.pl;
        s.count = p.ow - ow < DepthwiseBlock::COUNT ? p.ow - ow : static_cast<i64>(DepthwiseBlock::COUNT);
        s.lo = w0 < 0 ? -w0 : 0;
        s.hi = p.w - w0;
        s.row = oh * p.ow + ow;
        s.x = s.n * p.x_n + h0 * p.x_h + w0 * p.x_w;
        s.y = s.n * p.y_n + oh * p.y_h + ow * p.y_w;
        if (s.count == DepthwiseBlock::COUNT && s.lo == 0 && s.hi >= columns && !tail) {
          depthwise_channels<SIZE, STRIDE, false>(p, s, x, w, y, ep);
        } else {
          depthwise_channels<SIZE, STRIDE, true>(p, s, x, w, y, ep);
        }
      }
    }
  }
};

template <int SIZE, int STRIDE, class W, class Ep>
void depthwise(const ConvParams &p, const float *x, const W *w, float *y, const Ep &ep, const Par &par) {
  par.run(p.n * p.oh, DepthwiseWork<SIZE, STRIDE, W, Ep>{p, x, w, y, ep});
}

} // namespace conv
