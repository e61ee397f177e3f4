#include <math.h>
#include "mlir/IR/Operation.h"
#include "passes/good.h"
