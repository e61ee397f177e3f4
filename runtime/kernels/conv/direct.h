// conv::direct: the contract is in params.h. MR output pixels × NRV vectors of output channels at a time.
#pragma once
#include "grid.h"

namespace conv {

struct DirectGrid {
  static DNNC_INLINE Grid of(const ConvParams &p, i64) {
    const i64 c = p.c / p.groups;
    Grid g = {p.oh, p.ow,  p.h,   p.w, c,        p.sh, p.sw, -p.pt, -p.pl, p.kh, p.kw, p.dh,
              p.dw, p.x_h, p.x_w, 0,   p.kw * c, c,    0,    p.y_h, p.y_w, 0,    p.ow, 1};
    // 1x1: the image is one long row.
    if (p.kh == 1 && p.kw == 1 && p.sh == 1 && p.sw == 1 && p.pt == 0 && p.pl == 0 && p.oh == p.h && p.ow == p.w && p.x_h == p.w * p.x_w &&
        p.y_h == p.ow * p.y_w) {
      g.rows = g.h = 1;
      g.cols = g.w = p.oh * p.ow;
    }
    return g;
  }
};

template <int MR, int NRV, class W, class Ep>
void direct(const ConvParams &p, const float *x, const W *w, float *y, const Ep &ep, const Par &par) {
  run_grids<MR, NRV, DirectGrid>(p, 1, p.oh * p.ow, p.sh * p.sw * (p.c / p.groups), x, w, y, ep, par);
}

} // namespace conv
