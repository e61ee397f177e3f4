// Result types of conv, conv_transpose, matmul, pool, reduce and pointwise.
#include "dialects/dnn/Infer.h"

using namespace mlir;

namespace dnnc::dnn {

using Types = SmallVectorImpl<Type>;
static constexpr int64_t maxWindow = 2147483647;

static LogicalResult checkList(std::optional<Location> loc, StringRef name, ArrayRef<int64_t> values, int64_t count, int64_t low) {
  if (int64_t(values.size()) != count)
    return emitOptionalError(loc, "attribute '", name, "' is [", values, "]; it must have ", count, " values");
  if (llvm::any_of(values, [&](int64_t value) { return value < low || value > maxWindow; }))
    return emitOptionalError(loc, "attribute '", name, "' is [", values, "]; every value must be between ", low, " and ", maxWindow);
  return success();
}

LogicalResult checkWindow(std::optional<Location> loc, int64_t spatial, ArrayRef<int64_t> kernel, ArrayRef<int64_t> strides,
                          ArrayRef<int64_t> pads, ArrayRef<int64_t> dilations) {
  bool failed = mlir::failed(checkList(loc, "kernel_shape", kernel, spatial, 1));
  failed |= mlir::failed(checkList(loc, "strides", strides, spatial, 1));
  failed |= mlir::failed(checkList(loc, "pads", pads, 2 * spatial, 0));
  failed |= mlir::failed(checkList(loc, "dilations", dilations, spatial, 1));
  return failure(failed);
}

int64_t windowOutputSize(int64_t in, int64_t kernel, int64_t stride, int64_t padBegin, int64_t padEnd, int64_t dilation, bool ceilMode) {
  int64_t room = in + padBegin + padEnd - (dilation * (kernel - 1) + 1);
  if (room < 0)
    return 0;
  int64_t out = (ceilMode ? room + stride - 1 : room) / stride + 1;
  // ONNX MaxPool 19: a window that would start in the end padding is left out.
  if (ceilMode && (out - 1) * stride >= in + padBegin)
    --out;
  return out;
}

/// Weights have the type of the data or, when that is f32, a float of 16 bits.
static bool weightFits(RankedTensorType x, RankedTensorType w) {
  Type element = w.getElementType();
  return x.getElementType() == element || (x.getElementType().isF32() && (element.isF16() || element.isBF16()));
}

/// 8-bit factors, whose products are summed in i32.
static bool isByte(RankedTensorType type) { return type.getElementTypeBitWidth() == 8; }

/// Equal element types, or ui8 activations with i8 weights (i16: less a zero point, -255 to 255) and an i32 bias.
static LogicalResult checkFactors(std::optional<Location> loc, RankedTensorType x, RankedTensorType w, Value bias) {
  if (!isByte(x) && !weightFits(x, w))
    return emitOptionalError(loc, "input is ", x, " and weight ", w, "; the element types must be the same, or the weight's f16 or bf16 for f32");
  if (isByte(x) && (!x.getElementType().isUnsignedInteger(8) || !(w.getElementType().isSignlessInteger(8) || w.getElementType().isSignlessInteger(16))))
    return emitOptionalError(loc, "input is ", x, " and weight ", w, "; 8-bit factors must be ui8 and i8 (or i16)");
  if (isByte(x) && bias && !tensor(bias).getElementType().isSignlessInteger(32))
    return emitOptionalError(loc, "bias is ", tensor(bias), "; with 8-bit factors it must be i32");
  return success();
}

/// What the sums of products are without an epilogue.
static Type sumType(RankedTensorType x) { return isByte(x) ? Type(IntegerType::get(x.getContext(), 32)) : x.getElementType(); }

/// The rules conv and conv_transpose share. \p channelDim is the weight's input-channel dim.
static LogicalResult checkConv(std::optional<Location> loc, RankedTensorType x, RankedTensorType w, Value bias, int64_t group,
                               int64_t inputChannels, int64_t outputChannels) {
  if (x.getRank() < 3 || x.getRank() > 5 || w.getRank() != x.getRank())
    return emitOptionalError(loc, "input is ", x, " and weight ", w, "; both must have the same rank, 3 to 5");
  if (group < 1 || outputChannels % group)
    return emitOptionalError(loc, "attribute 'group' is ", group, "; it must divide the ", outputChannels, " output channels");
  if (x.getDimSize(1) != inputChannels)
    return emitOptionalError(loc, "input has ", x.getDimSize(1), " channels, the weight ", w, " with group ", group, " takes ", inputChannels);
  if (bias && (tensor(bias).getRank() != 1 || tensor(bias).getDimSize(0) != outputChannels))
    return emitOptionalError(loc, "bias is ", tensor(bias), "; it must have one element for each of the ", outputChannels, " output channels");
  return checkFactors(loc, x, w, bias);
}

static LogicalResult checkOutput(std::optional<Location> loc, RankedTensorType x, ArrayRef<int64_t> shape) {
  for (int64_t i = 2, e = shape.size(); i < e; ++i)
    if (shape[i] <= 0)
      return emitOptionalError(loc, "the window does not fit: input is ", x, " and output dim ", i, " would be ", shape[i]);
  return success();
}

LogicalResult ConvOp::inferReturnTypes(MLIRContext *, std::optional<Location> loc, Adaptor op, Types &types) {
  RankedTensorType x = tensor(op.getInput()), w = tensor(op.getWeight());
  if (w.getRank() < 2 || x.getRank() < 2)
    return emitOptionalError(loc, "input is ", x, " and weight ", w, "; both must have the same rank, 3 to 5");
  if (failed(checkConv(loc, x, w, op.getBias(), op.getGroup(), w.getDimSize(1) * int64_t(op.getGroup()), w.getDimSize(0))) ||
      failed(checkWindow(loc, x.getRank() - 2, w.getShape().drop_front(2), op.getStrides(), op.getPads(), op.getDilations())))
    return failure();
  SmallVector<int64_t> shape{x.getDimSize(0), w.getDimSize(0)};
  for (int64_t i = 0, n = x.getRank() - 2; i < n; ++i)
    shape.push_back(windowOutputSize(x.getDimSize(i + 2), w.getDimSize(i + 2), op.getStrides()[i], op.getPads()[i], op.getPads()[i + n],
                                     op.getDilations()[i], false));
  if (failed(checkOutput(loc, x, shape)))
    return failure();
  types.push_back(RankedTensorType::get(shape, epilogueType(op.getEpilogue(), sumType(x))));
  return success();
}

LogicalResult ConvTransposeOp::inferReturnTypes(MLIRContext *, std::optional<Location> loc, Adaptor op, Types &types) {
  RankedTensorType x = tensor(op.getInput()), w = tensor(op.getWeight());
  if (w.getRank() < 2 || x.getRank() < 2)
    return emitOptionalError(loc, "input is ", x, " and weight ", w, "; both must have the same rank, 3 to 5");
  int64_t n = x.getRank() - 2, group = op.getGroup();
  if (group < 1 || w.getDimSize(0) % group)
    return emitOptionalError(loc, "attribute 'group' is ", group, "; it must divide the ", w.getDimSize(0), " input channels");
  if (failed(checkConv(loc, x, w, op.getBias(), group, w.getDimSize(0), w.getDimSize(1) * group)) ||
      failed(checkWindow(loc, n, w.getShape().drop_front(2), op.getStrides(), op.getPads(), op.getDilations())) ||
      failed(checkList(loc, "output_padding", op.getOutputPadding(), n, 0)))
    return failure();
  SmallVector<int64_t> shape{x.getDimSize(0), w.getDimSize(1) * group};
  for (int64_t i = 0; i < n; ++i)
    shape.push_back(op.getStrides()[i] * (x.getDimSize(i + 2) - 1) + op.getOutputPadding()[i] +
                    op.getDilations()[i] * (w.getDimSize(i + 2) - 1) + 1 - op.getPads()[i] - op.getPads()[i + n]);
  if (failed(checkOutput(loc, x, shape)))
    return failure();
  types.push_back(RankedTensorType::get(shape, epilogueType(op.getEpilogue(), x.getElementType())));
  return success();
}

LogicalResult MatMulOp::inferReturnTypes(MLIRContext *, std::optional<Location> loc, Adaptor op, Types &types) {
  RankedTensorType a = tensor(op.getLhs()), b = tensor(op.getRhs());
  if (a.getRank() < 2 || b.getRank() < 2 || (!isByte(a) && !weightFits(a, b)))
    return emitOptionalError(loc, "cannot multiply ", a, " and ", b, "; both need rank 2 or more and the same element type");
  if (failed(checkFactors(loc, a, b, op.getBias())))
    return failure();
  if (a.getShape().back() != b.getDimSize(b.getRank() - 2))
    return emitOptionalError(loc, "cannot multiply ", a, " and ", b, "; the inner dims ", a.getShape().back(), " and ",
                             b.getDimSize(b.getRank() - 2), " differ");
  auto batch = broadcastShapes({a.getShape().drop_back(2), b.getShape().drop_back(2)});
  if (failed(batch))
    return emitOptionalError(loc, "cannot multiply ", a, " and ", b, "; the batch dims do not broadcast");
  SmallVector<int64_t> shape(*batch);
  shape.push_back(a.getDimSize(a.getRank() - 2));
  shape.push_back(b.getShape().back());
  if (op.getBias() && (tensor(op.getBias()).getRank() != 1 || tensor(op.getBias()).getDimSize(0) != shape.back()))
    return emitOptionalError(loc, "bias is ", tensor(op.getBias()), "; it must have ", shape.back(), " elements");
  types.push_back(RankedTensorType::get(shape, epilogueType(op.getEpilogue(), sumType(a))));
  return success();
}

LogicalResult PoolOp::inferReturnTypes(MLIRContext *, std::optional<Location> loc, Adaptor op, Types &types) {
  RankedTensorType x = tensor(op.getInput());
  int64_t n = x.getRank() - 2;
  if (n < 1 || n > 3)
    return emitOptionalError(loc, "input is ", x, "; its rank must be 3 to 5");
  if (failed(checkWindow(loc, n, op.getKernel(), op.getStrides(), op.getPads(), op.getDilations())))
    return failure();
  SmallVector<int64_t> shape(x.getShape().take_front(2));
  for (int64_t i = 0; i < n; ++i)
    shape.push_back(windowOutputSize(x.getDimSize(i + 2), op.getKernel()[i], op.getStrides()[i], op.getPads()[i], op.getPads()[i + n],
                                     op.getDilations()[i], op.getCeilMode()));
  if (failed(checkOutput(loc, x, shape)))
    return failure();
  types.push_back(RankedTensorType::get(shape, epilogueType(op.getEpilogue(), x.getElementType())));
  return success();
}

LogicalResult ReduceOp::inferReturnTypes(MLIRContext *, std::optional<Location> loc, Adaptor op, Types &types) {
  RankedTensorType x = tensor(op.getInput());
  SmallVector<int64_t> shape(x.getShape());
  for (int64_t axis : op.getAxes()) {
    auto dim = normalizeAxis(loc, "axes", axis, x.getRank());
    if (failed(dim))
      return failure();
    shape[*dim] = 1;
  }
  types.push_back(RankedTensorType::get(shape, epilogueType(op.getEpilogue(), x.getElementType())));
  return success();
}

LogicalResult PointwiseOp::inferReturnTypes(MLIRContext *, std::optional<Location> loc, Adaptor op, Types &types) {
  SmallVector<ArrayRef<int64_t>> shapes;
  for (Value input : op.getInputs())
    shapes.push_back(tensor(input).getShape());
  auto shape = broadcastShapes(shapes);
  if (failed(shape)) {
    std::string list;
    llvm::raw_string_ostream os(list);
    llvm::interleaveComma(op.getInputs().getTypes(), os);
    return emitOptionalError(loc, "the operands ", list, " do not broadcast to one shape");
  }
  if (op.getChain().empty() || op.getChain().front().empty())
    return emitOptionalError(loc, "has no chain");
  types.push_back(RankedTensorType::get(*shape, pw::yielded(op.getChain()).getType()));
  return success();
}

} // namespace dnnc::dnn
