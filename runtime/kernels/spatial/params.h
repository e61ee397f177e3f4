// Sampling at places that are data, pooling of regions, and blocks put back into an image. x and y are channels-last, y contiguous; x has
// element strides for the dims outside the channels. Vectors run over channels.
//
// grid_sample(p, x, grid, y, par)   y[n, point, c] = x[n, z, y, x, c] interpolated at grid[n, point] = (x, y) or (x, y, z) in -1 … 1; taps
//     an axis: 1 nearest, 2 linear, 4 cubic (a = -0.75). Outside: padding 0 zeros, 1 the border, 2 reflection (at the centers of the border
//     pixels with align_corners, at their outer edges without). GridSample-16 to -22.
// deform_columns(p, x, offset, mask, y, par)   y[n, oh, ow, tap, c] = mask * x[n, c] linearly interpolated at the tap's place plus its
//     offset (rows, columns), zero outside; channels in `groups` with offsets of their own. The operand of DeformConv's product
//     (DeformConv-19 to -22). offset and mask have strides for all dims, so that one 1 may be the whole mask.
// roi_align(p, x, rois, batch, y, par)   y[roi, oh, ow, c] = mean over a grid of samples in the bin, or their maximum, where a sample is
// the
//     largest of its four weighted taps (as the operator has it). rois are (x1, y1, x2, y2). RoiAlign-10 to -22.
// roi_max_pool(p, x, rois, y, par)   y[roi, oh, ow, c] = largest element of the bin, 0 for an empty one; rois are (image, x1, y1, x2, y2)
// with
//     corners rounded to pixels. MaxRoiPool-1 to -22.
//     An image that is out of range is clamped, so that no input can make the program read elsewhere.
// col2im(p, x, y, par)   y[n, i…] = Σ over the taps t and blocks b with b*stride - pad + t*dilation = i of x[n, t, b]; rank spatial dims,
//     x and y row-major, n counts images and channels. Col2Im-18.
#pragma once
#include "../../prelude.h"

namespace spatial {

#define DNNC_GRID_SAMPLE_PARAMS(I, A, R) I(n) I(d) I(h) I(w) I(c) I(points) I(rank) I(x_n) I(x_d) I(x_h) I(x_w) I(padding) I(align_corners)
DNNC_DECLARE_PARAMS(GridSampleParams, DNNC_GRID_SAMPLE_PARAMS)

#define DNNC_DEFORM_PARAMS(I, A, R)                                                                                                        \
  I(n) I(h) I(w) I(c) I(oh) I(ow) I(kh) I(kw) I(sh) I(sw) I(dh) I(dw) I(pt) I(pl) I(groups) I(x_n) I(x_h) I(x_w) A(offset, 4) A(mask, 4)
DNNC_DECLARE_PARAMS(DeformParams, DNNC_DEFORM_PARAMS)

#define DNNC_ROI_PARAMS(I, A, R)                                                                                                           \
  I(n) I(h) I(w) I(c) I(rois) I(oh) I(ow) I(sampling_ratio) I(half_pixel) I(x_n) I(x_h) I(x_w) R(spatial_scale)
DNNC_DECLARE_PARAMS(RoiParams, DNNC_ROI_PARAMS)

#define DNNC_COL2IM_PARAMS(I, A, R) I(n) I(rank) A(image, 8) A(block, 8) A(blocks, 8) A(strides, 8) A(dilations, 8) A(pads, 8)
DNNC_DECLARE_PARAMS(Col2ImParams, DNNC_COL2IM_PARAMS)

} // namespace spatial
