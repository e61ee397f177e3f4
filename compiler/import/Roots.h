// Roots of unity for transforms and windows.
#pragma once

#include <cmath>
#include <cstdint>
#include <utility>

namespace dnnc::importer {

struct Root {
  double cosine, sine;
};

/// exp(2 pi i k / n). The angle is brought into an eighth of a turn first, by integers: what cancels on paper cancels in numbers.
inline Root rootOfUnity(int64_t k, int64_t n) {
  int64_t eighths = (k % n + n) % n * 8, octant = eighths / n, rest = eighths % n;
  if (octant % 2) rest = n - rest;
  double angle = double(rest) / double(n) * (M_PI / 4), c = std::cos(angle), s = std::sin(angle);
  if ((octant + 1) / 2 % 2) std::swap(c, s);
  return {octant >= 2 && octant < 6 ? -c : c, octant >= 4 ? -s : s};
}

} // namespace dnnc::importer
