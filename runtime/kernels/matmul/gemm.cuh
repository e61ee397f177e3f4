// The tiled product behind conv, conv_transpose and matmul on a GPU, in f32: a block of threads computes BM × BN sums, each thread
// TM × TN of them in registers. Tiles of both operands go through shared memory, BK deep and two of each, so that the next is on its way
// while one is used. Each sum is one chain of fused multiply-adds in the order of its terms, as in tile.h: the bits are those of a CPU
// with FMA.
//
// Work says what the operands are. Work::Block(work, z) is made by every thread for grid layer z and has
//   rows, columns, depth             of the product
//   Row row(i64 m)                   where row m of a starts; past the end: a row of zeros
//   Step step(i64 k), advance(Step&, int) where term k is, and some terms on; past the end: zeros
//   load(Row, Step, float (&)[VEC])  VEC consecutive terms of a
//   float b(i64 k, i64 column)
//   finish(i64 m, i64 column, vf)
#pragma once
#include "../../parallel.h"
#include "../../simd.h"

namespace matmul {
namespace cuda {

enum { BK = 16 };

template <int BM, int BN, int TM, int TN, int VEC, class Work> __global__ void __launch_bounds__((BM / TM) * (BN / TN))
    gemm(const __grid_constant__ Work work) {
  enum { THREADS = (BM / TM) * (BN / TN), LANES = BK / VEC, A_STEP = THREADS / LANES, A_ROWS = BM / A_STEP };
  enum { B_STEP = THREADS / BN, B_ROWS = BK / B_STEP };
  static_assert(A_STEP * A_ROWS == BM && B_STEP * B_ROWS == BK, "the threads share a tile evenly");
  alignas(16) __shared__ float as[2][BK][BM + 4];
  alignas(16) __shared__ float bs[2][BK][BN];

  const typename Work::Block block(work, blockIdx.z);
  const int t = static_cast<int>(threadIdx.x), lane = t % LANES * VEC, a_row = t / LANES, b_column = t % BN, b_row = t / BN;
  const i64 m0 = static_cast<i64>(blockIdx.x) * BM, column0 = static_cast<i64>(blockIdx.y) * BN;
  if (m0 >= block.rows) return; // layers may differ in size; the whole block leaves

  typename Work::Row rows[A_ROWS];
  DNNC_UNROLL for (int i = 0; i < A_ROWS; ++i) rows[i] = block.row(m0 + a_row + i * A_STEP);
  typename Work::Step step = block.step(lane);
  float a_next[A_ROWS][VEC], b_next[B_ROWS];
  const bool has_column = column0 + b_column < block.columns;
  const i64 tiles = (block.depth + BK - 1) / BK;

  auto *const a_tiles = as;
  auto *const b_tiles = bs;
#define DNNC_FETCH(k0)                                                                                                                     \
  DNNC_UNROLL for (int i = 0; i < A_ROWS; ++i) block.load(rows[i], step, a_next[i]);                                                       \
  block.advance(step, BK);                                                                                                                 \
  DNNC_UNROLL for (int i = 0; i < B_ROWS; ++i) {                                                                                           \
    const i64 k = (k0) + b_row + i * B_STEP;                                                                                               \
    b_next[i] = has_column && k < block.depth ? block.b(k, column0 + b_column) : 0.0f;                                                     \
  }
#define DNNC_STAGE(at)                                                                                                                     \
  DNNC_UNROLL for (int i = 0; i < A_ROWS; ++i) DNNC_UNROLL for (int v = 0; v < VEC; ++v) a_tiles[at][lane + v][a_row + i * A_STEP] =       \
      a_next[i][v];                                                                                                                        \
  DNNC_UNROLL for (int i = 0; i < B_ROWS; ++i) b_tiles[at][b_row + i * B_STEP][b_column] = b_next[i];

  const int row0 = t / (BN / TN) * TM, own_column = t % (BN / TN) * TN;
  float acc[TM][TN];
  DNNC_UNROLL for (int i = 0; i < TM; ++i) DNNC_UNROLL for (int j = 0; j < TN; ++j) acc[i][j] = 0.0f;
  DNNC_FETCH(0)
  DNNC_STAGE(0)
  __syncthreads();
  for (i64 tile = 0; tile < tiles; ++tile) {
    const int now = static_cast<int>(tile & 1);
    if (tile + 1 < tiles) {
      DNNC_FETCH((tile + 1) * BK)
    }
    DNNC_UNROLL for (int k = 0; k < BK; ++k) {
      float a[TM], b[TN];
      DNNC_UNROLL for (int i = 0; i < TM; ++i) a[i] = as[now][k][row0 + i];
      DNNC_UNROLL for (int j = 0; j < TN; ++j) b[j] = bs[now][k][own_column + j];
      DNNC_UNROLL for (int i = 0; i < TM; ++i) DNNC_UNROLL for (int j = 0; j < TN; ++j) acc[i][j] =
          fma(vf{a[i]}, vf{b[j]}, vf{acc[i][j]}).x;
    }
    if (tile + 1 < tiles) {
      DNNC_STAGE(now ^ 1)
    }
    __syncthreads();
  }
#undef DNNC_FETCH
#undef DNNC_STAGE

  DNNC_UNROLL for (int i = 0; i < TM; ++i) {
    const i64 m = m0 + row0 + i;
    if (m >= block.rows) break;
    DNNC_UNROLL for (int j = 0; j < TN; ++j) {
      const i64 column = column0 + own_column + j;
      if (column < block.columns) block.finish(m, column, vf{acc[i][j]});
    }
  }
}

// Rows and columns are those of the largest layer.
template <int BM, int BN, int VEC, class Work> inline void run_gemm(const Work &work, i64 rows, i64 columns, i64 layers, const Par &par) {
  enum { TM = BM >= 128 ? 8 : 4, TN = 4, THREADS = (BM / TM) * (BN / TN) };
  if (rows <= 0 || columns <= 0 || layers <= 0) return;
  const dim3 grid(static_cast<unsigned>((rows + BM - 1) / BM), static_cast<unsigned>((columns + BN - 1) / BN),
                  static_cast<unsigned>(layers));
  launch(&gemm<BM, BN, TM, TN, VEC, Work>, grid, THREADS, par.stream, work);
}

// Whether addresses `strides` floats apart, from p on, can be read four at a time.
template <class... I> inline bool in_fours(const float *p, I... strides) {
  return reinterpret_cast<uintptr_t>(p) % 16 == 0 && (... && (strides % 4 == 0));
}

} // namespace cuda
} // namespace matmul
