// Included in the region of KernelTable.h: what a kernel sees of a program; the same calls as pw::Epilogue.
#pragma once
#include "executor/VectorMachine.h"

struct DynamicEpilogue {
  const BoundEpilogue *bound; // null: the accumulator is the result

  template <class L> DNNC_INLINE vf operator()(vf acc, i64 n, i64 r, i64 c, L lanes) const {
    if (bound) evaluate(*bound, acc, n, r, c, lanes_of(lanes));
    return acc;
  }

  static DNNC_NOINLINE void evaluate(const BoundEpilogue &bound, vf &acc, i64 n, i64 r, i64 c, int lanes) {
    VectorMachine machine(bound.program);
    machine.values[0].number = acc;
    for (int i = 1; i < bound.program.argumentCount; ++i) {
      const EpilogueOperand &operand = bound.operands[i - 1];
      i64 at = n * operand.ns + r * operand.rs + c * operand.cs;
      dnnc_type type = bound.program.arguments[i];
      if (lanes == VL) read_operand(machine.values[i], type, operand.data, at, operand.cs, Full{});
      else read_operand(machine.values[i], type, operand.data, at, operand.cs, Part{lanes});
    }
    machine.run();
    acc = machine.values[bound.program.result].number;
  }
};
