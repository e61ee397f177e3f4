// On the host: the tables of one axis for resize.h and move::table_copy, after the formulas of ONNX Resize-19.
#pragma once
#include <algorithm>
#include <cmath>
#include <cstdint>
#include <vector>

namespace dnnc {
namespace resize_tables {

enum class Mode { Nearest, Linear, Cubic };
enum class Coordinates { HalfPixel, HalfPixelSymmetric, PytorchHalfPixel, AlignCorners, Asymmetric, TfCropAndResize };
enum class Rounding { RoundPreferFloor, RoundPreferCeil, Floor, Ceil };

struct Axis {
  Mode mode = Mode::Nearest;
  Coordinates coordinates = Coordinates::HalfPixel;
  Rounding rounding = Rounding::RoundPreferFloor;
  int64_t in = 1, out = 1;
  float scale = 1.0f; // out / in as ONNX has it: the scales operand, or sizes / in
  float roi_start = 0.0f, roi_end = 1.0f;
  float cubic_a = -0.75f;
  bool exclude_outside = false, antialias = false;
};

// index and weight of tap t of output index o are at [o * taps + t]; a first index of -1 says that o lies outside.
struct Table {
  int64_t taps = 1;
  std::vector<int32_t> index;
  std::vector<float> weight;
};

// Where output index `o` lies on the input's axis. In float, as ONNX Runtime computes it: rounding decides nearest ties.
inline float source_of(const Axis &a, int64_t o) {
  float x = static_cast<float>(o), in = static_cast<float>(a.in), out = static_cast<float>(a.out);
  switch (a.coordinates) {
  case Coordinates::HalfPixel: return (x + 0.5f) / a.scale - 0.5f;
  case Coordinates::HalfPixelSymmetric: {
    // The output's length need not be in * scale; the difference is shared by both ends.
    float adjustment = out / (a.scale * in), center = in / 2.0f, offset = center * (1.0f - adjustment);
    return offset + (x + 0.5f) / a.scale - 0.5f;
  }
  case Coordinates::PytorchHalfPixel: return a.out > 1 ? (x + 0.5f) / a.scale - 0.5f : 0.0f;
  case Coordinates::AlignCorners: {
    // The resized length that the operator means is in * scale, which scales need not make whole.
    float resized = in * a.scale, length = std::fabs(resized - out) < 1e-4f * out ? out : resized;
    return a.out == 1 ? 0.0f : x * (in - 1.0f) / (length - 1.0f);
  }
  case Coordinates::Asymmetric: return x / a.scale;
  case Coordinates::TfCropAndResize:
    return a.out > 1 ? a.roi_start * (in - 1.0f) + x * (a.roi_end - a.roi_start) * (in - 1.0f) / (out - 1.0f)
                     : 0.5f * (a.roi_start + a.roi_end) * (in - 1.0f);
  }
  return 0.0f;
}

inline int64_t round_source(Rounding rounding, float x) {
  switch (rounding) {
  case Rounding::RoundPreferFloor: return static_cast<int64_t>(std::ceil(x - 0.5f));
  case Rounding::RoundPreferCeil: return static_cast<int64_t>(std::floor(x + 0.5f));
  case Rounding::Floor: return static_cast<int64_t>(std::floor(x));
  case Rounding::Ceil: return static_cast<int64_t>(std::ceil(x));
  }
  return 0;
}

// The interpolation kernel at distance d >= 0.
inline double kernel_at(const Axis &a, double d) {
  if (a.mode == Mode::Linear) return d < 1.0 ? 1.0 - d : 0.0;
  double c = a.cubic_a;
  if (d < 1.0) return ((c + 2.0) * d - (c + 3.0)) * d * d + 1.0;
  if (d < 2.0) return ((c * d - 5.0 * c) * d + 8.0 * c) * d - 4.0 * c;
  return 0.0;
}

inline Table make_table(const Axis &a) {
  Table table;
  // When shrinking, antialias stretches the kernel over all the inputs that an output covers.
  double stretch = a.antialias && a.mode != Mode::Nearest && a.scale < 1.0f ? 1.0 / a.scale : 1.0;
  double radius = (a.mode == Mode::Cubic ? 2.0 : 1.0) * stretch;
  if (a.mode != Mode::Nearest) table.taps = 2 * static_cast<int64_t>(std::ceil(radius));
  for (int64_t o = 0; o < a.out; ++o) {
    float x = source_of(a, o);
    bool outside = a.coordinates == Coordinates::TfCropAndResize && (x < 0.0f || x > static_cast<float>(a.in - 1));
    int64_t first = a.mode == Mode::Nearest ? round_source(a.rounding, x) : static_cast<int64_t>(std::floor(x)) - table.taps / 2 + 1;
    double sum = 0.0;
    std::vector<double> weights;
    for (int64_t t = 0; t < table.taps; ++t) {
      int64_t i = first + t;
      bool excluded = a.exclude_outside && (i < 0 || i >= a.in);
      double w = a.mode == Mode::Nearest ? 1.0 : excluded ? 0.0 : kernel_at(a, std::fabs(x - static_cast<double>(i)) / stretch);
      weights.push_back(w);
      sum += w;
      table.index.push_back(outside ? -1 : static_cast<int32_t>(std::clamp<int64_t>(i, 0, a.in - 1)));
    }
    for (double w : weights) table.weight.push_back(static_cast<float>(w / sum));
  }
  return table;
}

} // namespace resize_tables
} // namespace dnnc
