// softmax, log_softmax: along the middle dim of a contiguous [outer, axis, inner] tensor. Softmax-13, LogSoftmax-13.
//   softmax      y = exp(x - max) / Σ exp(x - max);   log_softmax  y = x - max - log Σ exp(x - max)
// softmax(p, x, y, par). y may be x.
#pragma once
#include "../../prelude.h"

namespace softmax {

#define DNNC_SOFTMAX_PARAMS(I, A, R) I(outer) I(axis) I(inner)
DNNC_DECLARE_PARAMS(SoftmaxParams, DNNC_SOFTMAX_PARAMS)

} // namespace softmax
