//===- ElideCopies.cpp - concat and slice without moving data ----------------------===//
//
// After layouts are known, most concats and slices need no copy: a producer can write straight into its part of the concat's
// buffer, and a reader can walk a slice by strides. This pass decides which, by asking whether the producer writes, and every
// reader reads, a view with those strides; it marks concat operands (`in_place`) and slices (`view`), which lowering obeys, and says
// why it refused the others.
//
//===----------------------------------------------------------------------===//

#include "dialects/dnn/Constants.h"
#include "dialects/dnn/Remarks.h"
#include "passes/Passes.h"
#include "passes/select/Strides.h"

using namespace mlir;

namespace dnnc {

#define GEN_PASS_DEF_ELIDECOPIES
#include "Passes.h.inc"

namespace {

using Strides = SmallVector<int64_t>;

RankedTensorType typeOf(Value value) { return cast<RankedTensorType>(value.getType()); }

bool isContiguous(RankedTensorType type, ArrayRef<int64_t> strides) {
  SmallVector<int64_t> full = dnn::logicalStrides(type);
  return llvm::all_of(llvm::seq<size_t>(0, strides.size()), [&](size_t i) { return type.getDimSize(i) == 1 || strides[i] == full[i]; });
}

/// A window kernel walks images, rows and pixels by strides; channels must be contiguous.
bool channelsContiguous(RankedTensorType type, ArrayRef<int64_t> strides) { return type.getDimSize(1) == 1 || strides[1] == 1; }

bool readsStrided(OpOperand &use, ArrayRef<int64_t> strides);

bool allReadStrided(Value value, ArrayRef<int64_t> strides) {
  return isContiguous(typeOf(value), strides) ||
         llvm::all_of(value.getUses(), [&](OpOperand &use) { return readsStrided(use, strides); });
}

/// True if the op can read operand \p use as a view with these logical strides, without a copy.
bool readsStrided(OpOperand &use, ArrayRef<int64_t> strides) {
  Operation *op = use.getOwner();
  RankedTensorType type = typeOf(use.get());
  if (auto fusable = dyn_cast<dnn::FusableOp>(op)) {
    for (OpOperand &operand : fusable.epilogueOperands())
      if (&operand == &use) {
        // (image, row of pixels, channel) must be three strides.
        auto order = dnn::orderOf(typeOf(op->getResult(0)));
        return type.getRank() == int64_t(order.size()) && type.getRank() > 2 && channelsContiguous(type, strides) &&
               flattenStride(type.getShape(), strides, ArrayRef<int64_t>(order).drop_front().drop_back()).has_value();
      }
  }
  if (isa<dnn::ConvOp, dnn::ConvTransposeOp, dnn::PoolOp, dnn::ResizeOp>(op))
    return use.getOperandNumber() == 0 && channelsContiguous(type, strides);
  if (isa<dnn::PointwiseOp, dnn::LookupOp, dnn::MatMulOp, dnn::ConcatOp, dnn::PadOp, dnn::BroadcastOp, dnn::TileOp, dnn::LoopOp>(op))
    return true;
  if (auto transpose = dyn_cast<dnn::TransposeOp>(op)) {
    Strides permuted;
    for (int64_t dim : transpose.getPerm())
      permuted.push_back(strides[dim]);
    return allReadStrided(transpose, permuted);
  }
  if (auto reshape = dyn_cast<dnn::ReshapeOp>(op)) {
    auto reshaped = reshapeStrides(type.getShape(), strides, typeOf(reshape.getResult()).getShape());
    return reshaped && allReadStrided(reshape, *reshaped);
  }
  if (auto relayout = dyn_cast<dnn::RelayoutOp>(op))
    return !dnn::sameMemory(type.getShape(), dnn::orderOf(type), dnn::orderOf(typeOf(relayout.getResult()))) ||
           allReadStrided(relayout, strides);
  if (auto slice = dyn_cast<dnn::SliceOp>(op))
    return true; // it moves the data itself, or is a view whose readers are asked when it is visited
  return false;
}

/// True if the op can write its result as a view with these logical strides.
bool writesStrided(Operation *op, RankedTensorType type, ArrayRef<int64_t> strides) {
  if (isa<dnn::ConvOp, dnn::ConvTransposeOp, dnn::PoolOp, dnn::ResizeOp>(op))
    return channelsContiguous(type, strides);
  if (isa<dnn::MatMulOp>(op))
    return type.getShape().back() == 1 || strides.back() == 1;
  if (isa<dnn::PointwiseOp>(op)) { // vectors run along the innermost dim
    int64_t inner = dnn::orderOf(type).back();
    return type.getDimSize(inner) == 1 || strides[inner] == 1;
  }
  return isa<dnn::LookupOp, dnn::ConcatOp, dnn::PadOp, dnn::BroadcastOp, dnn::TileOp, dnn::RelayoutOp>(op) ||
         (isa<dnn::SliceOp>(op) && !cast<dnn::SliceOp>(op).getView());
}

class Elider {
public:
  explicit Elider(func::FuncOp function) : function(function) {}

  void run() {
    function.walk([&](dnn::SliceOp op) { elideSlice(op); });
    SmallVector<dnn::ConcatOp> concats;
    function.walk([&](dnn::ConcatOp op) { concats.push_back(op); });
    for (dnn::ConcatOp op : llvm::reverse(concats)) // outer before nested: a nested concat writes into its reader's buffer
      elideConcat(op);
  }

private:
  void elideSlice(dnn::SliceOp op) {
    Strides strides = dnn::logicalStrides(typeOf(op.getInput()));
    for (auto [stride, step] : llvm::zip(strides, op.getSteps()))
      stride *= step;
    if (llvm::any_of(op.getSteps(), [](int64_t step) { return step < 0; }))
      return remark(op, "elide", "slice is copied: a negative step", false);
    if (!allReadStrided(op, strides))
      return remark(op, "elide", "slice is copied: a reader needs contiguous data", false);
    op.setView(true);
    remark(op, "elide", "slice is a view");
  }

  void elideConcat(dnn::ConcatOp op) {
    RankedTensorType type = typeOf(op.getResult());
    auto known = placed.find(op.getResult());
    Strides strides = known != placed.end() ? known->second : Strides(dnn::logicalStrides(type));
    SmallVector<bool> inPlace;
    for (Value input : op.getInputs()) {
      std::string reason = place(input, strides, op->getBlock());
      inPlace.push_back(reason.empty());
      if (!reason.empty())
        remark(op, "elide", "operand " + Twine(inPlace.size() - 1) + " of the concat is copied: " + reason, false);
    }
    op.setInPlace(inPlace);
    size_t count = llvm::count(inPlace, true);
    if (count)
      remark(op, "elide", Twine(count) + " of " + Twine(inPlace.size()) + " operands are written in place");
  }

  /// The value, or one that is a view of it, is an output, whose buffer it may be given.
  static bool isReturned(Value value) {
    return llvm::any_of(value.getUsers(), [](Operation *user) {
      return isa<func::ReturnOp, dnn::YieldOp>(user) || (isa<dnn::ReshapeOp, dnn::TransposeOp, dnn::RelayoutOp>(user) && isReturned(user->getResult(0)));
    });
  }

  /// Tries to have \p value produced with these strides; the reason why not, or empty.
  std::string place(Value value, Strides strides, Block *block) {
    while (true) {
      Operation *producer = value.getDefiningOp();
      RankedTensorType type = typeOf(value);
      if (!producer)
        return "it is an input of the model or of a loop";
      if (producer->getBlock() != block)
        return "it is computed outside the loop or branch";
      if (isa<dnn::ConstantOp>(producer))
        return "it is a constant";
      if (placed.count(value))
        return "it is already part of another buffer";
      if (isReturned(value))
        return "it is an output of the model";
      for (OpOperand &use : value.getUses())
        if (!isContiguous(type, strides) && !readsStrided(use, strides))
          return "another reader needs contiguous data";
      if (auto transpose = dyn_cast<dnn::TransposeOp>(producer)) {
        Strides source(strides.size());
        for (auto [i, dim] : llvm::enumerate(transpose.getPerm()))
          source[dim] = strides[i];
        value = transpose.getInput();
        strides = source;
        continue;
      }
      if (auto reshape = dyn_cast<dnn::ReshapeOp>(producer)) {
        auto source = reshapeStrides(type.getShape(), strides, typeOf(reshape.getInput()).getShape());
        if (!source)
          return "a reshape needs contiguous data";
        value = reshape.getInput();
        strides = *source;
        continue;
      }
      if (auto relayout = dyn_cast<dnn::RelayoutOp>(producer)) {
        if (getConstant(relayout.getInput())) // stored in that order: no kernel runs
          return "it is a constant";
        if (dnn::sameMemory(type.getShape(), dnn::orderOf(type), dnn::orderOf(typeOf(relayout.getInput())))) {
          value = relayout.getInput();
          continue;
        }
      }
      if (isa<dnn::SliceOp>(producer) && cast<dnn::SliceOp>(producer).getView())
        return "it is a view of another tensor";
      if (!isContiguous(type, strides) && !writesStrided(producer, type, strides))
        return "its producer writes contiguous data only";
      placed[value] = strides;
      return "";
    }
  }

  func::FuncOp function;
  DenseMap<Value, Strides> placed;
};

struct ElideCopies : impl::ElideCopiesBase<ElideCopies> {
  void runOnOperation() final { Elider(getOperation()).run(); }
};

} // namespace
} // namespace dnnc
