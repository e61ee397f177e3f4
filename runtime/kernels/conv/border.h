// The terms of pixels that reach outside the image.
#pragma once
#include "geometry.h"

namespace conv {

// Stands for what lies outside the image.
struct Zeros {
  enum { COUNT = 256 };
  float values[COUNT];
};

DNNC_INLINE void copy_floats(float *to, const float *from, i64 count) {
  i64 i = 0;
  for (; i + VL <= count; i += VL) store(to + i, load(from + i, Full{}), Full{});
  for (; i < count; ++i) to[i] = from[i];
}

// Lists the terms of a tile, a bounded number at a time. A row of taps that is short is copied for the pixels that have only a
// part of it, zeros around; otherwise it is cut into runs that are inside or outside for a pixel as a whole.
template <int M> struct Border {
  enum { TERMS = 16, COPIES = 2048 };
  i64 t, t1, u, done; // next tap, and what is done of the run that starts there
  i64 lo[M], hi[M];   // the taps of a row that are inside the image for a pixel, as far as columns go
  unsigned partial;   // bit m: some of them are and some are not
  i64 count, used;
  matmul::Terms terms[TERMS];
  const float *a[TERMS * M];
  float copies[COPIES];

  // For the rows first … last of the taps.
  DNNC_INLINE void start(const Grid &g, const Pixels<M> &px, i64 first, i64 last) {
    t = first, t1 = last, u = done = count = 0;
    partial = 0;
    if (!g.merged()) return;
    for (i64 m = 0; m < px.count; ++m) {
      lo[m] = px.w[m] < 0 ? -px.w[m] : 0;
      hi[m] = g.w - px.w[m] < g.kw ? g.w - px.w[m] : g.kw;
      if (lo[m] < hi[m] && hi[m] - lo[m] < g.kw) partial |= 1u << m;
    }
  }
  DNNC_INLINE bool finished() const { return t >= t1; }
  DNNC_INLINE matmul::TermList list() const { return {terms, count, a, M}; }

  // The next terms, none if there are no more.
  DNNC_NOINLINE void fill(const Grid &g, const Pixels<M> &px, const float *x, const Zeros &zeros) {
    count = used = 0;
    const bool copy = g.merged() && g.kw * g.c <= Zeros::COUNT;
    for (; t < t1; ++t) {
      if (copy && u == 0 && done == 0) {
        if (count == TERMS) return;
        if (copy_row(g, px, x, zeros)) continue;
      }
      for (; u < g.kw; done = 0) {
        if (!cut_row(g, px, x, zeros)) return;
      }
      u = 0;
    }
  }

  // The whole row of taps t as one run; false if the copies would not fit.
  DNNC_INLINE bool copy_row(const Grid &g, const Pixels<M> &px, const float *x, const Zeros &zeros) {
    const i64 size = g.kw * g.c, h = t * g.dh, offset = h * g.x_h;
    const float **row = a + count * M;
    unsigned inside = 0;
    for (i64 m = 0; m < px.count; ++m) {
      const bool ok = px.h[m] + h >= 0 && px.h[m] + h < g.h && lo[m] < hi[m];
      row[m] = ok ? x + (px.x[m] + offset) : zeros.values;
      inside |= static_cast<unsigned>(ok) << m;
    }
    for (unsigned left = partial & inside; left; left &= left - 1) {
      const i64 m = __builtin_ctz(left);
      if (used + size > COPIES) return false;
      float *to = copies + used;
      used += size;
      row[m] = to;
      copy_floats(to, zeros.values, lo[m] * g.c);
      copy_floats(to + lo[m] * g.c, x + (px.x[m] + offset + lo[m] * g.c), (hi[m] - lo[m]) * g.c);
      copy_floats(to + hi[m] * g.c, zeros.values, (g.kw - hi[m]) * g.c);
    }
    if (inside) terms[count++] = {1, 1, size, 1, 0, 0, g.b0 + t * g.b_h, 0, 0};
    return true;
  }

  // The longest run from tap (t, u) on; false if the list is full. Moves u behind it.
  DNNC_INLINE bool cut_row(const Grid &g, const Pixels<M> &px, const float *x, const Zeros &zeros) {
    bool any = false, all = true, ok[M];
    const bool merged = g.merged();
    i64 end = merged ? g.kw : u + 1;
    for (i64 m = 0; m < px.count; ++m) {
      const i64 h = px.h[m] + t * g.dh, w = px.w[m] + u * g.dw;
      const bool row = h >= 0 && h < g.h;
      ok[m] = row && w >= 0 && w < g.w;
      if (row && w < 0 && end > u - w) end = u - w;
      if (ok[m] && end > u + g.w - w) end = u + g.w - w;
      any = any || ok[m];
      all = all && ok[m];
    }
    const i64 length = any ? (end - u) * g.c : 0, step = all ? length : static_cast<i64>(Zeros::COUNT);
    while (done < length) {
      if (count == TERMS) return false;
      const i64 run = length - done < step ? length - done : step;
      for (i64 m = 0; m < px.count; ++m) {
        a[count * M + m] = ok[m] ? x + (px.x[m] + t * g.dh * g.x_h + u * g.dw * g.x_w + done) : zeros.values;
      }
      terms[count++] = {1, 1, run, 1, 0, 0, g.b0 + t * g.b_h + u * g.b_w + done, 0, 0};
      done += run;
    }
    u = end;
    return true;
  }
};

} // namespace conv
