// RoiAlign and MaxRoiPool; contracts in params.h.
#pragma once
#include "scalar.h"

namespace spatial {

// Taps of a sample on one axis. Up to one pixel outside the border pixels count; beyond, the sample is 0: both weights are.
DNNC_INLINE Pair sample_taps(float x, i64 size, i64 stride) {
  Pair pair = {0, 0, 0.0f, 0.0f};
  if (!(x >= -1.0f && x <= static_cast<float>(size))) return pair;
  if (x < 0.0f) x = 0.0f;
  i64 low = static_cast<i64>(x), high = low + 1;
  if (low >= size - 1) {
    low = high = size - 1;
    x = static_cast<float>(low);
  }
  pair.high_weight = x - static_cast<float>(low);
  pair.low_weight = 1.0f - pair.high_weight;
  pair.low = low * stride;
  pair.high = high * stride;
  return pair;
}

struct Mean {
  static DNNC_INLINE vf first(vf a, vf b, vf c, vf d) { return (a + b) + (c + d); }
  static DNNC_INLINE vf next(vf acc, vf sample) { return acc + sample; }
  static DNNC_INLINE vf finish(vf acc, float count) { return acc / splat(count); }
};
struct Largest {
  static DNNC_INLINE vf first(vf a, vf b, vf c, vf d) { return simd::max(simd::max(a, b), simd::max(c, d)); }
  static DNNC_INLINE vf next(vf acc, vf sample) { return simd::max(acc, sample); }
  static DNNC_INLINE vf finish(vf acc, float) { return acc; }
};

template <class Op> struct RoiBin {
  const RoiParams &p;
  const float *x;
  float *y;
  float top, left, step_y, step_x;
  i64 grid_h, grid_w;

  template <int VECTORS, class L> DNNC_INLINE void run(i64 c, L lanes) const {
    vf acc[VECTORS];
    for (int v = 0; v < VECTORS; ++v) acc[v] = zero();
    for (i64 i = 0; i < grid_h; ++i) {
      const Pair rows = sample_taps(top + (static_cast<float>(i) + 0.5f) * step_y, p.h, p.x_h);
      for (i64 j = 0; j < grid_w; ++j) {
        const Pair cols = sample_taps(left + (static_cast<float>(j) + 0.5f) * step_x, p.w, p.x_w);
        const bool is_out = rows.low_weight + rows.high_weight == 0.0f || cols.low_weight + cols.high_weight == 0.0f;
        const vf w0 = splat(rows.low_weight * cols.low_weight), w1 = splat(rows.low_weight * cols.high_weight);
        const vf w2 = splat(rows.high_weight * cols.low_weight), w3 = splat(rows.high_weight * cols.high_weight);
        for (int v = 0; v < VECTORS; ++v) {
          const float *at = x + c + v * VL;
          vf sample = zero();
          if (!is_out)
            sample = Op::first(w0 * load(at + rows.low + cols.low, lanes), w1 * load(at + rows.low + cols.high, lanes),
                               w2 * load(at + rows.high + cols.low, lanes), w3 * load(at + rows.high + cols.high, lanes));
          acc[v] = i == 0 && j == 0 ? sample : Op::next(acc[v], sample);
        }
      }
    }
    const i64 count = grid_h > 0 && grid_w > 0 ? grid_h * grid_w : 1;
    for (int v = 0; v < VECTORS; ++v) store(y + c + v * VL, Op::finish(acc[v], static_cast<float>(count)), lanes);
  }
  template <class L> DNNC_INLINE void one(i64 c, L lanes) const { run<1>(c, lanes); }
  DNNC_INLINE void four(i64 c) const { run<4>(c, Full{}); }
};

// A row of bins is a unit of work.
template <class Op> struct RoiRows {
  Held<RoiParams> p;
  const float *x, *rois;
  const i64 *batch;
  float *y;

  DNNC_INLINE i64 grid(float bin) const {
    return p.sampling_ratio > 0 ? p.sampling_ratio : static_cast<i64>(within(ceil_of(bin), 0.0f, 0x1p20f));
  }
  DNNC_INLINE void operator()(i64 begin, i64 end, int) const {
    const float shift = p.half_pixel ? 0.5f : 0.0f;
    for (i64 i = begin; i < end; ++i) {
      const i64 roi = i / p.oh, oh = i % p.oh;
      const float *box = rois + roi * 4;
      const float left = box[0] * p.spatial_scale - shift, top = box[1] * p.spatial_scale - shift;
      float width = box[2] * p.spatial_scale - shift - left, height = box[3] * p.spatial_scale - shift - top;
      if (!p.half_pixel) {
        width = width > 1.0f ? width : 1.0f;
        height = height > 1.0f ? height : 1.0f;
      }
      const float bin_h = height / static_cast<float>(p.oh), bin_w = width / static_cast<float>(p.ow);
      const i64 grid_h = grid(bin_h), grid_w = grid(bin_w);
      const float step_y = bin_h / static_cast<float>(grid_h), step_x = bin_w / static_cast<float>(grid_w);
      for (i64 ow = 0; ow < p.ow; ++ow) {
        const RoiBin<Op> bin = {p,
                                x + index_within(batch[roi], p.n) * p.x_n,
                                y + (i * p.ow + ow) * p.c,
                                top + static_cast<float>(oh) * bin_h,
                                left + static_cast<float>(ow) * bin_w,
                                step_y,
                                step_x,
                                grid_h,
                                grid_w};
        for_channels(p.c, bin);
      }
    }
  }
};

template <class Op> void roi_align(const RoiParams &p, const float *x, const float *rois, const i64 *batch, float *y, const Par &par) {
  par.run(p.rois * p.oh, RoiRows<Op>{p, x, rois, batch, y});
}

} // namespace spatial
