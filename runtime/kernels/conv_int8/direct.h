// conv_int8::direct: the contract is in params.h. MR output pixels × NRV vectors of output channels at a time. A thread takes a block of
// rows of outputs, copies the input they need if it has borders, channels that do not come in fours or must be widened, and walks the
// panels of weights.
#pragma once
#include "accumulate.h"

namespace conv_int8 {

// A unit is a block of rows of one image, for one group and a share of its panels.
struct Split {
  i64 rows, blocks, panels, shares; // rows of outputs in a block; blocks of an image; panels of a group, and parts they are dealt into
};
DNNC_INLINE Split cut(const ConvInt8Params &p, Dot dot, i64 nr, i64 threads) {
  Split s;
  s.rows = block_rows(p, dot);
  s.blocks = (p.oh + s.rows - 1) / s.rows;
  s.panels = (p.k / p.groups + nr - 1) / nr;
  s.shares = 1;
  if (threads == 1) return s;
  const i64 others = p.n * p.groups, wanted = 4 * threads;
  if (others * s.blocks < wanted) {
    s.blocks = (wanted + others - 1) / others < p.oh ? (wanted + others - 1) / others : p.oh;
    s.rows = (p.oh + s.blocks - 1) / s.blocks;
    s.blocks = (p.oh + s.rows - 1) / s.rows;
  }
  if (others * s.blocks < wanted) {
    s.shares = (wanted + others * s.blocks - 1) / (others * s.blocks);
    if (s.shares > s.panels) s.shares = s.panels;
  }
  return s;
}

// What a block reads: pixel (0, 0)'s first tap and the strides in bytes; and its pixels, `columns` to a row.
struct Block {
  const uint8_t *x;
  i64 row, column, columns, pixels;
};

// 1x1: the pixels are one long row.
DNNC_INLINE Block make_block(const ConvInt8Params &p, const uint8_t *x, i64 row, i64 column, i64 rows) {
  const bool one_row = p.kh == 1 && p.kw == 1 && p.sh == 1 && p.sw == 1 && row == p.ow * column && p.y_h == p.ow * p.y_w;
  return {x, row, column, one_row ? rows * p.ow : p.ow, rows * p.ow};
}

// The numbers of x as entries hold them.
template <Dot> struct NumberOf {
  typedef uint8_t type;
};
template <> struct NumberOf<Dot::WORDS> {
  typedef uint16_t type;
};

DNNC_INLINE void copy_numbers(uint8_t *to, const uint8_t *from, i64 count) { __builtin_memcpy(to, from, static_cast<size_t>(count)); }
DNNC_INLINE void copy_numbers(uint16_t *to, const uint8_t *from, i64 count) {
  typedef uint8_t Bytes __attribute__((vector_size(16)));
  typedef uint16_t Words __attribute__((vector_size(32)));
  i64 i = 0;
  for (; i + 16 <= count; i += 16) {
    Bytes bytes;
    __builtin_memcpy(&bytes, from + i, 16);
    const Words words = __builtin_convertvector(bytes, Words);
    __builtin_memcpy(to + i, &words, 32);
  }
  for (; i < count; ++i) to[i] = from[i];
}
DNNC_INLINE void fill_numbers(uint8_t *to, i64 x, i64 count) { __builtin_memset(to, static_cast<int>(x), static_cast<size_t>(count)); }
DNNC_INLINE void fill_numbers(uint16_t *to, i64 x, i64 count) {
  for (i64 i = 0; i < count; ++i) to[i] = static_cast<uint16_t>(x);
}

// Copies the input of output rows first … first + rows, with its padding, channels together.
template <class Number> DNNC_NOINLINE Block copy_block(const ConvInt8Params &p, const uint8_t *x, i64 first, i64 rows, Number *to) {
  const i64 c = p.c / p.groups, columns = columns_read(p), count = rows_read(p, rows), top = first * p.sh - p.pt;
  const i64 left = p.pl < columns ? p.pl : columns, right = p.w + p.pl < columns ? p.w + p.pl : columns;
  Number *out = to;
  for (i64 i = 0; i < count; ++i) {
    const i64 row = top + i;
    if (row < 0 || row >= p.h) {
      fill_numbers(out, p.x_zero, columns * c);
      out += columns * c;
      continue;
    }
    fill_numbers(out, p.x_zero, left * c);
    out += left * c;
    const uint8_t *from = x + row * p.x_h;
    if (p.x_w == c) {
      copy_numbers(out, from, (right - left) * c);
      out += (right - left) * c;
    } else {
      for (i64 j = left; j < right; ++j, out += c, from += p.x_w) copy_numbers(out, from, c);
    }
    fill_numbers(out, p.x_zero, (columns - right) * c);
    out += (columns - right) * c;
  }
  __builtin_memset(out, 0, 4); // the last group may reach three bytes beyond; its weights there are 0
  const i64 size = sizeof(Number);
  return make_block(p, reinterpret_cast<const uint8_t *>(to), columns * c * size, c * size, rows);
}

// Where the groups read, in bytes from a pixel's first tap on.
DNNC_INLINE void list_offsets(const ConvInt8Params &p, Dot dot, i64 row, i64 column, int32_t *offsets) {
  const i64 runs = runs_of_row(p), groups = run_groups(p, dot);
  for (i64 t = 0; t < p.kh; ++t)
    for (i64 u = 0; u < runs; ++u)
      for (i64 i = 0; i < groups; ++i) *offsets++ = static_cast<int32_t>(t * p.dh * row + u * p.dw * column + 4 * i);
  if (p.kh * runs * groups < group_count(p, dot)) *offsets = 0; // times 0
}

template <Dot D, int MR, int NRV, class Out, class Finish> struct DirectWork {
  Held<ConvInt8Params> p;
  const uint8_t *x;
  const int8_t *w;
  const int32_t *bias, *index;
  Out *y;
  uint8_t *scratch;
  const Finish finish;
  Split split;

  // One panel for the pixels of a block that start at row `first`.
  DNNC_INLINE void run_panel(const Panel &panel, const Block &block, const Finish &finish, i64 first, i64 channels, i64 n,
                             i64 column) const {
    const i64 vectors = (channels + VL - 1) / VL, step = p.sw * block.column, y_w = p.y_w;
    alignas(64) int32_t sums[MR * NRV * VL];
    const uint8_t *in[MR];
    Out *out[MR];
    i64 row[MR];
    i64 i = 0, j = 0;
    for (i64 at = 0; at < block.pixels; at += MR) {
      const i64 count = block.pixels - at < MR ? block.pixels - at : MR;
      if (count == MR && j + MR <= block.columns) {
        const uint8_t *x0 = block.x + i * p.sh * block.row + j * step;
        Out *y0 = y + n * p.y_n + (first + i) * p.y_h + j * y_w + column;
        const i64 row0 = (first + i) * p.ow + j;
        DNNC_UNROLL for (int m = 0; m < MR; ++m) in[m] = x0 + m * step, out[m] = y0 + m * y_w, row[m] = row0 + m;
        j += MR;
        if (j == block.columns) j = 0, ++i;
      } else {
        for (i64 m = 0; m < count; ++m) {
          in[m] = block.x + i * p.sh * block.row + j * step;
          out[m] = y + n * p.y_n + (first + i) * p.y_h + j * y_w + column;
          row[m] = (first + i) * p.ow + j;
          if (++j == block.columns) j = 0, ++i;
        }
      }
      if (count == MR && vectors == NRV) {
        multiply_finish<D, MR, NRV>(panel, in, out, finish, n, row, column, channels);
        continue;
      }
      accumulate_tile<D, MR, NRV>(count, vectors, panel, in, sums);
      for (i64 m = 0; m < count; ++m) finish_row(sums + m * vectors * VL, channels, out[m], finish, n, row[m], column);
    }
  }

  DNNC_DEVICE void operator()(i64 begin, i64 end, int thread) const {
    const Finish mine = finish;
    typedef typename NumberOf<D>::type Number;
    constexpr i64 together = unit_entries(D);
    const i64 k = p.k / p.groups, nr = NRV * VL, regular = group_count(p, D);
    uint8_t *own = scratch + thread * scratch_size(p, D);
    int32_t *offsets = reinterpret_cast<int32_t *>(own);
    for (i64 unit = begin; unit < end; ++unit) {
      const i64 share = unit % split.shares, b = unit / split.shares % split.blocks;
      const i64 group = unit / split.shares / split.blocks % p.groups, n = unit / split.shares / split.blocks / p.groups;
      const i64 first = b * split.rows, rows = p.oh - first < split.rows ? p.oh - first : split.rows;
      const uint8_t *image = x + n * p.x_n + group * (p.c / p.groups);
      const Block block = in_place(p, D) ? make_block(p, image + first * p.sh * p.x_h, p.x_h, p.x_w, rows)
                                      : copy_block(p, image, first, rows, reinterpret_cast<Number *>(own + offsets_bytes(p)));
      list_offsets(p, D, block.row, block.column, offsets);
      for (i64 panel = share * split.panels / split.shares; panel < (share + 1) * split.panels / split.shares; ++panel) {
        const int32_t *at = index + 2 * (group * split.panels + panel);
        const i64 extras = at[3] - at[1];
        for (i64 e = 0; e < extras * together; ++e) offsets[regular + e] = offsets[index[at[1] + e / together] + e % together];
        const i64 channels = k - panel * nr < nr ? k - panel * nr : nr;
        const Panel this_panel = {offsets, regular + extras * together, regular, run_groups(p, D), w + static_cast<i64>(at[0]) * (VL * 4),
                                  bias + group * round_up(k, VL) + panel * nr};
        run_panel(this_panel, block, mine, first, channels, n, group * k + panel * nr);
      }
    }
  }
};

template <Dot D, int MR, int NRV, class Out, class Finish>
DNNC_INLINE void run(const ConvInt8Params &p, const uint8_t *x, const int8_t *w, const int32_t *bias, const int32_t *index, Out *y,
                     uint8_t *scratch, const Finish &finish, const Par &par) {
  const Split split = cut(p, D, NRV * VL, par.threads());
  par.run(p.n * p.groups * split.blocks * split.shares, DirectWork<D, MR, NRV, Out, Finish>{p, x, w, bias, index, y, scratch, finish, split});
}

template <int MR, int NRV, class Out, Dot D = own_dot(), class Ep>
void direct(const ConvInt8Params &p, const uint8_t *x, const int8_t *w, const int32_t *bias, const int32_t *index, Out *y, uint8_t *scratch,
            const Ep &ep, const Par &par) {
  run<D, MR, NRV>(p, x, w, bias, index, y, scratch, Requantize<Ep>{ep}, par);
}

} // namespace conv_int8
