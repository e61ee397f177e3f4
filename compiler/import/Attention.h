// Building attention; shared by the handlers of ONNX's operators and those of com.microsoft.
#pragma once

#include "compiler/import/NodeBinder.h"

namespace dnnc::importer {

/// [batch, rows, heads * d] → [batch, heads, rows, d]; an error where the columns do not divide.
mlir::Value splitHeads(NodeBinder &node, mlir::Value x, int64_t heads);
/// [batch, heads, rows, d] → [batch, rows, heads * d].
mlir::Value joinHeads(NodeBinder &node, mlir::Value x);

/// 0, 1, 2, … from \p first on as f32, with all other dims 1.
mlir::Value countUp(NodeBinder &node, int64_t first, int64_t count, llvm::ArrayRef<int64_t> shape);
/// Whether query i may see key j: j < lengths (of each batch; may be null), and, if \p causal, j <= i + past (or, with lengths, as if the queries
/// were the last of these keys). [batch or 1, 1, m or 1, n].
mlir::Value visibleKeys(NodeBinder &node, mlir::Value lengths, bool causal, int64_t past, int64_t m, int64_t n);
/// An error where dim \p dim of \p past (may be null), the number of keys before a causal attention's own, is chosen at run time.
mlir::LogicalResult knowPast(NodeBinder &node, mlir::Value past, int64_t dim);
/// The mask and a bool one that leaves out more; either may be null.
mlir::Value joinMasks(NodeBinder &node, mlir::Value mask, mlir::Value visible);

/// The operands of dnn.attention. Query, key and value have rank 4.
struct Attention {
  mlir::Value query, key, value, mask;
  double scale = 1, softcap = 0;
  bool causal = false;
  int64_t past = 0;

  mlir::Value build(NodeBinder &node) const;
};

/// The same with all of the scores in memory, for those who want to see or change them. \p stage is called after each of four steps and returns
/// what is to be gone on with: 0 products, 1 softcap, 2 mask, 3 softmax.
mlir::Value buildScores(NodeBinder &node, const Attention &attention, llvm::function_ref<mlir::Value(int, mlir::Value)> stage);

/// \p cache with the rows of \p update along \p axis, which is not the first, from row \p start of each batch on (null: from 0).
mlir::Value writeRows(NodeBinder &node, mlir::Value cache, mlir::Value update, mlir::Value start, int64_t axis, bool circular);

/// 1 / sqrt(d), or the attribute.
double attentionScale(NodeBinder &node, int64_t d);

} // namespace dnnc::importer
