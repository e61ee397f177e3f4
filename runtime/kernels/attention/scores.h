// The scores of one query: what mask and softmax make of its products with keys. Shared by both ways of attention.
#pragma once
#include "../../parallel.h"
#include "../pointwise/functions.h"
#include "params.h"

namespace attention {

constexpr Tile TILE = pick_tile(VL, NUM_VREGS);
constexpr i64 MR = TILE.rows, NRV = TILE.vectors, NR = NRV * VL;

struct NoMask {};

// The scores of one query for VL keys from key j on, with the mask; -∞ where a key is left out or lanes end.
DNNC_INLINE vf masked(vf s, const NoMask *, i64, i64, Part) { return s; }
DNNC_INLINE vf masked(vf s, const float *row, i64 j, i64 step, Part lanes) {
  if (step == 0) return s + splat(row[0]);
  return s + (lanes.k == VL ? load(row + j, Full{}) : load(row + j, lanes));
}
DNNC_INLINE vf masked(vf s, const bool *row, i64 j, i64 step, Part lanes) {
  const vf out = splat(-__builtin_inff());
  if (step == 0) return row[0] ? s : out;
  return select(lanes.k == VL ? load(row + j, Full{}) : load(row + j, lanes), s, out);
}

// Where the scores of one query are: panels of up to NR keys, `stride` apart.
struct Scores {
  float *at;
  i64 stride, row; // row: of the query in each panel
  i64 keys;        // of the block, which say how wide the last panel is

  DNNC_INLINE i64 width(i64 panel) const {
    const i64 left = keys - panel * NR;
    return left < NR ? (left + VL - 1) / VL * VL : NR;
  }
  DNNC_INLINE float *operator()(i64 panel) const { return at + panel * stride + row * width(panel); }
};

// A query's running maximum and the sum of its weights.
struct State {
  float top, sum;
};

// e^x for x <= 0: 1.5 ULP down to e^-87, below that 0.
DNNC_INLINE vf weight(vf x) {
  const vf least = splat(-87.0f);
  const pw::Exp e = pw::exp_parts(clamp_min(x, least));
  return select(lt(x, least), zero(), (splat(1.0f) + e.m) * pw::pow2(e.n));
}

// The highest score of keys k0 … k0 + count of one query, from their raw products, which become scores.
template <class Mask> DNNC_INLINE vf make_scores(const AttentionParams &p, const Scores &s, const Mask *mask, i64 k0, i64 count) {
  const vf scale = splat(p.scale), cap = splat(p.softcap), inverse = splat(1.0f / p.softcap);
  vf top = splat(-__builtin_inff());
  for (i64 panel = 0; panel * NR < count; ++panel) {
    float *row = s(panel);
    for (i64 c = 0, w = s.width(panel); c < w; c += VL) {
      const i64 j = panel * NR + c, left = count - j;
      vf x = load(row + c, Full{}) * scale;
      if (p.softcap != 0.0f) x = cap * pw::tanh(x * inverse);
      if (left > 0) x = masked(x, mask, k0 + j, p.mask_s[3], Part{left < VL ? static_cast<int>(left) : int(VL)});
      if (left < VL) x = select(lt(lane_index(), splat_i32(static_cast<int32_t>(left))), x, splat(-__builtin_inff()));
      store(row + c, x, Full{});
      top = clamp_min(x, top); // NaN need not be seen here: its weight will be
    }
  }
  return top;
}

// The highest of `count` raw products.
DNNC_INLINE vf highest(const Scores &s, i64 count) {
  vf tops[2] = {splat(-__builtin_inff()), splat(-__builtin_inff())};
  for (i64 panel = 0; panel * NR < count; ++panel) {
    const float *row = s(panel);
    const i64 left = count - panel * NR, whole = left < NR ? left / VL * VL : NR;
    i64 c = 0;
    for (; c + 2 * VL <= whole; c += 2 * VL) DNNC_UNROLL for (int v = 0; v < 2; ++v) tops[v] = clamp_min(load(row + c + v * VL, Full{}), tops[v]);
    for (; c < whole; c += VL) tops[0] = clamp_min(load(row + c, Full{}), tops[0]);
    if (c < NR && c < left)
      tops[1] = select(lt(lane_index(), splat_i32(static_cast<int32_t>(left - c))), clamp_min(load(row + c, Full{}), tops[1]), tops[1]);
  }
  return clamp_min(tops[0], tops[1]);
}

// Turns raw products for keys k0 … k0 + count of one query into weights exp(score - top). Returns what the sums so far are to be scaled by.
// Beyond count weights are 0, up to the end of their panel.
template <class Mask> DNNC_INLINE float weigh(const AttentionParams &p, const Scores &s, const Mask *mask, i64 k0, i64 count, State &state) {
  // Without a mask and a cap products stay as they are, and the scale is applied with the shift.
  const bool raw = !mask && p.softcap == 0.0f && p.scale > 0.0f;
  const vf lowest = splat(-__builtin_inff()), before = splat(state.top), scale = splat(raw ? p.scale : 1.0f);
  const float here = raw ? reduce_max(highest(s, count)) * p.scale : reduce_max(make_scores(p, s, mask, k0, count));
  const vf top = clamp_min(splat(here), before), shift = select(eq(top, lowest), zero(), top); // no key yet: weights are 0, not exp(-∞ + ∞)
  vf sum[2] = {zero(), zero()};
  for (i64 panel = 0; panel * NR < count; ++panel) {
    float *row = s(panel);
    const i64 left = count - panel * NR, width = s.width(panel), whole = left < width ? left / VL * VL : width;
    i64 c = 0;
    for (; c + 2 * VL <= whole; c += 2 * VL) DNNC_UNROLL for (int v = 0; v < 2; ++v) {
        const vf e = weight(fma(load(row + c + v * VL, Full{}), scale, neg(shift)));
        store(row + c + v * VL, e, Full{});
        sum[v] += e;
      }
    for (; c < width; c += VL) {
      vf e = weight(fma(load(row + c, Full{}), scale, neg(shift)));
      if (c >= whole) e = select(lt(lane_index(), splat_i32(static_cast<int32_t>(left - c))), e, zero());
      store(row + c, e, Full{});
      sum[0] += e;
    }
  }
  const float factor = first(weight(before - shift));
  state = {first(top), state.sum * factor + reduce_add(sum[0] + sum[1])};
  return factor;
}

// The last step of a row: its sums over the sum of its weights, of which there are none where every key was left out.
DNNC_INLINE vf normalized(vf sum, State state) {
  return state.sum == 0.0f ? zero() : sum * splat(1.0f / state.sum);
}

// Keys that query i may see.
DNNC_INLINE i64 visible(const AttentionParams &p, i64 i) {
  if (!p.causal) return p.n;
  const i64 count = i + p.past + 1;
  return count < 0 ? 0 : count < p.n ? count : p.n;
}
// Where the mask of a query starts; null without one.
template <class Mask> DNNC_INLINE const Mask *mask_row(const AttentionParams &p, const Mask *mask, i64 b, i64 h, i64 i) {
  return mask ? mask + b * p.mask_s[0] + h * p.mask_s[1] + i * p.mask_s[2] : nullptr;
}

} // namespace attention
