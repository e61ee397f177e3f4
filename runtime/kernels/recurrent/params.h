// recurrent: a layer of RNN, GRU or LSTM (ONNX 1 to 22) over all steps of a sequence, in one or two directions. What a step adds to the
// products with the state, x = X·Wᵀ + the biases, is computed for all steps beforehand, by matmul. With h and c the state before the step
// and R·h the product with the recurrence weights, element by element:
//   rnn         h = f(x + R·h)
//   gru         z = f(xz + Rz·h), r = f(xr + Rr·h), n = g(xn + Rn·(r h)), h = (1 - z) n + z h
//   gru_linear  the same (linear_before_reset) with n = g(xn + r (Rn·h + rb))
//   lstm        i = f(xi + Ri·h + Pi c), f = f(xf + Rf·h + Pf c) or 1 - i (input_forget), c' = f c + i g(xc + Rc·h),
//               o = f(xo + Ro·h + Po c'), h = o h(c')
// Element (step t, sequence b, direction d, gate, column) of x is at t*x_t + b*x_b + (d*gates + gate)*hidden + column; gates are in ONNX's
// order: z r h, or i o f c. y is at t*y_t + b*y_b + d*y_d + column; states (h0, c0, h, c) at b*s_b + d*s_d + column. The last direction
// goes backwards where reverse != 0. Sequence b ends after lens[b] steps, clamped to [0, steps]: y is 0 from there on, and the backward
// direction starts there.
//   rnn(p, x, r, coefficients, h0, lens, y, h, work, par), gru and gru_linear with rb after r,
//   lstm(p, x, r, peepholes, coefficients, h0, c0, lens, y, h, c, work, par)
// r is packed (pack.h). coefficients: alpha and beta of each direction's three functions, read by the `_general` variants alone, which
// also clip what goes into f and g, as ONNX Runtime does, to [-clip, clip] (0: no clip). peepholes, per direction: Pi Po Pf. What a `has_…`
// of 0 leaves out is not touched and may be any pointer. work has work_size floats. h may be h0, and c may be c0; there is no other
// overlap.
#pragma once
#include "../../prelude.h"

namespace recurrent {

#define DNNC_RECURRENT_PARAMS(I, A, R)                                                                                                     \
  I(steps)                                                                                                                                 \
  I(batch) I(hidden) I(directions) I(reverse) I(x_t) I(x_b) I(y_t) I(y_b) I(y_d) I(s_b) I(s_d) I(has_h0) I(has_c0) I(has_lens) I(has_y)    \
      I(has_rb) I(has_peepholes) I(input_forget) A(functions, 6) R(clip)
DNNC_DECLARE_PARAMS(RecurrentParams, DNNC_RECURRENT_PARAMS)

// Of pack(p, r, packed, par): r is [directions, all gates, hidden, hidden]; groups of gates with the vectors of their panels.
#define DNNC_RECURRENT_PACK_PARAMS(I, A, R) I(directions) I(hidden) A(gates, 2) A(vectors, 2)
DNNC_DECLARE_PARAMS(PackParams, DNNC_RECURRENT_PACK_PARAMS)

// Values of `functions`, three for each direction.
enum Function { SIGMOID, TANH, RELU, AFFINE, LEAKY_RELU, THRESHOLDED_RELU, SCALED_TANH, HARD_SIGMOID, ELU, SOFTSIGN, SOFTPLUS };

// Vectors of each gate in a panel: few rows of h need many sums in flight, many rows share a load.
constexpr int panel_vectors(int gates, bool many) { return many ? (gates > 2 ? 1 : 4 / gates) : gates > 2 ? 2 : 8 / gates; }

// Two states that take turns, and a GRU's z and r h.
constexpr i64 work_size(i64 batch, i64 hidden, i64 directions) { return 4 * batch * hidden * directions; }

} // namespace recurrent
