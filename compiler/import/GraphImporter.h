// Builds the function of a checked model, node by node.
#pragma once

#include "compiler/import/Bounds.h"
#include "compiler/import/DeclaredShapes.h"
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

/// Puts the functions of the model in place of the nodes that call them.
mlir::LogicalResult inlineFunctions(Model &model);
/// Everything that can be wrong without types: versions, unsupported nodes, names, order, tensors. All problems are reported.
mlir::LogicalResult checkModel(Model &model);
/// The names that a graph itself defines: inputs, initializers, results of nodes. Inside it they hide those of the graphs around it.
llvm::StringSet<> definedNames(const onnx::GraphProto &graph);
/// Calls \p use for every name that a node reads of the graph it is in, also from inside its graph attributes.
void forEachUse(const onnx::NodeProto &node, llvm::function_ref<void(const std::string &)> use);
/// The order in which the nodes can be computed; failure, reported, for a cycle.
mlir::FailureOr<std::vector<int>> sortNodes(Model &model, const onnx::GraphProto &graph);
/// Checks the nodes, names and tensors of a graph; \p outer tells which names an enclosing graph defines; its own may be among them.
mlir::LogicalResult checkGraph(Model &model, const onnx::GraphProto &graph, llvm::function_ref<bool(llvm::StringRef)> outer);

/// What an op with elements in its result computes where an operand has none; null if that is not defined.
mlir::Value computedFromEmpty(mlir::OpBuilder &builder, mlir::Operation *op);
/// Takes tensors without elements out of a function: nothing is computed for them, and what is computed from them becomes constant.
mlir::LogicalResult removeEmpty(mlir::func::FuncOp function);

/// Values that integer inputs are taken to have where a shape depends on them, by the number of the function's argument.
using Assumptions = std::map<unsigned, llvm::SmallVector<int64_t>>;

class GraphImporter {
public:
  GraphImporter(Model &model, const ImportOptions &options, Evaluator *evaluator, const Assumptions &assumptions = {});

  mlir::FailureOr<mlir::OwningOpRef<mlir::ModuleOp>> run();

  /// The constant a value is, or can be computed to be; null if it depends on an input.
  mlir::ElementsAttr constantOf(mlir::Value value) { return compute(value, known); }
  /// The same with the values in \p known taken for constant, where what is found is kept, too.
  using Constants = llvm::DenseMap<mlir::Value, mlir::ElementsAttr>;
  mlir::ElementsAttr compute(mlir::Value value, Constants &known);
  /// The constant that a value is if the assumptions hold; null if it depends on other inputs, too, which are then wanted.
  mlir::ElementsAttr assumedOf(mlir::Value value);
  /// Whether \p value is seen for the first time here: one check of it is enough.
  bool checkOnce(mlir::Value value) { return checked.insert(value).second; }
  /// The inputs that shapes depend on, and of which nothing is assumed.
  const std::set<unsigned> &wantedInputs() const { return wanted; }
  /// True if a value is constant or can be computed from constants; nothing is computed.
  bool isConstant(mlir::Value value);
  /// The value of a name; makes the constant of an initializer at its first use. Null after an error.
  mlir::Value lookup(const std::string &name);
  /// The shape that the graph says a value has, all of its dims.
  std::optional<llvm::SmallVector<int64_t>> wholeShape(llvm::StringRef name) const { return shapes.find(name); }
  bool isKnown(llvm::StringRef name) const { return values.count(name) || initializers.count(name); }

  /// Imports the nodes of a branch or body where the builder stands, its inputs bound to \p inputs; values of enclosing graphs are visible.
  /// Returns its outputs.
  mlir::FailureOr<llvm::SmallVector<mlir::Value>> importBranch(const onnx::GraphProto &graph, llvm::ArrayRef<mlir::Value> inputs = {});
  /// Takes the ops of a region that the function does without. They live on: their values are keys of what was computed of them.
  void discard(mlir::Region &region);
  /// The shape that the file declares for a value, -1 for dims it leaves open; none without one.
  std::optional<llvm::SmallVector<int64_t>> declaredShape(llvm::StringRef name) const;

  Model &model;
  mlir::OpBuilder builder;
  Bounds bounds{*this};

private:
  /// What is known of a name.
  struct Binding {
    mlir::Value value;
    onnx::TensorProto *initializer = nullptr;
    const onnx::ValueInfoProto *declared = nullptr;
    std::optional<llvm::SmallVector<int64_t>> shape;
    bool isOutput = false;
  };
  Binding bindingOf(llvm::StringRef name) const;
  void bind(llvm::StringRef name, const Binding &binding);
  mlir::LogicalResult importNodes(onnx::GraphProto &graph);
  mlir::LogicalResult importNode(const onnx::GraphProto &graph, int index);
  mlir::LogicalResult checkDeclared(const std::string &name, mlir::Value value);
  void declare(onnx::GraphProto &graph);
  mlir::LogicalResult setStates(llvm::ArrayRef<std::string> outputs, mlir::ValueRange results, mlir::func::FuncOp function);
  mlir::LogicalResult finish(mlir::func::FuncOp function);
  bool contradictsAssumptions(mlir::func::FuncOp function);
  mlir::LogicalResult evaluate(mlir::Operation *op, Constants &known);
  /// Arguments for the true dims of inputs whose dims are bounds; these are unpacked by them. (BoundsInterface.cpp)
  void addTrueDims(llvm::ArrayRef<GraphInput> inputs, mlir::Block &block, llvm::SmallVectorImpl<mlir::Attribute> &attrs);
  /// The same for results, which are packed.
  void returnTrueDims(llvm::ArrayRef<std::string> names, llvm::SmallVectorImpl<mlir::Value> &results, llvm::SmallVectorImpl<mlir::Attribute> &attrs);

  const ImportOptions &options;
  Evaluator *evaluator;
  mlir::Block *entry = nullptr; ///< of the function
  llvm::StringMap<mlir::Value> values;
  llvm::StringMap<onnx::TensorProto *> initializers;
  llvm::StringMap<const onnx::ValueInfoProto *> declared;
  llvm::StringSet<> outputs;
  DeclaredShapes shapes;
  std::vector<std::unique_ptr<onnx::GraphProto>> branches;
  std::vector<std::unique_ptr<mlir::Region>> discarded;
  llvm::DenseSet<mlir::Value> constants; ///< Those isConstant has seen.
  Constants known, assumed;              ///< Evaluated values; null for those that depend on inputs.
  llvm::DenseSet<mlir::Value> checked;   ///< Where the assumptions were used.
  const Assumptions assumptions;
  std::set<unsigned> wanted;
};

} // namespace dnnc::importer
