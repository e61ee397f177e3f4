// Ops on tensors whose true size is found at run time → kernel calls on contiguous row-major data.
#include "passes/lower/Lowering.h"

#include "llvm/ADT/TypeSwitch.h"

using namespace mlir;

namespace dnnc {
namespace {

/// All operands, all results, and a scratch tensor where the kernel wants one.
LogicalResult call(Lowering &lowering, Operation *op, std::string kernel, Params &params, int64_t scratch = 0) {
  Call call;
  call.kernel = std::move(kernel);
  for (Value operand : op->getOperands()) call.inputs.push_back(lowering.pointer(lowering.readContiguous(operand)));
  for (Value result : op->getResults()) call.outputs.push_back(lowering.pointer(lowering.writeContiguous(result)));
  if (scratch)
    call.outputs.push_back(lowering.pointer(lowering.alloc(RankedTensorType::get({scratch}, lowering.builder.getI64Type()))));
  lowering.emit(op, call, params);
  return success();
}

LogicalResult lowerUnique(Lowering &lowering, dnn::UniqueOp op) {
  RankedTensorType x = Lowering::typeOf(op.getInput());
  Type element = x.getElementType();
  if (!element.isF32() && !element.isF64() && !element.isSignlessInteger(64))
    return op.emitError() << "its elements are " << element << "; there are kernels for f32, f64 and i64";
  Params params(lowering.builder);
  params.set("rows", x.getDimSize(0)).set("inner", x.getDimSize(1)).set("sorted", op.getSorted());
  return call(lowering, op, "bounded_unique_" + typeName(element), params, x.getDimSize(0));
}

} // namespace

LogicalResult lowerBounded(Lowering &lowering, Operation *op) {
  Params params(lowering.builder);
  RankedTensorType x = Lowering::typeOf(op->getOperand(0));
  std::string bits = "b" + std::to_string(8 * dnn::elementBytes(x.getElementType()));
  params.set("rank", x.getRank()).set("shape", x.getShape());
  return llvm::TypeSwitch<Operation *, LogicalResult>(op)
      .Case<dnn::PackOp>([&](auto) { return call(lowering, op, "bounded_pack_" + bits, params); })
      .Case<dnn::UnpackOp>([&](auto) { return call(lowering, op, "bounded_unpack_" + bits, params); })
      .Case<dnn::NonZeroOp>([&](auto) { return call(lowering, op, "bounded_nonzero", params); })
      .Case<dnn::UniqueOp>([&](auto unique) { return lowerUnique(lowering, unique); })
      .Case<dnn::NonMaxSuppressionOp>([&](dnn::NonMaxSuppressionOp nms) {
        ArrayRef<int64_t> shape = Lowering::typeOf(nms.getScores()).getShape();
        Params params(lowering.builder);
        params.set("batches", shape[0]).set("classes", shape[1]).set("boxes", shape[2]);
        params.set("rows", Lowering::typeOf(nms.getSelected()).getDimSize(0)).set("center", nms.getCenter());
        params.set("thresholded", nms.getThresholded());
        return call(lowering, op, "bounded_nms", params, shape[2]);
      })
      .Default([](Operation *) { return failure(); });
}

} // namespace dnnc
