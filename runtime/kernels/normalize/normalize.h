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
    for (; i + 4 * VL <= end; i += 4 * VL) DNNC_UNROLL for (int v = 0; v < 4; ++v) {
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
  Held<RowNormParams> p;
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

// Σ of x - shift, or of its square, over the spatial positions for each lane's channel, in short blocks.
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

// Works on strips: whole groups side by side, about four vectors of channels. Lanes are channels, whatever the groups.
struct GroupNorm {
  static constexpr i64 strip = 4 * VL; // channels; a wider group is a strip of its own
  Held<GroupNormParams> p;
  const float *x, *scale, *bias;
  float *y;

  DNNC_INLINE i64 width() const { return p.c / p.groups; }
  DNNC_INLINE i64 strip_groups() const { return width() < strip ? strip / width() : 1; }
  DNNC_INLINE i64 strips() const { return (p.groups + strip_groups() - 1) / strip_groups(); }

  // The value of each lane's group, for the vector of channels from c on.
  template <class L> DNNC_INLINE vf spread(const float *of_group, i64 c, L lanes) const {
    float v[VL] = {};
    for (int j = 0; j < lanes_of(lanes); ++j) v[j] = of_group[(c + j) / width()];
    return load(v, Full{});
  }

  // Adds the sums over the vector of channels from c on to those of their groups.
  template <bool SQUARES, class L> DNNC_INLINE void add_sums(const float *from, i64 c, const float *mean, float *sums, L lanes) const {
    vf shift = SQUARES ? spread(mean, c, lanes) : zero();
    float v[VL];
    store(v, channel_sums<SQUARES>(from + c, p.spatial, p.c, shift, lanes), Full{});
    for (int j = 0; j < lanes_of(lanes); ++j) sums[(c + j) / width()] += v[j];
  }
  template <bool SQUARES> DNNC_INLINE void group_means(const float *from, i64 groups, const float *mean, float *result) const {
    const i64 channels = groups * width();
    for (i64 g = 0; g < groups; ++g) result[g] = 0.0f;
    i64 c = 0;
    for (; c + VL <= channels; c += VL) add_sums<SQUARES>(from, c, mean, result, Full{});
    if (c < channels) add_sums<SQUARES>(from, c, mean, result, Part{static_cast<int>(channels - c)});
    for (i64 g = 0; g < groups; ++g) result[g] /= static_cast<float>(width() * p.spatial);
  }

  template <class L> DNNC_INLINE void apply(const float *from, float *to, i64 c, const float *mean, const float *variance, vf factor,
                                            vf shift, L lanes) const {
    vf m = spread(mean, c, lanes), f = factor / sqrt(spread(variance, c, lanes) + splat(p.epsilon));
    for (i64 s = 0; s < p.spatial; ++s) store(to + s * p.c + c, fma(load(from + s * p.c + c, lanes) - m, f, shift), lanes);
  }

  DNNC_DEVICE void operator()(i64 begin, i64 end, int) const {
    for (i64 i = begin; i < end; ++i) {
      const i64 n = i / strips(), g0 = i % strips() * strip_groups(), c0 = g0 * width();
      const i64 groups = g0 + strip_groups() < p.groups ? strip_groups() : p.groups - g0, channels = groups * width();
      const float *from = x + n * p.spatial * p.c + c0;
      float *to = y + n * p.spatial * p.c + c0;
      float mean[strip], variance[strip];
      group_means<false>(from, groups, mean, mean);
      group_means<true>(from, groups, mean, variance);
      i64 c = 0;
      for (; c + VL <= channels; c += VL)
        apply(from, to, c, mean, variance, load(scale + c0 + c, Full{}), load(bias + c0 + c, Full{}), Full{});
      Part tail{static_cast<int>(channels - c)};
      if (c < channels) apply(from, to, c, mean, variance, load(scale + c0 + c, tail), load(bias + c0 + c, tail), tail);
    }
  }
};

inline void group_norm(const GroupNormParams &p, const float *x, const float *scale, const float *bias, float *y, const Par &par) {
  GroupNorm task{p, x, scale, bias, y};
  par.run(p.n * task.strips(), task);
}

struct Lrn {
  Held<LrnParams> p;
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
        vf result = neighbour(pixel, c) * pw::exp(power * pw::log(fma(factor, sum, offset)));
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
