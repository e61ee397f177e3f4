// RNN, GRU and LSTM: the input's products with W for all steps are one matmul, the rest is dnn.recurrent.
#include "compiler/import/NodeBinder.h"

#include "llvm/ADT/StringExtras.h"

using namespace mlir;

namespace dnnc::importer {
namespace {

/// A function of the attribute 'activations'.
struct Activation {
  StringRef name, function; ///< ONNX's name and the name in `functions`
  bool alpha, beta;         ///< which of them it takes
  float alphaDefault, betaDefault;
};
constexpr Activation activations[] = {
    {"Sigmoid", "sigmoid", false, false, 0, 0},
    {"Tanh", "tanh", false, false, 0, 0},
    {"Relu", "relu", false, false, 0, 0},
    {"Affine", "affine", true, true, 1, 0},
    {"LeakyRelu", "leaky_relu", true, false, 0.01f, 0},
    {"ThresholdedRelu", "thresholded_relu", true, false, 1, 0},
    {"ScaledTanh", "scaled_tanh", true, true, 1, 1},
    {"HardSigmoid", "hard_sigmoid", true, true, 0.2f, 0.5f},
    {"Elu", "elu", true, false, 1, 0},
    {"Softsign", "softsign", false, false, 0, 0},
    {"Softplus", "softplus", false, false, 0, 0},
};

struct Cell {
  dnn::RecurrentCell kind;
  int64_t gates;
  SmallVector<std::string> functions; ///< the defaults
};

/// The functions of all directions, padded to three each, and their alphas and betas, which are consumed in the order of the functions that
/// take one.
LogicalResult readActivations(NodeBinder &node, const Cell &cell, int64_t directions, SmallVector<Attribute> &functions,
                              SmallVector<float> &coefficients) {
  SmallVector<std::string> names;
  if (const onnx::AttributeProto *attribute = node.attr("activations")) {
    if (attribute->type() != onnx::AttributeProto::STRINGS) return node.error() << "attribute 'activations' must be a list of strings";
    names.assign(attribute->strings().begin(), attribute->strings().end());
  } else {
    for (int64_t d = 0; d < directions; ++d) names.append(cell.functions);
  }
  if (names.size() != cell.functions.size() * directions)
    return node.error() << "attribute 'activations' has " << names.size() << " functions; it must have "
                        << cell.functions.size() * directions;
  std::vector<double> alphas = node.floatsAttr("activation_alpha"), betas = node.floatsAttr("activation_beta");
  size_t nextAlpha = 0, nextBeta = 0;
  for (auto [i, name] : llvm::enumerate(names)) {
    const Activation *found = llvm::find_if(activations, [&](const Activation &a) { return a.name.equals_insensitive(name); });
    if (found == std::end(activations)) {
      auto all = llvm::map_range(activations, [](const Activation &a) { return a.name; });
      return node.error() << "attribute 'activations' has '" << name << "'; it is one of " << llvm::join(all, ", ");
    }
    functions.push_back(node.str(found->function));
    coefficients.push_back(found->alpha && nextAlpha < alphas.size() ? float(alphas[nextAlpha++]) : found->alphaDefault);
    coefficients.push_back(found->beta && nextBeta < betas.size() ? float(betas[nextBeta++]) : found->betaDefault);
    if ((i + 1) % cell.functions.size() == 0)
      for (; functions.size() % 3; coefficients.append(2, 0.0f)) functions.push_back(node.str("tanh"));
  }
  return success();
}

Value slice(NodeBinder &node, Value x, int64_t start, int64_t size) {
  Ints starts(node.rank(x), 0), sizes(node.shape(x)), steps(node.rank(x), 1);
  starts.back() = start, sizes.back() = size;
  return node.create<dnn::SliceOp>(x, node.i64s(starts), node.i64s(sizes), node.i64s(steps), UnitAttr());
}

Value add(NodeBinder &node, Value a, Value b) {
  return node.pointwise({a, b}, [](Chain &chain, ValueRange args) { return chain.fn("add", args); });
}

LogicalResult checkShape(NodeBinder &node, unsigned index, StringRef name, ArrayRef<int64_t> shape) {
  Value value = node.operand(index);
  if (!value || node.shape(value) == shape) return success();
  return node.error() << "input " << index << " ('" << name << "') is " << node.type(value) << "; its shape must be [" << shape << "]";
}

/// Lengths that are known must fit; where all are that of the sequence they say nothing.
FailureOr<Value> readLengths(NodeBinder &node, int64_t steps) {
  Value lengths = node.operand(4);
  ElementsAttr known = lengths ? node.constantOf(lengths) : ElementsAttr();
  if (!known) return lengths;
  std::vector<int64_t> values = constantValues<int64_t>(known);
  for (int64_t length : values)
    if (length < 0 || length > steps)
      return node.error() << "input 4 ('sequence_lens') has the length " << length << "; it must be between 0 and " << steps;
  return llvm::all_of(values, [&](int64_t length) { return length == steps; }) ? Value() : lengths;
}

LogicalResult importRecurrent(NodeBinder &node, Cell cell) {
  Value x = node.operand(0), w = node.operand(1), r = node.operand(2), b = node.operand(3);
  std::string direction = node.stringAttr("direction", "forward");
  int64_t directions = direction == "bidirectional" ? 2 : 1;
  bool batchFirst = node.version() >= 14 && node.intAttr("layout", 0, flag);
  double clip = node.floatAttr("clip", 0);
  bool isLstm = cell.kind == dnn::RecurrentCell::Lstm, inputForget = isLstm && node.intAttr("input_forget", 0, flag);
  if (cell.kind == dnn::RecurrentCell::Gru && node.intAttr("linear_before_reset", 0) != 0) cell.kind = dnn::RecurrentCell::GruLinear;
  if (node.version() < 7) node.intAttr("output_sequence", 0); // whether Y is wanted; it is there in any case
  if (clip < 0) return node.error() << "attribute 'clip' is " << clip << "; it must not be negative";
  if (node.rank(x) != 3) return node.error() << "input 0 ('X') is " << node.type(x) << "; its rank must be 3";
  if (node.rank(r) != 3) return node.error() << "input 2 ('R') is " << node.type(r) << "; its rank must be 3";
  int64_t hidden = node.shape(r)[2], columns = cell.gates * hidden;
  int64_t steps = node.shape(x)[batchFirst], batch = node.shape(x)[!batchFirst], width = node.shape(x)[2];
  if (int64_t declared = node.intAttr("hidden_size", hidden, positive); declared != hidden)
    return node.error() << "attribute 'hidden_size' is " << declared << ", but input 2 ('R') is " << node.type(r)
                        << "; it must be its last dim";
  if (failed(checkShape(node, 1, "W", {directions, columns, width})) || failed(checkShape(node, 2, "R", {directions, columns, hidden})) ||
      failed(checkShape(node, 3, "B", {directions, 2 * columns})) || failed(checkShape(node, 4, "sequence_lens", {batch})))
    return failure();
  SmallVector<Attribute> functions;
  SmallVector<float> coefficients;
  FailureOr<Value> lengths = readLengths(node, steps);
  if (failed(lengths) || failed(readActivations(node, cell, directions, functions, coefficients))) return failure();

  // Both biases join the projection, but for the one that linear_before_reset puts behind the reset gate.
  Value bias, hiddenBias;
  if (b) {
    bool apart = cell.kind == dnn::RecurrentCell::GruLinear;
    int64_t joined = apart ? 2 * hidden : columns;
    bias = add(node, slice(node, b, 0, joined), slice(node, b, columns, joined));
    if (apart) {
      bias = node.create<dnn::ConcatOp>(ValueRange{bias, slice(node, b, joined, hidden)}, node.i64(1), DenseBoolArrayAttr());
      hiddenBias = slice(node, b, columns + joined, hidden);
    }
    bias = node.reshape(bias, {directions * columns});
  }
  Value weights = node.transpose(node.reshape(w, {directions * columns, width}), {1, 0});
  Value projected = node.create<dnn::MatMulOp>(x, weights, bias, ValueRange(), node.i64(0));
  if (!projected) return failure();
  Operation *layer = node.createFilled<dnn::RecurrentOp>(
      [](OperationState &) {}, isLstm ? 3 : 2, projected, r, hiddenBias, isLstm ? node.operand(7) : Value(), node.operand(5),
      isLstm ? node.operand(6) : Value(), *lengths, dnn::RecurrentCellAttr::get(node.builder.getContext(), cell.kind), node.str(direction),
      node.builder.getArrayAttr(functions), node.builder.getDenseF32ArrayAttr(coefficients), node.boolean(batchFirst),
      node.boolean(inputForget), node.builder.getF32FloatAttr(float(clip)));
  return layer ? node.results(SmallVector<Value>(layer->getResults())) : failure();
}

} // namespace

void registerRecurrent(Registry &registry) {
  using Kind = dnn::RecurrentCell;
  auto layer = [](Kind kind, int64_t gates, SmallVector<std::string> functions) {
    return [cell = Cell{kind, gates, functions}](NodeBinder &node) { return importRecurrent(node, cell); };
  };
  registry.on("RNN", 1, "F F F F? I? F?", layer(Kind::Rnn, 1, {"Tanh"})).results(2);
  registry.on("GRU", 1, "F F F F? I? F?", layer(Kind::Gru, 3, {"Sigmoid", "Tanh"})).results(2);
  registry.on("LSTM", 1, "F F F F? I? F? F? F?", layer(Kind::Lstm, 4, {"Sigmoid", "Tanh", "Tanh"})).results(3);
}

} // namespace dnnc::importer
