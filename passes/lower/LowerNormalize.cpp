// reduce, softmax, normalizations and the ops along one axis → kernels on [outer, axis, inner].
#include "passes/lower/Lowering.h"

#include "passes/select/Strides.h"

#include "llvm/ADT/TypeSwitch.h"

using namespace mlir;

namespace dnnc {
namespace {

/// The dims before, at and behind an axis (or several that lie together) in memory, multiplied.
struct Axes {
  int64_t outer = 1, axis = 1, inner = 1;

  template <class Pred> Axes(RankedTensorType type, Pred isAxis) {
    bool seen = false;
    for (int64_t dim : dnn::orderOf(type)) {
      int64_t size = type.getDimSize(dim);
      if (isAxis(dim)) {
        // Dims of size 1 may stand between the axes; anything else was sorted out by layout assignment.
        axis *= size;
        seen |= size != 1;
      } else {
        (seen ? inner : outer) *= size;
      }
    }
  }
  Axes(RankedTensorType type, int64_t axisIndex)
      : Axes(type, [at = fromFront(axisIndex, type.getRank())](int64_t dim) { return dim == at; }) {}
};

void setUnary(Call &call, Lowering &lowering, std::string kernel, const View &x, const View &y) {
  call.kernel = std::move(kernel);
  call.inputs = {lowering.pointer(x)};
  call.outputs = {lowering.pointer(y)};
}

constexpr StringLiteral floats = "f32", numbers = "f32, f64, i32, i64", ordered = "f32, f64, i32, i64, u64";

/// \p types are those there are kernels for.
LogicalResult requireType(Operation *op, Type type, StringRef types) {
  SmallVector<StringRef> names;
  types.split(names, ", ");
  if (llvm::is_contained(names, typeName(type)))
    return success();
  return op->emitError() << "has element type " << type << "; there are kernels for " << types << " only";
}

LogicalResult lowerReduce(Lowering &lowering, dnn::ReduceOp op) {
  RankedTensorType type = Lowering::typeOf(op.getInput());
  bool isMeanOfBytes = type.getElementType().isUnsignedInteger(8) && op.getKind() == dnn::ReduceKind::Mean;
  if (!isMeanOfBytes && failed(requireType(op, type.getElementType(), numbers)))
    return failure();
  auto reduced = [&](int64_t dim) { return llvm::is_contained(op.getAxes(), dim) || llvm::is_contained(op.getAxes(), dim - type.getRank()); };
  Axes axes(type, reduced);
  View x = lowering.readContiguous(op.getInput()), y = lowering.writeContiguous(op.getResult());
  Call call;
  setUnary(call, lowering, "reduce_" + stringifyReduceKind(op.getKind()).str() + "_" + typeName(type.getElementType()), x, y);
  Params params(lowering.builder);
  params.set("outer", axes.outer).set("red", axes.axis).set("inner", axes.inner);
  params.set("x_outer", axes.axis * axes.inner).set("x_red", axes.inner);
  if (type.getElementType().isF32() || isMeanOfBytes) {
    // Rows are the dims outside the reduced ones, columns those inside.
    EpilogueDims dims;
    bool seen = false;
    for (int64_t dim : dnn::orderOf(type)) {
      seen |= reduced(dim) && type.getDimSize(dim) != 1;
      if (!reduced(dim))
        (seen ? dims.column : dims.row).push_back(dim);
    }
    lowering.addEpilogue(call, op, {}, dims, y);
  } else if (!op.getEpilogue().empty()) {
    return op.emitError() << "has an epilogue on type " << type.getElementType() << "; there is one for f32 only";
  }
  lowering.emit(op, call, params);
  return success();
}

/// softmax and the ops of along_axis: one contiguous tensor in, one out.
template <class Op> LogicalResult lowerAlong(Lowering &lowering, Op op, std::string kernel, StringRef types, Params &params) {
  RankedTensorType type = Lowering::typeOf(op.getInput());
  if (failed(requireType(op, type.getElementType(), types)))
    return failure();
  Axes axes(type, int64_t(op.getAxis()));
  params.set("outer", axes.outer).set("axis", axes.axis).set("inner", axes.inner);
  View x = lowering.readContiguous(op.getInput()), y = lowering.writeContiguous(op->getResult(0));
  Call call;
  setUnary(call, lowering, kernel + "_" + typeName(type.getElementType()), x, y);
  if (op->getNumResults() == 2)
    call.outputs.push_back(lowering.pointer(lowering.writeContiguous(op->getResult(1))));
  else if (isa<dnn::SoftmaxOp, dnn::CumSumOp, dnn::CumProdOp>(op.getOperation()))
    call.aliases = {0};
  lowering.emit(op, call, params);
  return success();
}

/// The normalized dims are innermost in memory: layout assignment saw to it.
LogicalResult lowerLayerNorm(Lowering &lowering, dnn::LayerNormOp op) {
  RankedTensorType type = Lowering::typeOf(op.getInput());
  if (failed(requireType(op, type.getElementType(), floats)))
    return failure();
  int64_t axis = fromFront(op.getAxis(), type.getRank()), cols = 1;
  for (int64_t dim = axis; dim < type.getRank(); ++dim)
    cols *= type.getDimSize(dim);
  View x = lowering.readContiguous(op.getInput()), y = lowering.writeContiguous(op.getResult());
  Call call;
  setUnary(call, lowering, op.getRms() ? "rms_norm_f32" : "layer_norm_f32", x, y);
  call.inputs.push_back(lowering.pointer(lowering.readContiguous(op.getScale())));
  if (!op.getRms()) {
    if (op.getBias())
      call.inputs.push_back(lowering.pointer(lowering.readContiguous(op.getBias())));
    else
      call.inputs.push_back(lowering.weight(op.getLoc(), type.getElementType(), std::vector<float>(cols, 0.0f), "zero"));
  }
  call.aliases = {0};
  Params params(lowering.builder);
  params.set("rows", type.getNumElements() / cols).set("cols", cols).setReal("epsilon", op.getEpsilon().convertToDouble());
  lowering.emit(op, call, params);
  return success();
}

LogicalResult lowerGroupNorm(Lowering &lowering, dnn::GroupNormOp op) {
  RankedTensorType type = Lowering::typeOf(op.getInput());
  if (failed(requireType(op, type.getElementType(), floats)))
    return failure();
  View x = lowering.readContiguous(op.getInput()), y = lowering.writeContiguous(op.getResult());
  Call call;
  setUnary(call, lowering, "group_norm_f32", x, y);
  call.inputs.push_back(lowering.pointer(lowering.readContiguous(op.getScale())));
  call.inputs.push_back(lowering.pointer(lowering.readContiguous(op.getBias())));
  call.aliases = {0};
  int64_t n = type.getDimSize(0), c = type.getDimSize(1);
  Params params(lowering.builder);
  params.set("n", n).set("spatial", type.getNumElements() / (n * c)).set("c", c).set("groups", op.getGroups());
  params.setReal("epsilon", op.getEpsilon().convertToDouble());
  lowering.emit(op, call, params);
  return success();
}

LogicalResult lowerLrn(Lowering &lowering, dnn::LrnOp op) {
  RankedTensorType type = Lowering::typeOf(op.getInput());
  if (failed(requireType(op, type.getElementType(), floats)))
    return failure();
  View x = lowering.readContiguous(op.getInput()), y = lowering.writeContiguous(op.getResult());
  Call call;
  setUnary(call, lowering, "lrn_f32", x, y);
  Params params(lowering.builder);
  params.set("pixels", type.getNumElements() / type.getDimSize(1)).set("c", type.getDimSize(1)).set("size", op.getSize());
  params.setReal("alpha", op.getAlpha().convertToDouble()).setReal("beta", op.getBeta().convertToDouble());
  params.setReal("bias", op.getBias().convertToDouble());
  lowering.emit(op, call, params);
  return success();
}

} // namespace

LogicalResult lowerNormalize(Lowering &lowering, Operation *op) {
  Params params(lowering.builder);
  return llvm::TypeSwitch<Operation *, LogicalResult>(op)
      .Case<dnn::ReduceOp>([&](auto o) { return lowerReduce(lowering, o); })
      .Case<dnn::SoftmaxOp>([&](dnn::SoftmaxOp o) { return lowerAlong(lowering, o, o.getLog() ? "log_softmax" : "softmax", floats, params); })
      .Case<dnn::ArgReduceOp>([&](dnn::ArgReduceOp o) {
        params.set("last", o.getSelectLast());
        return lowerAlong(lowering, o, o.getLargest() ? "arg_max" : "arg_min", ordered, params);
      })
      .Case<dnn::TopKOp>([&](dnn::TopKOp o) {
        params.set("k", o.getK()).set("largest", o.getLargest());
        return lowerAlong(lowering, o, "top_k", ordered, params);
      })
      .Case<dnn::CumSumOp>([&](dnn::CumSumOp o) {
        params.set("exclusive", o.getExclusive()).set("reverse", o.getReverse());
        return lowerAlong(lowering, o, "cum_sum", numbers, params);
      })
      .Case<dnn::CumProdOp>([&](dnn::CumProdOp o) {
        params.set("exclusive", o.getExclusive()).set("reverse", o.getReverse());
        return lowerAlong(lowering, o, "cum_prod", numbers, params);
      })
      .Case<dnn::LayerNormOp>([&](auto o) { return lowerLayerNorm(lowering, o); })
      .Case<dnn::GroupNormOp>([&](auto o) { return lowerGroupNorm(lowering, o); })
      .Case<dnn::LrnOp>([&](auto o) { return lowerLrn(lowering, o); })
      .Default([](Operation *) { return failure(); });
}

} // namespace dnnc
