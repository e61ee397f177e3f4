#include "compiler/import/Assumptions.h"
#include "compiler/import/RunTime.h"

#include "dialects/dnn/Remarks.h"

using namespace mlir;

namespace dnnc::importer {

namespace {
constexpr int maxImports = 64;        ///< of one model
constexpr int64_t maxAssumed = 16;    ///< elements of an input
constexpr size_t maxCandidates = 200; ///< values of one input

/// One import, its diagnostics held back.
struct Attempt {
  FailureOr<OwningOpRef<ModuleOp>> module = failure();
  std::vector<Diagnostic> diagnostics;
  std::set<unsigned> wanted; ///< inputs that shapes depend on
  std::vector<DeclaredShapes::Shape> outputs;

  void report(MLIRContext *context) {
    for (Diagnostic &diagnostic : diagnostics) context->getDiagEngine().emit(std::move(diagnostic));
    diagnostics.clear();
  }
};

Attempt import(Model &model, const ImportOptions &options, Evaluator *evaluator, const Assumptions &assumptions) {
  Attempt attempt;
  ScopedDiagnosticHandler handler(model.context, [&](Diagnostic &diagnostic) { attempt.diagnostics.push_back(std::move(diagnostic)); });
  GraphImporter importer(model, options, evaluator, assumptions);
  attempt.module = importer.run();
  attempt.wanted = importer.wantedInputs();
  for (const onnx::ValueInfoProto &output : model.proto.graph().output())
    if (auto shape = importer.wholeShape(output.name())) attempt.outputs.push_back(*shape);
  return attempt;
}

/// Calls \p use with the subsequences of \p list of a length.
void forSubsequences(ArrayRef<int64_t> list, size_t length, llvm::function_ref<void(ArrayRef<int64_t>)> use) {
  if (list.size() > 12 || length > list.size()) return;
  std::vector<size_t> places(length);
  for (size_t i = 0; i < length; ++i) places[i] = i;
  while (true) {
    Ints chosen;
    for (size_t place : places) chosen.push_back(list[place]);
    use(chosen);
    size_t last = length;
    while (last > 0 && places[last - 1] == list.size() - length + last - 1) --last;
    if (last == 0) return;
    ++places[last - 1];
    for (size_t i = last; i < length; ++i) places[i] = places[i - 1] + 1;
  }
}

/// What an input of \p count elements may be: a declared output shape; some dims of one, in their order; the same with a 1 among them.
std::vector<Ints> candidates(int64_t count, ArrayRef<DeclaredShapes::Shape> outputs) {
  std::vector<Ints> list;
  auto add = [&](ArrayRef<int64_t> values) {
    Ints candidate(values);
    if (list.size() < maxCandidates && !llvm::is_contained(list, candidate)) list.push_back(candidate);
  };
  for (const auto &shape : outputs) forSubsequences(shape, count, add);
  for (const auto &shape : outputs)
    for (int64_t place = 0; place < count; ++place)
      forSubsequences(shape, count - 1, [&](ArrayRef<int64_t> rest) {
        Ints values(rest);
        values.insert(values.begin() + place, 1);
        add(values);
      });
  return list;
}

/// The next combination of candidates; false after the last.
bool nextCombination(std::vector<size_t> &places, ArrayRef<std::vector<Ints>> lists) {
  for (size_t i = 0; i < places.size(); ++i) {
    if (++places[i] < lists[i].size()) return true;
    places[i] = 0;
  }
  return false;
}

std::string text(const Assumptions &assumptions, const Model &model, ArrayRef<GraphInput> inputs) {
  std::string result;
  for (const auto &[index, values] : assumptions)
    result += (result.empty() ? "'" : ", '") + model.proto.graph().input(inputs[index].index).name() + "' " + listText(values);
  return result;
}
} // namespace

FailureOr<OwningOpRef<ModuleOp>> importWithAssumptions(Model &model, const ImportOptions &options, Evaluator *evaluator) {
  std::vector<GraphInput> inputs;
  std::set<unsigned> assumable;
  {
    ScopedDiagnosticHandler quiet(model.context, [](Diagnostic &) {}); // the import itself reports
    if (succeeded(resolveInputs(model, options, inputs)))
      for (auto [index, input] : llvm::enumerate(inputs)) {
        Type element = input.type.getElementType();
        bool isIndex = element.isSignlessInteger(32) || element.isSignlessInteger(64);
        if (isIndex && !input.isBounded() && input.type.getNumElements() <= maxAssumed) assumable.insert(index);
      }
  }
  if (assumable.empty()) return GraphImporter(model, options, evaluator).run();

  model.keepsTensors = true;
  const int64_t budget = model.constantBudget;
  Attempt first = import(model, options, evaluator, {});
  std::set<unsigned> wanted = first.wanted;
  if (succeeded(first.module) || wanted.empty() || first.outputs.empty()) {
    first.report(model.context);
    return std::move(first.module);
  }
  int imports = 1;
  bool restart = true;
  while (restart) {
    restart = false;
    std::vector<unsigned> indices(wanted.begin(), wanted.end());
    std::vector<std::vector<Ints>> lists;
    for (unsigned index : indices)
      lists.push_back(assumable.count(index) ? candidates(inputs[index].type.getNumElements(), first.outputs) : std::vector<Ints>());
    if (llvm::any_of(lists, [](const std::vector<Ints> &list) { return list.empty(); })) break;
    std::vector<size_t> places(indices.size(), 0);
    do {
      Assumptions assumptions;
      for (auto [index, place, list] : llvm::zip(indices, places, lists)) assumptions[index] = list[place];
      model.constantBudget = budget;
      Attempt attempt = import(model, options, evaluator, assumptions);
      if (succeeded(attempt.module)) {
        attempt.report(model.context);
        remark(UnknownLoc::get(model.context), "import",
               "shapes depend on " + text(assumptions, model, inputs) + ", as the declared output shapes say; the run checks that");
        return std::move(attempt.module);
      }
      restart = !llvm::all_of(attempt.wanted, [&](unsigned index) { return wanted.count(index); });
      wanted.insert(attempt.wanted.begin(), attempt.wanted.end());
    } while (!restart && ++imports < maxImports && nextCombination(places, lists));
    restart = restart && ++imports < maxImports;
  }
  first.report(model.context);
  std::string names;
  for (unsigned index : wanted) names += (names.empty() ? "'" : ", '") + model.proto.graph().input(inputs[index].index).name() + "'";
  return model.error()
         << "shapes depend on the input " << names << "; none of " << imports - 1
         << " values that were tried gives the declared shapes of the outputs. The shape of the node's result, declared in the "
            "graph's value_info, would do, or a constant in place of the input";
}

} // namespace dnnc::importer
