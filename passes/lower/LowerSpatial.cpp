// Poolings, sampling, regions and folding → kernels on channels-last images of up to three spatial dims.
#include "passes/lower/Images.h"

#include "llvm/ADT/TypeSwitch.h"

#include <array>

using namespace mlir;

namespace dnnc {
namespace {

/// Depth, rows and columns from a list with one value per spatial dim, \p missing for those that are not there.
std::array<int64_t, 3> volume(ArrayRef<int64_t> list, int64_t missing) {
  std::array<int64_t, 3> result = {missing, missing, missing};
  llvm::copy(list, result.end() - list.size());
  return result;
}

void set(Params &params, std::array<StringRef, 3> names, std::array<int64_t, 3> values) {
  for (auto [name, value] : llvm::zip(names, values)) params.set(name, value);
}

template <class Op> void setPool(Params &params, Op op, const View &x, const View &y) {
  RankedTensorType xType = Lowering::typeOf(op.getInput()), yType = Lowering::typeOf(op.getResult());
  size_t n = op.getStrides().size();
  params.set("n", xType.getDimSize(0)).set("c", xType.getDimSize(1));
  set(params, {"d", "h", "w"}, volume(xType.getShape().drop_front(2), 1));
  set(params, {"od", "oh", "ow"}, volume(yType.getShape().drop_front(2), 1));
  set(params, {"kd", "kh", "kw"}, volume(op.getKernel(), 1));
  set(params, {"sd", "sh", "sw"}, volume(op.getStrides(), 1));
  set(params, {"dd", "dh", "dw"}, volume(op.getDilations(), 1));
  set(params, {"pf", "pt", "pl"}, volume(op.getPads().take_front(n), 0));
  set(params, {"pk", "pb", "pr"}, volume(op.getPads().drop_front(n), 0));
  params.set("x_n", x.strides[0]).set("y_n", y.strides[0]);
  set(params, {"x_d", "x_h", "x_w"}, volume(ArrayRef(x.strides).drop_front(2), 0));
  set(params, {"y_d", "y_h", "y_w"}, volume(ArrayRef(y.strides).drop_front(2), 0));
}

LogicalResult requireF32(Operation *op, Type type) {
  if (type.isF32()) return success();
  return op->emitError() << "has element type " << type << "; there are kernels for f32 only";
}

View readImage(Lowering &lowering, Value value) { return lowering.readIf(value, channelsAreContiguous(value)); }

LogicalResult lowerPool(Lowering &lowering, dnn::PoolOp op) {
  RankedTensorType type = Lowering::typeOf(op.getInput());
  View x = readImage(lowering, op.getInput()), y = lowering.writeIf(op.getResult(), channelsAreContiguous(op.getResult()));
  Params params(lowering.builder);
  setPool(params, op, x, y);
  params.set("count_include_pad", op.getCountIncludePad()).set("p", op.getP()).set("column_major", 0);
  Call call;
  call.kernel = "pool_" + stringifyPoolKind(op.getKind()).str() + "_" + typeName(type.getElementType());
  call.inputs = {lowering.pointer(x)};
  call.outputs = {lowering.pointer(y)};
  lowering.addEpilogue(call, op, {}, imageDims(type.getRank()), y);
  lowering.emit(op, call, params);
  return success();
}

LogicalResult lowerMaxPoolIndices(Lowering &lowering, dnn::MaxPoolIndicesOp op) {
  RankedTensorType type = Lowering::typeOf(op.getInput());
  Type element = type.getElementType();
  if (!element.isF32() && element.getIntOrFloatBitWidth() != 8)
    return op.emitError() << "has element type " << element << "; there are kernels for f32, u8 and i8";
  View x = readImage(lowering, op.getInput()), y = lowering.writeContiguous(op.getResult()),
       places = lowering.writeContiguous(op.getIndices());
  Params params(lowering.builder);
  setPool(params, op, x, y);
  params.set("count_include_pad", 0).set("p", 0).set("column_major", op.getColumnMajor());
  Call call;
  call.kernel = "max_pool_indices_" + typeName(element);
  call.inputs = {lowering.pointer(x)};
  call.outputs = {lowering.pointer(y), lowering.pointer(places)};
  lowering.emit(op, call, params);
  return success();
}

LogicalResult lowerGridSample(Lowering &lowering, dnn::GridSampleOp op) {
  RankedTensorType type = Lowering::typeOf(op.getInput()), grid = Lowering::typeOf(op.getGrid());
  if (failed(requireF32(op, type.getElementType()))) return failure();
  View x = readImage(lowering, op.getInput()), g = lowering.readContiguous(op.getGrid()), y = lowering.writeContiguous(op.getResult());
  Params params(lowering.builder);
  int64_t rank = type.getRank() - 2;
  params.set("n", type.getDimSize(0)).set("c", type.getDimSize(1)).set("rank", rank).set("x_n", x.strides[0]);
  set(params, {"d", "h", "w"}, volume(type.getShape().drop_front(2), 1));
  set(params, {"x_d", "x_h", "x_w"}, volume(ArrayRef(x.strides).drop_front(2), 0));
  params.set("points", grid.getNumElements() / rank / type.getDimSize(0)).set("align_corners", op.getAlignCorners());
  params.set("padding", op.getPadding() == "zeros" ? 0 : op.getPadding() == "border" ? 1 : 2);
  Call call;
  call.kernel = "grid_sample_" + op.getMode().str() + "_f32";
  call.inputs = {lowering.pointer(x), lowering.pointer(g)};
  call.outputs = {lowering.pointer(y)};
  lowering.emit(op, call, params);
  return success();
}

LogicalResult lowerDeformColumns(Lowering &lowering, dnn::DeformColumnsOp op) {
  RankedTensorType type = Lowering::typeOf(op.getInput()), result = Lowering::typeOf(op.getResult());
  if (failed(requireF32(op, type.getElementType()))) return failure();
  View x = readImage(lowering, op.getInput()), offset = lowering.read(op.getOffset()), mask{{}, 0, {0, 0, 0, 0}};
  if (op.getMask())
    mask = lowering.read(op.getMask());
  else
    mask.buffer = lowering.weight(op.getLoc(), type.getElementType(), std::vector<float>{1.0f}, "one");
  View y = lowering.writeContiguous(op.getResult());
  Params params(lowering.builder);
  params.set("n", type.getDimSize(0)).set("c", type.getDimSize(1)).set("h", type.getDimSize(2)).set("w", type.getDimSize(3));
  params.set("oh", result.getDimSize(1)).set("ow", result.getDimSize(2)).set("kh", op.getKernel()[0]).set("kw", op.getKernel()[1]);
  setWindow(params, op);
  params.set("groups", op.getOffsetGroups()).set("x_n", x.strides[0]).set("x_h", x.strides[2]).set("x_w", x.strides[3]);
  params.set("offset", offset.strides).set("mask", mask.strides);
  Call call;
  call.kernel = "deform_columns_f32";
  call.inputs = {lowering.pointer(x), lowering.pointer(offset), lowering.pointer(mask)};
  call.outputs = {lowering.pointer(y)};
  lowering.emit(op, call, params);
  return success();
}

template <class Op>
LogicalResult lowerRoi(Lowering &lowering, Op op, Value batch, std::string kernel, int64_t samplingRatio, bool halfPixel) {
  RankedTensorType type = Lowering::typeOf(op.getInput());
  if (failed(requireF32(op, type.getElementType()))) return failure();
  View x = readImage(lowering, op.getInput()), rois = lowering.readContiguous(op.getRois());
  Call call;
  call.kernel = std::move(kernel);
  call.inputs = {lowering.pointer(x), lowering.pointer(rois)};
  if (batch) call.inputs.push_back(lowering.pointer(lowering.readContiguous(batch)));
  call.outputs = {lowering.pointer(lowering.writeContiguous(op.getResult()))};
  Params params(lowering.builder);
  params.set("n", type.getDimSize(0)).set("c", type.getDimSize(1)).set("h", type.getDimSize(2)).set("w", type.getDimSize(3));
  params.set("rois", Lowering::typeOf(op.getRois()).getDimSize(0)).set("oh", op.getOutputSize()[0]).set("ow", op.getOutputSize()[1]);
  params.set("sampling_ratio", samplingRatio).set("half_pixel", halfPixel).setReal("spatial_scale", op.getSpatialScale().convertToDouble());
  params.set("x_n", x.strides[0]).set("x_h", x.strides[2]).set("x_w", x.strides[3]);
  lowering.emit(op, call, params);
  return success();
}

LogicalResult lowerCol2Im(Lowering &lowering, dnn::Col2ImOp op) {
  RankedTensorType type = Lowering::typeOf(op.getInput());
  if (failed(requireF32(op, type.getElementType()))) return failure();
  size_t rank = op.getImage().size();
  SmallVector<int64_t> blocks;
  for (size_t i = 0; i < rank; ++i)
    blocks.push_back(dnn::windowOutputSize(op.getImage()[i], op.getBlock()[i], op.getStrides()[i], op.getPads()[i], op.getPads()[i + rank],
                                           op.getDilations()[i], false));
  Call call;
  call.kernel = "col2im_f32";
  call.inputs = {lowering.pointer(lowering.readContiguous(op.getInput()))};
  call.outputs = {lowering.pointer(lowering.writeContiguous(op.getResult()))};
  Params params(lowering.builder);
  params.set("n", type.getDimSize(0) * Lowering::typeOf(op.getResult()).getDimSize(1)).set("rank", rank).set("image", op.getImage());
  params.set("block", op.getBlock()).set("blocks", blocks).set("strides", op.getStrides()).set("dilations", op.getDilations());
  params.set("pads", op.getPads().take_front(rank));
  lowering.emit(op, call, params);
  return success();
}

LogicalResult lowerDet(Lowering &lowering, dnn::DetOp op) {
  RankedTensorType type = Lowering::typeOf(op.getInput());
  Type element = type.getElementType();
  if (!element.isF32() && !element.isF64())
    return op.emitError() << "has element type " << element << "; there are kernels for f32 and f64";
  Call call;
  call.kernel = "det_" + typeName(element);
  call.inputs = {lowering.pointer(lowering.readContiguous(op.getInput()))};
  View work = lowering.alloc(RankedTensorType::get(type.getShape(), lowering.builder.getF64Type()));
  call.outputs = {lowering.pointer(lowering.writeContiguous(op.getResult())), lowering.pointer(work)};
  Params params(lowering.builder);
  int64_t n = type.getShape().back();
  params.set("batch", type.getNumElements() / (n * n)).set("n", n);
  lowering.emit(op, call, params);
  return success();
}

} // namespace

LogicalResult lowerSpatial(Lowering &lowering, Operation *op) {
  return llvm::TypeSwitch<Operation *, LogicalResult>(op)
      .Case<dnn::PoolOp>([&](auto o) { return lowerPool(lowering, o); })
      .Case<dnn::MaxPoolIndicesOp>([&](auto o) { return lowerMaxPoolIndices(lowering, o); })
      .Case<dnn::GridSampleOp>([&](auto o) { return lowerGridSample(lowering, o); })
      .Case<dnn::DeformColumnsOp>([&](auto o) { return lowerDeformColumns(lowering, o); })
      .Case<dnn::RoiAlignOp>([&](dnn::RoiAlignOp o) {
        return lowerRoi(lowering, o, o.getBatchIndices(), o.getMax() ? "roi_align_max_f32" : "roi_align_mean_f32", o.getSamplingRatio(),
                        o.getHalfPixel());
      })
      .Case<dnn::RoiMaxPoolOp>([&](auto o) { return lowerRoi(lowering, o, {}, "roi_max_pool_f32", 0, false); })
      .Case<dnn::Col2ImOp>([&](auto o) { return lowerCol2Im(lowering, o); })
      .Case<dnn::DetOp>([&](auto o) { return lowerDet(lowering, o); })
      .Default([](Operation *) { return failure(); });
}

} // namespace dnnc
