// Prints the f32 FMA rate of one core in GFLOP/s for the widest vectors the build allows: the ceiling of any direct convolution.
#include <chrono>
#include <cstdio>
#include <immintrin.h>

#if defined(__AVX512F__)
using V = __m512;
constexpr int kLanes = 16;
static V splat(float x) { return _mm512_set1_ps(x); }
static V fma(V a, V b, V c) { return _mm512_fmadd_ps(a, b, c); }
#else
using V = __m256;
constexpr int kLanes = 8;
static V splat(float x) { return _mm256_set1_ps(x); }
static V fma(V a, V b, V c) { return _mm256_fmadd_ps(a, b, c); }
#endif

constexpr int kChains = 12; // more than latency times ports, fewer than registers

int main() {
  V sum[kChains];
  for (int i = 0; i < kChains; ++i)
    sum[i] = splat(float(i));
  V a = splat(0.999f), b = splat(1e-3f);
  double best = 0;
  for (int round = 0; round < 20; ++round) {
    constexpr int kSteps = 400000;
    auto start = std::chrono::steady_clock::now();
    for (int step = 0; step < kSteps; ++step) {
#pragma GCC unroll 12
      for (int i = 0; i < kChains; ++i)
        sum[i] = fma(sum[i], a, b);
      asm volatile("" : "+x"(a), "+x"(b));
    }
    double seconds = std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count();
    double rate = 2.0 * kLanes * kChains * kSteps / seconds * 1e-9;
    best = rate > best ? rate : best;
  }
  V all = sum[0];
  for (int i = 1; i < kChains; ++i)
    all = fma(all, a, sum[i]);
  volatile float sink = all[0]; // keeps the sums alive
  (void)sink;
  std::printf("%.1f\n", best);
}
