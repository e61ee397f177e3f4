// ArgMax, ArgMin, TopK and CumSum; contracts in params.h.
#pragma once
#include "../../parallel.h"
#include "params.h"

namespace along_axis {

struct Larger {
  template <class T> static DNNC_INLINE bool before(T a, T b) { return a > b; }
};
struct Smaller {
  template <class T> static DNNC_INLINE bool before(T a, T b) { return a < b; }
};

template <class Order, class T> struct Arg {
  const ArgParams& p;
  const T* x;
  i64* y;

  DNNC_INLINE void operator()(i64 begin, i64 end, int) const {
    for (i64 i = begin; i < end; ++i) {
      const T* from = x + i / p.inner * p.axis * p.inner + i % p.inner;
      i64 best = 0;
      for (i64 a = 1; a < p.axis; ++a) {
        T value = from[a * p.inner], old = from[best * p.inner];
        if (Order::before(value, old) || (p.last && value == old)) best = a;
      }
      y[i] = best;
    }
  }
};

template <class T> void arg_max(const ArgParams& p, const T* x, i64* y, const Par& par) {
  par.run(p.outer * p.inner, Arg<Larger, T>{p, x, y});
}
template <class T> void arg_min(const ArgParams& p, const T* x, i64* y, const Par& par) {
  par.run(p.outer * p.inner, Arg<Smaller, T>{p, x, y});
}

// Keeps the best k so far sorted in the outputs themselves and inserts the rest one by one.
template <class Order, class T> struct TopK {
  const TopKParams& p;
  const T* x;
  T* values;
  i64* indices;

  DNNC_INLINE void operator()(i64 begin, i64 end, int) const {
    for (i64 i = begin; i < end; ++i) {
      i64 outer = i / p.inner, inner = i % p.inner;
      const T* from = x + outer * p.axis * p.inner + inner;
      T* v = values + outer * p.k * p.inner + inner;
      i64* at = indices + outer * p.k * p.inner + inner;
      i64 held = 0;
      for (i64 a = 0; a < p.axis; ++a) {
        T value = from[a * p.inner];
        if (held == p.k && !Order::before(value, v[(held - 1) * p.inner])) continue;
        i64 place = held < p.k ? held++ : held - 1;
        for (; place > 0 && Order::before(value, v[(place - 1) * p.inner]); --place) {
          v[place * p.inner] = v[(place - 1) * p.inner];
          at[place * p.inner] = at[(place - 1) * p.inner];
        }
        v[place * p.inner] = value;
        at[place * p.inner] = a;
      }
    }
  }
};

template <class T> void top_k(const TopKParams& p, const T* x, T* values, i64* indices, const Par& par) {
  if (p.largest)
    par.run(p.outer * p.inner, TopK<Larger, T>{p, x, values, indices});
  else
    par.run(p.outer * p.inner, TopK<Smaller, T>{p, x, values, indices});
}

template <class T> struct CumSum {
  const CumSumParams& p;
  const T* x;
  T* y;

  DNNC_INLINE void operator()(i64 begin, i64 end, int) const {
    for (i64 i = begin; i < end; ++i) {
      i64 base = i / p.inner * p.axis * p.inner + i % p.inner;
      T sum = T(0);
      for (i64 a = 0; a < p.axis; ++a) {
        i64 at = base + (p.reverse ? p.axis - 1 - a : a) * p.inner;
        T value = x[at];
        y[at] = p.exclusive ? sum : sum + value;
        sum = sum + value;
      }
    }
  }
};

template <class T> void cum_sum(const CumSumParams& p, const T* x, T* y, const Par& par) {
  par.run(p.outer * p.inner, CumSum<T>{p, x, y});
}

} // namespace along_axis
