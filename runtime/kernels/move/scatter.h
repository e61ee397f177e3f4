// ScatterElements-18 and ScatterND-18, in place on dst, which holds a copy of the data operand (or is it):
//   scatter_elements: dst[i with its axis position replaced by indices[i]] op= updates[i]     i over shape, in row-major order
//   scatter_nd:       dst[indices[j, 0], …, indices[j, depth - 1], k] op= updates[j, k]       in order of j
// op is set, add, mul, min or max. Indices as in gather.h. In order, on one thread: duplicates have one meaning.
#pragma once
#include "gather.h"

namespace move {

template <int BYTES> struct Set {
  typedef typename Bits<BYTES>::type Value;
  static DNNC_INLINE Value apply(Value, Value update) { return update; }
};
template <class T> struct Add {
  typedef T Value;
  static DNNC_INLINE T apply(T old, T update) { return old + update; }
};
template <class T> struct Mul {
  typedef T Value;
  static DNNC_INLINE T apply(T old, T update) { return old * update; }
};
// A NaN on either side stays.
template <class T> struct Min {
  typedef T Value;
  static DNNC_INLINE T apply(T old, T update) { return old < update || old != old ? old : update; }
};
template <class T> struct Max {
  typedef T Value;
  static DNNC_INLINE T apply(T old, T update) { return old > update || old != old ? old : update; }
};

template <class Op, class Index> struct ScatterElements {
  typedef typename Op::Value T;
  Held<ScatterElementsParams> p;
  const Index* indices;
  const T* updates;
  T* dst;

  DNNC_DEVICE void operator()(i64, i64, int) const {
    i64 last = p.rank - 1, cols = p.shape[last], rows = product(last, p.shape);
    for (i64 row = 0; row < rows; ++row) {
      T* d = dst + offset_of(row, last, p.shape, p.dst_strides);
      for (i64 c = 0; c < cols; ++c) {
        i64 at = row * cols + c;
        T& place = d[c * p.dst_strides[last] + wrap_index(indices[at], p.axis) * p.axis_stride];
        place = Op::apply(place, updates[at]);
      }
    }
  }
};

template <class Op, class Index>
void scatter_elements(const ScatterElementsParams& p, const Index* indices, const void* updates, void* dst, const Par& par) {
  typedef typename Op::Value T;
  par.run(1, ScatterElements<Op, Index>{p, indices, static_cast<const T*>(updates), static_cast<T*>(dst)});
}

template <class Op> struct ScatterND {
  typedef typename Op::Value T;
  Held<ScatterNDParams> p;
  const i64* indices;
  const T* updates;
  T* dst;

  DNNC_DEVICE void operator()(i64, i64, int) const {
    for (i64 j = 0; j < p.count; ++j) {
      T* d = dst + tuple_offset(indices + j * p.depth, p.depth, p.dims, p.dst_strides);
      for (i64 k = 0; k < p.inner; ++k) d[k] = Op::apply(d[k], updates[j * p.inner + k]);
    }
  }
};

template <class Op>
void scatter_nd(const ScatterNDParams& p, const i64* indices, const void* updates, void* dst, const Par& par) {
  typedef typename Op::Value T;
  par.run(1, ScatterND<Op>{p, indices, static_cast<const T*>(updates), static_cast<T*>(dst)});
}

} // namespace move
