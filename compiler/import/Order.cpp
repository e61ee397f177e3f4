// The order of computation. ONNX asks for sorted nodes, but not every exporter obeys.
#include "compiler/import/GraphImporter.h"

#include "llvm/ADT/STLExtras.h"

#include <queue>

using namespace mlir;

namespace dnnc::importer {

llvm::StringSet<> definedNames(const onnx::GraphProto &graph) {
  llvm::StringSet<> names;
  for (const onnx::ValueInfoProto &input : graph.input()) names.insert(input.name());
  for (const onnx::TensorProto &tensor : graph.initializer()) names.insert(tensor.name());
  for (const onnx::NodeProto &node : graph.node())
    for (const std::string &name : node.output()) names.insert(name);
  return names;
}

void forEachUse(const onnx::NodeProto &node, function_ref<void(const std::string &)> use) {
  for (const std::string &name : node.input()) use(name);
  for (const onnx::AttributeProto &attribute : node.attribute()) {
    if (attribute.type() != onnx::AttributeProto::GRAPH) continue;
    llvm::StringSet<> own = definedNames(attribute.g());
    auto useOuter = [&](const std::string &name) {
      if (!own.contains(name)) use(name);
    };
    for (const onnx::NodeProto &inner : attribute.g().node()) forEachUse(inner, useOuter);
    for (const onnx::ValueInfoProto &output : attribute.g().output()) useOuter(output.name());
  }
}

/// Reports one cycle among the nodes that could not be ordered.
static void reportCycle(Model &model, const onnx::GraphProto &graph, const std::vector<std::set<int>> &waitsFor) {
  int node = 0;
  while (waitsFor[node].empty()) ++node;
  std::vector<int> path;
  while (!llvm::is_contained(path, node)) {
    path.push_back(node);
    node = *waitsFor[node].begin();
  }
  path.erase(path.begin(), llvm::find(path, node));
  std::string names = "'" + nodeName(graph.node(node), node) + "'";
  constexpr size_t shown = 8;
  for (size_t i = 1; i < path.size() && i < shown; ++i) names += " needs '" + nodeName(graph.node(path[i]), path[i]) + "'";
  if (path.size() > shown) names += " … (" + std::to_string(path.size()) + " nodes)";
  model.nodeError(graph.node(node), node) << "is part of a cycle: " << names << " needs '" << nodeName(graph.node(node), node) << "'";
}

FailureOr<std::vector<int>> sortNodes(Model &model, const onnx::GraphProto &graph) {
  llvm::StringMap<int> producers;
  for (int i = 0; i < graph.node_size(); ++i)
    for (const std::string &name : graph.node(i).output())
      if (!name.empty()) producers[name] = i;
  std::vector<std::set<int>> waitsFor(graph.node_size());
  std::vector<std::vector<int>> consumers(graph.node_size());
  for (int i = 0; i < graph.node_size(); ++i)
    forEachUse(graph.node(i), [&](const std::string &name) {
      auto producer = producers.find(name);
      if (producer != producers.end() && waitsFor[i].insert(producer->second).second) consumers[producer->second].push_back(i);
    });
  // The smallest index first keeps a sorted graph as it is.
  std::priority_queue<int, std::vector<int>, std::greater<int>> ready;
  for (int i = 0; i < graph.node_size(); ++i)
    if (waitsFor[i].empty()) ready.push(i);
  std::vector<int> order;
  while (!ready.empty()) {
    int node = ready.top();
    ready.pop();
    order.push_back(node);
    for (int consumer : consumers[node]) {
      waitsFor[consumer].erase(node);
      if (waitsFor[consumer].empty()) ready.push(consumer);
    }
  }
  if (int(order.size()) == graph.node_size()) return order;
  reportCycle(model, graph, waitsFor);
  return failure();
}

} // namespace dnnc::importer
