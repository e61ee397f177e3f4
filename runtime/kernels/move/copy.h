// copy: dst[Σ i_d dst_strides[d]] = src[Σ i_d src_strides[d]] for every index i below shape.
// Serves Transpose-21, Slice-13, Concat-13, Split-18, Expand-13, Tile-13, DepthToSpace-13 and every other op that only moves
// elements. Strides count elements and may be negative or, in src, 0. src and dst do not overlap; no two indices share a
// place in dst. The order of the dims does not matter; merged neighbours make longer runs.
// fill: dst[Σ i_d dst_strides[d]] = the low bytes of value.
#pragma once
#include "transpose.h"

namespace move {

// Work is cut into blocks of the last two dims; both bounds keep a block of a transpose in the first-level cache. With few columns
// a block has more rows, to be worth its start.
constexpr i64 BLOCK_ROWS = 32, BLOCK_COLS = 4096;

// The last two dims as rows and columns (1 where the rank is less), and their blocks.
struct Blocks {
  i64 outer_rank, outer, rows, cols, block_rows, row_blocks, col_blocks;

  DNNC_INLINE Blocks(i64 rank, const i64* shape) {
    outer_rank = rank > 2 ? rank - 2 : 0;
    outer = product(outer_rank, shape);
    rows = rank > 1 ? shape[rank - 2] : 1;
    cols = rank > 0 ? shape[rank - 1] : 1;
    block_rows = cols > 0 && cols < BLOCK_ROWS ? BLOCK_ROWS * (BLOCK_ROWS / cols) : BLOCK_ROWS;
    row_blocks = (rows + block_rows - 1) / block_rows;
    col_blocks = (cols + BLOCK_COLS - 1) / BLOCK_COLS;
  }
  DNNC_INLINE i64 count() const { return outer * row_blocks * col_blocks; }
};

struct Block {
  i64 outer, row, col, rows, cols;

  DNNC_INLINE Block(const Blocks& b, i64 unit) {
    col = unit % b.col_blocks * BLOCK_COLS;
    unit /= b.col_blocks;
    row = unit % b.row_blocks * b.block_rows;
    outer = unit / b.row_blocks;
    rows = b.rows - row < b.block_rows ? b.rows - row : b.block_rows;
    cols = b.cols - col < BLOCK_COLS ? b.cols - col : BLOCK_COLS;
  }
};

// A few columns, such as the planes of an image.
template <int COLS, class T> DNNC_INLINE void interleave(const T* src, i64 src_col, T* dst, i64 dst_row, i64 rows) {
  for (i64 r = 0; r < rows; ++r) {
    DNNC_UNROLL for (int c = 0; c < COLS; ++c) dst[r * dst_row + c] = src[r + c * src_col];
  }
}

template <int BYTES>
DNNC_INLINE void transpose_block(const typename Bits<BYTES>::type* src, i64 src_col, typename Bits<BYTES>::type* dst,
                                 i64 dst_row, i64 rows, i64 cols) {
  if (cols == 2) return interleave<2>(src, src_col, dst, dst_row, rows);
  if (cols == 3) return interleave<3>(src, src_col, dst, dst_row, rows);
  if (cols == 4) return interleave<4>(src, src_col, dst, dst_row, rows);
  for (i64 c0 = 0; c0 < cols; c0 += 8) {
    i64 c1 = c0 + 8 < cols ? c0 + 8 : cols;
    for (i64 r = 0; r < rows; ++r) {
      for (i64 c = c0; c < c1; ++c) dst[r * dst_row + c] = src[r + c * src_col];
    }
  }
}

template <>
DNNC_INLINE void transpose_block<4>(const Bits<4>::type* src, i64 src_col, Bits<4>::type* dst, i64 dst_row, i64 rows, i64 cols) {
  transpose_words(src, src_col, dst, dst_row, rows, cols);
}

template <int BYTES> struct CopyBlocks {
  typedef typename Bits<BYTES>::type T;
  Held<CopyParams> p;
  Held<Blocks> blocks;
  const T* src;
  T* dst;

  DNNC_INLINE void operator()(i64 begin, i64 end, int) const {
    i64 last = p.rank - 1;
    i64 src_col = p.rank > 0 ? p.src_strides[last] : 1, dst_col = p.rank > 0 ? p.dst_strides[last] : 1;
    i64 src_row = p.rank > 1 ? p.src_strides[last - 1] : 0, dst_row = p.rank > 1 ? p.dst_strides[last - 1] : 0;
    for (i64 unit = begin; unit < end; ++unit) {
      Block b(blocks, unit);
      const T* s = src + offset_of(b.outer, blocks.outer_rank, p.shape, p.src_strides) + b.row * src_row + b.col * src_col;
      T* d = dst + offset_of(b.outer, blocks.outer_rank, p.shape, p.dst_strides) + b.row * dst_row + b.col * dst_col;
      if (src_col == 1 && dst_col == 1) {
        for (i64 r = 0; r < b.rows; ++r) copy_run<BYTES>(d + r * dst_row, s + r * src_row, b.cols);
      } else if (src_col == 0 && dst_col == 1) {
        for (i64 r = 0; r < b.rows; ++r) fill_run<BYTES>(d + r * dst_row, static_cast<i64>(s[r * src_row]), b.cols);
      } else if (src_row == 1 && dst_col == 1) {
        transpose_block<BYTES>(s, src_col, d, dst_row, b.rows, b.cols);
      } else if (b.cols < b.rows) { // the longer loop within
        for (i64 c = 0; c < b.cols; ++c) copy_strided(d + c * dst_col, dst_row, s + c * src_col, src_row, b.rows);
      } else {
        for (i64 r = 0; r < b.rows; ++r) copy_strided(d + r * dst_row, dst_col, s + r * src_row, src_col, b.cols);
      }
    }
  }

  static DNNC_INLINE void copy_strided(T* d, i64 dst, const T* s, i64 src, i64 count) {
    for (i64 i = 0; i < count; ++i) d[i * dst] = s[i * src];
  }
};

DNNC_INLINE void move_dim(CopyParams& p, i64 from, i64 to) {
  i64 shape = p.shape[from], src = p.src_strides[from], dst = p.dst_strides[from];
  for (i64 d = from; d < to; ++d) {
    p.shape[d] = p.shape[d + 1];
    p.src_strides[d] = p.src_strides[d + 1];
    p.dst_strides[d] = p.dst_strides[d + 1];
  }
  p.shape[to] = shape;
  p.src_strides[to] = src;
  p.dst_strides[to] = dst;
}

// The same copy without dims of size 1, the columns contiguous in dst if any dim is, the rows contiguous in src if the
// columns are not.
DNNC_INLINE CopyParams ordered(const CopyParams& given) {
  CopyParams p = given;
  for (i64 d = p.rank - 1; d >= 0; --d) {
    if (p.shape[d] == 1) move_dim(p, d, --p.rank);
  }
  i64 last = p.rank - 1;
  i64 col = last;
  while (col >= 0 && p.dst_strides[col] != 1) --col;
  if (col >= 0) move_dim(p, col, last);
  if (p.rank > 1 && p.src_strides[last] != 1) {
    i64 row = last - 1;
    while (row >= 0 && p.src_strides[row] != 1) --row;
    if (row >= 0) move_dim(p, row, last - 1);
  }
  return p;
}

template <int BYTES> void copy(const CopyParams& given, const void* src, void* dst, const Par& par) {
  typedef typename Bits<BYTES>::type T;
  CopyParams p = ordered(given);
  Blocks blocks(p.rank, p.shape);
  par.run(blocks.count(), CopyBlocks<BYTES>{p, blocks, static_cast<const T*>(src), static_cast<T*>(dst)});
}

template <int BYTES> struct FillBlocks {
  typedef typename Bits<BYTES>::type T;
  Held<FillParams> p;
  Held<Blocks> blocks;
  T* dst;

  DNNC_INLINE void operator()(i64 begin, i64 end, int) const {
    i64 last = p.rank - 1;
    i64 col_stride = p.rank > 0 ? p.dst_strides[last] : 1, row_stride = p.rank > 1 ? p.dst_strides[last - 1] : 0;
    for (i64 unit = begin; unit < end; ++unit) {
      Block b(blocks, unit);
      T* d = dst + offset_of(b.outer, blocks.outer_rank, p.shape, p.dst_strides) + b.row * row_stride + b.col * col_stride;
      for (i64 r = 0; r < b.rows; ++r) {
        if (col_stride == 1) {
          fill_run<BYTES>(d + r * row_stride, p.value, b.cols);
        } else {
          for (i64 c = 0; c < b.cols; ++c) d[r * row_stride + c * col_stride] = static_cast<T>(p.value);
        }
      }
    }
  }
};

template <int BYTES> void fill(const FillParams& p, void* dst, const Par& par) {
  Blocks blocks(p.rank, p.shape);
  par.run(blocks.count(), FillBlocks<BYTES>{p, blocks, static_cast<typename Bits<BYTES>::type*>(dst)});
}

} // namespace move
