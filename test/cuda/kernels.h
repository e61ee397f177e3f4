// For the tests of GPU kernels in the emulation: random values, and how results are compared. A kernel's test is a program that
// prints the first wrong element of each case and ends with exit code 1 then.
#pragma once
#define DNNC_CUDA 1
#include "runtime/prelude.h"
#define DNNC_ISA DNNC_ISA_CUDA

#include <cstdio>
#include <string>
#include <vector>

namespace {
DNNC_TARGET_BEGIN
#include "runtime/kernels/pointwise/epilogue.h"
#include "runtime/parallel.h"
DNNC_TARGET_END

int failures = 0;
const Par par{nullptr};

struct Random {
  uint64_t state = 1;
  float operator()() { // [-1, 1), 8 bits: exact in f16
    state = state * 6364136223846793005u + 1442695040888963407u;
    return static_cast<float>(static_cast<int>(state >> 56) - 128) / 128;
  }
};
Random value;

inline std::vector<float> values(i64 count) {
  std::vector<float> v(static_cast<size_t>(count));
  for (float &x : v) x = value();
  return v;
}
inline std::vector<f16> halves(const std::vector<float> &from) {
  std::vector<f16> v;
  for (float x : from) v.push_back(to_f16(x));
  return v;
}
template <class T> inline std::vector<float> floats(const std::vector<T> &from) {
  std::vector<float> v;
  for (T x : from) v.push_back(to_float(x));
  return v;
}

// error <= relative * magnitude, element by element; NaN where nothing was written is an error.
inline void check(const char *what, const std::vector<float> &got, const std::vector<double> &want, const std::vector<double> &magnitude,
                  double relative) {
  for (size_t i = 0; i < want.size(); ++i) {
    const double error = ::fabs(static_cast<double>(got[i]) - want[i]), bound = relative * magnitude[i] + 1e-30;
    if (error <= bound) continue;
    std::printf("FAIL: %s: element %zu is %.9g, not %.9g: error %.3g > %.3g\n", what, i, static_cast<double>(got[i]), want[i], error,
                bound);
    ++failures;
    return;
  }
}

// The same bits.
template <class T> inline void check_equal(const char *what, const std::vector<T> &got, const std::vector<T> &want) {
  for (size_t i = 0; i < want.size(); ++i) {
    if (i < got.size() && !memcmp(&got[i], &want[i], sizeof(T))) continue;
    std::printf("FAIL: %s: element %zu of %zu differs\n", what, i, want.size());
    ++failures;
    return;
  }
}

inline int finish() {
  std::printf(failures ? "%d failures\n" : "all equal within their tolerances\n", failures);
  return failures ? 1 : 0;
}

// acc + bias[c]
struct AddChain {
  static DNNC_INLINE vf apply(vf acc, vf bias) { return acc + bias; }
};
typedef pw::Epilogue<AddChain, pw::Arg<float, 1>> Bias;

} // namespace
