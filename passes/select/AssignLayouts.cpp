//===- AssignLayouts.cpp - a memory order for every tensor -------------------------===//
//
// Until here shapes are logical and memory is row-major. This pass gives every value an order: windowed ops (conv, pool, resize)
// want channels last, pointwise ops take what their operands have, a transpose becomes a change of type, a reshape a view wherever
// its groups of dims lie together. dnn.relayout is put in where data really has to move; the pass then merges it into weights
// and into matmul's result where it can. A CNN is left with relayouts at its boundary only.
//
//===----------------------------------------------------------------------===//

#include "dialects/dnn/Constants.h"
#include "dialects/dnn/Remarks.h"
#include "passes/Passes.h"
#include "passes/select/Strides.h"

#include "llvm/ADT/TypeSwitch.h"

using namespace mlir;

namespace dnnc {

#define GEN_PASS_DEF_ASSIGNLAYOUTS
#include "Passes.h.inc"

namespace {

using dnn::Order;

RankedTensorType typeOf(Value value) { return cast<RankedTensorType>(value.getType()); }

/// The order of an operand that broadcasts, aligned at the right, to a result with order \p order.
Order inducedOrder(ArrayRef<int64_t> order, int64_t rank) {
  Order induced;
  int64_t skipped = int64_t(order.size()) - rank;
  for (int64_t dim : order)
    if (dim >= skipped)
      induced.push_back(dim - skipped);
  return induced;
}

struct ReshapeOrders {
  Order input;  ///< the order the input must have for the reshape to be a view
  Order result; ///< the result's order then
};

/// Keeps each group's dims together and in logical order; groups stand in the order of their innermost dim in memory, so that what is
/// contiguous stays so.
ReshapeOrders reshapeOrders(RankedTensorType from, RankedTensorType to) {
  struct Group {
    size_t place;
    Order from, to;
  };
  SmallVector<Group> groups;
  Order order = dnn::orderOf(from);
  forEachGroup(from.getShape(), to.getShape(), [&](size_t i0, size_t i1, size_t j0, size_t j1) {
    Group group{0, {}, {}};
    bool onlyOnes = llvm::all_of(from.getShape().slice(i0, i1 - i0), [](int64_t size) { return size == 1; });
    for (size_t i = i0; i < i1; ++i) {
      group.from.push_back(i);
      if (onlyOnes || from.getDimSize(i) != 1)
        group.place = std::max<size_t>(group.place, llvm::find(order, int64_t(i)) - order.begin());
    }
    for (size_t j = j0; j < j1; ++j)
      group.to.push_back(j);
    groups.push_back(group);
  });
  llvm::stable_sort(groups, [](const Group &a, const Group &b) { return a.place < b.place; });
  ReshapeOrders orders;
  for (const Group &group : groups) {
    llvm::append_range(orders.input, group.from);
    llvm::append_range(orders.result, group.to);
  }
  // Dims of size 1 may stand anywhere: spell row-major memory as row-major.
  if (dnn::sameMemory(from.getShape(), orders.input, dnn::identityOrder(from.getRank())))
    orders.input = dnn::identityOrder(from.getRank());
  if (dnn::sameMemory(to.getShape(), orders.result, dnn::identityOrder(to.getRank())))
    orders.result = dnn::identityOrder(to.getRank());
  return orders;
}

class LayoutAssigner {
public:
  LayoutAssigner(func::FuncOp function, Evaluator *evaluator) : function(function), builder(function.getContext()), evaluator(evaluator) {}

  void run() {
    assign(function.getBody().front());
    function.walk([&](dnn::RelayoutOp op) { mergeRelayout(op); });
    function.walk([&](dnn::MatMulOp op) { mergeIntoWeights(op); });
    SmallVector<dnn::RelayoutOp> left;
    function.walk([&](dnn::RelayoutOp op) { left.push_back(op); });
    for (dnn::RelayoutOp op : left) {
      if (op->use_empty())
        op.erase();
      else if (!getConstant(op.getInput()) && !dnn::sameMemory(typeOf(op.getInput()).getShape(), dnn::orderOf(typeOf(op.getInput())),
                                                               dnn::orderOf(typeOf(op.getResult()))))
        remark(op, "layout", describe(op));
    }
  }

private:
  static std::string describe(dnn::RelayoutOp op) {
    std::string text;
    llvm::raw_string_ostream os(text);
    os << "data of shape [";
    llvm::interleaveComma(typeOf(op.getInput()).getShape(), os);
    os << "] moves from order [";
    llvm::interleaveComma(dnn::orderOf(typeOf(op.getInput())), os);
    os << "] to [";
    llvm::interleaveComma(dnn::orderOf(typeOf(op.getResult())), os);
    os << "]";
    return text;
  }

  Value toOrder(Value value, ArrayRef<int64_t> order) {
    RankedTensorType type = typeOf(value);
    if (llvm::equal(dnn::orderOf(type), order))
      return value;
    auto &known = relayouts[{value, dnn::withOrder(type, order)}];
    if (!known) {
      // In the value's own block: once, not in every iteration of a loop that reads it.
      builder.setInsertionPoint(value.getParentBlock()->findAncestorOpInBlock(*reader));
      known = builder.create<dnn::RelayoutOp>(value.getLoc(), dnn::withOrder(type, order), value);
    }
    return known;
  }

  void setOperand(OpOperand &operand, ArrayRef<int64_t> order) { operand.set(toOrder(operand.get(), order)); }
  void setResults(Operation *op, ArrayRef<int64_t> order) {
    for (Value result : op->getResults())
      result.setType(dnn::withOrder(typeOf(result), order));
  }

  /// All operands of full rank or less follow \p order.
  void follow(Operation *op, ArrayRef<int64_t> order) {
    for (OpOperand &operand : op->getOpOperands())
      setOperand(operand, inducedOrder(order, typeOf(operand.get()).getRank()));
  }

  /// Values that enter or leave a region are row-major.
  void assign(Block &block) {
    for (Operation &op : llvm::make_early_inc_range(block)) {
      assign(&op);
      if (isa<dnn::IfOp, dnn::LoopOp>(op))
        for (Region &region : op.getRegions())
          assign(region.front());
    }
  }

  void rowMajor(Operation *op) {
    for (OpOperand &operand : op->getOpOperands())
      setOperand(operand, dnn::identityOrder(typeOf(operand.get()).getRank()));
  }

  void assign(Operation *op) {
    reader = op;
    llvm::TypeSwitch<Operation *>(op)
        .Case<dnn::ConstantOp, dnn::RelayoutOp>([](auto) {})
        .Case<dnn::ConvOp, dnn::ConvTransposeOp, dnn::PoolOp>([&](auto window) {
          assignEpilogue(window, dnn::channelsLastOrder(typeOf(window.getResult()).getRank()));
          setOperand(window.getInputMutable(), dnn::channelsLastOrder(typeOf(window.getInput()).getRank()));
          if (window->getNumOperands() > 1 && !isa<dnn::PoolOp>(window) && !getConstant(window->getOperand(1))) // packed at run time
            setOperand(window->getOpOperand(1), dnn::identityOrder(typeOf(window->getOperand(1)).getRank()));
        })
        .Case<dnn::GridSampleOp, dnn::RoiAlignOp, dnn::RoiMaxPoolOp, dnn::MaxPoolIndicesOp>([&](auto sample) {
          setOperand(sample->getOpOperand(0), dnn::channelsLastOrder(typeOf(sample.getInput()).getRank()));
          for (OpOperand &operand : llvm::drop_begin(sample->getOpOperands()))
            setOperand(operand, dnn::identityOrder(typeOf(operand.get()).getRank()));
          setResults(sample, dnn::channelsLastOrder(typeOf(sample.getResult()).getRank()));
        })
        .Case<dnn::DeformColumnsOp>([&](dnn::DeformColumnsOp deform) { // offsets and mask have strides
          setOperand(deform.getInputMutable(), dnn::channelsLastOrder(4));
        })
        .Case<dnn::ResizeOp, dnn::LrnOp, dnn::GroupNormOp>([&](auto window) {
          Order order = dnn::channelsLastOrder(typeOf(window.getInput()).getRank());
          setOperand(window->getOpOperand(0), order);
          setResults(window, order);
        })
        .Case<dnn::PointwiseOp>([&](dnn::PointwiseOp pointwise) {
          Order order = mainOrder(pointwise.getInputs(), typeOf(pointwise.getResult()));
          follow(pointwise, order);
          setResults(pointwise, order);
        })
        .Case<dnn::ConcatOp>([&](dnn::ConcatOp concat) {
          Order order = mainOrder(concat.getInputs(), typeOf(concat.getResult()));
          follow(concat, order);
          setResults(concat, order);
        })
        .Case<dnn::LookupOp>([&](dnn::LookupOp lookup) { setResults(lookup, dnn::orderOf(typeOf(lookup.getInput()))); })
        .Case<dnn::SliceOp, dnn::PadOp, dnn::TileOp, dnn::SoftmaxOp, dnn::CumSumOp, dnn::CumProdOp, dnn::ArgReduceOp, dnn::TopKOp>(
            [&](auto same) { setResults(same, dnn::orderOf(typeOf(same.getInput()))); })
        .Case<dnn::BroadcastOp>([&](dnn::BroadcastOp broadcast) {
          if (typeOf(broadcast.getInput()).getRank() == typeOf(broadcast.getResult()).getRank())
            setResults(broadcast, dnn::orderOf(typeOf(broadcast.getInput())));
          else
            rowMajor(broadcast);
        })
        .Case<dnn::TransposeOp>([&](dnn::TransposeOp transpose) {
          Order order;
          for (int64_t dim : dnn::orderOf(typeOf(transpose.getInput())))
            order.push_back(llvm::find(transpose.getPerm(), dim) - transpose.getPerm().begin());
          setResults(transpose, order);
        })
        .Case<dnn::ReshapeOp>([&](dnn::ReshapeOp reshape) {
          ReshapeOrders orders = reshapeOrders(typeOf(reshape.getInput()), typeOf(reshape.getResult()));
          if (!dnn::sameMemory(typeOf(reshape.getInput()).getShape(), dnn::orderOf(typeOf(reshape.getInput())), orders.input))
            setOperand(reshape.getInputMutable(), orders.input);
          setResults(reshape, orders.result);
        })
        .Case<dnn::ReduceOp>([&](dnn::ReduceOp reduce) {
          Order order = reduceOrder(reduce);
          setOperand(reduce.getInputMutable(), order);
          assignEpilogue(reduce, order);
        })
        .Case<dnn::LayerNormOp>([&](dnn::LayerNormOp norm) {
          // The normalized dims innermost and in logical order, the others as they are.
          Order order;
          int64_t rank = typeOf(norm.getInput()).getRank(), axis = fromFront(norm.getAxis(), rank);
          for (int64_t dim : dnn::orderOf(typeOf(norm.getInput())))
            if (dim < axis)
              order.push_back(dim);
          for (int64_t dim = axis; dim < rank; ++dim)
            order.push_back(dim);
          setOperand(norm.getInputMutable(), order);
          setResults(norm, order);
        })
        .Case<dnn::MatMulOp>([&](dnn::MatMulOp matmul) {
          if (typeOf(matmul.getLhs()).getElementTypeBitWidth() == 8) // the integer kernel reads rows
            setOperand(matmul.getLhsMutable(), dnn::identityOrder(typeOf(matmul.getLhs()).getRank()));
          assignEpilogue(matmul, dnn::identityOrder(typeOf(matmul.getResult()).getRank()));
        })
        .Case<dnn::AttentionOp>([&](dnn::AttentionOp attention) { // reads any order but of masks; mergeRelayout may change its result's
          for (OpOperand &mask : attention.getMaskMutable()) setOperand(mask, dnn::identityOrder(typeOf(mask.get()).getRank()));
        })
        .Case<dnn::RotaryOp>([&](dnn::RotaryOp rotary) { // columns innermost, the others as they are
          Order order;
          for (int64_t dim : dnn::orderOf(typeOf(rotary.getInput())))
            if (dim != 3) order.push_back(dim);
          order.push_back(3);
          setOperand(rotary.getInputMutable(), order);
          setOperand(rotary.getCosMutable(), dnn::identityOrder(3));
          setOperand(rotary.getSinMutable(), dnn::identityOrder(3));
          setResults(rotary, order);
        })
        .Default([&](Operation *other) { rowMajor(other); }); // includes func.return: the interface is row-major
  }

  template <class Op> void assignEpilogue(Op op, Order order) {
    for (OpOperand &operand : dnn::FusableOp(op).epilogueOperands())
      setOperand(operand, inducedOrder(order, typeOf(operand.get()).getRank()));
    setResults(op, order);
  }

  /// The order most of the data is in: that of the operands with the result's rank, the largest first, constants last.
  Order mainOrder(ValueRange operands, RankedTensorType result) {
    Value best;
    auto weight = [&](Value value) {
      return std::make_tuple(typeOf(value).getRank() == result.getRank(), !getConstant(value), typeOf(value).getNumElements(),
                             typeOf(value).getEncoding() != Attribute());
    };
    for (Value operand : operands)
      if (!best || weight(operand) > weight(best))
        best = operand;
    if (typeOf(best).getRank() != result.getRank())
      return dnn::identityOrder(result.getRank());
    return dnn::orderOf(typeOf(best));
  }

  /// Reduced dims must lie together in memory; otherwise they go innermost.
  Order reduceOrder(dnn::ReduceOp op) {
    RankedTensorType type = typeOf(op.getInput());
    auto reduced = [&](int64_t dim) { return llvm::is_contained(op.getAxes(), dim) || llvm::is_contained(op.getAxes(), dim - type.getRank()); };
    Order order = dnn::orderOf(type), kept, inner;
    int changes = 0;
    bool inside = false;
    for (int64_t dim : order) {
      (reduced(dim) ? inner : kept).push_back(dim);
      if (type.getDimSize(dim) == 1)
        continue;
      changes += reduced(dim) != inside;
      inside = reduced(dim);
    }
    if (changes <= 2)
      return order;
    llvm::append_range(kept, inner);
    return kept;
  }

  /// relayout(matmul or attention) → one that writes the wanted order, when its only reader wants it and rows stay contiguous.
  void mergeRelayout(dnn::RelayoutOp op) {
    Value source = op.getInput();
    while (isa_and_nonnull<dnn::TransposeOp>(source.getDefiningOp()) && source.hasOneUse())
      source = source.getDefiningOp()->getOperand(0);
    Operation *producer = source.getDefiningOp();
    RankedTensorType wanted = typeOf(op.getResult());
    if (!isa_and_nonnull<dnn::MatMulOp, dnn::AttentionOp>(producer) || !source.hasOneUse())
      return;
    auto matmul = dyn_cast<dnn::MatMulOp>(producer);
    // The wanted order of the transpose's result, in terms of the matmul's dims.
    Order order = dnn::orderOf(wanted);
    SmallVector<dnn::TransposeOp> transposes;
    for (Value value = op.getInput(); value != source; value = value.getDefiningOp()->getOperand(0)) {
      auto transpose = value.getDefiningOp<dnn::TransposeOp>();
      transposes.push_back(transpose);
      for (int64_t &dim : order)
        dim = transpose.getPerm()[dim];
    }
    int64_t rank = typeOf(source).getRank();
    // An epilogue operand must be one row, whatever the order of the others.
    bool fullOperand = matmul && llvm::any_of(matmul.getEpilogueArgs(), [](Value v) {
      return typeOf(v).getNumElements() != 1 && typeOf(v).getNumElements() != typeOf(v).getShape().back();
    });
    if (order.back() != rank - 1 || fullOperand)
      return;
    source.setType(dnn::withOrder(typeOf(source), order));
    for (dnn::TransposeOp transpose : llvm::reverse(transposes)) {
      Order moved;
      for (int64_t dim : dnn::orderOf(typeOf(transpose.getInput())))
        moved.push_back(llvm::find(transpose.getPerm(), dim) - transpose.getPerm().begin());
      setResults(transpose, moved);
    }
    op.getResult().replaceAllUsesWith(op.getInput());
    op.erase();
    remark(producer, "layout", "writes its result in the order its reader wants");
  }

  /// matmul(reshape(relayout(x)), constant): reads x as it lies and permutes the rows of the constant instead.
  void mergeIntoWeights(dnn::MatMulOp matmul) {
    auto reshape = matmul.getLhs().getDefiningOp<dnn::ReshapeOp>();
    auto relayout = reshape ? reshape.getInput().getDefiningOp<dnn::RelayoutOp>() : dnn::RelayoutOp();
    if (!evaluator || !relayout || !getConstant(matmul.getRhs()) || typeOf(matmul.getLhs()).getRank() != 2 ||
        typeOf(matmul.getRhs()).getRank() != 2)
      return;
    RankedTensorType from = typeOf(relayout.getInput()), flat = typeOf(matmul.getLhs());
    // Rows stay, the rest of the dims is flattened into the columns.
    if (from.getDimSize(0) != flat.getDimSize(0) || dnn::orderOf(from).front() != 0 || typeOf(relayout.getResult()).getEncoding())
      return;
    SmallVector<int64_t> weightShape(from.getShape().drop_front()), perm;
    weightShape.push_back(typeOf(matmul.getRhs()).getDimSize(1));
    dnn::Order order = dnn::orderOf(from);
    for (int64_t dim : llvm::drop_begin(order))
      perm.push_back(dim - 1);
    perm.push_back(weightShape.size() - 1);
    builder.setInsertionPoint(matmul);
    auto splitType = RankedTensorType::get(weightShape, typeOf(matmul.getRhs()).getElementType());
    auto split = builder.create<dnn::ReshapeOp>(matmul.getRhs().getLoc(), splitType, matmul.getRhs());
    auto permuted = builder.create<dnn::TransposeOp>(matmul.getRhs().getLoc(), split, builder.getDenseI64ArrayAttr(perm));
    std::vector<char> bytes = constantBytes(getConstant(matmul.getRhs()));
    auto result = evaluator->evaluate(permuted, {makeConstant(splitType, bytes)});
    permuted.erase();
    split.erase();
    if (failed(result))
      return;
    Value weight = createConstant(builder, matmul.getRhs().getLoc(), makeConstant(typeOf(matmul.getRhs()), constantBytes(result->front())));
    // The same memory under the shape it has physically.
    SmallVector<int64_t> lastPerm(dnn::orderOf(from));
    auto asStored = builder.create<dnn::TransposeOp>(relayout.getLoc(), relayout.getInput(), builder.getDenseI64ArrayAttr(lastPerm));
    auto newFlat = builder.create<dnn::ReshapeOp>(reshape.getLoc(), flat, asStored);
    matmul.getLhsMutable().assign(newFlat);
    matmul.getRhsMutable().assign(weight);
    remark(matmul, "layout", "the flatten's transpose is merged into the weights");
    if (reshape->use_empty())
      reshape.erase();
  }

  func::FuncOp function;
  OpBuilder builder;
  Evaluator *evaluator;
  Operation *reader = nullptr; ///< the op that is looked at
  DenseMap<std::pair<Value, Type>, Value> relayouts;
};

struct AssignLayouts : impl::AssignLayoutsBase<AssignLayouts> {
  void runOnOperation() final { LayoutAssigner(getOperation(), evaluator).run(); }
  Evaluator *evaluator = nullptr;
};

} // namespace

std::unique_ptr<Pass> createAssignLayouts(Evaluator *evaluator) {
  auto pass = std::make_unique<AssignLayouts>();
  pass->evaluator = evaluator;
  return pass;
}

} // namespace dnnc
