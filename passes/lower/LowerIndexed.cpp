// gather, scatter and one_hot → kernel calls on contiguous row-major data.
#include "passes/lower/Lowering.h"

#include "passes/select/Strides.h"

#include "llvm/ADT/TypeSwitch.h"

using namespace mlir;

namespace dnnc {
namespace {

int64_t product(ArrayRef<int64_t> dims) {
  int64_t result = 1;
  for (int64_t dim : dims)
    result *= dim;
  return result;
}

std::string bits(Type type) { return "b" + std::to_string(8 * dnn::elementBytes(type)); }

/// Index tuples and one_hot read i64; i32 indices are widened.
View readIndices(Lowering &lowering, Operation *op, Value indices) {
  RankedTensorType type = Lowering::typeOf(indices);
  View view = lowering.readContiguous(indices);
  if (type.getElementType().isInteger(64))
    return view;
  Builder &b = lowering.builder;
  View wide = lowering.alloc(RankedTensorType::get(type.getShape(), b.getI64Type()));
  Call call;
  call.kernel = "map_scalar";
  call.inputs = {lowering.pointer(view)};
  call.outputs = {lowering.pointer(wide)};
  Block &block = call.chain.emplaceBlock();
  Value narrow = block.addArgument(type.getElementType(), op->getLoc());
  OpBuilder inner(op->getContext()); // the block has no parent yet
    inner.setInsertionPointToEnd(&block);
  Value cast = inner.create<pw::FnOp>(op->getLoc(), b.getI64Type(), "cast", narrow);
  inner.create<pw::YieldOp>(op->getLoc(), cast);
  Params params(b);
  SmallVector<int64_t> shape{type.getNumElements()}, one{1}, xStrides{1};
  params.set("rank", 1).set("shape", shape).set("y_strides", one).set("x_strides", xStrides);
  lowering.emit(op, call, params, "indices widened");
  return wide;
}

void call(Lowering &lowering, Operation *op, std::string kernel, ArrayRef<View> inputs, const View &output, Params &params) {
  Call call;
  call.kernel = std::move(kernel);
  for (const View &view : inputs)
    call.inputs.push_back(lowering.pointer(view));
  call.outputs = {lowering.pointer(output)};
  lowering.emit(op, call, params);
}

LogicalResult lowerGather(Lowering &lowering, dnn::GatherOp op) {
  RankedTensorType data = Lowering::typeOf(op.getData()), indices = Lowering::typeOf(op.getIndices());
  int64_t axis = fromFront(op.getAxis(), data.getRank());
  int64_t outer = product(data.getShape().take_front(axis)), inner = product(data.getShape().drop_front(axis + 1));
  int64_t count = indices.getNumElements();
  View x = lowering.readContiguous(op.getData()), i = lowering.readContiguous(op.getIndices()), y = lowering.writeContiguous(op.getResult());
  Params params(lowering.builder);
  params.set("outer", outer).set("axis", data.getDimSize(axis)).set("count", count).set("inner", inner);
  params.set("src_outer", data.getDimSize(axis) * inner).set("src_axis", inner).set("dst_outer", count * inner).set("dst_count", inner);
  call(lowering, op, "move_gather_" + bits(data.getElementType()) + "_" + typeName(indices.getElementType()), {x, i}, y, params);
  return success();
}

LogicalResult lowerGatherElements(Lowering &lowering, dnn::GatherElementsOp op) {
  RankedTensorType data = Lowering::typeOf(op.getData()), indices = Lowering::typeOf(op.getIndices());
  int64_t axis = fromFront(op.getAxis(), data.getRank());
  View x = lowering.readContiguous(op.getData()), i = lowering.readContiguous(op.getIndices()), y = lowering.writeContiguous(op.getResult());
  SmallVector<int64_t> strides(x.strides);
  int64_t axisStride = strides[axis];
  strides[axis] = 0;
  Params params(lowering.builder);
  params.set("rank", data.getRank()).set("axis", data.getDimSize(axis)).set("axis_stride", axisStride);
  params.set("shape", indices.getShape()).set("src_strides", strides);
  call(lowering, op, "move_gather_elements_" + bits(data.getElementType()) + "_" + typeName(indices.getElementType()), {x, i}, y, params);
  return success();
}

LogicalResult lowerGatherND(Lowering &lowering, dnn::GatherNDOp op) {
  RankedTensorType data = Lowering::typeOf(op.getData()), indices = Lowering::typeOf(op.getIndices());
  int64_t batchDims = op.getBatchDims(), depth = indices.getShape().back();
  View x = lowering.readContiguous(op.getData()), i = readIndices(lowering, op, op.getIndices()), y = lowering.writeContiguous(op.getResult());
  ArrayRef<int64_t> indexed = data.getShape().slice(batchDims, depth);
  int64_t batch = product(data.getShape().take_front(batchDims));
  Params params(lowering.builder);
  params.set("batch", batch).set("count", indices.getNumElements() / depth / batch).set("depth", depth);
  params.set("inner", product(data.getShape().drop_front(batchDims + depth))).set("src_batch", product(data.getShape().drop_front(batchDims)));
  params.set("dims", indexed).set("src_strides", ArrayRef<int64_t>(x.strides).slice(batchDims, depth));
  call(lowering, op, "move_gather_nd_" + bits(data.getElementType()), {x, i}, y, params);
  return success();
}

/// The name of a scatter's variant, by bits when it only sets.
FailureOr<std::string> scatterName(Operation *op, StringRef reduction, Type type) {
  if (reduction == "none")
    return "set_" + bits(type);
  if (!type.isF32() && !type.isInteger(32) && !type.isInteger(64))
    return op->emitError() << "has reduction " << reduction << " on type " << type << "; there are kernels for f32, i32 and i64",
           failure();
  return reduction.str() + "_" + typeName(type);
}

/// Scatters work in place on a copy of the data.
View copyOfData(Lowering &lowering, Operation *op, Value data) {
  RankedTensorType type = Lowering::typeOf(data);
  View y = lowering.writeContiguous(op->getResult(0));
  lowering.copy(op, type.getShape(), dnn::orderOf(type), type.getElementType(), lowering.read(data), y, "data");
  return y;
}

LogicalResult lowerScatterElements(Lowering &lowering, dnn::ScatterElementsOp op) {
  RankedTensorType data = Lowering::typeOf(op.getData()), indices = Lowering::typeOf(op.getIndices());
  auto name = scatterName(op, op.getReduction(), data.getElementType());
  if (failed(name))
    return failure();
  int64_t axis = fromFront(op.getAxis(), data.getRank());
  View i = lowering.readContiguous(op.getIndices()), u = lowering.readContiguous(op.getUpdates());
  View y = copyOfData(lowering, op, op.getData());
  SmallVector<int64_t> strides(y.strides);
  int64_t axisStride = strides[axis];
  strides[axis] = 0;
  Params params(lowering.builder);
  params.set("rank", data.getRank()).set("axis", data.getDimSize(axis)).set("axis_stride", axisStride);
  params.set("shape", indices.getShape()).set("dst_strides", strides);
  call(lowering, op, "move_scatter_elements_" + *name + "_" + typeName(indices.getElementType()), {i, u}, y, params);
  return success();
}

LogicalResult lowerScatterND(Lowering &lowering, dnn::ScatterNDOp op) {
  RankedTensorType data = Lowering::typeOf(op.getData()), indices = Lowering::typeOf(op.getIndices());
  auto name = scatterName(op, op.getReduction(), data.getElementType());
  if (failed(name))
    return failure();
  int64_t depth = indices.getShape().back();
  View i = readIndices(lowering, op, op.getIndices()), u = lowering.readContiguous(op.getUpdates());
  View y = copyOfData(lowering, op, op.getData());
  Params params(lowering.builder);
  params.set("count", indices.getNumElements() / depth).set("depth", depth).set("inner", product(data.getShape().drop_front(depth)));
  params.set("dims", data.getShape().take_front(depth)).set("dst_strides", ArrayRef<int64_t>(y.strides).take_front(depth));
  call(lowering, op, "move_scatter_nd_" + *name, {i, u}, y, params);
  return success();
}

LogicalResult lowerOneHot(Lowering &lowering, dnn::OneHotOp op) {
  RankedTensorType indices = Lowering::typeOf(op.getIndices()), result = Lowering::typeOf(op.getResult());
  int64_t axis = fromFront(op.getAxis(), result.getRank());
  View i = readIndices(lowering, op, op.getIndices()), v = lowering.readContiguous(op.getValues()), y = lowering.writeContiguous(op.getResult());
  Params params(lowering.builder);
  params.set("outer", product(indices.getShape().take_front(axis))).set("depth", op.getDepth());
  params.set("inner", product(indices.getShape().drop_front(axis)));
  call(lowering, op, "move_one_hot_" + bits(result.getElementType()), {i, v}, y, params);
  return success();
}

} // namespace

LogicalResult lowerIndexed(Lowering &lowering, Operation *op) {
  return llvm::TypeSwitch<Operation *, LogicalResult>(op)
      .Case<dnn::GatherOp>([&](auto o) { return lowerGather(lowering, o); })
      .Case<dnn::GatherElementsOp>([&](auto o) { return lowerGatherElements(lowering, o); })
      .Case<dnn::GatherNDOp>([&](auto o) { return lowerGatherND(lowering, o); })
      .Case<dnn::ScatterElementsOp>([&](auto o) { return lowerScatterElements(lowering, o); })
      .Case<dnn::ScatterNDOp>([&](auto o) { return lowerScatterND(lowering, o); })
      .Case<dnn::OneHotOp>([&](auto o) { return lowerOneHot(lowering, o); })
      .Default([](Operation *) { return failure(); });
}

} // namespace dnnc
