// Tensors whose true size is known at run time only: they lie in a buffer of the largest size, and the true dims are i64 operands.
//   pack       the elements of the box dims of x, row-major, at the front of y; what is behind them is left as it is
//   unpack     the inverse: x holds the box densely, no element behind it is read; outside of the box y is 0
//   nonzero    y[d, j] is coordinate d of the j-th true element of x in row-major order, 0 from *count on.          NonZero-13
//   unique     of the first *n rows of x, inner elements each: first[u] is the row where the u-th distinct one appears first, counts[u] how
//              often it is there, inverse[r] its number for row r; *size of them, in order if sorted != 0, else of appearance. first
//              is 0 from *size on. order is scratch. All NaN are one value, behind all others.                        Unique-11
//   nms        rows (batch, class, box) of boxes that no better one of their class overlaps by more than *iou, the best first, at most
//              *most a class, whose score is above *threshold if thresholded != 0; *count rows, 0 behind them. sizes holds the true
//              batches, classes and boxes. center: boxes are (x, y, width, height), else two corners. NonMaxSuppression-11
// The order of operands is that of the functions. unique, nonzero and nms work on one thread.
#pragma once
#include "../../prelude.h"

namespace bounded {

#define DNNC_BOUNDED_PACK_PARAMS(I, A, R) I(rank) A(shape, 8)
DNNC_DECLARE_PARAMS(PackParams, DNNC_BOUNDED_PACK_PARAMS)

#define DNNC_NONZERO_PARAMS(I, A, R) I(rank) A(shape, 8)
DNNC_DECLARE_PARAMS(NonZeroParams, DNNC_NONZERO_PARAMS)

#define DNNC_UNIQUE_PARAMS(I, A, R) I(rows) I(inner) I(sorted)
DNNC_DECLARE_PARAMS(UniqueParams, DNNC_UNIQUE_PARAMS)

#define DNNC_NMS_PARAMS(I, A, R) /* batches, classes and boxes of the buffers, rows of the result */                                       \
  I(batches) I(classes) I(boxes) I(rows) I(center) I(thresholded)
DNNC_DECLARE_PARAMS(NmsParams, DNNC_NMS_PARAMS)

} // namespace bounded
