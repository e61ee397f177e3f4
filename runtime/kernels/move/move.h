// Kernels that move elements without computing on them; named by the size of an element in bytes. Each header states its contract.
#pragma once
#include "copy.h"
#include "gather.h"
#include "scatter.h"
#include "table_copy.h"
