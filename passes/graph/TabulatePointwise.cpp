// A chain from one 8-bit operand to 8 bits has 256 values: sigmoid, hard swish and requantization cost one look-up per element. So does what an
// epilogue computes from a value that it has rounded to 8 bits: SiLU after a quantized convolution, which is quantized after each of its steps.
#include "dialects/dnn/Remarks.h"
#include "passes/Passes.h"
#include "passes/graph/Pointwise.h"

#include "mlir/IR/IRMapping.h"
#include "llvm/ADT/SetVector.h"

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
      for (Operation &op : llvm::make_early_inc_range(*block)) {
        if (auto pointwise = dyn_cast<dnn::PointwiseOp>(op))
          tabulate(pointwise); // which may erase it
        else if (auto fusable = dyn_cast<dnn::FusableOp>(op); fusable && !fusable.epilogueChain().empty()) split(fusable);
      }
  }

  /// What \p chain computes from \p cut, in order; nothing if it needs anything else.
  static SmallVector<Operation *> tailOf(Region &chain, Value cut) {
    llvm::SmallSetVector<Value, 16> needed;
    needed.insert(pw::yielded(chain));
    for (size_t i = 0; i < needed.size(); ++i) {
      if (needed[i] == cut) continue;
      if (!needed[i].getDefiningOp()) return {}; // an operand
      needed.insert(needed[i].getDefiningOp()->operand_begin(), needed[i].getDefiningOp()->operand_end());
    }
    SmallVector<Operation *> tail;
    for (Operation &op : chain.front().without_terminator())
      if (op.getResult(0) != cut && needed.contains(op.getResult(0))) tail.push_back(&op);
    return tail;
  }

  /// A look-up reads and writes the tensor once more, which takes about eight instructions a vector.
  static bool isDear(ArrayRef<Operation *> tail) {
    static constexpr StringRef transcendental[] = {"exp",      "log",  "pow", "sigmoid", "tanh", "softplus", "erf",  "gelu", "gelu_tanh", "mish",  "elu",  "selu",
                                                   "celu",     "sin",  "cos", "tan",     "asin", "acos",     "atan", "sinh", "cosh",      "asinh", "acosh", "atanh"};
    int64_t instructions = 0;
    for (Operation *op : tail)
      if (auto fn = dyn_cast<pw::FnOp>(op)) instructions += llvm::is_contained(transcendental, fn.getName()) ? 16 : 1;
    return instructions >= 16;
  }

  /// Makes what the epilogue computes from an inner value of 8 bits, the first that all of it comes from, a table.
  void split(dnn::FusableOp op) {
    Region &chain = op.epilogueChain();
    Value result = op->getResult(0);
    Type element = tensorOf(result).getElementType();
    if (element.getIntOrFloatBitWidth() != 8 || tensorOf(result).getNumElements() < 256) return;
    for (Operation &inner : chain.front().without_terminator()) {
      Value cut = inner.getResult(0);
      SmallVector<Operation *> tail;
      if (cut.getType() != element || isa<pw::ConstOp>(inner) || (tail = tailOf(chain, cut)).empty()) continue;
      if (!isDear(tail)) return;
      OpBuilder builder(op.getContext());
      builder.setInsertionPointAfter(op);
      SmallVector<Location> nodes;
      for (Operation *part : tail) nodes.push_back(part->getLoc());
      Location loc = builder.getFusedLoc(nodes);
      if (nodeNames(loc).empty()) loc = op.getLoc();
      auto rest = createPointwise(builder, loc, result.getType(), result, [&](OpBuilder &b, Location, ValueRange args) {
        IRMapping map;
        map.map(cut, args[0]);
        Operation *last = nullptr;
        for (Operation *part : tail) last = b.clone(*part, map);
        return last->getResult(0);
      });
      result.replaceAllUsesExcept(rest.getResult(), rest);
      chain.front().getTerminator()->setOperand(0, cut);
      for (Operation *part : llvm::reverse(tail))
        if (part->use_empty()) part->erase();
      return tabulate(rest);
    }
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
