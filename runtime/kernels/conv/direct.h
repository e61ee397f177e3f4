// conv::direct: the contract is in params.h. MR output pixels × NRV vectors of output channels at a time.
#pragma once
#include "grid.h"

namespace conv {

template <int MR, int NRV, class W, class Ep>
void direct(const ConvParams &p, const float *x, const W *w, float *y, const Ep &ep, const Par &par) {
  run_grids<MR, NRV, DirectGrid>(p, 1, p.oh * p.ow, p.sh * p.sw * (p.c / p.groups), x, w, y, ep, par);
}

} // namespace conv
