// Weight packing for conv_transpose, on the host: the panels of conv/pack.h, taps in reverse order; sizes from conv::packed_size.
#pragma once
#include "../conv/pack.h"

namespace conv_transpose {

// ONNX's ConvTranspose weight [c][k / groups][kh][kw], flipped in h and w.
struct Weight {
  const float *w;
  i64 group_c, group_k, kh, kw;
  DNNC_INLINE float operator()(i64 o, i64 i, i64 y, i64 x) const {
    return w[(((o / group_k * group_c + i) * group_k + o % group_k) * kh + kh - 1 - y) * kw + kw - 1 - x];
  }
};

inline void pack(const float *w, i64 k, i64 c, i64 kh, i64 kw, i64 groups, int nr, int vl, float *out) {
  conv::pack_panels(Weight{w, c / groups, k / groups, kh, kw}, k, c, kh, kw, groups, nr, vl, out);
}

} // namespace conv_transpose
