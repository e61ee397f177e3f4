// How a chain of image kernels is run band by band: a few rows of the last image at a time, with only as many rows of the images between as
// those need.
#pragma once

#include "dialects/exec/Exec.h"

#include <optional>

namespace dnnc {

/// A call that computes an image (one, channels last) from another. Row i of its output reads rows i * stride - pad … + kernel.
struct Stage {
  exec::CallOp call;
  int64_t inRows, outRows, kernel, stride, pad;
  int64_t columns;           ///< of the output
  int64_t inBytes, outBytes; ///< from a row to the next
  int64_t multiple;          ///< of rows that are computed at a time
};
/// None where the kernel cannot be run on some of the rows.
std::optional<Stage> stageOf(exec::CallOp call);

/// Rows of a stage's output in the first band, in each of those between, and in the last.
struct BandRows {
  int64_t first, middle, last;
  /// The row where band \p band (0, 1, or the last, \p bands - 1) starts.
  int64_t start(int64_t band, int64_t bands) const { return band == 0 ? 0 : first + (band == 1 ? 0 : bands - 2) * middle; }
};

struct BandPlan {
  int64_t bands = 0; ///< 0: no plan
  llvm::SmallVector<BandRows> rows;
  double gain = 0; ///< cycles of one core
};

/// Rows that a stage's input keeps from one band to the next.
inline int64_t keptRows(const Stage &stage) { return stage.kernel - stage.stride; }
/// Rows of the buffer that holds a band of the input of \p reader, written by a stage with \p rows.
inline int64_t bufferRows(const BandRows &rows, const Stage &reader) { return keptRows(reader) + rows.middle; }
inline int64_t imageBytes(const Stage &writer) { return writer.outRows * writer.outBytes; }

/// What bands are for: images between two stages that have more than \c bytes, and those of a band have less.
struct BandGoal {
  int64_t bytes;
  bool speed; ///< bytes are what stays in a cache, and the time of calls and the weights count; else only the memory does
};

/// The best height of a band for \p chain, or no plan.
BandPlan planBands(llvm::ArrayRef<Stage> chain, const BandGoal &goal);

} // namespace dnnc
