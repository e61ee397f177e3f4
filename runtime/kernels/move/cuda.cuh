// copy and gather on a GPU; contracts in copy.h and gather.h. A thread per element, in the order of dst. A copy whose src and dst are
// contiguous along different dims is a transpose: tiles of it go through shared memory, so that both sides are read and written in runs.
#pragma once
#include "copy.h"
#include "gather.h"

namespace move {
namespace cuda {

template <int BYTES> struct CopyElements {
  typedef typename Bits<BYTES>::type T;
  CopyParams p;
  const T *src;
  T *dst;

  DNNC_DEVICE void operator()(i64 begin, i64, int) const {
    i64 from = 0, to = 0;
    for (int d = static_cast<int>(p.rank) - 1; d >= 0; --d) {
      const i64 rest = begin / p.shape[d], i = begin - rest * p.shape[d];
      from += i * p.src_strides[d], to += i * p.dst_strides[d];
      begin = rest;
    }
    dst[to] = src[from];
  }
};

enum { TILE_SIDE = 32, TILE_ROWS = 8 };

// The last two dims of p: src contiguous along the first of them, dst along the second. A block per tile of 32 × 32.
template <int BYTES> __global__ void transpose(const __grid_constant__ CopyParams p, const void *src, void *dst) {
  typedef typename Bits<BYTES>::type T;
  __shared__ T tile[TILE_SIDE][TILE_SIDE + 1];
  const i64 rows = p.shape[p.rank - 2], cols = p.shape[p.rank - 1];
  const i64 src_col = p.src_strides[p.rank - 1], dst_row = p.dst_strides[p.rank - 2];
  const int i = static_cast<int>(threadIdx.x) % TILE_SIDE, j = static_cast<int>(threadIdx.x) / TILE_SIDE;
  const i64 row_tiles = (rows + TILE_SIDE - 1) / TILE_SIDE, col_tiles = (cols + TILE_SIDE - 1) / TILE_SIDE;
  const i64 outer = blockIdx.x / (row_tiles * col_tiles), rest = blockIdx.x - outer * row_tiles * col_tiles;
  const i64 row = rest / col_tiles * TILE_SIDE, col = rest % col_tiles * TILE_SIDE;
  const T *from = static_cast<const T *>(src) + offset_of(outer, p.rank - 2, p.shape, p.src_strides);
  T *to = static_cast<T *>(dst) + offset_of(outer, p.rank - 2, p.shape, p.dst_strides);
  for (int c = j; c < TILE_SIDE; c += TILE_ROWS)
    if (row + i < rows && col + c < cols) tile[c][i] = from[row + i + (col + c) * src_col];
  __syncthreads();
  for (int r = j; r < TILE_SIDE; r += TILE_ROWS)
    if (row + r < rows && col + i < cols) to[(row + r) * dst_row + col + i] = tile[i][r];
}

template <int BYTES> void copy(const CopyParams &given, const void *src, void *dst, const Par &par) {
  typedef typename Bits<BYTES>::type T;
  const CopyParams p = ordered(given);
  const i64 count = product(p.rank, p.shape), last = p.rank - 1;
  if (p.rank >= 2 && p.dst_strides[last] == 1 && p.src_strides[last] != 1 && p.src_strides[last - 1] == 1 && p.shape[last] >= 8 &&
      p.shape[last - 1] >= 8) {
    const i64 tiles = (p.shape[last - 1] + TILE_SIDE - 1) / TILE_SIDE * ((p.shape[last] + TILE_SIDE - 1) / TILE_SIDE);
    const i64 blocks = tiles * product(p.rank - 2, p.shape);
    if (blocks < 1) return;
    if (blocks < (i64(1) << 31))
      return launch(&transpose<BYTES>, dim3(static_cast<unsigned>(blocks)), TILE_SIDE * TILE_ROWS, par.stream, p, src, dst);
  }
  par.run(count, CopyElements<BYTES>{p, static_cast<const T *>(src), static_cast<T *>(dst)});
}

template <int BYTES, class Index> struct GatherOne {
  typedef typename Bits<BYTES>::type T;
  GatherParams p;
  const T *src;
  const Index *indices;
  T *dst;

  DNNC_DEVICE void operator()(i64 begin, i64, int) const {
    const i64 k = begin % p.inner, unit = begin / p.inner, o = unit / p.count, j = unit - o * p.count;
    dst[o * p.dst_outer + j * p.dst_count + k] = src[o * p.src_outer + wrap_index(indices[j], p.axis) * p.src_axis + k];
  }
};
template <int BYTES, class Index> void gather(const GatherParams &p, const void *src, const Index *indices, void *dst, const Par &par) {
  typedef typename Bits<BYTES>::type T;
  par.run(p.outer * p.count * p.inner, GatherOne<BYTES, Index>{p, static_cast<const T *>(src), indices, static_cast<T *>(dst)});
}

} // namespace cuda
} // namespace move
