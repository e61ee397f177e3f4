// The choice between conv::direct and conv::winograd: a model of the cycles that one core needs, from products, transforms, and bytes that
// come from beyond the second-level cache.
#include "passes/lower/Winograd.h"

#include "runtime/kernels/conv/winograd/pack.h"

#include "llvm/Support/Format.h"
#include "llvm/Support/MathExtras.h"

#include <cmath>
#include <random>

using namespace mlir;
using llvm::divideCeil;

namespace dnnc {
namespace {

// Measured on Zen 5; the choice is between times that mostly differ by far more than processors do.
constexpr double efficiency = 0.92;             // of the dense loops, of two vectors of products a cycle
constexpr double memoryBytes = 8;               // a cycle: weights that are used for the first time in a run, large activations
constexpr double cacheBytes = 16;               // a cycle: from the last-level cache
constexpr double nearBytes = 32;                // a cycle: from the second-level cache
constexpr double narrow = 0.8;                  // of that efficiency where a register tile is one vector wide: a load for each product
constexpr double borderOverhead = 200;          // cycles to gather the windows of a register tile that reach outside the image
constexpr double hidden = 0.3;                  // of the shorter of arithmetic and traffic is done behind the longer
constexpr double tileOverhead[] = {50, 15};     // cycles around the loop of a register tile, with an epilogue and without
constexpr int64_t sumsInFlight = 8;             // vectors of sums below which a register tile waits for its own results
constexpr double transformCycles[] = {80, 160}; // of a tile for one vector of channels, there or back: F(4, 3), F(6, 3)
constexpr int64_t largestScratch = 8 << 20;     // bytes for each thread
constexpr double leastGain = 0.9;     // of direct's time: below, the model may be wrong and the direct kernel has the smaller error
constexpr double largestError = 1e-5; // relative L2: networks stay within 5e-5

struct Model {
  const Target &target;
  const Conv3x3 &conv;
  const bool resident; ///< the network's weights stay in the second-level cache
  conv::Tile tile;

  Model(const Lowering &lowering, const Conv3x3 &conv)
      : target(lowering.target), conv(conv), resident(lowering.weightsStay),
        tile(conv::pick_tile(target.vectorFloats, target.vectorRegisters, conv.k)) {}

  double firstUse(double weightBytes) const { return weightBytes / (resident ? nearBytes : memoryBytes); }

  int64_t vectors(int64_t channels) const { return divideCeil(channels, target.vectorFloats); }
  /// Vectors of multiply-adds a cycle; generic code has none in one instruction.
  double rate() const { return (target.vectorFloats == 4 && target.vectorRegisters == 16 ? 1 : 2) * efficiency; }
  static double overlap(double arithmetic, double traffic) {
    return std::max(arithmetic, traffic) + (1 - hidden) * std::min(arithmetic, traffic);
  }

  int64_t scratchBytes(int out, int64_t block) const {
    return 4 * conv::winograd_scratch_size(out, block, conv.c, tile.vectors * target.vectorFloats, target.vectorFloats);
  }

  /// Cycles to read the input and write the output, where they do not stay in the second-level cache.
  double activations() const {
    const double bytes = 4.0 * static_cast<double>(conv.n * (conv.h * conv.w * conv.c + conv.oh * conv.ow * conv.k));
    return bytes > target.l2KiB * 1024.0 ? bytes / memoryBytes : 0;
  }

  double direct() const {
    const int64_t pixels = conv.n * conv.oh * conv.ow, tiles = divideCeil(pixels, tile.pixels) * divideCeil(vectors(conv.k), tile.vectors);
    const int64_t border = std::min(divideCeil(pixels, tile.pixels), conv.n * (2 * conv.oh + divideCeil(2 * conv.ow, tile.pixels)));
    const double rate = this->rate() * (tile.vectors == 1 ? narrow : 1);
    const double sums = static_cast<double>(pixels * 9 * conv.c * vectors(conv.k)) / rate + tileOverhead[0] * static_cast<double>(tiles) +
                        borderOverhead * static_cast<double>(border);
    const double weights = 4.0 * static_cast<double>(conv::packed_size(conv.k, conv.c, 3, 3, 1, target.vectorFloats));
    return overlap(sums, firstUse(weights) + activations());
  }

  double winograd(int out, int64_t block) const {
    const int64_t points = (out + 2) * (out + 2), tiles = divideCeil(conv.oh, out) * divideCeil(conv.ow, out);
    const int64_t blocks = divideCeil(tiles, block), panels = divideCeil(vectors(conv.k), tile.vectors), rest = tiles % tile.pixels;
    const int64_t rows = tiles - rest + (rest ? std::max<int64_t>(rest, divideCeil(sumsInFlight, tile.vectors)) : 0),
                  groups = divideCeil(tiles, tile.pixels);
    double sums = static_cast<double>(points * conv.c * vectors(conv.k) * rows) / rate() +
                  tileOverhead[1] * static_cast<double>(points * groups * panels);
    const double weights = 4.0 * static_cast<double>(conv::winograd_packed_size(out, conv.k, conv.c, target.vectorFloats));
    const double scratch = static_cast<double>(scratchBytes(out, block));
    const double input = 4.0 * static_cast<double>(points * std::min(block, tiles) * vectors(conv.c) * target.vectorFloats),
                 l2 = target.l2KiB * 1024.0;
    double traffic = firstUse(weights) + activations();
    if (weights + scratch > l2) traffic += weights * static_cast<double>(conv.n * blocks - 1) / cacheBytes;
    if (scratch > l2) traffic += input * static_cast<double>(conv.n * blocks * panels) / cacheBytes;
    const double transforms = transformCycles[out == 6] * static_cast<double>(conv.n * tiles * (vectors(conv.c) + vectors(conv.k)));
    return overlap(static_cast<double>(conv.n) * sums, traffic) + transforms;
  }

  /// The best block, in multiples of a register tile's rows, and its time.
  std::pair<int64_t, double> best(int out) const {
    const int64_t tiles = divideCeil(conv.oh, out) * divideCeil(conv.ow, out);
    std::pair<int64_t, double> best{0, INFINITY};
    for (int64_t rows = 1; rows <= 16; ++rows) {
      const int64_t block = rows * tile.pixels;
      if (rows > 1 && scratchBytes(out, block) > largestScratch) break;
      if (double time = winograd(out, block); time < best.second) best = {block, time};
      if (block >= tiles) break;
    }
    return best;
  }
};

template <int OUT> double errorOf(int64_t c, int64_t k, ArrayRef<float> weights) {
  constexpr int in = OUT + 2;
  typedef conv::WinogradMatrices<OUT> Matrices;
  const int64_t channels = std::min<int64_t>(k, 16);
  std::mt19937 random(1);
  std::vector<float> sums(channels * in * in);
  std::vector<double> expected(channels * OUT * OUT);
  for (int64_t i = 0; i < c; ++i) {
    float d[in][in], half[in][in], v[in][in];
    for (auto &row : d)
      for (float &x : row) x = static_cast<float>(random() >> 8) * 0x1p-23f - 1.0f;
    for (int r = 0; r < in; ++r)
      for (int q = 0; q < in; ++q) {
        float sum = 0;
        for (int s = 0; s < in; ++s) sum += Matrices::input[r][s] * d[s][q];
        half[r][q] = sum;
      }
    for (int r = 0; r < in; ++r)
      for (int q = 0; q < in; ++q) {
        float sum = 0;
        for (int s = 0; s < in; ++s) sum += half[r][s] * Matrices::input[q][s];
        v[r][q] = sum;
      }
    for (int64_t o = 0; o < channels; ++o) {
      const float *g = &weights[(o * c + i) * 9];
      float transformed[in * in];
      conv::winograd_filter<OUT>(g, transformed);
      for (int q = 0; q < in * in; ++q) sums[o * in * in + q] += v[q / in][q % in] * transformed[q];
      for (int r = 0; r < OUT; ++r)
        for (int q = 0; q < OUT; ++q)
          for (int t = 0; t < 9; ++t)
            expected[(o * OUT + r) * OUT + q] += static_cast<double>(d[r + t / 3][q + t % 3]) * static_cast<double>(g[t]);
    }
  }
  double wrong = 0, total = 0;
  for (int64_t o = 0; o < channels; ++o) {
    float half[OUT][in];
    for (int r = 0; r < OUT; ++r)
      for (int q = 0; q < in; ++q) {
        half[r][q] = 0;
        for (int s = 0; s < in; ++s) half[r][q] += Matrices::output[r][s] * sums[(o * in + s) * in + q];
      }
    for (int r = 0; r < OUT; ++r)
      for (int q = 0; q < OUT; ++q) {
        float y = 0;
        for (int s = 0; s < in; ++s) y += half[r][s] * Matrices::output[q][s];
        const double want = expected[(o * OUT + r) * OUT + q];
        wrong += (static_cast<double>(y) - want) * (static_cast<double>(y) - want);
        total += want * want;
      }
  }
  return total > 0 ? std::sqrt(wrong / total) : wrong > 0 ? INFINITY : 0;
}

std::string formName(int out) { return "F(" + std::to_string(out) + "x" + std::to_string(out) + ", 3x3)"; }

} // namespace

double winogradError(int out, int64_t c, int64_t k, ArrayRef<float> weights) {
  return out == 4 ? errorOf<4>(c, k, weights) : errorOf<6>(c, k, weights);
}

namespace {
double growthOf(int out) { return static_cast<double>((out + 2) * (out + 2)) / 9; }

/// Why the weights or the error of F(\p out, 3) would be too large, or "" and what the error is; both in words.
std::pair<bool, std::string> admits(const Lowering &lowering, const Conv3x3 &conv, ArrayRef<float> weights, int out) {
  std::string text;
  llvm::raw_string_ostream os(text);
  if (growthOf(out) > lowering.options.winogradWeights) {
    os << "but " << llvm::format("%.1f", growthOf(out)) << " times the weights, above --winograd-weights="
       << llvm::format("%g", lowering.options.winogradWeights);
    return {false, text};
  }
  const double error = winogradError(out, conv.c, conv.k, weights);
  os << "relative L2 error " << llvm::format("%.1e", error);
  if (!(error <= largestError)) os << ", above " << llvm::format("%.0e", largestError);
  return {error <= largestError, text};
}

/// What \p choice costs, for its remark.
std::string describe(const WinogradChoice &choice, const Conv3x3 &conv, const Target &target, const std::string &why) {
  const double bytes = 4.0 * static_cast<double>(conv::winograd_packed_size(choice.out, conv.k, conv.c, target.vectorFloats));
  std::string text = formName(choice.out) + " in blocks of " + std::to_string(choice.block) + " tiles: " + why + "; packed weights ";
  llvm::raw_string_ostream(text) << llvm::format("%.1f", growthOf(choice.out)) << " times as large, " << static_cast<int64_t>(bytes) << " bytes";
  return text;
}
} // namespace

WinogradChoice takeWinograd(const Lowering &lowering, const Conv3x3 &conv, ArrayRef<float> weights, int out, conv::Tile tile, int64_t block) {
  Model model(lowering, conv);
  model.tile = tile;
  auto [fits, why] = admits(lowering, conv, weights, out);
  const int64_t whole = llvm::alignTo(divideCeil(conv.oh, out) * divideCeil(conv.ow, out), tile.pixels);
  block = block ? std::min(block, whole) : model.best(out).first;
  if (fits && model.scratchBytes(out, block) > largestScratch)
    fits = false, why = "a block of " + std::to_string(block) + " tiles takes more than " + std::to_string(largestScratch >> 20) + " MB of scratch";
  WinogradChoice choice;
  choice.text = formName(out) + ": " + why;
  if (!fits) return choice;
  choice.out = out, choice.tile = tile, choice.block = block;
  choice.text = describe(choice, conv, lowering.target, why);
  return choice;
}

WinogradChoice chooseWinograd(const Lowering &lowering, const Conv3x3 &conv, ArrayRef<float> weights) {
  const Model model(lowering, conv);
  const double direct = model.direct();
  WinogradChoice choice;
  choice.tile = model.tile;
  std::string text;
  llvm::raw_string_ostream os(text);
  double fastest = direct;
  for (int out : {4, 6}) {
    auto [block, time] = model.best(out);
    os << (text.empty() ? "" : "; ") << formName(out) << " " << llvm::format("%.2f", time / direct) << " of direct's time by the model";
    if (time >= leastGain * direct || (choice.out && time >= 0.97 * fastest))
      continue; // the smaller form has the smaller weights and error
    auto [fits, why] = admits(lowering, conv, weights, out);
    os << ", " << why;
    if (fits) choice.out = out, choice.block = block, fastest = time;
  }
  choice.text = choice.out ? describe(choice, conv, lowering.target, text) : text;
  return choice;
}

} // namespace dnnc
