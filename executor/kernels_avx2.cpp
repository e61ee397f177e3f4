#define DNNC_ISA DNNC_ISA_AVX2
#define DNNC_ISA_NAMESPACE isa_avx2
#include "executor/KernelTable.h"
