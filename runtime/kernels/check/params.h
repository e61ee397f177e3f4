// check_all: ok = x[0] && … && x[count - 1]. check_all(p, x, ok, par).
#pragma once
#include "../../prelude.h"

namespace check {

#define DNNC_CHECK_PARAMS(I, A, R) I(count)
DNNC_DECLARE_PARAMS(CheckParams, DNNC_CHECK_PARAMS)

} // namespace check
