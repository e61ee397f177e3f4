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
  llvm::StringRef architecture; ///< as in the macro __x86_64__; empty for any
  int vectorFloats;            ///< f32 lanes of a vector
  int vectorRegisters;
  int alignment;               ///< bytes; of buffers and weights
  int l1KiB, l2KiB;            ///< data caches of one core
  llvm::StringRef cpuFeatures; ///< comma list, by LLVM's names
  llvm::StringRef flags;       ///< compiler options that switch them on

  /// The output is CUDA: OUT.cu.
  bool isGpu() const { return isa == "DNNC_ISA_CUDA"; }
};

inline llvm::ArrayRef<Target> targets() {
  static const Target table[] = {
#define DNNC_TARGET(name, parent, isa, arch, vf, registers, alignment, l1, l2, features, flags)                                            \
  {#name, parent, #isa, isa, arch, vf, registers, alignment, l1, l2, features, flags},
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
