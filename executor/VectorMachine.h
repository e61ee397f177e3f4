// Included in the region of KernelTable.h: a program run on one vector at a time, by the functions that emitted code calls.
#pragma once
#include "runtime/kernels/pointwise/functions.h"

// A value of a vector program: a float vector (f32, f16, bf16; u8, i8 and i32 as floats) or, if its type is bool, a truth value per lane.
struct VectorValue {
  vf number;
  vm truth;
};

#define DNNC_OPERANDS_1(field) a.field
#define DNNC_OPERANDS_2(field) a.field, b.field
#define DNNC_OPERANDS_3(field) a.field, b.field, c.field
#define DNNC_VECTOR_float(name, arity) y.number = pw::name(DNNC_OPERANDS_##arity(number))
#define DNNC_VECTOR_num(name, arity) y.number = pw::name(DNNC_OPERANDS_##arity(number))
#define DNNC_VECTOR_compare(name, arity) y.truth = pw::name(DNNC_OPERANDS_##arity(number))
#define DNNC_VECTOR_predicate(name, arity) y.truth = pw::name(DNNC_OPERANDS_##arity(number))
#define DNNC_VECTOR_bool(name, arity) y.truth = pw::name(DNNC_OPERANDS_##arity(truth))
#define DNNC_VECTOR_int(name, arity) __builtin_unreachable() // vectorProblem() refuses it
#define DNNC_VECTOR_where(name, arity)                                                                                                       \
  if (to == DNNC_BOOL) y.truth = pw::name(DNNC_OPERANDS_##arity(truth));                                                                     \
  else y.number = pw::name(a.truth, b.number, c.number)
#define DNNC_VECTOR_cast(name, arity)                                                                                                        \
  if (from == DNNC_BOOL && to == DNNC_BOOL) y.truth = a.truth;                                                                               \
  else if (from == DNNC_BOOL) y.number = pw::cast<float>(a.truth);                                                                           \
  else if (to == DNNC_BOOL) y.truth = pw::cast<bool>(a.number);                                                                              \
  else if (to == DNNC_F16) y.number = pw::cast<f16>(a.number);                                                                               \
  else if (to == DNNC_BF16) y.number = pw::cast<bf16>(a.number);                                                                             \
  else y.number = a.number

// One step on one vector; `from` is the type of the first operand, `to` of the result.
DNNC_NOINLINE void apply_vector(Function function, dnnc_type from, dnnc_type to, const VectorValue &a, const VectorValue &b,
                                const VectorValue &c, VectorValue &y) {
  if (from == DNNC_BOOL && function == Function::identity) { y.truth = a.truth; return; }
  if (from == DNNC_BOOL && function == Function::equal) { y.truth = pw::equal(a.truth, b.truth); return; }
  if (from == DNNC_BOOL && function == Function::not_equal) { y.truth = pw::not_equal(a.truth, b.truth); return; }
  if (function == Function::saturate) {
    y.number = to == DNNC_U8 ? pw::saturate<uint8_t>(a.number) : pw::saturate<int8_t>(a.number);
    return;
  }
  switch (function) {
#define DNNC_FN(name, arity, kind, formula)                                                                                                  \
  case Function::name: DNNC_VECTOR_##kind(name, arity); break;
#include "runtime/kernels/pointwise/functions.inc"
#undef DNNC_FN
  }
}

// The elements at p, p + stride, … of one operand; what is read of a tail beyond its lanes is 0.
template <class T, class L> DNNC_INLINE auto read_lanes(const T *p, i64 stride, L lanes) {
  if (stride == 1) return load(p, lanes);
  T t[VL] = {};
  for (int i = 0; i < lanes_of(lanes); ++i) t[i] = p[i * stride];
  return load(t, Full{});
}

template <class L> DNNC_INLINE void read_operand(VectorValue &value, dnnc_type type, const void *data, i64 at, i64 stride, L lanes) {
  if (type == DNNC_BOOL) value.truth = read_lanes(static_cast<const bool *>(data) + at, stride, lanes);
  else if (type == DNNC_F16) value.number = read_lanes(static_cast<const f16 *>(data) + at, stride, lanes);
  else if (type == DNNC_BF16) value.number = read_lanes(static_cast<const bf16 *>(data) + at, stride, lanes);
  else if (type == DNNC_U8) value.number = read_lanes(static_cast<const uint8_t *>(data) + at, stride, lanes);
  else if (type == DNNC_I8) value.number = read_lanes(static_cast<const int8_t *>(data) + at, stride, lanes);
  else if (type == DNNC_I32) value.number = read_lanes(static_cast<const int32_t *>(data) + at, stride, lanes);
  else value.number = read_lanes(static_cast<const float *>(data) + at, stride, lanes);
}

// The values of a program and their types; arguments are filled in by the caller of run().
struct VectorMachine {
  const FlatProgram &program;
  VectorValue values[MAX_PROGRAM_VALUES];
  dnnc_type types[MAX_PROGRAM_VALUES];

  DNNC_INLINE explicit VectorMachine(const FlatProgram &flat) : program(flat) {
    int at = 0;
    for (int i = 0; i < flat.argumentCount; ++i) types[at++] = flat.arguments[i];
    for (int i = 0; i < flat.constantCount; ++i, ++at) {
      const Program::Constant &constant = flat.constants[i];
      types[at] = constant.type;
      if (constant.type == DNNC_BOOL) values[at].truth = eq(splat_i32(static_cast<int32_t>(constant.integer)), splat_i32(1));
      else values[at].number = splat(static_cast<float>(constant.real));
    }
    for (int i = 0; i < flat.stepCount; ++i) types[at++] = flat.steps[i].type;
  }

  DNNC_INLINE void run() {
    int at = program.argumentCount + program.constantCount;
    for (int i = 0; i < program.stepCount; ++i, ++at) {
      const Program::Step &step = program.steps[i];
      const uint16_t *operand = step.operands;
      apply_vector(step.function, types[operand[0]], step.type, values[operand[0]], values[operand[1]], values[operand[2]], values[at]);
    }
  }
};

