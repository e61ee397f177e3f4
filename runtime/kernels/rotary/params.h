// rotary: rotates pairs of columns. For each batch b, head h, row i and pair t, with a and b the pair's columns of x (t and pairs + t; interleaved:
// 2t and 2t + 1):   y[a] = x[a] * cos[b, i, t] - x[b] * sin[b, i, t],   y[b] = x[b] * cos[b, i, t] + x[a] * sin[b, i, t]
// Columns from 2 * pairs on are copied. RotaryEmbedding-23. rotary<INTERLEAVED>(p, x, cos, sin, y, par). Strides are of batch, head and row; columns are
// contiguous; cos and sin are contiguous, the batch's table_batch elements apart (0: one for all). y may be x, with the same strides.
#pragma once
#include "../../prelude.h"

namespace rotary {

#define DNNC_ROTARY_PARAMS(I, A, R) I(batch) I(heads) I(m) I(d) I(pairs) A(x_s, 3) A(y_s, 3) I(table_batch)
DNNC_DECLARE_PARAMS(RotaryParams, DNNC_ROTARY_PARAMS)

} // namespace rotary
