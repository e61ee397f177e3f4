// Normalizations; contract in params.h. Mean and variance in two passes.
#pragma once
#include "../../parallel.h"
#include "../pointwise/functions.h"
#include "../reduce/reduce.h"
#include "params.h"

namespace normalize {

// Σ (x - shift)² over n contiguous elements, in short blocks as reduce.h has them.
DNNC_INLINE float sum_of_squares(const float *x, i64 n, float shift) {
  const vf s = splat(shift);
  const i64 whole = n / VL * VL;
  vf total = zero();
  for (i64 i = 0; i < whole;) {
    i64 end = i + 4 * VL * reduce::block < whole ? i + 4 * VL * reduce::block : whole;
    vf acc[4] = {zero(), zero(), zero(), zero()};
    for (; i + 4 * VL <= end; i += 4 * VL)
      for (int v = 0; v < 4; ++v) {
        vf d = load(x + i + v * VL, Full{}) - s;
        acc[v] = fma(d, d, acc[v]);
      }
    for (; i < end; i += VL) {
      vf d = load(x + i, Full{}) - s;
      acc[0] = fma(d, d, acc[0]);
    }
    total = total + ((acc[0] + acc[1]) + (acc[2] + acc[3]));
  }
  if (whole < n) {
    Part tail{static_cast<int>(n - whole)};
    vf d = select(is_lane(tail), load(x + whole, tail) - s, zero());
    total = fma(d, d, total);
  }
  return reduce_add(total);
}

template <class L>
DNNC_INLINE void scale_shift(const float *x, const float *scale, const float *bias, float *y, vf mean, vf inverse, L lanes) {
  vf normal = (load(x, lanes) - mean) * inverse * load(scale, lanes);
  store(y, bias ? normal + load(bias, lanes) : normal, lanes);
}

template <bool CENTERED> struct RowNorm {
  const RowNormParams &p;
  const float *x, *scale, *bias;
  float *y;

  DNNC_INLINE void operator()(i64 begin, i64 end, int) const {
    float count = static_cast<float>(p.cols);
    for (i64 r = begin; r < end; ++r) {
      const float *from = x + r * p.cols;
      float *to = y + r * p.cols;
      float mean = CENTERED ? reduce::row<reduce::Sum>(from, p.cols) / count : 0.0f;
      float inverse = 1.0f / pw::sqrt(sum_of_squares(from, p.cols, mean) / count + p.epsilon);
      i64 c = 0;
      for (; c + VL <= p.cols; c += VL)
        scale_shift(from + c, scale + c, bias ? bias + c : nullptr, to + c, splat(mean), splat(inverse), Full{});
      if (c < p.cols)
        scale_shift(from + c, scale + c, bias ? bias + c : nullptr, to + c, splat(mean), splat(inverse),
                    Part{static_cast<int>(p.cols - c)});
    }
  }
};

inline void layer_norm(const RowNormParams &p, const float *x, const float *scale, const float *bias, float *y, const Par &par) {
  par.run(p.rows, RowNorm<true>{p, x, scale, bias, y});
}
inline void rms_norm(const RowNormParams &p, const float *x, const float *scale, float *y, const Par &par) {
  par.run(p.rows, RowNorm<false>{p, x, scale, nullptr, y});
}

// Σ of f(x) over the spatial positions for each lane's channel, in short blocks.
template <bool SQUARES, class L> DNNC_INLINE vf channel_sums(const float *x, i64 spatial, i64 stride, vf shift, L lanes) {
  vf total = zero();
  for (i64 s0 = 0; s0 < spatial; s0 += reduce::block) {
    i64 end = s0 + reduce::block < spatial ? s0 + reduce::block : spatial;
    vf acc = zero();
    for (i64 s = s0; s < end; ++s) {
      vf d = load(x + s * stride, lanes) - shift;
      acc = SQUARES ? fma(d, d, acc) : acc + d;
    }
    total = total + acc;
  }
  return total;
}

// One channel a group (InstanceNormalization): lanes are channels.
struct InstanceNorm {
  const GroupNormParams &p;
  const float *x, *scale, *bias;
  float *y;
  i64 pieces;

  template <class L> DNNC_INLINE void channels(i64 n, i64 c, L lanes) const {
    const float *from = x + n * p.spatial * p.c + c;
    float *to = y + n * p.spatial * p.c + c;
    vf count = splat(static_cast<float>(p.spatial));
    vf mean = channel_sums<false>(from, p.spatial, p.c, zero(), lanes) / count;
    vf variance = channel_sums<true>(from, p.spatial, p.c, mean, lanes) / count;
    vf factor = load(scale + c, lanes) / sqrt(variance + splat(p.epsilon)), shift = load(bias + c, lanes);
    for (i64 s = 0; s < p.spatial; ++s) store(to + s * p.c, fma(load(from + s * p.c, lanes) - mean, factor, shift), lanes);
  }
  DNNC_INLINE void operator()(i64 begin, i64 end, int) const {
    for (i64 i = begin; i < end; ++i) {
      i64 n = i / pieces, c = i % pieces * VL;
      if (c + VL <= p.c)
        channels(n, c, Full{});
      else
        channels(n, c, Part{static_cast<int>(p.c - c)});
    }
  }
};

struct GroupNorm {
  const GroupNormParams &p;
  const float *x, *scale, *bias;
  float *y;

  DNNC_INLINE void operator()(i64 begin, i64 end, int) const {
    i64 width = p.c / p.groups;
    float count = static_cast<float>(width * p.spatial);
    for (i64 i = begin; i < end; ++i) {
      i64 n = i / p.groups, c0 = i % p.groups * width;
      const float *from = x + n * p.spatial * p.c + c0;
      float *to = y + n * p.spatial * p.c + c0;
      float mean = total<false>(from, width, 0.0f) / count;
      float inverse = 1.0f / pw::sqrt(total<true>(from, width, mean) / count + p.epsilon);
      for (i64 s = 0; s < p.spatial; ++s, from += p.c, to += p.c) {
        i64 c = 0;
        for (; c + VL <= width; c += VL) scale_shift(from + c, scale + c0 + c, bias + c0 + c, to + c, splat(mean), splat(inverse), Full{});
        if (c < width)
          scale_shift(from + c, scale + c0 + c, bias + c0 + c, to + c, splat(mean), splat(inverse), Part{static_cast<int>(width - c)});
      }
    }
  }
  // Σ of x, or of (x - shift)², over one group; lanes beyond a tail count nothing.
  template <bool SQUARES> DNNC_INLINE float total(const float *from, i64 width, float shift) const {
    float sum = 0.0f;
    i64 c = 0;
    for (; c + VL <= width; c += VL) sum += reduce_add(channel_sums<SQUARES>(from + c, p.spatial, p.c, splat(shift), Full{}));
    if (c < width) {
      Part tail{static_cast<int>(width - c)};
      sum += reduce_add(select(is_lane(tail), channel_sums<SQUARES>(from + c, p.spatial, p.c, splat(shift), tail), zero()));
    }
    return sum;
  }
};

inline void group_norm(const GroupNormParams &p, const float *x, const float *scale, const float *bias, float *y, const Par &par) {
  i64 pieces = (p.c + VL - 1) / VL;
  if (p.groups == p.c)
    par.run(p.n * pieces, InstanceNorm{p, x, scale, bias, y, pieces});
  else
    par.run(p.n * p.groups, GroupNorm{p, x, scale, bias, y});
}

struct Lrn {
  const LrnParams &p;
  const float *x;
  float *y;

  // Neighbour j of VL channels from c on; 0 outside the pixel's channels.
  DNNC_INLINE vf neighbour(const float *pixel, i64 c) const {
    if (c >= 0 && c + VL <= p.c) return load(pixel + c, Full{});
    float v[VL];
    for (int i = 0; i < VL; ++i) v[i] = c + i >= 0 && c + i < p.c ? pixel[c + i] : 0.0f;
    return load(v, Full{});
  }
  DNNC_INLINE void operator()(i64 begin, i64 end, int) const {
    vf factor = splat(p.alpha / static_cast<float>(p.size)), offset = splat(p.bias), power = splat(-p.beta);
    for (i64 i = begin; i < end; ++i) {
      const float *pixel = x + i * p.c;
      for (i64 c = 0; c < p.c; c += VL) {
        vf sum = zero();
        for (i64 j = 0; j < p.size; ++j) {
          vf v = neighbour(pixel, c + j - (p.size - 1) / 2);
          sum = fma(v, v, sum);
        }
        vf result = neighbour(pixel, c) * pw::pow(fma(factor, sum, offset), power);
        if (c + VL <= p.c)
          store(y + i * p.c + c, result, Full{});
        else
          store(y + i * p.c + c, result, Part{static_cast<int>(p.c - c)});
      }
    }
  }
};

inline void lrn(const LrnParams &p, const float *x, float *y, const Par &par) { par.run(p.pixels, Lrn{p, x, y}); }

} // namespace normalize
