// Functions of the model, put in place of the nodes that call them, before anything is checked. What is called "x" in a function is "call/x"
// where node "call" calls it; every node remembers the function it comes from and its version of the operator set.
#include "compiler/import/GraphImporter.h"

#include "llvm/ADT/ScopeExit.h"
#include "llvm/ADT/StringSet.h"

using namespace mlir;

namespace dnnc::importer {

namespace {
constexpr size_t maxNodes = 4'000'000; ///< functions that call functions can grow beyond all bounds
constexpr const char *functionKey = "dnnc.function", *versionKey = "dnnc.version";

using Nodes = google::protobuf::RepeatedPtrField<onnx::NodeProto>;
using Key = std::tuple<std::string, std::string, std::string>; ///< domain, name, overload

std::string shownName(const onnx::FunctionProto &function) {
  StringRef domain = normalDomain(function.domain());
  return (domain.empty() ? "ai.onnx" : domain.str()) + "." + function.name() + (function.overload().empty() ? "" : ":" + function.overload());
}

/// One call that is being expanded.
struct Call {
  const onnx::FunctionProto *function;
  std::string prefix;
  llvm::StringMap<std::string> names;                          ///< of the function's values, in the graph
  llvm::StringMap<const onnx::AttributeProto *> attributes;    ///< given or default
};

class Inliner {
public:
  explicit Inliner(Model &model) : model(model) {}

  LogicalResult run() {
    for (const onnx::FunctionProto &function : model.proto.functions())
      if (!functions.try_emplace(Key(normalDomain(function.domain()).str(), function.name(), function.overload()), &function).second)
        return model.error() << "function '" << shownName(function) << "' is there twice";
    if (functions.empty()) return success();
    collectNames(model.proto.graph());
    return expand(*model.proto.mutable_graph()->mutable_node());
  }

private:
  void collectNames(const onnx::GraphProto &graph) {
    for (const onnx::ValueInfoProto &input : graph.input()) taken.insert(input.name());
    for (const onnx::TensorProto &tensor : graph.initializer()) taken.insert(tensor.name());
    for (const onnx::NodeProto &node : graph.node()) {
      for (const std::string &name : node.output()) taken.insert(name);
      for (const onnx::AttributeProto &attribute : node.attribute())
        if (attribute.has_g()) collectNames(attribute.g());
    }
  }

  /// \p name, or one like it that nothing else has.
  std::string fresh(const std::string &name) {
    std::string unique = name;
    for (int i = 2; !taken.insert(unique).second; ++i) unique = name + "_" + std::to_string(i);
    return unique;
  }

  /// The function that \p node calls; null for an operator that dnnc knows itself, or that nobody knows.
  const onnx::FunctionProto *calledBy(const onnx::NodeProto &node) {
    std::string domain = normalDomain(node.domain()).str();
    std::optional<int64_t> version = model.versionOf(node);
    if (version && Registry::get().find(Registry::key(domain, node.op_type()), *version)) return nullptr;
    auto found = functions.find(Key(domain, node.op_type(), node.overload()));
    return found == functions.end() ? nullptr : found->second;
  }

  LogicalResult expand(Nodes &nodes) {
    bool calls = false;
    for (onnx::NodeProto &node : nodes) {
      calls |= calledBy(node) != nullptr;
      for (onnx::AttributeProto &attribute : *node.mutable_attribute())
        if (attribute.has_g() && failed(expand(*attribute.mutable_g()->mutable_node()))) return failure();
    }
    if (!calls) return success();
    Nodes expanded;
    for (auto [index, node] : llvm::enumerate(nodes)) {
      const onnx::FunctionProto *function = calledBy(node);
      if (!function)
        expanded.Add()->Swap(&node);
      else if (failed(inlineCall(node, int(index), *function, expanded)))
        return failure();
    }
    nodes.Swap(&expanded);
    return success();
  }

  LogicalResult bind(const onnx::NodeProto &node, int index, Call &call) {
    const onnx::FunctionProto &function = *call.function;
    auto error = [&] { return model.nodeError(node, index) << "calls function '" << shownName(function) << "' "; };
    if (llvm::is_contained(stack, &function)) return error() << "from inside of it; functions cannot be recursive";
    if (node.input_size() > function.input_size())
      return error() << "with " << node.input_size() << " inputs; it has " << function.input_size();
    if (node.output_size() > function.output_size())
      return error() << "for " << node.output_size() << " outputs; it has " << function.output_size();
    for (int i = 0; i < function.input_size(); ++i) call.names[function.input(i)] = i < node.input_size() ? node.input(i) : "";
    for (int i = 0; i < function.output_size(); ++i)
      if (i < node.output_size() && !node.output(i).empty()) call.names.try_emplace(function.output(i), node.output(i));
    for (const onnx::AttributeProto &attribute : function.attribute_proto()) call.attributes[attribute.name()] = &attribute;
    for (const onnx::AttributeProto &attribute : node.attribute()) {
      if (!call.attributes.count(attribute.name()) && !llvm::is_contained(function.attribute(), attribute.name()))
        return error() << "with attribute '" << attribute.name() << "', which it does not have";
      call.attributes[attribute.name()] = &attribute;
    }
    for (const onnx::OperatorSetIdProto &opset : function.opset_import())
      if (normalDomain(opset.domain()).empty() && (opset.version() < minOpset || opset.version() > maxOpset))
        return error() << "which imports version " << opset.version() << " of the operator set 'ai.onnx'; supported are " << minOpset << " to "
                       << maxOpset;
    return success();
  }

  LogicalResult inlineCall(const onnx::NodeProto &node, int index, const onnx::FunctionProto &function, Nodes &out) {
    Call call{&function, nodeName(node, index), {}, {}};
    if (failed(bind(node, index, call))) return failure();
    Nodes body;
    llvm::StringSet<> produced;
    for (auto [i, inner] : llvm::enumerate(function.node())) {
      if (++count > maxNodes) return model.error() << "has more than " << maxNodes << " nodes when its functions are put in place";
      for (const std::string &name : inner.output()) produced.insert(name);
      onnx::NodeProto &copy = *body.Add();
      copy = inner;
      copy.set_name(call.prefix + "/" + nodeName(inner, int(i)));
      adopt(copy, call);
    }
    // An output that is an input.
    for (int i = 0; i < node.output_size(); ++i) {
      if (node.output(i).empty() || produced.contains(function.output(i))) continue;
      onnx::NodeProto &identity = *body.Add();
      identity.set_op_type("Identity");
      identity.set_name(call.prefix + "/" + function.output(i));
      identity.add_input(call.names.lookup(function.output(i)));
      identity.add_output(node.output(i));
    }
    stack.push_back(&function);
    auto pop = llvm::make_scope_exit([&] { stack.pop_back(); });
    if (failed(expand(body))) return failure();
    for (onnx::NodeProto &inner : body) out.Add()->Swap(&inner);
    return success();
  }

  /// Makes a copy of a function's node one of the graph: names, attributes, version.
  void adopt(onnx::NodeProto &node, Call &call) {
    for (std::string &name : *node.mutable_input()) rename(name, call);
    for (std::string &name : *node.mutable_output()) rename(name, call);
    auto *attributes = node.mutable_attribute();
    for (int i = attributes->size(); i-- > 0;) {
      onnx::AttributeProto &attribute = *attributes->Mutable(i);
      if (!attribute.ref_attr_name().empty()) {
        const onnx::AttributeProto *value = call.attributes.lookup(attribute.ref_attr_name());
        std::string name = attribute.name();
        if (!value) {
          attributes->DeleteSubrange(i, 1); // not given, and without a default: the operator's own
          continue;
        }
        attribute = *value;
        attribute.set_name(name);
      } else if (attribute.has_g()) {
        adopt(*attribute.mutable_g(), call);
      }
    }
    auto set = [&](const char *key, const std::string &value) {
      onnx::StringStringEntryProto &entry = *node.add_metadata_props();
      entry.set_key(key);
      entry.set_value(value);
    };
    node.clear_metadata_props();
    set(functionKey, shownName(*call.function));
    for (const onnx::OperatorSetIdProto &opset : call.function->opset_import())
      if (normalDomain(opset.domain()) == normalDomain(node.domain())) set(versionKey, std::to_string(opset.version()));
  }

  void adopt(onnx::GraphProto &graph, Call &call) {
    // What the graph itself defines hides the function's values of that name.
    std::vector<std::pair<std::string, std::optional<std::string>>> hidden;
    for (const auto &own : definedNames(graph)) {
      auto known = call.names.find(own.getKey());
      hidden.emplace_back(own.getKey().str(), known == call.names.end() ? std::nullopt : std::optional(known->second));
      if (known != call.names.end()) call.names.erase(known);
    }
    auto leave = llvm::make_scope_exit([&] {
      for (const auto &[name, known] : hidden) {
        call.names.erase(name);
        if (known) call.names[name] = *known;
      }
    });
    for (onnx::ValueInfoProto &info : *graph.mutable_input()) rename(*info.mutable_name(), call);
    for (onnx::ValueInfoProto &info : *graph.mutable_output()) rename(*info.mutable_name(), call);
    for (onnx::ValueInfoProto &info : *graph.mutable_value_info()) rename(*info.mutable_name(), call);
    for (onnx::TensorProto &tensor : *graph.mutable_initializer()) rename(*tensor.mutable_name(), call);
    for (auto [i, node] : llvm::enumerate(*graph.mutable_node())) {
      node.set_name(call.prefix + "/" + nodeName(node, int(i)));
      adopt(node, call);
    }
  }

  void rename(std::string &name, Call &call) {
    if (name.empty()) return;
    auto [known, isNew] = call.names.try_emplace(name);
    if (isNew) known->second = fresh(call.prefix + "/" + name);
    name = known->second;
  }

  Model &model;
  std::map<Key, const onnx::FunctionProto *> functions;
  std::vector<const onnx::FunctionProto *> stack;
  llvm::StringSet<> taken;
  size_t count = 0;
};

StringRef metadata(const onnx::NodeProto &node, StringRef key) {
  for (const onnx::StringStringEntryProto &entry : node.metadata_props())
    if (entry.key() == key) return entry.value();
  return {};
}
} // namespace

std::optional<int64_t> Model::versionOf(const onnx::NodeProto &node) const {
  int64_t version = 0;
  if (!metadata(node, versionKey).getAsInteger(10, version)) return version;
  auto opset = opsets.find(normalDomain(node.domain()));
  return opset == opsets.end() ? std::nullopt : std::optional(opset->second);
}

StringRef Model::functionOf(const onnx::NodeProto &node) { return metadata(node, functionKey); }

LogicalResult inlineFunctions(Model &model) { return Inliner(model).run(); }

} // namespace dnnc::importer
