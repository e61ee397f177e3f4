#include "codegen/EmitVariants.h"
#include "codegen/Amalgamate.h"
#include "codegen/Template.h"

#include "llvm/ADT/STLExtras.h"
#include "llvm/ADT/StringExtras.h"

#include <algorithm>
#include <set>

using namespace mlir;

namespace dnnc::codegen {

namespace {
using Values = llvm::StringMap<std::string>;

std::string namespaceOf(const Target &target) {
  std::string name = target.name.str();
  std::replace(name.begin(), name.end(), '-', '_');
  return name;
}

/// What asks the processor for a target's features: an expression; empty for what every processor of the architecture has.
std::string featureTest(const Target &target) {
  SmallVector<StringRef> features;
  target.cpuFeatures.split(features, ',', -1, false);
  bool x86 = target.architecture == "x86_64";
  llvm::erase(features, "neon"); // part of the architecture
  std::string out;
  for (auto [i, feature] : llvm::enumerate(features)) {
    bool own = !x86 || feature == "f16c"; // one of cpu.h
    out += (i ? " && " : "") + (own ? "cpu_has_" + feature.str() + "()" : "__builtin_cpu_supports(\"" + feature.str() + "\")");
  }
  return out;
}

/// The runtime's text for a target: the kernels that its steps use.
std::string runtimeText(const Target &target, const Steps &steps, Amalgamator &text) {
  std::string runtime = text.expand("runtime/simd.h") + "\n" + text.expand("runtime/parallel.h") + "\n";
  for (const std::string &header : steps.headers) {
    std::string part = text.expand(header);
    if (!part.empty()) runtime += part + "\n";
  }
  return runtime;
}

llvm::StringMap<long> macrosFor(const Target &target, const EmitOptions &options) {
  llvm::StringMap<long> macros;
  if (options.flushDenormals) macros["DNNC_FLUSH_DENORMALS"] = 1;
  for (const Target &any : targets()) macros[any.isa] = any.isaNumber;
  macros["DNNC_ISA"] = macros.lookup(target.isa);
  if (target.isGpu()) macros["DNNC_CUDA"] = 1;
  return macros;
}

/// The architectures of the targets, "" among them where one is for any.
std::set<StringRef> architecturesOf(ArrayRef<Program> programs) {
  std::set<StringRef> found;
  for (const Program &program : programs) found.insert(program.target->architecture);
  return found;
}

/// Ends the compilation on a machine that none of the targets is for.
std::string architectureCheck(ArrayRef<Program> programs) {
  std::set<StringRef> architectures = architecturesOf(programs);
  if (architectures.count("")) return "";
  std::string condition = llvm::join(llvm::map_range(architectures, [](StringRef name) { return "!defined(__" + name.str() + "__)"; }), " && ");
  std::string owners = llvm::join(architectures, " and ");
  return "#if " + condition + "\n#error \"compiled for " + targetNames(programs) + ", which " + owners +
         " processors have; dnnc --target=generic is for all\"\n#endif\n\n";
}

/// Where there is one target.
void setSingle(const Program &program, Values &values) {
  std::string test = featureTest(*program.target);
  values["SUPPORTED"] = test.empty() ? "  return 1;\n" : (program.target->architecture == "x86_64" ? "  __builtin_cpu_init();\n" : "") + ("  return " + test + ";\n");
  values["SUPPORTED_DOC"] = "the model was compiled for";
  values["EXECUTE"] = "  if (!" + values["NAME"] + "_supported()) return DNNC_UNSUPPORTED_CPU;\n  return " + values["NAME"] + "::execute(" +
                      values["EXECUTE_ARGS"] + ");\n";
}

/// Where there are several: who chooses, who may choose otherwise, and who is called.
void setDispatch(ArrayRef<Program> programs, Values &values) {
  const std::string &name = values["NAME"];
  const bool guarded = architecturesOf(programs).size() > 1;
  std::string names, canRun, execute;
  bool x86 = false;
  for (auto [i, program] : llvm::enumerate(programs)) {
    const Target &target = *program.target;
    const bool guard = guarded && !target.architecture.empty();
    const std::string open = guard ? "#if defined(__" + target.architecture.str() + "__)\n" : "", close = guard ? "#endif\n" : "";
    std::string test = featureTest(target), label = open + "  case " + std::to_string(i) + ": return ";
    names += (i ? ", \"" : "\"") + target.name.str() + "\"";
    canRun += label + (test.empty() ? "true" : test) + ";\n" + close;
    execute += label + name + "::" + namespaceOf(target) + "::execute(" + values["EXECUTE_ARGS"] + ");\n" + close;
    x86 |= target.architecture == "x86_64";
  }
  const std::string init = "  __builtin_cpu_init();\n";
  Values own{{"NAME", name}, {"CAN_RUN", canRun}, {"CPU_INIT", !x86 ? "" : guarded ? "#if defined(__x86_64__)\n" + init + "#endif\n" : init}};
  values["DISPATCH"] = fillTemplate("dispatch.cpp.in", own);
  values["SUPPORTED"] = "  return " + name + "::target_index() < " + name + "::num_targets;\n";
  values["SUPPORTED_DOC"] = "of one of the targets that the model was compiled for";
  values["EXECUTE"] = "  switch (" + name + "::target_index()) {\n" + execute + "  default: return DNNC_UNSUPPORTED_CPU;\n  }\n";
  values["TARGET_FUNCTIONS"] = fillTemplate("target_functions.cpp.in", own);
  values["C_TARGETS"] = "\n/* The target that run uses, by name: the first of " + targetNames(programs) +
                        " that the processor can\n   run. Null if there is none. */\nconst char *" + name + "_target(void);\n\n"
                        "/* Makes run use another one from now on, in all threads; null: the first again. 0, and no change, if the processor cannot run it. */\n"
                        "int " + name + "_use_target(const char *target);\n";
  values["CPP_TARGETS"] = "inline constexpr int num_targets = " + std::to_string(programs.size()) + ";\ninline constexpr const char *targets[] = {" +
                          names + "}; // best first\ninline const char *target() { return " + name + "_target(); }\n" +
                          "inline bool use_target(const char *target) { return " + name + "_use_target(target) != 0; }\n";
  values["TARGET_USAGE"] = " [--target NAME]";
  values["TARGET_OPTION"] = "    } else if (option == \"--target\") {\n      if (!" + name + "::use_target(value.c_str())) fail(\"--target: this processor cannot run '\" + value + \"'; compiled in: " +
                            targetNames(programs) + "\");\n";
}
} // namespace

std::string targetNames(ArrayRef<Program> programs) {
  return llvm::join(llvm::map_range(programs, [](const Program &program) { return program.target->name.str(); }), ", ");
}

void setVariants(ArrayRef<Program> programs, ArrayRef<Steps> steps, const EmitOptions &options, Values &values) {
  for (StringRef key : {"DISPATCH", "TARGET_FUNCTIONS", "C_TARGETS", "CPP_TARGETS", "TARGET_USAGE", "TARGET_OPTION", "VARIANTS"}) values[key] = "";
  const bool several = programs.size() > 1, guarded = architecturesOf(programs).size() > 1;
  if (several) setDispatch(programs, values);
  else setSingle(programs.front(), values);

  for (auto [program, own] : llvm::zip(programs, steps)) {
    const Target &target = *program.target;
    Amalgamator text(macrosFor(target, options));
    text.skip("runtime/api.h"); // in the header
    std::string prelude = text.expand("runtime/prelude.h"), name = namespaceOf(target); // the prelude is the same for all
    values["PRELUDE"] = prelude;
    values["ISA"] = target.isa.str();
    values["MODEL_TYPES"] = own.chains + (own.params.empty() ? "" : own.params + "\n");
    values["BODY"] = (options.flushDenormals ? "  const FlushDenormals flush;\n" : "") + own.body;
    values["RUNTIME"] = runtimeText(target, own, text);
    values["OPEN"] = several ? "namespace " + name + " {\n" : "";
    values["CLOSE"] = several ? "} // namespace " + name + "\n" : "";
    const bool guard = guarded && !target.architecture.empty();
    values["GUARD"] = guard ? "#if defined(__" + target.architecture.str() + "__)\n" : "";
    values["UNGUARD"] = guard ? "#endif\n" : "";
    if (!target.isGpu()) values["VARIANTS"] += fillTemplate("variant.cpp.in", values);
  }

  values["CPU"] = architectureCheck(programs);
  Amalgamator text({});
  if (StringRef(values["SUPPORTED"] + values["DISPATCH"]).contains("cpu_has_")) values["CPU"] += text.expand("runtime/cpu.h");
}

} // namespace dnnc::codegen
