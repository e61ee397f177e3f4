// pool: y[n, od, oh, ow, c] = ep(f over kd, kh, kw of x[n, od*sd - pf + kd*dd, oh*sh - pt + kh*dh, ow*sw - pl + kw*dw, c]) over the taps
// inside the image.
//   max      the largest tap; a NaN stays. MaxPool-1 to -22.
//   average  their sum / their number; with count_include_pad, / the number of taps inside the padded image, which ends pk
//            slices, pb rows and pr columns after the image (taps that ceil_mode adds beyond do not count). AveragePool-1 to -22.
//   lp       (Σ |tap|^p)^(1/p), p >= 1. LpPool-1 to -22.
// u8 and i8 are rounded half to even and saturated after the epilogue; the padding of an average counts as 0.
// max_indices(p, x, y, indices, par): max without an epilogue, and the i64 place of the largest tap (the first of equals) in x as a row-major
// tensor (N, C, D, H, W), or, column_major, (N, C, W, H, D). indices has y's strides; an image has less than 2^31 places.
// Fewer spatial dims: d = 1, h = 1. Every window must have a tap inside the image. od, oh and ow say what auto_pad and ceil_mode gave.
// x and y are NDHWC views: channels contiguous, element strides for the other dims. Sums in row-major order of the taps.
// The epilogue sees n = image, r = (od * p.oh + oh) * p.ow + ow, c. y may be an operand of the epilogue; it does not overlap x.
#pragma once
#include "../../prelude.h"

namespace pool {

#define DNNC_POOL_PARAMS(I, A, R)                                                                                                  \
  I(n) I(d) I(h) I(w) I(c) I(od) I(oh) I(ow) I(kd) I(kh) I(kw) I(sd) I(sh) I(sw) I(dd) I(dh) I(dw) I(pf) I(pt) I(pl) I(pk) I(pb) I(pr) \
  I(x_n) I(x_d) I(x_h) I(x_w) I(y_n) I(y_d) I(y_h) I(y_w) I(count_include_pad) I(p) I(column_major)
DNNC_DECLARE_PARAMS(PoolParams, DNNC_POOL_PARAMS)

} // namespace pool
