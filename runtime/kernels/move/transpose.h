// Transposes of a matrix of 4-byte elements, in registers: 8x8 tiles (4x4 without AVX2), 4xk at the edges, so that
// few channels (images, NCHW <-> NHWC) are fast too.
#pragma once
#include "bits.h"

namespace move {

typedef Bits<4>::type Word;
typedef uint32_t Lanes4 __attribute__((vector_size(16)));

template <int K> DNNC_INLINE void load_lanes(Lanes4& v, const Word* src) {
  v = Lanes4{0, 0, 0, 0};
  __builtin_memcpy(&v, src, 4 * K);
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

#if DNNC_ISA == DNNC_ISA_GENERIC
enum { TILE = 4 };
DNNC_INLINE void transpose_tile(const Word* src, i64 src_col, Word* dst, i64 dst_row) {
  transpose_small<4, 4>(src, src_col, dst, dst_row);
}
#else
enum { TILE = 8 };
typedef uint32_t Lanes8 __attribute__((vector_size(32)));

DNNC_INLINE void transpose_tile(const Word* src, i64 src_col, Word* dst, i64 dst_row) {
  Lanes8 r[8], t[8];
  for (int i = 0; i < 8; ++i) __builtin_memcpy(&r[i], src + i * src_col, 32);
  for (int i = 0; i < 8; i += 2) {
    t[i] = __builtin_shufflevector(r[i], r[i + 1], 0, 8, 1, 9, 4, 12, 5, 13);
    t[i + 1] = __builtin_shufflevector(r[i], r[i + 1], 2, 10, 3, 11, 6, 14, 7, 15);
  }
  for (int i = 0; i < 8; i += 4) {
    for (int j = 0; j < 2; ++j) {
      r[i + 2 * j] = __builtin_shufflevector(t[i + j], t[i + j + 2], 0, 1, 8, 9, 4, 5, 12, 13);
      r[i + 2 * j + 1] = __builtin_shufflevector(t[i + j], t[i + j + 2], 2, 3, 10, 11, 6, 7, 14, 15);
    }
  }
  for (int i = 0; i < 4; ++i) {
    t[i] = __builtin_shufflevector(r[i], r[i + 4], 0, 1, 2, 3, 8, 9, 10, 11);
    t[i + 4] = __builtin_shufflevector(r[i], r[i + 4], 4, 5, 6, 7, 12, 13, 14, 15);
  }
  for (int i = 0; i < 8; ++i) __builtin_memcpy(dst + i * dst_row, &t[i], 32);
}
#endif

// Rows [0, rows) of a strip COLS wide, four at a time.
template <int COLS>
DNNC_INLINE void transpose_strip(const Word* src, i64 src_col, Word* dst, i64 dst_row, i64 rows) {
  i64 r = 0;
  for (; r + 4 <= rows; r += 4) transpose_small<4, COLS>(src + r, src_col, dst + r * dst_row, dst_row);
  for (; r < rows; ++r) transpose_small<1, COLS>(src + r, src_col, dst + r * dst_row, dst_row);
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
  i64 c = 0, full = rows - rows % 4;
  for (; c + TILE <= cols; c += TILE) {
    const Word* s = src + c * src_col;
    Word* d = dst + c;
    i64 r = 0;
    for (; r + TILE <= rows; r += TILE) transpose_tile(s + r, src_col, d + r * dst_row, dst_row);
    if (TILE > 4 && r < full) {
      transpose_small<4, 4>(s + r, src_col, d + r * dst_row, dst_row);
      transpose_small<4, 4>(s + r + 4 * src_col, src_col, d + r * dst_row + 4, dst_row);
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

} // namespace move
