// Weights that are computed at run time, packed in every run: pack.h as kernels.
// pack_weights<DEPTHWISE>(p, w, packed, par), w as in Conv.
#pragma once
#include "../../parallel.h"
#include "pack.h"
#include "params.h"

namespace conv {

template <class W> struct PackPanels {
  Held<PackParams> p;
  W w;
  float *packed;

  DNNC_INLINE void operator()(i64 begin, i64 end, int) const {
    for (i64 i = begin; i < end; ++i) pack_panel(w, i, p.k, p.c, p.kh, p.kw, p.groups, p.panel, p.vl, packed);
  }
};

struct PackTaps {
  Held<PackParams> p;
  const float *w;
  float *packed;

  DNNC_INLINE void operator()(i64 begin, i64 end, int) const {
    for (i64 tap = begin; tap < end; ++tap) pack_depthwise_tap(w, tap, p.c, p.kh * p.kw, p.vl, packed);
  }
};

template <bool DEPTHWISE> void pack_weights(const PackParams &p, const float *w, float *packed, const Par &par) {
  if constexpr (DEPTHWISE)
    par.run(p.kh * p.kw, PackTaps{p, w, packed});
  else
    par.run(panel_count(p.k, p.groups, p.panel), PackPanels<Weight>{p, {w, p.c / p.groups, p.kh, p.kw}, packed});
}

} // namespace conv
