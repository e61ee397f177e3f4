// Pooling; contract in params.h. Vectors run over channels, four at a time where there are enough.
#pragma once
#include "../../parallel.h"
#include "../pointwise/epilogue.h"
#include "../pointwise/functions.h"
#include "params.h"

namespace pool {

// The taps [begin, end) of a window that starts at `start`, kept inside [0, size); `padded`: its taps before size + pad_after.
struct Range {
  i64 begin, end, padded;

  DNNC_INLINE Range(i64 start, i64 taps, i64 dilation, i64 size, i64 pad_after) {
    begin = start < 0 ? (-start + dilation - 1) / dilation : 0;
    i64 inside = (size - start + dilation - 1) / dilation, in_padding = (size + pad_after - start + dilation - 1) / dilation;
    end = inside < taps ? inside : taps;
    padded = in_padding < taps ? in_padding : taps;
  }
};

struct Max {
  DNNC_INLINE vf start() const { return splat(-__builtin_inff()); }
  DNNC_INLINE vf step(vf acc, vf x) const { return simd::max(acc, x); }
  DNNC_INLINE vf finish(vf acc, vf) const { return acc; }
};

struct Average {
  DNNC_INLINE vf start() const { return zero(); }
  DNNC_INLINE vf step(vf acc, vf x) const { return acc + x; }
  DNNC_INLINE vf finish(vf acc, vf count) const { return acc / count; }
};

struct Norm {
  i64 p;

  DNNC_INLINE vf start() const { return zero(); }
  DNNC_INLINE vf step(vf acc, vf x) const {
    vf a = simd::abs(x), power = a;
    for (i64 i = 1; i < p; ++i) power = power * a;
    return acc + power;
  }
  DNNC_INLINE vf finish(vf acc, vf) const {
    if (p == 1) return acc;
    if (p == 2) return simd::sqrt(acc);
    return pw::pow(acc, splat(1.0f / static_cast<float>(p)));
  }
};

// The part of one window that is inside the image, and its place in the output.
template <class T> struct Window {
  const T* x;
  i64 slices, rows, cols, slice_stride, row_stride, col_stride;
  float count;
  i64 n, r;
  T* y;
};

template <class T, class Op, class Ep, class L>
DNNC_INLINE void window_1(const Window<T>& w, const Op& op, const Ep& ep, i64 c, L lanes) {
  vf acc = op.start();
  for (i64 k = 0; k < w.slices; ++k)
    for (i64 i = 0; i < w.rows; ++i) {
      const T* x = w.x + k * w.slice_stride + i * w.row_stride + c;
      for (i64 j = 0; j < w.cols; ++j, x += w.col_stride) acc = op.step(acc, load(x, lanes));
    }
  store(w.y + c, ep(op.finish(acc, splat(w.count)), w.n, w.r, c, lanes), lanes);
}

template <class T, class Op, class Ep> DNNC_INLINE void window_4(const Window<T>& w, const Op& op, const Ep& ep, i64 c) {
  vf a0 = op.start(), a1 = a0, a2 = a0, a3 = a0;
  for (i64 k = 0; k < w.slices; ++k)
    for (i64 i = 0; i < w.rows; ++i) {
      const T* x = w.x + k * w.slice_stride + i * w.row_stride + c;
      for (i64 j = 0; j < w.cols; ++j, x += w.col_stride) {
        a0 = op.step(a0, load(x, Full{}));
        a1 = op.step(a1, load(x + VL, Full{}));
        a2 = op.step(a2, load(x + 2 * VL, Full{}));
        a3 = op.step(a3, load(x + 3 * VL, Full{}));
      }
    }
  vf count = splat(w.count);
  store(w.y + c, ep(op.finish(a0, count), w.n, w.r, c, Full{}), Full{});
  store(w.y + c + VL, ep(op.finish(a1, count), w.n, w.r, c + VL, Full{}), Full{});
  store(w.y + c + 2 * VL, ep(op.finish(a2, count), w.n, w.r, c + 2 * VL, Full{}), Full{});
  store(w.y + c + 3 * VL, ep(op.finish(a3, count), w.n, w.r, c + 3 * VL, Full{}), Full{});
}

template <class T, class Op, class Ep> struct PoolRows {
  Held<PoolParams> p;
  const T* x;
  T* y;
  Op op;
  Held<Ep> ep;

  DNNC_INLINE void operator()(i64 begin, i64 end, int) const {
    for (i64 row = begin; row < end; ++row) {
      i64 oh = row % p.oh, od = row / p.oh % p.od, n = row / p.oh / p.od, front = od * p.sd - p.pf, top = oh * p.sh - p.pt;
      Range slices(front, p.kd, p.dd, p.d, p.pk), rows(top, p.kh, p.dh, p.h, p.pb);
      for (i64 ow = 0; ow < p.ow; ++ow) {
        i64 left = ow * p.sw - p.pl;
        Range cols(left, p.kw, p.dw, p.w, p.pr);
        Window<T> w;
        w.x = x + n * p.x_n + (front + slices.begin * p.dd) * p.x_d + (top + rows.begin * p.dh) * p.x_h + (left + cols.begin * p.dw) * p.x_w;
        w.slices = slices.end - slices.begin;
        w.rows = rows.end - rows.begin;
        w.cols = cols.end - cols.begin;
        w.slice_stride = p.dd * p.x_d;
        w.row_stride = p.dh * p.x_h;
        w.col_stride = p.dw * p.x_w;
        w.count = static_cast<float>(p.count_include_pad ? slices.padded * rows.padded * cols.padded : w.slices * w.rows * w.cols);
        w.n = n;
        w.r = (od * p.oh + oh) * p.ow + ow;
        w.y = y + n * p.y_n + od * p.y_d + oh * p.y_h + ow * p.y_w;
        i64 c = 0;
        for (; c + 4 * VL <= p.c; c += 4 * VL) window_4(w, op, ep, c);
        for (; c + VL <= p.c; c += VL) window_1(w, op, ep, c, Full{});
        if (c < p.c) window_1(w, op, ep, c, Part{static_cast<int>(p.c - c)});
      }
    }
  }
};

template <class T, class Ep> void max(const PoolParams& p, const T* x, T* y, const Ep& ep, const Par& par) {
  par.run(p.n * p.od * p.oh, PoolRows<T, Max, Ep>{p, x, y, Max{}, ep});
}

template <class T, class Ep> void average(const PoolParams& p, const T* x, T* y, const Ep& ep, const Par& par) {
  par.run(p.n * p.od * p.oh, PoolRows<T, Average, Ep>{p, x, y, Average{}, ep});
}

template <class T, class Ep> void lp(const PoolParams& p, const T* x, T* y, const Ep& ep, const Par& par) {
  par.run(p.n * p.od * p.oh, PoolRows<T, Norm, Ep>{p, x, y, Norm{p.p}, ep});
}

} // namespace pool
