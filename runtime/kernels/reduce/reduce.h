// Reductions; contract in params.h. With inner > 1 vectors run over the inner columns, else along the reduced row. Partial results of
// short blocks are joined, so that the rounding error of a sum grows with red / block + block, not with red. Every sum starts at its
// first element: no row is empty.
#pragma once
#include "../../parallel.h"
#include "../pointwise/epilogue.h"
#include "../pointwise/scalar.h"
#include "params.h"

namespace reduce {

struct Sum {
  static DNNC_INLINE vf step(vf a, vf x) { return a + x; }
  template <class T> static DNNC_INLINE T step(T a, T x) { return static_cast<T>(pw::wide(a) + pw::wide(x)); }
  static DNNC_INLINE float lanes(vf v) { return reduce_add(v); }
  static DNNC_INLINE vf finish(vf v, i64) { return v; }
  template <class T> static DNNC_INLINE T finish(T v, i64) { return v; }
};
struct Mean : Sum {
  static DNNC_INLINE vf finish(vf v, i64 count) { return v / splat(static_cast<float>(count)); }
  template <class T> static DNNC_INLINE T finish(T v, i64 count) { return static_cast<T>(v / static_cast<T>(count)); }
};
struct Prod {
  static DNNC_INLINE vf step(vf a, vf x) { return a * x; }
  template <class T> static DNNC_INLINE T step(T a, T x) { return static_cast<T>(pw::wide(a) * pw::wide(x)); }
  static DNNC_INLINE float lanes(vf v) {
    float values[VL], product = 1.0f;
    store(values, v, Full{});
    for (int i = 0; i < VL; ++i) product *= values[i];
    return product;
  }
  static DNNC_INLINE vf finish(vf v, i64) { return v; }
  template <class T> static DNNC_INLINE T finish(T v, i64) { return v; }
};
struct Max {
  static DNNC_INLINE vf step(vf a, vf x) { return simd::max(a, x); }
  template <class T> static DNNC_INLINE T step(T a, T x) { return x > a || x != x ? x : a; } // a NaN stays
  static DNNC_INLINE float lanes(vf v) { return reduce_max(v); }
  static DNNC_INLINE vf finish(vf v, i64) { return v; }
  template <class T> static DNNC_INLINE T finish(T v, i64) { return v; }
};
struct Min {
  static DNNC_INLINE vf step(vf a, vf x) { return simd::min(a, x); }
  template <class T> static DNNC_INLINE T step(T a, T x) { return x < a || x != x ? x : a; }
  static DNNC_INLINE float lanes(vf v) { return reduce_min(v); }
  static DNNC_INLINE vf finish(vf v, i64) { return v; }
  template <class T> static DNNC_INLINE T finish(T v, i64) { return v; }
};

constexpr i64 block = 64; // elements an accumulator takes before it is joined

// acc = f over the block of rows from r0 on, of NV vectors of columns.
template <class Op, int NV, class T, class L> DNNC_INLINE void of_block(vf (&acc)[NV], const ReduceParams &p, const T *x, i64 r0, L lanes) {
  const i64 end = r0 + block < p.red ? r0 + block : p.red;
  const T *row = x + r0 * p.x_red;
  DNNC_UNROLL for (int v = 0; v < NV; ++v) acc[v] = load(row + v * VL, lanes);
  for (i64 r = r0 + 1; r < end; ++r) {
    row += p.x_red;
    DNNC_UNROLL for (int v = 0; v < NV; ++v) acc[v] = Op::step(acc[v], load(row + v * VL, lanes));
  }
}

// NV vectors of columns from c on.
template <class Op, int NV, class T, class Ep, class L>
DNNC_INLINE void columns(const ReduceParams &p, const T *x, T *y, i64 o, i64 c, const Ep &ep, L lanes) {
  vf total[NV] = {};
  for (i64 r0 = 0; r0 < p.red; r0 += block) {
    vf acc[NV];
    of_block<Op, NV>(acc, p, x + o * p.x_outer + c, r0, lanes);
    DNNC_UNROLL for (int v = 0; v < NV; ++v) total[v] = r0 ? Op::step(total[v], acc[v]) : acc[v];
  }
  DNNC_UNROLL for (int v = 0; v < NV; ++v)
      store(y + o * p.inner + c + v * VL, ep(Op::finish(total[v], p.red), 0, o, c + v * VL, lanes), lanes);
}

// One piece: up to 4 vectors of columns of one outer index.
template <class Op, class T, class Ep> struct ColumnPieces {
  Held<ReduceParams> p;
  const T *x;
  T *y;
  Held<Ep> ep;
  i64 pieces;

  DNNC_INLINE void operator()(i64 begin, i64 end, int) const {
    for (i64 i = begin; i < end; ++i) {
      i64 o = i / pieces, c = i % pieces * 4 * VL;
      if (c + 4 * VL <= p.inner) {
        columns<Op, 4>(p, x, y, o, c, ep, Full{});
        continue;
      }
      for (; c + VL <= p.inner; c += VL) columns<Op, 1>(p, x, y, o, c, ep, Full{});
      if (c < p.inner) columns<Op, 1>(p, x, y, o, c, ep, Part{static_cast<int>(p.inner - c)});
    }
  }
};

// One outer index whose blocks of rows are shared among threads: an image's pixels stay with the threads that wrote them and read them next, in whose
// caches they are. The partial results are joined in the order of columns, for the same bits.
constexpr i64 shared_floats = 8192; // of the caller's stack

template <class Op, class T> struct Blocks {
  Held<ReduceParams> p;
  const T *x;
  float *partial; // [blocks][inner]

  DNNC_INLINE void operator()(i64 begin, i64 end, int) const {
    for (i64 b = begin; b < end; ++b) {
      i64 c = 0;
      for (; c + 4 * VL <= p.inner; c += 4 * VL) put<4>(b, c, Full{});
      for (; c + VL <= p.inner; c += VL) put<1>(b, c, Full{});
      if (c < p.inner) put<1>(b, c, Part{static_cast<int>(p.inner - c)});
    }
  }
  template <int NV, class L> DNNC_INLINE void put(i64 b, i64 c, L lanes) const {
    vf acc[NV];
    of_block<Op, NV>(acc, p, x + c, b * block, lanes);
    DNNC_UNROLL for (int v = 0; v < NV; ++v) store(partial + b * p.inner + c + v * VL, acc[v], lanes);
  }
};

template <class Op, class T, class Ep> struct Join {
  Held<ReduceParams> p;
  i64 blocks;
  const float *partial;
  T *y;
  Held<Ep> ep;

  DNNC_INLINE void operator()(i64, i64, int) const {
    i64 c = 0;
    for (; c + VL <= p.inner; c += VL) put(c, Full{});
    if (c < p.inner) put(c, Part{static_cast<int>(p.inner - c)});
  }
  template <class L> DNNC_INLINE void put(i64 c, L lanes) const {
    vf total = load(partial + c, lanes);
    for (i64 b = 1; b < blocks; ++b) total = Op::step(total, load(partial + b * p.inner + c, lanes));
    store(y + c, ep(Op::finish(total, p.red), 0, 0, c, lanes), lanes);
  }
};

template <class Op, class T, class Ep>
DNNC_NOINLINE void share_blocks(const ReduceParams &p, i64 blocks, const T *x, T *y, const Ep &ep, const Par &par) {
  float partial[shared_floats];
  par.run(blocks, Blocks<Op, T>{p, x, partial});
  par.run(1, Join<Op, T, Ep>{p, blocks, partial, y, ep});
}

// f over n contiguous elements.
template <class Op, class T> DNNC_INLINE float row(const T *x, i64 n) {
  float total = 0.0f;
  bool first_part = true;
  for (i64 start = 0; start + VL <= n;) {
    i64 vectors = (n - start) / VL, count = vectors < 4 * block ? vectors : 4 * block;
    vf acc[4] = {};
    int used = count < 4 ? static_cast<int>(count) : 4;
    for (int v = 0; v < used; ++v) acc[v] = load(x + start + v * VL, Full{});
    i64 i = used;
    for (; i + 4 <= count; i += 4)
      DNNC_UNROLL for (int v = 0; v < 4; ++v) acc[v] = Op::step(acc[v], load(x + start + (i + v) * VL, Full{}));
    for (; i < count; ++i) acc[0] = Op::step(acc[0], load(x + start + i * VL, Full{}));
    for (int v = 1; v < used; ++v) acc[0] = Op::step(acc[0], acc[v]);
    float part = Op::lanes(acc[0]);
    total = first_part ? part : first(Op::step(splat(total), splat(part)));
    first_part = false;
    start += count * VL;
  }
  for (i64 i = n / VL * VL; i < n; ++i) {
    total = first_part ? to_float(x[i]) : first(Op::step(splat(total), broadcast(x[i])));
    first_part = false;
  }
  return total;
}

template <class Op, class T, class Ep> struct Rows {
  Held<ReduceParams> p;
  const T *x;
  T *y;
  Held<Ep> ep;

  DNNC_INLINE void operator()(i64 begin, i64 end, int) const {
    for (i64 o = begin; o < end; ++o) {
      vf result = Op::finish(splat(row<Op>(x + o * p.x_outer, p.red)), p.red);
      store(y + o, ep(result, 0, o, 0, Part{1}), Part{1});
    }
  }
};

template <class Op, class T, class Ep> inline void run(const ReduceParams &p, const T *x, T *y, const Ep &ep, const Par &par) {
  if (p.inner == 1 && p.x_red == 1) {
    return par.run(p.outer, Rows<Op, T, Ep>{p, x, y, ep});
  }
  if constexpr (VL > 1) { // no GPU
    const i64 blocks = (p.red + block - 1) / block, threads = par.threads();
    if (p.outer == 1 && threads > 1 && blocks >= 2 * threads && blocks * p.inner <= shared_floats) return share_blocks<Op>(p, blocks, x, y, ep, par);
  }
  const i64 pieces = (p.inner + 4 * VL - 1) / (4 * VL);
  par.run(p.outer * pieces, ColumnPieces<Op, T, Ep>{p, x, y, ep, pieces});
}

template <class T, class Ep> void sum(const ReduceParams &p, const T *x, T *y, const Ep &ep, const Par &par) { run<Sum>(p, x, y, ep, par); }
template <class T, class Ep> void mean(const ReduceParams &p, const T *x, T *y, const Ep &ep, const Par &par) {
  run<Mean>(p, x, y, ep, par);
}
template <class T, class Ep> void max(const ReduceParams &p, const T *x, T *y, const Ep &ep, const Par &par) { run<Max>(p, x, y, ep, par); }
template <class T, class Ep> void min(const ReduceParams &p, const T *x, T *y, const Ep &ep, const Par &par) { run<Min>(p, x, y, ep, par); }
template <class T, class Ep> void prod(const ReduceParams &p, const T *x, T *y, const Ep &ep, const Par &par) {
  run<Prod>(p, x, y, ep, par);
}

// Integers and f64: plain loops, which the compiler makes vectors of.
DNNC_VECTORIZE_BEGIN
template <class Op, class T> struct PlainRows {
  Held<ReduceParams> p;
  const T *x;
  T *y;

  DNNC_DEVICE void operator()(i64 begin, i64 end, int) const {
    for (i64 o = begin; o < end; ++o) {
      const T *from = x + o * p.x_outer;
      T total = *from;
      for (i64 r = 1; r < p.red; ++r) total = Op::step(total, from[r]);
      y[o] = Op::finish(total, p.red);
    }
  }
};
template <class Op, class T> struct PlainColumns {
  static constexpr i64 WIDTH = VL == 1 ? 1 : 64; // columns of a piece; a GPU's threads are many and small
  Held<ReduceParams> p;
  const T *x;
  T *y;

  DNNC_INLINE i64 pieces() const { return (p.inner + WIDTH - 1) / WIDTH; }
  DNNC_DEVICE void operator()(i64 begin, i64 end, int) const {
    for (i64 i = begin; i < end; ++i) {
      const i64 o = i / pieces(), c = i % pieces() * WIDTH, width = c + WIDTH < p.inner ? WIDTH : p.inner - c;
      const T *from = x + o * p.x_outer + c;
      T total[WIDTH];
      for (i64 j = 0; j < width; ++j) total[j] = from[j];
      for (i64 r = 1; r < p.red; ++r)
        for (i64 j = 0; j < width; ++j) total[j] = Op::step(total[j], from[r * p.x_red + j]);
      for (i64 j = 0; j < width; ++j) y[o * p.inner + c + j] = Op::finish(total[j], p.red);
    }
  }
};
DNNC_VECTORIZE_END

template <class Op, class T> void plain(const ReduceParams &p, const T *x, T *y, const Par &par) {
  const PlainColumns<Op, T> columns{p, x, y};
  if (p.inner == 1 && p.x_red == 1)
    par.run(p.outer, PlainRows<Op, T>{p, x, y});
  else
    par.run(p.outer * columns.pieces(), columns);
}

} // namespace reduce
