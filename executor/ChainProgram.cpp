#include "executor/ChainProgram.h"

#include "llvm/ADT/DenseMap.h"

using namespace mlir;

namespace dnnc {

dnnc_type elementTypeOf(Type type) {
  if (auto small = dyn_cast<pw::SmallType>(type)) {
    constexpr dnnc_type types[] = {DNNC_F8E4M3FN, DNNC_F8E4M3FNUZ, DNNC_F8E5M2, DNNC_F8E5M2FNUZ, DNNC_F8E8M0, DNNC_F4E2M1,
                                   DNNC_I4,       DNNC_U4,         DNNC_I2,     DNNC_U2}; // in the order of SmallFormat
    return types[static_cast<unsigned>(small.getFormat())];
  }
  if (type.isF32())
    return DNNC_F32;
  if (type.isF16())
    return DNNC_F16;
  if (type.isBF16())
    return DNNC_BF16;
  if (type.isF64())
    return DNNC_F64;
  bool isUnsigned = type.isUnsignedInteger();
  switch (type.getIntOrFloatBitWidth()) {
  case 1:
    return DNNC_BOOL;
  case 8:
    return isUnsigned ? DNNC_U8 : DNNC_I8;
  case 16:
    return isUnsigned ? DNNC_U16 : DNNC_I16;
  case 32:
    return isUnsigned ? DNNC_U32 : DNNC_I32;
  case 64:
    return isUnsigned ? DNNC_U64 : DNNC_I64;
  }
  return dnnc_type(0);
}

/// The value of a pw.const; integers by their bits, so that unsigned ones survive.
static Program::Constant constantOf(pw::ConstOp op) {
  Program::Constant constant{elementTypeOf(op.getType()), 0, 0};
  if (auto real = dyn_cast<FloatAttr>(op.getValue()))
    constant.real = real.getValueAsDouble();
  else if (op.getType().isInteger(1) || op.getType().isUnsignedInteger())
    constant.integer = static_cast<int64_t>(cast<IntegerAttr>(op.getValue()).getValue().getZExtValue());
  else
    constant.integer = cast<IntegerAttr>(op.getValue()).getValue().getSExtValue();
  return constant;
}

LogicalResult buildProgram(Region &chain, Program &program) {
  llvm::DenseMap<Value, uint16_t> number;
  auto add = [&](Value value) { number.try_emplace(value, static_cast<uint16_t>(number.size())); };
  for (BlockArgument arg : chain.getArguments()) {
    program.arguments.push_back(elementTypeOf(arg.getType()));
    add(arg);
  }
  for (auto constant : chain.getOps<pw::ConstOp>()) {
    program.constants.push_back(constantOf(constant));
    add(constant);
  }
  for (auto fn : chain.getOps<pw::FnOp>()) {
    Program::Step step{};
    if (!findFunction(std::string_view(fn.getName()), step.function))
      return fn.emitError() << "the executor does not know the function \"" << fn.getName() << "\"";
    step.type = elementTypeOf(fn.getType());
    for (auto [i, arg] : llvm::enumerate(fn.getArgs()))
      step.operands[i] = number.lookup(arg);
    program.steps.push_back(step);
    add(fn);
  }
  program.result = number.lookup(pw::yielded(chain));
  return success();
}

std::vector<char> rawBytes(ElementsAttr value) {
  auto dense = cast<DenseElementsAttr>(value);
  std::vector<char> bytes;
  if (dense.getElementType().isInteger(1)) {
    for (bool element : dense.getValues<bool>())
      bytes.push_back(element);
    return bytes;
  }
  size_t size = (dense.getElementType().getIntOrFloatBitWidth() + 7) / 8;
  for (int64_t i = 0; i < dense.getNumElements(); ++i) {
    const char *element = dense.getRawData().data() + (dense.isSplat() ? 0 : i * size);
    bytes.insert(bytes.end(), element, element + size);
  }
  return bytes;
}

} // namespace dnnc
