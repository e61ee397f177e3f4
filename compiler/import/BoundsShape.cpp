// Operators whose meaning depends on true sizes: what they read or make is a size, not elements.
#include "compiler/import/Bounds.h"

#include "compiler/import/NodeBinder.h"

#include "llvm/ADT/StringSwitch.h"

using namespace mlir;

namespace dnnc::importer {

//===----------------------------------------------------------------------===//
// Reshape
//===----------------------------------------------------------------------===//

namespace {
/// Dims [i0, i1) of the input and [j0, j1) of the result, whose true products are equal.
struct Group {
  size_t i0, i1, j0, j1;
};
} // namespace

static std::optional<SmallVector<Group>> groupsOf(const Bounds &bounds, ArrayRef<Size> from, ArrayRef<Size> to) {
  SmallVector<Group> groups;
  size_t i = 0, j = 0;
  while (i < from.size() || j < to.size()) {
    Group group{i, i, j, j};
    Size a(1), b(1);
    auto takeInput = [&] { a = bounds.product(a, from[i++]); };
    auto takeResult = [&] { b = bounds.product(b, to[j++]); };
    if (i < from.size()) takeInput();
    if (j < to.size()) takeResult();
    while (a != b) {
      bool more = bounds.quotient(b, a).has_value(), less = bounds.quotient(a, b).has_value();
      if (i < from.size() && (more || !less || j == to.size()))
        takeInput();
      else if (j < to.size())
        takeResult();
      else
        return std::nullopt;
    }
    group.i1 = i;
    group.j1 = j;
    groups.push_back(group);
  }
  return groups;
}

/// Whether the elements of a group stay where they are: only the outermost dims are bounded.
static bool isInPlace(const Bounds &bounds, ArrayRef<Size> from, ArrayRef<Size> to) {
  auto outermost = [](ArrayRef<Size> list) {
    while (!list.empty() && list.front() == Size(1)) list = list.drop_front();
    return list.empty() || llvm::all_of(list.drop_front(), [](const Size &size) { return size.isStatic(); });
  };
  auto room = [&](ArrayRef<Size> list) { return countElements(bounds.limits(list)); };
  return (from.size() == 1 && to.size() == 1) || (outermost(from) && outermost(to) && room(from) == room(to));
}

/// Where in a group of the input, flattened, each element of that group of the result lies.
static Value movedIndices(NodeBinder &node, ArrayRef<Size> from, ArrayRef<Size> to) {
  Bounds &bounds = node.bounds();
  const int64_t count = countElements(bounds.limits(to));
  // The row-major number of each element among the true ones …
  Value number;
  int64_t stride = count;
  Size after = bounds.product(to);
  for (const Size &size : to) {
    int64_t room = bounds.limit(size);
    stride /= room;
    after = *bounds.quotient(after, size);
    Ints places;
    for (int64_t i = 0; i < count; ++i) places.push_back(i / stride % room);
    SmallVector<Value> inputs{node.constantI64(places, {count}), bounds.scalar(node, after)};
    if (number) inputs.push_back(number);
    number = node.pointwise(inputs, [](Chain &chain, ValueRange args) {
      Value part = chain.fn("mul", {args[0], args[1]});
      return args.size() == 3 ? chain.fn("add", {args[2], part}) : part;
    });
  }
  // … and its place in the room of the input.
  Value place;
  stride = 1;
  for (const Size &size : llvm::reverse(from)) {
    SmallVector<Value> inputs{number, bounds.scalar(node, size)};
    auto atLeastOne = [](Chain &chain, Value size) { return chain.fn("max", {size, chain.constant(1, size.getType())}); };
    if (place) inputs.push_back(place);
    place = node.pointwise(inputs, [&](Chain &chain, ValueRange args) {
      Value digit = chain.fn("mod", {args[0], atLeastOne(chain, args[1])});
      Value part = chain.fn("mul", {digit, chain.constant(double(stride), digit.getType())});
      return args.size() == 3 ? chain.fn("add", {args[2], part}) : part;
    });
    number = node.pointwise(ArrayRef(inputs).take_front(2),
                            [&](Chain &chain, ValueRange args) { return chain.fn("div", {args[0], atLeastOne(chain, args[1])}); });
    stride *= bounds.limit(size);
  }
  return place;
}

Value reshapeBounded(NodeBinder &node, Value value, ArrayRef<Size> target) {
  Bounds &bounds = node.bounds();
  Sizes from = bounds.of(value);
  if (!bounds.isBounded(value) && llvm::all_of(target, [](const Size &size) { return size.isStatic(); })) {
    Ints shape;
    for (const Size &size : target) shape.push_back(size.factor);
    return node.reshape(value, shape);
  }
  std::optional<SmallVector<Group>> groups = groupsOf(bounds, from, target);
  if (!groups)
    return node.error() << "the elements of " << value.getType() << ", some of whose dims are chosen at run time, do not fill the result's shape",
           Value();
  Ints shape = bounds.limits(target);
  if (countElements(shape) < 0)
    return node.error() << "the result would have up to [" << shape << "] elements; a tensor may have at most " << maxElements, Value();
  Bounds::Pause pause(bounds);
  if (countElements(shape) == 0) return node.rawConstant(RankedTensorType::get(shape, node.type(value).getElementType()), {});
  auto inPlace = [&](const Group &group) {
    return isInPlace(bounds, ArrayRef<Size>(from).slice(group.i0, group.i1 - group.i0), target.slice(group.j0, group.j1 - group.j0));
  };
  if (!llvm::all_of(*groups, inPlace)) {
    Ints merged;
    ArrayRef<int64_t> room = node.shape(value);
    for (const Group &group : *groups) {
      merged.push_back(1);
      for (size_t i = group.i0; i < group.i1; ++i) merged.back() *= room[i];
    }
    value = node.reshape(value, merged);
    for (auto [axis, group] : llvm::enumerate(*groups))
      if (!inPlace(group)) {
        Value indices = movedIndices(node, ArrayRef<Size>(from).slice(group.i0, group.i1 - group.i0),
                                     target.slice(group.j0, group.j1 - group.j0));
        value = node.create<dnn::GatherOp>(value, indices, node.i64(axis));
        if (!value) return {};
      }
  }
  Value result = node.reshape(value, shape);
  if (result && bounds.of(result) != Sizes(target)) {
    if (bounds.isBounded(result)) // the very value, with other sizes: its own stay its own
      result = node.builder.create<dnn::ReshapeOp>(node.loc, result.getType(), result);
    bounds.set(result, Sizes(target));
  }
  return result;
}

static LogicalResult importReshape(NodeBinder &node) {
  Bounds &bounds = node.bounds();
  Value x = node.operand(0);
  Sizes from = bounds.of(x);
  bool allowZero = node.version() >= 14 && node.intAttr("allowzero", 0, flag);
  std::optional<Sizes> target;
  if (node.version() < 5) {
    std::optional<Ints> given = node.intsAttr("shape");
    if (given) target = Sizes(given->begin(), given->end());
  } else {
    target = bounds.list(node, node.operand(1));
  }
  if (!target)
    return node.error() << "input 1 ('shape') must be computable from constants and shapes, or bounded by them; it depends on the model's inputs";
  Size all = bounds.product(from), known(1);
  std::optional<size_t> inferred;
  for (auto [index, size] : llvm::enumerate(*target)) {
    if (size == Size(0) && !allowZero && index < from.size()) size = from[index];
    if (size == Size(-1) && !inferred)
      inferred = index;
    else if (size.factor < 0)
      return node.error() << "'shape' has more than one negative value";
    else
      known = bounds.product(known, size);
  }
  if (inferred) {
    std::optional<Size> rest = bounds.quotient(all, known);
    if (!rest)
      return node.error() << "the -1 of 'shape' cannot be found: the elements of " << x.getType()
                          << ", some of whose dims are chosen at run time, are not always a multiple of the other dims";
    (*target)[*inferred] = *rest;
  }
  return node.result(reshapeBounded(node, x, *target));
}

//===----------------------------------------------------------------------===//
// Sizes as values
//===----------------------------------------------------------------------===//

static std::optional<Sizes> shapeOperand(NodeBinder &node, unsigned index, StringRef name) {
  std::optional<Sizes> sizes = node.bounds().list(node, node.operand(index));
  if (sizes && llvm::none_of(*sizes, [](const Size &size) { return size.factor < 0; })) return sizes;
  node.error() << "input " << index << " ('" << name
               << "') must be sizes computable from constants and shapes; it depends on the model's inputs or is negative";
  return std::nullopt;
}

static LogicalResult importExpand(NodeBinder &node) {
  Bounds &bounds = node.bounds();
  std::optional<Sizes> target = shapeOperand(node, 1, "shape");
  if (!target) return failure();
  Value x = node.operand(0);
  Sizes from = bounds.of(x);
  while (target->size() < from.size()) target->insert(target->begin(), Size(1));
  for (auto [i, size] : llvm::enumerate(from)) {
    Size &to = (*target)[target->size() - from.size() + i];
    if (size == Size(1) || to == size) continue;
    if (to != Size(1))
      return node.error() << "dim " << i << " of " << x.getType() << " and of the shape to expand to are chosen at run time by different things";
    to = size;
  }
  Ints shape = bounds.limits(*target);
  if (countElements(shape) < 0)
    return node.error() << "the result would have up to [" << shape << "] elements; a tensor may have at most " << maxElements;
  Bounds::Pause pause(bounds);
  Value y = node.broadcast(x, shape);
  if (y == x) return node.result(y);
  if (y) bounds.set(y, *target);
  return node.result(y);
}

static LogicalResult importConstantOfShape(NodeBinder &node) {
  std::optional<Sizes> sizes = shapeOperand(node, 0, "input");
  if (!sizes) return failure();
  ElementsAttr fill = DenseElementsAttr::get(RankedTensorType::get({1}, node.builder.getF32Type()), {0.0f});
  if (node.hasAttr("value")) {
    FailureOr<ElementsAttr> given = node.tensorAttr("value");
    if (failed(given)) return failure();
    fill = *given;
  }
  Value y = node.broadcast(node.reshape(node.constant(fill), {}), node.bounds().limits(*sizes));
  if (y) node.bounds().set(y, *sizes);
  return node.result(y);
}

static LogicalResult importRange(NodeBinder &node) {
  Bounds &bounds = node.bounds();
  std::optional<int64_t> start = node.constantInt(0, "start"), delta = node.constantInt(2, "delta");
  std::optional<Size> limit = bounds.element(node, node.operand(1), 0);
  if (!start || !delta) return failure();
  if (!limit || *delta < 1) return node.error() << "'limit' must be a size, and 'delta' at least 1, where the number of values is chosen at run time";
  int64_t high = std::max<int64_t>((bounds.limit(*limit) - *start + *delta - 1) / *delta, 0);
  Size count = *limit;
  if (*start != 0 || *delta != 1)
    count = bounds.derive(node, "range", {*limit}, {*start, *delta}, 0, high, [&](Chain &chain, ValueRange args) {
      Type type = args[0].getType();
      Value room = chain.fn("add", {args[0], chain.constant(double(*delta - 1 - *start), type)});
      return chain.fn("div", {chain.fn("max", {room, chain.constant(0, type)}), chain.constant(double(*delta), type)});
    });
  Ints values;
  for (int64_t i = 0; i < high; ++i) values.push_back(*start + i * *delta);
  Value y = node.cast(node.constantI64(values, {high}), node.type(node.operand(0)).getElementType());
  if (y) bounds.set(y, {count});
  return node.result(y);
}

//===----------------------------------------------------------------------===//
// Slice
//===----------------------------------------------------------------------===//

namespace {
/// One axis of a slice: a number or a scalar of the run.
struct Cut {
  Value start, end; ///< scalars of i64
  int64_t step;
};
} // namespace

/// One axis, whose start, end or size is of the run: the elements are gathered from where they truly are.
static Value sliceAxis(NodeBinder &node, Value x, int64_t axis, Cut cut) {
  Bounds &bounds = node.bounds();
  Sizes sizes = bounds.of(x);
  int64_t room = node.shape(x)[axis];
  auto number = [&](Value value) -> std::optional<int64_t> {
    ElementsAttr constant = node.constantOf(value);
    return constant ? std::optional(constantValues<int64_t>(constant).front()) : std::nullopt;
  };
  std::optional<int64_t> start = number(cut.start), end = number(cut.end);
  bool toEnd = end && *end >= room;
  std::optional<Size> endSize = end ? (*end >= 0 ? std::optional(Size(*end)) : std::nullopt) : bounds.element(node, cut.end, 0);
  // x[:e] with e no larger than the dim: the front, as it lies.
  bool within = endSize && (*endSize == sizes[axis] || (sizes[axis].isStatic() && bounds.limit(*endSize) <= room));
  if (start && *start == 0 && cut.step == 1 && (toEnd || within)) {
    if (toEnd) return x;
    Ints starts(sizes.size(), 0), steps(sizes.size(), 1), counts(node.shape(x));
    counts[axis] = bounds.limit(*endSize);
    sizes[axis] = *endSize;
    Bounds::Pause pause(bounds);
    Value y = counts[axis] == room && bounds.isBounded(x) ? x : node.create<dnn::SliceOp>(x, node.i64s(starts), node.i64s(counts), node.i64s(steps), UnitAttr());
    if (y && y != x) bounds.set(y, sizes);
    return y;
  }
  // Both ends clamped as ONNX says, and what is between them.
  Value size = bounds.scalar(node, sizes[axis]);
  int64_t step = cut.step;
  auto clamped = [&](Value value) {
    return node.pointwise({value, size}, [&](Chain &chain, ValueRange args) {
      Type type = args[0].getType();
      Value negative = chain.boolean("less", {args[0], chain.constant(0, type)});
      Value place = chain.fn("where", {negative, chain.fn("add", args), args[0]}, type);
      Value low = chain.constant(step > 0 ? 0 : -1, type), high = step > 0 ? args[1] : chain.fn("sub", {args[1], chain.constant(1, type)});
      return chain.fn("max", {chain.fn("min", {place, high}), low});
    });
  };
  // At the start of a walk to the front, what is below the first element is the first element's neighbour: there is nothing to take.
  Value from = clamped(cut.start), to = clamped(cut.end);
  Value taken = node.pointwise({from, to}, [&](Chain &chain, ValueRange args) {
    Type type = args[0].getType();
    Value way = step > 0 ? chain.fn("sub", {args[1], args[0]}) : chain.fn("sub", {args[0], args[1]});
    int64_t length = std::abs(step);
    Value steps = chain.fn("add", {way, chain.constant(double(length - 1), type)});
    return chain.fn("div", {chain.fn("max", {steps, chain.constant(0, type)}), chain.constant(double(length), type)});
  });
  if (!taken) return {};
  int64_t most = (room + std::abs(step) - 1) / std::abs(step);
  if (step == 1 && start && *start < 0) most = std::min(most, -*start);
  if (step == 1 && start && *start > 0) most = std::min(most, std::max<int64_t>(room - *start, 0));
  if (step == 1 && start && *start >= 0 && endSize) most = std::min(most, std::max<int64_t>(bounds.limit(*endSize) - *start, 0));
  if (most == 0) { // nothing, whatever the run brings
    Ints shape(node.shape(x));
    shape[axis] = 0;
    return node.rawConstant(RankedTensorType::get(shape, node.type(x).getElementType()), {});
  }
  ElementsAttr constant = node.constantOf(taken);
  Size count = constant ? Size(constantValues<int64_t>(constant).front()) : bounds.symbol(taken, 0, most);
  if (count.isStatic()) most = count.factor;
  Value steps = node.constantI64(llvm::to_vector(llvm::seq<int64_t>(0, most)), {most});
  Value indices = node.pointwise({steps, from}, [&](Chain &chain, ValueRange args) {
    Value way = step == 1 ? args[0] : chain.fn("mul", {args[0], chain.constant(double(step), args[0].getType())});
    Value place = chain.fn("add", {way, args[1]});
    return chain.fn("max", {place, chain.constant(0, place.getType())});
  });
  sizes[axis] = count;
  Bounds::Pause pause(bounds);
  Value y = node.create<dnn::GatherOp>(x, indices, node.i64(axis));
  if (y) bounds.set(y, sizes);
  return y;
}

static LogicalResult importSlice(NodeBinder &node) {
  Value x = node.operand(0);
  int64_t rank = node.rank(x);
  bool operands = node.version() >= 10;
  auto list = [&](unsigned index, StringRef name) -> Value {
    if (operands) return node.cast(node.operand(index), node.builder.getI64Type());
    std::optional<Ints> values = node.intsAttr(name);
    return values ? node.constantI64(*values, {int64_t(values->size())}) : Value();
  };
  Value starts = list(1, "starts"), ends = list(2, "ends");
  if (!starts || !ends || node.rank(starts) != 1 || node.shape(ends) != node.shape(starts))
    return node.error() << "'starts' and 'ends' must be two lists of one length";
  int64_t count = node.shape(starts)[0];
  Ints given = llvm::to_vector(llvm::seq<int64_t>(0, count)), steps(count, 1);
  if (operands ? bool(node.operand(3)) : node.hasAttr("axes")) {
    std::optional<Ints> values = operands ? node.constantInts(3, "axes") : node.intsAttr("axes");
    if (!values) return failure();
    given = *values;
  }
  if (operands && node.operand(4)) {
    std::optional<Ints> values = node.constantInts(4, "steps");
    if (!values) return failure();
    steps = *values;
  }
  if (int64_t(given.size()) != count || int64_t(steps.size()) != count || llvm::is_contained(steps, 0))
    return node.error() << "'axes' and 'steps' must be as long as 'starts', " << count << ", and no step 0";
  auto scalarAt = [&](Value vector, int64_t index) {
    std::optional<Size> size = node.bounds().element(node, vector, index);
    if (size) return size->isStatic() ? node.constantI64({size->factor}, {}) : node.bounds().scalar(node, *size);
    Value one = count == 1 ? vector : node.create<dnn::SliceOp>(vector, node.i64s({index}), node.i64s({1}), node.i64s({1}), UnitAttr());
    return node.reshape(one, {});
  };
  for (int64_t i = 0; i < count; ++i) {
    std::optional<int64_t> axis = node.axis("axes", given[i], rank);
    if (!axis) return failure();
    x = sliceAxis(node, x, *axis, {scalarAt(starts, i), scalarAt(ends, i), steps[i]});
    if (!x) return failure();
  }
  return node.result(x);
}

//===----------------------------------------------------------------------===//
// Dispatch
//===----------------------------------------------------------------------===//

/// SAME pads are found from the size: right for all only where the window moves in steps of 1.
static LogicalResult checkAutoPad(NodeBinder &node) {
  if (!node.hasAttr("auto_pad") || node.operands().empty() || !node.bounds().isBounded(node.operand(0))) return success();
  StringRef mode = node.attr("auto_pad")->s();
  std::optional<Ints> strides = node.intsAttr("strides");
  if (!mode.starts_with("SAME") || !strides) return success();
  for (int64_t d = 0; d + 2 < node.rank(node.operand(0)) && d < int64_t(strides->size()); ++d)
    if (node.bounds().isBounded(node.operand(0), d + 2) && (*strides)[d] != 1)
      return node.error() << "auto_pad " << mode << " with stride " << (*strides)[d] << " is not supported over dim " << d + 2
                          << ", whose size is chosen at run time; give pads";
  return success();
}

std::optional<LogicalResult> importBounded(NodeBinder &node) {
  Bounds &bounds = node.bounds();
  if (!bounds.any() || !node.node.domain().empty()) return std::nullopt;
  bool data = !node.operands().empty() && bounds.isBounded(node.operand(0));
  bool first = !node.operands().empty() && bounds.isShapeArithmetic(node.operand(0));
  bool others = !node.operands().empty() && llvm::any_of(node.operands().drop_front(), [&](Value value) { return bounds.isShapeArithmetic(value); });
  if (!data && !first && !others) return std::nullopt;
  if (failed(checkAutoPad(node))) return failure();
  using Form = LogicalResult (*)(NodeBinder &);
  Form form = llvm::StringSwitch<Form>(node.node.op_type())
                  .Case("Reshape", data || others ? importReshape : nullptr)
                  .Case("Expand", data || others ? importExpand : nullptr)
                  .Case("ConstantOfShape", first ? importConstantOfShape : nullptr)
                  .Case("Range", others ? importRange : nullptr)
                  .Case("Slice", data || others ? importSlice : nullptr)
                  .Default(nullptr);
  return form ? std::optional(form(node)) : std::nullopt;
}

} // namespace dnnc::importer
