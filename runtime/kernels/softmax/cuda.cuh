// Softmax and its logarithm on a GPU; contract in params.h. Along contiguous rows a block each; along other axes a thread per column,
// neighbouring threads on neighbouring columns.
#pragma once
#include "../reduce/cuda.cuh"
#include "softmax.h"

namespace softmax {
namespace cuda {

template <bool LOG> struct RowWork {
  SoftmaxParams p;
  const float *x;
  float *y;

  __device__ void operator()(i64 o) const {
    const float *from = x + o * p.axis;
    float *to = y + o * p.axis;
    float top = from[0], sum = 0.0f;
    for (i64 i = threadIdx.x; i < p.axis; i += reduce::cuda::BLOCK) top = simd::max(vf{top}, vf{from[i]}).x;
    top = reduce::cuda::over_block<reduce::Max>(top);
    for (i64 i = threadIdx.x; i < p.axis; i += reduce::cuda::BLOCK) sum = (vf{sum} + term<LOG>(from + i, to + i, vf{top}, Full{})).x;
    sum = reduce::cuda::over_block<reduce::Sum>(sum);
    const vf last = LOG ? pw::log(vf{sum}) : splat(1.0f) / vf{sum};
    for (i64 i = threadIdx.x; i < p.axis; i += reduce::cuda::BLOCK) finish<LOG>(from + i, to + i, vf{top}, last, Full{});
  }
};

template <bool LOG> struct ColumnWork {
  SoftmaxParams p;
  const float *x;
  float *y;

  DNNC_DEVICE void operator()(i64 begin, i64, int) const {
    const i64 at = begin / p.inner * p.axis * p.inner + begin % p.inner;
    columns<LOG, 1>(x + at, y + at, p.axis, p.inner, Full{});
  }
};

template <bool LOG> inline void enqueue(const SoftmaxParams &p, const float *x, float *y, const Par &par) {
  if (p.inner == 1)
    reduce::cuda::run_rows(RowWork<LOG>{p, x, y}, p.outer, par);
  else
    par.run(p.outer * p.inner, ColumnWork<LOG>{p, x, y});
}
inline void softmax(const SoftmaxParams &p, const float *x, float *y, const Par &par) { enqueue<false>(p, x, y, par); }
inline void log_softmax(const SoftmaxParams &p, const float *x, float *y, const Par &par) { enqueue<true>(p, x, y, par); }

} // namespace cuda
} // namespace softmax
