// matmul on a GPU; the contract is in params.h. Rows of the grid's first dim are rows of y, of the second columns; layers are the batch.
#pragma once
#include "batch.h"
#include "half_gemm.cuh"

namespace matmul {
namespace cuda {

// PACKED: b is panels of BN columns (pack.h); otherwise strided, read where it is.
template <int BN, bool PACKED, class TA, class W, class TY, class Ep> struct Product {
  MatmulParams p;
  const TA *a_start;
  const W *b_start;
  TY *y_start;
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
    const TA *a;
    const W *right;
    TY *y;
    i64 n, rows, columns, depth;

    __device__ Block(const Product &w, i64 z) : p(w.p), ep(w.ep), n(z), rows(w.p.m), columns(w.p.n), depth(w.p.k) {
      const Batch batch(p, z);
      a = w.a_start + batch.a, right = w.b_start + batch.b, y = w.y_start + batch.y;
    }
    __device__ Row row(i64 m) const { return {m < rows ? m * p.a_rs : -1}; }
    __device__ Step step(i64 k) const { return {k}; }
    __device__ void advance(Step &s, int by) const { s.k += by; }
    __device__ void load(const Row &row, const Step &s, float (&out)[1]) const {
      out[0] = row.offset >= 0 && s.k < depth ? to_float(a[row.offset + s.k * p.a_cs]) : 0.0f;
    }
    __device__ void load(const Row &row, const Step &s, float (&out)[4]) const { // a_cs is 1, the depth a multiple of four
      const float4 v = row.offset >= 0 && s.k < depth ? *reinterpret_cast<const float4 *>(a + row.offset + s.k) : float4{0, 0, 0, 0};
      out[0] = v.x, out[1] = v.y, out[2] = v.z, out[3] = v.w;
    }
    __device__ void load(const Row &row, const Step &s, uint16_t (&out)[1]) const {
      out[0] = row.offset >= 0 && s.k < depth ? half_bits(a[row.offset + s.k * p.a_cs]) : uint16_t(0);
    }
    __device__ void load(const Row &row, const Step &s, uint16_t (&out)[8]) const { // a_cs is 1, the depth a multiple of eight
      DNNC_UNROLL for (int i = 0; i < 8; ++i) out[i] = 0;
      if (row.offset >= 0 && s.k < depth) load_run(a + row.offset + s.k, out);
    }
    __device__ void load_b(i64 k, i64 column, uint16_t (&out)[4]) const {
      const i64 panel = column / BN * BN, left = columns - panel, width = left < BN ? left : BN;
      load_four(right + panel * depth + k * width + column - panel, k < depth ? columns - column : 0, width % 4 == 0, out);
    }
    __device__ float b(i64 k, i64 column) const {
      if constexpr (!PACKED) return to_float(right[k * p.b_rs + column * p.b_cs]);
      const i64 panel = column / BN * BN, left = columns - panel;
      return to_float(right[panel * depth + k * (left < BN ? left : BN) + column - panel]);
    }
    __device__ void finish(i64 m, i64 column, vf sum) const { store(y + m * p.y_rs + column, ep(sum, n, m, column, Full{}), Full{}); }
  };
};

template <int BM, int BN, bool PACKED, class TA, class W, class TY, class Ep>
inline void run(const MatmulParams &p, const TA *a, const W *b, TY *y, const Ep &ep, const Par &par) {
  const Product<BN, PACKED, TA, W, TY, Ep> work = {p, a, b, y, ep};
  const i64 layers = batch_count(p);
  if constexpr (sizeof(TA) == 4) {
    if (p.a_cs == 1 && p.k % 4 == 0 && in_fours(a, p.a_rs, p.a_b[0], p.a_b[1], p.a_b[2], p.a_b[3]))
      return run_gemm<BM, BN, 4>(work, p.m, p.n, layers, par);
  }
  run_gemm<BM, BN, 1>(work, p.m, p.n, layers, par);
}

template <int BM, int BN, class W, class TA, class TY, class Ep>
void packed(const MatmulParams &p, const TA *a, const W *b, TY *y, const Ep &ep, const Par &par) {
  run<BM, BN, true>(p, a, b, y, ep, par);
}
template <int BM, int BN, class TA, class TB, class TY, class Ep>
void dynamic(const MatmulParams &p, const TA *a, const TB *b, TY *y, const Ep &ep, const Par &par) {
  run<BM, BN, false>(p, a, b, y, ep, par);
}

// The same as packed on tensor cores: b is f16, a is f16 or becomes it.
template <int BM, int BN, class TA, class TY, class Ep>
void half_packed(const MatmulParams &p, const TA *a, const f16 *b, TY *y, const Ep &ep, const Par &par) {
  const Product<BN, true, TA, f16, TY, Ep> work = {p, a, b, y, ep};
  const i64 layers = batch_count(p);
  if (p.a_cs == 1 && p.k % 8 == 0 && in_eights(a, p.a_rs, p.a_b[0], p.a_b[1], p.a_b[2], p.a_b[3]))
    run_half_gemm<BM, BN, 8>(work, p.m, p.n, layers, par);
  else
    run_half_gemm<BM, BN, 1>(work, p.m, p.n, layers, par);
}

} // namespace cuda
} // namespace matmul
