// The CUDA runtime on the host, enough of it for emitted programs: nothing but a C++17 compiler and ucontext is needed. A source that
// includes <cuda_runtime.h> and launches kernels by launch_on_host compiles with
//
//   g++ -std=c++17 -x c++ -I test/cuda model.cu
//
// The threads of a block are fibers that take turns at __syncthreads and at warp shuffles, blocks run one after another. Shared memory is
// static and filled with NaNs before each block. A barrier that some threads of a block never reach ends the program with a message.
#pragma once

#include <math.h>
#include <setjmp.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <ucontext.h>

#include <functional>
#include <memory>
#include <vector>

#define __host__
#define __device__
#define __global__
#define __shared__ static
#define __grid_constant__
#define __launch_bounds__(...)
#define __forceinline__ inline __attribute__((always_inline))

struct dim3 {
  unsigned x, y, z;
  dim3(unsigned a = 1, unsigned b = 1, unsigned c = 1) : x(a), y(b), z(c) {}
};
struct uint3 {
  unsigned x, y, z;
};
struct float2 {
  float x, y;
};
struct float4 {
  float x, y, z, w;
};
struct uint2 {
  unsigned x, y;
};
struct uint4 {
  unsigned x, y, z, w;
};

namespace emulation {

enum { STACK = 256 * 1024, MAX_THREADS = 1024 };

// One thread of a block: a stack that is used again by later blocks.
struct Fiber {
  ucontext_t start;
  jmp_buf here;
  std::unique_ptr<char[]> stack;
  bool running = false, done = false;
  int waits = 0;      // 0: can go on; 1: for its block; 2: for its warp
  uint64_t value = 0; // what it shows to its warp
  const void *pointer = nullptr;
};

struct Machine {
  std::vector<Fiber> fibers{MAX_THREADS};
  jmp_buf scheduler;
  ucontext_t home;
  int current = 0, threads = 0;
  std::function<void()> body;
  uint3 thread{}, block{};
  dim3 block_dim, grid_dim;
};
inline Machine &machine() {
  static Machine m;
  return m;
}

inline void fail(const char *text) {
  fprintf(stderr, "emulation: %s\n", text);
  abort();
}

// To the scheduler, and back when the wait is over.
inline void wait(int what) {
  Machine &m = machine();
  Fiber &self = m.fibers[static_cast<size_t>(m.current)];
  self.waits = what;
  if (!_setjmp(self.here)) _longjmp(m.scheduler, 1);
}

inline void enter() {
  Machine &m = machine();
  for (;;) { // a stack serves one block after another
    m.body();
    Fiber &self = m.fibers[static_cast<size_t>(m.current)];
    self.done = true;
    if (!_setjmp(self.here)) _longjmp(m.scheduler, 1);
  }
}

inline void resume(int i) {
  Machine &m = machine();
  Fiber &f = m.fibers[static_cast<size_t>(i)];
  m.current = i;
  m.thread = {static_cast<unsigned>(i), 0, 0};
  if (_setjmp(m.scheduler)) return;
  if (f.running) _longjmp(f.here, 1);
  f.running = true;
  f.stack.reset(new char[STACK]);
  getcontext(&f.start);
  f.start.uc_stack.ss_sp = f.stack.get();
  f.start.uc_stack.ss_size = STACK;
  f.start.uc_link = nullptr;
  makecontext(&f.start, enter, 0);
  setcontext(&f.start);
}

inline void run_block() {
  Machine &m = machine();
  for (int i = 0; i < m.threads; ++i) {
    Fiber &f = m.fibers[static_cast<size_t>(i)];
    f.done = false, f.waits = 0;
  }
  for (int left = m.threads; left > 0;) {
    bool moved = false;
    for (int i = 0; i < m.threads; ++i) {
      Fiber &f = m.fibers[static_cast<size_t>(i)];
      if (f.done || f.waits) continue;
      resume(i);
      moved = true;
      left -= f.done;
    }
    // Warps whose threads have all arrived go on, then blocks.
    bool freed = false, block_waits = true;
    for (int w = 0; w < m.threads; w += 32) {
      bool all = true;
      for (int i = w; i < m.threads && i < w + 32; ++i) all = all && m.fibers[static_cast<size_t>(i)].waits == 2;
      if (all)
        for (int i = w; i < m.threads && i < w + 32; ++i) m.fibers[static_cast<size_t>(i)].waits = 0;
      freed = freed || all;
    }
    for (int i = 0; i < m.threads; ++i)
      block_waits = block_waits && m.fibers[static_cast<size_t>(i)].waits == 1 && !m.fibers[static_cast<size_t>(i)].done;
    if (block_waits)
      for (int i = 0; i < m.threads; ++i) m.fibers[static_cast<size_t>(i)].waits = 0;
    if (left > 0 && !moved && !freed && !block_waits) fail("some threads of a block wait at a barrier that others never reach");
  }
}

// Every thread of a warp shows a value; read(lane) gives another's.
template <class T> T exchange(T value, int lane) {
  static_assert(sizeof(T) <= 8, "");
  Machine &m = machine();
  const int self = m.current, first = self / 32 * 32;
  memcpy(&m.fibers[static_cast<size_t>(self)].value, &value, sizeof(T));
  wait(2);
  T result = value;
  if (lane >= 0 && lane < 32 && first + lane < m.threads) memcpy(&result, &m.fibers[static_cast<size_t>(first + lane)].value, sizeof(T));
  wait(2);
  return result;
}

// Shared with the whole warp: what each thread points at, valid until the next barrier of the warp.
inline const void *pointer_of(int lane) { return machine().fibers[static_cast<size_t>(machine().current / 32 * 32 + lane)].pointer; }
inline void show(const void *pointer) {
  machine().fibers[static_cast<size_t>(machine().current)].pointer = pointer;
  wait(2);
}
inline void done_looking() { wait(2); }

} // namespace emulation

#define threadIdx (emulation::machine().thread)
#define blockIdx (emulation::machine().block)
#define blockDim (emulation::machine().block_dim)
#define gridDim (emulation::machine().grid_dim)

inline void __syncthreads() { emulation::wait(1); }
inline void __syncwarp(unsigned = ~0u) { emulation::wait(2); }
template <class T> T __shfl_sync(unsigned, T v, int lane) { return emulation::exchange(v, lane); }
template <class T> T __shfl_xor_sync(unsigned, T v, int mask) { return emulation::exchange(v, static_cast<int>(threadIdx.x % 32) ^ mask); }
template <class T> T __shfl_down_sync(unsigned, T v, int d) { return emulation::exchange(v, static_cast<int>(threadIdx.x % 32) + d); }

namespace emulation {
inline float half_value(uint32_t pair, int part) {
  const uint32_t h = part ? pair >> 16 : pair & 0xffff, exponent = h >> 10 & 31, mantissa = h & 1023;
  const float sign = h & 0x8000 ? -1.0f : 1.0f;
  if (exponent == 31) return mantissa ? NAN : sign * INFINITY;
  return sign * ldexpf(static_cast<float>(exponent ? mantissa + 1024 : mantissa), exponent ? static_cast<int>(exponent) - 25 : -24);
}
struct Fragments {
  const uint32_t *a, *b;
};
} // namespace emulation

// mma.sync.m16n8k16 by its definition; where the PTX manual says each element is held. Sums are taken in double and rounded once.
inline void mma_on_host(float (&d)[4], const uint32_t (&a)[4], const uint32_t (&b)[2]) {
  const emulation::Fragments mine = {a, b};
  emulation::show(&mine);
  const int thread = static_cast<int>(threadIdx.x % 32);
  for (int v = 0; v < 4; ++v) {
    const int row = thread / 4 + v / 2 * 8, column = thread % 4 * 2 + v % 2;
    double sum = static_cast<double>(d[v]);
    for (int k = 0; k < 16; ++k) {
      const auto *left = static_cast<const emulation::Fragments *>(emulation::pointer_of(row % 8 * 4 + k % 8 / 2));
      const auto *right = static_cast<const emulation::Fragments *>(emulation::pointer_of(column * 4 + k % 8 / 2));
      sum += static_cast<double>(emulation::half_value(left->a[row / 8 + k / 8 * 2], k % 2)) *
             static_cast<double>(emulation::half_value(right->b[k / 8], k % 2));
    }
    d[v] = static_cast<float>(sum);
  }
  emulation::done_looking();
}

typedef struct CUstream_st *cudaStream_t;
typedef struct CUgraph_st *cudaGraph_t;
typedef struct CUgraphExec_st *cudaGraphExec_t;
enum cudaError_t { cudaSuccess = 0, cudaErrorInvalidValue = 1, cudaErrorMemoryAllocation = 2, cudaErrorInvalidConfiguration = 9 };
enum cudaMemcpyKind { cudaMemcpyHostToDevice = 1, cudaMemcpyDeviceToHost = 2, cudaMemcpyDeviceToDevice = 3 };
enum cudaDeviceAttr { cudaDevAttrComputeCapabilityMajor = 75, cudaDevAttrComputeCapabilityMinor = 76 };
enum { cudaStreamNonBlocking = 1, cudaStreamCaptureModeThreadLocal = 1 };

// Streams do nothing but note what is enqueued while they are captured.
struct CUgraph_st {
  std::vector<std::function<void()>> steps;
};
struct CUgraphExec_st {
  CUgraph_st graph;
};
struct CUstream_st {
  CUgraph_st *captured = nullptr;
};

namespace emulation {
inline cudaError_t &last_error() {
  static cudaError_t error = cudaSuccess;
  return error;
}
inline void enqueue(cudaStream_t stream, std::function<void()> step) {
  if (stream && stream->captured)
    stream->captured->steps.push_back(std::move(step));
  else
    step();
}
} // namespace emulation

template <class... P, class... A>
void launch_on_host(void (*kernel)(P...), dim3 grid, unsigned block, cudaStream_t stream, const A &...args) {
  if (block > 1024 || grid.y > 65535 || grid.z > 65535 || !grid.x || !grid.y || !grid.z || !block) {
    emulation::last_error() = cudaErrorInvalidConfiguration;
    return;
  }
  emulation::enqueue(stream, [=] {
    emulation::Machine &m = emulation::machine();
    m.threads = static_cast<int>(block);
    m.block_dim = dim3(block), m.grid_dim = grid;
    m.body = [=] { kernel(args...); };
    for (unsigned z = 0; z < grid.z; ++z)
      for (unsigned y = 0; y < grid.y; ++y)
        for (unsigned x = 0; x < grid.x; ++x) {
          m.block = {x, y, z};
          emulation::run_block();
        }
  });
}

inline cudaError_t cudaGetDevice(int *device) { return *device = 0, cudaSuccess; }
inline cudaError_t cudaDeviceGetAttribute(int *value, cudaDeviceAttr attribute, int) {
  return *value = attribute == cudaDevAttrComputeCapabilityMajor ? 9 : 0, cudaSuccess;
}
// Device memory is filled with NaNs: what nobody wrote must not be read.
inline cudaError_t cudaMalloc(void **p, size_t bytes) {
  *p = aligned_alloc(256, (bytes + 256) / 256 * 256);
  if (*p) memset(*p, 0xff, bytes);
  return *p ? cudaSuccess : cudaErrorMemoryAllocation;
}
inline cudaError_t cudaFree(void *p) { return free(p), cudaSuccess; }
inline cudaError_t cudaMemcpy(void *to, const void *from, size_t bytes, cudaMemcpyKind) { return memcpy(to, from, bytes), cudaSuccess; }
inline cudaError_t cudaMemcpyAsync(void *to, const void *from, size_t bytes, cudaMemcpyKind, cudaStream_t stream) {
  emulation::enqueue(stream, [=] { memcpy(to, from, bytes); });
  return cudaSuccess;
}
inline cudaError_t cudaStreamCreate(cudaStream_t *stream) { return *stream = new CUstream_st, cudaSuccess; }
inline cudaError_t cudaStreamCreateWithFlags(cudaStream_t *stream, unsigned) { return cudaStreamCreate(stream); }
inline cudaError_t cudaStreamDestroy(cudaStream_t stream) { return delete stream, cudaSuccess; }
inline cudaError_t cudaStreamSynchronize(cudaStream_t) { return cudaSuccess; }
inline cudaError_t cudaStreamBeginCapture(cudaStream_t stream, int) { return stream->captured = new CUgraph_st, cudaSuccess; }
inline cudaError_t cudaStreamEndCapture(cudaStream_t stream, cudaGraph_t *graph) {
  *graph = stream->captured;
  stream->captured = nullptr;
  return cudaSuccess;
}
inline cudaError_t cudaGraphInstantiate(cudaGraphExec_t *made, cudaGraph_t graph, unsigned long long) {
  return *made = new CUgraphExec_st{*graph}, cudaSuccess;
}
inline cudaError_t cudaGraphLaunch(cudaGraphExec_t graph, cudaStream_t) {
  for (const auto &step : graph->graph.steps) step();
  return cudaSuccess;
}
inline cudaError_t cudaGraphDestroy(cudaGraph_t graph) { return delete graph, cudaSuccess; }
inline cudaError_t cudaGraphExecDestroy(cudaGraphExec_t graph) { return delete graph, cudaSuccess; }
inline cudaError_t cudaGetLastError() {
  cudaError_t error = emulation::last_error();
  emulation::last_error() = cudaSuccess;
  return error;
}
inline const char *cudaGetErrorString(cudaError_t error) { return error == cudaSuccess ? "no error" : "an error of the emulation"; }
