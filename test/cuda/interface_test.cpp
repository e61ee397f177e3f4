// The generated class on digits with --weights=file: error codes, the caller's memory, device pointers and graphs. run.py builds it.
#include "model.h"

#include <cuda_runtime.h>

#include <cstdio>
#include <cstring>
#include <fstream>
#include <iterator>
#include <vector>

namespace {
int failures = 0;

void expect(bool condition, const char *what) {
  if (condition) return;
  std::printf("failed: %s\n", what);
  ++failures;
}
#define EXPECT(condition) expect(condition, #condition)
} // namespace

int main(int, char **argv) {
  std::ifstream file(argv[1], std::ios::binary);
  std::vector<char> weights((std::istreambuf_iterator<char>(file)), std::istreambuf_iterator<char>());
  float image[64], own[10] = {}, lent[10] = {}, replayed[10] = {};
  for (int i = 0; i < 64; ++i) image[i] = static_cast<float>(i % 17) / 16;
  const void *inputs[] = {image};
  void *outputs[] = {own};

  model::Model first;
  EXPECT(first.run_host(inputs, outputs) == DNNC_NOT_INITIALIZED);
  EXPECT(first.replay() == DNNC_NOT_INITIALIZED);
  EXPECT(first.init(nullptr, weights.size()) == DNNC_NULL_POINTER);
  EXPECT(first.init(weights.data(), weights.size() - 1) == DNNC_BAD_WEIGHTS);
  weights[100] = static_cast<char>(weights[100] ^ 1);
  EXPECT(first.init(weights.data(), weights.size()) == DNNC_BAD_WEIGHTS);
  weights[100] = static_cast<char>(weights[100] ^ 1);
  EXPECT(first.init(weights.data(), weights.size()) == DNNC_OK);
  EXPECT(first.init(weights.data(), weights.size()) == DNNC_ALREADY_INITIALIZED);
  EXPECT(first.run_host(inputs, outputs) == DNNC_OK);
  EXPECT(first.run_host(nullptr, outputs) == DNNC_NULL_POINTER);

  // The same in memory of the caller, with tensors that are on the device.
  void *memory = nullptr, *x = nullptr, *y = nullptr;
  EXPECT(cudaMalloc(&memory, model::memory_size + 1) == cudaSuccess);
  EXPECT(cudaMalloc(&x, sizeof image) == cudaSuccess && cudaMalloc(&y, sizeof lent) == cudaSuccess);
  {
    model::Model second;
    EXPECT(second.init(weights.data(), weights.size(), memory, model::memory_size - 1) == DNNC_WORKSPACE_TOO_SMALL);
    EXPECT(second.init(weights.data(), weights.size(), static_cast<char *>(memory) + 1, model::memory_size) == DNNC_MISALIGNED);
    EXPECT(second.init(weights.data(), weights.size(), memory, model::memory_size) == DNNC_OK);
    EXPECT(cudaMemcpy(x, image, sizeof image, cudaMemcpyHostToDevice) == cudaSuccess);
    const void *device_inputs[] = {x};
    void *device_outputs[] = {y};
    EXPECT(second.run(device_inputs, device_outputs) == DNNC_OK);
    EXPECT(cudaMemcpy(lent, y, sizeof lent, cudaMemcpyDeviceToHost) == cudaSuccess);
    EXPECT(second.capture(device_inputs, device_outputs) == DNNC_OK);
    EXPECT(cudaMemcpy(y, replayed, sizeof replayed, cudaMemcpyHostToDevice) == cudaSuccess); // zeros
    EXPECT(second.replay() == DNNC_OK);
    EXPECT(cudaMemcpy(replayed, y, sizeof replayed, cudaMemcpyDeviceToHost) == cudaSuccess);
  }
  EXPECT(std::memcmp(own, lent, sizeof own) == 0);
  EXPECT(std::memcmp(own, replayed, sizeof own) == 0);
  float sum = 0;
  for (float p : own) sum += p;
  EXPECT(sum > 0.999f && sum < 1.001f);
  // Still the caller's: the model did not free it.
  EXPECT(cudaFree(memory) == cudaSuccess && cudaFree(x) == cudaSuccess && cudaFree(y) == cudaSuccess);
  return failures != 0;
}
