// For kernels.inc: the rows of a kernel that reads packed weights, one for each type they may have. <name> takes f32, <name>_f16 and
// <name>_bf16 take that and widen it as it is loaded; the arithmetic is the same.
#pragma once

#define DNNC_KERNEL_W(name, isas, function, a, b, Params)                                                                                  \
  DNNC_KERNEL(name, isas, (function<a, b, float>), Params, true)                                                                           \
  DNNC_KERNEL(name##_f16, isas, (function<a, b, f16>), Params, true)                                                                       \
  DNNC_KERNEL(name##_bf16, isas, (function<a, b, bf16>), Params, true)

// The same for a GPU.
#define DNNC_CUDA_KERNEL_W(name, function, a, b, Params)                                                                                   \
  DNNC_CUDA_KERNEL(name, (function<a, b, float>), Params, true)                                                                            \
  DNNC_CUDA_KERNEL(name##_f16, (function<a, b, f16>), Params, true)                                                                        \
  DNNC_CUDA_KERNEL(name##_bf16, (function<a, b, bf16>), Params, true)
