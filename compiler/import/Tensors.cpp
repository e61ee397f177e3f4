// ONNX tensors → constants.
#include "compiler/import/Tensors.h"
#include "dialects/dnn/Constants.h"
#include "dialects/pw/SmallTypes.h"

#include "llvm/Support/MemoryBuffer.h"

using namespace mlir;

namespace dnnc::importer {

static bool isExternal(const onnx::TensorProto &tensor) { return tensor.data_location() == onnx::TensorProto::EXTERNAL; }

/// The bytes of \p count elements in a file: those of 4 and 2 bits are packed, the first in the lowest bits.
static int64_t bytesInFile(int64_t count, Type element) {
  auto small = dyn_cast<pw::SmallType>(element);
  return small ? (count * pw::bitsOf(small.getFormat()) + 7) / 8 : count * dnn::elementBytes(element);
}

/// The number of elements, or of bytes where they are packed, in the typed field that belongs to the tensor's type.
static int64_t typedCount(const onnx::TensorProto &tensor) {
  switch (tensor.data_type()) {
  case onnx::TensorProto::FLOAT:
    return tensor.float_data_size();
  case onnx::TensorProto::DOUBLE:
    return tensor.double_data_size();
  case onnx::TensorProto::INT64:
    return tensor.int64_data_size();
  case onnx::TensorProto::UINT32:
  case onnx::TensorProto::UINT64:
    return tensor.uint64_data_size();
  default:
    return tensor.int32_data_size();
  }
}

static std::string dimsText(const onnx::TensorProto &tensor) {
  std::string text = "[";
  for (int64_t dim : tensor.dims()) text += (text.size() > 1 ? ", " : "") + std::to_string(dim);
  return text + "]";
}

LogicalResult checkTensor(Model &model, const onnx::TensorProto &tensor, const Twine &what) {
  auto error = [&] { return model.error() << what.str() << ": "; };
  Type element = elementType(model.context, tensor.data_type());
  if (!element)
    return error() << "element type " << dataTypeName(tensor.data_type())
                   << " is not supported; supported are FLOAT, FLOAT16, BFLOAT16, DOUBLE, FLOAT8, FLOAT4, BOOL and INT/UINT of 2 to 64 bits";
  if (tensor.has_segment()) return error() << "tensors in segments are not supported";
  for (int64_t dim : tensor.dims())
    if (dim < 0 || dim > maxDim) return error() << "dims are " << dimsText(tensor) << "; every one must be between 0 and " << maxDim;
  int64_t count = countElements(ArrayRef<int64_t>(tensor.dims().data(), tensor.dims_size()));
  if (count < 0) return error() << "dims are " << dimsText(tensor) << "; a tensor may have at most " << maxElements << " elements";
  int64_t bytes = bytesInFile(count, element), values = isa<pw::SmallType>(element) ? bytes : count;
  if (isExternal(tensor)) return failure(failed(locateExternalData(model, tensor, bytes, what)));
  if (tensor.has_raw_data() && int64_t(tensor.raw_data().size()) != bytes)
    return error() << "has " << tensor.raw_data().size() << " bytes of data; its dims " << dimsText(tensor) << " of "
                   << dataTypeName(tensor.data_type()) << " need " << bytes;
  if (!tensor.has_raw_data() && typedCount(tensor) != values)
    return error() << "has " << typedCount(tensor) << " values; its dims " << dimsText(tensor) << " of " << dataTypeName(tensor.data_type())
                   << " need " << values;
  return success();
}

template <class T, class Field> static void append(std::vector<char> &bytes, const Field &values) {
  bytes.reserve(values.size() * sizeof(T));
  for (auto value : values) {
    T element = static_cast<T>(value);
    const char *raw = reinterpret_cast<const char *>(&element); // little-endian, as ONNX
    bytes.insert(bytes.end(), raw, raw + sizeof(T));
  }
}

static std::vector<char> typedBytes(const onnx::TensorProto &tensor, bool isSmall) {
  std::vector<char> bytes;
  if (isSmall) return append<uint8_t>(bytes, tensor.int32_data()), bytes;
  switch (tensor.data_type()) {
  case onnx::TensorProto::FLOAT:
    append<float>(bytes, tensor.float_data());
    break;
  case onnx::TensorProto::DOUBLE:
    append<double>(bytes, tensor.double_data());
    break;
  case onnx::TensorProto::INT64:
    append<int64_t>(bytes, tensor.int64_data());
    break;
  case onnx::TensorProto::UINT64:
    append<uint64_t>(bytes, tensor.uint64_data());
    break;
  case onnx::TensorProto::UINT32:
    append<uint32_t>(bytes, tensor.uint64_data());
    break;
  case onnx::TensorProto::INT32:
    append<int32_t>(bytes, tensor.int32_data());
    break;
  case onnx::TensorProto::INT8:
  case onnx::TensorProto::UINT8:
    append<uint8_t>(bytes, tensor.int32_data());
    break;
  case onnx::TensorProto::BOOL:
    for (int32_t value : tensor.int32_data()) bytes.push_back(value != 0);
    break;
  default:
    append<uint16_t>(bytes, tensor.int32_data());
    break; // 16-bit types, floats as their bits
  }
  return bytes;
}

FailureOr<ElementsAttr> readTensor(Model &model, onnx::TensorProto &tensor, StringRef nameHint) {
  ArrayRef<int64_t> dims(tensor.dims().data(), tensor.dims_size());
  auto type = RankedTensorType::get(dims, elementType(model.context, tensor.data_type()));
  auto small = dyn_cast<pw::SmallType>(type.getElementType());
  int64_t bytes = bytesInFile(countElements(dims), type.getElementType());
  if (!model.takeConstantBytes(small ? countElements(dims) : bytes))
    return model.error() << "tensor '" << nameHint << "': the model's constants together are too large for a file of this size", failure();
  std::unique_ptr<llvm::MemoryBuffer> mapped;
  std::vector<char> copy;
  ArrayRef<char> data;
  if (isExternal(tensor) && bytes > 0) {
    auto place = locateExternalData(model, tensor, bytes, "tensor '" + nameHint + "'");
    if (failed(place)) return failure();
    auto slice = llvm::MemoryBuffer::getFileSlice(place->path, bytes, place->offset);
    if (!slice || int64_t((*slice)->getBufferSize()) != bytes)
      return model.error() << "tensor '" << nameHint << "': external data file '" << place->path << "' cannot be read", failure();
    mapped = std::move(*slice);
    data = {mapped->getBufferStart(), mapped->getBufferSize()};
  } else if (tensor.has_raw_data()) {
    data = {tensor.raw_data().data(), tensor.raw_data().size()};
  } else {
    copy = typedBytes(tensor, bool(small));
    data = copy;
  }
  if (small) {
    unsigned bits = pw::bitsOf(small.getFormat()), perByte = 8 / bits;
    std::vector<char> elements(countElements(dims));
    for (auto [i, element] : llvm::enumerate(elements))
      element = static_cast<char>(pw::canonical(small.getFormat(), static_cast<uint8_t>(static_cast<uint8_t>(data[i / perByte]) >> bits * (i % perByte))));
    copy = std::move(elements);
    data = copy;
  }
  if (type.getElementType().isInteger(1)) { // only 0 and 1 are bools
    std::vector<char> bools(data.begin(), data.end());
    for (char &value : bools) value = value != 0;
    copy = std::move(bools);
    data = copy;
  }
  ElementsAttr constant = makeConstant(type, data, nameHint);
  tensor.clear_raw_data();
  tensor.clear_float_data();
  return constant;
}

} // namespace dnnc::importer
