#define DNNC_ISA DNNC_ISA_AVX512VNNI
#define DNNC_ISA_NAMESPACE isa_avx512vnni
#include "executor/KernelTable.h"
