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

  // A row is one index of all the dims but the last.
  DNNC_INLINE void operator()(i64 begin, i64 end, int) const {
    i64 last = p.rank - 1, cols = p.shape[last], col_stride = p.dst_strides[last];
    const i64* last_table = table;
    for (i64 d = 0; d < last; ++d) last_table += p.shape[d];
    for (i64 row = begin; row < end; ++row) {
      i64 rest = row, from = 0;
      bool inside = true;
      const i64* t = last_table;
      for (i64 d = last - 1; d >= 0; --d) {
        t -= p.shape[d];
        i64 offset = t[rest % p.shape[d]];
        rest /= p.shape[d];
        inside = inside && offset >= 0;
        from += offset;
      }
      T* d = dst + offset_of(row, last, p.shape, p.dst_strides);
      for (i64 c = 0; c < cols; ++c) {
        i64 offset = last_table[c];
        if (!inside || offset < 0) {
          fill_run<BYTES>(d + c * col_stride, p.value, p.run);
        } else if (p.run == 1) {
          d[c * col_stride] = src[from + offset];
        } else {
          copy_run<BYTES>(d + c * col_stride, src + from + offset, p.run);
        }
      }
    }
  }
};

template <int BYTES> void table_copy(const TableCopyParams& p, const void* src, const i64* table, void* dst, const Par& par) {
  typedef typename Bits<BYTES>::type T;
  par.run(product(p.rank - 1, p.shape), TableCopyRows<BYTES>{p, static_cast<const T*>(src), table, static_cast<T*>(dst)});
}

} // namespace move
