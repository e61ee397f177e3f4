// TreeEnsemble (ai.onnx.ml): all rows walk down all trees at once, a level at a time.
//
// A place is a node, or a leaf, which is its own child. A step looks up what stands at each place (feature, split, children) and moves on by the
// comparison; after as many steps as the deepest tree has levels all stand on leaves. Nakandala et al., "A Tensor Compiler for Unified Machine
// Learning Prediction Serving", OSDI 2020, strategy TreeTraversal.
#include "compiler/import/NodeBinder.h"

#include <cmath>

using namespace mlir;

namespace dnnc::importer {

namespace {
enum Mode { LessEqual, Less, GreaterEqual, Greater, Equal, NotEqual, Member };
constexpr StringLiteral comparisons[] = {"less_equal", "less", "greater_equal", "greater", "equal", "not_equal"};
constexpr int64_t mostLevels = 4096; ///< each is a few ops

class Ensemble {
public:
  explicit Ensemble(NodeBinder &node) : node(node) {}
  LogicalResult import();

private:
  bool read();
  bool measure(int64_t root);
  bool makeTables(Type element);
  Value step(Value values, Value starts, Value places);
  Value isMember(Value x, Value places);
  std::optional<std::vector<double>> tensor(StringRef name, bool required, size_t count);
  bool ints(StringRef name, Ints &list, size_t count, int64_t limit);

  int64_t nodeCount() const { return int64_t(modes.size()); }
  int64_t placeCount() const { return nodeCount() + int64_t(weights.size()); }
  /// One value for each place, from one for each node; 0 for leaves.
  template <class List> Value table(const List &list, Type type) {
    std::vector<double> padded(list.begin(), list.end());
    padded.resize(placeCount());
    return constant({placeCount()}, type, padded);
  }
  Value lookUp(Value table, Value places) { return node.create<dnn::GatherOp>(table, places, node.i64(0)); }
  Value constant(ArrayRef<int64_t> shape, Type type, ArrayRef<double> values) {
    return createConstant(node.builder, node.loc, RankedTensorType::get(shape, type), values);
  }

  NodeBinder &node;
  int64_t targets = 0, levels = 0;
  Ints roots, features, trueIds, falseIds, trueLeafs, falseLeafs, leafTargets, tracksTrue;
  std::vector<double> modes, splits, weights;
  std::vector<std::vector<double>> members; ///< of each node; empty unless its mode is Member
  std::set<int> usedModes;

  // What stands at each place; null where it is the same for all nodes.
  Value featureTable, splitTable, modeTable, missingTable, memberTable;
  Value children; ///< of each place: where the comparison is false, where it is true
  Value reached;  ///< what each place adds to each target
};
} // namespace

std::optional<std::vector<double>> Ensemble::tensor(StringRef name, bool required, size_t count) {
  if (!required && !node.hasAttr(name)) return std::vector<double>();
  FailureOr<ElementsAttr> value = node.tensorAttr(name);
  if (failed(value)) return std::nullopt;
  std::vector<double> list = constantValues<double>(*value);
  if (count && list.size() != count)
    return node.error() << "attribute '" << name << "' has " << list.size() << " values; it must have " << count, std::nullopt;
  return list;
}

/// A list of \p count values from 0 to \p limit - 1.
bool Ensemble::ints(StringRef name, Ints &list, size_t count, int64_t limit) {
  list = node.intsAttr(name).value_or(Ints());
  if (list.size() != count) return node.error() << "attribute '" << name << "' has " << list.size() << " values; it must have " << count, false;
  for (int64_t value : list)
    if (value < 0 || value >= limit)
      return node.error() << "attribute '" << name << "' has the value " << value << "; it must be between 0 and " << limit - 1, false;
  return true;
}

bool Ensemble::read() {
  targets = node.intAttr("n_targets", std::nullopt, positive);
  node.attr("nodes_hitrates");
  roots = node.intsAttr("tree_roots").value_or(Ints());
  auto modeList = tensor("nodes_modes", true, 0), weightList = tensor("leaf_weights", true, 0);
  if (!modeList || !weightList || modeList->empty() || weightList->empty()) return false;
  modes = *modeList, weights = *weightList;
  size_t count = modes.size();
  auto splitList = tensor("nodes_splits", true, count), memberList = tensor("membership_values", false, 0);
  int64_t columns = node.shape(node.operand(0))[1], nodeOrLeaf = int64_t(std::max(count, weights.size()));
  if (!splitList || !memberList || !ints("nodes_featureids", features, count, columns) ||
      !ints("nodes_truenodeids", trueIds, count, nodeOrLeaf) || !ints("nodes_falsenodeids", falseIds, count, nodeOrLeaf) ||
      !ints("nodes_trueleafs", trueLeafs, count, 2) || !ints("nodes_falseleafs", falseLeafs, count, 2) ||
      !ints("leaf_targetids", leafTargets, weights.size(), targets))
    return false;
  tracksTrue.assign(count, 0);
  if (node.hasAttr("nodes_missing_value_tracks_true") && !node.intsAttr("nodes_missing_value_tracks_true")->empty() &&
      !ints("nodes_missing_value_tracks_true", tracksTrue, count, 2))
    return false;
  splits = *splitList;
  members.resize(count);
  size_t at = 0; // sets stand in the order of their nodes, each ended by a NaN
  for (size_t i = 0; i < count; ++i) {
    if (!(modes[i] >= LessEqual && modes[i] <= Member) || modes[i] != std::trunc(modes[i]))
      return node.error() << "attribute 'nodes_modes' has the value " << modes[i] << "; it must be a whole number from 0 to 6", false;
    if (modes[i] != Member) continue;
    while (at < memberList->size() && !std::isnan((*memberList)[at])) members[i].push_back((*memberList)[at++]);
    ++at;
    if (members[i].empty())
      return node.error() << "attribute 'membership_values' has no set for node " << i << ", whose mode is 6 (BRANCH_MEMBER)", false;
  }
  return llvm::all_of(roots, [&](int64_t root) { return measure(root); });
}

/// Checks what lies below a root, depth first with a stack of its own.
bool Ensemble::measure(int64_t root) {
  if (root < 0 || root >= nodeCount())
    return node.error() << "attribute 'tree_roots' has the value " << root << "; it must be between 0 and " << nodeCount() - 1, false;
  SmallVector<std::pair<int64_t, int64_t>> stack{{root, 1}}; // nodes and their levels
  for (int64_t visited = 1; !stack.empty(); ++visited) {
    auto [index, level] = stack.pop_back_val();
    if (visited > nodeCount()) return node.error() << "the tree at node " << root << " never ends: its nodes refer to each other", false;
    if (level > mostLevels) return node.error() << "the tree at node " << root << " has more than " << mostLevels << " levels, the limit", false;
    levels = std::max(levels, level);
    for (bool isTrue : {false, true}) {
      int64_t next = (isTrue ? trueIds : falseIds)[index];
      bool isLeaf = (isTrue ? trueLeafs : falseLeafs)[index];
      if (next >= (isLeaf ? int64_t(weights.size()) : nodeCount()))
        return node.error() << "node " << index << " refers to " << (isLeaf ? "leaf " : "node ") << next << ", which is not there", false;
      if (!isLeaf) stack.push_back({next, level + 1});
    }
  }
  return true;
}

bool Ensemble::makeTables(Type element) {
  Builder &builder = node.builder;
  for (double mode : modes) usedModes.insert(int(mode));
  featureTable = table(features, builder.getI64Type());
  splitTable = table(splits, element);
  if (usedModes.size() > 1) modeTable = table(modes, builder.getI32Type());
  if (llvm::is_contained(tracksTrue, 1)) missingTable = table(tracksTrue, builder.getI1Type());
  if (usedModes.count(Member)) {
    size_t most = 0;
    for (const std::vector<double> &set : members) most = std::max(most, set.size());
    if (!node.affords(placeCount() * int64_t(most))) return false;
    std::vector<double> sets(placeCount() * most, std::nan(""));
    for (auto [index, set] : llvm::enumerate(members)) llvm::copy(set, sets.begin() + index * most);
    memberTable = constant({placeCount(), int64_t(most)}, element, sets);
  }
  if (!node.affords(countElements({placeCount(), targets}))) return false;
  std::vector<double> next, sums(placeCount() * targets);
  for (int64_t i = 0; i < nodeCount(); ++i) {
    next.push_back(double(falseIds[i] + falseLeafs[i] * nodeCount()));
    next.push_back(double(trueIds[i] + trueLeafs[i] * nodeCount()));
  }
  for (int64_t place = nodeCount(); place < placeCount(); ++place) next.insert(next.end(), 2, double(place));
  children = constant({2 * placeCount()}, builder.getI64Type(), next);
  for (auto [leaf, target] : llvm::enumerate(leafTargets)) sums[(nodeCount() + leaf) * targets + target] = weights[leaf];
  reached = constant({placeCount(), targets}, element, sums);
  return true;
}

/// Whether \p x [rows, trees] is in the set of its place.
Value Ensemble::isMember(Value x, Value places) {
  int64_t rows = node.shape(x)[0], trees = node.shape(x)[1];
  Value hits = node.pointwise({node.reshape(x, {rows, trees, 1}), lookUp(memberTable, places)}, [&](Chain &chain, ValueRange args) {
    return chain.fn("cast", chain.boolean("equal", args), node.builder.getI32Type());
  });
  return node.cast(node.reshape(node.reduce(hits, dnn::ReduceKind::Max, {2}), {rows, trees}), node.builder.getI1Type());
}

/// Where the walk goes on from \p places [rows, trees]; \p values are the input's, in a row, and \p starts where its rows start there.
Value Ensemble::step(Value values, Value starts, Value places) {
  Type i64 = node.builder.getI64Type(), i1 = node.builder.getI1Type();
  Value offsets = node.pointwise({lookUp(featureTable, places), starts}, [](Chain &chain, ValueRange args) { return chain.fn("add", args); });
  Value x = lookUp(values, offsets);
  SmallVector<Value> operands{places, x, lookUp(splitTable, places)};
  auto add = [&](bool present, auto make) { return present ? (operands.push_back(make()), int(operands.size()) - 1) : -1; };
  int mode = add(bool(modeTable), [&] { return lookUp(modeTable, places); });
  int missing = add(bool(missingTable), [&] { return lookUp(missingTable, places); });
  int member = add(bool(memberTable), [&] { return isMember(x, places); });
  Value turn = node.pointwise(operands, [&](Chain &chain, ValueRange args) {
    Value result;
    for (int number : usedModes) {
      Value passed = number == Member ? args[member] : chain.boolean(comparisons[number], {args[1], args[2]});
      result = !result ? passed : chain.fn("where", {chain.boolean("equal", {args[mode], chain.constant(number, args[mode].getType())}), passed, result}, i1);
    }
    Value unknown = missing < 0 ? chain.constant(0, i1) : args[missing];
    result = chain.fn("where", {chain.boolean("is_nan", args[1]), unknown, result}, i1);
    return chain.fn("add", {chain.fn("mul", {args[0], chain.constant(2, i64)}), chain.fn("cast", {result}, i64)});
  });
  return lookUp(children, turn);
}

LogicalResult Ensemble::import() {
  Value x = node.operand(0);
  if (node.rank(x) != 2) return node.error() << "the input is " << node.type(x) << "; it must be [rows, features]";
  bool average = node.intAttr("aggregate_function", 1) == 0;
  int64_t transform = node.intAttr("post_transform", 0);
  if (!read()) return failure();
  if (roots.empty()) return node.error() << "attribute 'tree_roots' is empty; there must be a tree";
  Type element = node.type(x).getElementType();
  int64_t rows = node.shape(x)[0], trees = int64_t(roots.size());
  if (!makeTables(element) || !node.affords(rows)) return failure();
  if (node.bounds().isBounded(x, 1)) return node.error() << "the number of features is chosen at run time; it must be known";
  Bounds::Pause pause(node.bounds()); // of all rows; which are true is said at the end
  Ints starts;
  for (int64_t row = 0; row < rows; ++row) starts.push_back(row * node.shape(x)[1]);
  Value rowStarts = node.constantI64(starts, {rows, 1});
  Value values = node.reshape(x, {node.type(x).getNumElements()});
  Value places = node.broadcast(node.constantI64(roots, {1, trees}), {rows, trees});
  for (int64_t level = 0; level < levels && places; ++level) places = step(values, rowStarts, places);
  Value y = lookUp(reached, places);
  y = node.reshape(node.reduce(y, dnn::ReduceKind::Sum, {1}), {rows, targets});
  if (average)
    y = node.pointwise({y}, [&](Chain &chain, ValueRange args) { return chain.fn("div", {args[0], chain.constant(double(trees), element)}); });
  if (transform == 1) y = node.softmax(y, 1);
  if (transform == 2) y = node.pointwise({y}, [](Chain &chain, ValueRange args) { return chain.fn("sigmoid", args); });
  if (y && node.bounds().isBounded(x)) node.bounds().set(y, {node.bounds().of(x)[0], Size(targets)});
  return node.result(y);
}

void registerTrees(Registry &registry) {
  registry.on("ai.onnx.ml.TreeEnsemble", 5, "F", [](NodeBinder &node) { return Ensemble(node).import(); })
      .allowInts("aggregate_function", {0, 1})
      .allowInts("post_transform", {0, 1, 2});
}

} // namespace dnnc::importer
