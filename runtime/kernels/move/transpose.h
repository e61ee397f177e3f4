// Transposes of a matrix of 4-byte elements, in registers: 8x8 tiles (4x4 with vectors of 16 bytes), 4xk at the edges, so that
// few channels (images, NCHW <-> NHWC) are fast too.
#pragma once
#include "bits.h"

namespace move {

typedef Bits<4>::type Word;

#if DNNC_ISA == DNNC_ISA_CUDA // threads take different blocks, so no registers are shared
DNNC_INLINE void transpose_words(const Word* src, i64 src_col, Word* dst, i64 dst_row, i64 rows, i64 cols) {
  for (i64 r = 0; r < rows; ++r) {
    for (i64 c = 0; c < cols; ++c) dst[r * dst_row + c] = src[r + c * src_col];
  }
}
#else
typedef uint32_t Lanes4 __attribute__((vector_size(16)));

template <int K> DNNC_INLINE void load_lanes(Lanes4& v, const Word* src) {
  if (K == 4) __builtin_memcpy(&v, src, 16);
  else v = Lanes4{src[0], K > 1 ? src[1] : 0, K > 2 ? src[2] : 0, 0};
}

template <int K> DNNC_INLINE void store_lanes(Word* dst, const Lanes4& v) { __builtin_memcpy(dst, &v, 4 * K); }

// dst[r][c] = src[c][r] for r < ROWS, c < COLS; the rows of dst and the columns of src are contiguous.
template <int ROWS, int COLS>
DNNC_INLINE void transpose_small(const Word* src, i64 src_col, Word* dst, i64 dst_row) {
  Lanes4 a = {0, 0, 0, 0}, b = a, c = a, d = a;
  load_lanes<ROWS>(a, src);
  if (COLS > 1) load_lanes<ROWS>(b, src + src_col);
  if (COLS > 2) load_lanes<ROWS>(c, src + 2 * src_col);
  if (COLS > 3) load_lanes<ROWS>(d, src + 3 * src_col);
  Lanes4 ab0 = __builtin_shufflevector(a, b, 0, 4, 1, 5), ab1 = __builtin_shufflevector(a, b, 2, 6, 3, 7);
  Lanes4 cd0 = __builtin_shufflevector(c, d, 0, 4, 1, 5), cd1 = __builtin_shufflevector(c, d, 2, 6, 3, 7);
  store_lanes<COLS>(dst, __builtin_shufflevector(ab0, cd0, 0, 1, 4, 5));
  if (ROWS > 1) store_lanes<COLS>(dst + dst_row, __builtin_shufflevector(ab0, cd0, 2, 3, 6, 7));
  if (ROWS > 2) store_lanes<COLS>(dst + 2 * dst_row, __builtin_shufflevector(ab1, cd1, 0, 1, 4, 5));
  if (ROWS > 3) store_lanes<COLS>(dst + 3 * dst_row, __builtin_shufflevector(ab1, cd1, 2, 3, 6, 7));
}

#if DNNC_ISA == DNNC_ISA_GENERIC || DNNC_ISA >= DNNC_ISA_NEON
enum { TILE = 4 };
DNNC_INLINE void transpose_tile(const Word* src, i64 src_col, Word* dst, i64 dst_row) {
  transpose_small<4, 4>(src, src_col, dst, dst_row);
}
#else
enum { TILE = 8 };
typedef uint32_t Lanes8 __attribute__((vector_size(32)));

// Lanes of a and b by turns: the low (high) half of each group of four; pairs of lanes; halves.
DNNC_INLINE Lanes8 low_lanes(Lanes8 a, Lanes8 b) { return __builtin_shufflevector(a, b, 0, 8, 1, 9, 4, 12, 5, 13); }
DNNC_INLINE Lanes8 high_lanes(Lanes8 a, Lanes8 b) { return __builtin_shufflevector(a, b, 2, 10, 3, 11, 6, 14, 7, 15); }
DNNC_INLINE Lanes8 low_pairs(Lanes8 a, Lanes8 b) { return __builtin_shufflevector(a, b, 0, 1, 8, 9, 4, 5, 12, 13); }
DNNC_INLINE Lanes8 high_pairs(Lanes8 a, Lanes8 b) { return __builtin_shufflevector(a, b, 2, 3, 10, 11, 6, 7, 14, 15); }

DNNC_INLINE Lanes8 load_8(const Word* src) {
  Lanes8 v;
  __builtin_memcpy(&v, src, 32);
  return v;
}

// Rows i and i + 4 of the tile: a holds columns 0 to 3 of both, b columns 4 to 7.
DNNC_INLINE void store_rows(Word* row, i64 dst_row, Lanes8 a, Lanes8 b) {
  Lanes8 low = __builtin_shufflevector(a, b, 0, 1, 2, 3, 8, 9, 10, 11), high = __builtin_shufflevector(a, b, 4, 5, 6, 7, 12, 13, 14, 15);
  __builtin_memcpy(row, &low, 32);
  __builtin_memcpy(row + 4 * dst_row, &high, 32);
}

// No arrays: g++ -O2 keeps those in memory.
DNNC_INLINE void transpose_tile(const Word* src, i64 src_col, Word* dst, i64 dst_row) {
  Lanes8 c0 = load_8(src), c1 = load_8(src + src_col), c2 = load_8(src + 2 * src_col), c3 = load_8(src + 3 * src_col);
  Lanes8 low01 = low_lanes(c0, c1), high01 = high_lanes(c0, c1), low23 = low_lanes(c2, c3), high23 = high_lanes(c2, c3);
  src += 4 * src_col;
  Lanes8 c4 = load_8(src), c5 = load_8(src + src_col), c6 = load_8(src + 2 * src_col), c7 = load_8(src + 3 * src_col);
  Lanes8 low45 = low_lanes(c4, c5), high45 = high_lanes(c4, c5), low67 = low_lanes(c6, c7), high67 = high_lanes(c6, c7);
  store_rows(dst, dst_row, low_pairs(low01, low23), low_pairs(low45, low67));
  store_rows(dst + dst_row, dst_row, high_pairs(low01, low23), high_pairs(low45, low67));
  store_rows(dst + 2 * dst_row, dst_row, low_pairs(high01, high23), low_pairs(high45, high67));
  store_rows(dst + 3 * dst_row, dst_row, high_pairs(high01, high23), high_pairs(high45, high67));
}
#endif

// Rows [0, rows) of a strip COLS wide, four at a time.
template <int COLS>
DNNC_INLINE void transpose_strip(const Word* src, i64 src_col, Word* dst, i64 dst_row, i64 rows) {
  i64 r = 0;
  for (; r + 4 <= rows; r += 4) transpose_small<4, COLS>(src + r, src_col, dst + r * dst_row, dst_row);
  for (; r < rows; ++r) transpose_small<1, COLS>(src + r, src_col, dst + r * dst_row, dst_row);
}

// A strip of three columns with nothing between its rows: the pixels of an image.
DNNC_INLINE void interleave_three(const Word* src, i64 src_col, Word* dst, i64 rows) {
  i64 r = 0;
  for (; r + 4 <= rows; r += 4, dst += 12) {
    Lanes4 a, b, c;
    load_lanes<4>(a, src + r);
    load_lanes<4>(b, src + r + src_col);
    load_lanes<4>(c, src + r + 2 * src_col);
    Lanes4 ab0 = __builtin_shufflevector(a, b, 0, 4, 1, 5), bc1 = __builtin_shufflevector(b, c, 1, 5, 2, 6);
    Lanes4 ab3 = __builtin_shufflevector(a, b, 3, 7, 3, 7);
    store_lanes<4>(dst, __builtin_shufflevector(ab0, c, 0, 1, 4, 2));
    store_lanes<4>(dst + 4, __builtin_shufflevector(bc1, a, 0, 1, 6, 2));
    store_lanes<4>(dst + 8, __builtin_shufflevector(ab3, c, 6, 0, 1, 7));
  }
  for (; r < rows; ++r, dst += 3) transpose_small<1, 3>(src + r, src_col, dst, 3);
}

// The rest of a strip: `rows` < 4 rows of `cols` columns.
template <int ROWS>
DNNC_INLINE void transpose_rest(const Word* src, i64 src_col, Word* dst, i64 dst_row, i64 cols) {
  i64 c = 0;
  for (; c + 4 <= cols; c += 4) transpose_small<ROWS, 4>(src + c * src_col, src_col, dst + c, dst_row);
  for (; c < cols; ++c) transpose_small<ROWS, 1>(src + c * src_col, src_col, dst + c, dst_row);
}

// dst[r * dst_row + c] = src[r + c * src_col], rows x cols. Elements of 4 bytes.
DNNC_INLINE void transpose_words(const Word* src, i64 src_col, Word* dst, i64 dst_row, i64 rows, i64 cols) {
  if (cols == 3 && dst_row == 3) return interleave_three(src, src_col, dst, rows);
  // A cache line of dst at a time: a power of two as dst_row has few places in the cache for half-written lines.
  const i64 line = 16;
  i64 c = 0, full = rows - rows % 4;
  while (c + TILE <= cols) {
    i64 first = c, r = 0;
    for (; r + TILE <= rows; r += TILE) {
      for (c = first; c + TILE <= cols && c < first + line; c += TILE)
        transpose_tile(src + c * src_col + r, src_col, dst + r * dst_row + c, dst_row);
    }
    for (c = first; c + TILE <= cols && c < first + line; c += TILE) {
      if (TILE == 4 || r == full) continue;
      const Word* s = src + c * src_col + r;
      transpose_small<4, 4>(s, src_col, dst + r * dst_row + c, dst_row);
      transpose_small<4, 4>(s + 4 * src_col, src_col, dst + r * dst_row + c + 4, dst_row);
    }
  }
  i64 wide = c; // columns whose full groups of rows are done
  if (TILE > 4 && c + 4 <= cols) {
    transpose_strip<4>(src + c * src_col, src_col, dst + c, dst_row, rows);
    c += 4;
  }
  if (cols - c == 3) transpose_strip<3>(src + c * src_col, src_col, dst + c, dst_row, rows);
  if (cols - c == 2) transpose_strip<2>(src + c * src_col, src_col, dst + c, dst_row, rows);
  if (cols - c == 1) transpose_strip<1>(src + c * src_col, src_col, dst + c, dst_row, rows);
  src += full;
  dst += full * dst_row;
  if (rows - full == 3) transpose_rest<3>(src, src_col, dst, dst_row, wide);
  if (rows - full == 2) transpose_rest<2>(src, src_col, dst, dst_row, wide);
  if (rows - full == 1) transpose_rest<1>(src, src_col, dst, dst_row, wide);
}
#endif

} // namespace move
