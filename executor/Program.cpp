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

bool isVectorType(dnnc_type type) { return type == DNNC_F32 || type == DNNC_F16 || type == DNNC_BF16 || type == DNNC_BOOL; }
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
  if (program.valueCount() > MAX_PROGRAM_VALUES) return "it has too many values";
  for (size_t value = 0; value < program.valueCount(); ++value)
    if (!isVectorType(program.typeOf(value))) return "it has a value that is neither f32, f16, bf16 nor bool";
  for (const Program::Step &step : program.steps) {
    std::string_view kind = functions[static_cast<size_t>(step.function)].kind;
    if (kind == "int") return "it has a function of integers";
    bool numeric = kind == "float" || kind == "num" || kind == "compare" || kind == "predicate";
    bool anyType = step.function == Function::identity || step.function == Function::equal || step.function == Function::not_equal;
    for (int i = 0; i < arityOf(step.function); ++i)
      if (numeric && !anyType && program.typeOf(step.operands[i]) == DNNC_BOOL) return "it has a function of numbers on a bool";
  }
  return nullptr;
}

FlatProgram::FlatProgram(const Program &program)
    : arguments(program.arguments.data()), constants(program.constants.data()), steps(program.steps.data()),
      argumentCount(static_cast<int>(program.arguments.size())), constantCount(static_cast<int>(program.constants.size())),
      stepCount(static_cast<int>(program.steps.size())), result(program.result) {}

} // namespace dnnc
