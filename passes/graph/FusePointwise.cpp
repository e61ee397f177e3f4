// Pointwise ops join each other and become epilogues. What simplification and weight folding left of activations, residual adds and scales
// would each read and write a whole tensor; as part of a chain they cost a few instructions per element that is in a register anyway.
#include "dialects/dnn/Remarks.h"
#include "passes/Passes.h"
#include "passes/graph/Pointwise.h"

#include "mlir/IR/IRMapping.h"
#include "llvm/ADT/SetVector.h"

namespace dnnc {
#define GEN_PASS_DEF_FUSEPOINTWISE
#include "Passes.h.inc"
} // namespace dnnc

using namespace mlir;
using namespace dnnc;

namespace {

/// All dims of \p shape in [begin, end) are those of \p result, or all are 1.
bool allOrNone(ArrayRef<int64_t> shape, ArrayRef<int64_t> result, int64_t begin, int64_t end) {
  ArrayRef<int64_t> part = shape.slice(begin, end - begin);
  return part == result.slice(begin, end - begin) || llvm::all_of(part, [](int64_t dim) { return dim == 1; });
}

/// Kernels find an epilogue operand's element by one stride each for the batch, the row (all spatial dims as one; a matmul's row) and the
/// channel (a matmul's column). \p operand can be read so.
bool hasThreeStrides(dnn::FusableOp producer, RankedTensorType operand) {
  auto result = cast<RankedTensorType>(producer->getResult(0).getType());
  int64_t rank = result.getRank();
  SmallVector<int64_t> shape = padShape(operand.getShape(), rank);
  bool oneValue = operand.getNumElements() == 1;
  if (oneValue || ArrayRef<int64_t>(shape) == result.getShape()) return true;
  if (isa<dnn::MatMulOp>(producer)) // rows and columns: full or one, each
    return allOrNone(shape, result.getShape(), 0, rank - 2);
  if (auto reduce = dyn_cast<dnn::ReduceOp>(producer.getOperation())) // what is left over may lie in any order
    return false;
  return allOrNone(shape, result.getShape(), 2, rank);
}

/// Of a chain: its values must find a place in registers or on the stack, its text in a comment.
constexpr size_t maxChainLength = 64;

std::string typeText(Type type) {
  std::string text;
  llvm::raw_string_ostream(text) << type;
  return text;
}

struct FusePointwise : dnnc::impl::FusePointwiseBase<FusePointwise> {
  using FusePointwiseBase::FusePointwiseBase;

  void runOnOperation() override {
    func::FuncOp func = getOperation();
    if (func.isDeclaration()) return;
    refusals.clear();
    // Front to back: a producer has taken its own producers in when its consumer is looked at.
    SmallVector<Block *> blocks = blocksOf(func);
    for (Block *block : blocks) {
      for (auto [i, op] : llvm::enumerate(*block)) place[&op] = i;
      for (Operation &op : llvm::make_early_inc_range(*block))
        if (auto pointwise = dyn_cast<dnn::PointwiseOp>(op)) {
          tidyOperands(pointwise);
          while (joinOneProducer(pointwise)) {
          }
          fuseIntoProducer(pointwise);
        }
      place.clear();
    }
    if (!reportRefusals) return;
    for (Block *block : blocks)
      for (Operation &op : *block)
        for (const std::string &text : refusals.lookup(&op)) remark(&op, "fuse", text, false);
  }

  /// What was refused, by the op that stays alone: told at the end, since another fusion may settle it.
  llvm::DenseMap<Operation *, SmallVector<std::string>> refusals;
  void refuse(Operation *op, const Twine &text) {
    SmallVector<std::string> &texts = refusals[op];
    if (!llvm::is_contained(texts, text.str())) texts.push_back(text.str());
  }
  /// Of the ops of a block, in order: asking the block, which changes all the time, would number all of it anew each time.
  llvm::DenseMap<Operation *, size_t> place;
  void erase(Operation *op) {
    place.erase(op);
    refusals.erase(op);
    op->erase();
  }

  /// Takes the chain of one pointwise operand into \p op.
  bool joinOneProducer(dnn::PointwiseOp &op) {
    for (auto [slot, input] : llvm::enumerate(op.getInputs())) {
      auto producer = input.getDefiningOp<dnn::PointwiseOp>();
      if (!producer || (!hasOneUser(input) && !isRecomputed(producer)) || tensorOf(input).getShape() != cast<RankedTensorType>(op.getType()).getShape()) continue;
      std::string text = nodeNames(producer.getLoc()) + " joined with " + nodeNames(op.getLoc());
      if (pw::runsOnVectors(producer.getChain()) != pw::runsOnVectors(op.getChain())) {
        refuse(op, text + ": one of the chains runs on vectors, the other does not");
        continue;
      }
      llvm::SmallSetVector<Value, 8> operands(producer.getInputs().begin(), producer.getInputs().end());
      for (Value other : op.getInputs())
        if (other != input) operands.insert(other);
      if (operands.size() > maxOperands) {
        refuse(op, text + ": the chain would have " + Twine(operands.size()) + " operands, at most " + Twine(maxOperands) + " are taken");
        continue;
      }
      auto lengthOf = [](dnn::PointwiseOp part) { return part.getChain().front().getOperations().size(); };
      if (lengthOf(producer) + lengthOf(op) > maxChainLength) {
        refuse(op, text + ": the chain would have more than " + Twine(maxChainLength) + " functions");
        continue;
      }
      remark(op, "fuse", text);
      op = join(producer, op, slot);
      return true;
    }
    return false;
  }

  /// A few functions of one 8-bit operand: cheaper to compute again for each reader than to store as f32 and read back.
  static bool isRecomputed(dnn::PointwiseOp op) {
    return op.getInputs().size() == 1 && tensorOf(op.getInputs()[0]).getElementTypeBitWidth() == 8 &&
           op.getChain().front().getOperations().size() <= 8 && pw::runsOnVectors(op.getChain());
  }

  /// The accumulators of \p producer reach \p arg, the argument for its result, as f32: they are, or are cast to it by every reader.
  static bool accumulatesF32(dnn::FusableOp producer, BlockArgument arg) {
    if (arg.getType().isF32()) return true;
    bool exact = isa<dnn::PoolOp, dnn::ReduceOp>(producer.getOperation()) ? arg.getType().getIntOrFloatBitWidth() == 8
                                                                          : arg.getType().isSignlessInteger(32);
    return exact && llvm::all_of(arg.getUsers(), [](Operation *user) {
             auto fn = dyn_cast<pw::FnOp>(user);
             return fn && fn.getName() == "cast" && fn.getType().isF32();
           });
  }

  dnn::PointwiseOp join(dnn::PointwiseOp producer, dnn::PointwiseOp op, unsigned slot) {
    OpBuilder builder(op);
    SmallVector<Value> inputs(producer.getInputs());
    for (auto [i, input] : llvm::enumerate(op.getInputs()))
      if (i != slot) inputs.push_back(input);
    auto joined = builder.create<dnn::PointwiseOp>(fusedLoc(producer, op), op.getType(), inputs);
    bool shared = !hasOneUser(producer.getResult());
    IRMapping none;
    if (shared)
      producer.getChain().cloneInto(&joined.getChain(), none);
    else
      joined.getChain().takeBody(producer.getChain());
    pw::appendChain(joined.getChain(), op.getChain(), slot, tensorOf(op.getInputs()[slot]).getElementType());
    place[joined] = place.lookup(op);
    op.getResult().replaceAllUsesWith(joined.getResult());
    erase(op);
    if (!shared) erase(producer);
    tidyOperands(joined);
    return joined;
  }

  /// Makes \p op the epilogue of the op that produces one of its operands; of two, the later one, which keeps the other's result alive the
  /// shortest and always comes after it.
  void fuseIntoProducer(dnn::PointwiseOp op) {
    SmallVector<std::pair<dnn::FusableOp, unsigned>> producers;
    for (auto [slot, input] : llvm::enumerate(op.getInputs()))
      if (auto producer = input.getDefiningOp<dnn::FusableOp>(); producer && producer->getBlock() == op->getBlock())
        producers.push_back({producer, slot});
    llvm::stable_sort(producers, [&](auto &a, auto &b) { return place.lookup(a.first) > place.lookup(b.first); });
    for (auto [producer, slot] : producers) {
      std::string text = nodeNames(op.getLoc()) + " fused into " + nodeNames(producer->getLoc());
      std::string reason = refusal(producer, op, slot);
      if (!reason.empty()) {
        refuse(op, text + ": " + reason);
        continue;
      }
      remark(op, "fuse", text);
      return fuse(producer, op, slot);
    }
  }

  std::string refusal(dnn::FusableOp producer, dnn::PointwiseOp op, unsigned slot) {
    Value result = producer->getResult(0);
    if (!hasOneUser(result)) return "its result has other users";
    if (tensorOf(result).getShape() != cast<RankedTensorType>(op.getType()).getShape()) return "it changes the shape";
    if (!pw::runsOnVectors(op.getChain()) || (!producer.epilogueChain().empty() && !pw::runsOnVectors(producer.epilogueChain())))
      return "only chains that run on vectors become epilogues";
    if (producer.epilogueChain().empty() && !accumulatesF32(producer, op.getChain().getArgument(slot)))
      return "its accumulators are not f32";
    Type stored = cast<RankedTensorType>(op.getType()).getElementType();
    Type read = tensorOf(producer->getOperand(0)).getElementType();
    bool likeInput = isa<dnn::PoolOp, dnn::ReduceOp>(producer.getOperation()) || read.getIntOrFloatBitWidth() != 8;
    if (likeInput && stored != read) return "its kernel writes what it reads, " + typeText(read);
    OperandRange own = producer.epilogueOperands();
    llvm::SmallSetVector<Value, 8> operands(own.begin(), own.end());
    for (auto [i, input] : llvm::enumerate(op.getInputs())) {
      if (i == slot) continue;
      if (!hasThreeStrides(producer, tensorOf(input))) {
        return "the operand " + typeText(input.getType()) + " is neither full, nor one value, nor per channel or one channel for all";
      }
      operands.insert(input);
    }
    if (operands.size() > maxEpilogueOperands)
      return "the epilogue would have " + std::to_string(operands.size()) + " operands, at most " + std::to_string(maxEpilogueOperands) +
             " are taken";
    return {};
  }

  void fuse(dnn::FusableOp producer, dnn::PointwiseOp op, unsigned slot) {
    // At the place of the pointwise op, where all operands of both are known.
    producer->moveBefore(op);
    place[producer] = place.lookup(op);
    pw::appendChain(producer.epilogueChain(), op.getChain(), slot, Float32Type::get(op.getContext()));
    for (auto [i, input] : llvm::enumerate(op.getInputs()))
      if (i != slot) producer.epilogueOperands().append(input);
    tidyEpilogue(producer);
    producer->setLoc(fusedLoc(producer, op));
    producer->getResult(0).setType(op.getType());
    op.getResult().replaceAllUsesWith(producer->getResult(0));
    erase(op);
  }

  static Location fusedLoc(Operation *first, Operation *second) {
    return FusedLoc::get(first->getContext(), {first->getLoc(), second->getLoc()});
  }
};

} // namespace
