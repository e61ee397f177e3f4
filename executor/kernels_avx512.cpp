#define DNNC_ISA DNNC_ISA_AVX512
#define DNNC_ISA_NAMESPACE isa_avx512
#include "executor/KernelTable.h"
