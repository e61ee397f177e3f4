// dnn.pointwise → one call of the map kernel, its dims collapsed over all operands.
#include "passes/lower/Lowering.h"

#include "passes/select/Strides.h"
#include "runtime/kernels/pointwise/params.h"

#include "mlir/IR/IRMapping.h"

using namespace mlir;

namespace dnnc {

static constexpr int64_t maxOperands = ::pw::MAP_OPERANDS, maxRank = ::pw::MAP_RANK;

/// One walk over the operand and the result, their dims collapsed.
LogicalResult lowerLookup(Lowering &lowering, dnn::LookupOp op) {
  RankedTensorType type = Lowering::typeOf(op.getResult());
  View x = lowering.read(op.getInput()), y = lowering.write(op.getResult()), table = lowering.read(op.getTable());
  SmallVector<int64_t> shape(type.getShape()), strides[2] = {y.strides, x.strides};
  Call call;
  call.kernel = "table_b8";
  if (x.strides == y.strides) call.aliases.push_back(0);
  collapseDims(shape, strides, dnn::orderOf(type));
  if (int64_t(shape.size()) > maxRank)
    return op.emitError() << "walks " << shape.size() << " dims that cannot be merged; there are kernels for up to " << maxRank;
  Params params(lowering.builder);
  params.set("rank", shape.size()).set("shape", shape).set("y_strides", strides[0]).set("x_strides", strides[1]);
  call.inputs = {lowering.pointer(x), lowering.pointer(table)};
  call.outputs = {lowering.pointer(y)};
  lowering.emit(op, call, params);
  return success();
}

LogicalResult lowerPointwise(Lowering &lowering, Operation *operation) {
  auto op = cast<dnn::PointwiseOp>(operation);
  RankedTensorType result = Lowering::typeOf(op.getResult());
  if (int64_t(op.getInputs().size()) > maxOperands)
    return op.emitError() << "has " << op.getInputs().size() << " operands; there are kernels for up to " << maxOperands;

  dnn::Order order = dnn::orderOf(result);
  View y = lowering.writeIf(op.getResult(), [&](ArrayRef<int64_t> strides) {
    return result.getRank() == 0 || result.getDimSize(order.back()) == 1 || strides[order.back()] == 1;
  });
  SmallVector<int64_t> shape(result.getShape());
  SmallVector<SmallVector<int64_t>> strides{y.strides};
  Call call;
  call.kernel = pw::runsOnVectors(op.getChain()) ? "map" : "map_scalar";
  for (auto [i, input] : llvm::enumerate(op.getInputs())) {
    View x = lowering.read(input);
    RankedTensorType type = Lowering::typeOf(input);
    SmallVector<int64_t> aligned(result.getRank(), 0);
    int64_t skipped = result.getRank() - type.getRank();
    for (int64_t dim = 0; dim < type.getRank(); ++dim)
      aligned[dim + skipped] = type.getDimSize(dim) == 1 ? 0 : x.strides[dim];
    bool full = type.getShape() == result.getShape();
    bool samePlace = full && llvm::all_of(llvm::seq<int64_t>(0, type.getRank()), [&](int64_t dim) {
      return type.getDimSize(dim) == 1 || x.strides[dim] == y.strides[dim];
    });
    if (samePlace &&
        dnn::elementBytes(type.getElementType()) == dnn::elementBytes(result.getElementType()))
      call.aliases.push_back(i);
    strides.push_back(aligned);
    call.inputs.push_back(lowering.pointer(x));
  }
  collapseDims(shape, strides, order);
  if (int64_t(shape.size()) > maxRank)
    return op.emitError() << "walks " << shape.size() << " dims that cannot be merged; there are kernels for up to " << maxRank;
  // Operand-major, max_rank strides each.
  SmallVector<int64_t> xStrides(maxOperands * maxRank, 0);
  for (size_t i = 1; i < strides.size(); ++i)
    llvm::copy(strides[i], xStrides.begin() + (i - 1) * maxRank);
  xStrides.truncate((strides.size() - 1) * maxRank);
  Params params(lowering.builder);
  params.set("rank", shape.size()).set("shape", shape).set("y_strides", strides[0]).set("x_strides", xStrides);
  call.outputs = {lowering.pointer(y)};
  IRMapping mapping;
  op.getChain().cloneInto(&call.chain, mapping);
  lowering.emit(op, call, params);
  return success();
}

} // namespace dnnc
