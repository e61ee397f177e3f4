// libFuzzer target of the dnn ops' verifiers and shape inference: an op of any operands and attributes must be valid or give an error.
// The fuzzer finds by coverage which kinds of attributes an op takes.
#include "dialects/dnn/Dnn.h"

#include "mlir/IR/Builders.h"
#include "mlir/IR/Diagnostics.h"
#include "mlir/IR/MLIRContext.h"
#include "mlir/IR/TypeUtilities.h"
#include "mlir/IR/Verifier.h"

#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <memory>

using namespace mlir;
using namespace dnnc;

namespace {
/// Decisions from the fuzzer's bytes; 0 when they are used up.
class Bytes {
public:
  Bytes(const uint8_t *data, size_t size) : data(data), size(size) {}
  uint8_t next() { return at < size ? data[at++] : 0; }
  uint8_t below(uint8_t count) { return next() % count; }
  /// Mostly small; as large as the importer lets pass.
  int64_t number() {
    uint8_t byte = next();
    return byte < 240 ? int64_t(byte % 24) - 4 : byte % 2 ? int64_t(1) << (byte - 224) : -(int64_t(1) << (byte - 224));
  }
  SmallVector<int64_t> numbers() {
    SmallVector<int64_t> list(below(9));
    for (int64_t &value : list) value = number();
    return list;
  }

private:
  const uint8_t *data;
  size_t size, at = 0;
};

Type elementType(Builder &builder, Bytes &bytes) {
  switch (bytes.below(9)) {
  case 0:
    return builder.getI1Type();
  case 1:
    return builder.getI32Type();
  case 2:
    return builder.getI64Type();
  case 3:
    return builder.getIntegerType(8, /*isSigned=*/false);
  case 4:
    return builder.getF64Type();
  case 5:
    return builder.getF16Type();
  case 6:
    return builder.getIntegerType(8);
  default:
    return builder.getF32Type();
  }
}

/// No more elements than the importer accepts.
RankedTensorType tensorType(Builder &builder, Bytes &bytes) {
  SmallVector<int64_t> shape(bytes.below(7));
  int64_t room = int64_t(1) << 40;
  for (int64_t &dim : shape) {
    dim = std::min<int64_t>(std::abs(bytes.number()), room);
    room /= std::max<int64_t>(dim, 1);
  }
  return RankedTensorType::get(shape, elementType(builder, bytes));
}

Attribute attribute(Builder &builder, Bytes &bytes) {
  constexpr const char *words[] = {"", "nearest", "linear", "cubic", "half_pixel", "align_corners", "constant", "reflect", "edge", "wrap",
                                   "add", "mul", "none", "max", "avg", "zeros", "border", "forward", "lstm", "gru"};
  switch (bytes.below(12)) {
  case 0:
    return {};
  case 1:
  case 2:
    return builder.getI64IntegerAttr(bytes.number());
  case 3:
  case 4:
    return builder.getDenseI64ArrayAttr(bytes.numbers());
  case 5:
    return builder.getF64FloatAttr(double(bytes.number()) / 4);
  case 6:
    return builder.getStringAttr(words[bytes.below(std::size(words))]);
  case 7:
    return builder.getBoolAttr(bytes.below(2));
  case 8: {
    SmallVector<double> list;
    for (int64_t value : bytes.numbers()) list.push_back(double(value) / 4);
    return builder.getDenseF64ArrayAttr(list);
  }
  case 9:
    return TypeAttr::get(elementType(builder, bytes));
  case 10:
    return dnn::ReduceKindAttr::get(builder.getContext(), dnn::ReduceKind(bytes.below(5)));
  default:
    return dnn::PoolKindAttr::get(builder.getContext(), dnn::PoolKind(bytes.below(3)));
  }
}

/// A chain that hands its first element on, or none.
void fillRegion(OpBuilder &builder, Location loc, Region &region, ArrayRef<Value> operands, Bytes &bytes) {
  if (bytes.below(2)) return;
  Block &block = region.emplaceBlock();
  for (Value operand : operands) block.addArgument(getElementTypeOrSelf(operand.getType()), loc);
  if (block.getNumArguments() == 0) block.addArgument(builder.getF32Type(), loc);
  OpBuilder::InsertionGuard guard(builder);
  builder.setInsertionPointToEnd(&block);
  builder.create<pw::YieldOp>(loc, block.getArgument(0));
}

int ops, inferred; ///< Few whose types could be inferred would say that the checks behind the first are never reached.
} // namespace

extern "C" int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
  static std::unique_ptr<MLIRContext> context;
  if (ops++ == 0) atexit([] { fprintf(stderr, "types inferred of %d of %d ops\n", inferred, ops); });
  if (!context || ops % 4096 == 0) { // types and attributes live as long as it does
    context = std::make_unique<MLIRContext>(MLIRContext::Threading::DISABLED);
    context->loadDialect<dnn::DnnDialect, pw::PwDialect>();
  }
  std::string error;
  ScopedDiagnosticHandler handler(context.get(), [&](Diagnostic &diagnostic) { return error += diagnostic.str(), success(); });
  Bytes bytes(data, size);
  OpBuilder builder(context.get());
  Location loc = builder.getUnknownLoc();
  SmallVector<RegisteredOperationName> names;
  llvm::copy_if(context->getRegisteredOperations(), std::back_inserter(names), [](RegisteredOperationName name) { return name.getDialectNamespace() == "dnn"; });
  RegisteredOperationName name = names[bytes.next() % names.size()];

  Block block;
  OperationState state(loc, name);
  for (unsigned i = bytes.below(8); i > 0; --i) state.operands.push_back(block.addArgument(tensorType(builder, bytes), loc));
  SmallVector<int32_t> segments;
  for (StringAttr attributeName : name.getAttributeNames()) {
    if (attributeName == "operandSegmentSizes") {
      for (int i = bytes.below(8); i > 0; --i) segments.push_back(bytes.below(4));
      state.addAttribute(attributeName, builder.getDenseI32ArrayAttr(segments));
    } else if (Attribute value = attribute(builder, bytes)) {
      state.addAttribute(attributeName, value);
    }
  }
  for (unsigned i = bytes.below(3) + 1; i > 0; --i) state.types.push_back(tensorType(builder, bytes));
  for (unsigned i = bytes.below(3); i > 0; --i) fillRegion(builder, loc, *state.addRegion(), state.operands, bytes);

  Operation *op = Operation::create(state);
  bool isValid = succeeded(verify(op));
  if (!isValid && error.empty()) abort(); // a failure without a message
  inferred += isValid || error.find("inferred type") != std::string::npos; // but not the result's, which was guessed
  op->destroy();
  return 0;
}
