// See params.h. On one thread: conditions are short.
#pragma once
#include "params.h"

namespace check {

struct AllOf {
  Held<CheckParams> p;
  const bool *x;
  bool *ok;

  DNNC_INLINE void operator()(i64, i64, int) const {
    bool all = true;
    for (i64 i = 0; i < p.count; ++i) all = all && x[i];
    *ok = all;
  }
};

inline void all(const CheckParams &p, const bool *x, bool *ok, const Par &par) { par.run(1, AllOf{p, x, ok}); }

} // namespace check
