// map and map_scalar on a GPU; contracts in params.h. A thread per element of y, in the order of y's dims.
#pragma once
#include "map.h"

namespace pw {
namespace cuda {

// The operands from number K on, read at the element whose index along each dim is given.
template <class... In> struct Reads {
  template <class Chain, bool VECTOR, class... V> DNNC_INLINE auto apply(const MapParams &, const i64 *, V... values) const {
    return Chain::apply(values...);
  }
};
template <class First, class... Rest> struct Reads<First, Rest...> {
  const First *x;
  Reads<Rest...> rest;

  template <class Chain, bool VECTOR, class... V> DNNC_INLINE auto apply(const MapParams &p, const i64 *index, V... values) const {
    const i64 *strides = p.x_strides + MAP_RANK * sizeof...(V);
    i64 offset = 0;
    for (int d = 0; d < p.rank; ++d) offset += index[d] * strides[d];
    if constexpr (VECTOR)
      return rest.template apply<Chain, VECTOR>(p, index, values..., load(x + offset, Full{}));
    else
      return rest.template apply<Chain, VECTOR>(p, index, values..., x[offset]);
  }
};

template <class Chain, bool VECTOR, class Out, class... In> struct Elements {
  MapParams p;
  Reads<In...> reads;
  Out *y;

  DNNC_DEVICE void operator()(i64 begin, i64, int) const {
    i64 index[MAP_RANK], offset = 0;
    for (int d = static_cast<int>(p.rank) - 1; d >= 0; --d) {
      index[d] = begin % p.shape[d];
      begin /= p.shape[d];
      offset += index[d] * p.y_strides[d];
    }
    if constexpr (VECTOR)
      store(y + offset, reads.template apply<Chain, true>(p, index), Full{});
    else
      y[offset] = reads.template apply<Chain, false>(p, index);
  }
};

DNNC_INLINE i64 element_count(const MapParams &p) {
  i64 count = 1;
  for (int d = 0; d < p.rank; ++d) count *= p.shape[d];
  return count;
}

template <class... In> struct MakeReads;
template <> struct MakeReads<> {
  static Reads<> of() { return {}; }
};
template <class First, class... Rest> struct MakeReads<First, Rest...> {
  static Reads<First, Rest...> of(const First *x, const Rest *...rest) { return Reads<First, Rest...>{x, MakeReads<Rest...>::of(rest...)}; }
};

template <class Chain, class Out, class... In> void map(const MapParams &p, const In *...x, Out *y, const Par &par) {
  par.run(element_count(p), Elements<Chain, true, Out, In...>{p, MakeReads<In...>::of(x...), y});
}
template <class Chain, class Out, class... In> void map_scalar(const MapParams &p, const In *...x, Out *y, const Par &par) {
  par.run(element_count(p), Elements<Chain, false, Out, In...>{p, MakeReads<In...>::of(x...), y});
}

} // namespace cuda
} // namespace pw
