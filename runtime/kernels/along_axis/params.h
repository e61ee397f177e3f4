// Ops along the middle dim of a contiguous [outer, axis, inner] tensor.
//   arg_max, arg_min  i64 index of the largest (smallest) element, y is [outer, 1, inner]; the last one of equals when last != 0.
//                     ArgMax-13, ArgMin-13
//   top_k             the k largest (largest != 0) or smallest, sorted, equal ones by index, and their i64 indices. TopK-11
//   cum_sum           running sum, without the element itself when exclusive != 0, from the end when reverse != 0. CumSum-14
//   cum_prod          the same with products. CumProd-26
// arg_max(p, x, y, par), top_k(p, x, values, indices, par), cum_sum(p, x, y, par), cum_prod(p, x, y, par)
#pragma once
#include "../../prelude.h"

namespace along_axis {

#define DNNC_ARG_PARAMS(I, A, R) I(outer) I(axis) I(inner) I(last)
DNNC_DECLARE_PARAMS(ArgParams, DNNC_ARG_PARAMS)

#define DNNC_TOP_K_PARAMS(I, A, R) I(outer) I(axis) I(inner) I(k) I(largest)
DNNC_DECLARE_PARAMS(TopKParams, DNNC_TOP_K_PARAMS)

#define DNNC_CUM_SUM_PARAMS(I, A, R) I(outer) I(axis) I(inner) I(exclusive) I(reverse)
DNNC_DECLARE_PARAMS(CumSumParams, DNNC_CUM_SUM_PARAMS)

} // namespace along_axis
