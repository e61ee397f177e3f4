// The kernels of runtime/kernels, compiled into this program for every instruction set, found by name. No MLIR.
#pragma once

#include "executor/Program.h"
#include "runtime/prelude.h"

#include <cstddef>
#include <string_view>
#include <vector>

namespace dnnc {

enum class Isa {
  Generic = DNNC_ISA_GENERIC,
  Avx2 = DNNC_ISA_AVX2,
  Avx512 = DNNC_ISA_AVX512,
  Avx512Vnni = DNNC_ISA_AVX512VNNI,
  Neon = DNNC_ISA_NEON,
  NeonDotprod = DNNC_ISA_NEON_DOTPROD,
  NeonFp16 = DNNC_ISA_NEON_FP16
};

/// The instruction set of the target called \p name in codegen/Targets.def; false if there is none.
bool findIsa(std::string_view name, Isa &isa);
/// Whether this processor has it. A kernel of an instruction set it lacks must not be invoked; those of another architecture are not
/// even there.
bool isSupported(Isa isa);

/// One field of a kernel's parameter struct.
struct ParamField {
  enum Kind { Integer, Array, Real } kind; ///< i64, i64[count], float
  const char *name;
  size_t offset, count;
};

/// A row of a kernels.inc, compiled for one instruction set.
struct Kernel {
  const char *name;
  const ParamField *fields;
  size_t fieldCount, paramsSize;
  int inputs, buffers; ///< buffers: inputs (const), outputs and scratch, in the order of the kernel's signature; -1: as the map's program says
  bool epilogue;
  /// \p epilogue may be null, and is ignored where the kernel takes none. \p pf null: one thread. Null for "map" and "map_scalar".
  void (*invoke)(const void *params, void *const *buffers, const BoundEpilogue *epilogue, const dnnc_parallel_for *pf);
  /// Of "map" and "map_scalar" only: \p buffers are one per argument of the program, then the output.
  void (*invokeMap)(const void *params, void *const *buffers, const FlatProgram &program, const dnnc_parallel_for *pf);
};

/// Null when the list has no such row for \p isa.
const Kernel *findKernel(std::string_view name, Isa isa);
/// All rows, for tests and tools.
std::vector<const Kernel *> allKernels(Isa isa);

/// The parameter struct of a kernel, filled by field name.
class KernelParams {
public:
  explicit KernelParams(const Kernel &kernel);

  /// False: no such field, or another kind or number of values.
  bool set(std::string_view name, int64_t value);
  bool set(std::string_view name, const int64_t *values, size_t count); ///< at most the field's count; the rest is 0
  bool setReal(std::string_view name, double value);

  /// The name of a field not set yet, or null.
  const char *firstUnset() const;
  const void *data() const { return storage.data(); }

private:
  char *place(std::string_view name, ParamField::Kind kind, size_t count);

  const Kernel &kernel;
  std::vector<uint64_t> storage;
  std::vector<bool> isSet;
};

} // namespace dnnc
