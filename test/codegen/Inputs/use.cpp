#include "blob.h"
#include "small.h"

#include <array>
#include <cstdio>
#include <fstream>
#include <vector>

extern "C" int run_from_c(float *top);

static int bad = 0;
static void expect(bool good, const char *what) {
  if (!good) std::printf("wrong: %s\n", what), ++bad;
}

static_assert(small::workspace_size() == 256 && small::workspace_size(4) == 448 && small::workspace_size(0) == 256, "");
static_assert(small::inputs[0].elements == 40 && small::outputs[1].dims[0] == 20, "");

alignas(64) static unsigned char workspace[small::workspace_size(2)];

int main(int, char **argv) {
  std::vector<float> x(40, 1.0f);
  std::array<int64_t, 40> count;
  float top[20], other[20];
  const std::vector<float> &constant = x;
#ifdef LACKS
  expect(!small::supported(), "supported()");
  expect(small::run(x, count, top, workspace, sizeof workspace) == DNNC_UNSUPPORTED_CPU, "run on a processor that lacks something");
  return bad;
#endif
  expect(small::run(constant, count, top, workspace, sizeof workspace) == DNNC_OK, "vector, array, C array");
  expect(top[3] == 12.25f && count[3] == 4, "values");
  expect(run_from_c(other) == DNNC_OK && other[3] == 12.25f && other[19] == top[19], "from C");
  expect(small::run({x.data(), 40}, {count.data(), 40}, {top, 20}, workspace, small::workspace_size()) == DNNC_OK, "pointers and sizes");

  expect(small::run({x.data(), 39}, count, top, workspace, sizeof workspace) == DNNC_WRONG_SIZE, "an input too small");
  expect(small::run(x, count, {top, 19}, workspace, sizeof workspace) == DNNC_WRONG_SIZE, "an output too small");
  expect(small::run(x, count, top, workspace, 255) == DNNC_WORKSPACE_TOO_SMALL, "workspace too small");
  expect(small::run(x, count, top, workspace + 32, 256) == DNNC_MISALIGNED, "workspace misaligned");
  expect(small::run({nullptr, 40}, count, top, workspace, 256) == DNNC_NULL_POINTER, "null input");
  expect(small::run(x, count, top, nullptr, 256) == DNNC_NULL_POINTER, "null workspace");
  const auto *odd = reinterpret_cast<const float *>(reinterpret_cast<const char *>(x.data()) + 2);
  expect(small::run({odd, 40}, count, top, workspace, 256) == DNNC_MISALIGNED, "input misaligned");
  dnnc_parallel_for threads{[](void *, int64_t n, dnnc_task task, void *arg) {
                              for (int64_t i = n; i > 0; --i) task(arg, i - 1, i, static_cast<int>(i % 3));
                            },
                            nullptr, 3};
  expect(small::run(x, count, top, workspace, sizeof workspace, &threads) == DNNC_WORKSPACE_TOO_SMALL, "workspace too small for three threads");
  threads.max_threads = 2;
  expect(small::run(x, count, other, workspace, sizeof workspace, &threads) == DNNC_OK && other[7] == top[7], "parallel");
  threads.run = nullptr;
  expect(small::run(x, count, other, workspace, sizeof workspace, &threads) == DNNC_NULL_POINTER, "no function to run in parallel");

  const std::string folder(argv[0], std::string(argv[0]).rfind('/') + 1);
  std::ifstream file(folder + "blob.weights.bin", std::ios::binary);
  alignas(64) static char weights[blob::weights_size + 64];
  file.read(weights, sizeof weights);
  expect(file.gcount() == static_cast<std::streamsize>(blob::weights_size), "size of the blob");
  expect(blob::check_weights(weights, blob::weights_size) == DNNC_OK, "check_weights");
  expect(blob::run(x, count, other, weights, blob::weights_size, workspace, sizeof workspace) == DNNC_OK && other[3] == 12.25f, "run with a blob");
  expect(blob::run(x, count, other, weights, blob::weights_size - 1, workspace, sizeof workspace) == DNNC_BAD_WEIGHTS, "a blob too small");
  expect(blob::run(x, count, other, nullptr, blob::weights_size, workspace, sizeof workspace) == DNNC_NULL_POINTER, "no blob");
  expect(blob::run(x, count, other, weights + 4, blob::weights_size, workspace, sizeof workspace) == DNNC_MISALIGNED, "a blob misaligned");
  weights[3] ^= 4;
  expect(blob::check_weights(weights, blob::weights_size) == DNNC_BAD_WEIGHTS, "damaged weights");
  return bad;
}
