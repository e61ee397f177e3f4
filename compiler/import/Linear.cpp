#include "compiler/import/Linear.h"

#include "compiler/import/Elements.h"

using namespace mlir;

namespace dnnc::importer {

namespace {
/// constant + the sum of factor * term; terms are elements of values.
struct Linear {
  int64_t constant = 0;
  std::map<std::pair<const void *, int64_t>, int64_t> factors;
};
using MaybeLinear = std::optional<Linear>; ///< none where an integer overflows

Linear term(Value value, int64_t index = 0) { return {0, {{{value.getAsOpaquePointer(), index}, 1}}}; }

/// a + factor * b
MaybeLinear sum(Linear a, const Linear &b, int64_t factor) {
  auto add = [&](int64_t &to, int64_t value) {
    int64_t product = 0;
    return !__builtin_mul_overflow(value, factor, &product) && !__builtin_add_overflow(to, product, &to);
  };
  if (!add(a.constant, b.constant)) return std::nullopt;
  for (const auto &[what, count] : b.factors) {
    if (!add(a.factors[what], count)) return std::nullopt;
    if (a.factors[what] == 0) a.factors.erase(what);
  }
  return a;
}

bool isIndex(Type type) { return type.isSignlessInteger(32) || type.isSignlessInteger(64); }

class Reader {
public:
  explicit Reader(NodeBinder &node) : node(node) {}

  MaybeLinear element(Value value, int64_t index) {
    if (!isIndex(node.type(value).getElementType()) || ++steps > maxSteps) return term(value, index);
    if (ElementsAttr known = node.constantOf(value)) return Linear{constantValues<int64_t>(known)[index], {}};
    if (std::optional<Element> from = movedFrom(node, {value, index})) return element(from->tensor, from->index);
    if (auto chain = dyn_cast_if_present<dnn::PointwiseOp>(value.getDefiningOp())) return ofChain(chain, index);
    return term(value, index);
  }

private:
  static constexpr int maxSteps = 256; ///< a term that is used twice is read twice

  MaybeLinear ofChain(dnn::PointwiseOp op, int64_t index) {
    llvm::DenseMap<Value, MaybeLinear> scalars;
    Block &block = op.getChain().front();
    for (auto [scalar, input] : llvm::zip(block.getArguments(), op.getInputs())) {
      bool isSame = node.type(input).getNumElements() == node.type(op.getResult()).getNumElements();
      if (!isSame && node.type(input).getNumElements() != 1) return term(op.getResult(), index);
      scalars[scalar] = element(input, isSame ? index : 0);
    }
    for (Operation &inner : block.without_terminator()) {
      Value result = inner.getResult(0);
      scalars[result] = isIndex(result.getType()) ? ofScalar(inner, scalars) : std::nullopt;
    }
    MaybeLinear result = scalars.lookup(block.getTerminator()->getOperand(0));
    return result ? result : term(op.getResult(), index);
  }

  static MaybeLinear ofScalar(Operation &op, const llvm::DenseMap<Value, MaybeLinear> &scalars) {
    if (auto constant = dyn_cast<pw::ConstOp>(op)) return Linear{cast<IntegerAttr>(constant.getValue()).getInt(), {}};
    SmallVector<Linear> args;
    for (Value operand : op.getOperands()) {
      MaybeLinear arg = scalars.lookup(operand);
      if (!arg) return std::nullopt;
      args.push_back(*arg);
    }
    StringRef name = cast<pw::FnOp>(op).getName();
    if (name == "cast") return args[0];
    if (name == "neg") return sum({}, args[0], -1);
    if (name == "add" || name == "sub") return sum(args[0], args[1], name == "add" ? 1 : -1);
    if (name != "mul") return std::nullopt;
    if (!args[0].factors.empty()) std::swap(args[0], args[1]);
    return args[0].factors.empty() ? sum({}, args[1], args[0].constant) : std::nullopt;
  }

  NodeBinder &node;
  int steps = 0;
};
} // namespace

std::optional<int64_t> knownDifference(NodeBinder &node, Value to, Value from, int64_t index) {
  MaybeLinear a = Reader(node).element(to, index), b = Reader(node).element(from, index);
  MaybeLinear difference = a && b ? sum(*a, *b, -1) : std::nullopt;
  return difference && difference->factors.empty() ? std::optional(difference->constant) : std::nullopt;
}

} // namespace dnnc::importer
