// Parameters of the kernels that move elements; the contracts are in the headers of the kernels. Strides count elements.
#pragma once
#include "../../prelude.h"

namespace move {

#define DNNC_COPY_PARAMS(I, A, R) I(rank) A(shape, 8) A(src_strides, 8) A(dst_strides, 8)
DNNC_DECLARE_PARAMS(CopyParams, DNNC_COPY_PARAMS)

#define DNNC_FILL_PARAMS(I, A, R) I(rank) I(value) A(shape, 8) A(dst_strides, 8)
DNNC_DECLARE_PARAMS(FillParams, DNNC_FILL_PARAMS)

#define DNNC_GATHER_PARAMS(I, A, R) /* strides of the dims before the contiguous inner one */ \
  I(outer) I(axis) I(count) I(inner) I(src_outer) I(src_axis) I(dst_outer) I(dst_count)
DNNC_DECLARE_PARAMS(GatherParams, DNNC_GATHER_PARAMS)

#define DNNC_GATHER_ELEMENTS_PARAMS(I, A, R) /* shape of the indices; src_strides is 0 at the axis */ \
  I(rank) I(axis) I(axis_stride) A(shape, 8) A(src_strides, 8)
DNNC_DECLARE_PARAMS(GatherElementsParams, DNNC_GATHER_ELEMENTS_PARAMS)

#define DNNC_GATHER_ND_PARAMS(I, A, R) /* size and src stride of each indexed dim */ \
  I(batch) I(count) I(depth) I(inner) I(src_batch) A(dims, 8) A(src_strides, 8)
DNNC_DECLARE_PARAMS(GatherNDParams, DNNC_GATHER_ND_PARAMS)

#define DNNC_ONE_HOT_PARAMS(I, A, R) I(outer) I(depth) I(inner)
DNNC_DECLARE_PARAMS(OneHotParams, DNNC_ONE_HOT_PARAMS)

#define DNNC_TRILU_PARAMS(I, A, R) I(batch) I(rows) I(cols) I(k) I(upper)
DNNC_DECLARE_PARAMS(TriluParams, DNNC_TRILU_PARAMS)

#define DNNC_SCATTER_ELEMENTS_PARAMS(I, A, R) /* shape of the indices; dst_strides is 0 at the axis */ \
  I(rank) I(axis) I(axis_stride) A(shape, 8) A(dst_strides, 8)
DNNC_DECLARE_PARAMS(ScatterElementsParams, DNNC_SCATTER_ELEMENTS_PARAMS)

#define DNNC_SCATTER_ND_PARAMS(I, A, R) I(count) I(depth) I(inner) A(dims, 8) A(dst_strides, 8)
DNNC_DECLARE_PARAMS(ScatterNDParams, DNNC_SCATTER_ND_PARAMS)

#define DNNC_TABLE_COPY_PARAMS(I, A, R) I(rank) I(run) I(value) A(shape, 8) A(dst_strides, 8)
DNNC_DECLARE_PARAMS(TableCopyParams, DNNC_TABLE_COPY_PARAMS)

} // namespace move
