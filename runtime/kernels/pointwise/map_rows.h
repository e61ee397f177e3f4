// Pointwise functions over broadcast operands, row by row of the innermost dim; see params.h.
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

  DNNC_DEVICE MapCursor(const MapParams &params, int operand_count, i64 piece) : p(params), operands(operand_count) {
    i64 per_row = (inner_size(p) + MAP_PIECE - 1) / MAP_PIECE, row = piece / per_row;
    for (int k = 0; k <= operands; ++k) offset[k] = 0;
    for (int d = (int)p.rank - 2; d >= 0; --d) {
      index[d] = row % p.shape[d];
      row /= p.shape[d];
      for (int k = 0; k <= operands; ++k) offset[k] += index[d] * strides(k)[d];
    }
    start(piece % per_row * MAP_PIECE);
  }

  DNNC_DEVICE void next() {
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

// What is known of the inner strides, y's included: all 1; all 1, or 0 in operands; nothing.
enum Inner { UNIT, BROADCAST, STRIDED };

template <class T> struct VectorOf { typedef vf type; };
template <> struct VectorOf<bool> { typedef vm type; };

template <class T, class L> DNNC_INLINE auto gather(const T *p, i64 stride, L lanes) {
  T t[VL] = {};
  for (int i = 0; i < lanes_of(lanes); ++i) t[i] = p[i * stride];
  return load(t, Full{});
}

// The operands of a chain, read one after the other and handed to Chain::apply.
template <class... In> struct Operands {
  DNNC_DEVICE Operands(const MapParams &, int) {}
  template <class L> DNNC_INLINE void begin_row(const i64 *, L) {}
  DNNC_INLINE Inner inner() const { return UNIT; }
  template <class Chain, Inner INNER, class L, class... V> DNNC_INLINE auto apply(i64, L, V... values) const {
    return Chain::apply(values...);
  }
};

template <class First, class... Rest> struct Operands<First, Rest...> {
  const First *base, *row;
  i64 stride;
  typename VectorOf<First>::type same; // the row's only element, when the stride is 0
  Operands<Rest...> rest;

  DNNC_DEVICE Operands(const MapParams &p, int k, const First *x, const Rest *...others)
      : base(x), row(x), stride(inner_stride(p, p.x_strides + MAP_RANK * k)), same(), rest(p, k + 1, others...) {}

  template <class L> DNNC_INLINE void begin_row(const i64 *offset, L lanes) {
    row = base + *offset;
    if constexpr (!Same<L, One>::value)
      if (stride == 0) same = broadcast(*row);
    rest.begin_row(offset + 1, lanes);
  }

  DNNC_INLINE Inner inner() const {
    Inner mine = stride == 1 ? UNIT : stride == 0 ? BROADCAST : STRIDED;
    return mine > rest.inner() ? mine : rest.inner();
  }

  template <Inner INNER, class L> DNNC_INLINE auto read(i64 i, L lanes) const {
    if constexpr (Same<L, One>::value)
      return INNER == UNIT ? row[i] : row[i * stride];
    else if constexpr (INNER == UNIT)
      return load(row + i, lanes);
    else if constexpr (INNER == BROADCAST)
      return stride == 0 ? same : load(row + i, lanes);
    else
      return stride == 0 ? same : stride == 1 ? load(row + i, lanes) : gather(row + i * stride, stride, lanes);
  }

  template <class Chain, Inner INNER, class L, class... V> DNNC_INLINE auto apply(i64 i, L lanes, V... values) const {
    return rest.template apply<Chain, INNER>(i, lanes, values..., read<INNER>(i, lanes));
  }
};

template <class Out, class V, class L> DNNC_INLINE void put(Out *row, i64 i, i64 stride, V v, L lanes) {
  if (stride == 1) return store(row + i, v, lanes);
  Out t[VL];
  store(t, v, Full{});
  for (int j = 0; j < lanes_of(lanes); ++j) row[(i + j) * stride] = t[j];
}

template <class Chain> struct VectorRow {
  typedef Full Lanes;
  template <Inner INNER, class Out, class Ops> static DNNC_INLINE void run(const Ops &x, Out *y, i64 stride, i64 i, i64 end) {
    for (; i + VL <= end; i += VL) {
      if constexpr (INNER == STRIDED)
        put(y, i, stride, x.template apply<Chain, STRIDED>(i, Full{}), Full{});
      else
        store(y + i, x.template apply<Chain, INNER>(i, Full{}), Full{});
    }
  }
  template <class Out, class Ops> static DNNC_INLINE void tail(const Ops &x, Out *y, i64 stride, i64 begin, i64 end) {
    Part part{(int)((end - begin) % VL)};
    if (part.k) put(y, end - part.k, stride, x.template apply<Chain, STRIDED>(end - part.k, part), part);
  }
};

template <class Chain> struct ScalarRow {
  typedef One Lanes;
  template <Inner INNER, class Out, class Ops> static DNNC_INLINE void run(const Ops &x, Out *y, i64 stride, i64 i, i64 end) {
    if constexpr (INNER == BROADCAST)
      run<STRIDED>(x, y, stride, i, end);
    else
      for (; i < end; ++i) y[INNER == UNIT ? i : i * stride] = x.template apply<Chain, INNER>(i, One{});
  }
  template <class Out, class Ops> static DNNC_INLINE void tail(const Ops &, Out *, i64, i64, i64) {}
};

DNNC_VECTORIZE_BEGIN
template <class Row, class Out, class... In> struct MapTask {
  Held<MapParams> p;
  Operands<In...> operands;
  Out *y;

  DNNC_DEVICE void operator()(i64 begin, i64 end, int) const {
    Operands<In...> x = operands;
    const i64 stride = inner_stride(p, p.y_strides);
    const Inner inner = stride == 1 ? x.inner() : STRIDED;
    MapCursor at(p, sizeof...(In), begin);
    for (i64 piece = begin; piece < end; ++piece) {
      x.begin_row(at.offset + 1, typename Row::Lanes{});
      Out *row = y + at.offset[0];
      if (inner == UNIT)
        Row::template run<UNIT>(x, row, 1, at.begin, at.end);
      else if (inner == BROADCAST)
        Row::template run<BROADCAST>(x, row, 1, at.begin, at.end);
      else
        Row::template run<STRIDED>(x, row, stride, at.begin, at.end);
      Row::tail(x, row, stride, at.begin, at.end);
      at.next();
    }
  }
};
DNNC_VECTORIZE_END

} // namespace pw
