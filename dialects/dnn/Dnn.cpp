// The dnn dialect: registration, verifiers, folders and the helpers its ops share.
#include "dialects/dnn/Dnn.h"

#include "mlir/IR/Builders.h"
#include "mlir/IR/DialectImplementation.h"
#include "mlir/IR/OpImplementation.h"
#include "llvm/ADT/TypeSwitch.h"

#include "DnnDialect.cpp.inc"
#include "DnnEnums.cpp.inc"
#include "DnnInterfaces.cpp.inc"
#define GET_ATTRDEF_CLASSES
#include "DnnAttrs.cpp.inc"
#define GET_OP_CLASSES
#include "DnnOps.cpp.inc"

using namespace mlir;

namespace dnnc::dnn {

void DnnDialect::initialize() {
  addAttributes<
#define GET_ATTRDEF_LIST
#include "DnnAttrs.cpp.inc"
      >();
  addOperations<
#define GET_OP_LIST
#include "DnnOps.cpp.inc"
      >();
}

Operation *DnnDialect::materializeConstant(OpBuilder &builder, Attribute value, Type type, Location loc) {
  auto elements = dyn_cast<ElementsAttr>(value);
  return elements && elements.getType() == type ? builder.create<ConstantOp>(loc, elements) : nullptr;
}

OpFoldResult ConstantOp::fold(FoldAdaptor) { return getValue(); }

bool sameShapes(TypeRange left, TypeRange right) {
  return left.size() == right.size() && llvm::all_of(llvm::zip(left, right), [](auto pair) {
    auto a = dyn_cast<RankedTensorType>(std::get<0>(pair)), b = dyn_cast<RankedTensorType>(std::get<1>(pair));
    return a && b && a.getShape() == b.getShape() && a.getElementType() == b.getElementType();
  });
}

int64_t elementBytes(Type elementType) { return isa<pw::SmallType>(elementType) ? 1 : (elementType.getIntOrFloatBitWidth() + 7) / 8; }

FailureOr<SmallVector<int64_t>> broadcastShapes(ArrayRef<ArrayRef<int64_t>> shapes) {
  SmallVector<int64_t> result;
  for (ArrayRef<int64_t> shape : shapes) {
    if (shape.size() > result.size())
      result.insert(result.begin(), shape.size() - result.size(), 1);
    for (size_t i = 0; i < shape.size(); ++i) {
      int64_t &dim = result[result.size() - shape.size() + i];
      if (dim == 1)
        dim = shape[i];
      else if (shape[i] != 1 && shape[i] != dim)
        return failure();
    }
  }
  return result;
}

//===----------------------------------------------------------------------===//
// Verifiers
//===----------------------------------------------------------------------===//

/// One block argument for the accumulator and one per epilogue operand; operands broadcast to the result.
static LogicalResult verifyEpilogue(FusableOp op) {
  Operation *operation = op.getOperation();
  Region &chain = op.epilogueChain();
  OperandRange operands = op.epilogueOperands();
  if (chain.empty())
    return operands.empty() ? success() : operation->emitOpError("has epilogue operands but no epilogue");
  auto result = cast<RankedTensorType>(operation->getResult(0).getType());
  if (chain.front().getNumArguments() != operands.size() + 1)
    return operation->emitOpError() << "epilogue takes " << chain.front().getNumArguments() << " values; 1 accumulator and "
                                    << operands.size() << " operands are there";
  for (auto [arg, operand] : llvm::zip(llvm::drop_begin(chain.getArguments()), operands)) {
    auto type = cast<RankedTensorType>(operand.getType());
    if (arg.getType() != type.getElementType())
      return operation->emitOpError() << "epilogue argument is " << arg.getType() << ", its operand " << type;
    auto shape = broadcastShapes({result.getShape(), type.getShape()});
    if (failed(shape) || ArrayRef<int64_t>(*shape) != result.getShape())
      return operation->emitOpError() << "epilogue operand " << type << " does not broadcast to " << result;
  }
  auto yield = dyn_cast<pw::YieldOp>(chain.front().getTerminator());
  if (!yield || yield.getValue().getType() != result.getElementType())
    return operation->emitOpError() << "epilogue must yield " << result.getElementType();
  return success();
}

LogicalResult ConvOp::verify() { return verifyEpilogue(*this); }
LogicalResult ConvTransposeOp::verify() { return verifyEpilogue(*this); }
LogicalResult MatMulOp::verify() { return verifyEpilogue(*this); }
LogicalResult PoolOp::verify() { return verifyEpilogue(*this); }
LogicalResult ReduceOp::verify() { return verifyEpilogue(*this); }

LogicalResult PointwiseOp::verify() {
  if (getInputs().empty())
    return emitOpError("needs at least one operand");
  if (getChain().front().getNumArguments() != getInputs().size())
    return emitOpError() << "chain takes " << getChain().front().getNumArguments() << " values, there are " << getInputs().size()
                         << " operands";
  for (auto [arg, input] : llvm::zip(getChain().getArguments(), getInputs()))
    if (arg.getType() != cast<RankedTensorType>(input.getType()).getElementType())
      return emitOpError() << "chain argument is " << arg.getType() << ", its operand " << input.getType();
  auto yield = dyn_cast<pw::YieldOp>(getChain().front().getTerminator());
  if (!yield)
    return emitOpError("chain must end with pw.yield");
  if (yield.getValue().getType() != cast<RankedTensorType>(getResult().getType()).getElementType())
    return emitOpError() << "chain yields " << yield.getValue().getType() << ", the result is " << getResult().getType();
  return success();
}

LogicalResult ReshapeOp::verify() {
  auto from = cast<RankedTensorType>(getInput().getType()), to = cast<RankedTensorType>(getResult().getType());
  if (from.getElementType() != to.getElementType() || from.getNumElements() != to.getNumElements())
    return emitOpError() << "cannot make " << to << " of " << from;
  return success();
}

LogicalResult BitcastOp::verify() {
  auto from = cast<RankedTensorType>(getInput().getType()), to = cast<RankedTensorType>(getResult().getType());
  if (from.getShape() != to.getShape() || elementBytes(from.getElementType()) != elementBytes(to.getElementType()))
    return emitOpError() << "cannot see " << from << " as " << to;
  return success();
}

OpFoldResult BitcastOp::fold(FoldAdaptor) { return getInput().getType() == getType() ? OpFoldResult(getInput()) : OpFoldResult(); }

LogicalResult RelayoutOp::verify() {
  if (!sameShapes(getInput().getType(), getResult().getType()))
    return emitOpError() << "changes more than the layout: " << getInput().getType() << " to " << getResult().getType();
  return success();
}

LogicalResult BroadcastOp::verify() {
  auto from = cast<RankedTensorType>(getInput().getType()), to = cast<RankedTensorType>(getResult().getType());
  auto shape = broadcastShapes({from.getShape(), to.getShape()});
  if (from.getElementType() != to.getElementType() || failed(shape) || ArrayRef<int64_t>(*shape) != to.getShape())
    return emitOpError() << from << " does not broadcast to " << to;
  return success();
}

LogicalResult ResizeOp::verify() {
  auto from = cast<RankedTensorType>(getInput().getType()), to = cast<RankedTensorType>(getResult().getType());
  if (from.getRank() != to.getRank() || from.getElementType() != to.getElementType())
    return emitOpError() << "cannot resize " << from << " to " << to;
  if (int64_t(getScales().size()) != from.getRank())
    return emitOpError() << "'scales' has " << getScales().size() << " values, one per dim (" << from.getRank() << ") is needed";
  if (!llvm::is_contained({"nearest", "linear", "cubic"}, getMode()))
    return emitOpError() << "'mode' is \"" << getMode() << "\"; it is one of nearest, linear, cubic";
  return success();
}

} // namespace dnnc::dnn
