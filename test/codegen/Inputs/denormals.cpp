// Halves the smallest normal float, on one thread and on two, and then does it itself. A denormal of f16 is no denormal of f32.
#include "model.h"

#include <cfloat>
#include <cstdio>
#include <memory>
#include <thread>
#include <vector>

static void in_two_threads(void *, int64_t count, void (*part)(void *, int64_t, int64_t, int), void *work) {
  std::thread other(part, work, 0, count / 2, 1);
  part(work, count / 2, count, 0);
  other.join();
}

int main() {
  std::vector<float> x(1 << 20, FLT_MIN), y(1 << 20);
  const std::vector<uint16_t> h(7, 0x8010); // -2^-20
  std::vector<float> z(7);
  std::vector<unsigned char> memory(model::workspace_size(2) + model::workspace_alignment);
  void *workspace = memory.data();
  std::size_t room = memory.size();
  workspace = std::align(model::workspace_alignment, model::workspace_size(2), workspace, room);
  const float expected = FLUSHED ? 0 : FLT_MIN / 2;
  const dnnc_parallel_for two{in_two_threads, nullptr, 2};
  for (const dnnc_parallel_for *threads : {static_cast<const dnnc_parallel_for *>(nullptr), &two}) {
    if (model::run(x, h, y, z, workspace, room, threads) != DNNC_OK) return std::puts("run failed"), 1;
    for (float value : y)
      if (value != expected) return std::printf("%g instead of %g\n", value, expected), 1;
    for (float value : z)
      if (value != -0x1p-20f) return std::printf("%g instead of -2^-20\n", value), 1;
  }
  volatile float smallest = FLT_MIN, half = smallest / 2;
  return half > 0 ? 0 : (std::puts("the caller's mode is changed"), 1);
}
