// Ops on constants run at compile time. Exporters compute shapes, masks and weights (quantization scales, transposed matrices) inside the
// graph; the importer leaves that as it finds it. Kernels are run through the Evaluator, so that there is no second implementation of any
// op.
#include "dialects/dnn/Constants.h"
#include "dialects/dnn/Remarks.h"
#include "passes/Passes.h"

namespace dnnc {
#define GEN_PASS_DEF_FOLDCONSTANTS
#include "Passes.h.inc"
} // namespace dnnc

using namespace mlir;
using namespace dnnc;

namespace {

int64_t bytesOf(TypeRange types) {
  int64_t bytes = 0;
  for (Type type : types) {
    auto tensor = cast<RankedTensorType>(type);
    bytes += tensor.getNumElements() * dnn::elementBytes(tensor.getElementType());
  }
  return bytes;
}

/// Its result ends as the weights of a product. Those are packed when the model is compiled, or else in every run.
bool makesWeights(Operation *op) {
  SmallVector<Operation *> stack{op};
  llvm::SmallPtrSet<Operation *, 8> seen;
  while (!stack.empty())
    for (Operation *user : stack.pop_back_val()->getUsers()) {
      if (isa<dnn::MatMulOp, dnn::ConvOp, dnn::ConvTransposeOp>(user)) return true;
      if (isa<dnn::PointwiseOp, dnn::ReshapeOp, dnn::TransposeOp>(user) && seen.insert(user).second) stack.push_back(user);
    }
  return false;
}

/// Computes its elements from as many: it grows by the width of an element only.
bool widens(Operation *op) {
  int64_t elements = cast<RankedTensorType>(op->getResult(0).getType()).getNumElements();
  return isa<dnn::PointwiseOp>(op) &&
         llvm::any_of(op->getOperandTypes(), [&](Type type) { return cast<RankedTensorType>(type).getNumElements() == elements; });
}

struct FoldConstants : dnnc::impl::FoldConstantsBase<FoldConstants> {
  using FoldConstantsBase::FoldConstantsBase;
  Evaluator *evaluator = nullptr;

  void runOnOperation() override {
    func::FuncOp func = getOperation();
    if (!evaluator || func.isDeclaration()) return;
    for (Operation &op : llvm::make_early_inc_range(func.front())) fold(&op);
  }

  void fold(Operation *op) {
    if (op->getNumOperands() == 0 || !isa<dnn::DnnDialect>(op->getDialect())) return;
    SmallVector<ElementsAttr> operands;
    for (Value operand : op->getOperands()) {
      operands.push_back(getConstant(operand));
      if (!operands.back()) return;
    }
    int64_t growth = bytesOf(op->getResultTypes()) - bytesOf(op->getOperandTypes());
    if (growth > maxGrowth && !(widens(op) && makesWeights(op))) {
      remark(op, "fold", nodeNames(op->getLoc()) + ": the constant result would add " + Twine(growth) + " bytes to the weights", false);
      return;
    }
    FailureOr<SmallVector<ElementsAttr>> results = evaluator->evaluate(op, operands);
    if (failed(results)) {
      remark(op, "fold", nodeNames(op->getLoc()) + ": no kernel evaluates " + op->getName().getStringRef() + " on these types", false);
      return;
    }
    OpBuilder builder(op);
    for (auto [result, value] : llvm::zip(op->getResults(), *results))
      result.replaceAllUsesWith(createConstant(builder, op->getLoc(), value));
    remark(op, "fold", nodeNames(op->getLoc()) + " computed at compile time");
    op->erase();
  }
};

} // namespace

std::unique_ptr<Pass> dnnc::createFoldConstants(Evaluator *evaluator, FoldConstantsOptions options) {
  auto pass = std::make_unique<FoldConstants>(options);
  pass->evaluator = evaluator;
  return pass;
}
