// Reductions on a GPU; contract in params.h. Rows of contiguous elements: a block each. Columns: a thread each, in short blocks of terms
// as reduce.h has them.
#pragma once
#include "reduce.h"
#include "warp.cuh"

namespace reduce {
namespace cuda {

template <class Op, class TX, class TY, class Ep> struct RowWork {
  ReduceParams p;
  const TX *x;
  TY *y;
  Ep ep;

  // No thread may count for nothing: those past the end start at the row's first element, for which Max, Min do not care, and sums and
  // products give 0 and 1.
  __device__ void operator()(i64 o) const {
    const TX *from = x + o * p.x_outer;
    float acc = Op::nothing(to_float(from[0]));
    for (i64 i = threadIdx.x; i < p.red; i += BLOCK) acc = Op::step(vf{acc}, load(from + i, Full{})).x;
    acc = over_block<Op>(acc);
    if (threadIdx.x == 0) store(y + o, ep(Op::finish(vf{acc}, p.red), 0, o, 0, Full{}), Full{});
  }
};

template <class Op, class TX, class TY, class Ep> struct ColumnWork {
  ReduceParams p;
  const TX *x;
  TY *y;
  Ep ep;

  DNNC_DEVICE void operator()(i64 begin, i64, int) const {
    const i64 o = begin / p.inner, c = begin - o * p.inner;
    const TX *from = x + o * p.x_outer + c;
    vf total = zero();
    for (i64 r0 = 0; r0 < p.red; r0 += block) {
      const i64 end = r0 + block < p.red ? r0 + block : p.red;
      vf acc = load(from + r0 * p.x_red, Full{});
      for (i64 r = r0 + 1; r < end; ++r) acc = Op::step(acc, load(from + r * p.x_red, Full{}));
      total = r0 ? Op::step(total, acc) : acc;
    }
    store(y + o * p.inner + c, ep(Op::finish(total, p.red), 0, o, c, Full{}), Full{});
  }
};

// What a thread without elements contributes.
struct SumOp : Sum {
  static DNNC_INLINE float nothing(float) { return 0.0f; }
};
struct MeanOp : Mean {
  static DNNC_INLINE float nothing(float) { return 0.0f; }
};
struct ProdOp : Prod {
  static DNNC_INLINE float nothing(float) { return 1.0f; }
};
struct MaxOp : Max {
  static DNNC_INLINE float nothing(float x) { return x; }
};
struct MinOp : Min {
  static DNNC_INLINE float nothing(float x) { return x; }
};

template <class Op, class TX, class TY, class Ep>
inline void enqueue(const ReduceParams &p, const TX *x, TY *y, const Ep &ep, const Par &par) {
  if (p.inner == 1 && p.x_red == 1)
    run_rows(RowWork<Op, TX, TY, Ep>{p, x, y, ep}, p.outer, par);
  else
    par.run(p.outer * p.inner, ColumnWork<Op, TX, TY, Ep>{p, x, y, ep});
}
template <class TX, class TY, class Ep> void sum(const ReduceParams &p, const TX *x, TY *y, const Ep &ep, const Par &par) {
  enqueue<SumOp>(p, x, y, ep, par);
}
template <class TX, class TY, class Ep> void mean(const ReduceParams &p, const TX *x, TY *y, const Ep &ep, const Par &par) {
  enqueue<MeanOp>(p, x, y, ep, par);
}
template <class TX, class TY, class Ep> void prod(const ReduceParams &p, const TX *x, TY *y, const Ep &ep, const Par &par) {
  enqueue<ProdOp>(p, x, y, ep, par);
}
template <class TX, class TY, class Ep> void max(const ReduceParams &p, const TX *x, TY *y, const Ep &ep, const Par &par) {
  enqueue<MaxOp>(p, x, y, ep, par);
}
template <class TX, class TY, class Ep> void min(const ReduceParams &p, const TX *x, TY *y, const Ep &ep, const Par &par) {
  enqueue<MinOp>(p, x, y, ep, par);
}

} // namespace cuda
} // namespace reduce
