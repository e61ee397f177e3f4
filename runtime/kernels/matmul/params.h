// matmul: y[b, r, c] = ep(Σ over i < k of a[b, r, i] * b[b, i, c]) for r < m, c < n and every index b below batch (four dims,
// row-major, 1 where unused). MatMul-1 to -13, Gemm, and attention's products on views: a and b have a stride for every dim (0
// broadcasts), y is contiguous along c. Strides count elements.
// The epilogue sees n = flattened batch index, r, c. y may be an operand of the epilogue; y does not overlap a or b. At most 24 KB of
// stack. b is either packed panels, a constant (matmul/pack.h; its batch strides count elements of the packed array, b_rs and b_cs are not
// read), or a plain array packed by panels at run time into scratch.
#pragma once
#include "../../prelude.h"

namespace matmul {

#define DNNC_MATMUL_PARAMS(I, A, R) I(m) I(n) I(k) A(batch, 4) A(a_b, 4) A(b_b, 4) A(y_b, 4) I(a_rs) I(a_cs) I(b_rs) I(b_cs) I(y_rs)
DNNC_DECLARE_PARAMS(MatmulParams, DNNC_MATMUL_PARAMS)

// A register tile: rows × vectors of columns. The variant's name ends in <rows>x<vectors>; nr = vectors * lanes.
struct Tile {
  int rows, vectors;
};

// The tile of matmul for `n` columns and vectors of `vl` lanes, of which the machine has `registers`.
constexpr Tile pick_tile(int vl, int registers, i64 n) {
  if (registers == 16) {
    const i64 vectors = (n + vl - 1) / vl;
    return vl == 4 ? Tile{4, 2} : vectors % 6 == 3 ? Tile{4, 3} : n > vl ? Tile{6, 2} : Tile{10, 1};
  }
  if (n > (vl == 4 ? 2 : 3) * vl) return {6, 4}; // where vl is 4 a row has a register of its own, too many for 8x3
  return n > 2 * vl ? Tile{8, 3} : n > vl ? Tile{8, 2} : Tile{10, 1};
}

// The tile of a GPU's block of threads, where a vector has one lane: small ones where there would be too few to fill it.
constexpr Tile pick_block(i64 rows, i64 n) {
  return n <= 32 || rows * n < 64 * 64 * 100 ? Tile{32, 32} : rows * n < 128 * 64 * 200 ? Tile{64, 64} : Tile{128, 64};
}

// Floats of scratch matmul::dynamic needs for each thread; thread t uses scratch[t * size … (t + 1) * size).
constexpr i64 scratch_size(const MatmulParams &p, int nr) { return p.k * nr; }

} // namespace matmul
