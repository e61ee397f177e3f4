// Result types are derived anew from the operands, front to back. The importer types everything it makes; this pass is for IR whose
// argument shapes were edited by hand, and for inner results written with `?`.
#include "dialects/dnn/Dnn.h"
#include "passes/Passes.h"

namespace dnnc {
#define GEN_PASS_DEF_INFERSHAPES
#include "Passes.h.inc"
} // namespace dnnc

using namespace mlir;
using namespace dnnc;

namespace {

/// \p type with another shape; the layout stays while the rank does.
RankedTensorType withShape(RankedTensorType type, ArrayRef<int64_t> shape, Type element) {
  return RankedTensorType::get(shape, element, int64_t(shape.size()) == type.getRank() ? type.getEncoding() : Attribute());
}

/// The single `?` of a reshape is what the number of elements leaves.
FailureOr<SmallVector<int64_t>> reshapeTarget(RankedTensorType from, RankedTensorType to) {
  SmallVector<int64_t> shape(to.getShape());
  int64_t known = 1;
  for (int64_t dim : shape) known *= ShapedType::isDynamic(dim) ? 1 : dim;
  if (!to.hasStaticShape() && (llvm::count(shape, ShapedType::kDynamic) > 1 || known == 0 || from.getNumElements() % known != 0))
    return failure();
  for (int64_t &dim : shape) dim = ShapedType::isDynamic(dim) ? from.getNumElements() / known : dim;
  return shape;
}

/// A `?` of a broadcast is the input's size.
SmallVector<int64_t> broadcastTarget(RankedTensorType from, RankedTensorType to) {
  SmallVector<int64_t> shape(to.getShape());
  for (int64_t i = 0, lead = to.getRank() - from.getRank(); i < to.getRank(); ++i)
    if (ShapedType::isDynamic(shape[i]) && i >= lead) shape[i] = from.getDimSize(i - lead);
  return shape;
}

struct InferShapes : dnnc::impl::InferShapesBase<InferShapes> {
  void runOnOperation() override {
    func::FuncOp func = getOperation();
    if (func.isDeclaration()) return;
    for (Operation &op : func.front()) {
      if (failed(refine(&op))) return signalPassFailure();
      for (Value result : op.getResults())
        if (auto type = dyn_cast<RankedTensorType>(result.getType()); type && !type.hasStaticShape()) {
          op.emitOpError() << "has the result type " << type << ", whose shape does not follow from the operands";
          return signalPassFailure();
        }
    }
    func.setType(FunctionType::get(&getContext(), func.getArgumentTypes(), func.front().getTerminator()->getOperandTypes()));
  }

  static LogicalResult refine(Operation *op) {
    if (auto infer = dyn_cast<InferTypeOpInterface>(op)) {
      SmallVector<Type> types;
      if (failed(infer.inferReturnTypes(op->getContext(), op->getLoc(), op->getOperands(), op->getAttrDictionary(),
                                        op->getPropertiesStorage(), op->getRegions(), types)))
        return failure();
      for (auto [result, type] : llvm::zip(op->getResults(), types)) {
        auto declared = cast<RankedTensorType>(result.getType()), inferred = cast<RankedTensorType>(type);
        result.setType(withShape(declared, inferred.getShape(), inferred.getElementType()));
      }
      return success();
    }
    if (!isa<dnn::ReshapeOp, dnn::BroadcastOp>(op)) return success();
    auto from = cast<RankedTensorType>(op->getOperand(0).getType()), to = cast<RankedTensorType>(op->getResult(0).getType());
    FailureOr<SmallVector<int64_t>> shape = isa<dnn::ReshapeOp>(op) ? reshapeTarget(from, to) : broadcastTarget(from, to);
    if (failed(shape)) return op->emitOpError() << "cannot make " << to << " of " << from;
    op->getResult(0).setType(withShape(to, *shape, from.getElementType()));
    return success();
  }
};

} // namespace
