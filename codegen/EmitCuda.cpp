#include "codegen/EmitCuda.h"
#include "codegen/EmitWeights.h"
#include "codegen/Template.h"

#include "llvm/ADT/StringExtras.h"

using namespace mlir;

namespace dnnc::codegen {

/// Host arrays and the list of where they go, or the whole blob as one piece.
static void setUpload(const Program &program, const EmittedFiles &files, llvm::StringMap<std::string> &values) {
  std::string pieces, count = "1";
  if (files.weightsMode == WeightsMode::Inline) {
    for (auto [i, weight] : llvm::enumerate(program.weights))
      pieces += "    {" + std::to_string(weight.offset) + ", sizeof w" + std::to_string(i) + ", w" + std::to_string(i) + "},\n";
    values["WEIGHTS"] = inlineWeights(program) + (pieces.empty() ? "" : "const Piece pieces[] = {\n" + pieces + "};\n");
  } else if (program.weightsBytes) {
    std::string data = files.weightsMode == WeightsMode::Incbin ? "dnnc_" + values["NAME"] + "_weights" : "host_weights";
    pieces = "  const Piece pieces[] = {{0, weights_size, " + data + "}};\n";
    values["WEIGHTS"] = "";
  }
  values["UPLOAD"] =
      pieces.empty() ? "" : (files.weightsMode == WeightsMode::Inline ? "" : pieces) + R"(  for (const Piece &piece : pieces) {
    dnnc_status status = check(cudaMemcpyAsync(memory_ + piece.offset, piece.data, piece.bytes, cudaMemcpyHostToDevice, stream));
    if (status != DNNC_OK) return status;
  }
)";
}

LogicalResult setCuda(const Program &program, const EmitOptions &options, const EmittedFiles &files, llvm::StringMap<std::string> &values) {
  if (program.scratchBytes)
    return program.schedule->emitError() << "a step needs scratch memory for each thread, which kernels for " << program.target->name
                                         << " have not";
  StringRef architecture = program.target->name.drop_front(StringRef("cuda-").size());
  values["ARCH"] = ("sm_" + architecture.drop_front(2)).str();
  values["CAPABILITY"] = architecture.drop_front(2).str();
  values["SOURCE"] = options.stem + ".cu";
  values["EXECUTE_PARAMS"] = "const void *const *inputs, void *const *outputs, char *workspace, cudaStream_t stream, const char *weights";
  values["WEIGHTS_BYTES"] = std::to_string(program.weightsBytes);
  int64_t staging = 0, alignment = program.target->alignment;
  for (const auto *tensors : {&program.inputs, &program.outputs})
    for (const Tensor &tensor : *tensors) staging += (tensor.bytes + alignment - 1) / alignment * alignment;
  values["STAGING_SIZE"] = std::to_string(staging);
  values["WEIGHTS_PARAMS"] = values["CPP_WEIGHTS"] = values["CHECK_WEIGHTS"] = values["WEIGHTS_ARGUMENT_CHECK"] = "";
  if (files.weightsMode == WeightsMode::File) {
    std::string hash = "0x" + llvm::utohexstr(hashBlob(program), /*LowerCase=*/true);
    values["WEIGHTS_PARAMS"] = "const void *host_weights, std::size_t host_weights_bytes, ";
    values["CPP_WEIGHTS"] = "\n// The bytes of " + files.weightsName +
                            " are handed to init, which checks their number and their hash (FNV-1a over little-endian 64-bit words) by this.\n"
                            "dnnc_status check_weights(const void *weights, std::size_t weights_bytes);\n";
    values["WEIGHTS_ARGUMENT_CHECK"] = "  if (dnnc_status status = check_weights(host_weights, host_weights_bytes)) return status;\n";
    values["CHECK_WEIGHTS"] = fillTemplate(
        "check_weights.h.in", {{"FUNCTION", "check_weights"}, {"BYTES", std::to_string(program.weightsBytes)}, {"HASH", hash}});
    values["WEIGHTS_READER"] = fillTemplate("weights.h.in", {{"CHECK", options.name + "::check_weights"}});
  }
  if (std::string &blob = values["BLOB"]; !blob.empty()) { // both passes of nvcc see the declaration behind the data
    blob.insert(blob.find("extern \"C\""), "#endif\n");
    blob.insert(0, "#ifndef __CUDA_ARCH__ // data of the host\n");
  }
  setUpload(program, files, values);
  return success();
}

} // namespace dnnc::codegen
