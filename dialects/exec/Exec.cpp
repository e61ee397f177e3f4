#include "dialects/exec/Exec.h"

#include "mlir/IR/Builders.h"
#include "mlir/IR/DialectImplementation.h"
#include "mlir/IR/OpImplementation.h"
#include "llvm/ADT/TypeSwitch.h"

#include "ExecDialect.cpp.inc"
#define GET_TYPEDEF_CLASSES
#include "ExecTypes.cpp.inc"
#define GET_OP_CLASSES
#include "ExecOps.cpp.inc"

using namespace mlir;

namespace dnnc::exec {

void ExecDialect::initialize() {
  addTypes<
#define GET_TYPEDEF_LIST
#include "ExecTypes.cpp.inc"
      >();
  addOperations<
#define GET_OP_LIST
#include "ExecOps.cpp.inc"
      >();
}

Place placeOf(Value buffer) {
  Place place{nullptr, 0, {}};
  while (auto view = buffer.getDefiningOp<ViewOp>()) {
    place.offset += view.getOffset();
    if (view.getCounter()) place.steps.push_back({view.getCounter(), view.getStep().value_or(0)});
    buffer = view.getSource();
  }
  place.root = buffer.getDefiningOp();
  return place;
}

SmallVector<Bound> boundsOf(std::optional<ArrayAttr> attr) {
  SmallVector<Bound> bounds;
  if (!attr) return bounds;
  for (Attribute entry : *attr) {
    auto fields = cast<DictionaryAttr>(entry);
    Bound bound{cast<IntegerAttr>(fields.get("of")).getInt(), SmallVector<int64_t>(cast<DenseI64ArrayAttr>(fields.get("min")).asArrayRef()), {}};
    if (auto names = fields.getAs<ArrayAttr>("names"))
      for (Attribute name : names) bound.names.push_back(cast<StringAttr>(name).getValue().str());
    bounds.push_back(bound);
  }
  return bounds;
}

static LogicalResult verifyBounds(ScheduleOp schedule, StringRef what, ArrayAttr types, std::optional<ArrayAttr> bounds) {
  if (!bounds) return success();
  size_t count = types.size() - std::min(types.size(), bounds->size());
  for (auto [i, entry] : llvm::enumerate(*bounds)) {
    auto fields = dyn_cast<DictionaryAttr>(entry);
    auto of = fields ? fields.getAs<IntegerAttr>("of") : IntegerAttr();
    auto min = fields ? fields.getAs<DenseI64ArrayAttr>("min") : DenseI64ArrayAttr();
    auto names = fields ? fields.getAs<ArrayAttr>("names") : ArrayAttr();
    if (!of || !min || of.getInt() < 0 || size_t(of.getInt()) >= count)
      return schedule.emitOpError() << what << "_bounds " << i << " must say of which of the " << count << " " << what << "s, and min";
    auto type = cast<RankedTensorType>(cast<TypeAttr>(types[of.getInt()]).getValue());
    if (min.size() != type.getRank() || (names && int64_t(names.size()) != type.getRank()))
      return schedule.emitOpError() << what << "_bounds " << i << " needs one value for each dim of " << type;
  }
  return success();
}

LogicalResult ScheduleOp::verify() {
  if (failed(verifyBounds(*this, "input", getInputs(), getInputBounds())) ||
      failed(verifyBounds(*this, "output", getOutputs(), getOutputBounds())))
    return failure();
  if (getInputs().size() != getInputNames().size() || getOutputs().size() != getOutputNames().size())
    return emitOpError("needs one name per input and output");
  for (auto input : getBody().getOps<InputOp>())
    if (input.getIndex() >= getInputs().size())
      return input.emitOpError() << "index is " << input.getIndex() << ", there are " << getInputs().size() << " inputs";
  for (auto output : getBody().getOps<OutputOp>())
    if (output.getIndex() >= getOutputs().size())
      return output.emitOpError() << "index is " << output.getIndex() << ", there are " << getOutputs().size() << " outputs";
  ArrayRef<int64_t> states = getStates().value_or(ArrayRef<int64_t>());
  if (states.size() % 2)
    return emitOpError("'states' must be pairs");
  for (size_t i = 0; i < states.size(); i += 2) {
    if (states[i] < 0 || states[i] >= int64_t(getInputs().size()) || states[i + 1] < 0 || states[i + 1] >= int64_t(getOutputs().size()))
      return emitOpError() << "'states' has the pair " << states[i] << ", " << states[i + 1] << "; there are " << getInputs().size() << " inputs and "
                           << getOutputs().size() << " outputs";
    if (getInputs()[states[i]] != getOutputs()[states[i + 1]])
      return emitOpError() << "'states' pairs " << getInputs()[states[i]] << " with " << getOutputs()[states[i + 1]];
  }
  return success();
}

LogicalResult CallOp::verify() {
  bool isMap = getKernel() == "map" || getKernel() == "map_scalar";
  if (isMap && getChain().empty())
    return emitOpError("of a map needs a chain");
  if (!getChain().empty()) {
    OperandRange operands = isMap ? getInputs() : getArgs();
    size_t arguments = getChain().front().getNumArguments(), expected = operands.size() + (isMap ? 0 : 1);
    if (arguments != expected)
      return emitOpError() << "chain takes " << arguments << " values, there are " << expected;
    for (auto [arg, operand] : llvm::zip(llvm::drop_begin(getChain().getArguments(), isMap ? 0 : 1), operands))
      if (arg.getType() != cast<BufferType>(operand.getType()).getElementType())
        return emitOpError() << "chain argument is " << arg.getType() << ", its buffer " << operand.getType();
  } else if (!getArgs().empty()) {
    return emitOpError("has chain operands but no chain");
  }
  if (!isMap && getArgStrides().value_or(ArrayRef<int64_t>()).size() != 3 * getArgs().size())
    return emitOpError() << "arg_strides needs three values for each of the " << getArgs().size() << " args";
  for (Value output : getOutputs())
    if (isa_and_nonnull<InputOp, WeightOp>(placeOf(output).root))
      return emitOpError("writes to an input or a weight");
  return success();
}

} // namespace dnnc::exec
