// Result types are derived anew from the operands, front to back. The importer types everything it makes; this pass gives a network that is
// there as MLIR another input size, and keeps later passes from trusting a type that no longer holds.
#include "dialects/dnn/Dnn.h"
#include "passes/Passes.h"

#include "mlir/IR/Verifier.h"

namespace dnnc {
#define GEN_PASS_DEF_INFERSHAPES
#include "Passes.h.inc"
} // namespace dnnc

using namespace mlir;
using namespace dnnc;

namespace {

/// \p type with another shape; the layout stays.
RankedTensorType withShape(RankedTensorType type, ArrayRef<int64_t> shape, Type element) {
  return RankedTensorType::get(shape, element, int64_t(shape.size()) == type.getRank() ? type.getEncoding() : Attribute());
}

struct InferShapes : dnnc::impl::InferShapesBase<InferShapes> {
  using InferShapesBase::InferShapesBase;

  void runOnOperation() override {
    func::FuncOp func = getOperation();
    if (func.isDeclaration()) return;
    if (failed(setArguments(func))) return signalPassFailure();
    if (failed(refine(func.front()))) return signalPassFailure();
    func.setType(FunctionType::get(&getContext(), func.front().getArgumentTypes(), func.front().getTerminator()->getOperandTypes()));
  }

  LogicalResult setArguments(func::FuncOp func) {
    if (inputShapes.size() > func.getNumArguments())
      return func.emitError() << "has " << func.getNumArguments() << " arguments; input-shapes gives " << inputShapes.size() << " shapes";
    for (auto [arg, text] : llvm::zip(func.getArguments(), inputShapes)) {
      if (text.empty()) continue;
      auto type = cast<RankedTensorType>(arg.getType());
      SmallVector<StringRef> dims;
      StringRef(text).split(dims, 'x');
      SmallVector<int64_t> shape(dims.size());
      for (auto [dim, size] : llvm::zip(dims, shape))
        if (dim.getAsInteger(10, size) || size < 1)
          return func.emitError() << "input-shapes: '" << text << "' is no shape such as 1x3x224x224";
      if (int64_t(shape.size()) != type.getRank())
        return func.emitError() << "input-shapes: '" << text << "' for argument " << arg.getArgNumber() << ", which is " << type;
      arg.setType(withShape(type, shape, type.getElementType()));
    }
    return success();
  }

  static LogicalResult refine(Block &block) {
    for (Operation &op : block)
      if (failed(refine(&op))) return failure();
    return success();
  }

  /// What regions yield gives the results their shapes; the verifiers then say whether all fits.
  static LogicalResult refineControl(Operation *op) {
    if (auto loop = dyn_cast<dnn::LoopOp>(op)) {
      for (auto [arg, value] : llvm::zip(loop.carriedArgs(), loop.getCarried())) arg.setType(value.getType());
      for (auto [arg, value, axis] : llvm::zip(loop.sliceArgs(), loop.getScanned(), loop.getScanAxes())) {
        auto type = cast<RankedTensorType>(value.getType());
        SmallVector<int64_t> shape(type.getShape());
        shape.erase(shape.begin() + axis);
        arg.setType(RankedTensorType::get(shape, type.getElementType()));
      }
    }
    for (Region &region : op->getRegions())
      if (failed(refine(region.front()))) return failure();
    if (auto branch = dyn_cast<dnn::IfOp>(op)) {
      for (auto [result, value] : llvm::zip(op->getResults(), branch.getThenRegion().front().getTerminator()->getOperands()))
        result.setType(value.getType());
    } else {
      auto loop = cast<dnn::LoopOp>(op);
      for (auto [result, value] : llvm::zip(loop.carriedResults(), loop.getCarried())) result.setType(value.getType());
      for (auto [result, value, axis] : llvm::zip(loop.stacks(), loop.stackedValues(), loop.getStackAxes())) {
        auto type = cast<RankedTensorType>(value.getType());
        SmallVector<int64_t> shape(type.getShape());
        shape.insert(shape.begin() + axis, *loop.getCount());
        result.setType(RankedTensorType::get(shape, type.getElementType()));
      }
    }
    return verify(op, /*verifyRecursively=*/false);
  }

  static LogicalResult refine(Operation *op) {
    if (isa<dnn::IfOp, dnn::LoopOp>(op)) return refineControl(op);
    if (auto resize = dyn_cast<dnn::ResizeOp>(op)) {
      auto from = cast<RankedTensorType>(resize.getInput().getType()), to = cast<RankedTensorType>(resize.getType());
      SmallVector<int64_t> shape(to.getShape());
      for (auto [dim, size, scale] : llvm::zip(shape, from.getShape(), resize.getScales())) dim = scale == 1.0 ? size : dim;
      resize.getResult().setType(withShape(to, shape, from.getElementType()));
    }
    auto infer = dyn_cast<InferTypeOpInterface>(op);
    if (!infer) // carries its shape: does it still fit?
      return isa<dnn::DnnDialect>(op->getDialect()) ? verify(op, /*verifyRecursively=*/false) : success();
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
};

} // namespace
