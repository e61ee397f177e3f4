// conv_transpose: y[n, oh, ow, k] = ep(Σ of x[n, ih, iw, c] * w[c, k, kh, kw] over all ih, iw, kh, kw with
// ih*sh - pt + kh*dh == oh and iw*sw - pl + kw*dw == ow), c running over the channels of k's group. ConvTranspose-1 to -22 with
// one or two spatial dims (one: h = 1, sh = 1); output_padding only makes oh and ow larger. Takes conv::ConvParams: h, w, c are
// the input's, oh, ow, k the output's, and views, epilogue and aliasing are as in conv/params.h.
#pragma once
#include "../conv/params.h"
