// Determinants; contract in params.h.
#pragma once
#include "../../parallel.h"
#include "../../simd.h"
#include "params.h"

namespace det {

template <class T> struct Det {
  Held<DetParams> p;
  const T *x;
  T *y;
  double *work;

  DNNC_INLINE double determinant(double *a) const {
    double result = 1.0;
    for (i64 k = 0; k < p.n; ++k) {
      i64 pivot = k;
      for (i64 i = k + 1; i < p.n; ++i)
        if (__builtin_fabs(a[i * p.n + k]) > __builtin_fabs(a[pivot * p.n + k])) pivot = i;
      if (pivot != k) {
        result = -result;
        for (i64 j = k; j < p.n; ++j) {
          double swapped = a[k * p.n + j];
          a[k * p.n + j] = a[pivot * p.n + j];
          a[pivot * p.n + j] = swapped;
        }
      }
      const double diagonal = a[k * p.n + k];
      result *= diagonal;
      if (diagonal == 0.0) return result;
      for (i64 i = k + 1; i < p.n; ++i) {
        const double factor = a[i * p.n + k] / diagonal;
        for (i64 j = k + 1; j < p.n; ++j) a[i * p.n + j] -= factor * a[k * p.n + j];
      }
    }
    return result;
  }

  DNNC_INLINE void operator()(i64 begin, i64 end, int) const {
    const i64 size = p.n * p.n;
    for (i64 b = begin; b < end; ++b) {
      for (i64 i = 0; i < size; ++i) work[b * size + i] = static_cast<double>(x[b * size + i]);
      y[b] = static_cast<T>(determinant(work + b * size));
    }
  }
};

template <class T> void det(const DetParams &p, const T *x, T *y, double *work, const Par &par) { par.run(p.batch, Det<T>{p, x, y, work}); }

} // namespace det
