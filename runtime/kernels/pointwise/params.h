// map, map_scalar: y[i…] = chain(x0[i…], x1[i…], …) over up to six dims and eight operands, each with its own element strides;
// stride 0 broadcasts. Dims are outermost first, shape[0] to shape[rank - 1]; stride d of operand k is x_strides[6 * k + d].
//   map         values of the chain are vectors: vf, or vm for bool. Operands f32, f16, bf16, bool; u8, i8 and i32 are read as vf
//   map_scalar  values of the chain are C++ scalars of any element type
// map<Chain, Out, In…>(p, x…, y, par) with
//   struct Chain7 { static DNNC_INLINE vf apply(vf a, vf b) { return pw::relu(pw::add(a, b)); } };
// table: y[i…] = values[x[i…]] for bytes, x indexed as u8 whatever its type; x_strides are operand 0's.
// y may be an operand that has y's strides and element size.
#pragma once
#include "../../prelude.h"

namespace pw {

enum { MAP_RANK = 6, MAP_OPERANDS = 8 };

#define DNNC_MAP_PARAMS(I, A, R) I(rank) A(shape, 6) A(y_strides, 6) A(x_strides, 48)
DNNC_DECLARE_PARAMS(MapParams, DNNC_MAP_PARAMS)

} // namespace pw
