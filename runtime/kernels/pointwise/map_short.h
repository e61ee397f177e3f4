// map over an innermost dim that is shorter than a vector (boxes of 4 numbers, scores of 2 classes): a vector holds several of its rows.
#pragma once

#include "map_rows.h"

namespace pw {

// The operands of a chain for some rows of `inner` elements each.
template <class... In> struct ShortOperands {
  DNNC_DEVICE ShortOperands(const MapParams &, int) {}
  DNNC_INLINE void begin_rows(const i64 *) {}
  template <class Chain, class... V> DNNC_INLINE auto apply(i64, i64, i64, V... values) const { return Chain::apply(values...); }
};

// Lane j * inner + i is element i of row j.
template <class T> DNNC_INLINE auto gather_rows(const T *p, i64 row_stride, i64 stride, i64 rows, i64 inner) {
  T t[VL] = {};
  for (i64 j = 0, lane = 0; j < rows; ++j)
    for (i64 i = 0; i < inner; ++i) t[lane++] = p[j * row_stride + i * stride];
  return load(t, Full{});
}

template <class First, class... Rest> struct ShortOperands<First, Rest...> {
  const First *base, *row;
  i64 row_stride, stride;
  ShortOperands<Rest...> rest;

  DNNC_DEVICE ShortOperands(const MapParams &p, int k, const First *x, const Rest *...others)
      : base(x), row(x), row_stride(p.x_strides[MAP_RANK * k + p.rank - 2]), stride(p.x_strides[MAP_RANK * k + p.rank - 1]), rest(p, k + 1, others...) {}

  DNNC_INLINE void begin_rows(const i64 *offset) {
    row = base + *offset;
    rest.begin_rows(offset + 1);
  }

  DNNC_INLINE auto read(i64 at, i64 rows, i64 inner) const {
    const First *p = row + at * row_stride;
    if (stride == 1 && row_stride == inner) {
      const i64 count = rows * inner;
      return count == VL ? load(p, Full{}) : load(p, Part{static_cast<int>(count)});
    }
    return stride == 0 && row_stride == 0 ? broadcast(*p) : gather_rows(p, row_stride, stride, rows, inner);
  }

  template <class Chain, class... V> DNNC_INLINE auto apply(i64 at, i64 rows, i64 inner, V... values) const {
    return rest.template apply<Chain>(at, rows, inner, values..., read(at, rows, inner));
  }
};

template <class Chain, class Out, class... In> struct ShortTask {
  Held<MapParams> p, outer; // outer: without the innermost dim
  ShortOperands<In...> operands;
  Out *y;

  DNNC_DEVICE void operator()(i64 begin, i64 end, int) const {
    ShortOperands<In...> x = operands;
    const MapParams &whole = p, &rows = outer;
    const i64 inner = inner_size(whole), stride = inner_stride(whole, whole.y_strides), row_stride = inner_stride(rows, rows.y_strides), step = VL / inner;
    MapCursor at(rows, sizeof...(In), begin);
    for (i64 piece = begin; piece < end; ++piece) {
      x.begin_rows(at.offset + 1);
      for (i64 r = at.begin; r < at.end; r += step) {
        const i64 count = at.end - r < step ? at.end - r : step, lanes = count * inner;
        auto value = x.template apply<Chain>(r, count, inner);
        Out *to = y + at.offset[0] + r * row_stride;
        if (stride == 1 && row_stride == inner) {
          if (lanes == VL)
            store(to, value, Full{});
          else
            store(to, value, Part{static_cast<int>(lanes)});
        } else {
          Out t[VL];
          store(t, value, Full{});
          for (i64 j = 0, lane = 0; j < count; ++j)
            for (i64 i = 0; i < inner; ++i) to[j * row_stride + i * stride] = t[lane++];
        }
      }
      at.next();
    }
  }
};

DNNC_INLINE bool is_short(const MapParams &p) { return p.rank > 1 && p.shape[p.rank - 1] > 0 && 2 * p.shape[p.rank - 1] <= VL && p.shape[p.rank - 2] > 1; }

} // namespace pw
