// The kernels of conv_transpose/kernels.inc.
#pragma once
#include "direct.h"
#include "pack_weights.h"
