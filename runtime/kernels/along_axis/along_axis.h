// ArgMax, ArgMin, TopK and CumSum; contracts in params.h.
#pragma once
#include "../../parallel.h"
#include "../pointwise/scalar.h"
#include "params.h"

namespace along_axis {

struct Larger {
  template <class T> static DNNC_INLINE bool before(T a, T b) { return a > b; }
  static DNNC_INLINE vm before(vf a, vf b) { return gt(a, b); }
};
struct Smaller {
  template <class T> static DNNC_INLINE bool before(T a, T b) { return a < b; }
  static DNNC_INLINE vm before(vf a, vf b) { return lt(a, b); }
};

// ---- arg_max, arg_min

// The best so far of each lane, and where it was.
template <class Order> struct Best {
  vf value;
  vi index;

  DNNC_INLINE void update(vf x, vi at, bool last) {
    vm better = Order::before(x, value);
    if (last) better = mask_or(better, eq(x, value));
    value = select(better, x, value);
    index = select(better, at, index);
  }
};

template <class Order, class T> DNNC_INLINE i64 arg_plain(const T *x, i64 axis, i64 stride, bool last) {
  i64 best = 0;
  for (i64 a = 1; a < axis; ++a) {
    T value = x[a * stride], old = x[best * stride];
    if (Order::before(value, old) || (last && value == old)) best = a;
  }
  return best;
}

// Contiguous: lane j takes elements j, j + VL, …; then the best of the lanes and of the tail.
template <class Order> DNNC_INLINE i64 arg_row(const float *x, i64 n, bool last) {
  if (n < 2 * VL) return arg_plain<Order>(x, n, 1, last);
  Best<Order> best = {load(x, Full{}), lane_index()};
  i64 i = VL;
  vi at = lane_index();
  for (; i + VL <= n; i += VL) {
    at += splat_i32(VL);
    best.update(load(x + i, Full{}), at, last);
  }
  int32_t lanes[VL];
  store_i32(lanes, best.index, Full{});
  i64 result = lanes[0];
  for (int j = 1; j < VL; ++j) {
    bool tie = x[lanes[j]] == x[result] && (lanes[j] > result) == last;
    if (Order::before(x[lanes[j]], x[result]) || tie) result = lanes[j];
  }
  for (; i < n; ++i)
    if (Order::before(x[i], x[result]) || (last && x[i] == x[result])) result = i;
  return result;
}

template <class Order, class L> DNNC_INLINE void arg_columns(const ArgParams &p, const float *x, i64 *y, L lanes) {
  Best<Order> best = {load(x, lanes), splat_i32(0)};
  for (i64 a = 1; a < p.axis; ++a) best.update(load(x + a * p.inner, lanes), splat_i32(static_cast<int32_t>(a)), p.last);
  int32_t index[VL];
  store_i32(index, best.index, Full{});
  for (int j = 0; j < lanes_of(lanes); ++j) y[j] = index[j];
}

template <class Order, class T> struct Arg {
  Held<ArgParams> p;
  const T *x;
  i64 *y;

  DNNC_DEVICE void operator()(i64 begin, i64 end, int) const {
    for (i64 i = begin; i < end; ++i) {
      const i64 o = i / p.inner;
      y[i] = arg_plain<Order>(x + o * p.axis * p.inner + i % p.inner, p.axis, p.inner, p.last);
    }
  }
};
template <class Order> struct ArgRows {
  Held<ArgParams> p;
  const float *x;
  i64 *y;

  DNNC_DEVICE void operator()(i64 begin, i64 end, int) const {
    for (i64 o = begin; o < end; ++o) y[o] = arg_row<Order>(x + o * p.axis, p.axis, p.last);
  }
};
template <class Order> struct ArgColumns {
  Held<ArgParams> p;
  const float *x;
  i64 *y;
  i64 pieces; // vectors of columns

  DNNC_DEVICE void operator()(i64 begin, i64 end, int) const {
    for (i64 i = begin; i < end; ++i) {
      i64 o = i / pieces, c = i % pieces * VL;
      const float *from = x + o * p.axis * p.inner + c;
      i64 *to = y + o * p.inner + c;
      if (c + VL <= p.inner)
        arg_columns<Order>(p, from, to, Full{});
      else
        arg_columns<Order>(p, from, to, Part{static_cast<int>(p.inner - c)});
    }
  }
};

template <class Order, class T> void arg(const ArgParams &p, const T *x, i64 *y, const Par &par) {
  par.run(p.outer * p.inner, Arg<Order, T>{p, x, y});
}
template <class Order> void arg(const ArgParams &p, const float *x, i64 *y, const Par &par) {
  const i64 pieces = (p.inner + VL - 1) / VL;
  if (p.inner == 1)
    par.run(p.outer, ArgRows<Order>{p, x, y});
  else
    par.run(p.outer * pieces, ArgColumns<Order>{p, x, y, pieces});
}
template <class T> void arg_max(const ArgParams &p, const T *x, i64 *y, const Par &par) { arg<Larger>(p, x, y, par); }
template <class T> void arg_min(const ArgParams &p, const T *x, i64 *y, const Par &par) { arg<Smaller>(p, x, y, par); }

// ---- top_k

// Heap of the k best so far, in the outputs themselves, the worst of them on top; then heap sort.
template <class Order, class T> struct Heap {
  T *values;
  i64 *indices, stride;

  // Whether element a stands behind element b.
  DNNC_INLINE bool is_worse(i64 a, i64 b) const {
    T x = values[a * stride], y = values[b * stride];
    return Order::before(y, x) || (!Order::before(x, y) && indices[a * stride] > indices[b * stride]);
  }
  DNNC_INLINE void put(i64 at, T value, i64 index) const {
    values[at * stride] = value;
    indices[at * stride] = index;
  }
  DNNC_INLINE void swap(i64 a, i64 b) const {
    T value = values[a * stride];
    i64 index = indices[a * stride];
    put(a, values[b * stride], indices[b * stride]);
    put(b, value, index);
  }
  DNNC_INLINE void sink(i64 at, i64 size) const {
    for (;;) {
      i64 worst = at, left = 2 * at + 1;
      if (left < size && is_worse(left, worst)) worst = left;
      if (left + 1 < size && is_worse(left + 1, worst)) worst = left + 1;
      if (worst == at) return;
      swap(at, worst);
      at = worst;
    }
  }
};

template <class Order, class T> struct TopK {
  Held<TopKParams> p;
  const T *x;
  T *values;
  i64 *indices;

  DNNC_DEVICE void operator()(i64 begin, i64 end, int) const {
    if (p.k == 0) return;
    for (i64 i = begin; i < end; ++i) {
      const i64 o = i / p.inner, c = i % p.inner;
      const T *from = x + o * p.axis * p.inner + c;
      const Heap<Order, T> heap = {values + o * p.k * p.inner + c, indices + o * p.k * p.inner + c, p.inner};
      for (i64 a = 0; a < p.k; ++a) heap.put(a, from[a * p.inner], a);
      for (i64 a = p.k / 2 - 1; a >= 0; --a) heap.sink(a, p.k);
      for (i64 a = p.k; a < p.axis; ++a) {
        T value = from[a * p.inner];
        if (!Order::before(value, *heap.values)) continue; // an equal one has the larger index and loses
        heap.put(0, value, a);
        heap.sink(0, p.k);
      }
      for (i64 size = p.k - 1; size > 0; --size) {
        heap.swap(0, size);
        heap.sink(0, size);
      }
    }
  }
};

template <class T> void top_k(const TopKParams &p, const T *x, T *values, i64 *indices, const Par &par) {
  if (p.largest)
    par.run(p.outer * p.inner, TopK<Larger, T>{p, x, values, indices});
  else
    par.run(p.outer * p.inner, TopK<Smaller, T>{p, x, values, indices});
}

// ---- cum_sum

// Columns side by side, each with its sum so far; the compiler makes vectors of the loops over them.
DNNC_VECTORIZE_BEGIN
template <class T> struct CumSum {
  static constexpr i64 WIDTH = VL == 1 ? 1 : 64; // columns of a piece; a GPU's threads are many and small
  Held<CumSumParams> p;
  const T *x;
  T *y;

  DNNC_INLINE i64 pieces() const { return (p.inner + WIDTH - 1) / WIDTH; }
  DNNC_INLINE void column(const T *from, T *to, i64 step) const {
    T sum = T(0);
    for (i64 a = 0; a < p.axis; ++a) {
      T next = static_cast<T>(pw::wide(sum) + pw::wide(from[a * step]));
      to[a * step] = p.exclusive ? sum : next;
      sum = next;
    }
  }
  DNNC_DEVICE void operator()(i64 begin, i64 end, int) const {
    for (i64 i = begin; i < end; ++i) {
      const i64 c = i % pieces() * WIDTH, width = c + WIDTH < p.inner ? WIDTH : p.inner - c;
      const i64 at = i / pieces() * p.axis * p.inner + (p.reverse ? (p.axis - 1) * p.inner : 0) + c, step = p.reverse ? -p.inner : p.inner;
      if (width == 1) {
        column(x + at, y + at, step);
        continue;
      }
      T sums[WIDTH] = {};
      for (i64 a = 0; a < p.axis; ++a) {
        const T *from = x + at + a * step;
        T *to = y + at + a * step; // may be from
        if (p.exclusive) {
          T row[WIDTH];
          for (i64 j = 0; j < width; ++j) row[j] = from[j];
          for (i64 j = 0; j < width; ++j) to[j] = sums[j];
          for (i64 j = 0; j < width; ++j) sums[j] = static_cast<T>(pw::wide(sums[j]) + pw::wide(row[j]));
        } else {
          for (i64 j = 0; j < width; ++j) sums[j] = static_cast<T>(pw::wide(sums[j]) + pw::wide(from[j]));
          for (i64 j = 0; j < width; ++j) to[j] = sums[j];
        }
      }
    }
  }
};
DNNC_VECTORIZE_END

template <class T> void cum_sum(const CumSumParams &p, const T *x, T *y, const Par &par) {
  const CumSum<T> task{p, x, y};
  par.run(p.outer * task.pieces(), task);
}

} // namespace along_axis
