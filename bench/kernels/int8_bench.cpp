// GOP/s of the integer convolutions on the layers of well-known networks, and their share of the rate of dot products measured
// beside them. One thread, weights and activations as warm as the caches keep them.
#include <benchmark/benchmark.h>

#include <algorithm>
#include <chrono>
#include <cstdlib>
#include <ctime>
#include <random>
#include <string>
#include <vector>

#include "api.h"
#include "prelude.h"

#include "layers.h"

#define DNNC_ISA DNNC_BENCH_ISA

namespace {
DNNC_TARGET_BEGIN
#include "kernels/conv_int8/conv_int8.h"
#include "kernels/conv_int8/pack.h"
#include "kernels/pointwise/epilogue.h"

struct Scaled {
  static DNNC_INLINE vf apply(vf acc, vf scale) { return acc * scale + splat(3.0f); }
};
typedef pw::Epilogue<Scaled, pw::Arg<float, 1>> Tail;
const int lanes = VL, registers = NUM_VREGS;

struct Buffers {
  const uint8_t *x;
  const int8_t *w;
  const int32_t *bias, *index;
  uint8_t *scratch, *y;
  const float *scale;
};

template <int M, int N, conv_int8::Dot D = conv_int8::own_dot()> void run_tile(const conv_int8::ConvInt8Params &p, const Buffers &b) {
  conv_int8::direct<M, N, uint8_t, D>(p, b.x, b.w, b.bias, b.index, b.y, b.scratch, Tail{{b.scale, 0, 0}}, Par{nullptr});
}
void run_direct(conv_int8::Dot dot, conv_int8::Tile tile, const conv_int8::ConvInt8Params &p, const Buffers &b) {
  (void)tile, (void)dot;
#if DNNC_ISA == DNNC_ISA_GENERIC
  run_tile<4, 2>(p, b);
#elif DNNC_ISA == DNNC_ISA_AVX2
  if (dot == conv_int8::Dot::PAIRS && tile.vectors == 2) run_tile<4, 2, conv_int8::Dot::PAIRS>(p, b);
  else if (dot == conv_int8::Dot::PAIRS) run_tile<8, 1, conv_int8::Dot::PAIRS>(p, b);
  else if (dot == conv_int8::Dot::FOURS && tile.vectors == 2) run_tile<4, 2, conv_int8::Dot::FOURS>(p, b);
  else if (dot == conv_int8::Dot::FOURS) run_tile<8, 1, conv_int8::Dot::FOURS>(p, b);
  else if (tile.vectors == 2) run_tile<6, 2>(p, b);
  else run_tile<8, 1>(p, b);
#else
  if (tile.vectors == 4) run_tile<6, 4>(p, b);
  else if (tile.vectors == 3) run_tile<8, 3>(p, b);
  else if (tile.vectors == 2) run_tile<8, 2>(p, b);
  else run_tile<10, 1>(p, b);
#endif
}

void run_depthwise(const conv_int8::ConvInt8Params &p, const Buffers &b) {
  const Tail tail = {{b.scale, 0, 0}};
  const conv_int8::DepthwiseVariant v = conv_int8::pick_depthwise(p, conv_int8::own_dot());
#define DNNC_DEPTHWISE(size, stride) conv_int8::depthwise<size, stride>(p, b.x, b.w, b.bias, b.y, b.scratch, tail, Par{nullptr})
  if (v.size == 3 && v.stride == 1) return DNNC_DEPTHWISE(3, 1);
  if (v.size == 3) return DNNC_DEPTHWISE(3, 2);
  if (v.size == 5 && v.stride == 1) return DNNC_DEPTHWISE(5, 1);
  if (v.size == 5) return DNNC_DEPTHWISE(5, 2);
  DNNC_DEPTHWISE(0, 0);
#undef DNNC_DEPTHWISE
}

// The ceiling: independent chains of dot products in registers. To the compiler x changes before each, or it would keep the products.
void dot_chains(i64 steps, const uint8_t *x, const int8_t *w, int32_t *out) {
  vi a = splat_bytes4(x);
  const vi b = load_bytes4(w);
  vi s0 = a, s1 = a, s2 = a, s3 = a, s4 = a, s5 = a, s6 = a, s7 = a, s8 = a, s9 = a;
  for (i64 i = 0; i < steps; ++i) {
#define DNNC_STEP(s)                                                                                                                       \
  asm volatile("" : "+x"(a));                                                                                                              \
  s = dot4(s, a, b);
    DNNC_STEP(s0)
    DNNC_STEP(s1) DNNC_STEP(s2) DNNC_STEP(s3) DNNC_STEP(s4) DNNC_STEP(s5) DNNC_STEP(s6) DNNC_STEP(s7) DNNC_STEP(s8) DNNC_STEP(s9)
#undef DNNC_STEP
  }
  store_i32(out, s0 + s1 + s2 + s3 + s4 + s5 + s6 + s7 + s8 + s9, Full{});
}
DNNC_TARGET_END

// GOP/s, measured again beside every benchmark: the clock moves.
double dot_rate() {
  const i64 steps = 100000;
  const uint8_t x[4] = {1, 2, 3, 4};
  int8_t w[256] = {1};
  int32_t out[64];
  double best = 0;
  for (int round = 0; round < 5; ++round) {
    auto start = std::chrono::steady_clock::now();
    dot_chains(steps, x, w, out);
    benchmark::DoNotOptimize(out);
    std::chrono::duration<double> seconds = std::chrono::steady_clock::now() - start;
    best = std::max(best, 2.0 * conv_int8::entry_numbers(conv_int8::own_dot()) * 10 * lanes * steps / seconds.count() * 1e-9);
  }
  return best;
}

struct Weights { // as trained ones are spread: few of them large. 8 bits or 7.
  std::vector<int> values;
  i64 c, kh, kw;

  Weights(i64 k, i64 group_c, i64 rows, i64 columns, int bits) : c(group_c), kh(rows), kw(columns) {
    std::mt19937 random(1);
    const double most = bits == 8 ? 127 : 63;
    std::normal_distribution<double> normal(0, most / 4);
    for (i64 i = 0; i < k * c * kh * kw; ++i) values.push_back(static_cast<int>(std::min(most, std::max(-most, normal(random)))));
  }
  int operator()(i64 k, i64 i, i64 y, i64 x) const { return values[static_cast<size_t>(((k * c + i) * kh + y) * kw + x)]; }
};

void run_layer(benchmark::State &state, const Layer &l, conv_int8::Dot dot) {
  const i64 oh = (l.h + 2 * l.pad - l.kh) / l.stride + 1, ow = (l.w + 2 * l.pad - l.kw) / l.stride + 1;
  const i64 groups = l.kind == DEPTHWISE ? l.c : 1, c = l.c / groups;
  conv_int8::ConvInt8Params p = {1,     l.h,           l.w,       l.c, oh,         ow,       l.k, l.kh, l.kw, l.stride, l.stride, 1, 1,
                                 l.pad, l.pad, groups, l.h * l.w * l.c, l.w * l.c, l.c, oh * ow * l.k, ow * l.k, l.k,  128,      0};
  const Weights source(l.k, c, l.kh, l.kw, conv_int8::adds_in_16_bits(dot) ? 7 : 8);
  const conv_int8::Tile tile = conv_int8::pick_tile(lanes, registers, l.k, dot);
  const conv_int8::Sizes sizes = l.kind == DIRECT ? conv_int8::packed_sizes(p, source, dot, tile.vectors * lanes, lanes)
                                                  : conv_int8::depthwise_sizes(p, source, dot, lanes);
  p.entries = sizes.entries;
  std::vector<int8_t> w(static_cast<size_t>(sizes.weights + 64));
  std::vector<int32_t> bias(static_cast<size_t>(sizes.bias)), index(static_cast<size_t>(sizes.index));
  int8_t *aligned = w.data() + (64 - reinterpret_cast<uintptr_t>(w.data()) % 64) % 64;
  if (l.kind == DEPTHWISE) conv_int8::pack_depthwise(p, source, nullptr, dot, lanes, aligned, bias.data());
  else conv_int8::pack(p, source, nullptr, dot, tile.vectors * lanes, lanes, aligned, bias.data(), index.data());
  const i64 scratch_size = l.kind == DIRECT ? conv_int8::scratch_size(p, dot) : conv_int8::depthwise_scratch_size(p, dot, lanes);
  std::vector<uint8_t> x(static_cast<size_t>(p.x_n), 7), y(static_cast<size_t>(p.y_n)), scratch(static_cast<size_t>(scratch_size));
  const std::vector<float> scale(static_cast<size_t>(l.k), 0.001f);
  const Buffers b = {x.data(), aligned, bias.data(), index.data(), scratch.data(), y.data(), scale.data()};
  // CPU time, so that a busy machine disturbs less.
  std::clock_t start = std::clock();
  for (auto _ : state) {
    if (l.kind == DIRECT) run_direct(dot, tile, p, b);
    else run_depthwise(p, b);
    benchmark::ClobberMemory();
  }
  double seconds = static_cast<double>(std::clock() - start) / CLOCKS_PER_SEC;
  double rate = 2e-9 * static_cast<double>(c * l.kh * l.kw * l.k * oh * ow) * static_cast<double>(state.iterations()) / seconds;
  state.counters["GOP/s"] = rate;
  state.counters["%peak"] = 100 * rate / dot_rate();
}

} // namespace

int main(int argc, char **argv) {
  for (const Layer &l : layers) {
    if (l.kind == TRANSPOSE) continue;
    benchmark::RegisterBenchmark(name_of(l).c_str(), run_layer, l, conv_int8::own_dot())->Unit(benchmark::kMicrosecond)->MinTime(0.02);
    if (l.kind != DIRECT || !conv_int8::has_pairs(DNNC_ISA)) continue;
    benchmark::RegisterBenchmark((name_of(l) + "/pairs").c_str(), run_layer, l, conv_int8::Dot::PAIRS)->Unit(benchmark::kMicrosecond)->MinTime(0.02);
    benchmark::RegisterBenchmark((name_of(l) + "/fours").c_str(), run_layer, l, conv_int8::Dot::FOURS)->Unit(benchmark::kMicrosecond)->MinTime(0.02);
  }
  benchmark::Initialize(&argc, argv);
  benchmark::RunSpecifiedBenchmarks();
  return 0;
}
