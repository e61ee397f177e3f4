#include "dialects/dnn/Dnn.h"
#include "runtime/kernels/conv/params.h"
#include "../executor/executor.h"
