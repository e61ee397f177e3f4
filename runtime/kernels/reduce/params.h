// reduce: y[o, i] = ep(f over r < red of x[o, r, i]) with x at x[o * x_outer + r * x_red + i] (i contiguous) and y contiguous
// [outer, inner]. ReduceSum-13, ReduceMean-18, ReduceMax-20, ReduceMin-20, ReduceProd-18, GlobalAveragePool-1.
// u8: sums are taken in f32, so they are exact up to red = 65,793; the result is rounded half to even and saturated after the epilogue.
// The epilogue (f32 and u8 only) sees n = 0, r = o, c = i. reduce(p, x, y, ep, par) for f32 and u8; (p, x, y, par) for integers.
#pragma once
#include "../../prelude.h"

namespace reduce {

#define DNNC_REDUCE_PARAMS(I, A, R) I(outer) I(red) I(inner) I(x_outer) I(x_red)
DNNC_DECLARE_PARAMS(ReduceParams, DNNC_REDUCE_PARAMS)

} // namespace reduce
