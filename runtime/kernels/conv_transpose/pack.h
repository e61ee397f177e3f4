// Weight packing for conv_transpose, on the host: the panels of conv/pack.h; sizes from conv::packed_size.
#pragma once
#include "../conv/pack.h"

namespace conv_transpose {

// w is ONNX's ConvTranspose weight [c][k / groups][kh][kw].
inline void pack(const float *w, i64 k, i64 c, i64 kh, i64 kw, i64 groups, int nr, int vl, float *out) {
  i64 group_k = k / groups, group_c = c / groups;
  auto weight = [=](i64 o, i64 i, i64 y, i64 x) {
    return w[(((o / group_k * group_c + i) * group_k + o % group_k) * kh + y) * kw + x];
  };
  conv::pack_panels(weight, k, c, kh, kw, groups, nr, vl, out);
}

} // namespace conv_transpose
