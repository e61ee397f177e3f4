// pack and unpack: a box in a larger buffer, and the same elements without gaps. Rows are what is contiguous on both sides.
#pragma once
#include "../move/bits.h"
#include "params.h"

namespace bounded {

// The first `split` dims are walked one by one; a row is `run` of the `full` elements behind them.
struct Rows {
  i64 split, run, full;
};

DNNC_INLINE i64 clamp_dim(i64 dim, i64 bound) { return dim < 0 ? 0 : dim < bound ? dim : bound; }

DNNC_INLINE Rows rows_of(const PackParams &p, const i64 *dims) {
  i64 last = p.rank - 1; // the innermost dim that is cut
  while (last > 0 && dims[last] >= p.shape[last]) --last;
  Rows rows = {last < 0 ? 0 : last, 1, 1};
  for (i64 d = rows.split; d < p.rank; ++d) {
    rows.run *= clamp_dim(dims[d], p.shape[d]);
    rows.full *= p.shape[d];
  }
  return rows;
}

// The number of dense row `row` in the buffer, or of a row of the buffer in the box; -1 outside of it.
DNNC_INLINE i64 padded_row(const PackParams &p, const i64 *dims, i64 split, i64 row) {
  i64 at = 0, stride = 1;
  for (i64 d = split - 1; d >= 0; --d) {
    const i64 dim = clamp_dim(dims[d], p.shape[d]);
    at += row % dim * stride;
    row /= dim;
    stride *= p.shape[d];
  }
  return at;
}
DNNC_INLINE i64 dense_row(const PackParams &p, const i64 *dims, i64 split, i64 row) {
  i64 at = 0, stride = 1;
  for (i64 d = split - 1; d >= 0; --d) {
    const i64 dim = clamp_dim(dims[d], p.shape[d]), place = row % p.shape[d];
    if (place >= dim) return -1;
    at += place * stride;
    row /= p.shape[d];
    stride *= dim;
  }
  return at;
}

template <int BYTES> struct Pack {
  typedef typename move::Bits<BYTES>::type T;
  Held<PackParams> p;
  Rows rows;
  const T *x;
  const i64 *dims;
  T *y;

  DNNC_DEVICE void operator()(i64 begin, i64 end, int) const {
    for (i64 row = begin; row < end; ++row)
      move::copy_run<BYTES>(y + row * rows.run, x + padded_row(p, dims, rows.split, row) * rows.full, rows.run);
  }
};

template <int BYTES> void pack(const PackParams &p, const void *x, const i64 *dims, void *y, const Par &par) {
  typedef typename move::Bits<BYTES>::type T;
  const Rows rows = rows_of(p, dims);
  i64 count = rows.run ? 1 : 0;
  for (i64 d = 0; d < rows.split; ++d) count *= clamp_dim(dims[d], p.shape[d]);
  par.run(count, Pack<BYTES>{p, rows, static_cast<const T *>(x), dims, static_cast<T *>(y)});
}

template <int BYTES> struct Unpack {
  typedef typename move::Bits<BYTES>::type T;
  Held<PackParams> p;
  Rows rows;
  const T *x;
  const i64 *dims;
  T *y;

  DNNC_DEVICE void operator()(i64 begin, i64 end, int) const {
    for (i64 row = begin; row < end; ++row) {
      const i64 from = dense_row(p, dims, rows.split, row), run = from < 0 ? 0 : rows.run;
      if (run) move::copy_run<BYTES>(y + row * rows.full, x + from * rows.run, run);
      move::fill_run<BYTES>(y + row * rows.full + run, 0, rows.full - run);
    }
  }
};

template <int BYTES> void unpack(const PackParams &p, const void *x, const i64 *dims, void *y, const Par &par) {
  typedef typename move::Bits<BYTES>::type T;
  const Rows rows = rows_of(p, dims);
  i64 count = 1;
  for (i64 d = 0; d < rows.split; ++d) count *= p.shape[d];
  par.run(count, Unpack<BYTES>{p, rows, static_cast<const T *>(x), dims, static_cast<T *>(y)});
}

} // namespace bounded
