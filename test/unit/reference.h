// What the dense kernels are compared with: a double sum, and a bound on what float rounding may add to it.
#pragma once

#include <cmath>

namespace test {

// Sums products in double, and their magnitudes beside them. In a float sum of n products, in any order and fused or not, each
// product meets at most n roundings, of relative error 2^-24 each; two more cover second-order terms and the double sum itself.
struct Sum {
  double value = 0, magnitude = 0;
  int terms = 0;

  void add(double a, double b) {
    value += a * b;
    magnitude += std::fabs(a * b);
    ++terms;
  }
  double bound() const { return (terms + 2) * magnitude * std::ldexp(1.0, -24); }
};

} // namespace test
