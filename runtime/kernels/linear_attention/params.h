// Linear attention, LinearAttention-27; all tensors contiguous. For each batch and each of `heads` key heads a state S of rows x cols, past
// to begin with or zeros, is kept in the output present. Each of the `time` positions updates it by its rows of k and v and reads it by
// those of the head's `group` query heads:
//   S = decay * S    decay: values per head, 1 or rows; 0: there is none and S stays
//   u = beta * (v - Sᵀ k)    beta: values per position, heads or 1; 0: there is none and u = v
//   S = S + k ⊗ u
//   y = scale * Sᵀ q
// q is [batch, time, heads, group, rows], k [batch, time, heads, rows], v [batch, time, heads, cols], y [batch, time, heads, group, cols].
// linear_attention(p, q, k, v, past, decay, beta, y, present, par); present may be past.
#pragma once
#include "../../prelude.h"

namespace linear_attention {

#define DNNC_LINEAR_ATTENTION_PARAMS(I, A, R)                                                                                              \
  I(batch) I(time) I(heads) I(group) I(rows) I(cols) I(past) I(decay) I(beta) R(scale)
DNNC_DECLARE_PARAMS(LinearAttentionParams, DNNC_LINEAR_ATTENTION_PARAMS)

} // namespace linear_attention
