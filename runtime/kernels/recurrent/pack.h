// Packing of recurrence weights, [gates][row][column of h] for each direction, on the host (constants) and at run time. Gates that are
// computed together make a group. A group is panels of NV vectors of rows, the rest of the rows in panels of half as many, and so on:
// [panel][column][gate][row in panel]. Rows are rounded up to whole vectors of zeros.
#pragma once
#include "params.h"

namespace recurrent {

constexpr i64 vectors_of(i64 hidden, int vl) { return (hidden + vl - 1) / vl; }
constexpr i64 packed_size(i64 hidden, i64 gates, int vl) { return vectors_of(hidden, vl) * vl * gates * hidden; }

// Vector `v` of each gate of a group into its panel.
DNNC_DEVICE inline void pack_vector(const float *r, i64 hidden, i64 gates, i64 nv, i64 v, int vl, float *group) {
  i64 first = 0, width = nv;
  const i64 count = vectors_of(hidden, vl);
  while (v - first >= (count - first) / width * width) first += (count - first) / width * width, width /= 2;
  first += (v - first) / width * width;
  float *panel = group + first * vl * gates * hidden + (v - first) * vl;
  for (i64 k = 0; k < hidden; ++k)
    for (i64 g = 0; g < gates; ++g)
      for (i64 i = 0; i < vl; ++i) {
        const i64 row = v * vl + i;
        panel[(k * gates + g) * width * vl + i] = row < hidden ? r[(g * hidden + row) * hidden + k] : 0.0f;
      }
}

// Item `item` of directions * vectors_of(hidden, vl): one vector of all gates.
DNNC_DEVICE inline void pack_item(const PackParams &p, const float *r, i64 item, int vl, float *packed) {
  const i64 count = vectors_of(p.hidden, vl), d = item / count, v = item % count, all = p.gates[0] + p.gates[1];
  r += d * all * p.hidden * p.hidden;
  packed += d * packed_size(p.hidden, all, vl);
  pack_vector(r, p.hidden, p.gates[0], p.vectors[0], v, vl, packed);
  if (p.gates[1] > 0)
    pack_vector(r + p.gates[0] * p.hidden * p.hidden, p.hidden, p.gates[1], p.vectors[1], v, vl,
                packed + packed_size(p.hidden, p.gates[0], vl));
}

} // namespace recurrent
