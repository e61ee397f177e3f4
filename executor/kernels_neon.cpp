#define DNNC_ISA DNNC_ISA_NEON
#define DNNC_ISA_NAMESPACE isa_neon
#include "executor/KernelTable.h"
