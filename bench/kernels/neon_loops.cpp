// The kernels whose inner loops bench/neon_mca.py looks at, as functions of their own. Compiled to assembly only.
#include "api.h"
#include "prelude.h"

#define DNNC_ISA DNNC_BENCH_ISA

namespace {
DNNC_TARGET_BEGIN
#include "kernels/conv/depthwise.h"
#include "kernels/conv_int8/depthwise.h"
#include "kernels/matmul/tile.h"
#include "kernels/pointwise/epilogue.h"
} // namespace

#define DNNC_F32(M, N)                                                                                                                     \
  extern "C" void f32_##M##x##N(const matmul::TermList &list, const float *b, float *sum) {                                                \
    matmul::accumulate<M, N>(list, 0, b, true, sum);                                                                                       \
  }
#define DNNC_INT8(M, N)                                                                                                                    \
  extern "C" void int8_##M##x##N(const conv_int8::Panel &panel, const uint8_t *const *x, int32_t *sum) {                                   \
    conv_int8::accumulate<M, N>(panel, x, sum);                                                                                            \
  }
#define DNNC_DEPTHWISE(SIZE, STRIDE)                                                                                                       \
  extern "C" void depthwise_##SIZE##x##SIZE##_s##STRIDE(const conv::ConvParams &p, const float *x, const float *w, float *y) {             \
    conv::DepthwiseWork<SIZE, STRIDE, float, pw::NoEpilogue>{p, x, w, y, pw::NoEpilogue{}}(0, p.oh, 0);                                    \
  }                                                                                                                                        \
  extern "C" void int8_depthwise_##SIZE##x##SIZE##_s##STRIDE(const conv_int8::ConvInt8Params &p, const uint8_t *x, const int8_t *w,        \
                                                             const int32_t *bias, uint8_t *y, uint8_t *scratch) {                          \
    conv_int8::DepthwiseWork<SIZE, STRIDE, uint8_t, pw::NoEpilogue>{p, x, w, bias, y, scratch, pw::NoEpilogue{}}(0, p.oh, 0);              \
  }
// The tiles that kernels.inc has for NEON.
DNNC_F32(6, 4)
DNNC_F32(8, 2)
DNNC_F32(10, 1)
DNNC_INT8(5, 4)
DNNC_INT8(8, 2)
DNNC_INT8(10, 1)
DNNC_DEPTHWISE(3, 1)
DNNC_DEPTHWISE(3, 2)
DNNC_DEPTHWISE(5, 1)
DNNC_DEPTHWISE(5, 2)
DNNC_TARGET_END
