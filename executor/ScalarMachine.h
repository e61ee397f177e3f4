// Included in the region of KernelTable.h: a program run on one element at a time, by the functions that emitted code calls.
#pragma once
#include "runtime/kernels/pointwise/functions.h"

// A value of any type.
struct Scalar {
  uint64_t bits;
};
template <class T> DNNC_INLINE T get(const Scalar &s) {
  T t;
  __builtin_memcpy(&t, &s, sizeof(T));
  return t;
}
template <class T> DNNC_INLINE void put(Scalar &s, T t) { __builtin_memcpy(&s, &t, sizeof(T)); }

// Calls f.template run<T>() with the C++ type of elements and values of the given type.
template <class F> DNNC_INLINE void with_type(dnnc_type type, const F &f) {
  switch (type) {
  case DNNC_F32: return f.template run<float>();
  case DNNC_F16: return f.template run<f16>();
  case DNNC_BF16: return f.template run<bf16>();
  case DNNC_F64: return f.template run<double>();
  case DNNC_BOOL: return f.template run<bool>();
  case DNNC_I8: return f.template run<int8_t>();
  case DNNC_U8: return f.template run<uint8_t>();
  case DNNC_I16: return f.template run<int16_t>();
  case DNNC_U16: return f.template run<uint16_t>();
  case DNNC_I32: return f.template run<int32_t>();
  case DNNC_U32: return f.template run<uint32_t>();
  case DNNC_I64: return f.template run<int64_t>();
  case DNNC_U64: return f.template run<uint64_t>();
  default: return; // types that are only stored are no types of chains
  }
}

template <class From> struct CastFrom {
  const Scalar &a;
  Scalar &y;
  template <class To> DNNC_INLINE void run() const { put<To>(y, pw::cast<To>(get<From>(a))); }
};

template <class From> struct SaturateFrom {
  const Scalar &a;
  Scalar &y;
  template <class To> DNNC_INLINE void run() const {
    if constexpr (!pw::is_float<To> && !pw::is_narrow_float<To> && !pw::Same<To, bool>::value) put<To>(y, pw::saturate<To>(get<From>(a)));
  }
};

#define DNNC_SCALARS_1 get<T>(a)
#define DNNC_SCALARS_2 get<T>(a), get<T>(b)
#define DNNC_SCALARS_3 get<T>(a), get<T>(b), get<T>(c)
#define DNNC_SCALAR_float(name, arity)                                                                                                       \
  if constexpr (pw::is_float<T>) put<T>(y, pw::name(DNNC_SCALARS_##arity))
#define DNNC_SCALAR_num(name, arity)                                                                                                         \
  if constexpr (has_numbers) put<T>(y, pw::name(DNNC_SCALARS_##arity))
#define DNNC_SCALAR_int(name, arity)                                                                                                         \
  if constexpr (has_numbers && !pw::is_float<T>) put<T>(y, pw::name(DNNC_SCALARS_##arity))
#define DNNC_SCALAR_bool(name, arity)                                                                                                        \
  if constexpr (is_bool) put<T>(y, pw::name(DNNC_SCALARS_##arity))
#define DNNC_SCALAR_compare(name, arity)                                                                                                     \
  if constexpr (has_numbers || is_bool) put<bool>(y, pw::name(DNNC_SCALARS_##arity))
#define DNNC_SCALAR_predicate(name, arity)                                                                                                   \
  if constexpr (pw::is_float<T>) put<bool>(y, pw::name(DNNC_SCALARS_##arity))
#define DNNC_SCALAR_where(name, arity) y = get<bool>(a) ? b : c
#define DNNC_SCALAR_cast(name, arity) with_type(to, CastFrom<T>{a, y})

// One step whose first operand is a T; scalarProblem() refuses functions that the type does not have.
struct ScalarStep {
  Function function;
  dnnc_type to;
  const Scalar &a, &b, &c;
  Scalar &y;

  template <class T> DNNC_NOINLINE void run() const {
    constexpr bool is_bool = pw::Same<T, bool>::value, has_numbers = !is_bool && !pw::is_narrow_float<T>;
    if (function == Function::identity) {
      y = a;
      return;
    }
    if constexpr (pw::is_float<T>)
      if (function == Function::saturate) return with_type(to, SaturateFrom<T>{a, y});
    switch (function) {
#define DNNC_FN(name, arity, kind, formula)                                                                                                  \
  case Function::name: DNNC_SCALAR_##kind(name, arity); break;
#include "runtime/kernels/pointwise/functions.inc"
#undef DNNC_FN
    }
  }
};

struct PutConstant {
  const Program::Constant &constant;
  Scalar &y;
  template <class T> DNNC_INLINE void run() const {
    if constexpr (pw::is_float<T>) put(y, static_cast<T>(constant.real));
    else if constexpr (pw::is_narrow_float<T>) put(y, pw::cast<T>(static_cast<float>(constant.real)));
    else put(y, static_cast<T>(constant.integer));
  }
};

struct ScalarMachine {
  const FlatProgram &program;
  Scalar values[MAX_PROGRAM_VALUES];
  dnnc_type types[MAX_PROGRAM_VALUES];

  explicit ScalarMachine(const FlatProgram &flat) : program(flat) {
    int at = 0;
    for (int i = 0; i < flat.argumentCount; ++i) types[at++] = flat.arguments[i];
    for (int i = 0; i < flat.constantCount; ++i, ++at) {
      types[at] = flat.constants[i].type;
      with_type(types[at], PutConstant{flat.constants[i], values[at]});
    }
    for (int i = 0; i < flat.stepCount; ++i) types[at++] = flat.steps[i].type;
  }

  void run() {
    int at = program.argumentCount + program.constantCount;
    for (int i = 0; i < program.stepCount; ++i, ++at) {
      const Program::Step &step = program.steps[i];
      const uint16_t *operand = step.operands;
      with_type(types[operand[0]],
                ScalarStep{step.function, step.type, values[operand[0]], values[operand[1]], values[operand[2]], values[at]});
    }
  }
};
