// The kernels of matmul/kernels.inc.
#pragma once
#include "dynamic.h"
#include "packed.h"
#include "plain.h"
