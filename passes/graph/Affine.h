// Scale and shift per channel, however it is written: dnn.batch_norm or a dnn.pointwise of constants.
#pragma once

#include "mlir/IR/Operation.h"

#include <optional>
#include <vector>

namespace dnnc {

/// result = scale[c] * input + shift[c], where c is the position along `dim` of the result.
struct Affine {
  mlir::Value input;
  int64_t dim;
  std::vector<double> scale, shift;
};

/// \p op as scale and shift along \p dim; nothing when it is something else or a parameter is no constant.
std::optional<Affine> matchAffine(mlir::Operation *op, int64_t dim);

} // namespace dnnc
