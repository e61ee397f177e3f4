// Shared by the Lower*.cpp files: dnn values as strided views of exec buffers, and how kernel calls are made.
#pragma once

#include "codegen/Targets.h"
#include "dialects/dnn/Constants.h"
#include "dialects/exec/Exec.h"
#include "passes/lower/KernelChoice.h"
#include "passes/lower/Lower.h"

#include "mlir/IR/Builders.h"

#include <vector>

namespace dnnc {

/// A tensor in memory: a buffer, the element where it starts, and one element stride per logical dim.
struct View {
  mlir::Value buffer;
  int64_t offset = 0;
  llvm::SmallVector<int64_t> strides;
};

/// The fields of a kernel's parameter struct, by name.
class Params {
public:
  explicit Params(mlir::Builder builder) : builder(builder) {}
  Params &set(llvm::StringRef name, int64_t value) { return add(name, builder.getI64IntegerAttr(value)); }
  Params &set(llvm::StringRef name, llvm::ArrayRef<int64_t> values) { return add(name, builder.getDenseI64ArrayAttr(values)); }
  Params &setReal(llvm::StringRef name, double value) { return add(name, builder.getF32FloatAttr(float(value))); }
  mlir::DictionaryAttr get() { return builder.getDictionaryAttr(fields); }

private:
  Params &add(llvm::StringRef name, mlir::Attribute value) {
    fields.push_back(builder.getNamedAttr(name, value));
    return *this;
  }
  mlir::Builder builder;
  llvm::SmallVector<mlir::NamedAttribute> fields;
};

/// How a kernel sees its output for the epilogue: logical dims that make up the outer index, the row and the column.
struct EpilogueDims {
  llvm::SmallVector<int64_t> outer, row, column;
};

/// A kernel call being put together.
struct Call {
  std::string kernel;
  llvm::SmallVector<mlir::Value> inputs, args, outputs;
  llvm::SmallVector<int64_t> argStrides, aliases;
  llvm::SmallVector<int64_t> inPlace; ///< pairs of an input and an output that may be the same memory; 0 has aliases
  mlir::Region chain; ///< the epilogue, or the whole function of a map
  int64_t scratchBytes = 0;
  int64_t bytes = 0; ///< moved, where that is not what the op's operands and results hold
  llvm::StringRef refusal; ///< not empty: output 0 is a bool, and this is why a run ends where it is false
};

class Lowering {
public:
  Lowering(mlir::OpBuilder &builder, const Target &target, const LowerOptions &options) : builder(builder), target(target), options(options) {}

  mlir::OpBuilder &builder;
  const Target &target;
  const LowerOptions &options;
  bool weightsStay = false; ///< all constants of the function stay in the second-level cache from run to run (KernelChoice.h)

  static mlir::RankedTensorType typeOf(mlir::Value value) { return llvm::cast<mlir::RankedTensorType>(value.getType()); }

  /// The kernel that \p op asks for by its attribute, if the target has it.
  KernelChoice asked(mlir::Operation *op) const;

  /// The view of a value that is already lowered; constants become weights in their type's order on first use.
  View read(mlir::Value value);
  /// The same, copied first if it is not contiguous in the order of its type.
  View readContiguous(mlir::Value value);
  /// The same, copied first unless \p accept takes its strides.
  View readIf(mlir::Value value, llvm::function_ref<bool(llvm::ArrayRef<int64_t>)> accept);
  /// Where a result is to be written: its placement inside another buffer, or a new buffer.
  View write(mlir::Value result);
  /// The same for a kernel that takes only what \p accept takes: else a temporary, and finish() copies.
  View writeIf(mlir::Value result, llvm::function_ref<bool(llvm::ArrayRef<int64_t>)> accept);
  View writeContiguous(mlir::Value result);
  /// Declares \p result to be \p view (no code).
  void define(mlir::Value result, View view) { views[result] = std::move(view); }
  bool isPlaced(mlir::Value result) const { return placements.count(result); }
  void place(mlir::Value value, View view) { placements[value] = std::move(view); }

  /// The buffer operand of a call for a view: with exec.view when it does not start at element 0.
  mlir::Value pointer(const View &view);
  View alloc(mlir::RankedTensorType type);
  /// Where constants go: the schedule's own block.
  void setWeightsBlock(mlir::Block *block) { weightsBlock = block; }
  /// A constant buffer with these bytes.
  mlir::Value weight(mlir::Location loc, mlir::Type elementType, llvm::ArrayRef<char> bytes, llvm::StringRef name);
  mlir::Value weight(mlir::Location loc, mlir::Type elementType, mlir::ElementsAttr value, llvm::StringRef name);
  template <class T>
  mlir::Value weight(mlir::Location loc, mlir::Type elementType, const std::vector<T> &values, llvm::StringRef name) {
    return weight(loc, elementType, llvm::ArrayRef<char>(reinterpret_cast<const char *>(values.data()), values.size() * sizeof(T)), name);
  }

  /// The row-major values of a constant operand (looking through relayout), or none.
  std::optional<std::vector<float>> constantFloats(mlir::Value value);

  /// Packed weights as input of a call, whose kernel becomes the one for the type of \p weight: f32, f16 or bf16. \p pack writes them to \p size
  /// floats, zeros at first.
  void addWeights(Call &call, mlir::Value weight, int64_t size, llvm::function_ref<void(float *)> pack);
  /// Fills the call's chain and args from an op's bias (one per column) and epilogue.
  void addEpilogue(Call &call, mlir::Operation *op, mlir::Value bias, const EpilogueDims &dims, const View &output);
  /// Emits the call for \p op, which names it in the text.
  void emit(mlir::Operation *op, Call &call, Params &params, llvm::StringRef what = {});
  /// Copies elements between views of one shape.
  void copy(mlir::Operation *op, llvm::ArrayRef<int64_t> shape, llvm::ArrayRef<int64_t> order, mlir::Type elementType, const View &from,
            const View &to, llvm::StringRef why);
  /// After the kernel of \p result was called on a temporary: copies it to its placement.
  void finish(mlir::Operation *op);

private:
  mlir::Block *weightsBlock = nullptr;
  mlir::Operation *lastWeight = nullptr;
  llvm::DenseMap<mlir::Value, View> views, placements;
  llvm::SmallVector<std::pair<mlir::Value, View>> pending; ///< results computed in a temporary, and where they belong
};

/// Both types are stored as the same one.
bool isView(dnn::BitcastOp op);
bool isContiguous(mlir::RankedTensorType type, llvm::ArrayRef<int64_t> strides);
/// "f32", "i64", "u8", "bool" … as kernels spell element types.
std::string typeName(mlir::Type type);

// One function per op family; each reports an error at the op when no kernel fits.
mlir::LogicalResult lowerAttention(Lowering &lowering, dnn::AttentionOp op); // LowerAttention.cpp
mlir::LogicalResult lowerRotary(Lowering &lowering, dnn::RotaryOp op);       // LowerAttention.cpp
mlir::LogicalResult lowerConv(Lowering &lowering, mlir::Operation *op);      // LowerConv.cpp: conv, conv_transpose
mlir::LogicalResult lowerMatMul(Lowering &lowering, dnn::MatMulOp op);       // LowerMatMul.cpp
/// Whether \p op, whose input has these strides, is computed from planes of channels as it is: the input need not be channels-last.
bool readsPlanes(Lowering &lowering, dnn::ConvOp op, llvm::ArrayRef<int64_t> strides); // LowerConv.cpp
mlir::LogicalResult lowerInt8(Lowering &lowering, mlir::Operation *op);      // LowerInt8.cpp: conv and matmul of 8-bit factors
mlir::LogicalResult lowerBounded(Lowering &lowering, mlir::Operation *op);   // LowerBounded.cpp: pack, unpack, nonzero, unique, non_max_suppression
mlir::LogicalResult lowerLinearAttention(Lowering &lowering, dnn::LinearAttentionOp op); // LowerLinearAttention.cpp
mlir::LogicalResult lowerNormalize(Lowering &lowering, mlir::Operation *op); // LowerNormalize.cpp: reduce, softmax, norms, along-axis ops
mlir::LogicalResult lowerPointwise(Lowering &lowering, mlir::Operation *op); // LowerPointwise.cpp
mlir::LogicalResult lowerLookup(Lowering &lowering, dnn::LookupOp op);       // LowerPointwise.cpp
mlir::LogicalResult lowerMovement(Lowering &lowering, mlir::Operation *op);  // LowerMovement.cpp: views, copies, pad, resize
mlir::LogicalResult lowerSpatial(Lowering &lowering, mlir::Operation *op);   // LowerSpatial.cpp: pools, sampling, regions, folding
mlir::LogicalResult lowerIndexed(Lowering &lowering, mlir::Operation *op);   // LowerIndexed.cpp: gather, scatter, one_hot
mlir::LogicalResult lowerCheck(Lowering &lowering, dnn::CheckOp op);         // LowerCheck.cpp
mlir::LogicalResult lowerRecurrent(Lowering &lowering, dnn::RecurrentOp op); // LowerRecurrent.cpp

} // namespace dnnc
