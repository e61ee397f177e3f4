// conv/pack_weights.h for ConvTranspose's weights.
#pragma once
#include "../conv/pack_weights.h"
#include "pack.h"

namespace conv_transpose {

inline void pack_weights(const conv::PackParams &p, const float *w, float *packed, const Par &par) {
  par.run(conv::panel_count(p.k, p.groups, p.panel),
          conv::PackPanels<Weight>{p, {w, p.c / p.groups, p.k / p.groups, p.kh, p.kw}, packed});
}

} // namespace conv_transpose
