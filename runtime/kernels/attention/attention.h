// attention in f32; contract in params.h. Blocks of k and v are packed into panels, as matmul has them, and both products run on its tiles.
#pragma once
#include "../matmul/dynamic.h"
#include "plain.h"
#include "rows.h"

namespace attention {

template <class Mask> struct Work {
  Held<AttentionParams> p;
  const float *q, *k, *v;
  const Mask *mask;
  float *y, *scratch;
  i64 blocks, size; // of queries

  // A tile of `count` queries from row i on and the packed keys k0 … k0 + keys.
  DNNC_INLINE void tile(const float *qh, i64 b, i64 h, i64 i, i64 count, i64 k0, i64 keys, const float *pk, const float *pv, float *sums,
                        State *states, float *s) const {
    i64 seen = visible(p, i + count - 1) - k0;
    if (seen <= 0) return;
    if (seen > keys) seen = keys;
    const float *rows[MR];
    for (i64 r = 0; r < count; ++r) rows[r] = qh + (i + r) * p.q_s[2];
    const matmul::Terms product = {1, 1, p.d, p.q_s[3], 0, 0, 0, 0, 0};
    Scores scores = {s, MR * NR, 0, keys};
    for (i64 panel = 0; panel * NR < seen; ++panel)
      matmul::accumulate_tile<MR, NRV>(count, scores.width(panel) / VL, matmul::TermList{&product, 1, rows, MR}, pk + panel * NR * p.d, true,
                                       s + panel * MR * NR);
    const i64 columns = (p.dv + VL - 1) / VL * VL;
    for (i64 r = 0; r < count; ++r) {
      scores.row = r;
      i64 own = visible(p, i + r) - k0;
      own = own < 0 ? 0 : own < seen ? own : seen;
      const float factor = weigh(p, scores, mask_row(p, mask, b, h, i + r), k0, own, states[r]);
      for (i64 panel = (own + NR - 1) / NR; panel * NR < seen; ++panel) // panels that only later queries of the tile see
        for (i64 c = 0; c < scores.width(panel); c += VL) store(scores(panel) + c, zero(), Full{});
      if (factor == 1.0f) continue;
      for (i64 c = 0; c < columns; c += NR) {
        const i64 width = columns - c < NR ? columns - c : NR;
        float *row = sums + c * MR + r * width;
        for (i64 x = 0; x < width; x += VL) store(row + x, load(row + x, Full{}) * splat(factor), Full{});
      }
    }
    // Whole panels of weights, then the last one.
    const i64 whole = seen / NR, rest = seen - whole * NR;
    const matmul::Terms parts[2] = {{1, whole, NR, 1, 0, MR * NR, 0, 0, NR}, {1, 1, rest, 1, 0, 0, whole * NR, 0, 0}};
    const float *weights[2 * MR];
    for (i64 r = 0; r < count; ++r) {
      weights[r] = s + r * NR;
      weights[MR + r] = s + whole * MR * NR + r * scores.width(whole);
    }
    for (i64 c = 0; c < columns; c += NR)
      matmul::accumulate_tile<MR, NRV>(count, (columns - c < NR ? columns - c : NR) / VL, matmul::TermList{parts, rest ? 2 : 1, weights, MR},
                                       pv + c * KEYS, false, sums + c * MR);
  }

  DNNC_INLINE void block(i64 b, i64 h, i64 first_row, i64 last, float *buffer) const {
    const i64 columns = (p.dv + VL - 1) / VL * VL, tiles = (last - first_row + MR - 1) / MR;
    float *pk = buffer, *pv = pk + KEYS * p.d, *s = pv + KEYS * columns, *sums = s + KEYS * MR;
    State *states = reinterpret_cast<State *>(sums + tiles * MR * columns);
    const float *qh = q + b * p.q_s[0] + h * p.q_s[1];
    const float *kh = k + b * p.k_s[0] + h / p.group * p.k_s[1], *vh = v + b * p.v_s[0] + h / p.group * p.v_s[1];
    for (i64 i = 0; i < tiles * MR * columns; i += VL) store(sums + i, zero(), Full{});
    for (i64 i = 0; i < last - first_row; ++i) states[i] = {-__builtin_inff(), 0.0f};
    const i64 end = visible(p, last - 1);
    for (i64 k0 = 0; k0 < end; k0 += KEYS) {
      const i64 keys = p.n - k0 < KEYS ? p.n - k0 : KEYS;
      for (i64 j = 0; j < keys; j += NR) {
        const i64 left = keys - j < NR ? keys - j : NR;
        matmul::pack_panel(kh + (k0 + j) * p.k_s[2], p.k_s[3], p.k_s[2], p.d, left, (left + VL - 1) / VL * VL, pk + j * p.d);
      }
      for (i64 c = 0; c < columns; c += NR) {
        const i64 left = p.dv - c < NR ? p.dv - c : NR;
        matmul::pack_panel(vh + k0 * p.v_s[2] + c * p.v_s[3], p.v_s[2], p.v_s[3], keys, left, (left + VL - 1) / VL * VL, pv + c * KEYS);
      }
      for (i64 t = 0; t < tiles; ++t) {
        const i64 i = first_row + t * MR, count = last - i < MR ? last - i : MR;
        tile(qh, b, h, i, count, k0, keys, pk, pv, sums + t * MR * columns, states + t * MR, s);
      }
    }
    for (i64 i = first_row; i < last; ++i) {
      const i64 r = (i - first_row) % MR;
      const float *from = sums + (i - first_row - r) * columns;
      float *to = y + b * p.y_s[0] + h * p.y_s[1] + i * p.y_s[2];
      for (i64 c = 0; c < p.dv; c += VL) {
        const i64 panel = c / NR * NR, width = columns - panel < NR ? columns - panel : NR;
        const vf x = normalized(load(from + panel * MR + r * width + c - panel, Full{}), states[i - first_row]);
        if (c + VL <= p.dv)
          store(to + c, x, Full{});
        else
          store(to + c, x, Part{static_cast<int>(p.dv - c)});
      }
    }
  }

  DNNC_DEVICE void operator()(i64 begin, i64 end, int thread) const {
    float *buffer = scratch + thread * scratch_size(p, VL, NUM_VREGS);
    for (i64 unit = begin; unit < end; ++unit) {
      const i64 h = unit / blocks % p.heads, b = unit / blocks / p.heads, i = unit % blocks * size;
      block(b, h, i, p.m - i < size ? p.m : i + size, buffer);
    }
  }
};

template <class Mask>
void run(const AttentionParams &p, const float *q, const float *k, const float *v, const Mask *mask, float *y, float *scratch, const Par &par) {
  if (few_queries(p)) {
    par.run(p.batch * p.heads * p.m, RowWork<Mask>{p, q, k, v, mask, y, scratch});
    return;
  }
  // Blocks of one size, and enough of them for every thread.
  const i64 tiles = (p.m + MR - 1) / MR, others = p.batch * p.heads, threads = par.threads();
  i64 blocks = (p.m + QUERIES - 1) / QUERIES;
  if (threads > 1 && blocks * others < 4 * threads) blocks = (4 * threads + others - 1) / others;
  const i64 size = (tiles + blocks - 1) / blocks * MR;
  blocks = (p.m + size - 1) / size;
  par.run(others * blocks, Work<Mask>{p, q, k, v, mask, y, scratch, blocks, size});
}

inline void attention(const AttentionParams &p, const float *q, const float *k, const float *v, float *y, float *scratch, const Par &par) {
  run(p, q, k, v, static_cast<const NoMask *>(nullptr), y, scratch, par);
}
template <class Mask>
void attention_masked(const AttentionParams &p, const float *q, const float *k, const float *v, const Mask *mask, float *y, float *scratch, const Par &par) {
  run(p, q, k, v, mask, y, scratch, par);
}

} // namespace attention
