// matmul::plain<T>: y = a * b for integers (which wrap) and double; the contract is in params.h, with no epilogue.
#pragma once
#include "../../parallel.h"
#include "batch.h"

namespace matmul {

// What sums are made of: integers wrap as unsigned ones do.
template <class T> struct Wrapping { typedef T type; };
template <> struct Wrapping<int32_t> { typedef uint32_t type; };
template <> struct Wrapping<int64_t> { typedef uint64_t type; };

template <class T> struct PlainWork {
  Held<MatmulParams> p;
  const T *a, *b;
  T *y;

  // A unit is a row of y.
  DNNC_DEVICE void operator()(i64 begin, i64 end, int) const {
    typedef typename Wrapping<T>::type U;
    for (i64 unit = begin; unit < end; ++unit) {
      const i64 n = unit / p.m, r = unit - n * p.m;
      const Batch batch(p, n);
      T *out = y + batch.y + r * p.y_rs;
      for (i64 c = 0; c < p.n; ++c) out[c] = 0;
      for (i64 i = 0; i < p.k; ++i) {
        const U x = static_cast<U>(a[batch.a + r * p.a_rs + i * p.a_cs]);
        const T *row = b + batch.b + i * p.b_rs;
        for (i64 c = 0; c < p.n; ++c) out[c] = static_cast<T>(static_cast<U>(out[c]) + x * static_cast<U>(row[c * p.b_cs]));
      }
    }
  }
};

template <class T> void plain(const MatmulParams &p, const T *a, const T *b, T *y, const Par &par) {
  par.run(batch_count(p) * p.m, PlainWork<T>{p, a, b, y});
}

} // namespace matmul
