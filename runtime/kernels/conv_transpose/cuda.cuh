// conv_transpose on a GPU; the contract is in params.h. Each phase of the strides is a layer of the product of conv/cuda.cuh.
#pragma once
#include "../conv/cuda.cuh"
#include "phases.h"

namespace conv_transpose {
namespace cuda {

template <int BM, int BN, class W, class Ep>
void direct(const conv::ConvParams &p, const float *x, const W *w, float *y, const Ep &ep, const Par &par) {
  const i64 pixels = ((p.oh + p.sh - 1) / p.sh) * ((p.ow + p.sw - 1) / p.sw);
  conv::cuda::run<BM, BN, PhaseGrid>(p, p.sh * p.sw, pixels, x, w, y, ep, par);
}

} // namespace cuda
} // namespace conv_transpose
