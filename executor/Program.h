// A pointwise chain as data: what emitted code writes out as nested calls, the executor interprets. Plain C++, no MLIR.
#pragma once

#include "runtime/api.h"

#include <cstdint>
#include <string_view>
#include <vector>

namespace dnnc {

/// A row of runtime/kernels/pointwise/functions.inc.
enum class Function : uint16_t {
#define DNNC_FN(name, arity, kind, formula) name,
#include "runtime/kernels/pointwise/functions.inc"
#undef DNNC_FN
};

/// Values are numbered: arguments, then constants, then the result of each step.
struct Program {
  struct Constant {
    dnnc_type type;
    double real;     ///< when the type is a float
    int64_t integer; ///< when it is not; a bool is 0 or 1
  };
  struct Step {
    Function function;
    dnnc_type type; ///< of the result
    uint16_t operands[3];
  };

  /// Of an epilogue the first argument is the f32 accumulator, the others its operands; of a map they are its inputs.
  std::vector<dnnc_type> arguments;
  std::vector<Constant> constants;
  std::vector<Step> steps;
  uint16_t result = 0; ///< the value that is stored

  size_t valueCount() const { return arguments.size() + constants.size() + steps.size(); }
  dnnc_type typeOf(size_t value) const;
};

/// The function called \p name, as pw.fn spells it; false when functions.inc has no such row.
bool findFunction(std::string_view name, Function &function);
/// Its number of operands.
int arityOf(Function function);

/// The same without std::vector, for code compiled for one instruction set. Points into the Program.
struct FlatProgram {
  const dnnc_type *arguments;
  const Program::Constant *constants;
  const Program::Step *steps;
  int argumentCount, constantCount, stepCount, result;

  explicit FlatProgram(const Program &program);
};

/// An operand of an epilogue: element (n, r, c) is at data[n * ns + r * rs + c * cs]; cs is 0 or 1.
struct EpilogueOperand {
  const void *data;
  int64_t ns, rs, cs;
};

/// An epilogue bound to memory: \p operands has one entry per argument after the first, and outlives this, as the program does.
struct BoundEpilogue {
  FlatProgram program;
  const EpilogueOperand *operands;
};

/// The most values of a program, so that the interpreter needs no heap.
constexpr int MAX_PROGRAM_VALUES = 256;

/// Why \p program cannot be an epilogue or run in the kernel "map", or null if it can: f32, f16, bf16 and bool, and u8, i8 and i32 that
/// are only cast from and saturated to.
const char *vectorProblem(const Program &program);
/// Why it cannot run in the kernel "map_scalar": f16 and bf16 can only be cast, selected and passed on.
const char *scalarProblem(const Program &program);

} // namespace dnnc
