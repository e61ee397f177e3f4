// Runs the tests, or says why it cannot: --isa= names the instruction set they were compiled for.
#include <gtest/gtest.h>

#include <cstdio>
#include <cstring>

#include "../../runtime/cpu.h"

static const char *missing(const char *isa) {
#if defined(__x86_64__)
  __builtin_cpu_init();
  if (!std::strcmp(isa, "generic")) return nullptr;
  if (!__builtin_cpu_supports("avx2")) return "avx2";
  if (!__builtin_cpu_supports("fma")) return "fma";
  if (std::strcmp(isa, "avx512") && std::strcmp(isa, "avx512vnni")) return nullptr;
  if (!__builtin_cpu_supports("avx512f")) return "avx512f";
  if (!__builtin_cpu_supports("avx512bw")) return "avx512bw";
  if (!__builtin_cpu_supports("avx512dq")) return "avx512dq";
  if (!__builtin_cpu_supports("avx512vl")) return "avx512vl";
  if (!std::strcmp(isa, "avx512vnni") && !__builtin_cpu_supports("avx512vnni")) return "avx512vnni";
  return nullptr;
#elif defined(__aarch64__)
  if (!std::strcmp(isa, "generic") || !std::strcmp(isa, "neon")) return nullptr;
  if (!std::strcmp(isa, "neon-dotprod")) return cpu_has_dotprod() ? nullptr : "dotprod";
  return !std::strcmp(isa, "neon-fp16") && cpu_has_dotprod() && cpu_has_fullfp16() ? nullptr : isa;
#else
  return std::strcmp(isa, "generic") ? isa : nullptr;
#endif
}

int main(int argc, char **argv) {
  testing::InitGoogleTest(&argc, argv);
  for (int i = 1; i < argc; ++i) {
    if (std::strncmp(argv[i], "--isa=", 6)) continue;
    if (const char *feature = missing(argv[i] + 6)) {
      std::printf("skipped: this processor lacks %s\n", feature);
      return 77;
    }
  }
  return RUN_ALL_TESTS();
}
