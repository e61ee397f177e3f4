// dnn.pad joins the pads of the conv or pool that reads it. Exporters from frameworks with asymmetric "same" padding, and PyTorch's
// ZeroPad2d, write padding as its own op, which would copy the whole tensor.
#include "dialects/dnn/Remarks.h"
#include "passes/Passes.h"
#include "passes/graph/Pointwise.h"

#include <cfloat>

namespace dnnc {
#define GEN_PASS_DEF_FOLDPADS
#include "Passes.h.inc"
} // namespace dnnc

using namespace mlir;
using namespace dnnc;

namespace {

/// What the tensor holds is at least 0 (or NaN).
bool isNonNegative(Value value, int depth = 16) {
  Operation *op = value.getDefiningOp();
  if (!op || depth == 0) return false;
  auto isNonNegative = [&](Value operand) { return ::isNonNegative(operand, depth - 1); };
  if (isa<dnn::ConcatOp, dnn::ReshapeOp, dnn::TransposeOp, dnn::SliceOp>(op)) return llvm::all_of(op->getOperands(), isNonNegative);
  Region *chain = nullptr;
  if (auto pointwise = dyn_cast<dnn::PointwiseOp>(op))
    chain = &pointwise.getChain();
  else if (auto fusable = dyn_cast<dnn::FusableOp>(op))
    chain = &fusable.epilogueChain();
  if (!chain || chain->empty()) {
    auto pool = dyn_cast<dnn::PoolOp>(op);
    return pool && isNonNegative(pool.getInput());
  }
  auto fn = pw::yielded(*chain).getDefiningOp<pw::FnOp>();
  if (!fn) return false;
  auto atLeastZero = [](Value scalar) {
    auto number = constantScalar(scalar);
    return number && *number >= 0;
  };
  if (fn.getName() == "max") return llvm::any_of(fn.getArgs(), atLeastZero);
  if (fn.getName() == "clip") return atLeastZero(fn.getArgs()[1]) && atLeastZero(fn.getArgs()[2]);
  return llvm::is_contained({"relu", "abs", "sigmoid", "hard_sigmoid", "exp", "sqrt", "softplus"}, fn.getName());
}

/// The pads of \p own and \p pad together, in the window ops' form (spatial dims only).
SmallVector<int64_t> joined(ArrayRef<int64_t> own, dnn::PadOp pad) {
  SmallVector<int64_t> pads(own);
  int64_t spatial = own.size() / 2, rank = spatial + 2;
  for (int64_t i = 0; i < spatial; ++i) {
    pads[i] += pad.getPads()[2 + i];
    pads[i + spatial] += pad.getPads()[rank + 2 + i];
  }
  return pads;
}

/// Why \p pad cannot join any window op; empty if it can.
StringRef refusal(dnn::PadOp pad) {
  ArrayRef<int64_t> pads = pad.getPads();
  int64_t rank = pads.size() / 2;
  if (pad.getMode() != "constant") return "only constant padding can be folded";
  if (rank < 3 || pads[0] || pads[1] || pads[rank] || pads[rank + 1]) return "it pads the batch or the channels";
  if (llvm::any_of(pads, [](int64_t p) { return p < 0; })) return "it crops";
  return {};
}

StringRef foldIntoConv(dnn::PadOp pad, dnn::ConvOp conv) {
  if (conv.getInput() != pad.getResult()) return "it is not the convolution's input";
  if (pad.getValue().convertToDouble() != double(conv.getInputZeroPoint())) return "convolutions pad with zero";
  conv.setPads(joined(conv.getPads(), pad));
  return {};
}

StringRef foldIntoPool(dnn::PadOp pad, dnn::PoolOp pool) {
  if (pool.getInput() != pad.getResult()) return "it is not the pool's input";
  SmallVector<int64_t> pads = joined(pool.getPads(), pad);
  size_t spatial = pads.size() / 2;
  double value = pad.getValue().convertToDouble();
  bool ownPads = llvm::any_of(pool.getPads(), [](int64_t p) { return p != 0; });
  if (pool.getCeilMode()) // what counts as padding in the last window would change
    return "ceil_mode is set";
  switch (pool.getKind()) {
  case dnn::PoolKind::Max: {
    bool lowest = value <= (tensorOf(pad.getResult()).getElementType().isUnsignedInteger() ? 0 : -FLT_MAX);
    if (!lowest && !(value == 0 && isNonNegative(pad.getInput()))) return "max pooling pads with the lowest value";
    // A window that saw only padding would have given the padding's value.
    for (size_t i = 0; i < pads.size(); ++i)
      if (pads[i] > pool.getDilations()[i % spatial] * (pool.getKernel()[i % spatial] - 1))
        return "a window would lie in the padding alone";
    break;
  }
  case dnn::PoolKind::Average:
    if (value != 0) return "average pooling pads with zero";
    if (ownPads && !pool.getCountIncludePad()) return "the pool does not count its own padding";
    pool.setCountIncludePad(true);
    break;
  case dnn::PoolKind::Lp:
    if (value != 0) return "Lp pooling pads with zero";
    break;
  }
  pool.setPads(pads);
  return {};
}

struct FoldPads : dnnc::impl::FoldPadsBase<FoldPads> {
  void runOnOperation() override {
    func::FuncOp func = getOperation();
    if (func.isDeclaration()) return;
    for (Block *block : blocksOf(func))
      for (Operation &op : llvm::make_early_inc_range(*block))
        if (auto pad = dyn_cast<dnn::PadOp>(op)) fold(pad);
  }

  void fold(dnn::PadOp pad) {
    SmallVector<Operation *> users(pad.getResult().getUsers());
    for (Operation *user : users) {
      StringRef reason = refusal(pad);
      if (reason.empty()) {
        if (auto conv = dyn_cast<dnn::ConvOp>(user))
          reason = foldIntoConv(pad, conv);
        else if (auto pool = dyn_cast<dnn::PoolOp>(user))
          reason = foldIntoPool(pad, pool);
        else
          reason = "it is neither a convolution nor a pool";
      }
      std::string text = nodeNames(pad.getLoc()) + " into " + nodeNames(user->getLoc());
      if (!reason.empty()) {
        remark(pad, "fold", text + ": " + reason, false);
        continue;
      }
      remark(pad, "fold", text);
      user->replaceUsesOfWith(pad.getResult(), pad.getInput());
      user->setLoc(FusedLoc::get(user->getContext(), {pad.getLoc(), user->getLoc()}));
    }
    if (pad.getResult().use_empty()) pad.erase();
  }
};

} // namespace
