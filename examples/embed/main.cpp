// Links two models and runs each from two threads at once: every thread must get the same bits, and the two models, compiled
// for different batch sizes and processors, the same answers.
#include "digits_eight.h"
#include "digits_file.h"
#include "digits_one.h"

#include <cmath>
#include <memory>
#include <new>
#include <thread>

// Memory for one thread's run; the model itself holds nothing that changes.
template <std::size_t Bytes, std::size_t Alignment> struct Workspace {
  alignas(Alignment) unsigned char bytes[Bytes];
};

using Results = std::vector<float>; // ten probabilities for each image

static void runOne(const std::vector<float> &images, Results &results) {
  auto workspace = std::make_unique<Workspace<digits_one::workspace_size(), digits_one::workspace_alignment>>();
  for (std::size_t i = 0; i < images.size() / 64; ++i)
    if (digits_one::run({&images[i * 64], 64}, {&results[i * 10], 10}, workspace->bytes, sizeof workspace->bytes) != DNNC_OK) std::abort();
}

static void runEight(const std::vector<float> &images, Results &results) {
  auto workspace = std::make_unique<Workspace<digits_eight::workspace_size(), digits_eight::workspace_alignment>>();
  for (std::size_t i = 0; i < images.size() / 64; i += 8)
    if (digits_eight::run({&images[i * 64], 512}, {&results[i * 10], 80}, workspace->bytes, sizeof workspace->bytes) != DNNC_OK) std::abort();
}

int main(int argc, char **argv) {
  const std::vector<Digit> digits = readDigits(argc > 1 ? argv[1] : "digits.bin");
  if (digits.empty() || digits.size() % 8) return 2;
  if (!digits_one::supported() || !digits_eight::supported()) {
    std::printf("skipped: this processor lacks instructions that one of the models was compiled for\n");
    return 77;
  }
  std::vector<float> images;
  for (const Digit &digit : digits) images.insert(images.end(), digit.pixels.begin(), digit.pixels.end());

  Results results[4];
  std::vector<std::thread> threads;
  for (int t = 0; t < 4; ++t) {
    results[t].resize(digits.size() * 10);
    threads.emplace_back([&, t] { t % 2 ? runEight(images, results[t]) : runOne(images, results[t]); });
  }
  for (std::thread &thread : threads) thread.join();

  // The models sum the same products in different orders. A sum of up to 360 is off by about sqrt(360) 2^-24 = 1e-6 of its size on
  // either side, in each of 8 layers; logits are about 10, and a probability moves by a quarter of what its logit does: 4e-5.
  float difference = 0;
  for (std::size_t i = 0; i < results[0].size(); ++i) difference = std::fmax(difference, std::fabs(results[0][i] - results[1][i]));
  const bool same = results[0] == results[2] && results[1] == results[3], agree = difference <= 4e-5f;
  std::printf("two threads per model: %s bits; the two models differ by %.1e at most\n", same ? "the same" : "DIFFERENT", difference);
  return same && agree ? 0 : 1;
}
