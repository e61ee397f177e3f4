// pool: y[n, oh, ow, c] = ep(f over kh, kw of x[n, oh*sh - pt + kh*dh, ow*sw - pl + kw*dw, c]) over the taps inside the image.
//   max      the largest tap; a NaN stays. MaxPool-1 to -22 without Indices.
//   average  their sum / their number; with count_include_pad, / the number of taps inside the padded image, which ends pb
//            rows and pr columns after the image (taps that ceil_mode adds beyond do not count). AveragePool-1 to -22.
//   lp       (Σ |tap|^p)^(1/p), p >= 1. LpPool-1 to -22.
// u8 and i8 are rounded half to even and saturated after the epilogue; the padding of an average counts as 0.
// One spatial dim: h = 1. Every window must have a tap inside the image. oh and ow say what auto_pad and ceil_mode gave.
// x and y are NHWC views: channels contiguous, element strides for the other dims. Sums in row-major order of the taps.
// The epilogue sees n = image, r = oh * p.ow + ow, c. y may be an operand of the epilogue; it does not overlap x.
#pragma once
#include "../../prelude.h"

namespace pool {

#define DNNC_POOL_PARAMS(I, A, R)                                                                                                  \
  I(n) I(h) I(w) I(c) I(oh) I(ow) I(kh) I(kw) I(sh) I(sw) I(dh) I(dw) I(pt) I(pl) I(pb) I(pr)                                      \
  I(x_n) I(x_h) I(x_w) I(y_n) I(y_h) I(y_w) I(count_include_pad) I(p)
DNNC_DECLARE_PARAMS(PoolParams, DNNC_POOL_PARAMS)

} // namespace pool
