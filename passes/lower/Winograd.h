// Which convolutions take Winograd's algorithm (runtime/kernels/conv/winograd.h), in which form and in which blocks.
#pragma once

#include "passes/lower/Lowering.h"
#include "runtime/kernels/conv/params.h"

namespace dnnc {

/// Sizes of a convolution with a 3x3 kernel and strides, dilations and groups of 1.
struct Conv3x3 {
  int64_t n, h, w, c, oh, ow, k;
};

struct WinogradChoice {
  int out = 0;       ///< side of an output tile, 4 or 6; 0: the direct kernel
  conv::Tile tile{}; ///< of the sums
  int64_t block = 0; ///< tiles transformed at a time
  std::string text;  ///< why, with figures, for a remark
};

/// The fastest form on one core of the target by a model of its time; direct where it gains nothing, or where its error on random
/// inputs would be too large. \p weights: ONNX's [k][c][3][3].
WinogradChoice chooseWinograd(const Lowering &lowering, const Conv3x3 &conv, llvm::ArrayRef<float> weights);

/// F(\p out, 3) with this tile, for \p block tiles at a time or (0) as many as are best by the model; direct, and why, where the weights would grow
/// or the error be too large.
WinogradChoice takeWinograd(const Lowering &lowering, const Conv3x3 &conv, llvm::ArrayRef<float> weights, int out, conv::Tile tile, int64_t block);

/// The relative L2 error of F(\p out, 3) in f32 against f64: a tile of seeded random input, uniform in [-1, 1), and at most 16 of the
/// output channels.
double winogradError(int out, int64_t c, int64_t k, llvm::ArrayRef<float> weights);

} // namespace dnnc
