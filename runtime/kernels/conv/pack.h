// Weight packing for conv and conv_transpose: on the host, and in kernels where weights are computed at run time (pack_weights.h).
// Plain C++, no vectors.
// Direct: for each group, panels of nr output channels: [panel][kh][kw][c][channel in panel]. The last panel of a group is only
// as wide as needed, rounded up to vl; what is beyond the last channel is 0.
// Depthwise: [kh][kw][c rounded up to vl].
#pragma once
#include "../../prelude.h"

namespace conv {

constexpr i64 round_up(i64 value, i64 to) { return (value + to - 1) / to * to; }

// Elements of the packed weights; k and c are the whole tensor's channels.
constexpr i64 packed_size(i64 k, i64 c, i64 kh, i64 kw, i64 groups, int vl) {
  return groups * round_up(k / groups, vl) * (c / groups) * kh * kw;
}
constexpr i64 depthwise_packed_size(i64 c, i64 kh, i64 kw, int vl) { return round_up(c, vl) * kh * kw; }

constexpr i64 panel_count(i64 k, i64 groups, i64 nr) { return groups * (round_up(k / groups, nr) / nr); }

// Panel number `index` at its place in out; w(k, c in group, kh, kw) gives a weight.
template <class W> DNNC_INLINE void pack_panel(const W &w, i64 index, i64 k, i64 c, i64 kh, i64 kw, i64 groups, i64 nr, i64 vl, float *out) {
  i64 group_k = k / groups, group_c = c / groups, panels = round_up(group_k, nr) / nr;
  i64 g = index / panels, panel = index % panels * nr, left = group_k - panel, width = left < nr ? round_up(left, vl) : nr;
  out += (g * round_up(group_k, vl) + panel) * group_c * kh * kw;
  for (i64 y = 0; y < kh; ++y)
    for (i64 x = 0; x < kw; ++x)
      for (i64 i = 0; i < group_c; ++i)
        for (i64 j = 0; j < width; ++j) *out++ = j < left ? w(g * group_k + panel + j, i, y, x) : 0.0f;
}

// out gets packed_size elements.
template <class W> inline void pack_panels(const W &w, i64 k, i64 c, i64 kh, i64 kw, i64 groups, int nr, int vl, float *out) {
  for (i64 i = 0; i < panel_count(k, groups, nr); ++i) pack_panel(w, i, k, c, kh, kw, groups, nr, vl, out);
}

// ONNX's Conv weight [k][c / groups][kh][kw].
struct Weight {
  const float *w;
  i64 group_c, kh, kw;
  DNNC_INLINE float operator()(i64 o, i64 i, i64 y, i64 x) const { return w[((o * group_c + i) * kh + y) * kw + x]; }
};

inline void pack(const float *w, i64 k, i64 c, i64 kh, i64 kw, i64 groups, int nr, int vl, float *out) {
  pack_panels(Weight{w, c / groups, kh, kw}, k, c, kh, kw, groups, nr, vl, out);
}

// One tap of w, ONNX's Conv weight [c][1][kh][kw].
DNNC_INLINE void pack_depthwise_tap(const float *w, i64 tap, i64 c, i64 taps, i64 vl, float *out) {
  i64 width = round_up(c, vl);
  for (i64 i = 0; i < width; ++i) out[tap * width + i] = i < c ? w[i * taps + tap] : 0.0f;
}

inline void pack_depthwise(const float *w, i64 c, i64 kh, i64 kw, int vl, float *out) {
  for (i64 tap = 0; tap < kh * kw; ++tap) pack_depthwise_tap(w, tap, c, kh * kw, vl, out);
}

} // namespace conv
