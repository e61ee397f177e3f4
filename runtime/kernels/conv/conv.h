// The kernels of conv/kernels.inc.
#pragma once
#include "depthwise.h"
#include "direct.h"
#include "pack_weights.h"
#include "padded.h"
#include "planar.h"
#include "pointwise.h"
#include "winograd.h"
