// Graphs inside of nodes: branches and bodies, whose names are their own.
#include "compiler/import/GraphImporter.h"

#include "llvm/ADT/STLExtras.h"
#include "llvm/ADT/ScopeExit.h"

using namespace mlir;

namespace dnnc::importer {

GraphImporter::Binding GraphImporter::bindingOf(StringRef name) const {
  return {values.lookup(name), initializers.lookup(name), declared.lookup(name), shapes.find(name), outputs.contains(name)};
}

void GraphImporter::bind(StringRef name, const Binding &binding) {
  auto set = [&](auto &map, const auto &value) {
    if (value)
      map[name] = value;
    else
      map.erase(name);
  };
  set(values, binding.value);
  set(initializers, binding.initializer);
  set(declared, binding.declared);
  binding.shape ? shapes.set(name, *binding.shape) : shapes.erase(name);
  if (binding.isOutput)
    outputs.insert(name);
  else
    outputs.erase(name);
}

FailureOr<SmallVector<Value>> GraphImporter::importBranch(const onnx::GraphProto &graph, ArrayRef<Value> inputs) {
  if (failed(checkGraph(model, graph, [&](StringRef name) { return isKnown(name); }))) return failure();
  branches.push_back(std::make_unique<onnx::GraphProto>(graph));
  onnx::GraphProto &copy = *branches.back();
  if (copy.input_size() != int(inputs.size()))
    return model.error() << "graph '" << copy.name() << "' has " << copy.input_size() << " inputs; it must have " << inputs.size(), failure();
  // The branch's names are its own: they hide those around it, and what it declares of others holds inside it.
  const llvm::StringSet<> own = definedNames(copy);
  std::vector<std::pair<std::string, Binding>> hidden;
  auto hide = [&](const std::string &name) {
    Binding binding = bindingOf(name);
    bind(name, own.contains(name) ? Binding() : Binding{binding.value, binding.initializer});
    hidden.emplace_back(name, std::move(binding));
  };
  for (const auto &name : own) hide(name.getKey().str());
  for (const auto *list : {&copy.output(), &copy.value_info()})
    for (const onnx::ValueInfoProto &info : *list)
      if (!own.contains(info.name())) hide(info.name());
  auto leave = llvm::make_scope_exit([&] {
    for (auto &[name, binding] : llvm::reverse(hidden)) {
      if (!own.contains(name)) binding.value = values.lookup(name); // the constant of an initializer may have been made meanwhile
      bind(name, binding);
    }
  });
  for (auto [input, value] : llvm::zip(copy.input(), inputs)) values[input.name()] = value;
  if (failed(importNodes(copy))) return failure();
  SmallVector<Value> results;
  for (const onnx::ValueInfoProto &output : copy.output()) results.push_back(lookup(output.name()));
  return results;
}

void GraphImporter::discard(Region &region) {
  region.dropAllReferences();
  discarded.push_back(std::make_unique<Region>());
  discarded.back()->takeBody(region);
}

} // namespace dnnc::importer
