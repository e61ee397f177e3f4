// Pointwise functions over broadcast operands; see params.h.
#pragma once

#include "../../parallel.h"
#include "functions.h"
#include "params.h"

namespace pw {

// A row of the innermost dim is cut into pieces of this many elements, one unit of parallel work each.
constexpr i64 MAP_PIECE = 4096;

DNNC_INLINE i64 inner_size(const MapParams &p) { return p.rank ? p.shape[p.rank - 1] : 1; }
DNNC_INLINE i64 inner_stride(const MapParams &p, const i64 *strides) { return p.rank ? strides[p.rank - 1] : 1; }
DNNC_INLINE i64 map_pieces(const MapParams &p) {
  i64 pieces = (inner_size(p) + MAP_PIECE - 1) / MAP_PIECE;
  for (int d = 0; d + 1 < p.rank; ++d) pieces *= p.shape[d];
  return pieces;
}

// Walks the pieces in order. offset[0] is where the piece's row starts in y, offset[1 + k] in operand k; the piece is
// [begin, end) of the row.
struct MapCursor {
  const MapParams &p;
  int operands;
  i64 index[MAP_RANK], offset[1 + MAP_OPERANDS], begin, end;

  DNNC_INLINE const i64 *strides(int k) const { return k ? p.x_strides + MAP_RANK * (k - 1) : p.y_strides; }

  MapCursor(const MapParams &params, int operand_count, i64 piece) : p(params), operands(operand_count) {
    i64 per_row = (inner_size(p) + MAP_PIECE - 1) / MAP_PIECE, row = piece / per_row;
    for (int k = 0; k <= operands; ++k) offset[k] = 0;
    for (int d = (int)p.rank - 2; d >= 0; --d) {
      index[d] = row % p.shape[d];
      row /= p.shape[d];
      for (int k = 0; k <= operands; ++k) offset[k] += index[d] * strides(k)[d];
    }
    start(piece % per_row * MAP_PIECE);
  }

  void next() {
    if (end < inner_size(p)) return start(end);
    start(0);
    for (int d = (int)p.rank - 2; d >= 0; --d) {
      bool wraps = ++index[d] == p.shape[d];
      i64 steps = wraps ? 1 - p.shape[d] : 1;
      for (int k = 0; k <= operands; ++k) offset[k] += steps * strides(k)[d];
      if (!wraps) return;
      index[d] = 0;
    }
  }

  DNNC_INLINE void start(i64 at) {
    begin = at;
    end = inner_size(p) - at < MAP_PIECE ? inner_size(p) : at + MAP_PIECE;
  }
};

struct One {}; // "lanes" of a scalar chain

template <class T> struct VectorOf { typedef vf type; };
template <> struct VectorOf<bool> { typedef vm type; };

template <class T, class L> DNNC_INLINE auto gather(const T *p, i64 stride, L lanes) {
  T t[VL] = {};
  for (int i = 0; i < lanes_of(lanes); ++i) t[i] = p[i * stride];
  return load(t, Full{});
}

// The operands of a chain, read one after the other and handed to Chain::apply. UNIT: every inner stride is 1.
template <class... In> struct Operands {
  Operands(const MapParams &, int) {}
  template <class L> DNNC_INLINE void begin_row(const i64 *, L) {}
  DNNC_INLINE bool unit() const { return true; }
  template <class Chain, bool UNIT, class L, class... V> DNNC_INLINE auto apply(i64, L, V... values) const {
    return Chain::apply(values...);
  }
};

template <class First, class... Rest> struct Operands<First, Rest...> {
  const First *base, *row;
  i64 stride;
  typename VectorOf<First>::type same; // the row's only element, when the stride is 0
  Operands<Rest...> rest;

  Operands(const MapParams &p, int k, const First *x, const Rest *...others)
      : base(x), row(x), stride(inner_stride(p, p.x_strides + MAP_RANK * k)), same(), rest(p, k + 1, others...) {}

  template <class L> DNNC_INLINE void begin_row(const i64 *offset, L lanes) {
    row = base + *offset;
    if constexpr (!Same<L, One>::value)
      if (stride == 0) same = broadcast(*row);
    rest.begin_row(offset + 1, lanes);
  }

  DNNC_INLINE bool unit() const { return stride == 1 && rest.unit(); }

  template <bool UNIT, class L> DNNC_INLINE auto read(i64 i, L lanes) const {
    if constexpr (Same<L, One>::value)
      return UNIT ? row[i] : row[i * stride];
    else if constexpr (UNIT)
      return load(row + i, lanes);
    else
      return stride == 0 ? same : stride == 1 ? load(row + i, lanes) : gather(row + i * stride, stride, lanes);
  }

  template <class Chain, bool UNIT, class L, class... V> DNNC_INLINE auto apply(i64 i, L lanes, V... values) const {
    return rest.template apply<Chain, UNIT>(i, lanes, values..., read<UNIT>(i, lanes));
  }
};

template <bool UNIT, class Out, class V, class L> DNNC_INLINE void put(Out *row, i64 i, i64 stride, V v, L lanes) {
  if (UNIT || stride == 1) return store(row + i, v, lanes);
  Out t[VL];
  store(t, v, Full{});
  for (int j = 0; j < lanes_of(lanes); ++j) row[(i + j) * stride] = t[j];
}

template <class Chain> struct VectorRow {
  typedef Full Lanes;
  template <bool UNIT, class Out, class Ops> static DNNC_INLINE void run(const Ops &x, Out *y, i64 stride, i64 i, i64 end) {
    for (; i + VL <= end; i += VL) put<UNIT>(y, i, stride, x.template apply<Chain, UNIT>(i, Full{}), Full{});
    Part tail{(int)(end - i)};
    if (i < end) put<UNIT>(y, i, stride, x.template apply<Chain, UNIT>(i, tail), tail);
  }
};

template <class Chain> struct ScalarRow {
  typedef One Lanes;
  template <bool UNIT, class Out, class Ops> static DNNC_INLINE void run(const Ops &x, Out *y, i64 stride, i64 i, i64 end) {
    for (; i < end; ++i) y[UNIT ? i : i * stride] = x.template apply<Chain, UNIT>(i, One{});
  }
};

template <class Row, class Out, class... In> struct MapTask {
  const MapParams &p;
  Operands<In...> operands;
  Out *y;

  void operator()(i64 begin, i64 end, int) const {
    Operands<In...> x = operands;
    const i64 stride = inner_stride(p, p.y_strides);
    const bool unit = stride == 1 && x.unit();
    MapCursor at(p, sizeof...(In), begin);
    for (i64 piece = begin; piece < end; ++piece) {
      x.begin_row(at.offset + 1, typename Row::Lanes{});
      if (unit)
        Row::template run<true>(x, y + at.offset[0], 1, at.begin, at.end);
      else
        Row::template run<false>(x, y + at.offset[0], stride, at.begin, at.end);
      at.next();
    }
  }
};

template <class Chain, class Out, class... In> void map(const MapParams &p, const In *...x, Out *y, const Par &par) {
  par.run(map_pieces(p), MapTask<VectorRow<Chain>, Out, In...>{p, {p, 0, x...}, y});
}

template <class Chain, class Out, class... In> void map_scalar(const MapParams &p, const In *...x, Out *y, const Par &par) {
  par.run(map_pieces(p), MapTask<ScalarRow<Chain>, Out, In...>{p, {p, 0, x...}, y});
}

} // namespace pw
