// Par for a GPU: what a functor does for each item is done by one thread, on the caller's stream.
// The launch is nvcc's; a host compiler must have a launch_on_host, as the emulation of the tests has.
#pragma once

// How a functor given to Par::run keeps its parameters: it is copied to the device.
template <class T> using Held = T;

template <class... P, class... A>
inline void launch(void (*kernel)(P...), dim3 grid, unsigned block, cudaStream_t stream, const A &...args) {
#ifdef __CUDACC__
  kernel<<<grid, dim3(block), 0, stream>>>(args...);
#else
  launch_on_host(kernel, grid, block, stream, args...);
#endif
}

template <class F> __global__ void run_items(const __grid_constant__ F f, i64 count) {
  const i64 step = static_cast<i64>(gridDim.x) * blockDim.x;
  for (i64 i = static_cast<i64>(blockIdx.x) * blockDim.x + threadIdx.x; i < count; i += step) f(i, i + 1, 0);
}

struct Par {
  cudaStream_t stream;

  // Small blocks: kernels that come here have few items, which should reach all multiprocessors.
  template <class F> void run(i64 count, const F &f) const {
    const i64 block = 64, grid = 1 << 20, blocks = (count + block - 1) / block;
    if (count <= 0) return;
    launch(&run_items<F>, dim3(static_cast<unsigned>(blocks < grid ? blocks : grid)), block, stream, f, count);
  }

  // What work is cut for: enough items for a large GPU.
  int threads() const { return 1 << 14; }
};
