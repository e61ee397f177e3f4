#define DNNC_ISA DNNC_ISA_NEON_DOTPROD
#define DNNC_ISA_NAMESPACE isa_neon_dotprod
#include "executor/KernelTable.h"
