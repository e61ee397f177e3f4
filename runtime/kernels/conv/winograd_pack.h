// Weights for conv::winograd: transformed in double, rounded once, and packed as panels of nr output channels, [panel][row of points][point][c]
// [channel in panel], the last panel as wide as needed, rounded up to vl. On the host, at compile time: plain C++, no vectors.
#pragma once
#include "pack.h"

namespace conv {

// F(m, 3) as matrices: y = Aᵀ [(G g) ⊙ (Bᵀ d)], whose Bᵀ and Aᵀ winograd_transform.h has as code.
template <int OUT> struct WinogradMatrices;
template <> struct WinogradMatrices<4> {
  static constexpr double filter[6][3] = {{1. / 4, 0, 0},           {-1. / 6, -1. / 6, -1. / 6},  {-1. / 6, 1. / 6, -1. / 6},
                                          {1. / 24, 1. / 12, 1. / 6}, {1. / 24, -1. / 12, 1. / 6}, {0, 0, 1}};
  static constexpr float input[6][6] = {{4, 0, -5, 0, 1, 0},  {0, -4, -4, 1, 1, 0}, {0, 4, -4, -1, 1, 0},
                                        {0, -2, -1, 2, 1, 0}, {0, 2, -1, -2, 1, 0}, {0, 4, 0, -5, 0, 1}};
  static constexpr float output[4][6] = {{1, 1, 1, 1, 1, 0}, {0, 1, -1, 2, -2, 0}, {0, 1, 1, 4, 4, 0}, {0, 1, -1, 8, -8, 1}};
};
template <> struct WinogradMatrices<6> {
  static constexpr double filter[8][3] = {{1, 0, 0},
                                          {-2. / 9, -2. / 9, -2. / 9},
                                          {-2. / 9, 2. / 9, -2. / 9},
                                          {1. / 90, 1. / 45, 2. / 45},
                                          {1. / 90, -1. / 45, 2. / 45},
                                          {1. / 45, 1. / 90, 1. / 180},
                                          {1. / 45, -1. / 90, 1. / 180},
                                          {0, 0, 1}};
  static constexpr float input[8][8] = {{1, 0, -5.25f, 0, 5.25f, 0, -1, 0},      {0, 1, 1, -4.25f, -4.25f, 1, 1, 0},
                                        {0, -1, 1, 4.25f, -4.25f, -1, 1, 0},     {0, 0.5f, 0.25f, -2.5f, -1.25f, 2, 1, 0},
                                        {0, -0.5f, 0.25f, 2.5f, -1.25f, -2, 1, 0}, {0, 2, 4, -2.5f, -5, 0.5f, 1, 0},
                                        {0, -2, 4, 2.5f, -5, -0.5f, 1, 0},       {0, -1, 0, 5.25f, 0, -5.25f, 0, 1}};
  static constexpr float output[6][8] = {{1, 1, 1, 1, 1, 32, 32, 0},  {0, 1, -1, 2, -2, 16, -16, 0},  {0, 1, 1, 4, 4, 8, 8, 0},
                                         {0, 1, -1, 8, -8, 4, -4, 0}, {0, 1, 1, 16, 16, 2, 2, 0},     {0, 1, -1, 32, -32, 1, -1, 1}};
};

constexpr i64 winograd_packed_size(int out, i64 k, i64 c, int vl) { return packed_size(k, c, out + 2, out + 2, 1, vl); }

// Point (i, j) of G g Gᵀ of ONNX's Conv weight [k][c][3][3].
template <int OUT> struct WinogradWeight {
  const float *w;
  i64 c;
  float operator()(i64 o, i64 channel, i64 i, i64 j) const {
    const float *g = w + (o * c + channel) * 9;
    double sum = 0;
    for (i64 s = 0; s < 3; ++s) {
      for (i64 t = 0; t < 3; ++t) {
        sum += WinogradMatrices<OUT>::filter[i][s] * WinogradMatrices<OUT>::filter[j][t] * static_cast<double>(g[s * 3 + t]);
      }
    }
    return static_cast<float>(sum);
  }
};

// packed gets winograd_packed_size elements.
inline void pack_winograd(const float *w, int out, i64 k, i64 c, int nr, int vl, float *packed) {
  if (out == 4)
    pack_panels(WinogradWeight<4>{w, c}, k, c, 6, 6, 1, nr, vl, packed);
  else
    pack_panels(WinogradWeight<6>{w, c}, k, c, 8, 8, 1, nr, vl, packed);
}

} // namespace conv
