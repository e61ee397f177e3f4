// Kernels that were measured to be the fastest, as text: a line for an op's signature and a target.
//
//   avx2 conv 1x64x56x56 64x64x3x3 strides=1,1 … weights=f32 far = conv_winograd_f6_6x2 block=24  # 0.41 ms; conv_winograd_f4_6x2 0.45 ms
//
// Files can be concatenated: of two lines for one key the last counts. What follows a # is a comment.
#pragma once

#include "passes/lower/KernelChoice.h"

#include "llvm/ADT/StringMap.h"

namespace dnnc {

class TuningDb {
public:
  struct Entry {
    KernelChoice choice;
    std::string place; ///< "FILE:LINE"
  };

  /// Adds the lines of \p text. False: some are wrong, and \p errors has a message for each, "FILE:LINE: …"; the others count.
  bool parse(llvm::StringRef text, llvm::StringRef file, llvm::SmallVectorImpl<std::string> &errors);
  /// The same for the contents of \p file.
  bool read(llvm::StringRef file, llvm::SmallVectorImpl<std::string> &errors);

  /// Null where there is no line for it.
  const Entry *find(const Target &target, llvm::StringRef signature) const;

  static std::string line(const Target &target, llvm::StringRef signature, const KernelChoice &choice, llvm::StringRef comment);

private:
  llvm::StringMap<Entry> entries; ///< by "TARGET SIGNATURE"
};

} // namespace dnnc
