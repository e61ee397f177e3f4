// Operators that find out at run time how large their result is: NonZero, Compress, Unique, NonMaxSuppression.
#include "compiler/import/NodeBinder.h"

using namespace mlir;

namespace dnnc::importer {

/// Two results of a new op: places in the room of all, and their number.
struct Found {
  Value places;
  Size count;
};

/// The coordinates, [rank, room], of the true elements of \p mask.
static std::optional<Found> findTrue(NodeBinder &node, Value mask) {
  if (!mask) return std::nullopt;
  mask = node.bounds().masked(node, mask, llvm::to_vector(llvm::seq<int64_t>(0, node.rank(mask))), 0);
  Bounds::Pause pause(node.bounds());
  Operation *op = mask ? node.createFilled<dnn::NonZeroOp>([](OperationState &) {}, 2, mask) : nullptr;
  if (!op) return std::nullopt;
  Size count = node.bounds().symbol(op->getResult(1), 0, node.type(mask).getNumElements());
  node.bounds().set(op->getResult(0), {Size(node.rank(mask)), count});
  return Found{op->getResult(0), count};
}

static Value isNotZero(NodeBinder &node, Value x) {
  if (node.type(x).getElementType().isInteger(1)) return x;
  return node.pointwise({x}, [](Chain &chain, ValueRange args) {
    return chain.boolean("not_equal", {args[0], chain.constant(0, args[0].getType())});
  });
}

static LogicalResult importNonZero(NodeBinder &node) {
  Value x = node.operand(0);
  if (node.type(x).getNumElements() == 0 || node.rank(x) == 0) // a scalar has no coordinates
    return node.result(node.constantI64({}, {node.rank(x), 0}));
  std::optional<Found> found = findTrue(node, isNotZero(node, x));
  return found ? node.result(found->places) : failure();
}

/// The slices of \p data along \p axis at the first \p found.count of its places.
static Value takeFound(NodeBinder &node, Value data, Value places, int64_t axis) {
  return node.create<dnn::GatherOp>(data, places, node.i64(axis));
}

static LogicalResult importCompress(NodeBinder &node) {
  Value x = node.operand(0), condition = node.operand(1);
  int64_t axis = 0;
  if (!node.hasAttr("axis")) {
    x = reshapeBounded(node, x, {node.bounds().product(node.bounds().of(x))});
  } else {
    std::optional<int64_t> given = node.axisAttr("axis", 0, node.rank(x));
    if (!given) return failure();
    axis = *given;
  }
  if (!x) return failure();
  if (node.rank(condition) != 1 || node.shape(condition)[0] > node.shape(x)[axis])
    return node.error() << "input 1 ('condition') is " << node.type(condition) << "; it must be a list of at most " << node.shape(x)[axis]
                        << " bools";
  if (node.shape(condition)[0] == 0) {
    Ints shape(node.shape(x));
    shape[axis] = 0;
    return node.result(node.rawConstant(RankedTensorType::get(shape, node.type(x).getElementType()), {}));
  }
  std::optional<Found> found = findTrue(node, condition);
  return found ? node.result(takeFound(node, x, node.reshape(found->places, {node.shape(condition)[0]}), axis)) : failure();
}

/// Values that order as those of \p x do, in a type that the kernel compares.
static Value sortable(NodeBinder &node, Value x) {
  Type type = node.type(x).getElementType();
  OpBuilder &builder = node.builder;
  if (type.isF64()) return x;
  if (isa<FloatType>(type)) return node.cast(x, builder.getF32Type());
  if (!type.isUnsignedInteger(64)) return node.cast(x, builder.getI64Type());
  return node.pointwise({node.cast(x, builder.getI64Type())}, [](Chain &chain, ValueRange args) { // the upper half is negative now
    return chain.fn("add", {args[0], chain.constant(-0x1p63, args[0].getType())});
  });
}

static LogicalResult importUnique(NodeBinder &node) {
  Value x = node.operand(0);
  Bounds &bounds = node.bounds();
  bool sorted = node.intAttr("sorted", 1, flag), flat = !node.hasAttr("axis");
  std::optional<int64_t> axis = flat ? std::optional<int64_t>(0) : node.axisAttr("axis", std::nullopt, node.rank(x));
  if (!axis) return failure();
  if (flat) {
    x = reshapeBounded(node, x, {bounds.product(bounds.of(x))});
    if (!x) return failure();
  }
  Sizes sizes = bounds.of(x);
  Size rows = sizes[*axis];
  int64_t room = node.shape(x)[*axis];
  if (node.type(x).getNumElements() == 0) return node.error() << "an input without elements, " << node.type(x) << ", is not supported";
  for (auto [dim, size] : llvm::enumerate(sizes))
    if (!size.isStatic() && int64_t(dim) != *axis)
      return node.error() << "dim " << dim << " of " << node.type(x) << " is chosen at run time; only the dim that 'axis' names may be";
  Ints perm{*axis};
  for (int64_t d = 0; d < node.rank(x); ++d)
    if (d != *axis) perm.push_back(d);
  Bounds::Pause pause(bounds);
  Value matrix = node.reshape(node.transpose(sortable(node, x), perm), {room, node.type(x).getNumElements() / room});
  Operation *op = node.createFilled<dnn::UniqueOp>([](OperationState &) {}, 4, matrix, bounds.scalar(node, rows), node.boolean(sorted));
  if (!op) return failure();
  Size count = bounds.symbol(op->getResult(3), 0, room);
  Value y = node.create<dnn::GatherOp>(x, op->getResult(0), node.i64(*axis));
  if (!y) return failure();
  sizes[*axis] = count;
  bounds.set(y, sizes);
  bounds.set(op->getResult(0), {count});
  bounds.set(op->getResult(1), {rows});
  bounds.set(op->getResult(2), {count});
  return node.results({y, op->getResult(0), op->getResult(1), op->getResult(2)});
}

/// An optional scalar operand.
static Value scalarOr(NodeBinder &node, unsigned index, Value otherwise) {
  Value value = node.operand(index);
  return value && node.type(value).getNumElements() == 1 ? node.reshape(value, {}) : otherwise;
}

static LogicalResult importNonMaxSuppression(NodeBinder &node) {
  Value boxes = node.operand(0), scores = node.operand(1);
  Bounds &bounds = node.bounds();
  bool center = node.intAttr("center_point_box", 0, flag);
  if (node.rank(boxes) != 3 || node.rank(scores) != 3 || node.shape(boxes)[2] != 4 || node.shape(boxes)[0] != node.shape(scores)[0] ||
      node.shape(boxes)[1] != node.shape(scores)[2])
    return node.error() << "'boxes' is " << node.type(boxes) << " and 'scores' " << node.type(scores)
                        << "; they must be [batches, boxes, 4] and [batches, classes, boxes]";
  Sizes sizes = bounds.of(scores), other = bounds.of(boxes);
  if (sizes[0] != other[0] || sizes[2] != other[1])
    return node.error() << "'boxes' and 'scores' have dims that are chosen at run time by different things";
  Type f32 = node.builder.getF32Type();
  Value zero = node.cast(node.constantI64({0}, {}), f32);
  Value most = scalarOr(node, 2, node.constantI64({0}, {})), iou = scalarOr(node, 3, zero), threshold = scalarOr(node, 4, zero);
  int64_t perClass = node.shape(scores)[2];
  if (ElementsAttr constant = node.constantOf(most)) perClass = std::min(perClass, constantValues<int64_t>(constant).front());
  if (perClass <= 0 || node.type(scores).getNumElements() == 0) return node.result(node.constantI64({}, {0, 3}));
  Bounds::Pause pause(bounds);
  Operation *op = node.createFilled<dnn::NonMaxSuppressionOp>([](OperationState &) {}, 2, boxes, scores, most, iou, threshold,
                                                              bounds.vector(node, sizes), node.i64(perClass), node.boolean(center),
                                                              node.boolean(bool(node.operand(4))));
  if (!op) return failure();
  Size count = bounds.symbol(op->getResult(1), 0, node.shape(op->getResult(0))[0]);
  bounds.set(op->getResult(0), {count, Size(3)});
  return node.result(op->getResult(0));
}

void registerBounded(Registry &registry) {
  registry.on("NonZero", 9, "T", importNonZero);
  registry.on("Compress", 9, "T B", importCompress);
  registry.on("Unique", 11, "T", importUnique).results(4);
  registry.on("NonMaxSuppression", 10, "F F L? F2? F2?", importNonMaxSuppression);
}

} // namespace dnnc::importer
