// det: y[b] = determinant of the n×n matrix x[b], row-major; its LU decomposition with row pivots is done in double, in work[b]. Det-11.
#pragma once
#include "../../prelude.h"

namespace det {

#define DNNC_DET_PARAMS(I, A, R) I(batch) I(n)
DNNC_DECLARE_PARAMS(DetParams, DNNC_DET_PARAMS)

} // namespace det
