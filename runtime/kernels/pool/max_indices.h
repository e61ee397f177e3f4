// MaxPool with the places of the largest taps; contract in params.h. Vectors run over channels.
#pragma once
#include "pool.h"

namespace pool {

template <class T> struct MaxIndices {
  Held<PoolParams> p;
  const T *x;
  T *y;
  i64 *indices;
  i64 step_d, step_h, step_w; // how far apart places are along each dim

  template <class L> DNNC_INLINE void window(const T *from, i64 place, const Range &slices, const Range &rows, const Range &cols, i64 n,
                                             i64 c, T *to, i64 *at, L lanes) const {
    vf best = splat(-__builtin_inff());
    vi best_place = splat_i32(-1);
    for (i64 k = slices.begin; k < slices.end; ++k)
      for (i64 i = rows.begin; i < rows.end; ++i)
        for (i64 j = cols.begin; j < cols.end; ++j) {
          vf value = load(from + k * p.dd * p.x_d + i * p.dh * p.x_h + j * p.dw * p.x_w + c, lanes);
          i64 here = place + k * p.dd * step_d + i * p.dh * step_h + j * p.dw * step_w;
          // The first tap always counts, it may be -infinity; a NaN is larger than any number and stays.
          vm better = mask_or(gt(value, best), mask_and(ne(value, value), eq(best, best)));
          better = mask_or(better, eq(best_place, splat_i32(-1)));
          best = select(better, value, best);
          best_place = select(better, splat_i32(static_cast<int32_t>(here)), best_place);
        }
    store(to + c, best, lanes);
    int32_t places[VL];
    store_i32(places, best_place, Full{});
    for (int lane = 0; lane < lanes_of(lanes); ++lane) at[c + lane] = (n * p.c + c + lane) * p.d * p.h * p.w + places[lane];
  }

  DNNC_INLINE void operator()(i64 begin, i64 end, int) const {
    for (i64 row = begin; row < end; ++row) {
      i64 oh = row % p.oh, od = row / p.oh % p.od, n = row / p.oh / p.od, front = od * p.sd - p.pf, top = oh * p.sh - p.pt;
      Range slices(front, p.kd, p.dd, p.d, p.pk), rows(top, p.kh, p.dh, p.h, p.pb);
      for (i64 ow = 0; ow < p.ow; ++ow) {
        i64 left = ow * p.sw - p.pl;
        Range cols(left, p.kw, p.dw, p.w, p.pr);
        const T *from = x + n * p.x_n + front * p.x_d + top * p.x_h + left * p.x_w;
        i64 place = front * step_d + top * step_h + left * step_w, to = n * p.y_n + od * p.y_d + oh * p.y_h + ow * p.y_w, c = 0;
        for (; c + VL <= p.c; c += VL) window(from, place, slices, rows, cols, n, c, y + to, indices + to, Full{});
        if (c < p.c) window(from, place, slices, rows, cols, n, c, y + to, indices + to, Part{static_cast<int>(p.c - c)});
      }
    }
  }
};

template <class T> void max_indices(const PoolParams &p, const T *x, T *y, i64 *indices, const Par &par) {
  i64 step_d = p.column_major ? 1 : p.h * p.w, step_h = p.column_major ? p.d : p.w, step_w = p.column_major ? p.d * p.h : 1;
  par.run(p.n * p.od * p.oh, MaxIndices<T>{p, x, y, indices, step_d, step_h, step_w});
}

} // namespace pool
