#include "codegen/EmitDims.h"

using namespace mlir;

namespace dnnc::codegen {

/// "input_dims[1][0]"
static std::string dimOf(size_t tensor, size_t dim) { return "input_dims[" + std::to_string(tensor) + "][" + std::to_string(dim) + "]"; }

/// The statements that refuse dims out of bounds, in run.
static std::string checks(const Program &program) {
  std::string out, lists;
  llvm::StringMap<std::string> first; ///< by name, the dim that others of the name must equal
  auto list = [&](StringRef which, ArrayRef<exec::Bound> bounds) {
    for (const exec::Bound &bound : bounds) lists += " || !" + which.str() + "[" + std::to_string(bound.of) + "]";
    return bounds.empty() ? std::string() : " || !" + which.str();
  };
  // The arrays themselves before what they hold.
  std::string arrays = list("input_dims", program.inputBounds);
  arrays += list("output_dims", program.outputBounds);
  if (!arrays.empty()) out += "  if (" + StringRef(arrays + lists).drop_front(4).str() + ") return DNNC_NULL_POINTER;\n";
  for (const exec::Bound &bound : program.inputBounds) {
    const Tensor &tensor = program.inputs[bound.of];
    std::string wrong;
    for (int64_t d = 0; d < tensor.type.getRank(); ++d) {
      std::string dim = dimOf(bound.of, d), size = std::to_string(tensor.type.getDimSize(d));
      auto refuse = [&](const std::string &condition) { wrong += (wrong.empty() ? "" : " || ") + condition; };
      if (!tensor.isBounded(d)) {
        refuse(dim + " != " + size);
        continue;
      }
      refuse(dim + " < " + std::to_string(bound.min[d]) + " || " + dim + " > " + size);
      if (bound.names[d].empty()) continue;
      auto [other, isFirst] = first.try_emplace(bound.names[d], dim);
      if (!isFirst) refuse(dim + " != " + other->second);
    }
    out += "  if (" + wrong + ") return DNNC_BAD_DIMS; // " + tensor.shape + "\n";
  }
  return out;
}

void setDims(const Program &program, llvm::StringMap<std::string> &values) {
  bool in = !program.inputBounds.empty(), out = !program.outputBounds.empty();
  values["C_INPUT_DIMS"] = in ? "const int64_t *const *input_dims, " : "";
  values["C_OUTPUT_DIMS"] = out ? "int64_t *const *output_dims, " : "";
  values["INPUT_DIMS"] = in ? "input_dims, " : "";
  values["OUTPUT_DIMS"] = out ? "output_dims, " : "";
  values["DIMS_CHECKS"] = checks(program);
  values["INPUT_IS_EMPTY"] = in ? " || (info.bounded && !dnnc::elements({input_dims[i], static_cast<size_t>(info.rank)}))" : "";
  values["DIMS_DOC"] = "";
  if (in)
    values["DIMS_DOC"] += "\n   input_dims[i] are the true dims of input i, which is dense and row-major in them; they are within its bounds, and equal where dims have"
                          "\n   one name. May be null for an input without bounds.";
  if (out)
    values["DIMS_DOC"] += "\n   The true dims of output i are written to output_dims[i], its elements dense and row-major in them; outputs have room for the largest."
                          "\n   May be null for an output without bounds.";
  auto pointers = [](ArrayRef<Tensor> tensors) {
    std::string list;
    for (const Tensor &tensor : tensors) list += (list.empty() ? "" : ", ") + (tensor.bound ? tensor.dims + ".data()" : std::string("nullptr"));
    return list;
  };
  values["DIMS_POINTERS"] = (in ? "  const int64_t *const input_dims[] = {" + pointers(program.inputs) + "};\n" : "") +
                            (out ? "  int64_t *const output_dims[] = {" + pointers(program.outputs) + "};\n" : "");
  values["ELEMENTS"] = in ? "\nnamespace dnnc {\n"
                            "// The number of elements of a tensor with these dims.\n"
                            "inline std::size_t elements(span<const int64_t> dims) {\n"
                            "  std::size_t count = 1;\n"
                            "  for (std::size_t d = 0; d < dims.size(); ++d) count *= static_cast<std::size_t>(dims.data()[d]);\n"
                            "  return count;\n"
                            "}\n"
                            "} // namespace dnnc\n"
                          : "";
  // For main and the self-test, which keep a vector of dims for each tensor.
  values["DIMS_DECLARE"] = in || out ? "  std::vector<std::vector<int64_t>> dims(" + std::to_string(program.inputs.size() + program.outputs.size()) + ");\n" : "";
  if (in) values["DIMS_DECLARE"] += "  std::vector<const int64_t *> input_dims;\n";
  if (out) values["DIMS_DECLARE"] += "  std::vector<int64_t *> output_dims;\n";
  auto keep = [](const std::string &place, const std::string &info, StringRef list) {
    return "    dims[static_cast<std::size_t>(" + place + ")].assign(" + info + ".dims, " + info + ".dims + " + info + ".rank);\n    " + list.str() +
           ".push_back(dims[static_cast<std::size_t>(" + place + ")].data());\n";
  };
  std::string name = values["NAME"];
  values["DIMS_INPUT"] = in ? keep("i", "info", "input_dims") : "";
  values["DIMS_OUTPUT"] = out ? keep(name + "::num_inputs + i", name + "::outputs[i]", "output_dims") : "";
  values["DIMS_WRITE"] = out ? "      set_dims(info, dims[static_cast<std::size_t>(" + name + "::num_inputs + i)]);\n" : "";
  values["INPUT_DIMS_DATA"] = in ? "input_dims.data(), " : "";
  values["OUTPUT_DIMS_DATA"] = out ? "output_dims.data(), " : "";
}

} // namespace dnnc::codegen
