// Tensors without elements: no kernel sees one.
#include "compiler/import/GraphImporter.h"

#include "dialects/dnn/Constants.h"
#include "dialects/dnn/Dnn.h"

#include "llvm/ADT/APInt.h"
#include "llvm/ADT/TypeSwitch.h"

#include <limits>

using namespace mlir;

namespace dnnc::importer {

static bool isEmpty(Value value) { return cast<RankedTensorType>(value.getType()).getNumElements() == 0; }

/// A tensor whose elements all have one value.
static Value filled(OpBuilder &builder, Operation *op, double value) {
  auto type = cast<RankedTensorType>(op->getResult(0).getType());
  Value scalar = createConstant(builder, op->getLoc(), RankedTensorType::get({}, type.getElementType()), {value});
  return builder.create<dnn::BroadcastOp>(op->getLoc(), type, scalar);
}

/// The reduction of no elements: the neutral element, and no number for the mean.
static double neutral(dnn::ReduceOp reduce) {
  Type type = cast<RankedTensorType>(reduce.getType()).getElementType();
  bool isFloat = isa<FloatType>(type);
  auto limit = [&](bool largest) {
    double infinity = std::numeric_limits<double>::infinity();
    if (isFloat) return largest ? infinity : -infinity;
    unsigned width = type.getIntOrFloatBitWidth();
    APInt bound = type.isUnsignedInteger() || width == 1 ? (largest ? APInt::getMaxValue(width) : APInt::getMinValue(width))
                                                         : (largest ? APInt::getSignedMaxValue(width) : APInt::getSignedMinValue(width));
    return bound.roundToDouble(!type.isUnsignedInteger() && width > 1);
  };
  switch (reduce.getKind()) {
  case dnn::ReduceKind::Sum:
    return 0;
  case dnn::ReduceKind::Prod:
    return 1;
  case dnn::ReduceKind::Mean:
    return isFloat ? std::numeric_limits<double>::quiet_NaN() : 0;
  case dnn::ReduceKind::Max:
    return limit(false);
  case dnn::ReduceKind::Min:
    return limit(true);
  }
  llvm_unreachable("a kind of reduction");
}

Value computedFromEmpty(OpBuilder &builder, Operation *op) {
  return llvm::TypeSwitch<Operation *, Value>(op)
      .Case<dnn::ConcatOp>([&](dnn::ConcatOp concat) {
        SmallVector<Value> parts = llvm::to_vector(llvm::make_filter_range(concat.getInputs(), [](Value part) { return !isEmpty(part); }));
        return parts.size() == 1 ? parts.front()
                                 : builder.create<dnn::ConcatOp>(op->getLoc(), op->getResultTypes(), parts, concat.getAxisAttr(),
                                                                 DenseBoolArrayAttr());
      })
      .Case<dnn::PadOp>([&](dnn::PadOp pad) {
        return pad.getMode() == "constant" ? filled(builder, op, pad.getValue().convertToDouble()) : Value();
      })
      .Case<dnn::ScatterElementsOp, dnn::ScatterNDOp>([&](auto scatter) { return isEmpty(scatter.getData()) ? Value() : scatter.getData(); })
      .Case<dnn::ReduceOp>([&](dnn::ReduceOp reduce) { return filled(builder, op, neutral(reduce)); })
      .Case<dnn::MatMulOp>([&](dnn::MatMulOp) { return filled(builder, op, 0); })
      .Default(Value());
}

LogicalResult removeEmpty(func::FuncOp function) {
  bool failures = false;
  for (Operation &op : llvm::make_early_inc_range(function.front().without_terminator())) {
    OpBuilder builder(&op);
    if (isa<dnn::ConstantOp>(op)) continue;
    if (llvm::all_of(op.getResults(), isEmpty)) {
      for (Value result : op.getResults())
        result.replaceAllUsesWith(
            createConstant(builder, op.getLoc(), makeConstant(cast<RankedTensorType>(result.getType()), ArrayRef<char>())));
      op.erase();
    } else if (llvm::any_of(op.getOperands(), isEmpty)) {
      if (Value value = computedFromEmpty(builder, &op)) {
        op.getResult(0).replaceAllUsesWith(value);
        op.erase();
        continue;
      }
      failures = true;
      Value operand = *llvm::find_if(op.getOperands(), isEmpty);
      emitError(op.getLoc()) << "an operand is " << operand.getType() << ", without elements; the result " << op.getResult(0).getType()
                             << " cannot be computed from it";
    }
  }
  return failure(failures);
}

} // namespace dnnc::importer
