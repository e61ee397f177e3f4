#include "compiler/OutputFiles.h"

#include "llvm/Support/Signals.h"

using llvm::StringRef;
namespace fs = llvm::sys::fs;

namespace dnnc {

OutputFiles::~OutputFiles() {
  for (const File &file : files) {
    fs::remove(file.temporary);
    llvm::sys::DontRemoveFileOnSignal(file.temporary);
  }
}

bool OutputFiles::fail(StringRef path, const llvm::Twine &why) {
  if (message.empty()) message = ("cannot write " + path + ": " + why).str();
  return false;
}

std::string OutputFiles::temporaryFor(StringRef path) {
  if (fs::is_directory(path)) {
    fail(path, "it is a folder");
    return "";
  }
  int descriptor;
  llvm::SmallString<256> temporary;
  if (std::error_code error = fs::createUniqueFile(path + ".%%%%%%%%.tmp", descriptor, temporary)) {
    fail(path, error.message());
    return "";
  }
  llvm::sys::RemoveFileOnSignal(temporary);
  llvm::raw_fd_ostream(descriptor, /*shouldClose=*/true).flush();
  files.push_back({path.str(), temporary.str().str()});
  return files.back().temporary;
}

bool OutputFiles::write(StringRef path, llvm::function_ref<bool(llvm::raw_ostream &)> writer) {
  std::string temporary = temporaryFor(path);
  if (temporary.empty()) return false;
  std::error_code error;
  llvm::raw_fd_ostream os(temporary, error);
  bool written = !error && writer(os);
  os.close();
  if (!error) error = os.error();
  os.clear_error(); // reported here, not by an abort
  if (error) return fail(path, error.message());
  return written;
}

bool OutputFiles::write(StringRef path, StringRef contents) {
  return write(path, [&](llvm::raw_ostream &os) {
    os << contents;
    return true;
  });
}

bool OutputFiles::commit() {
  for (const File &file : files) {
    if (std::error_code error = fs::rename(file.temporary, file.path)) return fail(file.path, error.message());
    llvm::sys::DontRemoveFileOnSignal(file.temporary);
  }
  files.clear();
  return true;
}

} // namespace dnnc
