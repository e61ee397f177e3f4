// The shapes of the model's inputs: declared ones, with symbolic dims set by options.
#include "compiler/import/GraphImporter.h"

#include "dialects/dnn/Remarks.h"

#include "llvm/ADT/StringExtras.h"

using namespace mlir;

namespace dnnc::importer {

/// "4" or "1..32"
static std::string textOf(DimRange range) { return (range.isOne() ? "" : std::to_string(range.min) + "..") + std::to_string(range.max); }

namespace {
class Inputs {
public:
  Inputs(Model &model, const ImportOptions &options) : model(model), options(options) {}

  LogicalResult run(std::vector<GraphInput> &inputs);

private:
  void checkOptions(const std::vector<int> &inputs);
  std::optional<SmallVector<DimRange>> shapeOf(const onnx::ValueInfoProto &input);
  DimRange dimOf(const onnx::ValueInfoProto &input, int index);
  InFlightDiagnostic error(const onnx::ValueInfoProto &input) {
    failures = true;
    return model.error() << "input '" << input.name() << "' ";
  }

  Model &model;
  const ImportOptions &options;
  std::set<std::string> leading, inner; ///< Symbols used as a first dim, and elsewhere.
  std::set<std::string> remarked;
  bool failures = false;
};
} // namespace

void Inputs::checkOptions(const std::vector<int> &inputs) {
  std::set<std::string> names;
  std::string known, symbols;
  for (int index : inputs) {
    const onnx::ValueInfoProto &input = model.proto.graph().input(index);
    names.insert(input.name());
    known += (known.empty() ? "'" : ", '") + input.name() + "'";
  }
  for (const auto *set : {&leading, &inner})
    for (const std::string &symbol : *set)
      if (set == &leading || !leading.count(symbol)) symbols += (symbols.empty() ? "'" : ", '") + symbol + "'";
  for (const auto &[name, value] : options.dims) {
    if (!leading.count(name) && !inner.count(name))
      failures = true, model.error() << "--set-dim=" << name << "=" << textOf(value)
                                     << ": the model's inputs have no dimension of that name; they have "
                                     << (symbols.empty() ? "no symbolic dimensions" : symbols);
    if (value.min < (value.isOne() ? 1 : 0) || value.min > value.max || value.max > maxDim)
      failures = true, model.error() << "--set-dim=" << name << "=" << textOf(value) << ": it must be between 1 and " << maxDim
                                     << ", or a range from 0 on";
  }
  for (const auto &[name, shape] : options.inputShapes) {
    if (!names.count(name))
      failures = true,
      model.error() << "--input-shape=" << name << ": the model has no input '" << name << "'; it has " << (known.empty() ? "none" : known);
    for (DimRange dim : shape)
      if (dim.min < 0 || dim.min > dim.max || dim.max > maxDim)
        failures = true,
        model.error() << "--input-shape=" << name << ": a dimension is " << textOf(dim) << "; it must be between 0 and " << maxDim;
  }
}

DimRange Inputs::dimOf(const onnx::ValueInfoProto &input, int index) {
  const onnx::TensorShapeProto::Dimension &dim = input.type().tensor_type().shape().dim(index);
  if (dim.has_dim_value() && dim.dim_value() != -1) { // -1: some exporters' way to say unknown
    if (dim.dim_value() < 0 || dim.dim_value() > maxDim)
      error(input) << "has dimension " << index << " of size " << dim.dim_value() << "; it must be between 0 and " << maxDim
                   << "; --input-shape=" << input.name() << "=AxBx… sets another";
    int64_t size = std::clamp<int64_t>(dim.dim_value(), 0, maxDim);
    return {size, size};
  }
  auto option = options.dims.find(dim.dim_param());
  if (option != options.dims.end()) return option->second;
  bool isBatch = dim.dim_param().empty() ? index == 0 : leading.count(dim.dim_param()) && !inner.count(dim.dim_param());
  if (!isBatch) {
    InFlightDiagnostic diagnostic = error(input) << "has an unset dimension, ";
    if (dim.dim_param().empty())
      diagnostic << "number " << index << ", without a name; set it with --input-shape=" << input.name() << "=AxBx…";
    else
      diagnostic << "'" << dim.dim_param() << "' (number " << index << "); set it with --set-dim=" << dim.dim_param() << "=N";
    return {};
  }
  if (dim.dim_param().empty() || remarked.insert(dim.dim_param()).second)
    remark(NameLoc::get(StringAttr::get(model.context, input.name())), "import",
           "the batch dimension" + (dim.dim_param().empty() ? Twine() : " '" + Twine(dim.dim_param()) + "'") + " of input '" +
               input.name() + "' is 1; --set-dim or --input-shape sets another");
  return {};
}

std::optional<SmallVector<DimRange>> Inputs::shapeOf(const onnx::ValueInfoProto &input) {
  const onnx::TypeProto::Tensor &declared = input.type().tensor_type();
  auto option = options.inputShapes.find(input.name());
  SmallVector<DimRange> shape;
  if (option == options.inputShapes.end()) {
    if (!declared.has_shape())
      return error(input) << "has no declared shape; set it with --input-shape=" << input.name() << "=AxBx…", std::nullopt;
    for (int i = 0; i < declared.shape().dim_size(); ++i) shape.push_back(dimOf(input, i));
    return shape;
  }
  shape.assign(option->second.begin(), option->second.end());
  if (!declared.has_shape()) return shape;
  std::string given = llvm::join(llvm::map_range(shape, textOf), "x");
  if (int(shape.size()) != declared.shape().dim_size())
    return error(input) << "has " << declared.shape().dim_size() << " dimensions; --input-shape gives " << given, std::nullopt;
  for (auto [index, dim] : llvm::enumerate(shape)) {
    const onnx::TensorShapeProto::Dimension &other = declared.shape().dim(int(index));
    if (other.dim_value() > 0 && !(dim.isOne() && other.dim_value() == dim.max))
      return error(input) << "has dimension " << index << " of size " << other.dim_value() << "; --input-shape gives " << given,
             std::nullopt;
  }
  return shape;
}

LogicalResult Inputs::run(std::vector<GraphInput> &result) {
  std::vector<int> inputs;
  const onnx::GraphProto &graph = model.proto.graph();
  std::set<std::string> initializers;
  for (const onnx::TensorProto &tensor : graph.initializer()) initializers.insert(tensor.name());
  int constants = 0;
  for (int i = 0; i < graph.input_size(); ++i) {
    const onnx::ValueInfoProto &input = graph.input(i);
    if (initializers.count(input.name()) && ++constants) continue;
    inputs.push_back(i);
    const onnx::TensorShapeProto &shape = input.type().tensor_type().shape();
    for (int j = 0; j < shape.dim_size(); ++j)
      if (!shape.dim(j).dim_param().empty()) (j == 0 ? leading : inner).insert(shape.dim(j).dim_param());
  }
  if (constants)
    remark(UnknownLoc::get(model.context), "import",
           Twine(constants) + " inputs have initializers; they are constants and no longer inputs");
  checkOptions(inputs);
  for (int index : inputs) {
    const onnx::ValueInfoProto &input = graph.input(index);
    if (!input.type().has_tensor_type()) {
      error(input) << "is not a tensor; sequences, maps, optionals and sparse tensors are not supported";
      continue;
    }
    int32_t dataType = input.type().tensor_type().elem_type();
    Type element = elementType(model.context, dataType);
    if (!element) error(input) << "has element type " << dataTypeName(dataType) << ", which is not supported";
    std::optional<SmallVector<DimRange>> ranges = shapeOf(input);
    SmallVector<int64_t> shape, min;
    std::vector<std::string> names;
    for (auto [d, range] : llvm::enumerate(ranges.value_or(SmallVector<DimRange>()))) {
      shape.push_back(range.max);
      min.push_back(range.min);
      const auto &dims = input.type().tensor_type().shape();
      names.push_back(int(d) < dims.dim_size() && !range.isOne() ? dims.dim(int(d)).dim_param() : "");
    }
    if (ranges && !failures && countElements(shape) < 0)
      error(input) << "has shape [" << shape << "]; a tensor may have at most " << maxElements << " elements";
    if (element && ranges && !failures) result.push_back({index, RankedTensorType::get(shape, element), min, names});
  }
  return failure(failures);
}

LogicalResult resolveInputs(Model &model, const ImportOptions &options, std::vector<GraphInput> &inputs) {
  return Inputs(model, options).run(inputs);
}

} // namespace dnnc::importer
