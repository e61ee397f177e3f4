// pw::table: y[i…] = values[x[i…]], any function of one byte; the contract is in params.h.
#pragma once
#include "map.h"

namespace pw {

struct TableTask {
  Held<MapParams> p;
  const uint8_t *x, *values;
  uint8_t *y;

  DNNC_DEVICE void operator()(i64 begin, i64 end, int) const {
    uint8_t own[256]; // y may be anything of bytes, but not this
    __builtin_memcpy(own, values, 256);
    const ByteTable vectors(own);
    const i64 x_stride = inner_stride(p, p.x_strides), y_stride = inner_stride(p, p.y_strides);
    MapCursor at(p, 1, begin);
    for (i64 piece = begin; piece < end; ++piece, at.next()) {
      const uint8_t *from = x + at.offset[1];
      uint8_t *to = y + at.offset[0];
      i64 i = at.begin;
      if (x_stride == 1 && y_stride == 1) {
        if constexpr (TABLE_BYTES != 0) {
          for (; i + TABLE_BYTES <= at.end; i += TABLE_BYTES) vectors(from + i, to + i);
        }
        for (; i + 4 <= at.end; i += 4) {
          const uint8_t a = own[from[i]], b = own[from[i + 1]], c = own[from[i + 2]], d = own[from[i + 3]];
          to[i] = a, to[i + 1] = b, to[i + 2] = c, to[i + 3] = d;
        }
      }
      for (; i < at.end; ++i) to[i * y_stride] = own[from[i * x_stride]];
    }
  }
};

// Bytes of any type: signed ones index by their bits.
inline void table(const MapParams &p, const void *x, const void *values, void *y, const Par &par) {
  typedef const uint8_t *Bytes;
  par.run(map_pieces(p), TableTask{p, static_cast<Bytes>(x), static_cast<Bytes>(values), static_cast<uint8_t *>(y)});
}

} // namespace pw
