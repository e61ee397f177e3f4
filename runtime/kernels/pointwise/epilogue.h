// The pointwise tail of a kernel, applied to each vector of f32 accumulators before it is stored. The kernel sees its
// output as (outer n, row r, column c), c contiguous, and calls acc = ep(acc, n, r, c, lanes); see docs/architecture.md.
// An operand is read only at the place that is written next, so the output may be one of the operands.
#pragma once

#include "../../simd.h"

namespace pw {

struct NoEpilogue {
  template <class L> DNNC_INLINE vf operator()(vf acc, i64, i64, i64, L) const { return acc; }
};

// One operand, read at p[n * ns + r * rs + c * CS]. CS = 0: one value for all columns; CS = 1: contiguous.
// A bool operand reaches the chain as a vm, every other type as a vf.
template <class T, int CS> struct Arg {
  const T *p;
  i64 ns, rs;

  template <class L> DNNC_INLINE auto read(i64 n, i64 r, i64 c, L lanes) const {
    static_assert(CS == 0 || CS == 1, "columns are contiguous or shared");
    const T *q = p + n * ns + r * rs;
    if constexpr (CS == 1)
      return load(q + c, lanes);
    else
      return broadcast(*q);
  }
};

// Chain::apply(acc, operands…) with the operands in the order of Args:
//   struct Chain7 { static DNNC_INLINE vf apply(vf acc, vf skip) { return pw::relu(pw::add(acc, skip)); } };
//   conv::kernel<…>(p, x, w, y, pw::Epilogue<Chain7, pw::Arg<float, 1>>{{skip, 0, 64}}, par);
template <class Chain, class... Args> struct Epilogue;

template <class Chain> struct Epilogue<Chain> {
  template <class L, class... V> DNNC_INLINE vf operator()(vf acc, i64, i64, i64, L, V... operands) const {
    return Chain::apply(acc, operands...);
  }
};

template <class Chain, class First, class... Rest> struct Epilogue<Chain, First, Rest...> {
  First first;
  Epilogue<Chain, Rest...> rest;

  DNNC_INLINE Epilogue(First f, Rest... r) : first(f), rest{r...} {}

  template <class L, class... V> DNNC_INLINE vf operator()(vf acc, i64 n, i64 r, i64 c, L lanes, V... operands) const {
    return rest(acc, n, r, c, lanes, operands..., first.read(n, r, c, lanes));
  }
};

} // namespace pw
