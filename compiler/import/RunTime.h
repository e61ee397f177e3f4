// Parameters that are known at run time only: their arithmetic as dataflow over short i64 vectors, and what must hold of them.
// See docs/decisions/0009.
#pragma once

#include "compiler/import/NodeBinder.h"

namespace dnnc::importer {

/// "[2, 3]"
std::string listText(llvm::ArrayRef<int64_t> values);

/// A vector is a tensor of rank 1; one of a single element broadcasts. Null values pass through, as in the NodeBinder.
class RunTime {
public:
  explicit RunTime(NodeBinder &node) : node(node) {}

  /// Operand \p index as a vector of i64.
  mlir::Value operand(unsigned index) { return vector(node.operand(index)); }
  mlir::Value vector(mlir::Value value);
  mlir::Value constant(llvm::ArrayRef<int64_t> values) { return node.constantI64(values, {int64_t(values.size())}); }
  mlir::Value iota(int64_t count) { return node.counted(count, {count}); }

  mlir::Value map(llvm::ArrayRef<mlir::Value> inputs, ChainBody body) { return node.pointwise(inputs, body); }
  mlir::Value fn(llvm::StringRef name, llvm::ArrayRef<mlir::Value> inputs);
  mlir::Value is(llvm::StringRef name, llvm::ArrayRef<mlir::Value> inputs);
  mlir::Value where(mlir::Value condition, mlir::Value yes, mlir::Value no);
  /// The sum of a vector; of conditions, how many are true.
  mlir::Value sum(mlir::Value vector);
  mlir::Value element(mlir::Value vector, int64_t index);
  /// Whether \p value is one of \p list.
  mlir::Value isOneOf(mlir::Value value, llvm::ArrayRef<int64_t> list);

  /// A number that tells sets of axes apart, whatever the order of \p axes; negative where one is out of range.
  mlir::Value setKey(mlir::Value axes, int64_t rank);
  /// The same of axes that are known.
  static int64_t setKey(llvm::ArrayRef<int64_t> axes, int64_t rank);
  /// The sets of \p count axes of \p rank that are accepted, each sorted.
  static std::vector<Ints> axesSets(int64_t rank, int64_t count, llvm::function_ref<bool(llvm::ArrayRef<int64_t>)> accept);
  /// Operand \p index, a list of axes, must be one of \p sets; \p result names what they are to give. Its key, or null after an error.
  mlir::Value checkedAxes(unsigned index, llvm::StringRef name, llvm::ArrayRef<Ints> sets, int64_t rank, const llvm::Twine &result);
  /// What \p make makes of the set whose key \p key is: all are computed, and one selected.
  mlir::Value select(mlir::Value key, llvm::ArrayRef<Ints> sets, int64_t rank,
                     llvm::function_ref<mlir::Value(llvm::ArrayRef<int64_t>)> make);

  NodeBinder &node;
};

} // namespace dnnc::importer
