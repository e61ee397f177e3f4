// Layer and RMS norm on a GPU; contract in params.h. A block per row; mean and variance in two passes.
#pragma once
#include "../reduce/cuda.cuh"
#include "normalize.h"

namespace normalize {
namespace cuda {

template <bool CENTERED> struct RowWork {
  RowNormParams p;
  const float *x, *scale, *bias;
  float *y;

  __device__ void operator()(i64 r) const {
    const float *from = x + r * p.cols;
    float *to = y + r * p.cols;
    const vf count = splat(static_cast<float>(p.cols));
    vf mean = zero(), squares = zero();
    if (CENTERED) {
      for (i64 c = threadIdx.x; c < p.cols; c += reduce::cuda::BLOCK) mean += vf{from[c]};
      mean = vf{reduce::cuda::over_block<reduce::Sum>(mean.x)} / count;
    }
    for (i64 c = threadIdx.x; c < p.cols; c += reduce::cuda::BLOCK) {
      const vf d = vf{from[c]} - mean;
      squares = fma(d, d, squares);
    }
    const vf variance = vf{reduce::cuda::over_block<reduce::Sum>(squares.x)} / count;
    const vf inverse = splat(1.0f) / simd::sqrt(variance + splat(p.epsilon));
    for (i64 c = threadIdx.x; c < p.cols; c += reduce::cuda::BLOCK)
      scale_shift(from + c, scale + c, bias ? bias + c : nullptr, to + c, mean, inverse, Full{});
  }
};

inline void layer_norm(const RowNormParams &p, const float *x, const float *scale, const float *bias, float *y, const Par &par) {
  reduce::cuda::run_rows(RowWork<true>{p, x, scale, bias, y}, p.rows, par);
}
inline void rms_norm(const RowNormParams &p, const float *x, const float *scale, float *y, const Par &par) {
  reduce::cuda::run_rows(RowWork<false>{p, x, scale, nullptr, y}, p.rows, par);
}

} // namespace cuda
} // namespace normalize
