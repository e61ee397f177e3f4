// Output files that appear all at once or not at all.
#pragma once

#include "llvm/ADT/STLFunctionalExtras.h"
#include "llvm/Support/FileSystem.h"
#include "llvm/Support/raw_ostream.h"

#include <string>
#include <vector>

namespace dnnc {

/// Files are written under temporary names beside their places and renamed by commit(); what is not committed is removed, also when
/// the program is interrupted.
class OutputFiles {
public:
  OutputFiles() = default;
  OutputFiles(const OutputFiles &) = delete;
  ~OutputFiles();

  /// The temporary for \p path, or an empty string with error() set.
  std::string temporaryFor(llvm::StringRef path);
  bool write(llvm::StringRef path, llvm::StringRef contents);
  bool write(llvm::StringRef path, llvm::function_ref<bool(llvm::raw_ostream &)> writer);

  bool commit();
  const std::string &error() const { return message; }

private:
  bool fail(llvm::StringRef path, const llvm::Twine &why);

  struct File {
    std::string path, temporary;
  };
  std::vector<File> files;
  std::string message;
};

} // namespace dnnc
