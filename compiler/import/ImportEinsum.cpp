// Einsum of one or two operands at a time, as transpose, reshape, slice, dnn.reduce, dnn.matmul and dnn.pointwise.
#include "compiler/import/NodeBinder.h"

#include "llvm/ADT/StringExtras.h"

using namespace mlir;

namespace dnnc::importer {

namespace {
/// A tensor whose dims carry letters.
struct Term {
  Value value;
  std::string labels;
};

class Einsum {
public:
  explicit Einsum(NodeBinder &node) : node(node) {}
  LogicalResult run();

private:
  bool parse(std::string equation);
  bool checkTerm(const Term &term);
  Term diagonal(Term term, char label);
  bool normalize(Term &term);
  Term order(Term term, const std::string &labels);
  /// Sums over the labels that nothing else needs.
  Term sumOut(Term term, const std::string &needed);
  Term multiply(Term a, Term b, const std::string &needed);
  int64_t product(const std::string &labels) const;

  NodeBinder &node;
  std::vector<Term> terms;
  std::string output;
  std::map<char, int64_t> sizes;
};
} // namespace

static bool has(const std::string &labels, char label) { return labels.find(label) != std::string::npos; }

/// The letters of \p labels for which \p keep holds.
static std::string filter(const std::string &labels, function_ref<bool(char)> keep) {
  std::string result;
  llvm::copy_if(labels, std::back_inserter(result), keep);
  return result;
}

int64_t Einsum::product(const std::string &labels) const {
  int64_t result = 1;
  for (char label : labels) result *= sizes.at(label);
  return result;
}

/// Sizes of the labels. A dim of 1 broadcasts, as in numpy.
bool Einsum::checkTerm(const Term &term) {
  if (int64_t(term.labels.size()) != node.rank(term.value)) {
    node.error() << "attribute 'equation': '" << term.labels << "' names " << term.labels.size() << " dims, its operand is "
                 << node.type(term.value);
    return false;
  }
  for (auto [index, label] : llvm::enumerate(term.labels)) {
    int64_t dim = node.shape(term.value)[index], &size = sizes.try_emplace(label, dim).first->second;
    if (size == 1) size = dim;
    if (size != dim && dim != 1) {
      node.error() << "attribute 'equation': label '" << StringRef(&label, 1) << "' stands for " << size << " and for " << dim;
      return false;
    }
  }
  return true;
}

/// The diagonal of two dims with one label: every (n + 1)-th element of their n².
Term Einsum::diagonal(Term term, char label) {
  std::string others = filter(term.labels, [&](char other) { return other != label; });
  size_t first = term.labels.find(label), second = term.labels.find(label, first + 1);
  Ints perm, shape;
  for (size_t i = 0; i < term.labels.size(); ++i)
    if (i != first && i != second) perm.push_back(i), shape.push_back(node.shape(term.value)[i]);
  int64_t size = node.shape(term.value)[first], rank = shape.size();
  perm.append({int64_t(first), int64_t(second)});
  shape.push_back(size * size);
  Value flat = node.reshape(node.transpose(term.value, perm), shape);
  Ints starts(rank + 1, 0), steps(rank + 1, 1);
  shape.back() = size;
  steps.back() = size + 1;
  term.labels.erase(second, 1);
  term.labels.erase(first, 1);
  return {node.create<dnn::SliceOp>(flat, node.i64s(starts), node.i64s(shape), node.i64s(steps), UnitAttr()), term.labels + label};
}

/// Each label once, and none of size 1 that is larger elsewhere.
bool Einsum::normalize(Term &term) {
  for (size_t i = 0; i < term.labels.size();) {
    char label = term.labels[i];
    size_t again = term.labels.find(label, i + 1);
    if (again == std::string::npos) {
      ++i;
      continue;
    }
    if (node.shape(term.value)[i] != node.shape(term.value)[again]) {
      node.error() << "attribute 'equation': label '" << StringRef(&label, 1) << "' stands for " << node.shape(term.value)[i] << " and for "
                   << node.shape(term.value)[again] << " in one operand";
      return false;
    }
    term = diagonal(term, label);
    if (!term.value) return false;
    i = 0;
  }
  Ints shape;
  std::string kept;
  for (auto [label, dim] : llvm::zip(term.labels, node.shape(term.value)))
    if (dim == sizes[label]) kept += label, shape.push_back(dim);
  term = {node.reshape(term.value, shape), kept};
  return term.value != Value();
}

/// Labels for the dims that an ellipsis of \p count dims stands for, aligned at the right: characters that are no letters.
static std::string ellipsisLabels(int64_t count) {
  std::string labels;
  for (int64_t i = count; i > 0; --i) labels += char('0' + i);
  return labels;
}

bool Einsum::parse(std::string equation) {
  llvm::erase(equation, ' ');
  auto refuse = [&](const Twine &reason) {
    node.error() << "attribute 'equation' is '" << equation << "': " << reason.str();
    return false;
  };
  auto [left, right] = StringRef(equation).split("->");
  bool isExplicit = StringRef(equation).contains("->");
  SmallVector<StringRef> parts;
  left.split(parts, ',');
  if (parts.size() != node.numOperands())
    return refuse("it names " + Twine(parts.size()) + " operands; there are " + Twine(node.numOperands()));
  // One term: letters, and at most one ellipsis, which is replaced by labels of its own.
  auto expand = [&](StringRef text, int64_t hidden) -> std::optional<std::string> {
    auto [before, after] = text.split("...");
    std::string letters = (before + after).str();
    bool plain = llvm::all_of(letters, [](char c) { return llvm::isAlpha(c); });
    if (!plain || hidden < 0 || hidden > 9) return std::nullopt;
    return text.contains("...") ? before.str() + ellipsisLabels(hidden) + after.str() : letters;
  };
  std::string all;
  int64_t hidden = 0;
  for (auto [part, operand] : llvm::zip(parts, node.operands())) {
    int64_t own = part.contains("...") ? node.rank(operand) - (int64_t(part.size()) - 3) : 0;
    auto labels = expand(part, own);
    if (!labels) return refuse("'" + part + "' must be letters and at most one ellipsis, no more than the dims of its operand");
    hidden = std::max(hidden, own);
    terms.push_back({operand, *labels});
    all += *labels;
    if (!checkTerm(terms.back())) return false;
  }
  auto given = expand(right, hidden);
  if (!given) return refuse("the result must be letters and at most one ellipsis");
  output = *given;
  if (!isExplicit) { // the ellipsis, and the labels that occur once, in alphabetical order
    std::sort(all.begin(), all.end());
    output = ellipsisLabels(hidden) + filter(all, [&](char label) { return llvm::isAlpha(label) && llvm::count(all, label) == 1; });
  }
  if (std::set<char>(output.begin(), output.end()).size() != output.size() || !llvm::all_of(output, [&](char c) { return has(all, c); }))
    return refuse("the result's labels must be distinct labels of the operands");
  return llvm::all_of(terms, [&](Term &term) { return normalize(term); });
}

Term Einsum::order(Term term, const std::string &labels) {
  Ints perm;
  for (char label : labels) perm.push_back(term.labels.find(label));
  return {term.value ? node.transpose(term.value, perm) : Value(), labels};
}

Term Einsum::sumOut(Term term, const std::string &needed) {
  Ints axes, shape;
  for (auto [index, label] : llvm::enumerate(term.labels)) has(needed, label) ? shape.push_back(sizes[label]) : axes.push_back(index);
  Value sum = term.value ? node.reduce(term.value, dnn::ReduceKind::Sum, axes) : Value();
  return {node.reshape(sum, shape), filter(term.labels, [&](char label) { return has(needed, label); })};
}

/// The product of two terms, as one matmul: shared labels that are needed later are batch dims, the other shared ones are contracted.
Term Einsum::multiply(Term a, Term b, const std::string &needed) {
  a = sumOut(a, needed + b.labels);
  b = sumOut(b, needed + a.labels);
  std::string batch = filter(a.labels, [&](char label) { return has(b.labels, label) && has(needed, label); });
  std::string inner = filter(a.labels, [&](char label) { return has(b.labels, label) && !has(needed, label); });
  std::string rows = filter(a.labels, [&](char label) { return !has(b.labels, label); });
  std::string columns = filter(b.labels, [&](char label) { return !has(a.labels, label); });
  a = order(a, batch + rows + inner);
  b = order(b, batch + inner + columns);
  auto dims = [&](const std::string &labels, bool ones = false) {
    Ints shape;
    for (char label : labels) shape.push_back(ones ? 1 : sizes[label]);
    return shape;
  };
  auto join = [](Ints first, const Ints &second, const Ints &third) {
    first.append(second);
    first.append(third);
    return first;
  };
  Term result{Value(), batch + rows + columns};
  if (inner.empty()) { // an outer or elementwise product
    Value left = node.reshape(a.value, join(dims(batch), dims(rows), dims(columns, true)));
    Value right = node.reshape(b.value, join(dims(batch), dims(rows, true), dims(columns)));
    result.value = node.pointwise({left, right}, [](Chain &chain, ValueRange args) { return chain.fn("mul", args); });
    return result;
  }
  Value left = node.reshape(a.value, join(dims(batch), {product(rows)}, {product(inner)}));
  Value right = node.reshape(b.value, join(dims(batch), {product(inner)}, {product(columns)}));
  if (left && right) result.value = node.reshape(node.create<dnn::MatMulOp>(left, right, Value(), ValueRange(), node.i64(0)), dims(result.labels));
  return result;
}

LogicalResult Einsum::run() {
  if (!parse(node.stringAttr("equation", ""))) return failure();
  Term result = terms.front();
  for (size_t i = 1; i < terms.size() && result.value; ++i) {
    std::string needed = output;
    for (size_t j = i + 1; j < terms.size(); ++j) needed += terms[j].labels;
    result = multiply(result, terms[i], needed);
  }
  if (!result.value) return failure();
  return node.result(order(sumOut(result, output), output).value);
}

void registerEinsum(Registry &registry) {
  registry.on("Einsum", 12, "N N*", [](NodeBinder &node) { return Einsum(node).run(); });
}

} // namespace dnnc::importer
