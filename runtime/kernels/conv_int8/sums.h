// conv_int8::sums: the sums themselves; the contract is in params.h.
#pragma once
#include "direct.h"

namespace conv_int8 {

template <int MR, int NRV, Dot D = own_dot()>
void sums(const ConvInt8Params &p, const uint8_t *x, const int8_t *w, const int32_t *bias, const int32_t *index,
                                     int32_t *y, uint8_t *scratch, const Par &par) {
  run<D, MR, NRV>(p, x, w, bias, index, y, scratch, Exact{}, par);
}

} // namespace conv_int8
