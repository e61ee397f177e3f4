// The options of the command dnnc as LLVM sees them.
#pragma once

#include "codegen/Targets.h"

#include "llvm/Support/CommandLine.h"
#include "llvm/Support/raw_ostream.h"

#include <string>

namespace dnnc {
namespace cl = llvm::cl;

inline constexpr const char *overview = R"(dnnc: an ONNX network as standalone C++

  dnnc model.onnx -o model.cpp                  model.cpp and model.h, for processors with AVX2
  dnnc model.onnx -o model.cpp --target=native  for the processor at hand
  dnnc model.onnx -o model.cpp --target=avx512,avx2,generic
                                                for each of these; chosen when the program runs
  dnnc model.onnx -o model.cpp --set-dim=N=1 --main --self-test
                                                also model_main.cpp (npy files in and out) and model_test.cpp
  dnnc model.onnx --stop-after=graph            the IR after fusion
  dnnc run model.onnx --input x=x.npy --output-dir out
  dnnc tune model.onnx -o tuning.txt            measures kernels here, for --tuning-db=tuning.txt
  dnnc operators                                the ONNX operators it takes
)";

inline void printVersion(llvm::raw_ostream &os) { os << "dnnc " DNNC_VERSION " (MLIR " << LLVM_VERSION_STRING << ")\n"; }

/// "generic, avx2, … "
inline std::string targetNames() {
  std::string names;
  for (const Target &target : targets()) names += (target.name + ", ").str();
  return names;
}

/// The options as LLVM sees them. Locals of one call: libLLVM's own have been reset and nothing stays registered.
struct CommandLine {
  cl::SubCommand run{"run", "Runs the model inside the compiler and writes its outputs"};
  cl::SubCommand operators{"operators", "Lists the ONNX operators: name, first and last version of each form, types of operands"};
  cl::SubCommand tune{"tune", "Measures which kernels are the fastest for the model on this processor, and adds them to the database -o"};
  cl::OptionCategory outputs{"Output"}, shapes{"Shapes"}, optimization{"Optimization"}, debugging{"Looking inside"}, running{"dnnc run"}, tuning{"dnnc tune"};

  cl::sub top{cl::SubCommand::getTopLevel()}, both{cl::SubCommand::getAll()}, onlyRun{run}, onlyTune{tune};

  cl::opt<std::string> model{cl::Positional, cl::desc("<model.onnx>"), both, cl::cat(outputs)};
  cl::opt<std::string> output{"o", cl::desc("The C++ file to write; its header goes beside it"), cl::value_desc("file.cpp"), top,
                              onlyTune, cl::cat(outputs)};
  cl::opt<std::string> name{"name", cl::desc("C++ namespace and prefix (default: from the model's file name)"),
                            cl::value_desc("identifier"), top, cl::cat(outputs)};
  cl::opt<std::string> weights{
      "weights",
      cl::desc("Where weights are: inline (C++ arrays), incbin (OUT.cpp.weights.bin, pulled in by the assembler) or "
               "file (OUT.weights.bin, handed over by the caller). Default: inline up to 1 MB, incbin above"),
      cl::value_desc("inline|incbin|file"), top, cl::cat(outputs)};
  cl::opt<std::string> weightsType{
      "weights-type",
      cl::desc("f32, f16 or bf16: round the weights of convolutions and dense layers, compute in f32; says what error that makes. "
               "Default: 16-bit where the model has them so"),
      cl::value_desc("f32|f16|bf16"), both, cl::cat(outputs)};
  cl::opt<std::string> precision{
      "precision",
      cl::desc("f32 or f16, for a cuda target: f16 keeps tensors and weights in f16 where kernels can and uses tensor cores, sums in f32. "
               "Default: f16 for models with f16 inputs, else f32"),
      cl::value_desc("f32|f16"), both, cl::cat(optimization)};
  cl::opt<bool> withMain{"main", cl::desc("Also write OUT_main.cpp: npy files in and out, timing"), top, cl::cat(outputs)};
  cl::opt<bool> profile{"profile",
                        cl::desc("The program of --main also prints what each step costs; the emitted code then keeps times, for one run at once"),
                        top, cl::cat(debugging)};
  cl::opt<bool> flushDenormals{"flush-denormals",
                               cl::desc("The emitted code takes floats below 2^-126 for 0, for as long as it runs: no slow steps when a signal fades"),
                               top, cl::cat(outputs)};
  cl::opt<bool> selfTest{"self-test", cl::desc("Also write OUT_test.cpp: checks the emitted code against golden values"), top,
                         cl::cat(outputs)};
  cl::list<std::string> keepTensors{"keep-tensor", cl::desc("Make this inner tensor an extra output"), cl::value_desc("name"), both,
                                    cl::cat(outputs)};

  cl::list<std::string> states{"state",
                               cl::desc("This input and this output may be the same memory: a streaming model's state, kept by the caller "
                                        "without a copy"),
                               cl::value_desc("IN:OUT"), both, cl::cat(outputs)};

  cl::list<std::string> dims{"set-dim", cl::desc("The size of a symbolic dimension, or a range, from which each run chooses"), cl::value_desc("NAME=SIZE|NAME=1..32"), both, cl::cat(shapes)};
  cl::list<std::string> inputShapes{"input-shape", cl::desc("The shape of an input; a dimension may be a range, 1..8"), cl::value_desc("INPUT=1x3x224x224"), both,
                                    cl::cat(shapes)};

  std::string targetHelp = targetNames() + "native (default, whatever the processor at hand: avx2 where dnnc runs on x86-64, neon on aarch64). Several, avx512,avx2,generic: "
                           "the program uses the best that its processor can run";
  cl::opt<std::string> target{"target",
                              cl::desc(targetHelp),
                              cl::value_desc("name"), both, cl::cat(optimization)};
  cl::opt<std::string> level{"O",
                             cl::Prefix,
                             cl::desc("0: no fusion, reference order of sums; 1; 2: everything (default)"),
                             cl::value_desc("0|1|2"),
                             both,
                             cl::cat(optimization)};
  cl::opt<bool> exact{"exact", cl::desc("No algorithm that reassociates sums"), both, cl::cat(optimization)};
  cl::opt<std::string> winogradWeights{
      "winograd-weights",
      cl::desc("How many times its weights a 3x3 convolution may take for Winograd's algorithm, which takes 4 or 7.2 times: 1 for never. "
               "Default: no bound"),
      cl::value_desc("factor"), both, cl::cat(optimization)};
  cl::opt<std::string> bands{
      "bands",
      cl::desc("Convolutions and poolings that follow each other compute a few rows in turn: auto, where that saves time (default); off; or "
               "how large an image between them may be, in KiB, which takes less workspace"),
      cl::value_desc("auto|off|KiB"), both, cl::cat(optimization)};

  cl::list<std::string> tuningDbs{"tuning-db",
                                  cl::desc("A database of dnnc tune: kernels that were measured to be the fastest, taken in place of what the models "
                                           "of their time say. May be given several times"),
                                  cl::value_desc("file"), both, cl::cat(optimization)};

  cl::opt<std::string> stopAfter{"stop-after",
                                 cl::desc("Print the IR after import, graph, select or lower, to -o or to the terminal, and stop"),
                                 cl::value_desc("phase"), top, cl::cat(debugging)};
  cl::list<std::string> dumpAfter{
      "dump-after",      cl::desc("Write the IR to OUT.<phase>.mlir and go on"), cl::value_desc("phase"), cl::CommaSeparated, top,
      cl::cat(debugging)};
  cl::opt<std::string> remarks{"remarks",
                               cl::desc("What was fused, elided, folded and what was refused and why; json: one object a line"),
                               cl::value_desc("json"),
                               cl::ValueOptional,
                               both,
                               cl::cat(debugging)};

  cl::list<std::string> inputs{"input", cl::desc("An input's values (default: a fixed pattern)"), cl::value_desc("NAME=FILE.npy"), onlyRun,
                               cl::cat(running)};
  cl::opt<std::string> outputDir{"output-dir", cl::desc("Where 0.npy, 1.npy … go"), cl::value_desc("folder"), onlyRun, cl::cat(running)};

  cl::opt<std::string> seconds{"seconds", cl::desc("After how long no further op is begun (default 600); the same command goes on there"),
                               cl::value_desc("number"), onlyTune, cl::cat(tuning)};
};

} // namespace dnnc
