// Resize by tables; contract in params.h. Vectors run over channels.
#pragma once
#include "../../parallel.h"
#include "../pointwise/epilogue.h"
#include "params.h"

namespace resize {

// One output pixel: calls sample(c, lanes) for each vector of channels, and stores it.
template <class T, class Sample, class Ep>
DNNC_INLINE void pixel(const ResizeParams& p, const Sample& sample, T* y, i64 n, i64 r, const Ep& ep) {
  i64 c = 0;
  for (; c + VL <= p.c; c += VL) store(y + c, ep(sample(c, Full{}), n, r, c, Full{}), Full{});
  if (c < p.c) {
    Part part = {static_cast<int>(p.c - c)};
    store(y + c, ep(sample(c, part), n, r, c, part), part);
  }
}

struct Outside {
  float value;
  template <class L> DNNC_INLINE vf operator()(i64, L) const { return splat(value); }
};

template <class T> struct Nearest {
  const T* x;
  template <class L> DNNC_INLINE vf operator()(i64 c, L lanes) const { return load(x + c, lanes); }
};

template <class T, class Ep> struct NearestRows {
  Held<ResizeParams> p;
  const T* x;
  const int32_t *yi, *xi;
  T* y;
  Held<Ep> ep;

  DNNC_INLINE void operator()(i64 begin, i64 end, int) const {
    for (i64 row = begin; row < end; ++row) {
      i64 n = row / p.oh, oh = row % p.oh;
      const T* from = x + n * p.x_n + yi[oh] * p.x_h;
      T* to = y + n * p.y_n + oh * p.y_h;
      for (i64 ow = 0; ow < p.ow; ++ow) {
        i64 r = oh * p.ow + ow;
        if (yi[oh] < 0 || xi[ow] < 0) pixel(p, Outside{p.extrapolation}, to + ow * p.y_w, n, r, ep);
        else pixel(p, Nearest<T>{from + xi[ow] * p.x_w}, to + ow * p.y_w, n, r, ep);
      }
    }
  }
};

template <class T, class Ep>
void nearest(const ResizeParams& p, const T* x, const int32_t* yi, const int32_t* xi, T* y, const Ep& ep, const Par& par) {
  par.run(p.n * p.oh, NearestRows<T, Ep>{p, x, yi, xi, y, ep});
}

// Σ_j xw[j] * (Σ_i yw[i] * x[yi[i], xi[j]]); TAPS = 0: counts known at run time only.
template <int TAPS, class T> struct Weighted {
  const ResizeParams& p;
  const T* x;
  const int32_t *yi, *xi;
  const float *yw, *xw;

  // The inner sum of one column.
  template <class L> DNNC_INLINE vf column(i64 j, i64 c, L lanes) const {
    const i64 y_taps = TAPS ? TAPS : p.y_taps;
    const T* from = x + xi[j] * p.x_w + c;
    vf sum = splat(yw[0]) * load(from + yi[0] * p.x_h, lanes);
    for (i64 i = 1; i < y_taps; ++i) sum = fma(splat(yw[i]), load(from + yi[i] * p.x_h, lanes), sum);
    return sum;
  }
  template <class L> DNNC_INLINE vf operator()(i64 c, L lanes) const {
    const i64 x_taps = TAPS ? TAPS : p.x_taps;
    vf sum = splat(xw[0]) * column(0, c, lanes);
    for (i64 j = 1; j < x_taps; ++j) sum = fma(splat(xw[j]), column(j, c, lanes), sum);
    return sum;
  }
};

// With TAPS known, neighbours that an enlargement takes from the same columns share their sums.
template <int TAPS, class T, class Ep> struct WeightedRows {
  Held<ResizeParams> p;
  const T* x;
  const int32_t* yi;
  const float* yw;
  const int32_t* xi;
  const float* xw;
  T* y;
  Held<Ep> ep;

  // Output pixels [ow, end) of row oh, for one vector of channels.
  template <class L> DNNC_INLINE void share(const Weighted<TAPS, T>& at, T* to, i64 n, i64 oh, i64 ow, i64 end, i64 c, L lanes) const {
    vf columns[TAPS > 0 ? TAPS : 1];
    for (int j = 0; j < TAPS; ++j) columns[j] = at.column(j, c, lanes);
    const float* w = at.xw;
    for (; ow < end; ++ow, w += TAPS) {
      vf sum = splat(w[0]) * columns[0];
      for (int j = 1; j < TAPS; ++j) sum = fma(splat(w[j]), columns[j], sum);
      store(to + ow * p.y_w + c, ep(sum, n, oh * p.ow + ow, c, lanes), lanes);
    }
  }
  DNNC_INLINE i64 end_of_run(const int32_t* index, i64 ow) const {
    i64 end = ow + 1;
    for (const int32_t* next = index + TAPS; end < p.ow; ++end, next += TAPS)
      for (int j = 0; j < TAPS; ++j)
        if (next[j] != index[j]) return end;
    return end;
  }

  DNNC_INLINE void operator()(i64 begin, i64 end, int) const {
    const i64 y_taps = TAPS ? TAPS : p.y_taps, x_taps = TAPS ? TAPS : p.x_taps;
    for (i64 row = begin; row < end; ++row) {
      i64 n = row / p.oh, oh = row % p.oh;
      T* to = y + n * p.y_n + oh * p.y_h;
      Weighted<TAPS, T> at = {p, x + n * p.x_n, yi + oh * y_taps, xi, yw + oh * y_taps, xw};
      for (i64 ow = 0, next; ow < p.ow; at.xi += (next - ow) * x_taps, at.xw += (next - ow) * x_taps, ow = next) {
        next = ow + 1;
        if (at.yi[0] < 0 || at.xi[0] < 0) {
          pixel(p, Outside{p.extrapolation}, to + ow * p.y_w, n, oh * p.ow + ow, ep);
        } else if (TAPS == 0) {
          pixel(p, at, to + ow * p.y_w, n, oh * p.ow + ow, ep);
        } else {
          next = end_of_run(at.xi, ow);
          i64 c = 0;
          for (; c + VL <= p.c; c += VL) share(at, to, n, oh, ow, next, c, Full{});
          if (c < p.c) share(at, to, n, oh, ow, next, c, Part{static_cast<int>(p.c - c)});
        }
      }
    }
  }
};

template <int TAPS, class T, class Ep>
void sampled(const ResizeParams& p, const T* x, const int32_t* yi, const float* yw, const int32_t* xi, const float* xw, T* y,
             const Ep& ep, const Par& par) {
  par.run(p.n * p.oh, WeightedRows<TAPS, T, Ep>{p, x, yi, yw, xi, xw, y, ep});
}

struct AxisRows {
  Held<ResizeAxisParams> p;
  const float* x;
  const int32_t* index;
  const float* weight;
  float* y;

  template <class L> DNNC_INLINE vf sum(const float* from, const int32_t* t, const float* w, L lanes) const {
    if (t[0] < 0) return splat(p.extrapolation);
    vf acc = splat(w[0]) * load(from + t[0] * p.inner, lanes);
    for (i64 i = 1; i < p.taps; ++i) acc = fma(splat(w[i]), load(from + t[i] * p.inner, lanes), acc);
    return acc;
  }

  // A row is one (outer, output index) pair.
  DNNC_INLINE void operator()(i64 begin, i64 end, int) const {
    for (i64 row = begin; row < end; ++row) {
      const float* from = x + row / p.out * p.in * p.inner;
      const int32_t* t = index + row % p.out * p.taps;
      const float* w = weight + row % p.out * p.taps;
      float* to = y + row * p.inner;
      i64 i = 0;
      for (; i + VL <= p.inner; i += VL) store(to + i, sum(from + i, t, w, Full{}), Full{});
      if (i < p.inner) {
        Part part = {static_cast<int>(p.inner - i)};
        store(to + i, sum(from + i, t, w, part), part);
      }
    }
  }
};

inline void axis(const ResizeAxisParams& p, const float* x, const int32_t* index, const float* weight, float* y, const Par& par) {
  par.run(p.outer * p.out, AxisRows{p, x, index, weight, y});
}

} // namespace resize
