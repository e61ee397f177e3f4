// Pointwise functions over broadcast operands; see params.h.
#pragma once

#include "map_rows.h"
#include "map_short.h"

namespace pw {

template <class Chain, class Out, class... In> void map(const MapParams &p, const In *...x, Out *y, const Par &par) {
  if (is_short(p)) {
    MapParams outer = p;
    --outer.rank;
    return par.run(map_pieces(outer), ShortTask<Chain, Out, In...>{p, outer, {p, 0, x...}, y});
  }
  par.run(map_pieces(p), MapTask<VectorRow<Chain>, Out, In...>{p, {p, 0, x...}, y});
}

template <class Chain, class Out, class... In> void map_scalar(const MapParams &p, const In *...x, Out *y, const Par &par) {
  par.run(map_pieces(p), MapTask<ScalarRow<Chain>, Out, In...>{p, {p, 0, x...}, y});
}

} // namespace pw
