// Operators of com.microsoft that ONNX Runtime's optimizer and quantizers make of several: activations with a bias, products and convolutions with what is
// around them, and products with weights of a few bits.
#include "compiler/import/NodeBinder.h"
#include "compiler/import/Window.h"

using namespace mlir;

namespace dnnc::importer {

/// fn(x), or fn(x + bias).
static Handler biased(StringRef fn) {
  return [fn = fn.str()](NodeBinder &node) {
    SmallVector<Value> operands{node.operand(0)};
    if (node.operand(1)) operands.push_back(node.operand(1));
    return node.result(node.pointwise(operands, [&](Chain &chain, ValueRange x) {
      return chain.fn(fn, x.size() == 2 ? chain.fn("add", x) : x[0]);
    }));
  };
}

/// x * sigmoid(alpha * x)
static LogicalResult importQuickGelu(NodeBinder &node) {
  double alpha = node.floatAttr("alpha", 1.702f);
  return node.result(node.pointwise({node.operand(0)}, [&](Chain &chain, ValueRange x) {
    return chain.fn("mul", {x[0], chain.fn("sigmoid", chain.fn("mul", {x[0], chain.constant(alpha, x[0].getType())}))});
  }));
}

/// A factor of FusedMatMul: transBatch moves the first dim behind the other batch dims, trans then swaps the last two.
static Value arranged(NodeBinder &node, Value x, bool transBatch, bool trans) {
  int64_t rank = node.rank(x);
  if (rank < 2) return node.error() << "an operand is " << node.type(x) << "; with FusedMatMul its rank must be at least 2", Value();
  Ints perm = llvm::to_vector(llvm::seq<int64_t>(0, rank));
  if (transBatch) std::rotate(perm.begin(), perm.begin() + 1, perm.end() - 1);
  if (trans) std::swap(perm[rank - 1], perm[rank - 2]);
  return node.transpose(x, perm);
}

static LogicalResult importFusedMatMul(NodeBinder &node) {
  double alpha = node.floatAttr("alpha", 1);
  Value a = arranged(node, node.operand(0), node.intAttr("transBatchA", 0, flag), node.intAttr("transA", 0, flag));
  Value b = arranged(node, node.operand(1), node.intAttr("transBatchB", 0, flag), node.intAttr("transB", 0, flag));
  Value y = node.create<dnn::MatMulOp>(a, b, Value(), ValueRange(), node.i64(0));
  if (alpha == 1) return node.result(y);
  return node.result(node.pointwise({y}, [&](Chain &chain, ValueRange x) { return chain.fn("mul", {x[0], chain.constant(alpha, x[0].getType())}); }));
}

struct ActivationRule {
  const char *name, *fn;
  std::vector<double> parameters; ///< As many as activation_params must have; their defaults.
};

/// activation(conv(x) + z)
static LogicalResult importFusedConv(NodeBinder &node) {
  static const ActivationRule rules[] = {{"Relu", "relu", {}},           {"Sigmoid", "sigmoid", {}},
                                         {"Tanh", "tanh", {}},           {"LeakyRelu", "leaky_relu", {0.01}},
                                         {"Clip", "clip", {-3.4e38, 3.4e38}}, {"HardSigmoid", "hard_sigmoid", {0.2, 0.5}}};
  std::string activation = node.stringAttr("activation", "");
  std::vector<double> parameters = node.floatsAttr("activation_params");
  Value y = createConv(node, node.operand(0), node.operand(1), node.operand(2));
  SmallVector<Value> operands{y};
  if (node.operand(3)) operands.push_back(node.operand(3));
  const ActivationRule *rule = llvm::find_if(rules, [&](const ActivationRule &r) { return activation == r.name; });
  if (rule == std::end(rules))
    return node.error() << "attribute 'activation' is '" << activation << "'; supported are 'Relu', 'Sigmoid', 'Tanh', 'LeakyRelu', 'Clip', 'HardSigmoid'";
  if (parameters.empty()) parameters = rule->parameters;
  if (parameters.size() != rule->parameters.size())
    return node.error() << "attribute 'activation_params' has " << parameters.size() << " values; " << activation << " takes " << rule->parameters.size();
  return node.result(node.pointwise(operands, [&](Chain &chain, ValueRange x) {
    SmallVector<Value> args{x.size() == 2 ? chain.fn("add", x) : x[0]};
    for (double parameter : parameters) args.push_back(chain.constant(parameter, args[0].getType()));
    return chain.fn(rule->fn, args);
  }));
}

/// Numbers of \p bits bits, the first in the lowest bits of a byte; each row starts a byte.
class BitRows {
public:
  BitRows(ElementsAttr constant, int64_t rows, int64_t bits) : bytes(constantBytes(constant)), bits(bits), rowBytes(bytes.size() / rows) {}
  double at(int64_t row, int64_t column) const {
    int64_t bit = column * bits;
    return (uint8_t(bytes[row * rowBytes + bit / 8]) >> bit % 8) & ((1 << bits) - 1);
  }

private:
  std::vector<char> bytes;
  int64_t bits, rowBytes;
};

/// y = a · dequantized(B)ᵀ: B is N rows of blocks of K, each with a scale and perhaps a zero point. The weights are dequantized here: they take the room of
/// the type of a, and no kernel reads the few bits.
static LogicalResult importMatMulNBits(NodeBinder &node) {
  Value a = node.operand(0), bias = node.operand(5);
  int64_t k = node.intAttr("K", std::nullopt, positive), n = node.intAttr("N", std::nullopt, positive), block = node.intAttr("block_size", std::nullopt, {16, maxDim}),
          bits = node.intAttr("bits", 4);
  node.attr("accuracy_level"); // products are at least as accurate as any level
  if (bits != 2 && bits != 4 && bits != 8) return node.error() << "attribute 'bits' is " << bits << "; it must be 2, 4 or 8";
  if (node.operand(4)) return node.error() << "input 4 ('g_idx') is not supported; leave it out";
  const int64_t blocks = (k + block - 1) / block, rowBytes = block * bits / 8 * blocks, zeroBytes = (blocks * bits + 7) / 8;
  ElementsAttr constants[3];
  for (unsigned i = 1; i <= 3; ++i) {
    Value operand = node.operand(i);
    if (operand && !(constants[i - 1] = node.constantOf(operand)))
      return node.error() << "input " << i << " ('" << node.node.input(i) << "') must be constant or computable from constants";
  }
  auto expect = [&](unsigned index, int64_t count) {
    if (node.type(node.operand(index)).getNumElements() == count) return true;
    node.error() << "input " << index << " ('" << node.node.input(index) << "') is " << node.type(node.operand(index)) << "; it must have " << count
                 << " elements for N = " << n << ", K = " << k << " and blocks of " << block;
    return false;
  };
  bool packedZeros = constants[2] && constants[2].getElementType().isUnsignedInteger(8);
  if (!expect(1, n * rowBytes) || !expect(2, n * blocks) || (constants[2] && !expect(3, n * (packedZeros ? zeroBytes : blocks)))) return failure();
  if (node.rank(a) == 0 || node.shape(a).back() != k)
    return node.error() << "input 0 ('A') is " << node.type(a) << "; its last dim must be the attribute 'K', " << k;
  BitRows weights(constants[0], n, bits);
  std::optional<BitRows> zeroBits;
  if (packedZeros) zeroBits.emplace(constants[2], n, bits);
  std::vector<float> scales = constantValues<float>(constants[1]), zeros;
  if (constants[2] && !packedZeros) zeros = constantValues<float>(constants[2]);
  std::vector<double> values(k * n);
  for (int64_t row = 0; row < n; ++row)
    for (int64_t i = 0; i < k; ++i) {
      int64_t b = i / block, at = row * blocks + b;
      double zero = zeroBits ? zeroBits->at(row, b) : !zeros.empty() ? zeros[at] : 1 << (bits - 1);
      values[i * n + row] = (weights.at(row, i) - zero) * scales[at];
    }
  auto type = RankedTensorType::get({k, n}, node.type(a).getElementType());
  if (!node.fits(type)) return failure();
  Value w = createConstant(node.builder, node.operand(1).getLoc(), type, values);
  Ints shape(node.shape(a));
  shape.back() = n;
  Value rows = node.reshape(a, {node.type(a).getNumElements() / k, k});
  return node.result(node.reshape(node.create<dnn::MatMulOp>(rows, w, bias, ValueRange(), node.i64(0)), shape));
}

void registerFused(Registry &registry) {
  registry.on("com.microsoft.Gelu", 1, "F", biased("gelu"));
  registry.on("com.microsoft.BiasGelu", 1, "F F", biased("gelu"));
  registry.on("com.microsoft.FastGelu", 1, "F F?", biased("gelu_tanh"));
  registry.on("com.microsoft.QuickGelu", 1, "F", importQuickGelu);
  registry.on("com.microsoft.FusedMatMul", 1, "F F", importFusedMatMul);
  registry.on("com.microsoft.FusedConv", 1, "F F F? F?", importFusedConv).allow("auto_pad", autoPads);
  registry.on("com.microsoft.MatMulNBits", 1, "F Z F A? I? F?", importMatMulNBits);
}

} // namespace dnnc::importer
