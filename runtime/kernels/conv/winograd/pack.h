// Weights for conv::winograd: transformed in double, rounded once, and packed as panels of nr output channels, [panel][row of points][point][c]
// [channel in panel], the last panel as wide as needed, rounded up to vl. On the host, at compile time: plain C++, no vectors.
#pragma once
#include "../pack.h"

namespace conv {

// F(m, 3) as matrices: y = Aᵀ [(G g) ⊙ (Bᵀ d)], whose Bᵀ and Aᵀ transform.h has as code.
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

// G g Gᵀ of the 3x3 taps g, by rows of points.
template <int OUT> inline void winograd_filter(const float *g, float *points) {
  constexpr int in = OUT + 2;
  double half[in][3];
  for (int i = 0; i < in; ++i) {
    for (int t = 0; t < 3; ++t) {
      half[i][t] = 0;
      for (int s = 0; s < 3; ++s) half[i][t] += WinogradMatrices<OUT>::filter[i][s] * static_cast<double>(g[s * 3 + t]);
    }
  }
  for (int i = 0; i < in; ++i) {
    for (int j = 0; j < in; ++j) {
      double sum = 0;
      for (int t = 0; t < 3; ++t) sum += half[i][t] * WinogradMatrices<OUT>::filter[j][t];
      points[i * in + j] = static_cast<float>(sum);
    }
  }
}

// w is ONNX's Conv weight [k][c][3][3]; packed gets winograd_packed_size elements.
template <int OUT> inline void pack_winograd(const float *w, i64 k, i64 c, int nr, int vl, float *packed) {
  constexpr int points = (OUT + 2) * (OUT + 2);
  for (i64 panel = 0; panel < k; panel += nr) {
    const i64 left = k - panel, width = left < nr ? round_up(left, vl) : nr;
    for (i64 i = 0; i < c; ++i) {
      for (i64 j = 0; j < width; ++j) {
        float values[points] = {};
        if (j < left) winograd_filter<OUT>(w + ((panel + j) * c + i) * 9, values);
        for (int q = 0; q < points; ++q) packed[(q * c + i) * width + j] = values[q];
      }
    }
    packed += points * c * width;
  }
}
inline void pack_winograd(const float *w, int out, i64 k, i64 c, int nr, int vl, float *packed) {
  out == 4 ? pack_winograd<4>(w, k, c, nr, vl, packed) : pack_winograd<6>(w, k, c, nr, vl, packed);
}

} // namespace conv
