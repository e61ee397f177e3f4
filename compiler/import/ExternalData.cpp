// External data: files beside the model, which must stay in its folder.
#include "compiler/import/Tensors.h"

#include "llvm/ADT/StringExtras.h"
#include "llvm/Support/FileSystem.h"
#include "llvm/Support/MemoryBuffer.h"
#include "llvm/Support/Path.h"
#include "llvm/Support/SHA1.h"

using namespace mlir;
namespace fs = llvm::sys::fs;
namespace path = llvm::sys::path;

namespace dnnc::importer {

/// The real path of \p location below \p folder; an empty path and the reason otherwise.
static std::string resolve(StringRef folder, StringRef location, std::string &reason) {
  if (location.empty()) return reason = "has no 'location'", "";
  bool climbs = llvm::is_contained(llvm::make_range(path::begin(location), path::end(location)), StringRef(".."));
  if (path::is_absolute(location) || climbs || location.contains('\0'))
    return reason = "leaves the model's folder; the path must be relative to it and without '..'", "";
  SmallString<128> joined(folder), real, realFolder;
  path::append(joined, location);
  if (fs::real_path(joined, real) || fs::real_path(folder, realFolder)) return reason = "does not exist", "";
  if (realFolder.back() != '/') realFolder += '/';
  if (!StringRef(real).starts_with(realFolder)) return reason = "leaves the model's folder through a symbolic link", "";
  if (!fs::is_regular_file(real)) return reason = "is not a file", "";
  return std::string(real);
}

/// The SHA-1 digest of a file in hex; empty if it cannot be read.
static std::string sha1(StringRef file) {
  auto buffer = llvm::MemoryBuffer::getFile(file, /*IsText=*/false, /*RequiresNullTerminator=*/false);
  if (!buffer) return "";
  StringRef bytes = (*buffer)->getBuffer();
  return llvm::toHex(llvm::SHA1::hash(ArrayRef<uint8_t>(bytes.bytes_begin(), bytes.size())), /*LowerCase=*/true);
}

FailureOr<ExternalData> locateExternalData(Model &model, const onnx::TensorProto &tensor, int64_t bytes, const Twine &what) {
  auto error = [&] { return model.error() << what.str() << ": "; };
  std::map<StringRef, StringRef> keys;
  for (const onnx::StringStringEntryProto &entry : tensor.external_data()) keys[entry.key()] = entry.value();
  if (model.folder.empty()) return error() << "has external data, but the model is not in a folder", failure();
  StringRef location = keys["location"];
  std::string reason;
  ExternalData data{resolve(model.folder, location, reason)};
  if (data.path.empty()) return error() << "external data file '" << location << "' " << reason, failure();

  uint64_t size = 0, length = bytes;
  if (fs::file_size(data.path, size)) return error() << "external data file '" << location << "' cannot be read", failure();
  for (auto [key, value] : {std::pair<StringRef, uint64_t &>("offset", data.offset), {"length", length}})
    if (keys.count(key) && keys[key].getAsInteger(10, value))
      return error() << "external data: '" << key << "' is \"" << keys[key] << "\"; it must be a number of bytes", failure();
  if (length != uint64_t(bytes))
    return error() << "external data: 'length' of '" << location << "' is " << length << "; the tensor's dims need " << bytes << " bytes",
           failure();
  if (data.offset > size || length > size - data.offset)
    return error() << "external data: bytes " << data.offset << " to " << (data.offset + length) << " are wanted of '" << location
                   << "', which has " << size,
           failure();
  std::string &known = model.checksums[data.path];
  if (keys.count("checksum") && known.empty()) known = sha1(data.path);
  if (keys.count("checksum") && !keys["checksum"].equals_insensitive(known))
    return error() << "external data: the SHA1 checksum of '" << location << "' is " << known << "; the model says " << keys["checksum"],
           failure();
  if (model.externalFiles.insert(data.path).second) model.constantBudget += int64_t(std::min<uint64_t>(size, int64_t(1) << 44));
  return data;
}

} // namespace dnnc::importer
