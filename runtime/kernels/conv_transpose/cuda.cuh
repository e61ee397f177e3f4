// conv_transpose on a GPU; the contract is in params.h. Each phase of the strides is a layer of the product of conv/cuda.cuh.
#pragma once
#include "../conv/cuda.cuh"
#include "phases.h"

namespace conv_transpose {
namespace cuda {

template <int BM, int BN, class W, class TX, class TY, class Ep>
void direct(const conv::ConvParams &p, const TX *x, const W *w, TY *y, const Ep &ep, const Par &par) {
  const i64 pixels = ((p.oh + p.sh - 1) / p.sh) * ((p.ow + p.sw - 1) / p.sw);
  conv::cuda::run<BM, BN, PhaseGrid>(p, p.sh * p.sw, pixels, x, w, y, ep, par);
}

template <int BM, int BN, class TX, class TY, class Ep>
void half_direct(const conv::ConvParams &p, const TX *x, const f16 *w, TY *y, const Ep &ep, const Par &par) {
  const i64 pixels = ((p.oh + p.sh - 1) / p.sh) * ((p.ow + p.sw - 1) / p.sw);
  conv::cuda::run_half<BM, BN, PhaseGrid>(p, p.sh * p.sw, pixels, x, w, y, ep, par);
}

} // namespace cuda
} // namespace conv_transpose
