// attention and rotary → one kernel call each, whatever the orders of their operands' dims.
#include "passes/lower/Lowering.h"

#include "runtime/kernels/attention/params.h"

using namespace mlir;

namespace dnnc {

LogicalResult lowerAttention(Lowering &lowering, dnn::AttentionOp op) {
  RankedTensorType q = Lowering::typeOf(op.getQuery()), k = Lowering::typeOf(op.getKey()), yType = Lowering::typeOf(op.getResult());
  Type element = q.getElementType();
  if (!element.isF32() && !element.isF64())
    return op.emitError() << "has operands of type " << element << "; there are kernels for f32 and f64";
  Call call;
  Params params(lowering.builder);
  call.kernel = "attention_" + typeName(element);
  auto input = [&](StringRef strides, Value value) {
    View view = lowering.read(value);
    call.inputs.push_back(lowering.pointer(view));
    params.set(strides, view.strides);
  };
  input("q_s", op.getQuery());
  input("k_s", op.getKey());
  input("v_s", op.getValue());
  if (Value mask = op.getMask()) {
    // Along its columns contiguous, or the same for all keys.
    RankedTensorType type = Lowering::typeOf(mask);
    View view = lowering.readIf(mask, [&](ArrayRef<int64_t> strides) { return strides.empty() || type.getShape().back() == 1 || strides.back() == 1; });
    SmallVector<int64_t> strides(4, 0);
    for (int64_t dim = 0, skipped = 4 - type.getRank(); dim < type.getRank(); ++dim)
      strides[dim + skipped] = type.getDimSize(dim) == 1 ? 0 : view.strides[dim];
    call.inputs.push_back(lowering.pointer(view));
    call.kernel += "_mask_" + typeName(type.getElementType());
    params.set("mask_s", strides);
  }
  View y = lowering.writeIf(op.getResult(), [&](ArrayRef<int64_t> strides) { return yType.getShape().back() == 1 || strides.back() == 1; });
  call.outputs = {lowering.pointer(y)};
  attention::AttentionParams sizes{};
  sizes.m = q.getDimSize(2), sizes.d = q.getDimSize(3), sizes.dv = yType.getDimSize(3);
  params.set("batch", q.getDimSize(0)).set("heads", q.getDimSize(1)).set("group", q.getDimSize(1) / k.getDimSize(1));
  params.set("m", sizes.m).set("n", k.getDimSize(2)).set("d", sizes.d).set("dv", sizes.dv).set("y_s", ArrayRef<int64_t>(y.strides).take_front(3));
  params.set("causal", op.getCausal()).set("past", op.getPast());
  params.setReal("scale", op.getScale().convertToDouble()).setReal("softcap", op.getSoftcap().convertToDouble());
  int vl = lowering.target.vectorFloats;
  if (element.isF32() && vl > 1) // neither a GPU nor f64 needs any
    call.scratchBytes = attention::scratch_size(sizes, vl, lowering.target.vectorRegisters) * sizeof(float);
  lowering.emit(op, call, params);
  return success();
}

LogicalResult lowerRotary(Lowering &lowering, dnn::RotaryOp op) {
  RankedTensorType type = Lowering::typeOf(op.getInput()), table = Lowering::typeOf(op.getCos());
  if (!type.getElementType().isF32())
    return op.emitError() << "has operands of type " << type.getElementType() << "; there are kernels for f32 only";
  auto rows = [&](Value value) {
    return [size = Lowering::typeOf(value).getShape().back()](ArrayRef<int64_t> strides) { return size == 1 || strides.back() == 1; };
  };
  View x = lowering.readIf(op.getInput(), rows(op.getInput())), cos = lowering.readContiguous(op.getCos()), sin = lowering.readContiguous(op.getSin());
  View y = lowering.writeIf(op.getResult(), rows(op.getResult()));
  Call call;
  call.kernel = op.getInterleaved() ? "rotary_interleaved_f32" : "rotary_halves_f32";
  call.inputs = {lowering.pointer(x), lowering.pointer(cos), lowering.pointer(sin)};
  call.outputs = {lowering.pointer(y)};
  if (x.strides == y.strides)
    call.aliases = {0};
  int64_t m = type.getDimSize(2), pairs = table.getDimSize(2);
  Params params(lowering.builder);
  params.set("batch", type.getDimSize(0)).set("heads", type.getDimSize(1)).set("m", m).set("d", type.getDimSize(3)).set("pairs", pairs);
  params.set("x_s", ArrayRef<int64_t>(x.strides).take_front(3)).set("y_s", ArrayRef<int64_t>(y.strides).take_front(3));
  params.set("table_batch", table.getDimSize(0) == 1 ? 0 : m * pairs);
  lowering.emit(op, call, params);
  return success();
}

} // namespace dnnc
