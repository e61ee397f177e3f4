// Builds the function of a checked model, node by node.
#pragma once

#include "compiler/import/Bounds.h"
#include "compiler/import/Import.h"
#include "compiler/import/Model.h"
#include "compiler/import/Registry.h"

#include "mlir/Dialect/Func/IR/FuncOps.h"
#include "mlir/IR/Builders.h"
#include "mlir/IR/BuiltinAttributes.h"
#include "llvm/ADT/DenseMap.h"
#include "llvm/ADT/DenseSet.h"
#include "llvm/ADT/StringSet.h"

namespace dnnc::importer {

/// A graph input: its type, of the largest dims, the smallest dims, and what the graph calls them ("" for none).
struct GraphInput {
  int index; ///< in the graph
  mlir::RankedTensorType type;
  llvm::SmallVector<int64_t> min;
  std::vector<std::string> names;

  bool isBounded() const { return llvm::ArrayRef<int64_t>(min) != type.getShape(); }
};
/// The declared types of the graph's inputs, with the options applied.
mlir::LogicalResult resolveInputs(Model &model, const ImportOptions &options, std::vector<GraphInput> &inputs);

/// Everything that can be wrong without types: versions, unsupported nodes, names, order, tensors. All problems are reported.
mlir::LogicalResult checkModel(Model &model);
/// Calls \p use for every name a node reads, also from inside its graph attributes.
void forEachUse(const onnx::NodeProto &node, llvm::function_ref<void(const std::string &)> use);
/// The order in which the nodes can be computed; failure, reported, for a cycle.
mlir::FailureOr<std::vector<int>> sortNodes(Model &model, const onnx::GraphProto &graph);
/// Checks the nodes, names and tensors of a graph; \p outer tells which names an enclosing graph defines.
mlir::LogicalResult checkGraph(Model &model, const onnx::GraphProto &graph, llvm::function_ref<bool(llvm::StringRef)> outer);

/// What an op with elements in its result computes where an operand has none; null if that is not defined.
mlir::Value computedFromEmpty(mlir::OpBuilder &builder, mlir::Operation *op);
/// Takes tensors without elements out of a function: nothing is computed for them, and what is computed from them becomes constant.
mlir::LogicalResult removeEmpty(mlir::func::FuncOp function);

class GraphImporter {
public:
  GraphImporter(Model &model, const ImportOptions &options, Evaluator *evaluator);

  mlir::FailureOr<mlir::OwningOpRef<mlir::ModuleOp>> run();

  /// The constant a value is, or can be computed to be; null if it depends on an input.
  mlir::ElementsAttr constantOf(mlir::Value value) { return constantOf(value, known); }
  /// The same with the values in \p known taken for constant, where what is found is kept, too.
  using Known = llvm::DenseMap<mlir::Value, mlir::ElementsAttr>;
  mlir::ElementsAttr constantOf(mlir::Value value, Known &known);
  /// True if a value is constant or can be computed from constants; nothing is computed.
  bool isConstant(mlir::Value value);
  /// The value of a name; makes the constant of an initializer at its first use. Null after an error.
  mlir::Value lookup(const std::string &name);
  bool isKnown(llvm::StringRef name) const { return values.count(name) || initializers.count(name); }

  /// Imports the nodes of a branch in place; values of enclosing graphs are visible. Returns its outputs.
  mlir::FailureOr<llvm::SmallVector<mlir::Value>> importBranch(const onnx::GraphProto &graph);

  Model &model;
  mlir::OpBuilder builder;
  Bounds bounds{*this};

private:
  mlir::LogicalResult importNodes(onnx::GraphProto &graph);
  mlir::LogicalResult importNode(const onnx::GraphProto &graph, int index);
  mlir::LogicalResult checkDeclared(const std::string &name, mlir::Value value);
  void declare(onnx::GraphProto &graph);
  mlir::LogicalResult setStates(llvm::ArrayRef<std::string> outputs, mlir::ValueRange results, mlir::func::FuncOp function);
  mlir::LogicalResult finish(mlir::func::FuncOp function);
  mlir::LogicalResult evaluate(mlir::Operation *op, Known &known);
  /// Arguments for the true dims of inputs whose dims are bounds; these are unpacked by them. (BoundsInterface.cpp)
  void addTrueDims(llvm::ArrayRef<GraphInput> inputs, mlir::Block &block, llvm::SmallVectorImpl<mlir::Attribute> &attrs);
  /// The same for results, which are packed.
  void returnTrueDims(llvm::ArrayRef<std::string> names, llvm::SmallVectorImpl<mlir::Value> &results, llvm::SmallVectorImpl<mlir::Attribute> &attrs);

  const ImportOptions &options;
  Evaluator *evaluator;
  llvm::StringMap<mlir::Value> values;
  llvm::StringMap<onnx::TensorProto *> initializers;
  llvm::StringMap<const onnx::ValueInfoProto *> declared;
  llvm::StringSet<> outputs;
  std::vector<std::unique_ptr<onnx::GraphProto>> branches;
  llvm::DenseSet<mlir::Value> constants;                 ///< Those isConstant has seen.
  Known known; ///< Evaluated values; null for those that depend on inputs.
};

} // namespace dnnc::importer
