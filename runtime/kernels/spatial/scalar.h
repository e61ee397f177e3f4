// Coordinates: single floats that become indices.
#pragma once
#include "../../parallel.h"
#include "../../simd.h"
#include "params.h"

namespace spatial {

DNNC_INLINE float floor_of(float x) { return simd::first(simd::floor(splat(x))); }
DNNC_INLINE float ceil_of(float x) { return simd::first(simd::ceil(splat(x))); }
DNNC_INLINE float nearest_even(float x) { return simd::first(simd::round_even(splat(x))); }
// Within [low, high]; NaN gives low.
DNNC_INLINE float within(float x, float low, float high) { return x > low ? (x < high ? x : high) : low; }
DNNC_INLINE i64 index_within(i64 i, i64 size) { return i < 0 ? 0 : i < size ? i : size - 1; }

// Runs f.piece<VECTORS>(c, lanes) over all channels.
template <class F> DNNC_INLINE void for_channels(i64 channels, const F &f) {
  i64 c = 0;
  for (; c + 4 * VL <= channels; c += 4 * VL) f.four(c);
  for (; c + VL <= channels; c += VL) f.one(c, Full{});
  if (c < channels) f.one(c, Part{static_cast<int>(channels - c)});
}

// The two taps of a linear interpolation inside [0, size), each with its weight, and how many rows or columns apart.
struct Pair {
  i64 low, high;
  float low_weight, high_weight;
};

} // namespace spatial
