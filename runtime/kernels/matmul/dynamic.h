// matmul::dynamic: the contract is in params.h. Each thread packs a panel of b into its scratch and multiplies it.
#pragma once
#include "../move/transpose.h"
#include "packed.h"

namespace matmul {

// panel[i][j] = b[i * rs + j * cs] for i < k and j < columns, then zeros up to width.
DNNC_INLINE void pack_panel(const float *b, i64 rs, i64 cs, i64 k, i64 columns, i64 width, float *panel) {
  if (rs == 1 && cs != 1) {
    move::transpose_words(reinterpret_cast<const move::Word *>(b), cs, reinterpret_cast<move::Word *>(panel), width, k, columns);
    for (i64 i = 0; i < k; ++i) {
      for (i64 j = columns; j < width; ++j) panel[i * width + j] = 0.0f;
    }
    return;
  }
  for (i64 i = 0; i < k; ++i) {
    const float *row = b + i * rs;
    float *out = panel + i * width;
    i64 j = 0;
    if (cs == 1) {
      for (; j + VL <= columns; j += VL) store(out + j, load(row + j, Full{}), Full{});
    }
    for (; j < columns; ++j) out[j] = row[j * cs];
    for (; j < width; ++j) out[j] = 0.0f;
  }
}

template <int MR, int NRV, class Ep> struct DynamicWork {
  Held<MatmulParams> p;
  const float *a, *b;
  float *y, *scratch;
  Held<Ep> epilogue;
  Split split;

  DNNC_DEVICE void operator()(i64 begin, i64 end, int thread) const {
    const Ep ep = epilogue;
    float *packed_panel = scratch + thread * scratch_size(p, NRV * VL);
    i64 packed_unit = -1;
    for (i64 unit = begin; unit < end; ++unit) {
      // Here blocks vary fastest: a panel is packed once for all the blocks a thread has.
      const i64 block = unit % split.blocks, panel = unit / split.blocks % split.panels;
      const i64 n = unit / split.blocks / split.panels, column = panel * (NRV * VL);
      const i64 first = block * split.block, last = p.m - first < split.block ? p.m : first + split.block;
      const i64 columns = p.n - column < NRV * VL ? p.n - column : NRV * VL, width = (columns + VL - 1) / VL * VL;
      const Batch batch(p, n);
      if (packed_unit != unit / split.blocks) {
        packed_unit = unit / split.blocks;
        pack_panel(b + batch.b + column * p.b_cs, p.b_rs, p.b_cs, p.k, columns, width, packed_panel);
      }
      multiply_panel<MR, NRV>(p, a + batch.a, packed_panel, y + batch.y, ep, n, first, last, column);
    }
  }
};

template <int MR, int NRV, class Ep>
void dynamic(const MatmulParams &p, const float *a, const float *b, float *y, float *scratch, const Ep &ep, const Par &par) {
  const Split split = cut(p, MR, NRV * VL, par.threads());
  par.run(split.batches * split.blocks * split.panels, DynamicWork<MR, NRV, Ep>{p, a, b, y, scratch, ep, split});
}

} // namespace matmul
