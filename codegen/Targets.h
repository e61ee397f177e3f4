// The rows of Targets.def as a table. Header only: passes, executor and codegen read it.
#pragma once

#include "runtime/prelude.h"

#include "llvm/ADT/ArrayRef.h"
#include "llvm/ADT/StringRef.h"

namespace dnnc {

struct Target {
  llvm::StringRef name;
  llvm::StringRef parent;      ///< where missing kernels come from; empty for the last of the chain
  llvm::StringRef isa;         ///< the macro that DNNC_ISA is defined to
  int isaNumber;               ///< its value
  int vectorFloats;            ///< f32 lanes of a vector
  int alignment;               ///< bytes; of buffers and weights
  int l1KiB, l2KiB;            ///< data caches of one core
  llvm::StringRef cpuFeatures; ///< comma list, as __builtin_cpu_supports spells them
  llvm::StringRef flags;       ///< compiler options that switch them on
};

inline llvm::ArrayRef<Target> targets() {
  static const Target table[] = {
#define DNNC_TARGET(name, parent, isa, vf, alignment, l1, l2, features, flags)                                                             \
  {#name, parent, #isa, isa, vf, alignment, l1, l2, features, flags},
#include "codegen/Targets.def"
#undef DNNC_TARGET
  };
  return table;
}

/// The row called \p name, or null.
inline const Target *findTarget(llvm::StringRef name) {
  for (const Target &target : targets())
    if (target.name == name) return &target;
  return nullptr;
}

/// The next target of the fallback chain, or null at its end.
inline const Target *parentOf(const Target &target) { return findTarget(target.parent); }

} // namespace dnnc
