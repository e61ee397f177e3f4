// Every kernel, for those who want them all: the executor and the benchmarks. kernels.inc beside this lists their variants.
#pragma once
#include "along_axis/along_axis.h"
#include "conv/conv.h"
#include "conv_int8/conv_int8.h"
#include "conv_transpose/conv_transpose.h"
#include "matmul/matmul.h"
#include "move/move.h"
#include "normalize/normalize.h"
#include "pointwise/map.h"
#include "pool/pool.h"
#include "reduce/reduce.h"
#include "resize/resize.h"
#include "softmax/softmax.h"
