// Sums and extremes over the threads of a block, for kernels that give a row to a block of BLOCK threads.
#pragma once
#include "../../parallel.h"
#include "../../simd.h"

namespace reduce {
namespace cuda {

enum { BLOCK = 256, WARPS = BLOCK / 32 };

// Op::step over the values of all threads of the block, which all get the result. The order of the steps is fixed.
template <class Op> __device__ inline float over_block(float value) {
  __shared__ float of_warp[WARPS];
  for (int d = 16; d > 0; d /= 2) value = Op::step(vf{value}, vf{__shfl_xor_sync(0xffffffffu, value, d)}).x;
  if (threadIdx.x % 32 == 0) of_warp[threadIdx.x / 32] = value;
  __syncthreads();
  value = of_warp[0];
  for (int w = 1; w < WARPS; ++w) value = Op::step(vf{value}, vf{of_warp[w]}).x;
  __syncthreads(); // before the next use of of_warp
  return value;
}

// Row r by block r: work(r), for rows of which there may be more than a grid has blocks.
template <class Work> __global__ void rows_kernel(const __grid_constant__ Work work, i64 rows) {
  for (i64 r = blockIdx.x; r < rows; r += gridDim.x) work(r);
}
template <class Work> inline void run_rows(const Work &work, i64 rows, const Par &par) {
  if (rows <= 0) return;
  launch(&rows_kernel<Work>, dim3(static_cast<unsigned>(rows < (1 << 20) ? rows : (1 << 20))), BLOCK, par.stream, work, rows);
}

} // namespace cuda
} // namespace reduce
