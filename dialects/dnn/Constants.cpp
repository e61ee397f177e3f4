#include "dialects/dnn/Constants.h"
#include "dialects/pw/SmallTypes.h"

#include "mlir/IR/AsmState.h"
#include "mlir/IR/BuiltinTypes.h"
#include "mlir/IR/DialectResourceBlobManager.h"
#include "llvm/ADT/APSInt.h"
#include "llvm/ADT/StringExtras.h"

#include "runtime/prelude.h"

#include <cstring>
#include <optional>

using namespace mlir;

namespace dnnc {

namespace {
#define DNNC_ISA DNNC_ISA_GENERIC
DNNC_TARGET_BEGIN
#include "runtime/types.h"
DNNC_TARGET_END
} // namespace

static constexpr int64_t maxDenseElements = 16;

/// \p name as a key that the parser reads back: keys are printed without quotes.
static std::string resourceKey(StringRef name) {
  std::string key = name.empty() || llvm::isDigit(name[0]) ? "w" : "";
  for (char c : name)
    key += llvm::isAlnum(c) || c == '.' ? c : '_';
  return key;
}

ElementsAttr makeConstant(RankedTensorType type, ArrayRef<char> bytes, StringRef nameHint) {
  int64_t count = type.getNumElements();
  if (bytes.empty()) bytes = {"", size_t(0)}; // MLIR copies them, and none are not to be copied from nowhere
  assert(int64_t(bytes.size()) == count * dnn::elementBytes(type.getElementType()) && "size of a constant");
  if (count > maxDenseElements || isa<pw::SmallType>(type.getElementType())) // which have no dense form
    return DenseResourceElementsAttr::get(type, resourceKey(nameHint), HeapAsmResourceBlob::allocateAndCopyWithAlign(bytes, 64));
  if (type.getElementType().isInteger(1)) { // dense i1 is bit packed; the boolean builder knows how
    SmallVector<bool> values(bytes.begin(), bytes.end());
    return DenseElementsAttr::get(type, values);
  }
  return DenseElementsAttr::getFromRawBuffer(type, bytes);
}

ElementsAttr makeConstant(RankedTensorType type, StringRef nameHint, function_ref<void(MutableArrayRef<char>)> fill) {
  const size_t size = type.getNumElements() * dnn::elementBytes(type.getElementType());
  if (type.getNumElements() <= maxDenseElements) {
    std::vector<char> bytes(size);
    fill(bytes);
    return makeConstant(type, ArrayRef<char>(bytes), nameHint);
  }
  AsmResourceBlob blob = HeapAsmResourceBlob::allocate(size, 64);
  std::memset(blob.getMutableData().data(), 0, size);
  fill(blob.getMutableData());
  return DenseResourceElementsAttr::get(type, resourceKey(nameHint), std::move(blob));
}

/// The bytes of a constant where they are, if they are there as they are.
static std::optional<ArrayRef<char>> bytesInPlace(ElementsAttr attr) {
  auto resource = dyn_cast<DenseResourceElementsAttr>(attr);
  if (!resource) return std::nullopt;
  AsmResourceBlob *blob = resource.getRawHandle().getBlob();
  return blob ? blob->getData() : ArrayRef<char>();
}

std::vector<char> constantBytes(ElementsAttr attr) {
  if (auto bytes = bytesInPlace(attr)) return bytes->vec();
  auto dense = cast<DenseElementsAttr>(attr);
  std::vector<char> bytes;
  if (dense.getElementType().isInteger(1)) {
    for (bool value : dense.getValues<bool>())
      bytes.push_back(value);
    return bytes;
  }
  int64_t size = dnn::elementBytes(dense.getElementType()), count = dense.getNumElements();
  ArrayRef<char> raw = dense.getRawData();
  for (int64_t i = 0; i < count; ++i) {
    const char *element = raw.data() + (dense.isSplat() ? 0 : i * size);
    bytes.insert(bytes.end(), element, element + size);
  }
  return bytes;
}

ElementsAttr getConstant(Value value) {
  auto constant = value ? value.getDefiningOp<dnn::ConstantOp>() : dnn::ConstantOp();
  return constant ? constant.getValue() : ElementsAttr();
}

namespace {
bool isNarrow(Type type) { return isa<Float16Type, BFloat16Type>(type); }

template <class From, class T> std::vector<T> convert(ArrayRef<char> bytes) {
  std::vector<T> values(bytes.size() / sizeof(From));
  for (size_t i = 0; i < values.size(); ++i) {
    From element;
    memcpy(&element, bytes.data() + i * sizeof(From), sizeof(From));
    values[i] = static_cast<T>(element);
  }
  return values;
}
} // namespace

std::vector<uint16_t> narrowed(ArrayRef<float> values, Type type) {
  std::vector<uint16_t> bits(values.size());
  for (size_t i = 0; i < values.size(); ++i)
    bits[i] = type.isF16() ? simd::to_f16(values[i]).bits : simd::to_bf16(values[i]).bits;
  return bits;
}

std::vector<float> widened(ArrayRef<uint16_t> bits, Type type) {
  std::vector<float> values(bits.size());
  for (size_t i = 0; i < bits.size(); ++i)
    values[i] = type.isF16() ? simd::to_float(f16{bits[i]}) : simd::to_float(bf16{bits[i]});
  return values;
}

template <class T> std::vector<T> constantValues(ElementsAttr attr) {
  std::vector<char> copied;
  std::optional<ArrayRef<char>> inPlace = bytesInPlace(attr);
  if (!inPlace) copied = constantBytes(attr);
  const ArrayRef<char> bytes = inPlace ? *inPlace : ArrayRef<char>(copied);
  Type type = attr.getElementType();
  if (auto small = dyn_cast<pw::SmallType>(type)) {
    std::vector<T> values;
    for (char byte : bytes)
      values.push_back(static_cast<T>(pw::valueOf(small.getFormat(), static_cast<uint8_t>(byte))));
    return values;
  }
  if (type.isF32())
    return convert<float, T>(bytes);
  if (type.isF64())
    return convert<double, T>(bytes);
  if (isNarrow(type)) {
    std::vector<float> values = widened(convert<uint16_t, uint16_t>(bytes), type);
    return std::vector<T>(values.begin(), values.end());
  }
  unsigned width = type.getIntOrFloatBitWidth();
  if (width == 1)
    return convert<uint8_t, T>(bytes);
  if (type.isUnsignedInteger())
    return width == 8    ? convert<uint8_t, T>(bytes)
           : width == 16 ? convert<uint16_t, T>(bytes)
           : width == 32 ? convert<uint32_t, T>(bytes)
                         : convert<uint64_t, T>(bytes);
  return width == 8    ? convert<int8_t, T>(bytes)
         : width == 16 ? convert<int16_t, T>(bytes)
         : width == 32 ? convert<int32_t, T>(bytes)
                       : convert<int64_t, T>(bytes);
}

template std::vector<float> constantValues<float>(ElementsAttr);
template std::vector<double> constantValues<double>(ElementsAttr);
template std::vector<int64_t> constantValues<int64_t>(ElementsAttr);

Value createConstant(OpBuilder &builder, Location loc, ElementsAttr value) { return builder.create<dnn::ConstantOp>(loc, value); }

ElementsAttr bitcastConstant(ElementsAttr value, Type elementType) {
  auto type = RankedTensorType::get(value.getShapedType().getShape(), elementType);
  auto resource = dyn_cast<DenseResourceElementsAttr>(value);
  StringRef key = resource ? resource.getRawHandle().getKey() : StringRef("w");
  return makeConstant(type, ArrayRef<char>(constantBytes(value)), key);
}

Value createConstant(OpBuilder &builder, Location loc, RankedTensorType type, ArrayRef<double> values) {
  Type element = type.getElementType();
  std::vector<char> bytes;
  auto append = [&](auto value) {
    const char *raw = reinterpret_cast<const char *>(&value);
    bytes.insert(bytes.end(), raw, raw + sizeof(value));
  };
  for (double value : values) {
    if (auto small = dyn_cast<pw::SmallType>(element))
      append(pw::byteOf(small.getFormat(), value));
    else if (element.isF32())
      append(static_cast<float>(value));
    else if (element.isF64())
      append(value);
    else if (isNarrow(element)) {
      APFloat narrow(value); // from double in one step
      bool lossy;
      narrow.convert(cast<FloatType>(element).getFloatSemantics(), APFloat::rmNearestTiesToEven, &lossy);
      append(static_cast<uint16_t>(narrow.bitcastToAPInt().getZExtValue()));
    } else {
      // The nearest the type has: the least of no values at all is the largest i64, which is no double.
      llvm::APSInt integer(element.getIntOrFloatBitWidth(), element.isUnsignedInteger() || element.isInteger(1));
      bool exact;
      APFloat(value).convertToInteger(integer, APFloat::rmTowardZero, &exact);
      const char *raw = reinterpret_cast<const char *>(integer.getRawData()); // little-endian
      bytes.insert(bytes.end(), raw, raw + dnn::elementBytes(element));
    }
  }
  auto name = dyn_cast<NameLoc>(loc);
  return createConstant(builder, loc, makeConstant(type, bytes, name ? name.getName().getValue() : StringRef("c")));
}

} // namespace dnnc
