#include "compiler/import/RunTime.h"

#include "dialects/dnn/Remarks.h"

using namespace mlir;

namespace dnnc::importer {

std::string listText(ArrayRef<int64_t> values) {
  std::string text;
  llvm::raw_string_ostream os(text);
  os << "[";
  llvm::interleaveComma(values, os);
  return text + "]";
}

//===----------------------------------------------------------------------===//
// What a handler asks
//===----------------------------------------------------------------------===//

void NodeBinder::check(Value condition, const Twine &must) {
  if (!condition) return;
  auto nodeName = dyn_cast<NameLoc>(loc);
  std::string text = "node '" + (nodeName ? nodeName.getName().str() : node.name()) + "' (" + node.op_type() + "): " + must.str();
  builder.create<dnn::CheckOp>(loc, condition, builder.getStringAttr(text));
}

void NodeBinder::check(Value condition, unsigned index, StringRef name, const Twine &must) {
  check(condition, "input " + Twine(index) + " ('" + name + "', here '" + node.input(int(index)) + "') " + must);
}

std::optional<Ints> NodeBinder::intsOrDeclared(unsigned index, StringRef name, const std::optional<Ints> &declared) {
  if (!varies(index) || !declared) return constantInts(index, name);
  RankedTensorType type = NodeBinder::type(operand(index));
  if (type.getNumElements() != int64_t(declared->size()))
    return error() << "input " << index << " ('" << name << "', here '" << node.input(index) << "') is " << type
                   << "; the declared shapes need " << declared->size() << " values, " << listText(*declared),
           std::nullopt;
  std::vector<double> values(declared->begin(), declared->end()); // dims are below 2^31
  Value expected = createConstant(builder, loc, type, values);
  Value same = pointwise({operand(index), expected}, [](Chain &chain, ValueRange args) { return chain.boolean("equal", args); });
  check(same, index, name, "must be " + listText(*declared) + ", as the graph declares its shapes");
  return declared;
}

//===----------------------------------------------------------------------===//
// Vectors
//===----------------------------------------------------------------------===//

Value RunTime::vector(Value value) {
  return value ? node.cast(node.reshape(value, {NodeBinder::type(value).getNumElements()}), node.builder.getI64Type()) : value;
}

Value RunTime::fn(StringRef name, ArrayRef<Value> inputs) {
  return map(inputs, [&](Chain &chain, ValueRange args) { return chain.fn(name, args); });
}

Value RunTime::is(StringRef name, ArrayRef<Value> inputs) {
  return map(inputs, [&](Chain &chain, ValueRange args) { return chain.boolean(name, args); });
}

Value RunTime::where(Value condition, Value yes, Value no) {
  return map({condition, yes, no}, [](Chain &chain, ValueRange args) { return chain.fn("where", args, args[1].getType()); });
}

Value RunTime::sum(Value vector) { return node.reduce(node.cast(vector, node.builder.getI64Type()), dnn::ReduceKind::Sum, {0}); }

Value RunTime::element(Value vector, int64_t index) {
  if (!vector || NodeBinder::shape(vector)[0] == 1) return vector;
  return node.create<dnn::SliceOp>(vector, node.i64s({index}), node.i64s({1}), node.i64s({1}), UnitAttr());
}

Value RunTime::isOneOf(Value value, ArrayRef<int64_t> list) {
  Value hits = sum(is("equal", {value, constant(list)}));
  return map({hits}, [](Chain &chain, ValueRange args) {
    return chain.boolean("greater", {args[0], chain.constant(0, args[0].getType())});
  });
}

//===----------------------------------------------------------------------===//
// Sets of axes
//===----------------------------------------------------------------------===//

/// Digits of a number in base count + 1, one per axis: how often it is there.
static std::optional<Ints> digits(int64_t count, int64_t rank) {
  Ints powers{1};
  for (int64_t i = 0; i < rank; ++i)
    if (__builtin_mul_overflow(powers.back(), count + 1, &powers.emplace_back())) return std::nullopt;
  return powers;
}

int64_t RunTime::setKey(ArrayRef<int64_t> axes, int64_t rank) {
  Ints powers = *digits(axes.size(), rank);
  int64_t key = 0;
  for (int64_t axis : axes) key += powers[axis];
  return key;
}

Value RunTime::setKey(Value axes, int64_t rank) {
  Ints powers = *digits(NodeBinder::shape(axes)[0], rank);
  int64_t outside = -powers.pop_back_val();                                      // outweighs all others
  Value digit = node.create<dnn::GatherOp>(constant(powers), axes, node.i64(0)); // out of range is clamped
  Value weighed = map({axes, digit}, [&](Chain &chain, ValueRange args) {
    Type type = args[0].getType();
    Value inRange = chain.boolean("logical_and", {chain.boolean("greater_equal", {args[0], chain.constant(-double(rank), type)}),
                                                  chain.boolean("less", {args[0], chain.constant(double(rank), type)})});
    return chain.fn("where", {inRange, args[1], chain.constant(double(outside), type)}, type);
  });
  return sum(weighed);
}

std::vector<Ints> RunTime::axesSets(int64_t rank, int64_t count, llvm::function_ref<bool(ArrayRef<int64_t>)> accept) {
  std::vector<Ints> sets;
  if (count < 0 || count > rank || rank > 16) return sets;
  for (unsigned bits = 0; bits < 1u << rank; ++bits) {
    if (llvm::popcount(bits) != count) continue;
    Ints axes;
    for (int64_t axis = 0; axis < rank; ++axis)
      if (bits >> axis & 1) axes.push_back(axis);
    if (accept(axes)) sets.push_back(axes);
  }
  return sets;
}

Value RunTime::checkedAxes(unsigned index, StringRef name, ArrayRef<Ints> sets, int64_t rank, const Twine &result) {
  Value axes = operand(index);
  if (!axes) return {};
  int64_t count = NodeBinder::shape(axes)[0];
  if (sets.empty() || !digits(count, rank))
    return node.error() << "input " << index << " ('" << name << "', here '" << node.node.input(index) << "') is "
                        << node.type(node.operand(index)) << "; no " << count << " axes of " << node.type(node.operand(0)) << " give "
                        << result.str(),
           Value();
  Ints keys;
  for (const Ints &set : sets) keys.push_back(setKey(set, rank));
  Value key = setKey(axes, rank);
  std::string list;
  for (const Ints &set : sets) list += (list.empty() ? "" : " or ") + listText(set);
  node.check(isOneOf(key, keys), index, name, "must be " + list + (count > 1 ? ", in any order, to give " : " to give ") + result);
  return key;
}

Value RunTime::select(Value key, ArrayRef<Ints> sets, int64_t rank, llvm::function_ref<Value(ArrayRef<int64_t>)> make) {
  if (!key) return {};
  if (sets.size() > 1)
    remark(node.loc, "import", "its axes are known at run time only: " + Twine(sets.size()) + " results are computed, and one is taken");
  Value y;
  for (const Ints &axes : llvm::reverse(sets)) {
    Value one = make(axes);
    y = one && y ? where(is("equal", {key, constant({setKey(axes, rank)})}), one, y) : one;
    if (!y) return {};
    y = node.reshape(y, NodeBinder::shape(one)); // the key has rank 1
  }
  return y;
}

} // namespace dnnc::importer
