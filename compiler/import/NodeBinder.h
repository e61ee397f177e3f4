// What an import handler sees of its node: operands, attributes, constants, and ways to make dnn ops.
#pragma once

#include "compiler/import/GraphImporter.h"
#include "compiler/import/Registry.h"
#include "dialects/dnn/Constants.h"
#include "dialects/dnn/Dnn.h"

#include "mlir/IR/Builders.h"

#include <optional>
#include <set>

namespace dnnc::importer {

using Ints = llvm::SmallVector<int64_t>;

/// Values an integer may have.
struct Range {
  int64_t low = INT64_MIN, high = INT64_MAX;
};
constexpr Range positive{1, maxDim}, notNegative{0, maxDim}, flag{0, 1};

/// Builds the region of a dnn.pointwise.
class Chain {
public:
  Chain(mlir::OpBuilder &builder, mlir::Location loc) : builder(builder), loc(loc) {}
  /// A function whose result has the type of its first operand.
  mlir::Value fn(llvm::StringRef name, mlir::ValueRange args) { return fn(name, args, args.front().getType()); }
  mlir::Value fn(llvm::StringRef name, mlir::ValueRange args, mlir::Type result);
  mlir::Value constant(double value, mlir::Type type);
  mlir::Value boolean(llvm::StringRef name, mlir::ValueRange args) { return fn(name, args, builder.getI1Type()); }

private:
  mlir::OpBuilder &builder;
  mlir::Location loc;
};
using ChainBody = llvm::function_ref<mlir::Value(Chain &, mlir::ValueRange)>;

/// A null value or an empty optional stands for an error that has been reported; makers of ops pass it on, so that handlers read
/// straight down and end with `return node.result(value)`.
class NodeBinder {
public:
  NodeBinder(GraphImporter &importer, const onnx::NodeProto &node, const OpEntry &entry, int64_t version, mlir::Location loc);

  int64_t version() const { return opset; }
  mlir::InFlightDiagnostic error() const { return mlir::emitError(loc); }
  /// Operand counts were checked before any work; types are now.
  mlir::LogicalResult checkOperands() const;
  mlir::LogicalResult checkAttributesRead() const;

  // Operands. Absent optional ones are null.
  unsigned numOperands() const { return values.size(); }
  mlir::Value operand(unsigned index) const { return index < values.size() ? values[index] : mlir::Value(); }
  llvm::ArrayRef<mlir::Value> operands() const { return values; }
  static mlir::RankedTensorType type(mlir::Value value) { return mlir::cast<mlir::RankedTensorType>(value.getType()); }
  static llvm::ArrayRef<int64_t> shape(mlir::Value value) { return type(value).getShape(); }
  static int64_t rank(mlir::Value value) { return type(value).getRank(); }

  /// True sizes of values whose shape is only a bound.
  Bounds &bounds() { return importer.bounds; }
  /// An error where a dim of one of \p values is chosen at run time; \p what they are: "a carried value".
  /// Dims \p free may be.
  mlir::LogicalResult refuseBounded(mlir::ValueRange values, const llvm::Twine &what, llvm::ArrayRef<int64_t> free = {});

  // Constant operands: initializers, or values computed from constants alone.
  std::optional<Ints> constantInts(unsigned index, llvm::StringRef name);
  std::optional<std::vector<double>> constantFloats(unsigned index, llvm::StringRef name);
  /// One element, of any rank.
  std::optional<int64_t> constantInt(unsigned index, llvm::StringRef name);
  mlir::ElementsAttr constantOf(mlir::Value value) { return importer.constantOf(value); }
  bool isConstant(mlir::Value value) { return importer.isConstant(value); }

  // Parameters that are computed at run time; see docs/decisions/0009.
  /// What operand \p index is if the assumptions about the model's inputs hold, which the run checks then; null where they do not say it.
  mlir::ElementsAttr assumedOperand(unsigned index, llvm::StringRef name);
  /// Operand \p index is there and cannot be computed from constants.
  bool varies(unsigned index) { return operand(index) && !constantOf(operand(index)); }
  /// The shape that the graph declares for a result.
  std::optional<Ints> resultShape(int result = 0) const { return importer.wholeShape(node.output(result)); }
  /// The run is refused where an element of \p condition is false: "input 1 ('shape', here 's') " \p must.
  void check(mlir::Value condition, unsigned index, llvm::StringRef name, const llvm::Twine &must);
  /// The same of what is not one input: "node 'n' (Op): " \p must.
  void check(mlir::Value condition, const llvm::Twine &must);
  /// constantInts, or, for an operand that varies, \p declared, which the run checks it against.
  std::optional<Ints> intsOrDeclared(unsigned index, llvm::StringRef name, const std::optional<Ints> &declared);

  /// What became an operand in a later version: the attribute before \p since, operand \p index from then on. An absent one is
  /// `present = false`.
  struct IntList {
    bool present = false;
    Ints values;
  };
  std::optional<IntList> intsAttrOrOperand(llvm::StringRef name, unsigned index, int64_t since);

  // Attributes. A wrong type or value is reported and the default returned, so that reading can go on.
  bool hasAttr(llvm::StringRef name) const { return find(name) != nullptr; }
  int64_t intAttr(llvm::StringRef name, std::optional<int64_t> defaultValue, Range range = {});
  double floatAttr(llvm::StringRef name, std::optional<double> defaultValue);
  std::string stringAttr(llvm::StringRef name, llvm::StringRef defaultValue);
  std::optional<Ints> intsAttr(llvm::StringRef name);
  /// Exactly \p count values within \p range; all \p fill when absent.
  Ints intsAttr(llvm::StringRef name, int64_t count, int64_t fill, Range range);
  std::vector<double> floatsAttr(llvm::StringRef name);
  const onnx::AttributeProto *attr(llvm::StringRef name); ///< Marks it as read.
  mlir::FailureOr<mlir::ElementsAttr> tensorAttr(llvm::StringRef name);
  const onnx::GraphProto *graphAttr(llvm::StringRef name);
  /// Imports a graph where the builder stands; its outputs.
  mlir::FailureOr<llvm::SmallVector<mlir::Value>> inlineGraph(const onnx::GraphProto &graph, llvm::ArrayRef<mlir::Value> inputs = {}) {
    return importer.importBranch(graph, inputs);
  }
  void discard(mlir::Region &region) { importer.discard(region); }
  /// The shape declared for a result, -1 for open dims.
  std::optional<llvm::SmallVector<int64_t>> declaredShape(int result) const { return importer.declaredShape(node.output(result)); }
  /// Attribute `axis`, counted from 0.
  std::optional<int64_t> axisAttr(llvm::StringRef name, std::optional<int64_t> defaultValue, int64_t rank);
  std::optional<int64_t> axis(llvm::StringRef name, int64_t value, int64_t rank);
  /// Distinct axes, counted from 0 and sorted.
  std::optional<Ints> axes(llvm::ArrayRef<int64_t> values, int64_t rank);

  // Making ops.
  /// An op with one inferred result; arguments as for its builder, with attributes as Attribute, without the result type.
  template <class Op, class... Args> mlir::Value create(Args &&...args) {
    mlir::Operation *op = createFilled<Op>([](mlir::OperationState &) {}, 1, std::forward<Args>(args)...);
    return op ? op->getResult(0) : mlir::Value();
  }
  /// The general form: \p fill may fill regions before types are inferred.
  template <class Op, class... Args>
  mlir::Operation *createFilled(llvm::function_ref<void(mlir::OperationState &)> fill, unsigned results, Args &&...args) {
    mlir::OperationState state(loc, Op::getOperationName());
    llvm::SmallVector<mlir::Type> placeholders(results, builder.getNoneType());
    Op::build(builder, state, mlir::TypeRange(placeholders), std::forward<Args>(args)...);
    if (llvm::is_contained(state.operands, mlir::Value())) return nullptr;
    fill(state);
    state.types.clear();
    return finish(state,
                  Op::inferReturnTypes(builder.getContext(), loc, state.operands, state.attributes.getDictionary(builder.getContext()),
                                       state.getRawProperties(), state.regions, state.types));
  }
  mlir::IntegerAttr i64(int64_t value) { return builder.getI64IntegerAttr(value); }
  mlir::FloatAttr f64(double value) { return builder.getF64FloatAttr(value); }
  mlir::DenseI64ArrayAttr i64s(llvm::ArrayRef<int64_t> values) { return builder.getDenseI64ArrayAttr(values); }
  mlir::BoolAttr boolean(bool value) { return builder.getBoolAttr(value); }
  mlir::StringAttr str(llvm::StringRef value) { return builder.getStringAttr(value); }
  /// An op as it has been made, where true sizes are not what types say; null after an error. For ops that are not made by the binder.
  mlir::Operation *bounded(mlir::Operation *op);
  mlir::Value reshape(mlir::Value value, llvm::ArrayRef<int64_t> shape);
  mlir::Value transpose(mlir::Value value, llvm::ArrayRef<int64_t> perm);
  mlir::Value broadcast(mlir::Value value, llvm::ArrayRef<int64_t> shape);
  mlir::Value cast(mlir::Value value, mlir::Type elementType);
  /// The same bytes as elements of another type.
  mlir::Value bitcast(mlir::Value value, mlir::Type elementType);
  mlir::Value reduce(mlir::Value value, dnn::ReduceKind kind, llvm::ArrayRef<int64_t> axes);
  /// exp(x - max) / Σ exp(x - max) along an axis, or its logarithm; of f64, for which there is no kernel, composed.
  mlir::Value softmax(mlir::Value value, int64_t axis, bool log = false);
  /// One element constants become part of the chain.
  mlir::Value pointwise(llvm::ArrayRef<mlir::Value> inputs, ChainBody body);
  mlir::Value constant(mlir::ElementsAttr value);
  mlir::Value constantI64(llvm::ArrayRef<int64_t> values, llvm::ArrayRef<int64_t> shape);
  /// 0, 1, 2, … in row-major order.
  mlir::Value counted(int64_t count, llvm::ArrayRef<int64_t> shape);
  /// A constant from raw row-major bytes, within the model's budget.
  mlir::Value rawConstant(mlir::RankedTensorType type, llvm::ArrayRef<char> bytes);
  bool fits(mlir::RankedTensorType type) const;
  /// Whether a constant of \p count numbers of 4 bytes may be made, an error where not: a small file must not fill the memory.
  bool affords(int64_t count);

  // Results.
  mlir::LogicalResult result(mlir::Value value) { return results({value}); }
  mlir::LogicalResult results(llvm::ArrayRef<mlir::Value> produced);
  llvm::ArrayRef<mlir::Value> produced() const { return outputs; }
  /// Those that are named, without what the operator has but no handler makes: nothing uses it.
  int numResults() const { return std::min(node.output_size(), entry.maxResults); }

  const onnx::NodeProto &node;
  mlir::Location loc;
  mlir::OpBuilder &builder;

private:
  const onnx::AttributeProto *find(llvm::StringRef name) const;
  const onnx::AttributeProto *typed(llvm::StringRef name, onnx::AttributeProto::AttributeType type, bool required);
  mlir::ElementsAttr constantOperand(unsigned index, llvm::StringRef name);
  mlir::Operation *finish(mlir::OperationState &state, mlir::LogicalResult inferred);
  std::string wayOut() const;

  GraphImporter &importer;
  const OpEntry &entry;
  int64_t opset;
  llvm::SmallVector<mlir::Value> values, outputs;
  std::set<std::string> read;
};

} // namespace dnnc::importer
