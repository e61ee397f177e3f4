// The sampled operand of a deformable convolution; contract in params.h.
#pragma once
#include "scalar.h"

namespace spatial {

// The linear interpolation of one tap, over the channels of one offset group; -1: a row or column outside, which counts as 0.
struct DeformTap {
  const float *x;
  float *y;
  i64 rows[2], cols[2];
  float weights[4];

  template <class L> DNNC_INLINE vf sum(i64 c, L lanes) const {
    vf sum = zero();
    for (int i = 0; i < 2; ++i)
      for (int j = 0; j < 2; ++j)
        if (rows[i] >= 0 && cols[j] >= 0) sum = fma(splat(weights[2 * i + j]), load(x + rows[i] + cols[j] + c, lanes), sum);
    return sum;
  }
  template <class L> DNNC_INLINE void one(i64 c, L lanes) const { store(y + c, sum(c, lanes), lanes); }
  DNNC_INLINE void four(i64 c) const {
    for (int v = 0; v < 4; ++v) store(y + c + v * VL, sum(c + v * VL, Full{}), Full{});
  }
};

struct DeformColumns {
  Held<DeformParams> p;
  const float *x, *offset, *mask;
  float *y;

  DNNC_INLINE void operator()(i64 begin, i64 end, int) const {
    const i64 taps = p.kh * p.kw, group_size = p.c / p.groups;
    for (i64 i = begin; i < end; ++i) {
      const i64 ow = i % p.ow, oh = i / p.ow % p.oh, n = i / p.ow / p.oh;
      const float *off = offset + n * p.offset[0] + oh * p.offset[2] + ow * p.offset[3];
      for (i64 t = 0; t < taps; ++t)
        for (i64 g = 0; g < p.groups; ++g) {
          const i64 pair = 2 * (g * taps + t);
          const float row = static_cast<float>(oh * p.sh - p.pt + t / p.kw * p.dh) + off[pair * p.offset[1]];
          const float col = static_cast<float>(ow * p.sw - p.pl + t % p.kw * p.dw) + off[(pair + 1) * p.offset[1]];
          DeformTap tap;
          tap.x = x + n * p.x_n + g * group_size;
          tap.y = y + (i * taps + t) * p.c + g * group_size;
          const float scale = mask[n * p.mask[0] + (g * taps + t) * p.mask[1] + oh * p.mask[2] + ow * p.mask[3]];
          place(tap, row, col, scale);
          for_channels(group_size, tap);
        }
    }
  }

  DNNC_INLINE void place(DeformTap &tap, float row, float col, float scale) const {
    row = within(row, -2.0f, static_cast<float>(p.h) + 1.0f);
    col = within(col, -2.0f, static_cast<float>(p.w) + 1.0f);
    const float top = floor_of(row), left = floor_of(col), v = row - top, u = col - left;
    const i64 r = static_cast<i64>(top), c = static_cast<i64>(left);
    for (int k = 0; k < 2; ++k) {
      tap.rows[k] = r + k >= 0 && r + k < p.h ? (r + k) * p.x_h : -1;
      tap.cols[k] = c + k >= 0 && c + k < p.w ? (c + k) * p.x_w : -1;
    }
    tap.weights[0] = (1.0f - v) * (1.0f - u) * scale;
    tap.weights[1] = (1.0f - v) * u * scale;
    tap.weights[2] = v * (1.0f - u) * scale;
    tap.weights[3] = v * u * scale;
  }
};

inline void deform_columns(const DeformParams &p, const float *x, const float *offset, const float *mask, float *y, const Par &par) {
  par.run(p.n * p.oh * p.ow, DeformColumns{p, x, offset, mask, y});
}

} // namespace spatial
