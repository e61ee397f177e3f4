#include "passes/graph/Pointwise.h"

#include "mlir/IR/DialectResourceBlobManager.h"

using namespace mlir;

namespace dnnc {

SmallVector<Block *> blocksOf(Operation *function) {
  SmallVector<Block *> blocks;
  function->walk<WalkOrder::PreOrder>([&](Operation *op) {
    if (op != function && !isa<dnn::IfOp, dnn::LoopOp>(op)) return;
    for (Region &region : op->getRegions())
      for (Block &block : region) blocks.push_back(&block);
  });
  return blocks;
}

SmallVector<int64_t> padShape(ArrayRef<int64_t> shape, int64_t rank) {
  SmallVector<int64_t> padded(rank - shape.size(), 1);
  llvm::append_range(padded, shape);
  return padded;
}

Value reshaped(OpBuilder &builder, Value value, ArrayRef<int64_t> shape) {
  auto type = RankedTensorType::get(shape, tensorOf(value).getElementType());
  if (value.getType() == type) return value;
  if (auto reshape = value.getDefiningOp<dnn::ReshapeOp>(); reshape && reshape.getInput().getType() == type) return reshape.getInput();
  ElementsAttr constant = getConstant(value);
  if (auto resource = dyn_cast_or_null<DenseResourceElementsAttr>(constant))
    return createConstant(builder, value.getLoc(), DenseResourceElementsAttr::get(type, resource.getRawHandle())); // the same bytes
  if (auto dense = dyn_cast_or_null<DenseElementsAttr>(constant)) return createConstant(builder, value.getLoc(), dense.reshape(type));
  return builder.create<dnn::ReshapeOp>(value.getLoc(), type, value);
}

bool hasOneUser(Value value) {
  return !value.use_empty() && (*value.user_begin())->getBlock() == value.getParentBlock() &&
         llvm::all_of(value.getUsers(), [&](Operation *user) { return user == *value.user_begin(); });
}

bool holdsAll(Type from, Type to) {
  if (auto a = dyn_cast<FloatType>(from)) {
    auto b = dyn_cast<FloatType>(to);
    return b && (a == b || (b.getFPMantissaWidth() > a.getFPMantissaWidth() && b.getWidth() > a.getWidth()));
  }
  unsigned bits = from.getIntOrFloatBitWidth();
  bool isSigned = !from.isUnsignedInteger() && bits > 1;
  if (auto b = dyn_cast<FloatType>(to)) return b.getFPMantissaWidth() >= bits - isSigned;
  bool toSigned = !to.isUnsignedInteger() && !to.isInteger(1);
  unsigned toBits = to.getIntOrFloatBitWidth();
  return isSigned == toSigned ? toBits >= bits : !isSigned && toBits > bits;
}

dnn::PointwiseOp createPointwise(OpBuilder &builder, Location loc, Type result, ValueRange inputs, ChainBody body) {
  auto op = builder.create<dnn::PointwiseOp>(loc, result, inputs);
  OpBuilder::InsertionGuard guard(builder);
  Block *block = builder.createBlock(&op.getChain());
  for (Value input : inputs) block->addArgument(tensorOf(input).getElementType(), loc);
  Value last = body(builder, loc, block->getArguments());
  builder.create<pw::YieldOp>(loc, last);
  return op;
}

Value applyFn(OpBuilder &builder, Location loc, StringRef name, ValueRange args) {
  return builder.create<pw::FnOp>(loc, args.front().getType(), name, args);
}

dnn::PointwiseOp createPointwise(OpBuilder &builder, Location loc, StringRef fn, ValueRange inputs) {
  SmallVector<ArrayRef<int64_t>> shapes;
  for (Value input : inputs) shapes.push_back(tensorOf(input).getShape());
  auto shape = dnn::broadcastShapes(shapes);
  assert(succeeded(shape) && "operands must broadcast");
  auto type = RankedTensorType::get(*shape, tensorOf(inputs.front()).getElementType());
  return createPointwise(builder, loc, type, inputs, [&](OpBuilder &b, Location l, ValueRange args) { return applyFn(b, l, fn, args); });
}

Value createScalar(OpBuilder &builder, Location loc, Type type, double value) {
  TypedAttr attr = isa<FloatType>(type) ? TypedAttr(builder.getFloatAttr(type, value))
                                        : TypedAttr(builder.getIntegerAttr(type, static_cast<int64_t>(value)));
  return builder.create<pw::ConstOp>(loc, type, attr);
}

TypedAttr splatValue(Value value) {
  ElementsAttr elements = getConstant(value);
  if (!elements || elements.getNumElements() == 0) return {};
  Type type = elements.getElementType();
  auto dense = dyn_cast<DenseElementsAttr>(elements);
  if (!dense || !dense.isSplat()) {
    std::vector<char> bytes = constantBytes(elements);
    size_t size = dnn::elementBytes(type);
    if (bytes.size() < size || memcmp(bytes.data(), bytes.data() + size, bytes.size() - size) != 0) return {};
    dense = cast<DenseElementsAttr>(makeConstant(RankedTensorType::get({1}, type), ArrayRef<char>(bytes.data(), size)));
  }
  return cast<TypedAttr>(dense.getSplatValue<Attribute>());
}

double numberOf(Attribute attr) {
  if (auto number = dyn_cast<FloatAttr>(attr)) return number.getValueAsDouble();
  auto integer = cast<IntegerAttr>(attr);
  return integer.getType().isUnsignedInteger() || integer.getType().isInteger(1) ? double(integer.getValue().getZExtValue())
                                                                                 : double(integer.getValue().getSExtValue());
}

std::optional<double> constantScalar(Value scalar) {
  auto constant = scalar.getDefiningOp<pw::ConstOp>();
  return constant ? std::optional(numberOf(constant.getValue())) : std::nullopt;
}

FailureOr<SingleFn> singleFn(Value value) {
  auto op = value ? value.getDefiningOp<dnn::PointwiseOp>() : dnn::PointwiseOp();
  if (!op) return failure();
  auto fn = pw::yielded(op.getChain()).getDefiningOp<pw::FnOp>();
  if (!fn) return failure();
  SingleFn single{fn.getName(), {}};
  for (Value arg : fn.getArgs()) {
    if (auto number = constantScalar(arg)) {
      single.operands.push_back({{}, number});
      continue;
    }
    auto blockArg = dyn_cast<BlockArgument>(arg);
    if (!blockArg) return failure();
    Value tensor = op.getInputs()[blockArg.getArgNumber()];
    TypedAttr splat = tensorOf(tensor).getNumElements() == 1 ? splatValue(tensor) : TypedAttr();
    single.operands.push_back({tensor, splat ? std::optional(numberOf(splat)) : std::nullopt});
  }
  return single;
}

std::optional<SmallVector<FnOperand, 3>> matchFn(Value value, StringRef name) {
  auto fn = singleFn(value);
  return succeeded(fn) && fn->name == name ? std::optional(fn->operands) : std::nullopt;
}

/// Makes argument \p second of the chain the same as \p first and removes it.
static void joinArguments(Region &chain, unsigned first, unsigned second) {
  chain.getArgument(second).replaceAllUsesWith(chain.getArgument(first));
  chain.eraseArgument(second);
}

bool tidyOperands(dnn::PointwiseOp op) {
  bool changed = false;
  Region &chain = op.getChain();
  auto result = cast<RankedTensorType>(op.getType());
  for (unsigned i = op.getInputs().size(); i-- > 0;) {
    unsigned first = llvm::find(op.getInputs(), op.getInputs()[i]) - op.getInputs().begin();
    if (first < i) {
      joinArguments(chain, first, i);
      op.getInputsMutable().erase(i);
      changed = true;
      continue;
    }
    if (!chain.getArgument(i).use_empty()) continue;
    SmallVector<ArrayRef<int64_t>> others;
    for (auto [j, input] : llvm::enumerate(op.getInputs()))
      if (j != i) others.push_back(tensorOf(input).getShape());
    auto shape = dnn::broadcastShapes(others);
    if (others.empty() || failed(shape) || ArrayRef<int64_t>(*shape) != result.getShape()) continue;
    chain.eraseArgument(i);
    op.getInputsMutable().erase(i);
    changed = true;
  }
  return changed;
}

void tidyEpilogue(dnn::FusableOp op) {
  MutableOperandRange range = op.epilogueOperands();
  for (unsigned i = range.size(); i-- > 0;) {
    OperandRange operands = range;
    unsigned first = llvm::find(operands, operands[i]) - operands.begin();
    if (first == i) continue;
    joinArguments(op.epilogueChain(), first + 1, i + 1);
    range.erase(i);
  }
}

} // namespace dnnc
