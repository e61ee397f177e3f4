// The tiled product of gemm.cuh on tensor cores: f16 operands, f32 sums. A warp computes WM × WN sums by mma.sync.m16n8k16; tiles go
// through shared memory, HALF_BK deep and two of each. Padding spreads the words that the threads of a warp read over all banks.
//
// Work::Block has the members that gemm.cuh lists, but load gives bits of f16, and in place of b
//   load_b(i64 k, i64 column, uint16_t (&)[4])   term k of four columns from `column` on, a multiple of four; zeros past the end
#pragma once
#include "gemm.cuh"

namespace matmul {
namespace cuda {

enum { HALF_BK = 32 };

// d += a * b for a warp: a is 16 × 16, b 16 × 8. Thread t holds, with g = t / 4 and i = t % 4 * 2:
//   a: (g, i) (g + 8, i) (g, i + 8) (g + 8, i + 8), each with the element after it;   b: (i, g) (i + 8, g), each with the element below it
//   d: (g, i) (g, i + 1) (g + 8, i) (g + 8, i + 1)
__device__ inline void mma_m16n8k16(float (&d)[4], const uint32_t (&a)[4], const uint32_t (&b)[2]) {
#ifdef __CUDACC__
  asm volatile("mma.sync.aligned.m16n8k16.row.col.f32.f16.f16.f32 {%0, %1, %2, %3}, {%4, %5, %6, %7}, {%8, %9}, {%0, %1, %2, %3};"
               : "+f"(d[0]), "+f"(d[1]), "+f"(d[2]), "+f"(d[3])
               : "r"(a[0]), "r"(a[1]), "r"(a[2]), "r"(a[3]), "r"(b[0]), "r"(b[1]));
#else
  mma_on_host(d, a, b);
#endif
}

template <int BM, int BN, int WM, int WN, int VEC, class Work> __global__ void __launch_bounds__((BM / WM) * (BN / WN) * 32)
    half_gemm(const __grid_constant__ Work work) {
  enum { BK2 = HALF_BK / 2, WARPS_N = BN / WN, THREADS = (BM / WM) * WARPS_N * 32, LANES = HALF_BK / VEC, A_STEP = THREADS / LANES };
  enum { A_ROWS = BM / A_STEP, B_LANES = BN / 4, B_STEP = THREADS / B_LANES, B_ROWS = BK2 / B_STEP, TM = WM / 16, TN = WN / 8 };
  static_assert(A_STEP * A_ROWS == BM && B_STEP * B_ROWS == BK2, "the threads share a tile evenly");
  alignas(16) __shared__ uint16_t as[2][BM][HALF_BK + 8];
  alignas(16) __shared__ uint32_t bs[2][BK2][BN + 8]; // rows 2k and 2k + 1 in one word

  const typename Work::Block block(work, blockIdx.z);
  const int t = static_cast<int>(threadIdx.x), a_lane = t % LANES * VEC, a_row = t / LANES, b_lane = t % B_LANES * 4, b_row = t / B_LANES;
  const int group = t % 32 / 4, pair = t % 4, warp_m = t / 32 / WARPS_N * WM, warp_n = t / 32 % WARPS_N * WN;
  const i64 m0 = static_cast<i64>(blockIdx.x) * BM, column0 = static_cast<i64>(blockIdx.y) * BN;
  if (m0 >= block.rows) return; // layers may differ in size; the whole block leaves

  typename Work::Row rows[A_ROWS];
  DNNC_UNROLL for (int i = 0; i < A_ROWS; ++i) rows[i] = block.row(m0 + a_row + i * A_STEP);
  typename Work::Step step = block.step(a_lane);
  uint16_t a_next[A_ROWS][VEC];
  uint32_t b_next[B_ROWS][4];
  const i64 tiles = (block.depth + HALF_BK - 1) / HALF_BK;
  float acc[TM][TN][4];
  DNNC_UNROLL for (int i = 0; i < TM; ++i) DNNC_UNROLL for (int j = 0; j < TN; ++j) DNNC_UNROLL for (int v = 0; v < 4; ++v) acc[i][j][v] =
      0.0f;

  for (i64 tile = -1; tile < tiles; ++tile) {
    if (tile + 1 < tiles) { // the next tiles, on their way while this one is used
      DNNC_UNROLL for (int i = 0; i < A_ROWS; ++i) block.load(rows[i], step, a_next[i]);
      block.advance(step, HALF_BK);
      DNNC_UNROLL for (int i = 0; i < B_ROWS; ++i) {
        const i64 k = (tile + 1) * HALF_BK + 2 * (b_row + i * B_STEP);
        uint16_t even[4], odd[4];
        block.load_b(k, column0 + b_lane, even);
        block.load_b(k + 1, column0 + b_lane, odd);
        DNNC_UNROLL for (int v = 0; v < 4; ++v) b_next[i][v] = even[v] | static_cast<uint32_t>(odd[v]) << 16;
      }
    }
    if (tile >= 0) {
      const int now = static_cast<int>(tile & 1);
      DNNC_UNROLL for (int k = 0; k < HALF_BK; k += 16) {
        uint32_t a[TM][4], b[TN][2];
        DNNC_UNROLL for (int i = 0; i < TM; ++i) DNNC_UNROLL for (int v = 0; v < 4; ++v) {
          const uint16_t *word = &as[now][warp_m + i * 16 + group + v % 2 * 8][k + pair * 2 + v / 2 * 8];
          __builtin_memcpy(&a[i][v], word, 4);
        }
        DNNC_UNROLL for (int j = 0; j < TN; ++j) DNNC_UNROLL for (int v = 0; v < 2; ++v) b[j][v] =
            bs[now][k / 2 + pair + v * 4][warp_n + j * 8 + group];
        DNNC_UNROLL for (int i = 0; i < TM; ++i) DNNC_UNROLL for (int j = 0; j < TN; ++j) mma_m16n8k16(acc[i][j], a[i], b[j]);
      }
    }
    if (tile + 1 < tiles) {
      const int next = static_cast<int>((tile + 1) & 1);
      DNNC_UNROLL for (int i = 0; i < A_ROWS; ++i) if constexpr (VEC == 8) {
        uint4 v;
        __builtin_memcpy(&v, a_next[i], 16);
        *reinterpret_cast<uint4 *>(&as[next][a_row + i * A_STEP][a_lane]) = v;
      }
      else {
        as[next][a_row + i * A_STEP][a_lane] = a_next[i][0];
      }
      DNNC_UNROLL for (int i = 0; i < B_ROWS; ++i) * reinterpret_cast<uint4 *>(&bs[next][b_row + i * B_STEP][b_lane]) =
          uint4{b_next[i][0], b_next[i][1], b_next[i][2], b_next[i][3]};
    }
    __syncthreads();
  }

  DNNC_UNROLL for (int i = 0; i < TM; ++i) DNNC_UNROLL for (int j = 0; j < TN; ++j) DNNC_UNROLL for (int v = 0; v < 4; ++v) {
    const i64 m = m0 + warp_m + i * 16 + group + v / 2 * 8, column = column0 + warp_n + j * 8 + pair * 2 + v % 2;
    if (m < block.rows && column < block.columns) block.finish(m, column, vf{acc[i][j][v]});
  }
}

template <int BM, int BN, int VEC, class Work>
inline void run_half_gemm(const Work &work, i64 rows, i64 columns, i64 layers, const Par &par) {
  enum { WM = BM >= 64 ? 32 : 16, WN = BN >= 64 ? 32 : 16, THREADS = (BM / WM) * (BN / WN) * 32 };
  if (rows <= 0 || columns <= 0 || layers <= 0) return;
  const dim3 grid(static_cast<unsigned>((rows + BM - 1) / BM), static_cast<unsigned>((columns + BN - 1) / BN),
                  static_cast<unsigned>(layers));
  launch(&half_gemm<BM, BN, WM, WN, VEC, Work>, grid, THREADS, par.stream, work);
}

// Elements as bits of f16, VEC at a time.
DNNC_INLINE uint16_t half_bits(f16 x) { return x.bits; }
DNNC_INLINE uint16_t half_bits(float x) { return to_f16(x).bits; }
DNNC_INLINE void load_run(const f16 *p, uint16_t (&out)[8]) { // aligned to 16 bytes
  const uint4 v = *reinterpret_cast<const uint4 *>(p);
  __builtin_memcpy(out, &v, 16);
}
DNNC_INLINE void load_run(const float *p, uint16_t (&out)[8]) { DNNC_UNROLL for (int i = 0; i < 8; ++i) out[i] = half_bits(p[i]); }

// Four columns of packed weights, `left` of them there; together where their rows are aligned to eight bytes.
template <class W> DNNC_INLINE void load_four(const W *p, i64 left, bool aligned, uint16_t (&out)[4]) {
  if (sizeof(W) == 2 && aligned && left >= 4) {
    const uint2 v = *reinterpret_cast<const uint2 *>(p);
    __builtin_memcpy(out, &v, 8);
    return;
  }
  DNNC_UNROLL for (int i = 0; i < 4; ++i) out[i] = i < left ? half_bits(p[i]) : uint16_t(0);
}

template <class T, class... I> inline bool in_eights(const T *p, I... strides) {
  return reinterpret_cast<uintptr_t>(p) % 16 == 0 && (... && (strides % 8 == 0));
}

} // namespace cuda
} // namespace matmul
