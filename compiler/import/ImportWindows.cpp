// Windows and the mel filter bank.
#include "compiler/import/Roots.h"
#include "compiler/import/RunTime.h"

#include <cmath>

using namespace mlir;

namespace dnnc::importer {

static Type outputType(NodeBinder &node) {
  int64_t number = node.intAttr("output_datatype", 1, {1, 1000});
  Type element = elementType(node.builder.getContext(), int32_t(number));
  if (!element) node.error() << "attribute 'output_datatype' is " << dataTypeName(int32_t(number)) << ", a type that is not supported";
  return element;
}

/// a0 - a1 cos(2 pi n / N) + a2 cos(4 pi n / N), N the size, or the size less one when symmetric.
static Handler window(double a0, double a1, double a2) {
  return [=](NodeBinder &node) -> LogicalResult {
    bool periodic = node.intAttr("periodic", 1, flag);
    Type element = outputType(node);
    std::optional<Ints> size = node.intsOrDeclared(0, "size", node.resultShape());
    if (!size || !element) return failure();
    if (size->size() != 1 || size->front() < 0 || size->front() > maxDim)
      return node.error() << "'size' is " << listText(*size) << "; it must be one number between 0 and " << maxDim;
    if (!node.affords(size->front())) return failure();
    int64_t count = size->front(), period = std::max<int64_t>(periodic ? count : count - 1, 1);
    std::vector<double> values;
    for (int64_t n = 0; n < count; ++n)
      values.push_back(a0 - a1 * rootOfUnity(n, period).cosine + a2 * rootOfUnity(2 * n, period).cosine);
    return node.result(createConstant(node.builder, node.loc, RankedTensorType::get({count}, element), values));
  };
}

/// Triangles of height 1 whose corners lie evenly on the mel scale, 2595 log10(1 + f / 700), rounded down to bins of the spectrum.
static LogicalResult importMelWeights(NodeBinder &node) {
  Type element = outputType(node);
  if (!element) return failure();
  std::optional<Ints> declared = node.resultShape();
  if (declared && declared->size() != 2) declared.reset();
  auto mels = node.intsOrDeclared(0, "num_mel_bins", declared ? std::optional(Ints{(*declared)[1]}) : std::nullopt);
  if (!mels) return failure();
  if (mels->size() != 1) return node.error() << "input 0 ('num_mel_bins') has " << mels->size() << " values; it must have one";
  int64_t bins;
  RunTime run(node);
  if (declared && node.varies(1)) {
    bins = (*declared)[0];
    Value fits = run.map({run.operand(1)}, [&](Chain &chain, ValueRange args) {
      auto number = [&](int64_t value) { return chain.constant(double(value), args[0].getType()); };
      return chain.boolean("equal", {chain.fn("div", {args[0], number(2)}), number(bins - 1)});
    });
    node.check(fits, 1, "dft_length", "must be twice " + Twine(bins - 1) + ", or one more: the graph declares " + Twine(bins) + " bins");
  } else {
    std::optional<int64_t> length = node.constantInt(1, "dft_length");
    if (!length) return failure();
    bins = *length / 2 + 1;
  }
  if (mels->front() < 1 || mels->front() > maxDim || bins < 1 || bins > maxDim)
    return node.error() << "'num_mel_bins' is " << mels->front() << " and 'dft_length' makes " << bins << " bins; both must be positive";

  if (!node.affords(3 * mels->front() + bins)) return failure();
  // All in double precision; dnnc folds it where the operands are constant.
  Type wide = node.builder.getF64Type();
  auto scalar = [&](unsigned index) { return node.cast(node.reshape(node.operand(index), {1}), wide); };
  Value length = scalar(1), rate = scalar(2), low = scalar(3), high = scalar(4);
  auto corners = [&](int64_t first) { // number `first` of the mels + 2 corners, and those after it
    std::vector<double> numbers;
    for (int64_t i = 0; i < mels->front(); ++i) numbers.push_back(double(first + i));
    Value steps = createConstant(node.builder, node.loc, RankedTensorType::get({mels->front()}, wide), numbers);
    return run.map({steps, length, rate, low, high}, [&](Chain &chain, ValueRange args) {
      auto number = [&](double value) { return chain.constant(value, wide); };
      auto mel = [&](Value hertz) { // 2595 log10(1 + f / 700)
        Value ratio = chain.fn("add", {number(1), chain.fn("div", {hertz, number(700)})});
        return chain.fn("mul", {number(2595 / M_LN10), chain.fn("log", ratio)});
      };
      Value from = mel(args[3]), span = chain.fn("sub", {mel(args[4]), from});
      Value step = chain.fn("div", {span, number(double(mels->front() + 2))});
      Value at = chain.fn("add", {chain.fn("mul", {args[0], step}), from});
      Value power = chain.fn("pow", {number(10), chain.fn("div", {at, number(2595)})});
      Value hertz = chain.fn("mul", {number(700), chain.fn("sub", {power, number(1)})});
      Value scaled = chain.fn("mul", {chain.fn("add", {args[1], number(1)}), hertz});
      return chain.fn("floor", chain.fn("div", {scaled, args[2]}));
    });
  };
  std::vector<double> rows;
  for (int64_t i = 0; i < bins; ++i) rows.push_back(double(i));
  Value bin = createConstant(node.builder, node.loc, RankedTensorType::get({bins, 1}, wide), rows);
  return node.result(run.map({bin, corners(0), corners(1), corners(2)}, [&](Chain &chain, ValueRange args) {
    Value j = args[0], left = args[1], centre = args[2], right = args[3], zero = chain.constant(0, wide), one = chain.constant(1, wide);
    auto ratio = [&](Value part, Value whole) { return chain.fn("div", {part, chain.fn("max", {whole, one})}); };
    Value rising = ratio(chain.fn("sub", {j, left}), chain.fn("sub", {centre, left}));
    Value falling = ratio(chain.fn("sub", {right, j}), chain.fn("sub", {right, centre}));
    Value isUp = chain.boolean("logical_and", {chain.boolean("greater_equal", {j, left}), chain.boolean("less", {j, centre})});
    Value isDown = chain.boolean("logical_and", {chain.boolean("greater", {j, centre}), chain.boolean("less", {j, right})});
    Value slopes = chain.fn("where", {isUp, rising, chain.fn("where", {isDown, falling, zero}, wide)}, wide);
    Value height = chain.fn("where", {chain.boolean("equal", {j, centre}), one, slopes}, wide);
    return element == wide ? height : chain.fn("cast", height, element);
  }));
}

void registerWindows(Registry &registry) {
  registry.on("HannWindow", 17, "I", window(0.5, 0.5, 0));
  registry.on("HammingWindow", 17, "I", window(25.0 / 46, 21.0 / 46, 0));
  registry.on("BlackmanWindow", 17, "I", window(0.42, 0.5, 0.08));
  registry.on("MelWeightMatrix", 17, "I I I F F", importMelWeights);
}

} // namespace dnnc::importer
