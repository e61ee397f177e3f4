// Resize on a GPU; contract in params.h. A thread per output element, neighbouring threads on neighbouring channels.
#pragma once
#include "resize.h"

namespace resize {
namespace cuda {

// TAPS = -1: nearest; 0: counts known at run time only.
template <int TAPS, class TX, class TY, class Ep> struct Sample {
  ResizeParams p;
  const TX *x;
  const int32_t *yi;
  const float *yw;
  const int32_t *xi;
  const float *xw;
  TY *y;
  Ep ep;

  DNNC_DEVICE void operator()(i64 begin, i64, int) const {
    const i64 c = begin % p.c, r = begin / p.c % (p.oh * p.ow), n = begin / p.c / (p.oh * p.ow), oh = r / p.ow, ow = r - oh * p.ow;
    const i64 y_taps = TAPS < 0 ? 1 : TAPS ? TAPS : p.y_taps, x_taps = TAPS < 0 ? 1 : TAPS ? TAPS : p.x_taps;
    const int32_t *rows = yi + oh * y_taps, *columns = xi + ow * x_taps;
    vf value = splat(p.extrapolation);
    if (rows[0] >= 0 && columns[0] >= 0) {
      if constexpr (TAPS < 0)
        value = load(x + n * p.x_n + rows[0] * p.x_h + columns[0] * p.x_w + c, Full{});
      else
        value = Weighted<TAPS, TX>{p, x + n * p.x_n, rows, columns, yw + oh * y_taps, xw + ow * x_taps}(c, Full{});
    }
    store(y + n * p.y_n + oh * p.y_h + ow * p.y_w + c, ep(value, n, r, c, Full{}), Full{});
  }
};

template <class TX, class TY, class Ep>
void nearest(const ResizeParams &p, const TX *x, const int32_t *yi, const int32_t *xi, TY *y, const Ep &ep, const Par &par) {
  par.run(p.n * p.oh * p.ow * p.c, Sample<-1, TX, TY, Ep>{p, x, yi, nullptr, xi, nullptr, y, ep});
}
template <int TAPS, class TX, class TY, class Ep> void sampled(const ResizeParams &p, const TX *x, const int32_t *yi, const float *yw,
                                                               const int32_t *xi, const float *xw, TY *y, const Ep &ep, const Par &par) {
  par.run(p.n * p.oh * p.ow * p.c, Sample<TAPS, TX, TY, Ep>{p, x, yi, yw, xi, xw, y, ep});
}

} // namespace cuda
} // namespace resize
