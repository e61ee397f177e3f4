// Dims that are chosen at run time. Their tensors have the largest shape; beside each the importer keeps what is known of the true one.
// See docs/decisions/0012.
#pragma once

#include "mlir/IR/BuiltinAttributes.h"
#include "mlir/IR/Value.h"
#include "mlir/IR/ValueRange.h"
#include "llvm/ADT/DenseMap.h"
#include "llvm/ADT/STLFunctionalExtras.h"
#include "llvm/ADT/SmallVector.h"

#include <map>
#include <optional>

namespace dnnc::importer {

class GraphImporter;
class Chain;
class NodeBinder;

/// The true size of a dim: a number, times sizes that are known at run time only (scalars of i64, in the order of their creation).
struct Size {
  int64_t factor = 1;
  llvm::SmallVector<mlir::Value, 2> symbols;

  Size(int64_t factor = 1, llvm::ArrayRef<mlir::Value> symbols = {}) : factor(factor), symbols(symbols.begin(), symbols.end()) {}
  bool isStatic() const { return symbols.empty(); }
  bool operator==(const Size &other) const { return factor == other.factor && symbols == other.symbols; }
  bool operator!=(const Size &other) const { return !(*this == other); }
};
using Sizes = llvm::SmallVector<Size>;

class Bounds {
  /// Values made of sizes, so that each is made once.
  struct Computed {
    llvm::DenseMap<std::pair<mlir::Value, int64_t>, mlir::Value> elements;
    std::map<std::pair<int64_t, std::vector<unsigned>>, mlir::Value> scalars;
    std::map<std::string, mlir::Value> derived;
    std::map<std::tuple<void *, int64_t, int64_t, int64_t>, mlir::Value> masks;
  };

public:
  explicit Bounds(GraphImporter &importer) : importer(importer) {}

  /// Whether anything is bounded at all.
  bool any() const { return !symbols.empty() && !paused; }
  bool isBounded(mlir::Value value) const { return value && sizes.count(value); }
  bool isBounded(mlir::Value value, int64_t dim) const { return isBounded(value) && !sizes.lookup(value)[dim].isStatic(); }
  /// The true sizes of a value's dims.
  Sizes of(mlir::Value value) const;
  void set(mlir::Value value, Sizes trueSizes);

  /// A scalar of i64 that is a size from \p low to \p high.
  Size symbol(mlir::Value scalar, int64_t low, int64_t high);
  Size product(const Size &a, const Size &b) const;
  Size product(llvm::ArrayRef<Size> list) const;
  /// a / b where that leaves no remainder whatever the sizes are.
  std::optional<Size> quotient(const Size &a, const Size &b) const;
  /// The largest it can be; INT64_MAX beyond what an integer holds.
  int64_t limit(const Size &size) const;
  llvm::SmallVector<int64_t> limits(llvm::ArrayRef<Size> list) const;
  /// Element \p index, in row-major order, of an integer tensor, as a size; none where nothing bounds it, or it may be negative and is not
  /// constant.
  std::optional<Size> element(NodeBinder &node, mlir::Value tensor, int64_t index);
  /// All elements of a list, negative ones, which stand for something else, as they are.
  std::optional<Sizes> list(NodeBinder &node, mlir::Value tensor);
  /// Whether a value is an integer tensor computed from sizes.
  bool isShapeArithmetic(mlir::Value value);

  /// A size computed from others by \p make, from \p low to \p high; the same \p key and sizes give the same one.
  Size derive(NodeBinder &node, llvm::StringRef key, llvm::ArrayRef<Size> from, llvm::ArrayRef<int64_t> numbers, int64_t low, int64_t high,
              llvm::function_ref<mlir::Value(Chain &, mlir::ValueRange)> make);
  /// The sum of sizes.
  Size sum(NodeBinder &node, llvm::ArrayRef<Size> list);

  /// The size as a scalar of i64.
  mlir::Value scalar(NodeBinder &node, const Size &size);
  /// The sizes as a vector of i64.
  mlir::Value vector(NodeBinder &node, llvm::ArrayRef<Size> list);
  /// Which of \p bound places along dim \p dim of \p rank are within \p size, as bools of shape [1, …, bound, …, 1].
  mlir::Value inside(NodeBinder &node, const Size &size, int64_t bound, int64_t dim, int64_t rank);
  /// \p value with \p fill outside of its true sizes along \p dims.
  mlir::Value masked(NodeBinder &node, mlir::Value value, llvm::ArrayRef<int64_t> dims, double fill);

  /// While it lives, ops are made without regard to true sizes.
  class Pause {
  public:
    explicit Pause(Bounds &bounds) : bounds(bounds), before(bounds.paused) { bounds.paused = true; }
    ~Pause() { bounds.paused = before; }

  private:
    Bounds &bounds;
    bool before;
  };

  /// While it lives, ops are made in a region of their own: what is computed of sizes there is not used behind it.
  class Scope {
  public:
    explicit Scope(Bounds &bounds) : bounds(bounds), before(bounds.computed) {}
    ~Scope() { bounds.computed = std::move(before); }

  private:
    Bounds &bounds;
    Computed before;
  };

private:
  struct Symbol {
    unsigned number;
    int64_t low, high;
  };
  std::optional<Size> compute(NodeBinder &node, mlir::Value tensor, int64_t index);
  std::optional<Size> opaque(NodeBinder &node, mlir::Value tensor, int64_t index);
  /// The elements of a value with all sizes at their largest, or smallest.
  std::optional<int64_t> extreme(mlir::Value tensor, int64_t index, bool largest);

  GraphImporter &importer;
  bool paused = false;
  llvm::DenseMap<mlir::Value, Sizes> sizes; ///< of values with a bounded dim
  llvm::DenseMap<mlir::Value, Symbol> symbols;
  llvm::DenseMap<mlir::Value, mlir::ElementsAttr> largest, smallest; ///< values with all symbols at one end; null where inputs matter
  Computed computed;
};

/// Operators whose meaning depends on true sizes (Shape, Reshape, Slice …), where an operand has bounded dims or is computed from sizes; none
/// for all others, which rules for dnn ops cover.
std::optional<mlir::LogicalResult> importBounded(NodeBinder &node);

/// Gives the results of a new op the true sizes that follow from its operands, which are masked where elements outside of them matter. The op
/// to go on with, which may be another; null after an error, as for an op without a rule.
mlir::Operation *applyBounds(NodeBinder &node, mlir::Operation *op);

/// \p value in another shape of \p target; data moves where bounded dims that are not outermost are merged or split. Null after an error.
mlir::Value reshapeBounded(NodeBinder &node, mlir::Value value, llvm::ArrayRef<Size> target);

} // namespace dnnc::importer
