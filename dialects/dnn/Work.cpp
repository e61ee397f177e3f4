// How much arithmetic an op is: a multiplication and an addition for each product that its definition sums.
#include "dialects/dnn/Dnn.h"

using namespace mlir;

namespace dnnc::dnn {

static ArrayRef<int64_t> shapeOf(Value value) { return cast<RankedTensorType>(value.getType()).getShape(); }
static int64_t elementsOf(Value value) { return cast<RankedTensorType>(value.getType()).getNumElements(); }

/// `w` is K×(C/group)×kernel: each output element sums the products of one of its K parts.
int64_t ConvOp::flops() { return 2 * elementsOf(getResult()) * (elementsOf(getWeight()) / std::max<int64_t>(shapeOf(getWeight())[0], 1)); }

/// `w` is C×(K/group)×kernel: each input element goes into the products of one of its C parts.
int64_t ConvTransposeOp::flops() { return 2 * elementsOf(getInput()) * (elementsOf(getWeight()) / std::max<int64_t>(shapeOf(getWeight())[0], 1)); }

int64_t MatMulOp::flops() { return 2 * elementsOf(getResult()) * shapeOf(getLhs()).back(); }

/// q * kᵀ and its product with v; what a mask or `causal` leaves out is counted.
int64_t AttentionOp::flops() {
  ArrayRef<int64_t> q = shapeOf(getQuery());
  return 2 * q[0] * q[1] * q[2] * shapeOf(getKey())[2] * (q[3] + shapeOf(getValue())[3]);
}

/// The products with R; those with W are a matmul before.
int64_t RecurrentOp::flops() {
  int64_t hidden = shapeOf(getRecurrence())[2];
  return 2 * elementsOf(getInput()) * hidden;
}

/// k ⊗ u for each head of keys, Sᵀq for each of queries, and Sᵀk with beta.
int64_t LinearAttentionOp::flops() {
  ArrayRef<int64_t> state = shapeOf(getState());
  int64_t positions = shapeOf(getQuery())[0] * shapeOf(getQuery())[1];
  return 2 * positions * state[2] * state[3] * (getHeads() + getKvHeads() * (getBeta() ? 2 : 1));
}

} // namespace dnnc::dnn
