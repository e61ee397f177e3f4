// TreeEnsemble (ai.onnx.ml): every tree as two matrix products.
//
// All comparisons of all trees are computed; a leaf is reached when as many comparisons on its path go its way as the path is long, which is one
// product of the comparisons (0 or 1) with a matrix of 1 (the path goes on where true) and -1 (where false); another sums the weights of the
// leaves reached. Nakandala et al., "A Tensor Compiler for Unified Machine Learning Prediction Serving", OSDI 2020, strategy GEMM.
#include "compiler/import/NodeBinder.h"

#include <cmath>

using namespace mlir;

namespace dnnc::importer {

namespace {
enum Mode { LessEqual, Less, GreaterEqual, Greater, Equal, NotEqual, Member };

struct Step {
  int64_t place; ///< of the comparison within its tree
  bool isTrue;
};
struct Leaf {
  int64_t id;
  SmallVector<Step> path;
};
struct Tree {
  SmallVector<int64_t> nodes; ///< indices into nodes_*
  std::vector<Leaf> leaves;
};

class Ensemble {
public:
  explicit Ensemble(NodeBinder &node) : node(node) {}
  LogicalResult import();

private:
  bool read();
  bool grow(int64_t root);
  Value comparisons(Value x);
  Value weightsReached(Value conditions, Type element);
  std::optional<std::vector<double>> tensor(StringRef name, bool required, size_t count);
  bool ints(StringRef name, Ints &list, size_t count, int64_t limit);

  /// One value for each node of each tree, padded to the largest tree.
  template <class F> std::vector<double> perNode(F value, double padding) {
    std::vector<double> result(trees.size() * width, padding);
    for (auto [t, tree] : llvm::enumerate(trees))
      for (auto [place, index] : llvm::enumerate(tree.nodes)) result[t * width + place] = value(index);
    return result;
  }
  Value constant(ArrayRef<int64_t> shape, Type type, ArrayRef<double> values) {
    return createConstant(node.builder, node.loc, RankedTensorType::get(shape, type), values);
  }

  NodeBinder &node;
  int64_t targets = 0;
  Ints roots, features, trueIds, falseIds, trueLeafs, falseLeafs, leafTargets, tracksTrue;
  std::vector<double> modes, splits, weights;
  std::vector<std::vector<double>> members; ///< of each node; empty unless its mode is Member
  std::vector<Tree> trees;
  size_t width = 0, leaves = 0;
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
    if (modes[i] > Member) return node.error() << "attribute 'nodes_modes' has the value " << modes[i] << "; it must be between 0 and 6", false;
    if (modes[i] != Member) continue;
    while (at < memberList->size() && !std::isnan((*memberList)[at])) members[i].push_back((*memberList)[at++]);
    ++at;
    if (members[i].empty())
      return node.error() << "attribute 'membership_values' has no set for node " << i << ", whose mode is 6 (BRANCH_MEMBER)", false;
  }
  return llvm::all_of(roots, [&](int64_t root) { return grow(root); });
}

/// The nodes and leaves below a root, depth first with a stack of its own.
bool Ensemble::grow(int64_t root) {
  int64_t count = int64_t(modes.size());
  if (root < 0 || root >= count)
    return node.error() << "attribute 'tree_roots' has the value " << root << "; it must be between 0 and " << count - 1, false;
  Tree tree;
  SmallVector<std::pair<int64_t, SmallVector<Step>>> stack{{root, {}}};
  while (!stack.empty()) {
    auto [index, path] = stack.pop_back_val();
    int64_t place = int64_t(tree.nodes.size());
    tree.nodes.push_back(index);
    if (place > count) return node.error() << "the tree at node " << root << " never ends: its nodes refer to each other", false;
    for (bool isTrue : {false, true}) {
      int64_t next = (isTrue ? trueIds : falseIds)[index];
      bool isLeaf = (isTrue ? trueLeafs : falseLeafs)[index];
      if (next >= (isLeaf ? int64_t(weights.size()) : count))
        return node.error() << "node " << index << " refers to " << (isLeaf ? "leaf " : "node ") << next << ", which is not there", false;
      SmallVector<Step> longer = path;
      longer.push_back({place, isTrue});
      if (isLeaf)
        tree.leaves.push_back({next, longer});
      else
        stack.push_back({next, longer});
    }
  }
  width = std::max(width, tree.nodes.size());
  leaves = std::max(leaves, tree.leaves.size());
  trees.push_back(std::move(tree));
  return true;
}

/// [trees, rows, width] of bools.
Value Ensemble::comparisons(Value x) {
  int64_t count = int64_t(trees.size()), rows = node.shape(x)[0], wide = int64_t(width);
  Type element = node.type(x).getElementType(), i64 = node.builder.getI64Type(), i1 = node.builder.getI1Type();
  Value ids = constant({count, wide}, i64, perNode([&](int64_t i) { return double(features[i]); }, 0));
  Value values = node.transpose(node.create<dnn::GatherOp>(x, ids, node.i64(1)), {1, 0, 2});
  auto row = [&](Type type, auto of) { return constant({count, 1, wide}, type, perNode(of, 0)); };
  Value split = row(element, [&](int64_t i) { return splits[i]; }), mode = row(node.builder.getI32Type(), [&](int64_t i) { return modes[i]; });
  Value missing = row(i1, [&](int64_t i) { return double(tracksTrue[i]); });
  size_t most = 0;
  for (const std::vector<double> &set : members) most = std::max(most, set.size());
  Value isMember = row(i1, [](int64_t) { return 0.0; });
  if (most) {
    std::vector<double> sets(trees.size() * width * most, std::nan(""));
    for (auto [t, tree] : llvm::enumerate(trees))
      for (auto [place, index] : llvm::enumerate(tree.nodes)) llvm::copy(members[index], sets.begin() + (t * width + place) * most);
    Value list = constant({count, 1, wide, int64_t(most)}, element, sets);
    Value hits = node.pointwise({node.reshape(values, {count, rows, wide, 1}), list}, [&](Chain &chain, ValueRange args) {
      return chain.fn("cast", chain.boolean("equal", args), node.builder.getI32Type());
    });
    isMember = node.cast(node.reshape(node.reduce(hits, dnn::ReduceKind::Max, {3}), {count, rows, wide}), i1);
  }
  return node.pointwise({values, split, mode, missing, isMember}, [&](Chain &chain, ValueRange args) {
    Value result = args[4];
    const std::pair<Mode, StringRef> tests[] = {{LessEqual, "less_equal"}, {Less, "less"},   {GreaterEqual, "greater_equal"},
                                                {Greater, "greater"},      {Equal, "equal"}, {NotEqual, "not_equal"}};
    for (auto [number, fn] : tests) {
      Value isMode = chain.boolean("equal", {args[2], chain.constant(number, args[2].getType())});
      result = chain.fn("where", {isMode, chain.boolean(fn, {args[0], args[1]}), result}, i1);
    }
    return chain.fn("where", {chain.boolean("is_nan", args[0]), args[3], result}, i1);
  });
}

/// [trees, rows, targets]: the weights of the leaves that the comparisons reach.
Value Ensemble::weightsReached(Value conditions, Type element) {
  int64_t count = int64_t(trees.size()), wide = int64_t(width), most = int64_t(leaves);
  constexpr double limit = 1 << 26;
  if (double(count) * double(wide + targets) * double(most) > limit)
    return node.error() << "has " << count << " trees of up to " << wide << " nodes and " << most << " leaves; the matrices of their paths may have at most "
                        << int64_t(limit) << " elements",
           Value();
  Type f32 = node.builder.getF32Type();
  std::vector<double> paths(count * wide * most), counts(count * most, -1), sums(count * most * targets);
  for (auto [t, tree] : llvm::enumerate(trees))
    for (auto [l, leaf] : llvm::enumerate(tree.leaves)) {
      double trues = 0;
      for (Step step : leaf.path) {
        paths[(t * wide + step.place) * most + l] = step.isTrue ? 1 : -1;
        trues += step.isTrue;
      }
      counts[t * most + l] = trues;
      sums[(t * most + l) * targets + leafTargets[leaf.id]] = weights[leaf.id];
    }
  auto product = [&](Value a, Value b) { return node.create<dnn::MatMulOp>(a, b, Value(), ValueRange(), node.i64(0)); };
  Value scores = product(node.cast(conditions, f32), constant({count, wide, most}, f32, paths));
  Value reached = node.pointwise({scores, constant({count, 1, most}, f32, counts)},
                                 [&](Chain &chain, ValueRange args) { return chain.fn("cast", chain.boolean("equal", args), element); });
  return reached ? product(reached, constant({count, most, targets}, element, sums)) : Value();
}

LogicalResult Ensemble::import() {
  Value x = node.operand(0);
  if (node.rank(x) != 2) return node.error() << "the input is " << node.type(x) << "; it must be [rows, features]";
  bool average = node.intAttr("aggregate_function", 1) == 0;
  int64_t transform = node.intAttr("post_transform", 0);
  if (!read()) return failure();
  if (trees.empty()) return node.error() << "attribute 'tree_roots' is empty; there must be a tree";
  Type element = node.type(x).getElementType();
  Value y = weightsReached(comparisons(x), element);
  if (!y) return failure();
  y = node.reshape(node.reduce(y, dnn::ReduceKind::Sum, {0}), {node.shape(x)[0], targets});
  if (average)
    y = node.pointwise({y}, [&](Chain &chain, ValueRange args) { return chain.fn("div", {args[0], chain.constant(double(trees.size()), element)}); });
  if (transform == 1) y = node.softmax(y, 1);
  if (transform == 2) y = node.pointwise({y}, [](Chain &chain, ValueRange args) { return chain.fn("sigmoid", args); });
  return node.result(y);
}

void registerTrees(Registry &registry) {
  registry.on("ai.onnx.ml.TreeEnsemble", 5, "F", [](NodeBinder &node) { return Ensemble(node).import(); })
      .allowInts("aggregate_function", {0, 1})
      .allowInts("post_transform", {0, 1, 2});
}

} // namespace dnnc::importer
