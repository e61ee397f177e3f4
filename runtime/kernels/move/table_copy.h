// table_copy: dst[Σ i_d dst_strides[d] + k] = src[Σ t_d[i_d] + k] for k < run, where t_d is the d-th of the tables laid end to
// end, shape[d] element offsets each; a negative one stands for `value`. Serves Pad-21 in every mode (constant, reflect, edge,
// wrap) and nearest Resize of any element type. src and dst do not overlap.
#pragma once
#include "bits.h"

namespace move {

template <int BYTES> struct TableCopyRows {
  typedef typename Bits<BYTES>::type T;
  Held<TableCopyParams> p;
  const T* src;
  const i64* table;
  T* dst;

  // The first stretch of the last dim in which neighbours in dst are neighbours in src, if it is a long one: what padding leaves in the middle.
  struct Stretch {
    i64 begin, end;
  };
  DNNC_INLINE Stretch stretch(const i64* offsets) const {
    i64 last = p.rank - 1, cols = p.shape[last];
    if (p.dst_strides[last] != p.run) return {cols, cols};
    for (i64 begin = 0, end; begin < cols; begin = end) {
      for (end = begin + 1; end < cols && offsets[begin] >= 0 && offsets[end] == offsets[end - 1] + p.run;) ++end;
      if (2 * (end - begin) >= cols) return {begin, end};
    }
    return {cols, cols};
  }

  DNNC_INLINE void one_by_one(T* d, i64 from, const i64* offsets, i64 begin, i64 end) const {
    const i64 col_stride = p.dst_strides[p.rank - 1];
    for (i64 c = begin; c < end; ++c) {
      if (offsets[c] < 0) {
        fill_run<BYTES>(d + c * col_stride, p.value, p.run);
      } else if (p.run == 1) {
        d[c * col_stride] = src[from + offsets[c]];
      } else {
        copy_run<BYTES>(d + c * col_stride, src + from + offsets[c], p.run);
      }
    }
  }

  // A row is one index of all the dims but the last.
  DNNC_INLINE void operator()(i64 begin, i64 end, int) const {
    i64 last = p.rank - 1, cols = p.shape[last], index[8];
    const i64* tables[8];
    const i64* last_table = table;
    for (i64 d = 0; d < last; last_table += p.shape[d++]) tables[d] = last_table;
    for (i64 d = last - 1, rest = begin; d >= 0; rest /= p.shape[d--]) index[d] = rest % p.shape[d];
    const Stretch middle = stretch(last_table);
    for (i64 row = begin; row < end; ++row) {
      i64 from = 0, to = 0;
      bool inside = true;
      for (i64 d = 0; d < last; ++d) {
        const i64 offset = tables[d][index[d]];
        inside = inside && offset >= 0;
        from += offset;
        to += index[d] * p.dst_strides[d];
      }
      if (inside) {
        one_by_one(dst + to, from, last_table, 0, middle.begin);
        if (middle.begin < cols)
          copy_run<BYTES>(dst + to + middle.begin * p.run, src + from + last_table[middle.begin], (middle.end - middle.begin) * p.run);
        one_by_one(dst + to, from, last_table, middle.end, cols);
      } else if (p.dst_strides[last] == p.run) {
        fill_run<BYTES>(dst + to, p.value, cols * p.run);
      } else {
        for (i64 c = 0; c < cols; ++c) fill_run<BYTES>(dst + to + c * p.dst_strides[last], p.value, p.run);
      }
      for (i64 d = last - 1; d >= 0 && ++index[d] == p.shape[d]; --d) index[d] = 0;
    }
  }
};

template <int BYTES> void table_copy(const TableCopyParams& p, const void* src, const i64* table, void* dst, const Par& par) {
  typedef typename Bits<BYTES>::type T;
  par.run(product(p.rank - 1, p.shape), TableCopyRows<BYTES>{p, static_cast<const T*>(src), table, static_cast<T*>(dst)});
}

} // namespace move
