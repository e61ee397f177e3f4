// The kernels of recurrent/kernels.inc.
#pragma once
#include "gru.h"
#include "lstm.h"
#include "rnn.h"

namespace recurrent {

struct PackWork {
  Held<PackParams> p;
  const float *r;
  float *packed;

  DNNC_DEVICE void operator()(i64 begin, i64 end, int) const {
    for (i64 item = begin; item < end; ++item) pack_item(p, r, item, VL, packed);
  }
};
inline void pack_weights(const PackParams &p, const float *r, float *packed, const Par &par) {
  par.run(p.directions * vectors_of(p.hidden, VL), PackWork{p, r, packed});
}

} // namespace recurrent
