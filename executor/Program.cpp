#include "executor/Program.h"

namespace dnnc {

namespace {
struct FunctionRow {
  const char *name;
  int arity;
  std::string_view kind;
};
constexpr FunctionRow functions[] = {
#define DNNC_FN(name, arity, kind, formula) {#name, arity, #kind},
#include "runtime/kernels/pointwise/functions.inc"
#undef DNNC_FN
};

bool isNarrow(dnnc_type type) { return type == DNNC_F16 || type == DNNC_BF16; }
bool isByte(dnnc_type type) { return type == DNNC_U8 || type == DNNC_I8; }
bool isFloat(dnnc_type type) { return type == DNNC_F32 || type == DNNC_F64 || isNarrow(type); }

/// Whether a function of this kind takes \p type as its first operand.
bool takes(Function function, std::string_view kind, dnnc_type type) {
  if (function == Function::saturate) return type == DNNC_F32 || type == DNNC_F64;
  if (kind == "float" || kind == "predicate") return isFloat(type);
  if (kind == "int") return !isFloat(type) && type != DNNC_BOOL;
  if (kind == "bool" || kind == "where") return type == DNNC_BOOL; // of where, the condition
  if (kind == "cast" || function == Function::identity || function == Function::equal || function == Function::not_equal) return true;
  return type != DNNC_BOOL;
}

const char *problem(const Program &program, bool vectors) {
  if (program.valueCount() > MAX_PROGRAM_VALUES) return "it has too many values";
  size_t value = program.arguments.size() + program.constants.size();
  for (const Program::Step &step : program.steps) {
    for (int i = 0; i < arityOf(step.function); ++i)
      if (step.operands[i] >= value) return "it uses a value before it is computed";
    dnnc_type type = program.typeOf(step.operands[0]);
    std::string_view kind = functions[static_cast<size_t>(step.function)].kind;
    if (!takes(step.function, kind, type)) return "it applies a function to a type that the function does not take";
    if (vectors && (isByte(type) || type == DNNC_I32) && step.function != Function::cast && step.function != Function::identity)
      return "it computes in integers";
    if (vectors && isByte(step.type) && step.function != Function::saturate && step.function != Function::identity)
      return "it makes an integer by another function than saturate";
    if (!vectors && isNarrow(type) && kind != "cast" && step.function != Function::identity) return "it computes in a 16-bit float";
    ++value;
  }
  return program.result < value ? nullptr : "its result is not one of its values";
}
} // namespace

bool findFunction(std::string_view name, Function &function) {
  for (size_t i = 0; i < sizeof(functions) / sizeof(functions[0]); ++i) {
    if (name != functions[i].name) continue;
    function = static_cast<Function>(i);
    return true;
  }
  return false;
}

int arityOf(Function function) { return functions[static_cast<size_t>(function)].arity; }

dnnc_type Program::typeOf(size_t value) const {
  if (value < arguments.size()) return arguments[value];
  value -= arguments.size();
  if (value < constants.size()) return constants[value].type;
  return steps[value - constants.size()].type;
}

const char *vectorProblem(const Program &program) {
  for (size_t value = 0; value < program.valueCount(); ++value) {
    dnnc_type type = program.typeOf(value);
    bool operand = value < program.arguments.size() && type == DNNC_I32;
    if (type != DNNC_F32 && !isNarrow(type) && type != DNNC_BOOL && !isByte(type) && !operand)
      return "it has a value that is neither f32, f16, bf16, u8, i8 nor bool";
  }
  return problem(program, true);
}

const char *scalarProblem(const Program &program) { return problem(program, false); }

FlatProgram::FlatProgram(const Program &program)
    : arguments(program.arguments.data()), constants(program.constants.data()), steps(program.steps.data()),
      argumentCount(static_cast<int>(program.arguments.size())), constantCount(static_cast<int>(program.constants.size())),
      stepCount(static_cast<int>(program.steps.size())), result(program.result) {}

} // namespace dnnc
