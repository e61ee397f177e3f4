// GFLOP/s of convolution, depthwise convolution, transposed convolution and matmul on the layers of well-known networks, and
// their share of the FMA rate measured beside them. One thread, weights and activations as warm as the caches keep them.
#include <benchmark/benchmark.h>

#include <algorithm>
#include <chrono>
#include <cstdlib>
#include <ctime>
#include <memory>
#include <string>
#include <type_traits>
#include <vector>

#include "api.h"
#include "prelude.h"

#include "layers.h"

#define DNNC_ISA DNNC_BENCH_ISA

namespace {
DNNC_TARGET_BEGIN
#include "kernels/conv/conv.h"
#include "kernels/conv/pack.h"
#include "kernels/conv/winograd/pack.h"
#include "kernels/conv_transpose/conv_transpose.h"
#include "kernels/matmul/matmul.h"
#include "kernels/matmul/pack.h"
#include "kernels/pointwise/epilogue.h"

struct BiasRelu {
  static DNNC_INLINE vf apply(vf acc, vf bias) { return clamp_min(acc + bias, zero()); }
};
typedef pw::Epilogue<BiasRelu, pw::Arg<float, 1>> Tail;
const int lanes = VL, registers = NUM_VREGS;

#if DNNC_ISA == DNNC_ISA_GENERIC
#define DNNC_FOR_TILE(rows, vectors, call) call(4, 2)
#elif DNNC_ISA == DNNC_ISA_AVX2
#define DNNC_FOR_TILE(rows, vectors, call)                                                                                                 \
  if (vectors == 3) call(4, 3) else if (vectors == 2) call(6, 2) else call(10, 1)
#else
#define DNNC_FOR_TILE(rows, vectors, call)                                                                                                 \
  if (vectors == 4) call(6, 4) else if (vectors == 3) call(8, 3) else if (vectors == 2) call(8, 2) else call(10, 1)
#endif

template <class W> void run_direct(conv::Tile tile, const conv::ConvParams &p, const float *x, const W *w, float *y, const float *bias) {
  Tail tail = {{bias, 0, 0}};
  (void)tile;
#define DNNC_CALL(M, N)                                                                                                                    \
  { conv::direct<M, N>(p, x, w, y, tail, Par{nullptr}); }
  DNNC_FOR_TILE(tile.pixels, tile.vectors, DNNC_CALL)
#undef DNNC_CALL
}
// As a matrix product of its pixels, or from padded copies.
void run_rows(conv::Tile tile, const conv::ConvParams &p, const float *x, const float *w, float *y, float *scratch, const float *bias) {
  Tail tail = {{bias, 0, 0}};
  (void)tile;
#define DNNC_CALL(M, N)                                                                                                                    \
  {                                                                                                                                        \
    if (conv::pointwise_takes(p)) return conv::pointwise<M, N>(p, x, w, y, tail, Par{nullptr});                                            \
    conv::padded<M, N>(p, x, w, y, scratch, tail, Par{nullptr});                                                                           \
  }
  DNNC_FOR_TILE(tile.pixels, tile.vectors, DNNC_CALL)
#undef DNNC_CALL
}
void run_winograd(int out, conv::Tile tile, const conv::WinogradParams &p, const float *x, const float *w, float *y, float *scratch,
                  const float *bias) {
  Tail tail = {{bias, 0, 0}};
  (void)tile;
#define DNNC_CALL(M, N)                                                                                                                    \
  {                                                                                                                                        \
    if (out == 4) return conv::winograd<4, M, N>(p, x, w, y, scratch, tail, Par{nullptr});                                                 \
    conv::winograd<6, M, N>(p, x, w, y, scratch, tail, Par{nullptr});                                                                      \
  }
  DNNC_FOR_TILE(tile.pixels, tile.vectors, DNNC_CALL)
#undef DNNC_CALL
}
void run_planar(conv::PlanarTile tile, const conv::PlanarParams &p, const float *x, const float *w, float *y, float *scratch, const float *bias) {
  Tail tail = {{bias, 0, 0}};
  (void)tile, (void)p, (void)x, (void)w, (void)y, (void)scratch, (void)tail;
#if DNNC_ISA == DNNC_ISA_AVX2
  conv::planar<8, 1>(p, x, w, y, scratch, tail, Par{nullptr});
#elif DNNC_ISA != DNNC_ISA_GENERIC
  if (tile.channels == 16) return conv::planar<16, 1>(p, x, w, y, scratch, tail, Par{nullptr});
  if (tile.vectors == 3) return conv::planar<8, 3>(p, x, w, y, scratch, tail, Par{nullptr});
  conv::planar<8, 2>(p, x, w, y, scratch, tail, Par{nullptr});
#endif
}
template <class W> void run_transpose(conv::Tile tile, const conv::ConvParams &p, const float *x, const W *w, float *y, const float *bias) {
  Tail tail = {{bias, 0, 0}};
  (void)tile;
#define DNNC_CALL(M, N)                                                                                                                    \
  { conv_transpose::direct<M, N>(p, x, w, y, tail, Par{nullptr}); }
  DNNC_FOR_TILE(tile.pixels, tile.vectors, DNNC_CALL)
#undef DNNC_CALL
}
template <class W> void run_depthwise(const conv::ConvParams &p, const float *x, const W *w, float *y, const float *bias) {
  Tail tail = {{bias, 0, 0}};
  Par par = {nullptr};
  conv::DepthwiseVariant v = conv::pick_depthwise(p);
  if (v.size == 3 && v.stride == 1) return conv::depthwise<3, 1>(p, x, w, y, tail, par);
  if (v.size == 3) return conv::depthwise<3, 2>(p, x, w, y, tail, par);
  if (v.size == 5 && v.stride == 1) return conv::depthwise<5, 1>(p, x, w, y, tail, par);
  if (v.size == 5) return conv::depthwise<5, 2>(p, x, w, y, tail, par);
  conv::depthwise<0, 0>(p, x, w, y, tail, par);
}
template <class W> void run_matmul(matmul::Tile tile, const matmul::MatmulParams &p, const float *a, const W *b, float *y, const float *bias) {
  Tail tail = {{bias, 0, 0}};
  (void)tile;
#define DNNC_CALL(M, N)                                                                                                                    \
  {                                                                                                                                        \
    matmul::packed<M, N>(p, a, b, y, tail, Par{nullptr});                                                                                  \
  }
  DNNC_FOR_TILE(tile.rows, tile.vectors, DNNC_CALL)
#undef DNNC_CALL
}
void run_dynamic(matmul::Tile tile, const matmul::MatmulParams &p, const float *a, const float *b, float *y, float *scratch,
                 const float *bias) {
  Tail tail = {{bias, 0, 0}};
  (void)tile;
#define DNNC_CALL(M, N)                                                                                                                    \
  { matmul::dynamic<M, N>(p, a, b, y, scratch, tail, Par{nullptr}); }
  DNNC_FOR_TILE(tile.rows, tile.vectors, DNNC_CALL)
#undef DNNC_CALL
}
void narrow(float x, float &y) { y = x; }
void narrow(float x, f16 &y) { y = to_f16(x); }
void narrow(float x, bf16 &y) { y = to_bf16(x); }

// The ceiling: independent chains of multiply-adds in registers. They start at different values, or the compiler keeps one.
void fma_chains(i64 steps, float *out) {
  vf a = splat(0.999f), b = splat(1e-3f);
  vf s0 = a, s1 = s0 + b, s2 = s1 + b, s3 = s2 + b, s4 = s3 + b, s5 = s4 + b, s6 = s5 + b, s7 = s6 + b, s8 = s7 + b, s9 = s8 + b;
  for (i64 i = 0; i < steps; ++i) {
#define DNNC_STEP(s) s = fma(s, a, b);
    DNNC_STEP(s0)
    DNNC_STEP(s1) DNNC_STEP(s2) DNNC_STEP(s3) DNNC_STEP(s4) DNNC_STEP(s5) DNNC_STEP(s6) DNNC_STEP(s7) DNNC_STEP(s8) DNNC_STEP(s9)
#undef DNNC_STEP
  }
  store(out, s0 + s1 + s2 + s3 + s4 + s5 + s6 + s7 + s8 + s9, Full{});
}
DNNC_TARGET_END

// GFLOP/s, measured again beside every benchmark: the clock moves.
double fma_rate() {
  const i64 steps = 100000;
  float out[64];
  double best = 0;
  for (int round = 0; round < 5; ++round) {
    auto start = std::chrono::steady_clock::now();
    fma_chains(steps, out);
    benchmark::DoNotOptimize(out);
    std::chrono::duration<double> seconds = std::chrono::steady_clock::now() - start;
    best = std::max(best, 2.0 * 10 * lanes * steps / seconds.count() * 1e-9);
  }
  return best;
}

struct Free {
  void operator()(float *p) const { std::free(p); }
};
std::unique_ptr<float, Free> floats(i64 n) {
  float *p = static_cast<float *>(std::aligned_alloc(64, (n * 4 + 127) / 64 * 64));
  for (i64 i = 0; i < n; ++i) p[i] = static_cast<float>(i % 17) * 0.01f - 0.08f;
  return std::unique_ptr<float, Free>(p);
}

// Packed weights of any type.
template <class W> struct Weights {
  std::vector<W> values;
  explicit Weights(i64 n) : values(n) {
    for (i64 i = 0; i < n; ++i) narrow(static_cast<float>(i % 17) * 0.01f - 0.08f, values[i]);
  }
  const W *get() const { return values.data(); }
};

// CPU time, so that a busy machine disturbs less.
template <class F> void measure(benchmark::State &state, double flops, const F &f) {
  std::clock_t start = std::clock();
  for (auto _ : state) {
    f();
    benchmark::ClobberMemory();
  }
  double seconds = static_cast<double>(std::clock() - start) / CLOCKS_PER_SEC;
  double rate = flops * 1e-9 * static_cast<double>(state.iterations()) / seconds;
  state.counters["GFLOP/s"] = rate;
  state.counters["%peak"] = 100 * rate / fma_rate();
}

conv::ConvParams params_of(const Layer &l) {
  const bool up = l.kind == TRANSPOSE;
  const i64 oh = up ? l.h * l.stride : (l.h + 2 * l.pad - l.kh) / l.stride + 1;
  const i64 ow = up ? l.w * l.stride : (l.w + 2 * l.pad - l.kw) / l.stride + 1;
  return {1,         l.h, l.w,           l.c,      oh, ow, l.k, l.kh, l.kw, l.stride, l.stride, 1, 1, l.pad, l.pad, l.kind == DEPTHWISE ? l.c : 1, l.h * l.w * l.c,
          l.w * l.c, l.c, oh * ow * l.k, ow * l.k, l.k};
}

template <class W> void run_layer(benchmark::State &state, const Layer &l) {
  const bool up = l.kind == TRANSPOSE;
  const conv::ConvParams p = params_of(l);
  const i64 oh = p.oh, ow = p.ow, depth = l.c / p.groups * l.kh * l.kw;
  const i64 weights =
      l.kind == DEPTHWISE ? conv::depthwise_packed_size(l.c, l.kh, l.kw, lanes) : conv::packed_size(l.k, l.c, l.kh, l.kw, 1, lanes);
  auto x = floats(p.x_n), y = floats(p.y_n), bias = floats(l.k);
  const Weights<W> w(weights);
  const double flops = 2.0 * depth * l.k * (up ? l.h * l.w : oh * ow);
  const conv::Tile tile = conv::pick_tile(lanes, registers, l.k);
  measure(state, flops, [&] {
    if (l.kind == DIRECT) run_direct(tile, p, x.get(), w.get(), y.get(), bias.get());
    if (l.kind == DEPTHWISE) run_depthwise(p, x.get(), w.get(), y.get(), bias.get());
    if (l.kind == TRANSPOSE) run_transpose(tile, p, x.get(), w.get(), y.get(), bias.get());
  });
}

// A layer with a 3x3 kernel and stride 1 in another way: F(out, 3) in blocks of `groups` register tiles. GFLOP/s as if it were direct.
void run_winograd_layer(benchmark::State &state, const Layer &l, int out, int groups) {
  const conv::Tile tile = conv::pick_tile(lanes, registers, l.k);
  const conv::WinogradParams p = {1,     l.h,   l.w,             l.c,       l.h, l.w,             l.k,
                                  l.pad, l.pad, l.h * l.w * l.c, l.w * l.c, l.c, l.h * l.w * l.k, l.w * l.k,
                                  l.k,   groups * tile.pixels};
  auto x = floats(p.x_n), y = floats(p.y_n), bias = floats(l.k), w = floats(conv::winograd_packed_size(out, l.k, l.c, lanes));
  auto scratch = floats(conv::winograd_scratch_size(out, p.block, l.c, tile.vectors * lanes, lanes));
  measure(state, 2.0 * 9 * l.c * l.k * l.h * l.w, [&] { run_winograd(out, tile, p, x.get(), w.get(), y.get(), scratch.get(), bias.get()); });
}

void run_rows_layer(benchmark::State &state, const Layer &l) {
  const conv::Tile tile = conv::pick_tile(lanes, registers, l.k);
  const conv::ConvParams p = params_of(l);
  auto x = floats(p.x_n), y = floats(p.y_n), bias = floats(l.k), w = floats(conv::packed_size(l.k, l.c, l.kh, l.kw, 1, lanes));
  auto scratch = floats(conv::padded_scratch_size(p));
  measure(state, 2.0 * l.kh * l.kw * l.c * l.k * static_cast<double>(p.oh * p.ow),
          [&] { run_rows(tile, p, x.get(), w.get(), y.get(), scratch.get(), bias.get()); });
}

// How conv::planar takes a layer, and in which tile; no channels where it does not.
conv::PlanarTile planar_of(const Layer &l, conv::PlanarParams &p) {
  const i64 oh = (l.h + 2 * l.pad - l.kh) / l.stride + 1, ow = (l.w + 2 * l.pad - l.kw) / l.stride + 1;
  p = {1,     l.h,   l.w,             l.c,       oh,  ow,            l.k,      l.kh, l.kw,                 l.stride, l.stride, 1, 1,
       l.pad, l.pad, l.h * l.w * l.c, l.h * l.w, l.w, oh * ow * l.k, ow * l.k, l.k,  conv::planar_block(oh)};
  return conv::pick_planar(p, lanes);
}

// A first layer from planes.
void run_planar_layer(benchmark::State &state, const Layer &l) {
  conv::PlanarParams p;
  const conv::PlanarTile tile = planar_of(l, p);
  auto x = floats(p.x_n), y = floats(p.y_n), bias = floats(l.k), w = floats(conv::packed_size(l.k, l.c, l.kh, l.kw, 1, tile.channels));
  auto scratch = floats(conv::planar_scratch_size(p, tile.vectors * lanes));
  measure(state, 2.0 * l.kh * l.kw * l.c * l.k * static_cast<double>(p.oh * p.ow),
          [&] { run_planar(tile, p, x.get(), w.get(), y.get(), scratch.get(), bias.get()); });
}

struct Product {
  const char *network;
  bool dynamic, b_transposed;
  i64 batch, m, n, k;
};
const Product products[] = {
    {"vit_b_16_qkv", false, false, 1, 197, 2304, 768},
    {"vit_b_16_mlp", false, false, 1, 197, 3072, 768},
    {"vit_b_16_mlp", false, false, 1, 197, 768, 3072},
    {"vit_b_16_scores", true, true, 12, 197, 197, 64},
    {"vit_b_16_values", true, false, 12, 197, 64, 197},
    {"square", false, false, 1, 512, 512, 512},
    {"resnet50_fc", false, false, 1, 1, 1000, 2048},
    {"vgg16_fc1", false, false, 1, 1, 4096, 25088},
    {"tiny_ad", false, false, 1, 1, 128, 640},
    {"tiny_ad", false, false, 1, 1, 128, 128},
    {"lstm", true, false, 1, 1, 512, 128},
};

template <class W> void run_product(benchmark::State &state, const Product &q) {
  const i64 n = q.n, k = q.k, m = q.m;
  matmul::MatmulParams p = {m,
                            n,
                            k,
                            {1, 1, 1, q.batch},
                            {0, 0, 0, m * k},
                            {0, 0, 0, n * k},
                            {0, 0, 0, m * n},
                            k,
                            1,
                            q.b_transposed ? 1 : n,
                            q.b_transposed ? k : 1,
                            n};
  const matmul::Tile tile = matmul::pick_tile(lanes, registers, n);
  if (!q.dynamic) p.b_b[3] = matmul::packed_size(k, n, lanes);
  auto a = floats(q.batch * m * k), y = floats(q.batch * m * n), bias = floats(n), scratch = floats(matmul::scratch_size(p, tile.vectors * lanes));
  const Weights<W> b(q.batch * matmul::packed_size(k, n, lanes));
  measure(state, 2.0 * q.batch * m * n * k, [&] {
    if constexpr (std::is_same_v<W, float>) {
      if (q.dynamic) return run_dynamic(tile, p, a.get(), b.get(), y.get(), scratch.get(), bias.get());
    }
    run_matmul(tile, p, a.get(), b.get(), y.get(), bias.get());
  });
}

} // namespace

int main(int argc, char **argv) {
  auto add = [](const std::string &name, auto run, const auto &...what) {
    benchmark::RegisterBenchmark(name.c_str(), run, what...)->Unit(benchmark::kMicrosecond)->MinTime(0.05);
  };
  for (const Layer &l : layers) {
    const std::string name = name_of(l);
    add(name, run_layer<float>, l);
    if (l.kind == DIRECT && l.kh == 3 && l.kw == 3 && l.stride == 1 && l.pad == 1) {
      for (int out : {4, 6})
        for (int groups : {1, 2, 4, 8}) add(name + "/f" + std::to_string(out) + "/" + std::to_string(groups), run_winograd_layer, l, out, groups);
    }
    if (l.kind == DIRECT && conv::pointwise_takes(params_of(l))) add(name + "/pointwise", run_rows_layer, l);
    if (l.kind == DIRECT && l.pad) add(name + "/padded", run_rows_layer, l);
    conv::PlanarParams planes;
    if (l.kind == DIRECT && planar_of(l, planes).channels) add(name + "/planar", run_planar_layer, l);
    if (std::string(l.network) != "resnet") continue; // some with weights of 16 bits
    add(name + "/f16", run_layer<f16>, l);
    add(name + "/bf16", run_layer<bf16>, l);
  }
  for (const Product &q : products) {
    std::string name = std::string(q.network) + (q.dynamic ? "/dynamic/" : "/packed/") + std::to_string(q.batch) + "x" +
                       std::to_string(q.m) + "x" + std::to_string(q.n) + "x" + std::to_string(q.k);
    add(name, run_product<float>, q);
    if (q.dynamic) continue;
    add(name + "/f16", run_product<f16>, q);
    add(name + "/bf16", run_product<bf16>, q);
  }
  benchmark::Initialize(&argc, argv);
  benchmark::RunSpecifiedBenchmarks();
  return 0;
}
