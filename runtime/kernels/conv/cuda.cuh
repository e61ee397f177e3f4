// conv on a GPU; the contract is in params.h. Dense: the product of gemm.cuh with a row per output pixel of all images and a term per
// tap and channel, whose a is read from the image where it is (implicit GEMM). Layers are groups (and phases, for conv_transpose).
// Depthwise: a thread per output element, neighbouring threads on neighbouring channels.
#pragma once
#include "../matmul/half_gemm.cuh"
#include "geometry.h"

namespace conv {
namespace cuda {

using matmul::cuda::BK;

// Grids gives the grid of a phase, as for conv::run_grids.
template <int BN, class Grids, class TX, class W, class TY, class Ep> struct Dense {
  ConvParams p;
  i64 phases;
  const TX *x_start;
  const W *w_start;
  TY *y_start;
  Ep ep;

  struct Row {
    i64 offset; // of tap (0, 0), channel 0
    int h, w;   // its place in the image; h far outside: no such row
  };
  struct Step {
    int t, u, c;
  };
  struct Block {
    const ConvParams &p;
    const Ep &ep;
    const TX *x;
    const W *weights;
    TY *y;
    Grid g;
    i64 rows, columns, depth, group_column, pixels;

    __device__ Block(const Dense &work, i64 z) : p(work.p), ep(work.ep), g(Grids::of(work.p, z % work.phases)) {
      const i64 group = z / work.phases, group_k = p.k / p.groups;
      pixels = g.rows * g.cols;
      rows = p.n * pixels, columns = group_k, depth = g.kh * g.kw * g.c;
      group_column = group * group_k;
      x = work.x_start + group * g.c;
      weights = work.w_start + group * group_k * (p.kh * p.kw * g.c);
      y = work.y_start + group_column;
    }
    __device__ Row row(i64 m) const {
      if (m >= rows) return {0, -(1 << 29), 0};
      const i64 n = m / pixels, i = (m - n * pixels) / g.cols, j = m - n * pixels - i * g.cols;
      const i64 h = g.h0 + i * g.sh, w = g.w0 + j * g.sw;
      return {n * p.x_n + h * g.x_h + w * g.x_w, static_cast<int>(h), static_cast<int>(w)};
    }
    __device__ Step step(i64 k) const {
      Step s = {0, 0, static_cast<int>(k)};
      carry(s);
      return s;
    }
    __device__ void advance(Step &s, int by) const {
      s.c += by;
      carry(s);
    }
    __device__ void carry(Step &s) const {
      while (s.c >= g.c && s.t < g.kh) {
        s.c -= static_cast<int>(g.c);
        if (++s.u == g.kw) s.u = 0, ++s.t;
      }
    }
    __device__ bool inside(const Row &row, const Step &s) const {
      const i64 h = row.h + s.t * g.dh, w = row.w + s.u * g.dw;
      return s.t < g.kh && h >= 0 && h < g.h && w >= 0 && w < g.w;
    }
    __device__ const TX *at(const Row &row, const Step &s) const { return x + row.offset + s.t * g.dh * g.x_h + s.u * g.dw * g.x_w + s.c; }
    __device__ void load(const Row &row, const Step &s, float (&out)[1]) const { out[0] = inside(row, s) ? to_float(*at(row, s)) : 0.0f; }
    __device__ void load(const Row &row, const Step &s, float (&out)[4]) const { // channels are a multiple of four
      const float4 v = inside(row, s) ? *reinterpret_cast<const float4 *>(at(row, s)) : float4{0, 0, 0, 0};
      out[0] = v.x, out[1] = v.y, out[2] = v.z, out[3] = v.w;
    }
    __device__ void load(const Row &row, const Step &s, uint16_t (&out)[1]) const {
      out[0] = inside(row, s) ? matmul::cuda::half_bits(*at(row, s)) : uint16_t(0);
    }
    __device__ void load(const Row &row, const Step &s, uint16_t (&out)[8]) const { // channels are a multiple of eight
      DNNC_UNROLL for (int i = 0; i < 8; ++i) out[i] = 0;
      if (inside(row, s)) matmul::cuda::load_run(at(row, s), out);
    }
    // Where the weights of term k and the columns from `column` on are; the panel's width.
    __device__ const W *weights_at(i64 k, i64 column, i64 &width) const {
      const i64 panel = column / BN * BN, left = columns - panel;
      width = left < BN ? left : BN;
      const i64 taps = k / g.c, t = taps / g.kw;
      const i64 row = g.b0 + t * g.b_h + (taps - t * g.kw) * g.b_w + k - taps * g.c;
      return weights + (panel * (p.kh * p.kw * g.c) + row * width + column - panel);
    }
    __device__ float b(i64 k, i64 column) const {
      i64 width;
      return to_float(*weights_at(k, column, width));
    }
    __device__ void load_b(i64 k, i64 column, uint16_t (&out)[4]) const {
      i64 width;
      const W *from = weights_at(k, column, width);
      matmul::cuda::load_four(from, k < depth ? columns - column : 0, width % 4 == 0 && p.k / p.groups % 4 == 0, out);
    }
    __device__ void finish(i64 m, i64 column, vf sum) const {
      const i64 n = m / pixels, i = (m - n * pixels) / g.cols, j = m - n * pixels - i * g.cols;
      TY *const out = y + n * p.y_n + g.y0 + i * g.y_h + j * g.y_w + column;
      store(out, ep(sum, n, g.r0 + i * g.r_h + j * g.r_w, group_column + column, Full{}), Full{});
    }
  };
};

template <int BM, int BN, class Grids, class TX, class W, class TY, class Ep>
inline void run(const ConvParams &p, i64 phases, i64 pixels, const TX *x, const W *w, TY *y, const Ep &ep, const Par &par) {
  const Dense<BN, Grids, TX, W, TY, Ep> work = {p, phases, x, w, y, ep};
  const i64 rows = p.n * pixels, columns = p.k / p.groups, layers = phases * p.groups;
  if constexpr (sizeof(TX) == 4) {
    if (matmul::cuda::in_fours(x, p.c / p.groups, p.x_n, p.x_h, p.x_w))
      return matmul::cuda::run_gemm<BM, BN, 4>(work, rows, columns, layers, par);
  }
  matmul::cuda::run_gemm<BM, BN, 1>(work, rows, columns, layers, par);
}

// On tensor cores: weights are f16, x is f16 or becomes it.
template <int BM, int BN, class Grids, class TX, class TY, class Ep>
inline void run_half(const ConvParams &p, i64 phases, i64 pixels, const TX *x, const f16 *w, TY *y, const Ep &ep, const Par &par) {
  const Dense<BN, Grids, TX, f16, TY, Ep> work = {p, phases, x, w, y, ep};
  const i64 rows = p.n * pixels, columns = p.k / p.groups, layers = phases * p.groups;
  if (matmul::cuda::in_eights(x, p.c / p.groups, p.x_n, p.x_h, p.x_w))
    matmul::cuda::run_half_gemm<BM, BN, 8>(work, rows, columns, layers, par);
  else
    matmul::cuda::run_half_gemm<BM, BN, 1>(work, rows, columns, layers, par);
}

template <int BM, int BN, class W, class TX, class TY, class Ep>
void direct(const ConvParams &p, const TX *x, const W *w, TY *y, const Ep &ep, const Par &par) {
  run<BM, BN, DirectGrid>(p, 1, p.oh * p.ow, x, w, y, ep, par);
}
template <int BM, int BN, class TX, class TY, class Ep>
void half_direct(const ConvParams &p, const TX *x, const f16 *w, TY *y, const Ep &ep, const Par &par) {
  run_half<BM, BN, DirectGrid>(p, 1, p.oh * p.ow, x, w, y, ep, par);
}

template <class TX, class W, class TY, class Ep> struct Depthwise {
  ConvParams p;
  const TX *x;
  const W *w;
  TY *y;
  Ep ep;

  __device__ void operator()(i64 begin, i64, int) const {
    const i64 c = begin % p.c, r = begin / p.c % (p.oh * p.ow), n = begin / p.c / (p.oh * p.ow), oh = r / p.ow, ow = r - oh * p.ow;
    const i64 h0 = oh * p.sh - p.pt, w0 = ow * p.sw - p.pl;
    vf sum = zero();
    for (i64 t = 0; t < p.kh; ++t) {
      const i64 h = h0 + t * p.dh;
      if (h < 0 || h >= p.h) continue;
      for (i64 u = 0; u < p.kw; ++u) {
        const i64 column = w0 + u * p.dw;
        if (column < 0 || column >= p.w) continue;
        sum = fma(load(x + n * p.x_n + h * p.x_h + column * p.x_w + c, Full{}), load(w + (t * p.kw + u) * p.c + c, Full{}), sum);
      }
    }
    store(y + n * p.y_n + oh * p.y_h + ow * p.y_w + c, ep(sum, n, r, c, Full{}), Full{});
  }
};

// The general one and those for a kernel size and a stride are the same here.
template <int, int, class W, class TX, class TY, class Ep>
void depthwise(const ConvParams &p, const TX *x, const W *w, TY *y, const Ep &ep, const Par &par) {
  par.run(p.n * p.oh * p.ow * p.c, Depthwise<TX, W, TY, Ep>{p, x, w, y, ep});
}

} // namespace cuda
} // namespace conv
