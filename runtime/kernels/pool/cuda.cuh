// Pooling on a GPU; contract in params.h. A thread per output element, neighbouring threads on neighbouring channels.
#pragma once
#include "pool.h"

namespace pool {
namespace cuda {

template <class TX, class TY, class Op, class Ep> struct Pool {
  PoolParams p;
  const TX *x;
  TY *y;
  Op op;
  Ep ep;

  DNNC_DEVICE void operator()(i64 begin, i64, int) const {
    const i64 c = begin % p.c, r = begin / p.c % (p.od * p.oh * p.ow), n = begin / p.c / (p.od * p.oh * p.ow);
    const i64 od = r / (p.oh * p.ow), oh = r / p.ow % p.oh, ow = r % p.ow;
    const i64 front = od * p.sd - p.pf, top = oh * p.sh - p.pt, left = ow * p.sw - p.pl;
    const Range slices(front, p.kd, p.dd, p.d, p.pk), rows(top, p.kh, p.dh, p.h, p.pb), cols(left, p.kw, p.dw, p.w, p.pr);
    const TX *from = x + n * p.x_n + front * p.x_d + top * p.x_h + left * p.x_w + c;
    vf acc = op.start();
    for (i64 s = slices.begin; s < slices.end; ++s)
      for (i64 t = rows.begin; t < rows.end; ++t)
        for (i64 u = cols.begin; u < cols.end; ++u)
          acc = op.step(acc, load(from + s * p.dd * p.x_d + t * p.dh * p.x_h + u * p.dw * p.x_w, Full{}));
    const i64 count = p.count_include_pad ? slices.padded * rows.padded * cols.padded
                                          : (slices.end - slices.begin) * (rows.end - rows.begin) * (cols.end - cols.begin);
    const vf result = op.finish(acc, splat(static_cast<float>(count)));
    store(y + n * p.y_n + od * p.y_d + oh * p.y_h + ow * p.y_w + c, ep(result, n, r, c, Full{}), Full{});
  }
};

template <class TX, class TY, class Op, class Ep>
inline void run(const PoolParams &p, const TX *x, TY *y, const Op &op, const Ep &ep, const Par &par) {
  par.run(p.n * p.od * p.oh * p.ow * p.c, Pool<TX, TY, Op, Ep>{p, x, y, op, ep});
}
template <class TX, class TY, class Ep> void max(const PoolParams &p, const TX *x, TY *y, const Ep &ep, const Par &par) {
  run(p, x, y, Max{}, ep, par);
}
template <class TX, class TY, class Ep> void average(const PoolParams &p, const TX *x, TY *y, const Ep &ep, const Par &par) {
  run(p, x, y, Average{}, ep, par);
}
template <class TX, class TY, class Ep> void lp(const PoolParams &p, const TX *x, TY *y, const Ep &ep, const Par &par) {
  run(p, x, y, Norm{p.p}, ep, par);
}

} // namespace cuda
} // namespace pool
