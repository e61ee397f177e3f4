// What can be wrong with a model before any type is known. Every problem is reported, not just the first.
#include "compiler/import/GraphImporter.h"
#include "compiler/import/Tensors.h"

#include "llvm/ADT/StringExtras.h"
#include "llvm/ADT/StringSet.h"

#include <climits>

using namespace mlir;

namespace dnnc::importer {

namespace {
class GraphChecker {
public:
  GraphChecker(Model &model, const onnx::GraphProto &graph, function_ref<bool(StringRef)> outer)
      : model(model), graph(graph), outer(outer) {}

  LogicalResult run();

private:
  void define(StringRef name, StringRef what);
  void checkNode(const onnx::NodeProto &node, int index);
  void checkAttributes(const onnx::NodeProto &node, int index, const OpEntry &entry);
  void checkRule(const onnx::NodeProto &node, int index, const AttributeRule &rule, const onnx::AttributeProto &attribute);
  void unsupported(const onnx::NodeProto &node, int index);

  InFlightDiagnostic error() { return failures = true, model.error(); }
  InFlightDiagnostic error(const onnx::NodeProto &node, int index) { return failures = true, model.nodeError(node, index); }

  Model &model;
  const onnx::GraphProto &graph;
  function_ref<bool(StringRef)> outer;
  llvm::StringMap<std::string> definitions; ///< What defines each name.
  llvm::StringSet<> used;
  bool failures = false;
};
} // namespace

void GraphChecker::define(StringRef name, StringRef what) {
  if (name.empty()) error() << what << " has no name";
  auto [place, isNew] = definitions.try_emplace(name, what.str());
  if (!isNew) error() << "value '" << name << "' is defined twice, by " << place->second << " and by " << what;
}

void GraphChecker::unsupported(const onnx::NodeProto &node, int index) {
  StringRef domain = normalDomain(node.domain());
  std::optional<int64_t> opset = model.versionOf(node);
  std::string version = opset ? "version " + std::to_string(*opset) : "no version: the domain is not imported";
  InFlightDiagnostic diagnostic = error(node, index) << "unsupported operator " << node.op_type() << " of domain '"
                                                     << (domain.empty() ? "ai.onnx" : domain) << "', " << version;
  std::string versions = Registry::get().versions(Registry::key(domain, node.op_type()));
  if (!versions.empty()) diagnostic << "; supported " << versions;
}

void GraphChecker::checkRule(const onnx::NodeProto &node, int index, const AttributeRule &rule, const onnx::AttributeProto &attribute) {
  bool isString = !rule.strings.empty();
  if (attribute.type() != (isString ? onnx::AttributeProto::STRING : onnx::AttributeProto::INT))
    return; // the handler says what type it must have
  if (isString ? llvm::is_contained(rule.strings, attribute.s()) : llvm::is_contained(rule.ints, attribute.i())) return;
  InFlightDiagnostic diagnostic = error(node, index) << "attribute '" << rule.name << "' is ";
  if (isString)
    diagnostic << "'" << attribute.s() << "'; supported are '" << llvm::join(rule.strings, "', '") << "'";
  else
    diagnostic << attribute.i() << "; supported are " << ArrayRef<int64_t>(rule.ints);
}

void GraphChecker::checkAttributes(const onnx::NodeProto &node, int index, const OpEntry &entry) {
  llvm::StringSet<> names;
  for (const onnx::AttributeProto &attribute : node.attribute()) {
    if (!names.insert(attribute.name()).second) error(node, index) << "attribute '" << attribute.name() << "' is there twice";
    if (!attribute.ref_attr_name().empty())
      error(node, index) << "attribute '" << attribute.name() << "' refers to an attribute of a function, but is outside one";
    for (const AttributeRule &rule : entry.attributes)
      if (rule.name == attribute.name()) checkRule(node, index, rule, attribute);
    if (attribute.type() == onnx::AttributeProto::TENSOR)
      failures |= failed(checkTensor(
          model, attribute.t(), "node '" + nodeName(node, index) + "' (" + node.op_type() + "): attribute '" + attribute.name() + "'"));
  }
}

void GraphChecker::checkNode(const onnx::NodeProto &node, int index) {
  StringRef domain = normalDomain(node.domain());
  std::optional<int64_t> opset = model.versionOf(node);
  const OpEntry *entry = opset ? Registry::get().find(Registry::key(domain, node.op_type()), *opset) : nullptr;
  if (!entry) return unsupported(node, index);

  int operands = node.input_size();
  while (operands > 0 && node.input(operands - 1).empty()) --operands;
  if (operands < entry->minOperands() || node.input_size() > entry->maxOperands()) {
    InFlightDiagnostic diagnostic = error(node, index) << "has " << node.input_size() << " inputs; it must have ";
    if (entry->maxOperands() == INT_MAX)
      diagnostic << "at least " << entry->minOperands();
    else if (entry->minOperands() == entry->maxOperands())
      diagnostic << entry->minOperands();
    else
      diagnostic << entry->minOperands() << " to " << entry->maxOperands();
  }
  for (int i = 0; i < operands; ++i)
    if (node.input(i).empty() && !entry->rule(i).optional)
      error(node, index) << "input " << i << " is missing; it is not optional";
    else if (!node.input(i).empty() && !definitions.count(node.input(i)) && !outer(node.input(i)))
      error(node, index) << "input " << i << " ('" << node.input(i) << "') is not defined: no input, initializer or node has that name";

  if (llvm::all_of(node.output(), [](const std::string &name) { return name.empty(); })) error(node, index) << "has no output";
  for (int i = entry->maxResults; i < node.output_size(); ++i)
    if (!node.output(i).empty() && used.contains(node.output(i)))
      error(node, index) << "output " << i << " ('" << node.output(i) << "') is not supported; only "
                         << (entry->maxResults == 1 ? std::string("the first") : "the first " + std::to_string(entry->maxResults))
                         << " may be used";
  checkAttributes(node, index, *entry);
}

LogicalResult GraphChecker::run() {
  llvm::StringSet<> initializers;
  for (const onnx::TensorProto &tensor : graph.initializer()) {
    if (!initializers.insert(tensor.name()).second)
      error() << "initializer '" << tensor.name() << "' is there twice";
    else
      define(tensor.name(), "an initializer");
    failures |= failed(checkTensor(model, tensor, "initializer '" + tensor.name() + "'"));
  }
  if (graph.sparse_initializer_size())
    error() << "sparse initializers are not supported; the first of " << graph.sparse_initializer_size() << " is '"
            << graph.sparse_initializer(0).values().name() << "'";
  for (const onnx::ValueInfoProto &input : graph.input())
    if (!initializers.contains(input.name())) define(input.name(), "an input");
  for (const auto &[index, node] : llvm::enumerate(graph.node()))
    for (const std::string &name : node.output())
      if (!name.empty()) define(name, "node '" + nodeName(node, int(index)) + "'");
  for (const onnx::NodeProto &node : graph.node()) forEachUse(node, [&](const std::string &name) { used.insert(name); });
  llvm::StringSet<> outputs;
  for (const onnx::ValueInfoProto &output : graph.output()) {
    used.insert(output.name());
    if (!outputs.insert(output.name()).second) error() << "output '" << output.name() << "' is there twice";
    if (!definitions.count(output.name()) && !outer(output.name()))
      error() << "output '" << output.name() << "' is not defined: no input, initializer or node has that name";
  }
  if (graph.output_size() == 0) error() << "the graph has no outputs";
  for (const auto &[index, node] : llvm::enumerate(graph.node())) checkNode(node, int(index));
  return failure(failures);
}

LogicalResult checkGraph(Model &model, const onnx::GraphProto &graph, function_ref<bool(StringRef)> outer) {
  return GraphChecker(model, graph, outer).run();
}

LogicalResult checkModel(Model &model) {
  const onnx::ModelProto &proto = model.proto;
  if (proto.ir_version() < 3 || proto.ir_version() > onnx::IR_VERSION)
    return model.error() << "has IR version " << proto.ir_version() << "; supported are 3 to " << int(onnx::IR_VERSION);
  auto opset = model.opsets.find("");
  if (model.opsets.empty())
    return model.error() << "imports no operator set; of domain 'ai.onnx' it may import version " << minOpset << " to " << maxOpset;
  bool isCore = opset != model.opsets.end(); // a model of other domains alone needs none of ai.onnx
  if (isCore && (opset->second < minOpset || opset->second > maxOpset))
    return model.error() << "imports version " << opset->second << " of the operator set 'ai.onnx'; supported are " << minOpset << " to "
                         << maxOpset;
  if (isCore && opset->second > knownOpset)
    emitWarning(UnknownLoc::get(model.context)) << "imports version " << opset->second << " of the operator set 'ai.onnx'; its operators are taken as version "
                                                << knownOpset << " has them";
  if (failed(inlineFunctions(model))) return failure();
  return checkGraph(model, proto.graph(), [](StringRef) { return false; });
}

} // namespace dnnc::importer
