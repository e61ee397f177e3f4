// GridSample; contract in params.h.
#pragma once
#include "scalar.h"

namespace spatial {

// The taps of one axis: element offsets, -1 for one that is outside and counts as 0.
template <int TAPS> struct AxisTaps {
  i64 at[TAPS];
  float weight[TAPS];
};

// Back and forth between low and high.
DNNC_INLINE float reflect(float x, float low, float high) {
  const float range = high - low;
  if (x >= low && x <= high) return x;
  if (range <= 0.0f) return low;
  const float beyond = x < low ? low - x : x - high, times = simd::first(simd::trunc(splat(beyond / range))), rest = beyond - times * range;
  const bool from_low = (x < low) == (static_cast<i64>(times) % 2 == 0);
  return from_low ? low + rest : high - rest;
}

template <int TAPS> DNNC_INLINE AxisTaps<TAPS> axis_taps(float g, i64 size, i64 stride, i64 padding, bool align) {
  const float last = static_cast<float>(size - 1), low = align ? 0.0f : -0.5f, high = align ? last : last + 0.5f;
  float x = align ? (g + 1.0f) * 0.5f * last : ((g + 1.0f) * static_cast<float>(size) - 1.0f) * 0.5f;
  x = within(x, -0x1p30f, 0x1p30f); // an index fits
  if (TAPS == 1) x = nearest_even(x);
  if (TAPS < 4 && (x < low || x > high)) { // cubic: tap by tap, as runtimes have it
    if (padding == 1)
      x = within(x, 0.0f, last);
    else if (padding == 2)
      x = reflect(x, low, high);
  }
  AxisTaps<TAPS> taps;
  const float floor = floor_of(x), t = x - floor;
  i64 first = static_cast<i64>(floor);
  if (TAPS == 1) {
    taps.weight[0] = 1.0f;
  } else if (TAPS == 2) {
    taps.weight[0] = 1.0f - t;
    taps.weight[TAPS - 1] = t;
  } else {
    const float a = -0.75f;
    first -= 1;
    for (int i = 0; i < TAPS; ++i) {
      const float offset = t + 1.0f - static_cast<float>(i), d = offset < 0.0f ? -offset : offset;
      taps.weight[i] = i == 1 || i == 2 ? ((a + 2.0f) * d - (a + 3.0f)) * d * d + 1.0f : ((a * d - 5.0f * a) * d + 8.0f * a) * d - 4.0f * a;
    }
  }
  for (int i = 0; i < TAPS; ++i) {
    i64 at = first + i;
    if (at < 0 || at >= size) {
      if (padding == 0)
        at = -1;
      else if (padding == 2)
        at = index_within(static_cast<i64>(reflect(static_cast<float>(at), low, high)), size);
      else
        at = index_within(at, size);
    }
    taps.at[i] = at < 0 ? -1 : at * stride;
  }
  return taps;
}

// One output point. TAPS_Z: taps along the depth, 1 of weight 1 for two spatial dims.
template <int TAPS, int TAPS_Z> struct GridPoint {
  const float *x;
  float *y;
  AxisTaps<TAPS_Z> z;
  AxisTaps<TAPS> rows, cols;

  template <class L> DNNC_INLINE void one(i64 c, L lanes) const {
    vf sum = zero();
    for (int k = 0; k < TAPS_Z; ++k)
      for (int i = 0; i < TAPS; ++i) {
        if (z.at[k] < 0 || rows.at[i] < 0) continue;
        const float *row = x + z.at[k] + rows.at[i] + c;
        vf line = zero();
        for (int j = 0; j < TAPS; ++j)
          if (cols.at[j] >= 0) line = fma(splat(cols.weight[j]), load(row + cols.at[j], lanes), line);
        sum = fma(splat(z.weight[k] * rows.weight[i]), line, sum);
      }
    store(y + c, sum, lanes);
  }
  DNNC_INLINE void four(i64 c) const {
    vf s0 = zero(), s1 = s0, s2 = s0, s3 = s0;
    for (int k = 0; k < TAPS_Z; ++k)
      for (int i = 0; i < TAPS; ++i) {
        if (z.at[k] < 0 || rows.at[i] < 0) continue;
        const float *row = x + z.at[k] + rows.at[i] + c;
        for (int j = 0; j < TAPS; ++j) {
          if (cols.at[j] < 0) continue;
          const float *at = row + cols.at[j];
          const vf weight = splat(z.weight[k] * rows.weight[i] * cols.weight[j]);
          s0 = fma(weight, load(at, Full{}), s0);
          s1 = fma(weight, load(at + VL, Full{}), s1);
          s2 = fma(weight, load(at + 2 * VL, Full{}), s2);
          s3 = fma(weight, load(at + 3 * VL, Full{}), s3);
        }
      }
    store(y + c, s0, Full{});
    store(y + c + VL, s1, Full{});
    store(y + c + 2 * VL, s2, Full{});
    store(y + c + 3 * VL, s3, Full{});
  }
  // A vector of one lane is cheaper as a float.
  DNNC_INLINE void single() const {
    float sum = 0.0f;
    for (int k = 0; k < TAPS_Z; ++k)
      for (int i = 0; i < TAPS; ++i) {
        if (z.at[k] < 0 || rows.at[i] < 0) continue;
        const float *row = x + z.at[k] + rows.at[i];
        float line = 0.0f;
        for (int j = 0; j < TAPS; ++j)
          if (cols.at[j] >= 0) line += cols.weight[j] * row[cols.at[j]];
        sum += z.weight[k] * rows.weight[i] * line;
      }
    *y = sum;
  }
};

template <int TAPS, int TAPS_Z> struct GridSample {
  Held<GridSampleParams> p;
  const float *x, *grid;
  float *y;

  DNNC_INLINE void operator()(i64 begin, i64 end, int) const {
    const bool align = p.align_corners != 0;
    for (i64 i = begin; i < end; ++i) {
      const float *g = grid + i * p.rank;
      GridPoint<TAPS, TAPS_Z> point;
      point.x = x + i / p.points * p.x_n;
      point.y = y + i * p.c;
      point.cols = axis_taps<TAPS>(g[0], p.w, p.x_w, p.padding, align);
      point.rows = axis_taps<TAPS>(g[1], p.h, p.x_h, p.padding, align);
      if (p.rank == 3) {
        point.z = axis_taps<TAPS_Z>(g[2], p.d, p.x_d, p.padding, align);
      } else {
        point.z.at[0] = 0;
        point.z.weight[0] = 1.0f;
      }
      if (p.c == 1)
        point.single();
      else
        for_channels(p.c, point);
    }
  }
};

template <int TAPS> void grid_sample(const GridSampleParams &p, const float *x, const float *grid, float *y, const Par &par) {
  if (p.rank == 3)
    par.run(p.n * p.points, GridSample<TAPS, TAPS>{p, x, grid, y});
  else
    par.run(p.n * p.points, GridSample<TAPS, 1>{p, x, grid, y});
}

} // namespace spatial
