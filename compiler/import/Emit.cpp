// Making dnn ops in import handlers.
#include "compiler/import/NodeBinder.h"

#include "mlir/IR/Verifier.h"
#include "llvm/ADT/APSInt.h"

using namespace mlir;

namespace dnnc::importer {

Value Chain::fn(StringRef name, ValueRange args, Type result) { return builder.create<pw::FnOp>(loc, result, name, args); }

Value Chain::constant(double value, Type type) {
  if (auto integer = dyn_cast<IntegerType>(type)) {
    APSInt nearest(integer.getWidth(), integer.isUnsigned());
    bool exact = false; // what does not fit saturates, and no number is 0
    APFloat(value).convertToInteger(nearest, APFloat::rmTowardZero, &exact);
    return builder.create<pw::ConstOp>(loc, IntegerAttr::get(type, nearest));
  }
  // Attributes are f32. Where a 16-bit type would round one, it stays f32 behind a cast, which goes when the chain is computed in f32.
  bool lossy = false;
  APFloat narrow(value);
  narrow.convert(cast<FloatType>(type).getFloatSemantics(), APFloat::rmNearestTiesToEven, &lossy);
  if (lossy && type.getIntOrFloatBitWidth() == 16) return fn("cast", constant(value, builder.getF32Type()), type);
  return builder.create<pw::ConstOp>(loc, FloatAttr::get(type, value));
}

bool NodeBinder::fits(RankedTensorType type) const {
  if (countElements(type.getShape()) >= 0) return true;
  error() << "the result would be " << type << "; a tensor may have at most " << maxElements << " elements and no dim above " << maxDim;
  return false;
}

bool NodeBinder::affords(int64_t count) {
  if (count >= 0 && count <= maxElements && importer.model.takeConstantBytes(4 * count)) return true;
  error() << "would need a constant of " << (count < 0 ? "too many" : std::to_string(count)) << " numbers; those that are made of this model may have "
          << importer.model.constantBudget / 4 << " more";
  return false;
}

Operation *NodeBinder::finish(OperationState &state, LogicalResult inferred) {
  if (failed(inferred)) return nullptr;
  for (Type result : state.types)
    if (!fits(llvm::cast<RankedTensorType>(result))) return nullptr;
  auto first = llvm::cast<RankedTensorType>(state.types.front());
  if (state.types.size() == 1 && first.getNumElements() == 0) // shape arithmetic may be empty; there is nothing to compute
    return rawConstant(first, {}).getDefiningOp();
  return bounded(builder.create(state));
}

Operation *NodeBinder::bounded(Operation *op) {
  if (failed(verify(op))) return nullptr;
  return bounds().any() ? applyBounds(*this, op) : op;
}

Value NodeBinder::reshape(Value value, ArrayRef<int64_t> shape) {
  if (!value || type(value).getShape() == shape) return value;
  auto result = RankedTensorType::get(shape, type(value).getElementType());
  const int64_t count = countElements(shape);
  if (count < 0 && llvm::all_of(shape, [](int64_t dim) { return dim >= 0; }))
    return error() << "cannot reshape " << type(value) << " to [" << shape << "]: a dim may be at most " << maxDim << ", a tensor have at most "
                   << maxElements << " elements", Value();
  if (count != type(value).getNumElements())
    return error() << "cannot reshape " << type(value) << " to [" << shape << "]: the numbers of elements differ", Value();
  Operation *op = bounded(builder.create<dnn::ReshapeOp>(loc, result, value));
  return op ? op->getResult(0) : Value();
}

Value NodeBinder::transpose(Value value, ArrayRef<int64_t> perm) {
  if (llvm::equal(perm, llvm::seq<int64_t>(0, perm.size()))) return value;
  return create<dnn::TransposeOp>(value, i64s(perm));
}

Value NodeBinder::broadcast(Value value, ArrayRef<int64_t> shape) {
  if (!value || type(value).getShape() == shape) return value;
  auto result = RankedTensorType::get(shape, type(value).getElementType());
  auto joined = dnn::broadcastShapes({type(value).getShape(), shape});
  if (failed(joined) || ArrayRef<int64_t>(*joined) != shape)
    return error() << type(value) << " does not broadcast to [" << shape << "]", Value();
  Operation *op = fits(result) ? bounded(builder.create<dnn::BroadcastOp>(loc, result, value)) : nullptr;
  return op ? op->getResult(0) : Value();
}

Value NodeBinder::cast(Value value, Type elementType) {
  if (!value || type(value).getElementType() == elementType) return value;
  return pointwise({value}, [&](Chain &chain, ValueRange x) { return chain.fn("cast", x, elementType); });
}

Value NodeBinder::bitcast(Value value, Type elementType) {
  if (!value || type(value).getElementType() == elementType) return value;
  if (ElementsAttr known = getConstant(value)) return createConstant(builder, value.getLoc(), bitcastConstant(known, elementType));
  Operation *op = bounded(builder.create<dnn::BitcastOp>(loc, RankedTensorType::get(shape(value), elementType), value));
  return op ? op->getResult(0) : Value();
}

Value NodeBinder::reduce(Value value, dnn::ReduceKind kind, ArrayRef<int64_t> axes) {
  if (axes.empty()) return value;
  return create<dnn::ReduceOp>(value, ValueRange(), dnn::ReduceKindAttr::get(builder.getContext(), kind), i64s(axes));
}

Value NodeBinder::softmax(Value value, int64_t axis, bool log) {
  if (!value || !type(value).getElementType().isF64()) return create<dnn::SoftmaxOp>(value, i64(axis), boolean(log));
  Value centred = pointwise({value, reduce(value, dnn::ReduceKind::Max, {axis})}, [](Chain &chain, ValueRange x) { return chain.fn("sub", x); });
  auto exponential = [](Chain &chain, ValueRange x) { return chain.fn("exp", x); };
  Value terms = pointwise({centred}, exponential);
  Value sum = terms ? reduce(terms, dnn::ReduceKind::Sum, {axis}) : Value();
  return pointwise({log ? centred : terms, sum}, [&](Chain &chain, ValueRange x) {
    return log ? chain.fn("sub", {x[0], chain.fn("log", {x[1]})}) : chain.fn("div", x);
  });
}

/// The value of a constant with one element that may become part of a chain: its rank must not be what gives the result its shape.
static TypedAttr scalarOf(Value value, int64_t otherRank) {
  ElementsAttr constant = getConstant(value);
  if (!constant || constant.getNumElements() != 1 || constant.getShapedType().getRank() > otherRank) return {};
  return cast<TypedAttr>(*constant.value_begin<Attribute>());
}

Value NodeBinder::pointwise(ArrayRef<Value> inputs, ChainBody body) {
  if (llvm::is_contained(inputs, Value())) return {};
  // A constant of one element is inlined; one tensor must stay to give the result its shape.
  SmallVector<TypedAttr> scalars(inputs.size());
  int64_t tensorRank = -1;
  for (Value input : inputs)
    if (!getConstant(input) || type(input).getNumElements() != 1) tensorRank = std::max(tensorRank, rank(input));
  for (auto [scalar, input] : llvm::zip(scalars, inputs)) scalar = scalarOf(input, tensorRank);
  SmallVector<Value> tensors;
  for (auto [scalar, input] : llvm::zip(scalars, inputs))
    if (!scalar && !llvm::is_contained(tensors, input)) tensors.push_back(input);

  auto fill = [&](OperationState &state) {
    OpBuilder::InsertionGuard guard(builder);
    Block &block = state.regions.front()->emplaceBlock();
    builder.setInsertionPointToEnd(&block);
    for (Value tensor : tensors) block.addArgument(type(tensor).getElementType(), loc);
    SmallVector<Value> args;
    for (auto [scalar, input] : llvm::zip(scalars, inputs))
      args.push_back(scalar ? Value(builder.create<pw::ConstOp>(loc, scalar))
                            : block.getArgument(llvm::find(tensors, input) - tensors.begin()));
    Chain chain(builder, loc);
    builder.create<pw::YieldOp>(loc, body(chain, args));
  };
  Operation *op = createFilled<dnn::PointwiseOp>(fill, 1, ValueRange(tensors));
  return op ? op->getResult(0) : Value();
}

Value NodeBinder::constant(ElementsAttr value) { return createConstant(builder, loc, value); }

Value NodeBinder::constantI64(ArrayRef<int64_t> list, ArrayRef<int64_t> shape) {
  return constant(makeConstant<int64_t>(RankedTensorType::get(shape, builder.getI64Type()), list));
}

Value NodeBinder::counted(int64_t count, ArrayRef<int64_t> shape) {
  return affords(2 * count) ? constantI64(llvm::to_vector(llvm::seq<int64_t>(0, count)), shape) : Value();
}

Value NodeBinder::rawConstant(RankedTensorType type, ArrayRef<char> bytes) { return constant(makeConstant(type, bytes, node.output(0))); }

LogicalResult NodeBinder::results(ArrayRef<Value> produced) {
  if (llvm::is_contained(produced, Value())) return failure();
  outputs.assign(produced.begin(), produced.end());
  return success();
}

} // namespace dnnc::importer
