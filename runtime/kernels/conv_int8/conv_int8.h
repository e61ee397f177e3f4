// The kernels of conv_int8/kernels.inc.
#pragma once
#include "direct.h"
#include "sums.h"
