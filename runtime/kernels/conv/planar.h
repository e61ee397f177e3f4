// conv::planar: the contract is in params.h. For few input channels, a plane each: first layers. A vector holds pixels of a row, not channels,
// so that a load of x serves KC channels and one of a weight PV vectors: 24 multiply-adds for 11 loads with 8x3, whatever the number of input
// channels, where conv::direct has one for each at 8 or 16 channels and moves its row pointers every kw * c products. The sums are transposed
// in registers, and stored pixel by pixel. They are the bits of conv::direct.
#pragma once
#include "../../parallel.h"
#include "../../simd.h"
#include "params.h"

namespace conv {

// to[i] = from[i * step]
DNNC_INLINE void copy_strided(float *to, const float *from, i64 count, i64 step) {
  i64 i = 0;
  if (step == 1) {
    for (; i + VL <= count; i += VL) store(to + i, load(from + i, Full{}), Full{});
    if (i < count && count >= VL) store(to + count - VL, load(from + count - VL, Full{}), Full{}), i = count;
  } else if (step == 2) {
    for (; i + VL < count; i += VL) store(to + i, load_pairs<0>(from + 2 * i), Full{}); // which also reads what is behind its last
    if (count > VL) store(to + count - VL, load_pairs<1>(from + 2 * (count - VL) - 1), Full{}), i = count;
  }
  for (; i < count; ++i) to[i] = from[i * step];
}

template <int KC, int PV, class Ep> struct PlanarWork {
  Held<PlanarParams> p;
  const float *x, *w;
  float *y, *scratch;
  Held<Ep> epilogue;
  i64 blocks; // of rows, in an image

  enum { PIXELS = PV * VL };

  // The rows of x that `count` rows of y from `top` on need: [row][channel][part][pitch]. A row comes in sw parts of columns that are sw apart,
  // 0 outside the image.
  DNNC_NOINLINE void copy_rows(float *rows, const float *image, i64 top, i64 count, i64 pitch) const {
    const i64 length = p.ow + (p.kw - 1) * p.dw / p.sw, first = top * p.sh - p.pt;
    i64 lo[PLANAR_STRIDE], hi[PLANAR_STRIDE]; // of each part, what is inside
    for (i64 part = 0; part < p.sw; ++part) {
      const i64 before = p.pl - part + p.sw - 1, inside = p.w + p.pl - part + p.sw - 1;
      lo[part] = before < p.sw ? 0 : before / p.sw < length ? before / p.sw : length;
      hi[part] = inside < p.sw ? 0 : inside / p.sw < length ? inside / p.sw : length;
    }
    for (i64 r = 0; r < (count - 1) * p.sh + (p.kh - 1) * p.dh + 1; ++r) {
      const bool inside = first + r >= 0 && first + r < p.h;
      for (i64 c = 0; c < p.c; ++c) {
        const float *row = image + c * p.x_c + (first + r) * p.x_h - p.pl;
        for (i64 part = 0; part < p.sw; ++part, rows += pitch) {
          const i64 begin = inside ? lo[part] : length, end = inside ? hi[part] : length;
          // Whole vectors: what is behind them is written next.
          for (i64 i = 0; i < begin; i += VL) store(rows + i, zero(), Full{});
          for (i64 i = end; i < length; i += VL) store(rows + i, zero(), Full{});
          if (begin < end) copy_strided(rows + begin, row + part + begin * p.sw, end - begin, p.sw);
        }
      }
    }
  }

  // Pixel i of a vector of them, `lanes` channels.
  template <class L> DNNC_INLINE void finish_pixel(vf sums, i64 i, float *out, const Ep &ep, i64 n, i64 r, i64 column, L lanes) const {
    store(out + i * p.y_w, ep(sums, n, r + i, column, lanes), lanes);
  }
  template <class L>
  DNNC_INLINE void finish_pixels(const vf (&pixels)[VL], i64 count, float *out, const Ep &ep, i64 n, i64 r, i64 column, L lanes) const {
    if (count == VL) {
      DNNC_UNROLL for (int i = 0; i < VL; ++i) finish_pixel(pixels[i], i, out, ep, n, r, column, lanes);
    } else {
      for (i64 i = 0; i < count; ++i) finish_pixel(pixels[i], i, out, ep, n, r, column, lanes);
    }
  }

  // The first `count` pixels of vector v.
  DNNC_INLINE void finish(const vf (&acc)[KC][PV], int v, i64 count, float *out, const Ep &ep, i64 n, i64 r, i64 column, i64 channels) const {
    vf pixels[VL];
    DNNC_UNROLL for (int k = 0; k < KC; ++k) pixels[k] = acc[k][v];
    transpose<KC>(pixels);
    if (channels == VL) finish_pixels(pixels, count, out, ep, n, r, column, Full{});
    else finish_pixels(pixels, count, out, ep, n, r, column, Part{static_cast<int>(channels)});
  }

  DNNC_DEVICE void operator()(i64 begin, i64 end, int thread) const {
    const Ep ep = epilogue;
    const i64 depth = p.kh * p.kw * p.c, pitch = planar_pitch(p, PIXELS), row = p.c * p.sw * pitch;
    float *rows = scratch + thread * planar_scratch_size(p, PIXELS);
    i64 at[PLANAR_DEPTH]; // where the taps are, from the first pixel's first one
    for (i64 t = 0, d = 0; t < p.kh; ++t)
      for (i64 u = 0; u < p.kw; ++u)
        for (i64 c = 0; c < p.c; ++c, ++d) at[d] = t * p.dh * row + (c * p.sw + u * p.dw % p.sw) * pitch + u * p.dw / p.sw;
    for (i64 unit = begin; unit < end; ++unit) {
      const i64 n = unit / blocks, top = (unit - n * blocks) * p.block, count = p.oh - top < p.block ? p.oh - top : p.block;
      copy_rows(rows, x + n * p.x_n, top, count, pitch);
      for (i64 i = 0; i < count; ++i) {
        float *out = y + n * p.y_n + (top + i) * p.y_h;
        for (i64 j = 0; j < p.ow; j += PIXELS) {
          const float *from = rows + i * p.sh * row + j;
          const float *b = w;
          for (i64 column = 0; column < p.k; column += KC) {
            vf acc[KC][PV];
            DNNC_UNROLL for (int k = 0; k < KC; ++k) { DNNC_UNROLL for (int v = 0; v < PV; ++v) acc[k][v] = zero(); }
            for (i64 d = 0; d < depth; ++d, b += KC) {
              const float *a = from + at[d];
              vf value[PV];
              DNNC_UNROLL for (int v = 0; v < PV; ++v) value[v] = load(a + v * VL, Full{});
              DNNC_UNROLL for (int k = 0; k < KC; ++k) {
                const vf weight = splat(b[k]);
                DNNC_UNROLL for (int v = 0; v < PV; ++v) acc[k][v] = fma(value[v], weight, acc[k][v]);
              }
            }
            const i64 channels = p.k - column < KC ? p.k - column : KC;
            DNNC_UNROLL for (int v = 0; v < PV; ++v) {
              const i64 first = j + v * VL, left = p.ow - first;
              if (left > 0) finish(acc, v, left < VL ? left : static_cast<i64>(VL), out + first * p.y_w + column, ep, n, (top + i) * p.ow + first, column, channels);
            }
          }
        }
      }
    }
  }
};

template <int KC, int PV, class Ep>
void planar(const PlanarParams &p, const float *x, const float *w, float *y, float *scratch, const Ep &ep, const Par &par) {
  const i64 blocks = (p.oh + p.block - 1) / p.block;
  par.run(p.n * blocks, PlanarWork<KC, PV, Ep>{p, x, w, y, scratch, ep, blocks});
}

} // namespace conv
