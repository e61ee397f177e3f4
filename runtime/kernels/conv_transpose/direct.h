// conv_transpose::direct: the contract is in params.h. Output pixels whose distance is a multiple of the strides meet the same
// taps: each such phase is a dense pass with stride 1 over the input, so that every output is written once.
#pragma once
#include "../conv/grid.h"
#include "phases.h"

namespace conv_transpose {

template <int MR, int NRV, class W, class Ep>
void direct(const conv::ConvParams &p, const float *x, const W *w, float *y, const Ep &ep, const Par &par) {
  i64 pixels = ((p.oh + p.sh - 1) / p.sh) * ((p.ow + p.sw - 1) / p.sw);
  conv::run_grids<MR, NRV, PhaseGrid>(p, p.sh * p.sw, pixels, p.c / p.groups, x, w, y, ep, par);
}

} // namespace conv_transpose
