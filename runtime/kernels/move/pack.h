// On the host: what makes move::copy fast, and the tables of move::table_copy.
#pragma once
#include <algorithm>
#include <cstdint>
#include <cstdlib>
#include <vector>

namespace dnnc {

// One dim of a strided copy.
struct CopyDim {
  int64_t size, src, dst;
};

// Drops dims of size 1, orders the rest by dst stride, merges neighbours that are one run in both, and puts the dim that is
// contiguous in src (if the last one is not) next to the last. The copy means the same. Empty: one element.
inline std::vector<CopyDim> collapse(std::vector<CopyDim> dims) {
  dims.erase(std::remove_if(dims.begin(), dims.end(), [](const CopyDim &d) { return d.size == 1; }), dims.end());
  std::stable_sort(dims.begin(), dims.end(), [](const CopyDim &a, const CopyDim &b) { return std::abs(a.dst) > std::abs(b.dst); });
  std::vector<CopyDim> merged;
  for (const CopyDim &d : dims) {
    if (!merged.empty() && merged.back().src == d.src * d.size && merged.back().dst == d.dst * d.size) {
      merged.back() = {merged.back().size * d.size, d.src, d.dst};
    } else {
      merged.push_back(d);
    }
  }
  if (merged.size() > 2 && merged.back().src != 1) {
    auto row = std::find_if(merged.begin(), merged.end() - 1, [](const CopyDim &d) { return d.src == 1; });
    if (row != merged.end() - 1) std::rotate(row, row + 1, merged.end() - 1);
  }
  return merged;
}

enum class PadMode { Constant, Edge, Reflect, Wrap };

// The table of one padded axis for move::table_copy: element offsets of `before` + size + `after` places (negative pads crop),
// -1 where the constant goes. `stride` is the axis' element stride in src. Pads may exceed the size (Pad-19 reflects again).
inline std::vector<int64_t> pad_table(PadMode mode, int64_t size, int64_t before, int64_t after, int64_t stride) {
  std::vector<int64_t> table;
  for (int64_t i = -before; i < size + after; ++i) {
    int64_t at = i;
    if (mode == PadMode::Edge) at = std::clamp<int64_t>(i, 0, size - 1);
    if (mode == PadMode::Wrap) at = (i % size + size) % size;
    if (mode == PadMode::Reflect) {
      int64_t period = std::max<int64_t>(2 * (size - 1), 1);
      at = (i % period + period) % period;
      if (at >= size) at = period - at;
    }
    table.push_back(at < 0 || at >= size ? -1 : at * stride);
  }
  return table;
}

} // namespace dnnc
