// Gather-13, GatherElements-13, GatherND-13, OneHot-11 and Trilu-14. Indices may be negative (from the end); one that is out of
// range, which ONNX forbids, is clamped, so that no input can make the program read elsewhere.
//   gather:          dst[o, j, k] = src[o, indices[j], k]           o < outer, j < count, k < inner, indices below axis
//   gather_elements: dst[i] = src[i with its axis position replaced by indices[i]]    i over shape, dst and indices contiguous
//   gather_nd:       dst[b, j, k] = src[b, indices[b, j, 0], …, indices[b, j, depth - 1], k]
//   one_hot:         dst[o, d, k] = values[indices[o, k] == d]      values = {off, on}; an index out of range: all off
//   trilu:           dst[b, r, c] = src[b, r, c] where c >= r + k (upper != 0) or c <= r + k (upper == 0), else 0
#pragma once
#include "bits.h"

namespace move {

DNNC_INLINE i64 wrap_index(i64 index, i64 size) {
  if (static_cast<uint64_t>(index) < static_cast<uint64_t>(size)) return index; // a predicted branch: selects would wait for each other
  if (index < 0) index += size;
  return index < 0 ? 0 : index < size ? index : size - 1;
}

template <int BYTES, class Index> struct GatherSlices {
  typedef typename Bits<BYTES>::type T;
  Held<GatherParams> p;
  const T* src;
  const Index* indices;
  T* dst;

  DNNC_INLINE void operator()(i64 begin, i64 end, int) const {
    const i64 axis = p.axis, src_axis = p.src_axis, dst_count = p.dst_count; // stores could change a member
    for (i64 unit = begin; unit < end;) {
      const i64 o = unit / p.count, first = unit % p.count, last = end - unit < p.count - first ? first + end - unit : p.count;
      const T* s = src + o * p.src_outer;
      T* d = dst + o * p.dst_outer;
      if (p.inner == 1)
        for (i64 j = first; j < last; ++j) d[j * dst_count] = s[wrap_index(indices[j], axis) * src_axis];
      else
        for (i64 j = first; j < last; ++j) copy_run<BYTES>(d + j * dst_count, s + wrap_index(indices[j], axis) * src_axis, p.inner);
      unit += last - first;
    }
  }
};

template <int BYTES, class Index>
void gather(const GatherParams& p, const void* src, const Index* indices, void* dst, const Par& par) {
  typedef typename Bits<BYTES>::type T;
  par.run(p.outer * p.count, GatherSlices<BYTES, Index>{p, static_cast<const T*>(src), indices, static_cast<T*>(dst)});
}

template <int BYTES, class Index> struct GatherElementsRows {
  typedef typename Bits<BYTES>::type T;
  Held<GatherElementsParams> p;
  const T* src;
  const Index* indices;
  T* dst;

  DNNC_INLINE void operator()(i64 begin, i64 end, int) const {
    const i64 last = p.rank - 1, cols = p.shape[last], axis = p.axis, column = p.src_strides[last], axis_stride = p.axis_stride;
    for (i64 row = begin; row < end; ++row) {
      const T* s = src + offset_of(row, last, p.shape, p.src_strides);
      const Index* index = indices + row * cols;
      T* d = dst + row * cols;
      for (i64 c = 0; c < cols; ++c) d[c] = s[c * column + wrap_index(index[c], axis) * axis_stride];
    }
  }
};

template <int BYTES, class Index>
void gather_elements(const GatherElementsParams& p, const void* src, const Index* indices, void* dst, const Par& par) {
  typedef typename Bits<BYTES>::type T;
  par.run(product(p.rank - 1, p.shape),
          GatherElementsRows<BYTES, Index>{p, static_cast<const T*>(src), indices, static_cast<T*>(dst)});
}

// Σ wrapped index * stride over one tuple of `depth` indices.
DNNC_INLINE i64 tuple_offset(const i64* indices, i64 depth, const i64* dims, const i64* strides) {
  i64 offset = 0;
  for (i64 d = 0; d < depth; ++d) offset += wrap_index(indices[d], dims[d]) * strides[d];
  return offset;
}

template <int BYTES> struct GatherNDSlices {
  typedef typename Bits<BYTES>::type T;
  Held<GatherNDParams> p;
  const T* src;
  const i64* indices;
  T* dst;

  DNNC_INLINE void operator()(i64 begin, i64 end, int) const {
    for (i64 unit = begin; unit < end; ++unit) {
      i64 offset = tuple_offset(indices + unit * p.depth, p.depth, p.dims, p.src_strides);
      copy_run<BYTES>(dst + unit * p.inner, src + unit / p.count * p.src_batch + offset, p.inner);
    }
  }
};

template <int BYTES>
void gather_nd(const GatherNDParams& p, const void* src, const i64* indices, void* dst, const Par& par) {
  typedef typename Bits<BYTES>::type T;
  par.run(p.batch * p.count, GatherNDSlices<BYTES>{p, static_cast<const T*>(src), indices, static_cast<T*>(dst)});
}

template <int BYTES> struct OneHotRows {
  typedef typename Bits<BYTES>::type T;
  Held<OneHotParams> p;
  const i64* indices;
  const T* values;
  T* dst;

  DNNC_INLINE void operator()(i64 begin, i64 end, int) const {
    for (i64 row = begin; row < end; ++row) {
      i64 depth = row % p.depth;
      const i64* index = indices + row / p.depth * p.inner;
      for (i64 k = 0; k < p.inner; ++k) {
        i64 at = index[k] < 0 ? index[k] + p.depth : index[k];
        dst[row * p.inner + k] = values[at == depth];
      }
    }
  }
};

// The new axis is the last: a row of values[0] with one element set.
template <int BYTES> struct OneHotLast {
  typedef typename Bits<BYTES>::type T;
  Held<OneHotParams> p;
  const i64* indices;
  const T* values;
  T* dst;

  DNNC_INLINE void operator()(i64 begin, i64 end, int) const {
    for (i64 o = begin; o < end; ++o) {
      T* row = dst + o * p.depth;
      fill_run<BYTES>(row, static_cast<i64>(values[0]), p.depth);
      i64 at = indices[o] < 0 ? indices[o] + p.depth : indices[o];
      if (at >= 0 && at < p.depth) row[at] = values[1];
    }
  }
};

template <int BYTES>
void one_hot(const OneHotParams& p, const i64* indices, const void* values, void* dst, const Par& par) {
  typedef typename Bits<BYTES>::type T;
  if (p.inner == 1)
    par.run(p.outer, OneHotLast<BYTES>{p, indices, static_cast<const T*>(values), static_cast<T*>(dst)});
  else
    par.run(p.outer * p.depth, OneHotRows<BYTES>{p, indices, static_cast<const T*>(values), static_cast<T*>(dst)});
}

template <int BYTES> struct TriluRows {
  typedef typename Bits<BYTES>::type T;
  Held<TriluParams> p;
  const T* src;
  T* dst;

  DNNC_INLINE void operator()(i64 begin, i64 end, int) const {
    for (i64 row = begin; row < end; ++row) {
      // Columns from `edge` on are kept, or those before it.
      i64 diagonal = row % p.rows + p.k, at = row * p.cols, edge = diagonal + (p.upper == 0);
      edge = edge < 0 ? 0 : edge < p.cols ? edge : p.cols;
      i64 kept = p.upper ? edge : 0, zeros = p.upper ? 0 : edge;
      copy_run<BYTES>(dst + at + kept, src + at + kept, p.upper ? p.cols - edge : edge);
      fill_run<BYTES>(dst + at + zeros, 0, p.upper ? edge : p.cols - edge);
    }
  }
};

template <int BYTES> void trilu(const TriluParams& p, const void* src, void* dst, const Par& par) {
  typedef typename Bits<BYTES>::type T;
  par.run(p.batch * p.rows, TriluRows<BYTES>{p, static_cast<const T*>(src), static_cast<T*>(dst)});
}

} // namespace move
