// Kernels that read or find the true sizes of bounded tensors; contracts in params.h.
#pragma once
#include "nms.h"
#include "nonzero.h"
#include "pack.h"
#include "unique.h"
