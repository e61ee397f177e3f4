// Features from plain data: TfIdfVectorizer, and ArrayFeatureExtractor and Binarizer of ai.onnx.ml.
#include "compiler/import/NodeBinder.h"

using namespace mlir;

namespace dnnc::importer {

namespace {
/// The n-grams of one length.
struct Grams {
  int64_t length = 0;
  std::vector<int64_t> items; ///< those of the first n-gram, then of the second, …
  int64_t count() const { return int64_t(items.size()) / length; }
};
} // namespace

/// The pool by length; empty after an error.
static std::vector<Grams> readPool(NodeBinder &node, ArrayRef<int64_t> pool, ArrayRef<int64_t> starts) {
  std::vector<Grams> all;
  for (auto [index, start] : llvm::enumerate(starts)) {
    int64_t end = index + 1 < starts.size() ? starts[index + 1] : int64_t(pool.size()), length = int64_t(index) + 1;
    if (start < 0 || end < start || end > int64_t(pool.size()) || (end - start) % length) {
      node.error() << "attribute 'ngram_counts' is [" << starts << "]; from " << start << " to " << end << " there are no whole " << length
                   << "-grams in a pool of " << pool.size();
      return {};
    }
    all.push_back({length, std::vector<int64_t>(pool.begin() + start, pool.begin() + end)});
  }
  return all;
}

/// One more than the place of each element of \p x in \p sorted, 0 where it is not there: binary searches side by side. i64.
static Value rankIn(NodeBinder &node, Value x, ArrayRef<int64_t> sorted) {
  int64_t count = int64_t(sorted.size()), step = int64_t(llvm::PowerOf2Ceil(count + 1)) / 2;
  if (!node.affords((count + 1) * int64_t(llvm::Log2_64_Ceil(count + 1) + 1))) return {};
  Value found = node.broadcast(node.constantI64({0}, {1, 1}), node.shape(x)); // how many are known to be at most x
  auto lookUp = [&](int64_t ahead) { // the element `ahead` of `found`, counted from 1
    Ints table;
    for (int64_t i = ahead; i < ahead + count + 1; ++i) table.push_back(i == 0 ? INT64_MIN : i <= count ? sorted[i - 1] : INT64_MAX);
    return node.create<dnn::GatherOp>(node.constantI64(table, {count + 1}), found, node.i64(0));
  };
  for (; step; step /= 2)
    found = node.pointwise({found, lookUp(step), x}, [&](Chain &chain, ValueRange args) {
      Value isAtMost = chain.boolean("less_equal", {args[1], args[2]}), next = chain.fn("add", {args[0], chain.constant(double(step), args[0].getType())});
      return chain.fn("min", {chain.fn("where", {isAtMost, next, args[0]}, args[0].getType()), chain.constant(double(count), args[0].getType())});
    });
  return node.pointwise({found, lookUp(0), x}, [&](Chain &chain, ValueRange args) {
    return chain.fn("where", {chain.boolean("equal", {args[1], args[2]}), args[0], chain.constant(0, args[0].getType())}, args[0].getType());
  });
}

static Value filled(NodeBinder &node, double value, ArrayRef<int64_t> shape) {
  return node.broadcast(createConstant(node.builder, node.loc, RankedTensorType::get({}, node.builder.getF32Type()), {value}), shape);
}

static Ints sortedSet(ArrayRef<int64_t> values) {
  Ints list(values);
  llvm::sort(list);
  list.erase(std::unique(list.begin(), list.end()), list.end());
  return list;
}

/// How often each n-gram of one length stands in the rows of \p ranks [N, C], which are rankIn the n-grams' \p items, its items \p step apart:
/// f32 [N, count]. The number of a beginning and the next item's make the number of a longer beginning.
static Value countGrams(NodeBinder &node, Value ranks, ArrayRef<int64_t> items, const Grams &grams, int64_t step) {
  int64_t rows = node.shape(ranks)[0], places = node.shape(ranks)[1] - (grams.length - 1) * step, count = grams.count();
  auto rank = [](ArrayRef<int64_t> list, int64_t value) { return llvm::lower_bound(list, value) - list.begin() + 1; };
  Ints numbers; // of each n-gram's beginning
  const int64_t base = int64_t(items.size()) + 1;
  Value state;
  for (int64_t i = 0; i < grams.length; ++i) {
    Value part = node.create<dnn::SliceOp>(ranks, node.i64s({0, i * step}), node.i64s({rows, places}), node.i64s({1, 1}), UnitAttr());
    Ints codes;
    for (int64_t gram = 0; gram < count; ++gram) codes.push_back((i ? numbers[gram] * base : 0) + rank(items, grams.items[gram * grams.length + i]));
    if (i == 0) {
      state = part, numbers = codes;
      continue;
    }
    Value code = node.pointwise({state, part}, [&](Chain &chain, ValueRange args) {
      return chain.fn("add", {chain.fn("mul", {args[0], chain.constant(double(base), args[0].getType())}), args[1]});
    });
    Ints known = sortedSet(codes);
    state = rankIn(node, code, known);
    for (auto [number, value] : llvm::zip(numbers, codes)) number = rank(known, value);
  }
  int64_t width = 1;
  for (int64_t number : numbers) width = std::max(width, number + 1);
  // Column 0 counts what is no n-gram.
  Value counts = node.create<dnn::ScatterElementsOp>(filled(node, 0, {rows, width}), state, filled(node, 1, {rows, places}), node.i64(1), node.str("add"));
  return node.create<dnn::GatherOp>(counts, node.constantI64(numbers, {count}), node.i64(1));
}

static LogicalResult importTfIdf(NodeBinder &node) {
  Value x = node.operand(0);
  std::string mode = node.stringAttr("mode", "");
  Ints pool = node.intsAttr("pool_int64s").value_or(Ints()), starts = node.intsAttr("ngram_counts").value_or(Ints());
  Ints coordinates = node.intsAttr("ngram_indexes").value_or(Ints());
  std::vector<double> weights = node.floatsAttr("weights");
  int64_t skips = node.intAttr("max_skip_count", std::nullopt, {0, 1000}) /* each makes ops */;
  int64_t shortest = node.intAttr("min_gram_length", std::nullopt, positive), longest = node.intAttr("max_gram_length", std::nullopt, positive);
  if (failed(node.refuseBounded({x}, "the input"))) return failure();
  if (pool.empty()) return node.error() << "attribute 'pool_int64s' is missing; only integers are supported, not strings";
  if (node.rank(x) != 1 && node.rank(x) != 2) return node.error() << "the input is " << node.type(x) << "; its rank must be 1 or 2";
  std::vector<Grams> all = readPool(node, pool, starts);
  if (all.empty()) return failure();
  int64_t total = 0, width = 0;
  for (const Grams &grams : all) total += grams.count();
  if (int64_t(coordinates.size()) != total || (!weights.empty() && int64_t(weights.size()) != total))
    return node.error() << "'ngram_indexes' has " << coordinates.size() << " values and 'weights' " << weights.size() << "; there are " << total
                        << " n-grams";
  for (int64_t coordinate : coordinates) {
    if (coordinate < 0 || coordinate >= maxDim)
      return node.error() << "attribute 'ngram_indexes' has the value " << coordinate << "; it must be between 0 and " << maxDim - 1;
    width = std::max(width, coordinate + 1);
  }

  bool isVector = node.rank(x) == 1;
  if (isVector) x = node.reshape(x, {1, node.shape(x)[0]});
  if (!node.type(x).getElementType().isInteger(64)) x = node.cast(x, node.builder.getI64Type());
  int64_t rows = node.shape(x)[0], columns = node.shape(x)[1];
  auto add = [](Chain &chain, ValueRange args) { return chain.fn("add", args); };
  Type f32 = node.builder.getF32Type();
  SmallVector<Value> parts;
  for (const Grams &grams : all) {
    Value counts;
    bool wanted = grams.length >= shortest && grams.length <= longest && grams.count();
    Ints items = sortedSet(grams.items);
    Value ranks = wanted ? rankIn(node, x, items) : Value();
    if (wanted && !ranks) return failure();
    // A single item has nothing to skip.
    for (int64_t step = 1; wanted && step <= (grams.length == 1 ? 1 : skips + 1) && (grams.length - 1) * step < columns; ++step) {
      Value more = countGrams(node, ranks, items, grams, step);
      counts = counts ? node.pointwise({counts, more}, add) : more;
    }
    if (grams.count()) parts.push_back(counts ? counts : filled(node, 0, {rows, grams.count()}));
  }
  Value counts = parts.size() == 1 ? parts.front() : node.create<dnn::ConcatOp>(ValueRange(parts), node.i64(1), DenseBoolArrayAttr());
  if (mode != "TF") {
    std::vector<double> factors = weights.empty() ? std::vector<double>(total, 1.0) : weights;
    Value factor = createConstant(node.builder, node.loc, RankedTensorType::get({1, total}, f32), factors);
    counts = node.pointwise({counts, factor}, [&](Chain &chain, ValueRange args) {
      Value count = mode == "IDF" ? chain.fn("min", {args[0], chain.constant(1, f32)}) : args[0];
      return chain.fn("mul", {count, args[1]});
    });
  }
  // Each n-gram has its place; n-grams of one place add up.
  Ints places;
  if (!node.affords(2 * countElements({rows, total}))) return failure();
  for (int64_t row = 0; row < rows; ++row) llvm::append_range(places, coordinates);
  Value y = node.create<dnn::ScatterElementsOp>(filled(node, 0, {rows, width}), node.constantI64(places, {rows, total}), counts, node.i64(1), node.str("add"));
  return node.result(isVector ? node.reshape(y, {width}) : y);
}

/// Columns of the last dim; a vector counts as one row.
static LogicalResult importExtract(NodeBinder &node) {
  Value x = node.operand(0), indices = node.operand(1);
  if (node.rank(x) == 0) return node.error() << "input 0 ('X') is a scalar; it must have at least one dim";
  if (node.rank(x) == 1) x = node.reshape(x, {1, node.shape(x)[0]});
  indices = node.reshape(indices, {node.type(indices).getNumElements()});
  return node.result(node.create<dnn::GatherOp>(x, indices, node.i64(node.rank(x) - 1)));
}

static LogicalResult importBinarizer(NodeBinder &node) {
  double threshold = node.floatAttr("threshold", 0);
  return node.result(node.pointwise({node.operand(0)}, [&](Chain &chain, ValueRange x) {
    return chain.fn("cast", chain.boolean("greater", {x[0], chain.constant(threshold, x[0].getType())}), x[0].getType());
  }));
}

void registerFeatures(Registry &registry) {
  registry.on("TfIdfVectorizer", 9, "I", importTfIdf).allow("mode", {"TF", "IDF", "TFIDF"});
  registry.on("ai.onnx.ml.ArrayFeatureExtractor", 1, "N L", importExtract);
  registry.on("ai.onnx.ml.Binarizer", 1, "N", importBinarizer);
}

} // namespace dnnc::importer
