// MaxRoiPool; contract in params.h.
#pragma once
#include "scalar.h"

namespace spatial {

struct MaxBin {
  const RoiParams &p;
  const float *x;
  float *y;
  i64 top, bottom, left, right;

  template <class L> DNNC_INLINE void one(i64 c, L lanes) const {
    vf acc = top < bottom && left < right ? splat(-__builtin_inff()) : zero();
    for (i64 h = top; h < bottom; ++h)
      for (i64 w = left; w < right; ++w) acc = simd::max(acc, load(x + h * p.x_h + w * p.x_w + c, lanes));
    store(y + c, acc, lanes);
  }
  DNNC_INLINE void four(i64 c) const {
    for (int v = 0; v < 4; ++v) one(c + v * VL, Full{});
  }
};

struct RoiMaxPool {
  Held<RoiParams> p;
  const float *x, *rois;
  float *y;

  // Halves away from zero; a pixel index of any finite or infinite float.
  static DNNC_INLINE i64 pixel(float x) {
    x = within(x, -0x1p30f, 0x1p30f);
    return static_cast<i64>(x < 0.0f ? -floor_of(0.5f - x) : floor_of(x + 0.5f));
  }
  static DNNC_INLINE i64 clamped(i64 x, i64 size) { return x < 0 ? 0 : x < size ? x : size; }
  // The pixels of bin i.
  static DNNC_INLINE void range(i64 start, i64 length, i64 i, i64 bins, i64 size, i64 &begin, i64 &end) {
    const float bin = static_cast<float>(length) / static_cast<float>(bins);
    begin = clamped(static_cast<i64>(floor_of(static_cast<float>(i) * bin)) + start, size);
    end = clamped(static_cast<i64>(ceil_of(static_cast<float>(i + 1) * bin)) + start, size);
  }

  DNNC_INLINE void operator()(i64 begin, i64 end, int) const {
    for (i64 i = begin; i < end; ++i) {
      const i64 roi = i / p.oh, oh = i % p.oh;
      const float *box = rois + roi * 5;
      const i64 image = index_within(static_cast<i64>(within(box[0], 0.0f, static_cast<float>(p.n))), p.n);
      const i64 x1 = pixel(box[1] * p.spatial_scale), y1 = pixel(box[2] * p.spatial_scale);
      i64 width = pixel(box[3] * p.spatial_scale) - x1 + 1, height = pixel(box[4] * p.spatial_scale) - y1 + 1;
      width = width < 1 ? 1 : width;
      height = height < 1 ? 1 : height;
      for (i64 ow = 0; ow < p.ow; ++ow) {
        MaxBin bin = {p, x + image * p.x_n, y + (i * p.ow + ow) * p.c, 0, 0, 0, 0};
        range(y1, height, oh, p.oh, p.h, bin.top, bin.bottom);
        range(x1, width, ow, p.ow, p.w, bin.left, bin.right);
        for_channels(p.c, bin);
      }
    }
  }
};

inline void roi_max_pool(const RoiParams &p, const float *x, const float *rois, float *y, const Par &par) {
  par.run(p.rois * p.oh, RoiMaxPool{p, x, rois, y});
}

} // namespace spatial
