#include "dialects/dnn/Sidecar.h"
#include "dialects/dnn/Dnn.h"
#include "dialects/pw/SmallTypes.h"

#include "mlir/IR/AsmState.h"
#include "mlir/IR/DialectResourceBlobManager.h"
#include "llvm/ADT/MapVector.h"
#include "llvm/Support/Endian.h"
#include "llvm/Support/FileSystem.h"
#include "llvm/Support/JSON.h"
#include "llvm/Support/MemoryBuffer.h"
#include "llvm/Support/Path.h"
#include "llvm/Support/raw_ostream.h"

using namespace mlir;

namespace dnnc {

static constexpr StringLiteral weightsAttr = "dnn.weights";

namespace {
/// A key may be used with several types; the first one seen describes it in the file.
using Resources = llvm::MapVector<StringRef, DenseResourceElementsAttr>;

Resources collectResources(ModuleOp module) {
  Resources resources;
  module.walk([&](Operation *op) {
    op->getAttrDictionary().walk([&](DenseResourceElementsAttr attr) { resources.insert({attr.getRawHandle().getKey(), attr}); });
  });
  return resources;
}

/// safetensors' name of an element type.
StringRef typeName(Type type) {
  type = pw::storageType(type);
  if (type.isF16()) return "F16";
  if (type.isBF16()) return "BF16";
  if (type.isF32()) return "F32";
  if (type.isF64()) return "F64";
  bool isUnsigned = type.isUnsignedInteger();
  switch (type.getIntOrFloatBitWidth()) {
  case 1:
    return "BOOL";
  case 8:
    return isUnsigned ? "U8" : "I8";
  case 16:
    return isUnsigned ? "U16" : "I16";
  case 32:
    return isUnsigned ? "U32" : "I32";
  default:
    return isUnsigned ? "U64" : "I64";
  }
}

LogicalResult writeSafetensors(Location loc, const Resources &resources, StringRef path) {
  llvm::json::Object header;
  int64_t offset = 0;
  for (auto &[key, attr] : resources) {
    AsmResourceBlob *blob = attr.getRawHandle().getBlob();
    if (!blob) return emitError(loc) << "the resource '" << key << "' has no data";
    int64_t end = offset + static_cast<int64_t>(blob->getData().size());
    header[key] = llvm::json::Object{{"dtype", typeName(attr.getElementType())},
                                     {"shape", llvm::json::Array(attr.getType().getShape())},
                                     {"data_offsets", llvm::json::Array{offset, end}}};
    offset = end;
  }
  std::string json = llvm::formatv("{0}", llvm::json::Value(std::move(header)));
  json.append((8 - json.size() % 8) % 8, ' '); // so that the data is aligned
  std::error_code error;
  llvm::raw_fd_ostream os(path, error);
  if (!error) {
    char length[8];
    llvm::support::endian::write64le(length, json.size());
    os << StringRef(length, 8) << json;
    for (auto &[key, attr] : resources) {
      ArrayRef<char> data = attr.getRawHandle().getBlob()->getData();
      os << StringRef(data.data(), data.size());
    }
    os.close();
    error = os.error();
    os.clear_error();
  }
  if (error) return emitError(loc) << "cannot write " << path << ": " << error.message();
  return success();
}
} // namespace

bool hasResources(ModuleOp module) { return !collectResources(module).empty(); }

LogicalResult printWithSidecar(ModuleOp module, raw_ostream &os, StringRef path, StringRef name) {
  Resources resources = collectResources(module);
  OwningOpRef<ModuleOp> copy = module.clone();
  if (!path.empty() && !resources.empty()) {
    if (failed(writeSafetensors(module.getLoc(), resources, path))) return failure();
    copy->getOperation()->setAttr(weightsAttr, StringAttr::get(module.getContext(), name));
  }
  copy->print(os, OpPrintingFlags().elideLargeResourceString(0).enableDebugInfo().useLocalScope());
  os << "\n";
  return success();
}

LogicalResult loadSidecar(ModuleOp module, StringRef folder) {
  auto name = module->getAttrOfType<StringAttr>(weightsAttr);
  if (!name) return success();
  llvm::SmallString<256> path(folder);
  llvm::sys::path::append(path, name.getValue());
  auto fail = [&](const Twine &what) -> LogicalResult {
    return module.emitError() << "cannot read the weights file " << path << ": " << what.str();
  };

  auto buffer = llvm::MemoryBuffer::getFile(path, /*IsText=*/false, /*RequiresNullTerminator=*/false);
  if (!buffer) return fail(buffer.getError().message());
  StringRef file = (*buffer)->getBuffer();
  uint64_t length = file.size() < 8 ? 0 : llvm::support::endian::read64le(file.data());
  if (file.size() < 8 || length > file.size() - 8) return fail("it is shorter than its header says");
  auto header = llvm::json::parse(file.substr(8, length));
  if (!header) return fail(llvm::toString(header.takeError()));
  const llvm::json::Object *entries = header->getAsObject();
  if (!entries) return fail("its header is not a JSON object");
  StringRef data = file.substr(8 + length);

  for (auto &[key, attr] : collectResources(module)) {
    const llvm::json::Object *entry = entries->getObject(key);
    const llvm::json::Array *offsets = entry ? entry->getArray("data_offsets") : nullptr;
    if (!offsets || offsets->size() != 2) return fail("it holds no tensor '" + key + "'");
    int64_t begin = (*offsets)[0].getAsInteger().value_or(-1), end = (*offsets)[1].getAsInteger().value_or(-1);
    if (begin < 0 || end < begin || static_cast<uint64_t>(end) > data.size()) return fail("the tensor '" + key + "' lies outside of it");
    int64_t bytes = attr.getNumElements() * dnn::elementBytes(attr.getElementType());
    if (end - begin != bytes) return fail("the tensor '" + key + "' has " + Twine(end - begin) + " bytes, its type needs " + Twine(bytes));
    ArrayRef<char> values(data.data() + begin, static_cast<size_t>(bytes));
    auto handle = attr.getRawHandle();
    handle.getResource()->setBlob(HeapAsmResourceBlob::allocateAndCopyWithAlign(values, 64));
  }
  module->removeAttr(weightsAttr);
  return success();
}

} // namespace dnnc
