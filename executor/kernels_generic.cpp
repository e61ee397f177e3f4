#define DNNC_ISA DNNC_ISA_GENERIC
#define DNNC_ISA_NAMESPACE isa_generic
#include "executor/KernelTable.h"
