// Col2Im; contract in params.h. One image plane is a unit of work: its blocks overlap.
#pragma once
#include "scalar.h"

namespace spatial {

struct Col2Im {
  Held<Col2ImParams> p;
  const float *x;
  float *y;

  DNNC_INLINE static i64 product(const i64 *sizes, i64 count) {
    i64 result = 1;
    for (i64 i = 0; i < count; ++i) result *= sizes[i];
    return result;
  }

  // Adds a row of blocks; those whose place is outside are left out.
  DNNC_INLINE void add_row(float *to, const float *from, i64 start) const {
    const i64 last = p.rank - 1, stride = p.strides[last], size = p.image[last];
    i64 b = start < 0 ? (-start + stride - 1) / stride : 0, end = size > start ? (size - start + stride - 1) / stride : 0;
    end = end < p.blocks[last] ? end : p.blocks[last];
    if (stride == 1)
      for (; b + VL <= end; b += VL) store(to + start + b, load(to + start + b, Full{}) + load(from + b, Full{}), Full{});
    for (; b < end; ++b) to[start + b * stride] += from[b];
  }

  DNNC_INLINE void plane(const float *from, float *to) const {
    const i64 last = p.rank - 1, taps = product(p.block, p.rank), rows = product(p.blocks, last), size = product(p.image, p.rank);
    for (i64 i = 0; i < size; ++i) to[i] = 0.0f;
    for (i64 tap = 0; tap < taps; ++tap)
      for (i64 row = 0; row < rows; ++row, from += p.blocks[last]) {
        const i64 column = tap % p.block[last] * p.dilations[last] - p.pads[last];
        i64 t = tap / p.block[last], b = row, at = 0, step = p.image[last];
        bool inside = true;
        for (i64 dim = last - 1; dim >= 0; --dim) {
          const i64 place = b % p.blocks[dim] * p.strides[dim] - p.pads[dim] + t % p.block[dim] * p.dilations[dim];
          inside = inside && place >= 0 && place < p.image[dim];
          at += place * step;
          step *= p.image[dim];
          t /= p.block[dim];
          b /= p.blocks[dim];
        }
        if (inside) add_row(to + at, from, column);
      }
  }

  DNNC_INLINE void operator()(i64 begin, i64 end, int) const {
    const i64 from = product(p.block, p.rank) * product(p.blocks, p.rank), to = product(p.image, p.rank);
    for (i64 n = begin; n < end; ++n) plane(x + n * from, y + n * to);
  }
};

inline void col2im(const Col2ImParams &p, const float *x, float *y, const Par &par) { par.run(p.n, Col2Im{p, x, y}); }

} // namespace spatial
