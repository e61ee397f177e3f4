#include "codegen/Codegen.h"
#include "codegen/Amalgamate.h"
#include "codegen/EmbeddedFiles.h"
#include "codegen/EmitCuda.h"
#include "codegen/EmitDims.h"
#include "codegen/EmitSteps.h"
#include "codegen/EmitTest.h"
#include "codegen/EmitVariants.h"
#include "codegen/EmitWeights.h"
#include "codegen/Program.h"
#include "codegen/Template.h"

#include "llvm/ADT/StringExtras.h"
#include "llvm/Support/Format.h"

#include <memory>
#include <set>

using namespace mlir;

namespace dnnc {

namespace {
using namespace codegen;
using Values = llvm::StringMap<std::string>;

constexpr int64_t inlineLimit = 1 << 20;

std::string megabytes(int64_t bytes) {
  std::string text;
  llvm::raw_string_ostream os(text);
  if (bytes < 10000)
    os << bytes << " bytes";
  else
    os << llvm::format("%.*f", bytes < 1000000 ? 0 : 1, bytes < 1000000 ? bytes / 1e3 : bytes / 1e6) << (bytes < 1000000 ? " KB" : " MB");
  return text;
}

std::string stringLiteral(StringRef text) {
  std::string out = "\"";
  for (char c : text) {
    if (llvm::isPrint(c) && c != '"' && c != '\\' && c != '?')
      out += c;
    else // three octal digits: what follows cannot become part of them
      out += {'\\', char('0' + (c >> 6 & 3)), char('0' + (c >> 3 & 7)), char('0' + (c & 7))};
  }
  return out + "\"";
}

/// The dims that are bounds, a bit each.
unsigned boundedMask(const Tensor &tensor) {
  unsigned mask = 0;
  for (int64_t d = 0; d < tensor.type.getRank(); ++d) mask |= unsigned(tensor.isBounded(d)) << d;
  return mask;
}

/// The rows of inputs[] and outputs[].
std::string infos(ArrayRef<Tensor> tensors) {
  std::string out;
  for (const Tensor &t : tensors) {
    std::string dims = llvm::join(llvm::map_range(t.type.getShape(), [](int64_t d) { return std::to_string(d); }), ", ");
    out += "    {" + stringLiteral(t.name) + ", " + t.element.api.str() + ", " + std::to_string(t.type.getRank()) + ", {" + dims + "}, " +
           std::to_string(t.elements) + ", " + std::to_string(t.bytes) + ", " + std::to_string(boundedMask(t)) + "},\n";
  }
  return tensors.empty() ? "    {\"\", DNNC_F32, 0, {}, 0, 0, 0}, // an array cannot be empty\n" : out;
}

/// How much of the weights each target uses, and how much of that is the same for all.
std::string weightsByTarget(ArrayRef<Program> programs) {
  std::string out;
  std::vector<size_t> users(programs.front().weights.size());
  for (const Program &program : programs) {
    std::set<size_t> used;
    for (auto [op, index] : program.weightOf) used.insert(index);
    int64_t bytes = 0;
    for (size_t index : used) {
      bytes += program.weights[index].bytes;
      ++users[index];
    }
    out += (out.empty() ? "" : ", ") + program.target->name.str() + " " + megabytes(bytes);
  }
  int64_t shared = 0;
  for (auto [weight, count] : llvm::zip(programs.front().weights, users))
    if (count == programs.size()) shared += weight.bytes;
  return out + "; " + megabytes(shared) + " in all of them";
}

/// The largest of what the programs need.
int64_t largest(ArrayRef<Program> programs, int64_t Program::*bytes) {
  int64_t most = 0;
  for (const Program &program : programs) most = std::max(most, program.*bytes);
  return most;
}

std::string summary(ArrayRef<Program> programs, const EmittedFiles &files) {
  const Program &program = programs.front();
  std::string out;
  for (auto [tensors, word] : {std::pair(&program.inputs, "input "), std::pair(&program.outputs, "output")})
    for (const Tensor &t : *tensors)
      out += "//   " + std::string(word) + "     " + commentText(t.name) + "  " + t.element.shown.str() + "  " + t.shape + "\n";
  ArrayRef<int64_t> states = program.schedule.getStates().value_or(ArrayRef<int64_t>());
  for (size_t i = 0; i < states.size(); i += 2)
    out += "//   state      " + commentText(program.inputs[states[i]].name) + " and " + commentText(program.outputs[states[i + 1]].name) + "\n";
  if (programs.size() > 1) out += "//   targets    " + targetNames(programs) + ": run uses the first that the processor can run\n";
  out += "//   weights    " + megabytes(program.weightsBytes) + (files.weightsName.empty() ? "" : ", in " + files.weightsName) + "\n";
  if (programs.size() > 1 && program.weightsBytes) out += "//              " + weightsByTarget(programs) + "\n";
  const int64_t arena = largest(programs, &Program::arenaBytes), scratch = largest(programs, &Program::scratchBytes);
  out += "//   workspace  " + megabytes(arena + scratch) + (scratch ? ", and " + megabytes(scratch) + " for each further thread" : "");
  return out;
}

/// The table of pairs that may share memory, and what the comments say of it.
void setStates(const Program &program, Values &values) {
  ArrayRef<int64_t> states = program.schedule.getStates().value_or(ArrayRef<int64_t>());
  values["CPP_STATES"] = values["C_STATES"] = values["CUDA_STATES"] = "";
  if (states.empty()) return;
  std::string rows;
  for (size_t i = 0; i < states.size(); i += 2)
    rows += "    {" + std::to_string(states[i]) + ", " + std::to_string(states[i + 1]) + "}, // " + commentText(program.inputs[states[i]].name) + ", " +
            commentText(program.outputs[states[i + 1]].name) + "\n";
  values["CPP_STATES"] = "\n// Numbers of an input and an output that may be the same memory: what a call leaves in it is what the next one finds.\n"
                         "struct state_pair {\n  int input, output;\n};\ninline constexpr state_pair states[] = {\n" + rows + "};\n";
  values["C_STATES"] = " No memory may overlap, but the input and the output of each state above may be the same.";
  values["CUDA_STATES"] = " No memory may overlap, but the two of a pair in `states`\n  // may be the same.";
}

/// What differs between weights inside the program and weights that the caller hands over.
void setWeights(const Program &program, bool several, const EmitOptions &options, const EmittedFiles &files, Values &values) {
  const std::string &name = options.name;
  for (StringRef key :
       {"C_WEIGHTS", "C_WEIGHTS_PARAMS", "CPP_WEIGHTS", "CPP_WEIGHTS_PARAMS", "WEIGHTS_ARGS", "CHECK_WEIGHTS", "WEIGHTS_ARGUMENT_CHECK",
        "BLOB", "WEIGHTS", "SHARED_WEIGHTS", "LOAD_WEIGHTS", "WEIGHTS_READER", "WEIGHTS_USAGE", "WEIGHTS_PATH", "WEIGHTS_OPTION"})
    values[key] = "";
  values["EXECUTE_PARAMS"] = "const void *const *inputs, " + values["C_INPUT_DIMS"] + "void *const *outputs, " + values["C_OUTPUT_DIMS"] +
                             "char *workspace, const dnnc_parallel_for *parallel";
  values["EXECUTE_ARGS"] = "inputs, " + values["INPUT_DIMS"] + "outputs, " + values["OUTPUT_DIMS"] + "static_cast<char *>(workspace), parallel";
  values["WEIGHTS_FILE"] = files.weightsName;
  values["TEST_PARAMS"] = "";

  if (files.weightsMode == WeightsMode::Inline) {
    if (several) values["SHARED_WEIGHTS"] = "namespace " + name + " {\nnamespace {\n\n" + inlineWeights(program, true) + "} // namespace\n} // namespace " + name + "\n\n";
    else values["WEIGHTS"] = inlineWeights(program);
  } else if (files.weightsMode == WeightsMode::Incbin) {
    values["BLOB"] = incbinWeights(program, name, values["MACRO"] + "_WEIGHTS_FILE");
    if (program.weightsBytes) values["WEIGHTS"] = "const char *const weights = dnnc_" + name + "_weights;\n\n";
  } else {
    std::string bytes = std::to_string(program.weightsBytes), hash = "0x" + llvm::utohexstr(hashBlob(program), /*LowerCase=*/true);
    values["C_WEIGHTS_PARAMS"] = "const void *weights, size_t weights_bytes, ";
    values["CPP_WEIGHTS_PARAMS"] = "const void *weights, std::size_t weights_bytes, ";
    values["WEIGHTS_ARGS"] = "weights, weights_bytes, ";
    values["EXECUTE_PARAMS"] += ", const char *weights";
    values["EXECUTE_ARGS"] += ", static_cast<const char *>(weights)";
    values["C_WEIGHTS"] = "\n/* The bytes of " + files.weightsName + ", aligned to " + name +
                          "_workspace_alignment, are handed to run. This checks their number and their hash\n"
                          "   (FNV-1a over little-endian 64-bit words); run itself checks only the number. */\n"
                          "dnnc_status " +
                          name + "_check_weights(const void *weights, size_t weights_bytes);\n";
    values["CPP_WEIGHTS"] = "\ninline constexpr std::size_t weights_size = " + bytes +
                            ";\n"
                            "inline dnnc_status check_weights(const void *weights, std::size_t weights_bytes) { return " +
                            name + "_check_weights(weights, weights_bytes); }\n";
    values["WEIGHTS_ARGUMENT_CHECK"] = "  if (!weights) return DNNC_NULL_POINTER;\n  if (weights_bytes != " + bytes +
                                       ") return DNNC_BAD_WEIGHTS;\n"
                                       "  if (reinterpret_cast<uintptr_t>(weights) % " +
                                       name + "::workspace_alignment) return DNNC_MISALIGNED;\n";
    values["CHECK_WEIGHTS"] = fillTemplate("check_weights.h.in", {{"FUNCTION", name + "_check_weights"}, {"BYTES", bytes}, {"HASH", hash}});
    values["WEIGHTS_READER"] = fillTemplate("weights.h.in", {{"CHECK", name + "_check_weights"}});
    values["WEIGHTS_USAGE"] = " [--weights FILE]";
    values["WEIGHTS_PATH"] = ", weights_path = beside(argv[0], " + stringLiteral(files.weightsName) + ")";
    values["WEIGHTS_OPTION"] = "    } else if (option == \"--weights\") {\n      weights_path = value;\n";
    values["TEST_PARAMS"] = "int argc, char **argv";
  }
}

/// What --profile adds to the source and to the main program; nothing without it.
void setProfile(const EmitOptions &options, const Steps &steps, Values &values) {
  values["PROFILE_CLOCK"] = values["PROFILE_TIMER"] = values["PROFILE_ENTRY"] = values["PROFILE_TABLE"] = "";
  values["PROFILE_START"] = values["PROFILE_RUN"] = values["PROFILE_PRINT"] = "";
  if (!options.profile) return;
  std::string rows;
  for (const StepInfo &info : steps.infos)
    rows += "    {" + stringLiteral(info.kernel) + ", " + stringLiteral(info.text) + ", " + std::to_string(info.flops) + ", " + std::to_string(info.bytes) + "},\n";
  Values own{{"NAME", options.name}, {"COUNT", std::to_string(steps.infos.size() + 1)}, {"STEPS", rows}};
  values["PROFILE_CLOCK"] = fillTemplate("profile_clock.h.in", own);
  values["PROFILE_TIMER"] = fillTemplate("profile_timer.h.in", own);
  values["PROFILE_TABLE"] = fillTemplate("profile_table.h.in", own);
  values["PROFILE_ENTRY"] = "\ndouble " + options.name + "_profile_peak(void) { return " + options.name + "::peak_gflops(); }\n";
  values["PROFILE_START"] = "    Profile profile(threads);\n";
  values["PROFILE_RUN"] = "      profile.add();\n";
  values["PROFILE_PRINT"] = "    profile.print();\n";
}

EmittedFiles nameFiles(const Program &program, const EmitOptions &options) {
  EmittedFiles files;
  files.weightsMode = options.weights.value_or(program.weightsBytes <= inlineLimit ? WeightsMode::Inline : WeightsMode::Incbin);
  bool outside = files.weightsMode == WeightsMode::File || (files.weightsMode == WeightsMode::Incbin && program.weightsBytes);
  const char *ending = files.weightsMode == WeightsMode::File ? "" : program.target->isGpu() ? ".cu" : ".cpp";
  files.weightsName = outside ? options.stem + ending + ".weights.bin" : "";
  return files;
}
} // namespace

FailureOr<EmittedFiles> emitCpp(ArrayRef<ModuleOp> modules, const EmitOptions &options) {
  FailureOr<std::vector<Program>> read = readPrograms(modules);
  if (failed(read)) return failure();
  auto programs = std::make_shared<std::vector<Program>>(std::move(*read));
  const Program *program = &programs->front(); // for what is the same in all
  EmittedFiles files = nameFiles(*program, options);
  const bool gpu = program->target->isGpu(); // whose weights are not where the host has them
  const bool several = programs->size() > 1;
  std::vector<Steps> steps;
  for (const Program &each : *programs) {
    FailureOr<Steps> own = emitSteps(each, gpu ? WeightsMode::File : files.weightsMode, options.profile, several);
    if (failed(own)) return failure();
    steps.push_back(std::move(*own));
  }
  if (!files.weightsName.empty()) files.writeWeights = [programs](llvm::raw_ostream &os) { writeBlob(programs->front(), os); };

  Values values;
  values["NAME"] = options.name;
  values["MACRO"] = StringRef(options.name).upper();
  values["TITLE"] = commentText((program->model.empty() ? options.name : program->model) + ", compiled for " + targetNames(*programs) +
                                " by dnnc " + options.version);
  values["TARGET"] = targetNames(*programs);
  values["HEADER"] = options.stem + ".h";
  values["SUMMARY"] = summary(*programs, files);
  values["API"] = *findEmbedded("runtime/api.h");
  values["SPAN"] = *findEmbedded("runtime/span.h");
  values["NUM_INPUTS"] = std::to_string(program->inputs.size());
  values["NUM_OUTPUTS"] = std::to_string(program->outputs.size());
  values["INPUT_INFOS"] = infos(program->inputs);
  values["OUTPUT_INFOS"] = infos(program->outputs);
  values["ALIGNMENT"] = std::to_string(program->weightsAlignment);
  values["RUN_INDENT"] = std::string(options.name.size() + 17, ' '); // under run's first parameter
  const int64_t arena = largest(*programs, &Program::arenaBytes), scratch = largest(*programs, &Program::scratchBytes);
  values["MAX_THREADS"] = scratch ? "int max_threads" : "int /*max_threads*/";
  values["WORKSPACE_SIZE"] = std::to_string(arena);
  if (scratch)
    values["WORKSPACE_SIZE"] +=
        " + " + std::to_string(scratch) + " * static_cast<std::size_t>(max_threads > 1 ? max_threads : 1)";
  setDims(*program, values);
  setWeights(*program, several, options, files, values);
  setStates(*program, values);

  std::string params, checks, inputPointers, outputPointers;
  for (auto [tensors, qualifier] : {std::pair(&program->inputs, "const "), std::pair(&program->outputs, "")})
    for (const Tensor &t : *tensors) {
      params += "dnnc::span<" + std::string(qualifier) + t.element.caller.str() + "> " + t.identifier + ", ";
      bool sized = t.bound && tensors == &program->inputs; // holds as many elements as its true dims say
      checks += (checks.empty() ? "  if (" : " || ") + t.identifier + ".size() != " +
                (sized ? "dnnc::elements(" + t.dims + ")" : std::to_string(t.elements));
      if (t.bound) {
        params += "dnnc::span<" + std::string(qualifier) + "int64_t> " + t.dims + ", ";
        checks += " || " + t.dims + ".size() != " + std::to_string(t.type.getRank());
      }
      std::string &pointers = tensors == &program->inputs ? inputPointers : outputPointers;
      pointers += (pointers.empty() ? "" : ", ") + t.identifier + ".data()";
    }
  values["TYPED_PARAMS"] = params;
  values["SIZE_CHECKS"] = checks.empty() ? "" : checks + ") return DNNC_WRONG_SIZE;\n";
  values["INPUT_POINTERS"] = inputPointers.empty() ? "nullptr" : inputPointers;
  values["OUTPUT_POINTERS"] = outputPointers.empty() ? "nullptr" : outputPointers;

  setProfile(options, steps.front(), values);
  setVariants(*programs, steps, options, values);
  if (gpu && failed(setCuda(*program, options, files, values))) return failure();
  files.header = fillTemplate(gpu ? "header_cuda.h.in" : "header.h.in", values);
  files.source = fillTemplate(gpu ? "source_cuda.cu.in" : "source.cpp.in", values);
  if (!options.withMain && !options.golden) return files;

  Amalgamator pattern({});
  pattern.skip("runtime/api.h");
  values["PATTERN"] = pattern.expand("runtime/pattern.h");
  values["BUFFER"] = fillTemplate("buffer.h.in", {});
  values["THREADS"] = fillTemplate("threads.h.in", {});
  values["NPY"] = fillTemplate("npy.h.in", {});
  bool external = files.weightsMode == WeightsMode::File;
  std::string weightsArgs = "weights.data(), " + options.name + "::weights_size, ";
  if (gpu) weightsArgs = "weights.data(), " + options.name + "::weights_size";
  values["WEIGHTS_ARGS"] = external ? weightsArgs : "";
  values["RUN_ONCE"] = fillTemplate(gpu ? "run_once_cuda.h.in" : "run_once.h.in", values);
  if (options.withMain) {
    if (external) values["LOAD_WEIGHTS"] = "  const Buffer weights = read_weights(weights_path);\n";
    files.main = fillTemplate(gpu ? "main_cuda.cu.in" : "main.cpp.in", values);
  }
  if (options.golden) {
    if (external)
      values["LOAD_WEIGHTS"] = "  const Buffer weights = read_weights(argc > 1 ? argv[1] : beside(argv[0], " + stringLiteral(files.weightsName) + "));\n";
    FailureOr<std::string> golden = emitGolden(*programs, *options.golden, options.half, options.goldenElsewhere);
    if (failed(golden)) return failure();
    values["GOLDEN"] = *golden;
    values["GOLDEN_DIMS"] = goldenDims(*program, *options.golden);
    values["RUN_AND_COMPARE"] = runAndCompare(options.name, several, values);
    files.test = fillTemplate("test.cpp.in", values);
  }
  return files;
}

} // namespace dnnc
