// The dense passes a transposed convolution is made of: one per phase of the strides.
#pragma once
#include "../conv/geometry.h"
#include "params.h"

namespace conv_transpose {

// The taps along one dim that reach the outputs phase, phase + stride, …: `count` of them, `step` taps and `distance` inputs apart.
// The first one in the order of the inputs is tap `last`, for output `phase` at input `input`.
struct PhaseTaps {
  i64 count, step, distance, last, input;

  DNNC_INLINE PhaseTaps(i64 taps, i64 stride, i64 dilation, i64 pad, i64 phase) {
    i64 a = stride, b = dilation;
    while (b) {
      i64 remainder = a % b;
      a = b, b = remainder;
    }
    step = stride / a, distance = dilation / a;
    i64 first = 0;
    while (first < step && (phase + pad - first * dilation) % stride) ++first;
    count = first < step && first < taps ? (taps - first + step - 1) / step : 0;
    last = count ? first + (count - 1) * step : 0;
    input = count ? (phase + pad - last * dilation) / stride : 0;
  }
};

struct PhaseGrid {
  static DNNC_INLINE conv::Grid of(const conv::ConvParams &p, i64 phase) {
    const i64 c = p.c / p.groups, row = phase / p.sw, col = phase % p.sw;
    const PhaseTaps h(p.kh, p.sh, p.dh, p.pt, row), w(p.kw, p.sw, p.dw, p.pl, col);
    conv::Grid g;
    g.rows = (p.oh - row + p.sh - 1) / p.sh, g.cols = (p.ow - col + p.sw - 1) / p.sw;
    g.h = p.h, g.w = p.w, g.c = c;
    g.sh = g.sw = 1;
    g.h0 = h.input, g.w0 = w.input;
    g.kh = w.count ? h.count : 0, g.kw = w.count;
    g.dh = h.distance, g.dw = w.distance;
    g.x_h = p.x_h, g.x_w = p.x_w;
    // Packed weights are flipped, so their order is that of the inputs.
    g.b0 = ((p.kh - 1 - h.last) * p.kw + p.kw - 1 - w.last) * c;
    g.b_h = h.step * p.kw * c, g.b_w = w.step * c;
    g.y0 = row * p.y_h + col * p.y_w, g.y_h = p.sh * p.y_h, g.y_w = p.sw * p.y_w;
    g.r0 = row * p.ow + col, g.r_h = p.sh * p.ow, g.r_w = p.sw;
    return g;
  }
};

} // namespace conv_transpose
