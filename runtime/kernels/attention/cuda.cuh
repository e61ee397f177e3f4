// attention in f32 on a GPU; contract in params.h. A query's row is a block's: its threads take a key each, BLOCK at a time, then a column of v
// each. The sums stand in y until the last.
#pragma once
#include "../pointwise/functions.h"
#include "../reduce/cuda.cuh"
#include "scores.h"

namespace attention {
namespace cuda {

template <class Mask> struct QueryWork {
  AttentionParams p;
  const float *q, *k, *v;
  const Mask *mask;
  float *y;

  __device__ float score(const float *x, const float *key, const Mask *row, i64 j) const {
    vf s = zero();
    for (i64 c = 0; c < p.d; ++c) s = fma(vf{x[c * p.q_s[3]]}, vf{key[c * p.k_s[3]]}, s);
    s *= splat(p.scale);
    if (p.softcap != 0.0f) s = splat(p.softcap) * pw::tanh(s * splat(1.0f / p.softcap));
    return masked(s, row, j, p.mask_s[3], Part{1}).x;
  }

  __device__ void operator()(i64 unit) const {
    constexpr i64 BLOCK = reduce::cuda::BLOCK;
    __shared__ float weights[BLOCK];
    const i64 i = unit % p.m, h = unit / p.m % p.heads, b = unit / p.m / p.heads, g = h / p.group, end = visible(p, i);
    const float *x = q + b * p.q_s[0] + h * p.q_s[1] + i * p.q_s[2];
    const float *kh = k + b * p.k_s[0] + g * p.k_s[1], *vh = v + b * p.v_s[0] + g * p.v_s[1];
    const Mask *row = mask_row(p, mask, b, h, i);
    float *to = y + b * p.y_s[0] + h * p.y_s[1] + i * p.y_s[2];
    const float lowest = -__builtin_inff();
    float top = lowest, sum = 0.0f;
    for (i64 c = threadIdx.x; c < p.dv; c += BLOCK) to[c] = 0.0f;
    for (i64 k0 = 0; k0 < end; k0 += BLOCK) {
      const i64 j = k0 + threadIdx.x, keys = end - k0 < BLOCK ? end - k0 : BLOCK;
      const float s = j < end ? score(x, kh + j * p.k_s[2], row, j) : lowest;
      const float next = simd::max(vf{top}, vf{reduce::cuda::over_block<reduce::Max>(s)}).x, shift = next == lowest ? 0.0f : next;
      const vf factor = pw::exp(vf{top} - vf{shift}), weight = pw::exp(vf{s} - vf{shift});
      weights[threadIdx.x] = weight.x;
      sum = (vf{sum} * factor + vf{reduce::cuda::over_block<reduce::Sum>(weight.x)}).x; // over_block: all weights are there
      for (i64 c = threadIdx.x; c < p.dv; c += BLOCK) {
        vf acc = vf{to[c]} * factor;
        for (i64 n = 0; n < keys; ++n) acc = fma(vf{weights[n]}, vf{vh[(k0 + n) * p.v_s[2] + c * p.v_s[3]]}, acc);
        to[c] = acc.x;
      }
      top = next;
      __syncthreads(); // before the next weights
    }
    for (i64 c = threadIdx.x; c < p.dv; c += BLOCK) to[c] = normalized(vf{to[c]}, State{top, sum}).x;
  }
};

template <class Mask>
void attention_masked(const AttentionParams &p, const float *q, const float *k, const float *v, const Mask *mask, float *y, const Par &par) {
  reduce::cuda::run_rows(QueryWork<Mask>{p, q, k, v, mask, y}, p.batch * p.heads * p.m, par);
}
inline void attention(const AttentionParams &p, const float *q, const float *k, const float *v, float *y, const Par &par) {
  attention_masked(p, q, k, v, static_cast<const NoMask *>(nullptr), y, par);
}

} // namespace cuda
} // namespace attention
