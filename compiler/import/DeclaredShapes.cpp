#include "compiler/import/DeclaredShapes.h"
#include "compiler/import/Model.h"

#include "llvm/ADT/StringExtras.h"
#include "llvm/ADT/StringSet.h"

namespace dnnc::importer {

/// Whether the result has the shape of the first operand.
static bool keepsShape(const onnx::NodeProto &node) {
  static const llvm::StringSet<> operators = [] {
    constexpr llvm::StringLiteral names =
        "Abs Acos Acosh Asin Asinh Atan Atanh BitwiseNot Cast CastLike Ceil Celu Clip Cos Cosh CumSum DequantizeLinear Dropout Elu Erf Exp "
        "Floor Gelu HardSigmoid HardSwish Hardmax Identity IsInf IsNaN LeakyRelu Log LogSoftmax Mish Neg Not QuantizeLinear Reciprocal Relu "
        "Round Selu Shrink Sigmoid Sign Sin Sinh Softmax Softplus Softsign Sqrt Tan Tanh ThresholdedRelu Trilu";
    llvm::StringSet<> set;
    for (llvm::StringRef name : llvm::split(names, ' ')) set.insert(name);
    return set;
  }();
  return (node.domain().empty() || node.domain() == "ai.onnx") && operators.contains(node.op_type());
}

void DeclaredShapes::declare(const onnx::ValueInfoProto &info, bool isOutput) {
  const onnx::TypeProto::Tensor &type = info.type().tensor_type();
  // Exporters write an empty shape, and dims of 0, where they know nothing of an inner value.
  if (!type.has_shape() || (type.shape().dim_size() == 0 && !isOutput)) return;
  Shape shape;
  for (const onnx::TensorShapeProto::Dimension &dim : type.shape().dim()) {
    auto symbol = symbols.find(dim.dim_param());
    int64_t size = dim.dim_value() > 0 ? dim.dim_value() : symbol != symbols.end() ? symbol->second : 0;
    bool isEmpty = isOutput && dim.has_dim_value() && dim.dim_value() == 0;
    if ((size == 0 && !isEmpty) || size > maxDim) return;
    shape.push_back(size);
  }
  shapes[info.name()] = shape;
}

void DeclaredShapes::add(const onnx::GraphProto &graph) {
  for (const onnx::ValueInfoProto &info : graph.value_info()) declare(info, false);
  for (const onnx::ValueInfoProto &info : graph.output()) declare(info, true);
  for (int i = graph.node_size() - 1; i >= 0; --i) {
    const onnx::NodeProto &node = graph.node(i);
    if (!keepsShape(node) || node.output_size() == 0 || node.input_size() == 0) continue;
    auto result = shapes.find(node.output(0));
    if (result == shapes.end()) continue;
    Shape shape = result->second; // the map may move it
    shapes.try_emplace(node.input(0), std::move(shape));
  }
}

std::optional<DeclaredShapes::Shape> DeclaredShapes::find(llvm::StringRef name) const {
  auto found = shapes.find(name);
  return found == shapes.end() ? std::nullopt : std::optional(found->second);
}

} // namespace dnnc::importer
