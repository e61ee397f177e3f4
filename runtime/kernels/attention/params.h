// attention: y[b, h, i, :] = Σ over j of softmax(s[b, h, i, :])[j] * v[b, h / group, j, :], where
//   s[i, j] = cap(scale * Σ over c < d of q[b, h, i, c] * k[b, h / group, j, c]) + mask[b, h, i, j],   cap(x) = softcap * tanh(x / softcap),
// and cap is the identity where softcap is 0. A bool mask leaves out key j where it is false, causal = 1 all keys j > i + past. A row that is
// left no key is 0. Attention-23, Attention-24; softcap comes before the mask, as ONNX 1.23 has it.
// attention(p, q, k, v, [mask,] y, scratch, par), attention_f64(p, q, k, v, [mask,] y, par). Strides count elements, of batch, head, row (a query
// or a key) and column; 0 broadcasts; the mask's columns are keys. y is contiguous along its columns and overlaps nothing.
// The scores are never there as a whole: a block of queries goes past blocks of keys, with the running maximum and sum of each row.
#pragma once
#include "../../prelude.h"

namespace attention {

#define DNNC_ATTENTION_PARAMS(I, A, R)                                                                                                     \
  I(batch) I(heads) I(group) I(m) I(n) I(d) I(dv) A(q_s, 4) A(k_s, 4) A(v_s, 4) A(mask_s, 4) A(y_s, 3) I(causal) I(past) R(scale) R(softcap)
DNNC_DECLARE_PARAMS(AttentionParams, DNNC_ATTENTION_PARAMS)

// A register tile: queries × vectors of keys or of columns of v.
struct Tile {
  int rows, vectors;
};
constexpr Tile pick_tile(int vl, int registers) { return registers == 32 ? Tile{6, 4} : Tile{vl == 4 ? 4 : 6, 2}; }

constexpr i64 KEYS = 256;    // keys of a block, a multiple of every tile's width
constexpr i64 QUERIES = 252; // queries of a block, a multiple of every tile's height

// Floats of scratch for each thread: a block's packed k and v, the sums, maxima and normalizers of its queries, and a tile of scores.
constexpr i64 scratch_size(const AttentionParams &p, int vl, int registers) {
  const i64 columns = (p.dv + vl - 1) / vl * vl, rows = p.m < QUERIES ? p.m : QUERIES, tile = pick_tile(vl, registers).rows;
  return KEYS * (p.d + columns + tile) + (rows + tile) * (columns + 2);
}

} // namespace attention
