// True sizes: their arithmetic, at compile time and at run time.
#include "compiler/import/Bounds.h"

#include "compiler/import/Elements.h"
#include "compiler/import/NodeBinder.h"

using namespace mlir;

namespace dnnc::importer {

//===----------------------------------------------------------------------===//
// Sizes as products
//===----------------------------------------------------------------------===//

Sizes Bounds::of(Value value) const {
  auto found = sizes.find(value);
  if (found != sizes.end()) return found->second;
  ArrayRef<int64_t> shape = NodeBinder::shape(value);
  return Sizes(shape.begin(), shape.end());
}

void Bounds::set(Value value, Sizes trueSizes) {
  assert(int64_t(trueSizes.size()) == NodeBinder::rank(value) && "one size for each dim");
  if (llvm::all_of(trueSizes, [](const Size &size) { return size.isStatic(); }))
    sizes.erase(value);
  else
    sizes[value] = std::move(trueSizes);
}

Size Bounds::symbol(Value scalar, int64_t low, int64_t high) {
  if (!symbols.count(scalar)) {
    symbols[scalar] = {unsigned(symbols.size()), low, high};
    auto type = cast<RankedTensorType>(scalar.getType());
    largest[scalar] = makeConstant<int64_t>(type, {high});
    smallest[scalar] = makeConstant<int64_t>(type, {low});
  }
  return Size(1, scalar);
}

Size Bounds::product(const Size &a, const Size &b) const {
  Size result(a.factor * b.factor, a.symbols);
  llvm::append_range(result.symbols, b.symbols);
  llvm::stable_sort(result.symbols, [&](Value x, Value y) { return symbols.lookup(x).number < symbols.lookup(y).number; });
  return result;
}

Size Bounds::product(ArrayRef<Size> list) const {
  Size result(1);
  for (const Size &size : list) result = product(result, size);
  return result;
}

std::optional<Size> Bounds::quotient(const Size &a, const Size &b) const {
  if (b.factor == 0 || a.factor % b.factor) return std::nullopt;
  Size result(a.factor / b.factor, a.symbols);
  for (Value symbol : b.symbols) {
    auto *found = llvm::find(result.symbols, symbol);
    if (found == result.symbols.end()) return std::nullopt;
    result.symbols.erase(found);
  }
  return result;
}

int64_t Bounds::limit(const Size &size) const {
  int64_t result = size.factor;
  for (Value symbol : size.symbols)
    if (__builtin_mul_overflow(result, symbols.lookup(symbol).high, &result)) return INT64_MAX;
  return result;
}

Ints Bounds::limits(ArrayRef<Size> list) const {
  return llvm::map_to_vector(list, [&](const Size &size) { return limit(size); });
}

//===----------------------------------------------------------------------===//
// Elements of shape arithmetic
//===----------------------------------------------------------------------===//

static bool isInteger(Value value) { return NodeBinder::type(value).getElementType().isSignlessInteger(); }

std::optional<int64_t> Bounds::extreme(Value tensor, int64_t index, bool atLargest) {
  ElementsAttr constant = importer.compute(tensor, atLargest ? largest : smallest);
  return constant ? std::optional(constantValues<int64_t>(constant)[index]) : std::nullopt;
}

bool Bounds::isShapeArithmetic(Value value) {
  return any() && value && isInteger(value) && !importer.constantOf(value) && importer.compute(value, largest);
}

/// The chain of an integer pointwise op on one element of each operand: products stay products.
static std::optional<Size> computeChain(const Bounds &bounds, dnn::PointwiseOp op, ArrayRef<std::optional<Size>> operands) {
  llvm::DenseMap<Value, std::optional<Size>> known;
  Block &block = op->getRegion(0).front();
  for (auto [argument, size] : llvm::zip(block.getArguments(), operands)) known[argument] = size;
  for (Operation &inner : block.without_terminator()) {
    std::optional<Size> result;
    if (auto constant = dyn_cast<pw::ConstOp>(inner)) {
      auto integer = dyn_cast<IntegerAttr>(constant.getValue());
      if (integer && integer.getType().isSignlessInteger()) result = Size(integer.getInt());
    } else if (auto fn = dyn_cast<pw::FnOp>(inner)) {
      SmallVector<std::optional<Size>> args;
      for (Value operand : fn->getOperands()) args.push_back(known.lookup(operand));
      StringRef name = fn.getNameAttr().getValue();
      bool all = llvm::all_of(args, [](const auto &arg) { return arg.has_value(); });
      bool integers = llvm::all_of(fn->getOperandTypes(), [](Type type) { return type.isSignlessInteger(); }) &&
                      fn->getResult(0).getType().isSignlessInteger() && !fn->getResult(0).getType().isInteger(1);
      if (all && integers) {
        if (name == "cast" || name == "identity")
          result = args[0];
        else if (name == "mul")
          result = bounds.product(*args[0], *args[1]);
        else if (name == "div")
          result = bounds.quotient(*args[0], *args[1]);
      }
    }
    if (inner.getNumResults()) known[inner.getResult(0)] = result;
  }
  return known.lookup(block.getTerminator()->getOperand(0));
}

std::optional<Size> Bounds::opaque(NodeBinder &node, Value tensor, int64_t index) {
  RankedTensorType type = NodeBinder::type(tensor);
  Value scalar = computed.elements.lookup({tensor, index});
  if (!scalar) {
    Value flat = node.reshape(tensor, {type.getNumElements()});
    if (type.getNumElements() > 1) flat = node.create<dnn::SliceOp>(flat, node.i64s({index}), node.i64s({1}), node.i64s({1}), UnitAttr());
    scalar = node.cast(node.reshape(flat, {}), node.builder.getI64Type());
    computed.elements[{tensor, index}] = scalar;
  }
  if (symbols.count(scalar)) return Size(1, scalar);
  if (ElementsAttr constant = importer.constantOf(scalar)) return Size(constantValues<int64_t>(constant).front());
  std::optional<int64_t> high = extreme(scalar, 0, true), low = extreme(scalar, 0, false);
  if (!high || !low) return std::nullopt;
  if (*low > *high) std::swap(*low, *high);
  if (*low < 0) return std::nullopt;
  return symbol(scalar, *low, *high);
}

std::optional<Size> Bounds::compute(NodeBinder &node, Value tensor, int64_t index) {
  if (symbols.count(tensor)) return Size(1, tensor);
  if (ElementsAttr constant = importer.constantOf(tensor)) return Size(constantValues<int64_t>(constant)[index]);
  if (std::optional<Element> from = movedFrom(node, {tensor, index})) return compute(node, from->tensor, from->index);
  Operation *op = tensor.getDefiningOp();
  if (!op) return std::nullopt;
  if (auto pointwise = dyn_cast<dnn::PointwiseOp>(op)) {
    SmallVector<std::optional<Size>> operands;
    for (Value input : pointwise.getInputs()) {
      RankedTensorType type = NodeBinder::type(input);
      bool one = type.getNumElements() == 1, same = type.getNumElements() == NodeBinder::type(tensor).getNumElements();
      operands.push_back(isInteger(input) && (one || same) ? compute(node, input, one ? 0 : index) : std::nullopt);
    }
    if (std::optional<Size> size = computeChain(*this, pointwise, operands)) return size;
  }
  return opaque(node, tensor, index);
}

std::optional<Size> Bounds::element(NodeBinder &node, Value tensor, int64_t index) { return compute(node, tensor, index); }

std::optional<Sizes> Bounds::list(NodeBinder &node, Value tensor) {
  Sizes result;
  for (int64_t i = 0; i < NodeBinder::type(tensor).getNumElements(); ++i) {
    std::optional<Size> size = compute(node, tensor, i);
    if (!size) return std::nullopt;
    result.push_back(*size);
  }
  return result;
}

//===----------------------------------------------------------------------===//
// Sizes at run time
//===----------------------------------------------------------------------===//

Value Bounds::scalar(NodeBinder &node, const Size &size) {
  if (size.factor == 1 && size.symbols.size() == 1) return size.symbols.front();
  std::vector<unsigned> numbers;
  for (Value symbol : size.symbols) numbers.push_back(symbols.lookup(symbol).number);
  Value &known = computed.scalars[{size.factor, numbers}];
  if (known) return known;
  Value result = size.factor == 1 && !size.isStatic() ? Value() : node.constantI64({size.factor}, {});
  for (Value symbol : size.symbols)
    result = result ? node.pointwise({result, symbol}, [](Chain &chain, ValueRange args) { return chain.fn("mul", args); }) : symbol;
  return known = result;
}

Size Bounds::derive(NodeBinder &node, StringRef key, ArrayRef<Size> from, ArrayRef<int64_t> numbers, int64_t low, int64_t high,
                    llvm::function_ref<Value(Chain &, ValueRange)> make) {
  std::string text = key.str();
  SmallVector<Value> inputs;
  for (const Size &size : from) {
    inputs.push_back(scalar(node, size));
    text += " " + std::to_string(size.factor);
    for (Value symbol : size.symbols) text += "*" + std::to_string(symbols.lookup(symbol).number);
  }
  for (int64_t number : numbers) text += " " + std::to_string(number);
  Value &known = computed.derived[text];
  if (!known) known = node.pointwise(inputs, make);
  return symbol(known, low, high);
}

Size Bounds::sum(NodeBinder &node, ArrayRef<Size> list) {
  Size total(0);
  for (const Size &size : list) {
    if (total.symbols == size.symbols || total == Size(0)) {
      total = total == Size(0) ? size : Size(total.factor + size.factor, total.symbols);
      continue;
    }
    int64_t high = limit(total) + limit(size);
    total = derive(node, "sum", {total, size}, {}, 0, high, [](Chain &chain, ValueRange args) { return chain.fn("add", args); });
  }
  return total;
}

Value Bounds::vector(NodeBinder &node, ArrayRef<Size> list) {
  if (llvm::all_of(list, [](const Size &size) { return size.isStatic(); })) return node.constantI64(limits(list), {int64_t(list.size())});
  SmallVector<Value> parts;
  for (const Size &size : list) parts.push_back(node.reshape(scalar(node, size), {1}));
  return parts.size() == 1 ? parts.front() : node.create<dnn::ConcatOp>(parts, node.i64(0), DenseBoolArrayAttr());
}

Value Bounds::inside(NodeBinder &node, const Size &size, int64_t bound, int64_t dim, int64_t rank) {
  Value count = scalar(node, size);
  Value &known = computed.masks[{count.getAsOpaquePointer(), bound, dim, rank}];
  if (known) return known;
  Ints shape(rank, 1);
  shape[dim] = bound;
  Value places = node.constantI64(llvm::to_vector(llvm::seq<int64_t>(0, bound)), shape);
  return known = node.pointwise({places, count}, [](Chain &chain, ValueRange args) { return chain.boolean("less", args); });
}

Value Bounds::masked(NodeBinder &node, Value value, ArrayRef<int64_t> dims, double fill) {
  Sizes own = of(value);
  SmallVector<Value> inputs{value};
  for (int64_t dim : dims)
    if (!own[dim].isStatic()) inputs.push_back(inside(node, own[dim], NodeBinder::shape(value)[dim], dim, own.size()));
  if (inputs.size() == 1) return value;
  Pause pause(*this);
  Value result = node.pointwise(inputs, [&](Chain &chain, ValueRange args) {
    Value condition = args[1];
    for (Value other : args.drop_front(2)) condition = chain.boolean("logical_and", {condition, other});
    return chain.fn("where", {condition, args[0], chain.constant(fill, args[0].getType())}, args[0].getType());
  });
  if (result) set(result, own);
  return result;
}

} // namespace dnnc::importer
