// What every kernel test starts with. A test includes this first, then
//   namespace {
//   DNNC_TARGET_BEGIN
//   #include "kernels/…"        and wrappers that call DNNC_INLINE functions
//   DNNC_TARGET_END
//   TEST(…) { … }               std and GoogleTest only outside the region
//   }
#pragma once

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <cstdlib>
#include <cstring>
#include <limits>
#include <memory>
#include <random>
#include <thread>
#include <vector>

#include "api.h"
#include "prelude.h"

#define DNNC_ISA DNNC_TEST_ISA

namespace test {

// n values uniform in [lo, hi), the same on every run and machine.
inline std::vector<float> uniform(size_t n, float lo, float hi, unsigned seed = 1) {
  std::mt19937 random(seed);
  std::vector<float> v(n);
  for (float &x : v) x = lo + (hi - lo) * (float)(random() >> 8) * 0x1p-24f;
  return v;
}

// A parallel_for that runs its parts out of order on several threads, to show that the split does not matter.
inline void run_threads(void *, int64_t count, dnnc_task task, void *arg) {
  const int parts = 3;
  std::vector<std::thread> threads;
  for (int t = parts - 1; t >= 0; --t)
    threads.emplace_back([=] {
      int64_t begin = count * t / parts, end = count * (t + 1) / parts;
      if (begin < end) task(arg, begin, end, t);
    });
  for (auto &t : threads) t.join();
}
inline const dnnc_parallel_for three_threads = {run_threads, nullptr, 3};

// Room for n elements with a guard on both sides; intact() tells whether anything wrote outside.
template <class T> struct Guarded {
  static constexpr size_t margin = 64;
  std::vector<T> all;
  size_t n;

  explicit Guarded(size_t count) : all(count + 2 * margin), n(count) { std::memset((void *)all.data(), 0xA5, all.size() * sizeof(T)); }
  T *data() { return all.data() + margin; }
  T &operator[](size_t i) { return all[margin + i]; }
  bool intact() const {
    auto untouched = [&](size_t begin, size_t end) {
      const unsigned char *p = (const unsigned char *)(all.data() + begin);
      for (size_t i = 0; i < (end - begin) * sizeof(T); ++i)
        if (p[i] != 0xA5) return false;
      return true;
    };
    return untouched(0, margin) && untouched(margin + n, all.size());
  }
};

// |got - want| in units of the last place of want, which is taken at float precision. 0 for two NaNs or equal infinities.
inline double ulps(float got, double want) {
  if (std::isnan(want)) return std::isnan(got) ? 0 : std::numeric_limits<double>::infinity();
  if (std::isnan(got)) return std::numeric_limits<double>::infinity();
  double limit = std::numeric_limits<float>::max();
  if (std::isinf(got) && std::fabs(want) > limit && (want > 0) == (got > 0)) return 0;
  if (std::isinf(got)) got = std::copysign((float)limit, got); // one step beyond the largest float, or more
  if (std::isinf(want)) return got == want ? 0 : std::numeric_limits<double>::infinity();
  int exponent;
  std::frexp(want, &exponent);
  double ulp = std::ldexp(1.0, std::max(exponent, -125) - 24);
  return std::fabs((double)got - want) / ulp;
}

// Calls kernel(data of y, Par) on one thread and on three, expects the same bits, and gives them back. Nothing may be written
// beyond n elements.
template <class T, class Par, class F> std::vector<T> run_both(size_t n, const F &kernel) {
  Guarded<T> serial(n), threaded(n);
  kernel(serial.data(), Par{nullptr});
  kernel(threaded.data(), Par{&three_threads});
  EXPECT_TRUE(serial.intact() && threaded.intact()) << "written outside";
  EXPECT_FALSE(std::memcmp(serial.data(), threaded.data(), n * sizeof(T))) << "the split changes the result";
  return std::vector<T>(serial.data(), serial.data() + n);
}

} // namespace test
