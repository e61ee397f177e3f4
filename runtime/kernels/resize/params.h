// resize: samples an image (or one axis) at places that tables give. Resize-10 to -19, Upsample-7 to -9.
// Per output index o of an axis a table has `taps` pairs (index[o * taps + t], weight[o * taps + t]); resize/pack.h makes them.
//   nearest  y[n, oh, ow, c] = ep(x[n, yi[oh], xi[ow], c])
//   linear   y[n, oh, ow, c] = ep(Σ_j xw[ow, j] * (Σ_i yw[oh, i] * x[n, yi[oh, i], xi[ow, j], c])), two taps an axis; cubic: four;
//            sampled: y_taps and x_taps (antialias).
//   axis     y[o, a, i] = Σ_t weight[a, t] * x[o, index[a, t], i], one axis of any tensor, contiguous; any other is axis after axis
// An output index whose first table index is negative lies outside (tf_crop_and_resize): y = ep(extrapolation).
// Nearest of any other type or rank is move::table_copy. x and y are NHWC views: channels contiguous, element strides for the
// other dims. The epilogue sees n = image, r = oh * p.ow + ow, c. y may be an operand of the epilogue; it does not overlap x.
#pragma once
#include "../../prelude.h"

namespace resize {

#define DNNC_RESIZE_PARAMS(I, A, R)                                                                                                \
  I(n) I(c) I(oh) I(ow) I(y_taps) I(x_taps) I(x_n) I(x_h) I(x_w) I(y_n) I(y_h) I(y_w) R(extrapolation)
DNNC_DECLARE_PARAMS(ResizeParams, DNNC_RESIZE_PARAMS)

#define DNNC_RESIZE_AXIS_PARAMS(I, A, R) I(outer) I(in) I(out) I(inner) I(taps) R(extrapolation)
DNNC_DECLARE_PARAMS(ResizeAxisParams, DNNC_RESIZE_AXIS_PARAMS)

} // namespace resize
