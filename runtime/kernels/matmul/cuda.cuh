// matmul on a GPU; the contract is in params.h. Rows of the grid's first dim are rows of y, of the second columns; layers are the batch.
#pragma once
#include "batch.h"
#include "gemm.cuh"

namespace matmul {
namespace cuda {

// PACKED: b is panels of BN columns (pack.h); otherwise strided, read where it is.
template <int BN, bool PACKED, class W, class Ep> struct Product {
  MatmulParams p;
  const float *a_start;
  const W *b_start;
  float *y_start;
  Ep ep;

  struct Row {
    i64 offset; // negative: no such row
  };
  struct Step {
    i64 k;
  };
  struct Block {
    const MatmulParams &p;
    const Ep &ep;
    const float *a;
    const W *right;
    float *y;
    i64 n, rows, columns, depth;

    __device__ Block(const Product &w, i64 z) : p(w.p), ep(w.ep), n(z), rows(w.p.m), columns(w.p.n), depth(w.p.k) {
      const Batch batch(p, z);
      a = w.a_start + batch.a, right = w.b_start + batch.b, y = w.y_start + batch.y;
    }
    __device__ Row row(i64 m) const { return {m < rows ? m * p.a_rs : -1}; }
    __device__ Step step(i64 k) const { return {k}; }
    __device__ void advance(Step &s) const { s.k += BK; }
    __device__ void load(const Row &row, const Step &s, float (&out)[1]) const {
      out[0] = row.offset >= 0 && s.k < depth ? a[row.offset + s.k * p.a_cs] : 0.0f;
    }
    __device__ void load(const Row &row, const Step &s, float (&out)[4]) const { // a_cs is 1, the depth a multiple of four
      const float4 v = row.offset >= 0 && s.k < depth ? *reinterpret_cast<const float4 *>(a + row.offset + s.k) : float4{0, 0, 0, 0};
      out[0] = v.x, out[1] = v.y, out[2] = v.z, out[3] = v.w;
    }
    __device__ float b(i64 k, i64 column) const {
      if constexpr (!PACKED) return to_float(right[k * p.b_rs + column * p.b_cs]);
      const i64 panel = column / BN * BN, left = columns - panel;
      return to_float(right[panel * depth + k * (left < BN ? left : BN) + column - panel]);
    }
    __device__ void finish(i64 m, i64 column, vf sum) const { store(y + m * p.y_rs + column, ep(sum, n, m, column, Full{}), Full{}); }
  };
};

template <int BM, int BN, bool PACKED, class W, class Ep>
inline void run(const MatmulParams &p, const float *a, const W *b, float *y, const Ep &ep, const Par &par) {
  const Product<BN, PACKED, W, Ep> work = {p, a, b, y, ep};
  const i64 layers = batch_count(p);
  if (p.a_cs == 1 && p.k % 4 == 0 && in_fours(a, p.a_rs, p.a_b[0], p.a_b[1], p.a_b[2], p.a_b[3]))
    run_gemm<BM, BN, 4>(work, p.m, p.n, layers, par);
  else
    run_gemm<BM, BN, 1>(work, p.m, p.n, layers, par);
}

template <int BM, int BN, class W, class Ep>
void packed(const MatmulParams &p, const float *a, const W *b, float *y, const Ep &ep, const Par &par) {
  run<BM, BN, true>(p, a, b, y, ep, par);
}
template <int BM, int BN, class Ep>
void dynamic(const MatmulParams &p, const float *a, const float *b, float *y, const Ep &ep, const Par &par) {
  run<BM, BN, false>(p, a, b, y, ep, par);
}

} // namespace cuda
} // namespace matmul
