// The kernels of conv_int8/kernels.inc.
#pragma once
#include "depthwise.h"
#include "direct.h"
#include "sums.h"
