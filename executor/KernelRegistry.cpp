#include "executor/KernelRegistry.h"
#include "runtime/cpu.h"

#include <cstring>

namespace dnnc {

#define DNNC_ISA_TABLE(space)                                                                                                                \
  namespace space {                                                                                                                          \
  extern const Kernel *const kernels;                                                                                                        \
  extern const size_t kernelCount;                                                                                                           \
  }
DNNC_ISA_TABLE(isa_generic)
#if defined(__aarch64__)
DNNC_ISA_TABLE(isa_neon)
DNNC_ISA_TABLE(isa_neon_dotprod)
#else
DNNC_ISA_TABLE(isa_avx2)
DNNC_ISA_TABLE(isa_avx512)
DNNC_ISA_TABLE(isa_avx512vnni)
#endif

bool findIsa(std::string_view name, Isa &isa) {
  if (name == "generic") isa = Isa::Generic;
  else if (name == "avx2") isa = Isa::Avx2;
  else if (name == "avx512") isa = Isa::Avx512;
  else if (name == "avx512vnni") isa = Isa::Avx512Vnni;
  else if (name == "neon") isa = Isa::Neon;
  else if (name == "neon-dotprod") isa = Isa::NeonDotprod;
  else if (name == "neon-fp16") isa = Isa::NeonFp16;
  else return false;
  return true;
}

bool isSupported(Isa isa) {
  if (isa == Isa::Generic) return true;
#if defined(__aarch64__)
  if (isa == Isa::NeonDotprod) return cpu_has_dotprod();
  return isa == Isa::Neon || (isa == Isa::NeonFp16 && cpu_has_dotprod() && cpu_has_fullfp16());
#elif defined(__x86_64__) || defined(__i386__)
  if (isa >= Isa::Neon) return false;
  __builtin_cpu_init();
  bool avx2 = __builtin_cpu_supports("avx2") && __builtin_cpu_supports("fma") && __builtin_cpu_supports("f16c");
  if (isa == Isa::Avx2) return avx2;
  bool avx512 = avx2 && __builtin_cpu_supports("avx512f") && __builtin_cpu_supports("avx512bw") && __builtin_cpu_supports("avx512dq") &&
                __builtin_cpu_supports("avx512vl");
  return isa == Isa::Avx512 ? avx512 : avx512 && __builtin_cpu_supports("avx512vnni");
#else
  return false;
#endif
}

namespace {
/// The rows of one instruction set; one that it does not have has no name.
struct Table {
  const Kernel *begin;
  size_t count;
};
Table tableOf(Isa isa) {
  if (isa == Isa::Generic) return {isa_generic::kernels, isa_generic::kernelCount};
#if defined(__aarch64__)
  if (isa == Isa::Neon) return {isa_neon::kernels, isa_neon::kernelCount};
  if (isa == Isa::NeonDotprod) return {isa_neon_dotprod::kernels, isa_neon_dotprod::kernelCount};
#else
  if (isa == Isa::Avx2) return {isa_avx2::kernels, isa_avx2::kernelCount};
  if (isa == Isa::Avx512) return {isa_avx512::kernels, isa_avx512::kernelCount};
  if (isa == Isa::Avx512Vnni) return {isa_avx512vnni::kernels, isa_avx512vnni::kernelCount};
#endif
  return {nullptr, 0};
}
} // namespace

std::vector<const Kernel *> allKernels(Isa isa) {
  std::vector<const Kernel *> result;
  Table table = tableOf(isa);
  for (size_t i = 0; i < table.count; ++i)
    if (table.begin[i].name) result.push_back(table.begin + i);
  return result;
}

const Kernel *findKernel(std::string_view name, Isa isa) {
  Table table = tableOf(isa);
  for (size_t i = 0; i < table.count; ++i)
    if (table.begin[i].name && name == table.begin[i].name) return table.begin + i;
  return nullptr;
}

KernelParams::KernelParams(const Kernel &kernel) : kernel(kernel), storage((kernel.paramsSize + 7) / 8), isSet(kernel.fieldCount) {}

char *KernelParams::place(std::string_view name, ParamField::Kind kind, size_t count) {
  for (size_t i = 0; i < kernel.fieldCount; ++i) {
    const ParamField &field = kernel.fields[i];
    if (name != field.name) continue;
    if (kind != field.kind || count > field.count) return nullptr;
    isSet[i] = true;
    return reinterpret_cast<char *>(storage.data()) + field.offset;
  }
  return nullptr;
}

bool KernelParams::set(std::string_view name, int64_t value) {
  char *at = place(name, ParamField::Integer, 1);
  if (at) std::memcpy(at, &value, sizeof(value));
  return at != nullptr;
}

bool KernelParams::set(std::string_view name, const int64_t *values, size_t count) {
  char *at = place(name, ParamField::Array, count);
  if (at && count) std::memcpy(at, values, count * sizeof(*values));
  return at != nullptr;
}

bool KernelParams::setReal(std::string_view name, double value) {
  char *at = place(name, ParamField::Real, 1);
  float real = static_cast<float>(value);
  if (at) std::memcpy(at, &real, sizeof(real));
  return at != nullptr;
}

const char *KernelParams::firstUnset() const {
  for (size_t i = 0; i < kernel.fieldCount; ++i)
    if (!isSet[i]) return kernel.fields[i].name;
  return nullptr;
}

} // namespace dnnc
