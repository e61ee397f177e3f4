// The one-dimensional transforms of Winograd's minimal filtering F(m, 3), for m outputs of a filter of three taps from m + 2 inputs:
// y = Aᵀ [(G g) ⊙ (Bᵀ d)], applied along columns, then along rows. A. Lavin, S. Gray, "Fast Algorithms for Convolutional Neural
// Networks", 2015; the points are 0, ±1, ±2 and infinity for m = 4, and ±1/2 besides for m = 6. G is in pack.h.
#pragma once
#include "../../../simd.h"

namespace conv {

// Bᵀ: o[i] = Σ over j of Bᵀ[i][j] * d[j].
template <int OUT> struct WinogradTransform;

template <> struct WinogradTransform<4> {
  static DNNC_INLINE void input(const vf (&d)[6], vf (&o)[6]) {
    const vf four = splat(-4.0f), five = splat(-5.0f);
    const vf a = fma(four, d[2], d[4]), b = fma(four, d[1], d[3]), c = d[4] - d[2], e = d[3] - d[1];
    o[0] = fma(splat(4.0f), d[0], fma(five, d[2], d[4]));
    o[1] = a + b;
    o[2] = a - b;
    o[3] = fma(splat(2.0f), e, c);
    o[4] = fma(splat(-2.0f), e, c);
    o[5] = fma(splat(4.0f), d[1], fma(five, d[3], d[5]));
  }
  // Aᵀ.
  static DNNC_INLINE void output(const vf (&m)[6], vf (&o)[4]) {
    const vf s = m[1] + m[2], d = m[1] - m[2], t = m[3] + m[4], u = m[3] - m[4];
    o[0] = m[0] + s + t;
    o[1] = fma(splat(2.0f), u, d);
    o[2] = fma(splat(4.0f), t, s);
    o[3] = fma(splat(8.0f), u, d) + m[5];
  }
};

template <> struct WinogradTransform<6> {
  static DNNC_INLINE void input(const vf (&d)[8], vf (&o)[8]) {
    const vf a = fma(splat(-4.25f), d[4], d[2] + d[6]), b = fma(splat(-4.25f), d[3], d[1] + d[5]);
    o[0] = fma(splat(5.25f), d[4] - d[2], d[0] - d[6]);
    o[1] = a + b;
    o[2] = a - b;
    const vf c = fma(splat(0.25f), d[2], fma(splat(-1.25f), d[4], d[6]));
    const vf e = fma(splat(0.5f), d[1], fma(splat(2.0f), d[5], splat(-2.5f) * d[3]));
    o[3] = c + e;
    o[4] = c - e;
    const vf f = fma(splat(4.0f), d[2], fma(splat(-5.0f), d[4], d[6]));
    const vf g = fma(splat(2.0f), d[1], fma(splat(0.5f), d[5], splat(-2.5f) * d[3]));
    o[5] = f + g;
    o[6] = f - g;
    o[7] = fma(splat(5.25f), d[3] - d[5], d[7] - d[1]);
  }
  static DNNC_INLINE void output(const vf (&m)[8], vf (&o)[6]) {
    const vf s1 = m[1] + m[2], d1 = m[1] - m[2], s2 = m[3] + m[4], d2 = m[3] - m[4], s3 = m[5] + m[6], d3 = m[5] - m[6];
    o[0] = fma(splat(32.0f), s3, m[0] + s1 + s2);
    o[1] = fma(splat(16.0f), d3, fma(splat(2.0f), d2, d1));
    o[2] = fma(splat(8.0f), s3, fma(splat(4.0f), s2, s1));
    o[3] = fma(splat(4.0f), d3, fma(splat(8.0f), d2, d1));
    o[4] = fma(splat(2.0f), s3, fma(splat(16.0f), s2, s1));
    o[5] = fma(splat(32.0f), d2, d1) + (d3 + m[7]);
  }
};

} // namespace conv
