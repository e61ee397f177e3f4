// How a chain of image kernels is run band by band: a few rows of the last image at a time, with only as many rows of the images between as
// those need.
#pragma once

#include "dialects/exec/Exec.h"

#include <algorithm>
#include <optional>

namespace dnnc {

/// A call that computes images (channels last), each from one other. Row i of its output reads rows i * stride - pad … + kernel.
struct Stage {
  exec::CallOp call;
  int64_t images, inRows, outRows, kernel, stride, pad;
  int64_t columns;           ///< of the output
  int64_t inBytes, outBytes; ///< from a row to the next
  int64_t inImage, outImage; ///< bytes from an image to the next
  int64_t multiple;          ///< of rows that are computed at a time
};
/// None where the kernel cannot be run on one of the images, and on some of its rows.
std::optional<Stage> stageOf(exec::CallOp call);

/// Rows of a stage's output in the first band, in each of those between, and in the last.
struct BandRows {
  int64_t first, middle, last;
  /// The row where band \p band (0, 1, or the last, \p bands - 1) starts.
  int64_t start(int64_t band, int64_t bands) const { return band == 0 ? 0 : first + (band == 1 ? 0 : bands - 2) * middle; }
  /// Of the first, the last or another band.
  int64_t count(int64_t band, int64_t bands) const { return band == 0 ? first : band == bands - 1 ? last : middle; }
};

struct BandPlan {
  int64_t bands = 0; ///< of an image; 0: no plan, 1: image by image
  llvm::SmallVector<BandRows> rows;
  double gain = 0; ///< cycles of one core
};

/// Rows that a stage's input keeps from one band to the next.
inline int64_t keptRows(const Stage &stage) { return stage.kernel - stage.stride; }
/// The row behind those that the first band, or one of the others, of \p reader leaves in the buffer of its input: there begin those that it keeps.
inline int64_t readRows(const Stage &reader, const BandRows &rows, bool isFirst) { return (isFirst ? rows.first : rows.middle) * reader.stride; }
/// Rows of the buffer that holds a band of the image between stages \p i and \p i + 1.
inline int64_t bufferRows(llvm::ArrayRef<Stage> chain, const BandPlan &plan, size_t i) {
  const Stage &reader = chain[i + 1];
  if (plan.bands == 1) return reader.inRows;
  return keptRows(reader) + std::max(readRows(reader, plan.rows[i + 1], true), readRows(reader, plan.rows[i + 1], false));
}
/// Of all images that \p writer writes.
inline int64_t imageBytes(const Stage &writer) { return writer.images * writer.outRows * writer.outBytes; }

/// What bands are for: images between two stages that have more than \c bytes, and those of a band have less.
struct BandGoal {
  int64_t bytes;
  bool speed; ///< bytes are what stays in a cache, and the time of calls and the weights count; else only the memory does
};

/// The best height of a band for \p chain, or no plan.
BandPlan planBands(llvm::ArrayRef<Stage> chain, const BandGoal &goal);

} // namespace dnnc
