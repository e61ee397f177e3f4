#include "compiler/Npy.h"
#include "dialects/dnn/Dnn.h"
#include "dialects/pw/SmallTypes.h"

#include "llvm/ADT/StringExtras.h"
#include "llvm/Support/Endian.h"
#include "llvm/Support/MemoryBuffer.h"
#include "llvm/Support/raw_ostream.h"

using namespace mlir;

namespace dnnc {

static constexpr llvm::StringLiteral magic = "\x93NUMPY";

/// numpy's name of an element type: '<f4'.
static std::string descrOf(Type type) {
  auto small = dyn_cast<pw::SmallType>(type);
  if (small && pw::isFloat(small.getFormat())) return "|V1";
  type = pw::storageType(type);
  int bytes = type.isInteger(1) ? 1 : static_cast<int>(type.getIntOrFloatBitWidth() / 8);
  char kind = type.isBF16() ? 'V' : isa<FloatType>(type) ? 'f' : type.isInteger(1) ? 'b' : type.isUnsignedInteger() ? 'u' : 'i';
  return std::string(bytes == 1 ? "|" : "<") + kind + std::to_string(bytes);
}

/// (1, 3, 8), (4,), ()
static std::string shapeText(ArrayRef<int64_t> shape) {
  return "(" + llvm::join(llvm::map_range(shape, [](int64_t d) { return std::to_string(d); }), ", ") + (shape.size() == 1 ? ",)" : ")");
}

/// The text of 'key': value in the header, a Python literal, up to and without one of \p ends.
static StringRef value(StringRef header, StringRef key, StringRef ends) {
  size_t at = header.find(("'" + key + "':").str());
  if (at == StringRef::npos) return "";
  StringRef rest = header.substr(at + key.size() + 3).ltrim();
  return rest.substr(0, rest.find_first_of(ends)).rtrim();
}

/// (1..8, 3)
static std::string rangeText(ArrayRef<int64_t> min, ArrayRef<int64_t> max) {
  std::vector<std::string> dims;
  for (auto [low, high] : llvm::zip(min, max)) dims.push_back((low < high ? std::to_string(low) + ".." : "") + std::to_string(high));
  return "(" + llvm::join(dims, ", ") + (dims.size() == 1 ? ",)" : ")");
}

bool readNpy(StringRef path, RankedTensorType type, ArrayRef<int64_t> min, std::vector<char> &data, SmallVectorImpl<int64_t> &shape,
             std::string &error) {
  auto fail = [&](const Twine &why) {
    error = (path + ": " + why).str();
    return false;
  };
  auto buffer = llvm::MemoryBuffer::getFile(path, /*IsText=*/false, /*RequiresNullTerminator=*/false);
  if (!buffer) return fail(buffer.getError().message());
  StringRef file = (*buffer)->getBuffer();
  if (file.size() < 12 || !file.starts_with(magic)) return fail("not an npy file");
  bool shortHeader = file[6] == 1;
  StringRef rest = file.drop_front(shortHeader ? 10 : 12);
  size_t length = shortHeader ? llvm::support::endian::read16le(file.data() + 8) : llvm::support::endian::read32le(file.data() + 8);
  if (length > rest.size()) return fail("cut short");
  StringRef header = rest.substr(0, length), elements = rest.substr(length);

  // The first character is the byte order: | none, < little, = the machine's.
  std::string wanted = descrOf(type.getElementType());
  StringRef descr = value(header, "descr", ",}").trim("'\"");
  auto small = dyn_cast<pw::SmallType>(type.getElementType());
  bool raw = small && descr.size() == 3 && llvm::is_contained({"V1", "f1", "u1"}, descr.drop_front()); // as ml_dtypes saves them
  if (!raw && (descr.empty() || descr[0] == '>' || descr.drop_front() != StringRef(wanted).drop_front()))
    return fail("elements are '" + descr + "', expected '" + wanted + "'");
  if (value(header, "fortran_order", ",}") != "False") return fail("is in Fortran order; numpy.ascontiguousarray makes it C order");
  std::string text = (value(header, "shape", ")") + ")").str();
  shape.clear();
  for (StringRef part : llvm::split(StringRef(text).trim("()"), ','))
    if (int64_t dim; !part.trim().getAsInteger(10, dim)) shape.push_back(dim);
  if (min.empty()) min = type.getShape();
  bool fits = shape.size() == min.size() && text == shapeText(shape);
  for (size_t d = 0; fits && d < min.size(); ++d) fits = shape[d] >= min[d] && shape[d] <= type.getDimSize(d);
  if (!fits) return fail("shape is " + text + ", expected " + rangeText(min, type.getShape()));
  size_t bytes = static_cast<size_t>(RankedTensorType::get(shape, type.getElementType()).getNumElements()) *
                 static_cast<size_t>(dnn::elementBytes(type.getElementType()));
  if (elements.size() != bytes) return fail("holds " + Twine(elements.size()) + " bytes of elements, expected " + Twine(bytes));
  data.assign(elements.begin(), elements.end());
  for (char &byte : data)
    if (small) byte = static_cast<char>(pw::canonical(small.getFormat(), static_cast<uint8_t>(byte))); // the upper bits say nothing in such a file
  return true;
}

void writeNpy(llvm::raw_ostream &os, RankedTensorType type, ArrayRef<char> data) {
  std::string header =
      "{'descr': '" + descrOf(type.getElementType()) + "', 'fortran_order': False, 'shape': " + shapeText(type.getShape()) + ", }";
  header.append(63 - (10 + header.size()) % 64, ' ');
  header += '\n';
  char length[2];
  llvm::support::endian::write16le(length, static_cast<uint16_t>(header.size()));
  os << magic << StringRef("\x01\x00", 2) << StringRef(length, 2) << header << StringRef(data.data(), data.size());
}

} // namespace dnnc
