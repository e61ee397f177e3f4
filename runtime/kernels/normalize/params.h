// Normalizations; all tensors contiguous; y may be x, but for lrn.
//   layer_norm  y[r, c] = (x - mean_r) / sqrt(var_r + epsilon) * scale[c] + bias[c]   LayerNormalization-17; bias may be null
//   rms_norm    y[r, c] = x / sqrt(mean of x² over r's row + epsilon) * scale[c]      RMSNormalization-23
//   group_norm  x is [n, spatial, c] (channels last): mean and variance over spatial and the channels of each group, scale and
//               bias per channel. GroupNormalization-21; InstanceNormalization-6 with groups = c
//   lrn         y[p, c] = x / (bias + alpha/size * Σ x² over the size channels around c)^beta   LRN-13, channels last
// layer_norm(p, x, scale, bias, y, par), rms_norm(p, x, scale, y, par), group_norm(p, x, scale, bias, y, par), lrn(p, x, y, par)
#pragma once
#include "../../prelude.h"

namespace normalize {

#define DNNC_ROW_NORM_PARAMS(I, A, R) I(rows) I(cols) R(epsilon)
DNNC_DECLARE_PARAMS(RowNormParams, DNNC_ROW_NORM_PARAMS)

#define DNNC_GROUP_NORM_PARAMS(I, A, R) I(n) I(spatial) I(c) I(groups) R(epsilon)
DNNC_DECLARE_PARAMS(GroupNormParams, DNNC_GROUP_NORM_PARAMS)

#define DNNC_LRN_PARAMS(I, A, R) I(pixels) I(c) I(size) R(alpha) R(beta) R(bias)
DNNC_DECLARE_PARAMS(LrnParams, DNNC_LRN_PARAMS)

} // namespace normalize
