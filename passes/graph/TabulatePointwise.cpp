// A chain from one 8-bit operand to 8 bits has 256 values: sigmoid, hard swish and requantization cost one look-up per element.
#include "dialects/dnn/Remarks.h"
#include "passes/Passes.h"
#include "passes/graph/Pointwise.h"

namespace dnnc {
#define GEN_PASS_DEF_TABULATEPOINTWISE
#include "Passes.h.inc"
} // namespace dnnc

using namespace mlir;
using namespace dnnc;

namespace {

struct TabulatePointwise : dnnc::impl::TabulatePointwiseBase<TabulatePointwise> {
  Evaluator *evaluator = nullptr;

  void runOnOperation() override {
    func::FuncOp func = getOperation();
    if (func.isDeclaration() || !evaluator) return;
    for (Block *block : blocksOf(func))
      for (Operation &op : llvm::make_early_inc_range(*block))
        if (auto pointwise = dyn_cast<dnn::PointwiseOp>(op)) tabulate(pointwise);
  }

  void tabulate(dnn::PointwiseOp op) {
    auto type = cast<RankedTensorType>(op.getType());
    RankedTensorType from = tensorOf(op.getInputs()[0]);
    if (op.getInputs().size() != 1 || from.getShape() != type.getShape() || from.getElementTypeBitWidth() != 8 ||
        type.getElementTypeBitWidth() != 8 || type.getNumElements() < 256)
      return;
    std::vector<char> all(256);
    for (int i = 0; i < 256; ++i) all[i] = static_cast<char>(i);
    OpBuilder builder(op);
    auto sample = cast<dnn::PointwiseOp>(builder.clone(*op));
    sample.getResult().setType(RankedTensorType::get({256}, type.getElementType()));
    auto values = evaluator->evaluate(sample, {makeConstant(RankedTensorType::get({256}, from.getElementType()), all)});
    sample.erase();
    if (failed(values)) return;
    Value table = createConstant(builder, op.getLoc(), makeConstant(RankedTensorType::get({256}, type.getElementType()), constantBytes(values->front()), "table"));
    auto lookup = builder.create<dnn::LookupOp>(op.getLoc(), type, op.getInputs()[0], table);
    remark(op, "fold", nodeNames(op.getLoc()) + " became a table");
    op.getResult().replaceAllUsesWith(lookup.getResult());
    op.erase();
  }
};

} // namespace

std::unique_ptr<Pass> dnnc::createTabulatePointwise(Evaluator *evaluator) {
  auto pass = std::make_unique<TabulatePointwise>();
  pass->evaluator = evaluator;
  return pass;
}
