// Weight packing for conv_int8, on the host. Plain C++, no vectors.
// Direct: for each group of channels, panels of nr output channels, the last one only as wide as needed, rounded up to vl:
//   weights  [panel][entry][channel in panel] of 4 bytes: group_count entries in the order of the groups, then extra ones
//   bias     [group of channels][channel rounded up to vl]
//   index    for each panel, and once more behind the last, {where its weights start, in units of vl * 4 bytes; where its list starts};
//            then the lists: for each extra entry (unit) the group that it belongs to
// An extra entry multiplies the same bytes once more, for weights that do not fit in a byte (those with a zero point), or whose products
// might not fit in 16 bits. In Dot::FOURS two entries are one: a unit.
#pragma once
#include "params.h"

namespace conv_int8 {

// What a 16-bit sum of products with 0 … 255 has room for: 255 * 128 of either sign. Those of the other sign can only make it smaller.
struct Room {
  int left[2] = {128, 128}; // negative weights, positive ones

  int fit(int weight) {
    int &room = left[weight > 0];
    const int value = weight > room ? room : weight < -room ? -room : weight;
    room -= value > 0 ? value : -value;
    return value;
  }
};

// Takes from a weight what an entry can multiply, and makes it the entry's number b.
inline void take(Dot dot, int &weight, int8_t *entry, i64 b, Room *room = nullptr) {
  int value = dot == Dot::WORDS ? weight : weight < -128 ? -128 : weight > 127 ? 127 : weight;
  if (room) value = room->fit(value);
  const int16_t word = static_cast<int16_t>(value); // little-endian
  __builtin_memcpy(entry + b * number_bytes(dot), &word, static_cast<size_t>(number_bytes(dot)));
  weight -= value;
}

// Walks the units of a panel, `width` channels from `channel` on: unit(first group, extra, weights[entry][width] of 4 bytes).
// w(k, c in group, kh, kw) gives a weight, -255 to 255.
template <class W, class Unit>
inline void walk_panel(const ConvInt8Params &p, const W &w, Dot dot, i64 channel, i64 channels, i64 width, const Unit &unit) {
  enum { WIDEST = 512 };
  const i64 c = p.c / p.groups, taps = p.dw == 1 ? p.kw : 1, run = taps * c, groups = run_groups(p, dot), numbers = entry_numbers(dot);
  const i64 entries = unit_entries(dot), rows = p.kh * runs_of_row(p);
  int left[WIDEST][8];
  int8_t piece[WIDEST * 8];
  for (i64 first = 0; first < group_count(p, dot); first += entries) {
    for (i64 i = 0; i < entries * numbers; ++i) {
      const i64 group = first + i / numbers, row = group / groups / runs_of_row(p), tap = group / groups % runs_of_row(p);
      const i64 at = group % groups * numbers + i % numbers;
      const bool padding = at >= run || group >= rows * groups;
      for (i64 j = 0; j < width; ++j) left[j][i] = padding || j >= channels ? 0 : w(channel + j, at % c, row, tap + at / c);
    }
    for (bool extra = false, more = true; more; extra = true) {
      more = false;
      for (i64 j = 0; j < width; ++j) {
        Room halves[2]; // a vector's 16-bit lanes hold the first two numbers of an entry, and the last two
        for (i64 i = 0; i < entries * numbers; ++i) {
          const i64 b = i % numbers;
          take(dot, left[j][i], piece + (i / numbers * width + j) * 4, b, adds_in_16_bits(dot) ? halves + b / 2 : nullptr);
          more = more || left[j][i] != 0;
        }
      }
      unit(first, extra, static_cast<const int8_t *>(piece));
    }
  }
}

// panel(first channel of k, channels, width), for each panel in order.
template <class Panel> inline void walk_panels(const ConvInt8Params &p, int nr, int vl, const Panel &panel) {
  const i64 k = p.k / p.groups;
  for (i64 g = 0; g < p.groups; ++g)
    for (i64 at = 0; at < k; at += nr) panel(g * k + at, k - at < nr ? k - at : nr, round_up(k - at < nr ? k - at : nr, vl));
}

// What pack fills: bytes of weights, and elements of bias and index. entries goes into the parameters.
struct Sizes {
  i64 weights, bias, index, entries;
};

template <class W> inline Sizes packed_sizes(const ConvInt8Params &p, const W &w, Dot dot, int nr, int vl) {
  Sizes s = {0, p.groups * round_up(p.k / p.groups, vl), 2, 0};
  walk_panels(p, nr, vl, [&](i64 channel, i64 channels, i64 width) {
    i64 entries = 0, extras = 0;
    if (dot == Dot::WORDS) entries = group_count(p, dot); // which hold any weight
    else walk_panel(p, w, dot, channel, channels, width, [&](i64, bool extra, const int8_t *) { entries += unit_entries(dot), extras += extra; });
    s.weights += entries * width * 4;
    s.index += 2 + extras;
    if (entries > s.entries) s.entries = entries;
  });
  return s;
}

// bias: the model's, for each of p.k channels, or null.
template <class W> inline void pack(const ConvInt8Params &p, const W &w, const int32_t *bias, Dot dot, int nr, int vl, int8_t *out_weights,
                                    int32_t *out_bias, int32_t *out_index) {
  const i64 k = p.k / p.groups, c = p.c / p.groups, zero = p.x_zero - (dot == Dot::SIGNED ? 128 : 0);
  for (i64 g = 0; g < p.groups; ++g)
    for (i64 i = 0; i < round_up(k, vl); ++i) {
      i64 sum = 0;
      for (i64 at = 0; i < k && at < p.kh * p.kw * c; ++at) sum += w(g * k + i, at % c, at / c / p.kw, at / c % p.kw);
      *out_bias++ = static_cast<int32_t>(static_cast<uint32_t>((bias && i < k ? bias[g * k + i] : 0) - zero * sum));
    }
  i64 panels = 0, start = 0;
  walk_panels(p, nr, vl, [&](i64, i64, i64) { ++panels; });
  int32_t *header = out_index, *list = out_index + 2 * (panels + 1);
  walk_panels(p, nr, vl, [&](i64 channel, i64 channels, i64 width) {
    *header++ = static_cast<int32_t>(start / (vl * 4));
    *header++ = static_cast<int32_t>(list - out_index);
    i64 regular = start;
    start += group_count(p, dot) * width * 4;
    walk_panel(p, w, dot, channel, channels, width, [&](i64 group, bool extra, const int8_t *piece) {
      i64 &at = extra ? start : regular;
      const i64 bytes = unit_entries(dot) * width * 4;
      __builtin_memcpy(out_weights + at, piece, static_cast<size_t>(bytes));
      at += bytes;
      if (extra) *list++ = static_cast<int32_t>(group);
    });
  });
  *header++ = static_cast<int32_t>(start / (vl * 4));
  *header++ = static_cast<int32_t>(list - out_index);
}

// Depthwise: weights [vector of channels][entry][kw][channel in vector] of 4 bytes; bias [c rounded up to vl]; no index. A weight that does
// not fit in a byte is spread over several entries.
template <class W> inline Sizes depthwise_sizes(const ConvInt8Params &p, const W &w, Dot dot, int vl) {
  i64 pieces = 1;
  for (i64 i = 0; dot != Dot::WORDS && i < p.c * p.kh * p.kw; ++i) {
    const int value = w(i / p.kw / p.kh, 0, i / p.kw % p.kh, i % p.kw), size = value > 0 ? (value + 126) / 127 : (-value + 127) / 128;
    if (size > pieces) pieces = size;
  }
  const i64 entries = pieces * column_entries(p.kh, dot), padded = round_up(p.c, vl);
  return {padded * entries * p.kw * 4, padded, 0, entries};
}

// p.entries is set.
template <class W> inline void pack_depthwise(const ConvInt8Params &p, const W &w, const int32_t *bias, Dot dot, int vl,
                                              int8_t *out_weights, int32_t *out_bias) {
  const i64 numbers = entry_numbers(dot), column = column_entries(p.kh, dot), zero = p.x_zero - (dot == Dot::SIGNED ? 128 : 0);
  for (i64 i = 0; i < round_up(p.c, vl); ++i) {
    i64 sum = 0;
    for (i64 t = 0; i < p.c && t < p.kh * p.kw; ++t) sum += w(i, 0, t / p.kw, t % p.kw);
    out_bias[i] = static_cast<int32_t>(static_cast<uint32_t>((bias && i < p.c ? bias[i] : 0) - zero * sum));
    for (i64 entry = 0; entry < p.entries; ++entry)
      for (i64 u = 0; u < p.kw; ++u)
        for (i64 b = 0; b < numbers; ++b) {
          const i64 t = entry % column * numbers + b;
          int left = i < p.c && t < p.kh ? w(i, 0, t, u) : 0;
          int8_t *out = out_weights + ((i / vl * p.entries + entry) * p.kw + u) * vl * 4 + i % vl * 4;
          for (i64 piece = 0; piece <= entry / column; ++piece) take(dot, left, out, b);
        }
  }
}

// Weights as a tensor with element strides, less their zero point: one, or one per output channel.
template <class T> struct Weights {
  const T *w;
  i64 k_stride, c_stride, kh_stride, kw_stride;
  const T *zero; // null: 0
  i64 zero_stride;

  int operator()(i64 k, i64 c, i64 y, i64 x) const {
    return w[k * k_stride + c * c_stride + y * kh_stride + x * kw_stride] - (zero ? zero[k * zero_stride] : 0);
  }
};

} // namespace conv_int8
