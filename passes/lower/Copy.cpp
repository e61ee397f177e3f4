#include "passes/lower/Copy.h"

#include "dialects/dnn/Constants.h"

using namespace mlir;

namespace dnnc {

int64_t elementBytes(Value buffer) { return dnn::elementBytes(cast<exec::BufferType>(buffer.getType()).getElementType()); }

exec::CallOp createCopy(OpBuilder &builder, Location loc, Value from, Value to, int64_t count, const Twine &text) {
  const int64_t size = elementBytes(from);
  auto number = [&](int64_t value) { return builder.getDenseI64ArrayAttr(value); };
  NamedAttribute params[] = {builder.getNamedAttr("rank", builder.getI64IntegerAttr(1)), builder.getNamedAttr("shape", number(count)),
                             builder.getNamedAttr("src_strides", number(1)), builder.getNamedAttr("dst_strides", number(1))};
  return builder.create<exec::CallOp>(loc, builder.getStringAttr("move_copy_b" + Twine(8 * size)), ValueRange(from), ValueRange(), ValueRange(to),
                                      builder.getDictionaryAttr(params), DenseI64ArrayAttr(), DenseI64ArrayAttr(), DenseI64ArrayAttr(), IntegerAttr(),
                                      builder.getStringAttr(text), StringAttr(), IntegerAttr(), builder.getI64IntegerAttr(2 * count * size), UnitAttr());
}

} // namespace dnnc
