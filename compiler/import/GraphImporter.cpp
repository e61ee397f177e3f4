// Builds the function of a checked model, node by node.
#include "compiler/import/GraphImporter.h"
#include "compiler/import/NodeBinder.h"
#include "compiler/import/Tensors.h"

#include "mlir/Dialect/Func/IR/FuncOps.h"
#include "mlir/IR/Verifier.h"
#include "llvm/ADT/StringExtras.h"
#include "llvm/Support/Path.h"

#include <set>

using namespace mlir;

namespace dnnc::importer {

constexpr size_t maxErrors = 20;

GraphImporter::GraphImporter(Model &model, const ImportOptions &options, Evaluator *evaluator, const Assumptions &assumptions)
    : model(model), builder(model.context), options(options), evaluator(evaluator), assumptions(assumptions) {}

//===----------------------------------------------------------------------===//
// Values
//===----------------------------------------------------------------------===//

Value GraphImporter::lookup(const std::string &name) {
  auto found = values.find(name);
  if (found != values.end()) return found->second;
  auto initializer = initializers.find(name);
  if (initializer == initializers.end()) return {};
  FailureOr<ElementsAttr> constant = readTensor(model, *initializer->second, name);
  if (failed(constant)) return {};
  OpBuilder::InsertionGuard guard(builder);
  builder.setInsertionPointToEnd(entry); // from inside a region, too: others may use it later
  return values[name] = createConstant(builder, NameLoc::get(builder.getStringAttr(name)), *constant);
}

/// Small enough to be computed for its shape's sake.
static bool isSmall(Type type) { return cast<RankedTensorType>(type).getNumElements() <= (1 << 20); }

static bool isEmpty(Type type) { return cast<RankedTensorType>(type).getNumElements() == 0; }

LogicalResult GraphImporter::evaluate(Operation *op, Constants &known) {
  SmallVector<ElementsAttr> operands;
  for (Value operand : op->getOperands()) {
    ElementsAttr constant = getConstant(operand);
    operands.push_back(constant ? constant : known.lookup(operand));
    if (!operands.back()) return failure();
  }
  if (llvm::any_of(operands, [](ElementsAttr attr) { return attr.getNumElements() == 0; })) {
    OpBuilder::InsertionGuard guard(builder);
    builder.setInsertionPoint(op);
    Value value = computedFromEmpty(builder, op);
    ElementsAttr constant = value ? compute(value, known) : ElementsAttr();
    if (constant) known[op->getResult(0)] = constant;
    return success(constant != nullptr);
  }
  if (auto reshape = dyn_cast<dnn::ReshapeOp>(op)) {
    std::vector<char> bytes = constantBytes(operands.front());
    known[reshape.getResult()] = makeConstant(cast<RankedTensorType>(reshape.getType()), bytes);
    return success();
  }
  if (auto bitcast = dyn_cast<dnn::BitcastOp>(op)) {
    known[bitcast.getResult()] = bitcastConstant(operands.front(), cast<RankedTensorType>(bitcast.getType()).getElementType());
    return success();
  }
  if (!evaluator || !llvm::all_of(op->getResultTypes(), isSmall)) return failure();
  auto results = evaluator->evaluate(op, operands);
  if (failed(results)) return failure();
  for (auto [value, constant] : llvm::zip(op->getResults(), *results)) known[value] = constant;
  return success();
}

ElementsAttr GraphImporter::compute(Value value, Constants &known) {
  // Depth first with a stack of our own: chains of nodes can be long.
  SmallVector<Value> stack{value};
  while (!stack.empty()) {
    Value top = stack.back();
    if (getConstant(top) || known.count(top)) {
      stack.pop_back();
      continue;
    }
    if (isEmpty(top.getType())) {
      known[top] = makeConstant(cast<RankedTensorType>(top.getType()), ArrayRef<char>());
      stack.pop_back();
      continue;
    }
    Operation *op = top.getDefiningOp();
    Value missing;
    bool varies = !op || isa<dnn::IfOp, dnn::LoopOp>(op); // whose regions may use anything
    for (Value operand : op ? op->getOperands() : OperandRange(nullptr, 0)) {
      if (getConstant(operand)) continue;
      auto found = known.find(operand);
      if (found == known.end())
        missing = operand;
      else if (!found->second)
        varies = true;
    }
    if (varies || (!missing && failed(evaluate(op, known))))
      known[top] = {};
    else if (missing)
      stack.push_back(missing);
  }
  ElementsAttr constant = getConstant(value);
  return constant ? constant : known.lookup(value);
}

ElementsAttr GraphImporter::assumedOf(Value value) {
  if (ElementsAttr constant = compute(value, assumed)) return constant;
  SmallVector<Value> stack{value};
  llvm::DenseSet<Value> seen;
  while (!stack.empty()) {
    Value top = stack.pop_back_val();
    if (!seen.insert(top).second) continue;
    if (Operation *op = top.getDefiningOp())
      llvm::append_range(stack, op->getOperands());
    else if (auto input = cast<BlockArgument>(top); input.getOwner() == entry && !assumptions.count(input.getArgNumber())) // not of a loop's body
      wanted.insert(input.getArgNumber());
  }
  return {};
}

bool GraphImporter::isConstant(Value value) {
  SmallVector<Value> stack{value};
  llvm::DenseSet<Value> seen;
  while (!stack.empty()) {
    Value top = stack.pop_back_val();
    if (constants.contains(top) || !seen.insert(top).second) continue;
    Operation *op = top.getDefiningOp();
    if (!op || isa<dnn::IfOp, dnn::LoopOp>(op)) return false;
    llvm::append_range(stack, op->getOperands());
  }
  constants.insert(seen.begin(), seen.end());
  return true;
}

/// What the file says about a value must agree with what was inferred: types always, shapes of the outputs. Shapes of inner values are
/// hints of other tools, which do not always round windows and scales as runtimes do; where they differ, a warning is enough.
LogicalResult GraphImporter::checkDeclared(const std::string &name, Value value) {
  auto info = declared.find(name);
  if (info == declared.end() || !info->second->type().has_tensor_type()) return success();
  const onnx::TypeProto::Tensor &expected = info->second->type().tensor_type();
  auto type = cast<RankedTensorType>(value.getType());
  auto location = value.getLoc();
  Type element = elementType(model.context, expected.elem_type());
  if (expected.elem_type() && element != type.getElementType())
    return emitError(location) << "value '" << name << "' is declared as " << dataTypeName(expected.elem_type()) << ", but is " << type;
  // Exporters write an empty shape and dims of 0 where they know nothing.
  if (!expected.has_shape() || expected.shape().dim_size() == 0) return success();
  bool agrees = expected.shape().dim_size() == type.getRank();
  std::string text;
  for (int i = 0; i < expected.shape().dim_size(); ++i) {
    const onnx::TensorShapeProto::Dimension &dim = expected.shape().dim(i);
    bool isSet = dim.has_dim_value() && dim.dim_value() > 0 && !(i < type.getRank() && bounds.isBounded(value, i));
    agrees = agrees && (!isSet || dim.dim_value() == type.getDimSize(i));
    text += (i ? ", " : "") + (isSet ? std::to_string(dim.dim_value()) : dim.dim_param().empty() ? "?" : dim.dim_param());
  }
  if (agrees) return success();
  InFlightDiagnostic diagnostic = outputs.contains(name) ? emitError(location) : emitWarning(location);
  return diagnostic << "value '" << name << "' is declared with shape [" << text << "], but its inferred shape is [" << type.getShape()
                    << "]",
         failure(outputs.contains(name));
}

std::optional<SmallVector<int64_t>> GraphImporter::declaredShape(StringRef name) const {
  auto info = declared.find(name);
  if (info == declared.end() || !info->second->type().tensor_type().has_shape()) return std::nullopt;
  SmallVector<int64_t> shape;
  for (const onnx::TensorShapeProto::Dimension &dim : info->second->type().tensor_type().shape().dim())
    shape.push_back(dim.has_dim_value() && dim.dim_value() > 0 ? dim.dim_value() : -1);
  return shape;
}

//===----------------------------------------------------------------------===//
// Nodes
//===----------------------------------------------------------------------===//

void GraphImporter::declare(onnx::GraphProto &graph) {
  for (onnx::TensorProto &tensor : *graph.mutable_initializer()) initializers[tensor.name()] = &tensor;
  for (const onnx::ValueInfoProto &info : graph.value_info()) declared[info.name()] = &info;
  for (const onnx::ValueInfoProto &info : graph.output()) {
    declared[info.name()] = &info;
    outputs.insert(info.name());
  }
  shapes.add(graph);
}

/// The handler of an operator, or what stands for it where shapes are only bounds.
static LogicalResult handle(NodeBinder &binder, const OpEntry &entry) {
  std::optional<LogicalResult> result = importBounded(binder);
  return result ? *result : entry.handler(binder);
}

LogicalResult GraphImporter::importNode(const onnx::GraphProto &graph, int index) {
  const onnx::NodeProto &node = graph.node(index);
  Location loc = model.nodeLoc(node, index);
  // Errors of handlers and of type inference do not name the node: that is put before them.
  std::vector<std::string> errors;
  {
    ScopedDiagnosticHandler handler(model.context, [&](Diagnostic &diagnostic) {
      if (diagnostic.getSeverity() != DiagnosticSeverity::Error) return failure();
      errors.push_back(diagnostic.str());
      return success();
    });
    StringRef domain = normalDomain(node.domain());
    int64_t version = *model.versionOf(node); // which checkGraph has seen
    const OpEntry *entry = Registry::get().find(Registry::key(domain, node.op_type()), version);
    NodeBinder binder(*this, node, *entry, version, loc);
    if (succeeded(binder.checkOperands()) && succeeded(handle(binder, *entry)) && succeeded(binder.checkAttributesRead()) && errors.empty())
      for (auto [name, value] : llvm::zip(node.output(), binder.produced()))
        if (!name.empty() && succeeded(checkDeclared(name, value))) values[name] = value;
  }
  for (const std::string &text : errors)
    StringRef(text).starts_with("node '") ? emitError(loc) << text : model.nodeError(node, index) << text;
  return failure(!errors.empty());
}

LogicalResult GraphImporter::importNodes(onnx::GraphProto &graph) {
  declare(graph);
  FailureOr<std::vector<int>> order = sortNodes(model, graph);
  if (failed(order)) return failure();
  size_t errors = 0;
  bool skipped = false;
  for (int index : *order) {
    // After an error go on with the nodes that do not depend on it, to report all at once.
    if (llvm::all_of(graph.node(index).input(), [&](const std::string &name) { return name.empty() || lookup(name); }))
      errors += failed(importNode(graph, index));
    else
      skipped = true;
    if (errors == maxErrors) {
      model.error() << "too many errors; stopped after " << maxErrors;
      break;
    }
  }
  return failure(errors > 0 || skipped);
}

//===----------------------------------------------------------------------===//
// The function
//===----------------------------------------------------------------------===//

/// Puts `dnn.state`, the number of its output, on the arguments that --state names. Names may hold colons.
LogicalResult GraphImporter::setStates(ArrayRef<std::string> outputs, ValueRange results, func::FuncOp function) {
  std::set<size_t> taken;
  for (const std::string &text : options.states) {
    auto error = [&] { return model.error() << "--state=" << text << ": "; };
    BlockArgument input;
    size_t output = outputs.size();
    for (size_t colon = text.find(':'); colon != std::string::npos && !input; colon = text.find(':', colon + 1)) {
      auto argument = dyn_cast_if_present<BlockArgument>(values.lookup(text.substr(0, colon)));
      output = llvm::find(outputs, text.substr(colon + 1)) - outputs.begin();
      if (argument && output < outputs.size()) input = argument;
    }
    if (!input) {
      auto quoted = [](StringRef name) { return ("'" + name + "'").str(); };
      auto inputs = llvm::map_range(llvm::seq<unsigned>(0, function.getNumArguments()), [&](unsigned i) {
        return quoted(function.getArgAttrOfType<StringAttr>(i, "dnn.name").getValue());
      });
      return error() << "it must be the name of an input, a colon and the name of an output; there are the inputs " << llvm::join(inputs, ", ")
                     << " and the outputs " << llvm::join(llvm::map_range(outputs, quoted), ", "),
             failure();
    }
    if (input.getType() != results[output].getType())
      return error() << "the input is " << input.getType() << " and the output " << results[output].getType() << "; they must be the same", failure();
    if (function.getArgAttr(input.getArgNumber(), "dnn.state") || !taken.insert(output).second)
      return error() << "the input or the output is part of another pair", failure();
    function.setArgAttr(input.getArgNumber(), "dnn.state", builder.getI64IntegerAttr(output));
  }
  return success();
}

/// Back to front, so that whole chains go at once.
static void eraseDead(Block &block) {
  for (Operation &op : llvm::make_early_inc_range(llvm::reverse(block))) {
    if (isOpTriviallyDead(&op))
      op.erase();
    else if (isa<dnn::IfOp, dnn::LoopOp>(op))
      for (Region &region : op.getRegions()) eraseDead(region.front());
  }
}

LogicalResult GraphImporter::finish(func::FuncOp function) {
  // Shape arithmetic has been evaluated; what is left of it is dead.
  eraseDead(function.front());
  return removeEmpty(function);
}

bool GraphImporter::contradictsAssumptions(func::FuncOp function) {
  if (assumptions.empty()) return false;
  return llvm::any_of(function.getOps<dnn::CheckOp>(), [&](dnn::CheckOp check) {
    ElementsAttr condition = compute(check.getCondition(), assumed);
    if (!condition || !llvm::is_contained(constantValues<int64_t>(condition), 0)) return false;
    return check.emitError() << check.getMessage(), true;
  });
}

FailureOr<OwningOpRef<ModuleOp>> GraphImporter::run() {
  onnx::GraphProto &graph = *model.proto.mutable_graph();
  std::vector<GraphInput> inputs;
  if (failed(resolveInputs(model, options, inputs))) return failure();

  for (const auto &[symbol, range] : options.dims)
    if (range.isOne()) shapes.setSymbol(symbol, range.max);
  for (const GraphInput &input : inputs)
    for (auto [dim, min, max] : llvm::zip(graph.input(input.index).type().tensor_type().shape().dim(), input.min, input.type.getShape()))
      if (!dim.dim_param().empty() && min == max) shapes.setSymbol(dim.dim_param(), max);

  Location unknown = builder.getUnknownLoc();
  OwningOpRef<ModuleOp> module = ModuleOp::create(unknown);
  (*module)->setAttr("dnn.model", builder.getStringAttr(llvm::sys::path::filename(model.file)));
  builder.setInsertionPointToEnd(module->getBody());
  auto function = builder.create<func::FuncOp>(unknown, "main", builder.getFunctionType({}, {}));
  Block *block = entry = function.addEntryBlock();
  builder.setInsertionPointToEnd(block);
  SmallVector<Attribute> inputAttrs, outputAttrs;
  auto named = [&](StringRef name) { return builder.getDictionaryAttr(builder.getNamedAttr("dnn.name", builder.getStringAttr(name))); };
  for (const GraphInput &input : inputs) {
    const std::string &name = graph.input(input.index).name();
    Value argument = values[name] = block->addArgument(input.type, NameLoc::get(builder.getStringAttr(name)));
    if (auto values = assumptions.find(inputAttrs.size()); values != assumptions.end()) {
      std::vector<int32_t> narrow(values->second.begin(), values->second.end());
      assumed[argument] = input.type.getElementType().isInteger(64) ? makeConstant<int64_t>(input.type, values->second)
                                                                    : makeConstant<int32_t>(input.type, narrow);
    }
    inputAttrs.push_back(named(name));
  }
  addTrueDims(inputs, *block, inputAttrs);
  if (failed(importNodes(graph)) || contradictsAssumptions(function)) return failure();

  SmallVector<Value> results;
  SmallVector<std::string> names;
  for (const onnx::ValueInfoProto &output : graph.output()) names.push_back(output.name());
  for (const std::string &name : options.keptTensors)
    if (!llvm::is_contained(names, name)) names.push_back(name);
  for (const std::string &name : names) {
    results.push_back(lookup(name));
    outputAttrs.push_back(named(name));
    if (!results.back()) return model.error() << "--keep-tensor: the model has no tensor '" << name << "'", failure();
  }
  returnTrueDims(names, results, outputAttrs);
  builder.create<func::ReturnOp>(unknown, results);
  function.setFunctionType(builder.getFunctionType(block->getArgumentTypes(), ValueRange(results).getTypes()));
  function.setAllArgAttrs(inputAttrs);
  function.setAllResultAttrs(outputAttrs);
  if (failed(setStates(names, results, function))) return failure();
  if (failed(finish(function)) || failed(verify(*module))) return failure();
  return module;
}

} // namespace dnnc::importer
