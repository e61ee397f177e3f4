// Signal processing: Fourier transforms as products with the matrix of roots of unity, windows, the mel filter bank.
#include "compiler/import/RunTime.h"

#include <cmath>
#include <utility>

using namespace mlir;

namespace dnnc::importer {

//===----------------------------------------------------------------------===//
// Roots of unity
//===----------------------------------------------------------------------===//

namespace {
struct Root {
  double cosine, sine;
};
} // namespace

/// exp(2 pi i k / n). The angle is brought into an eighth of a turn first, by integers: what cancels on paper cancels in numbers.
static Root rootOfUnity(int64_t k, int64_t n) {
  int64_t eighths = (k % n + n) % n * 8, octant = eighths / n, rest = eighths % n;
  if (octant % 2) rest = n - rest;
  double angle = double(rest) / double(n) * (M_PI / 4), c = std::cos(angle), s = std::sin(angle);
  if ((octant + 1) / 2 % 2) std::swap(c, s);
  return {octant >= 2 && octant < 6 ? -c : c, octant >= 4 ? -s : s};
}

/// Rows (n, part of the input), columns (k, part of the result); a part is real or imaginary.
static Value transformMatrix(NodeBinder &node, Type element, int64_t length, int64_t rows, int64_t inputs, int64_t columns, int64_t outputs,
                             bool inverse, bool mirrored) {
  constexpr int64_t limit = int64_t(1) << 26;
  if (double(rows) * double(inputs) * double(columns) * double(outputs) > double(limit))
    return node.error() << "the transform of length " << length << " would need a matrix of more than " << limit << " numbers", Value();
  std::vector<double> matrix;
  matrix.reserve(rows * inputs * columns * outputs);
  for (int64_t n = 0; n < rows; ++n)
    for (int64_t in = 0; in < inputs; ++in)
      for (int64_t k = 0; k < columns; ++k)
        for (int64_t out = 0; out < outputs; ++out) {
          Root root = rootOfUnity(n * k, length);
          double sine = inverse ? root.sine : -root.sine;
          double value = in == out ? root.cosine : in == 0 ? sine : -sine;
          if (inverse) value /= double(length);
          // A one-sided spectrum stands for its mirror image too, which has the conjugate.
          bool single = n == 0 || 2 * n == length;
          matrix.push_back(mirrored && !single ? 2 * value : value);
        }
  return createConstant(node.builder, node.loc, RankedTensorType::get({rows * inputs, columns * outputs}, element), matrix);
}

//===----------------------------------------------------------------------===//
// DFT
//===----------------------------------------------------------------------===//

/// `x` [..., n, ..., parts] transformed along `axis`; `length` numbers count, missing ones are 0.
static Value transform(NodeBinder &node, Value x, int64_t axis, int64_t length, bool inverse, bool onesided) {
  RankedTensorType type = node.type(x);
  int64_t rank = type.getRank(), inputs = type.getShape().back(), bins = length / 2 + 1;
  int64_t wanted = inverse && onesided ? bins : length, rows = std::min(type.getDimSize(axis), wanted);
  int64_t columns = onesided && !inverse ? bins : length, outputs = onesided && inverse ? 1 : 2;
  if (rows < type.getDimSize(axis)) {
    Ints sizes(type.getShape());
    sizes[axis] = rows;
    x = node.create<dnn::SliceOp>(x, node.i64s(Ints(rank, 0)), node.i64s(sizes), node.i64s(Ints(rank, 1)), UnitAttr());
  }
  // The axis goes before the parts, and both become the rows of a product.
  Ints perm, back(rank);
  for (int64_t dim = 0; dim < rank - 1; ++dim)
    if (dim != axis) perm.push_back(dim);
  perm.append({axis, rank - 1});
  for (auto [to, from] : llvm::enumerate(perm)) back[from] = int64_t(to);
  x = node.transpose(x, perm);
  if (!x) return {};
  Ints shape(node.shape(x));
  int64_t others = 1;
  for (int64_t dim : ArrayRef<int64_t>(shape).drop_back(2)) others *= dim;
  Value matrix = transformMatrix(node, type.getElementType(), length, rows, inputs, columns, outputs, inverse, onesided && inverse);
  Value flat = node.reshape(x, {others, rows * inputs});
  Value y = matrix ? node.create<dnn::MatMulOp>(flat, matrix, Value(), ValueRange(), node.i64(0)) : Value();
  shape[rank - 2] = columns, shape[rank - 1] = outputs;
  return y ? node.transpose(node.reshape(y, shape), back) : y;
}

/// dft_length: a constant, or what the declared size along the axis says, which the run checks.
static std::optional<int64_t> transformLength(NodeBinder &node, int64_t axis, bool inverse, bool onesided) {
  int64_t size = node.shape(node.operand(0))[axis], length = onesided && inverse ? 2 * (size - 1) : size;
  std::optional<Ints> declared = node.resultShape();
  if (!node.operand(1)) return length;
  if (declared && node.varies(1) && axis < int64_t(declared->size())) {
    int64_t result = (*declared)[axis];
    if (onesided && !inverse) // an even length and the odd one after it have as many bins
      return node.error() << "input 1 ('dft_length') is known at run time only; of a one-sided transform it must be constant", std::nullopt;
    auto checked = node.intsOrDeclared(1, "dft_length", Ints{result});
    return checked ? std::optional(result) : std::nullopt;
  }
  return node.constantInt(1, "dft_length");
}

static LogicalResult importDft(NodeBinder &node) {
  Value x = node.operand(0);
  int64_t rank = node.rank(x), parts = rank ? node.shape(x).back() : 0;
  bool inverse = node.intAttr("inverse", 0, flag), onesided = node.intAttr("onesided", 0, flag), isAttr = node.version() < 20;
  if (rank < 2 || (parts != 1 && parts != 2))
    return node.error() << "the input is " << node.type(x) << "; it must have at least 2 dims, and the last must be 1 (real) or 2 (complex)";
  if (onesided && parts != (inverse ? 2 : 1))
    return node.error() << "the input is " << node.type(x) << "; a one-sided transform takes "
                        << (inverse ? "complex numbers when inverse" : "real numbers");
  auto along = [&](int64_t axis) -> Value {
    std::optional<int64_t> length = transformLength(node, axis, inverse, onesided);
    if (length && (*length < 1 || *length > maxDim))
      return node.error() << "'dft_length' is " << *length << "; it must be between 1 and " << maxDim, Value();
    return length ? transform(node, x, axis, *length, inverse, onesided) : Value();
  };
  if (!isAttr && node.varies(2)) { // all transforms that give the declared shape, and the one of the run selected
    std::optional<Ints> declared = node.resultShape();
    RunTime run(node);
    std::vector<Ints> axes = RunTime::axesSets(rank, 1, [&](ArrayRef<int64_t> axis) {
      if (axis[0] == rank - 1 || !declared) return axis[0] != rank - 1;
      int64_t size = node.shape(x)[axis[0]], same = onesided && inverse ? 2 * (size - 1) : onesided ? size / 2 + 1 : size;
      Ints shape(node.shape(x));
      shape[axis[0]] = node.operand(1) ? (*declared)[axis[0]] : same;
      shape.back() = onesided && inverse ? 1 : 2;
      return shape == *declared;
    });
    Value key = run.checkedAxes(2, "axis", axes, rank, "the declared shape");
    return node.result(run.select(key, axes, rank, [&](ArrayRef<int64_t> axis) { return along(axis[0]); }));
  }
  std::optional<int64_t> given = isAttr ? node.intAttr("axis", 1) : node.operand(2) ? node.constantInt(2, "axis") : -2;
  std::optional<int64_t> axis = given ? node.axis("axis", *given, rank) : std::nullopt;
  if (!axis) return failure();
  if (*axis == rank - 1) return node.error() << "attribute 'axis' is " << *given << "; the last dim holds the parts of a number";
  return node.result(along(*axis));
}

//===----------------------------------------------------------------------===//
// STFT
//===----------------------------------------------------------------------===//

/// The number of samples from frame to frame; of one known at run time the number of frames is checked.
static LogicalResult importStft(NodeBinder &node) {
  Value signal = node.operand(0), window = node.operand(2);
  bool onesided = node.intAttr("onesided", 1, flag);
  if (node.rank(signal) == 2) signal = node.reshape(signal, {node.shape(signal)[0], node.shape(signal)[1], 1});
  if (node.rank(signal) != 3 || node.shape(signal)[2] > 2 || node.shape(signal)[2] < 1)
    return node.error() << "input 0 ('signal') is " << node.type(signal) << "; it must be [batch, length, 1] or [batch, length, 2]";
  int64_t samples = node.shape(signal)[1];
  std::optional<Ints> declared = node.resultShape();
  if (!window && !node.operand(3)) return node.error() << "neither 'window' nor 'frame_length' is given; one must be";
  std::optional<int64_t> length = window ? std::optional(node.shape(window).empty() ? 0 : node.shape(window)[0]) : std::nullopt;
  if (node.operand(3)) {
    std::optional<Ints> expected;
    if (length || (declared && declared->size() == 4 && !onesided)) expected = Ints{length ? *length : (*declared)[2]};
    auto checked = node.intsOrDeclared(3, "frame_length", expected);
    if (!checked) return failure();
    if (length && checked->front() != *length)
      return node.error() << "input 3 ('frame_length') is " << checked->front() << "; input 2 ('window') has " << *length << " values";
    length = checked->front();
  }
  if (*length < 1 || *length > samples)
    return node.error() << "'frame_length' is " << *length << "; it must be between 1 and " << samples << ", the length of the signal";

  RunTime run(node);
  int64_t frames;
  Value step;
  if (declared && declared->size() == 4 && node.varies(1)) {
    frames = (*declared)[1];
    step = run.operand(1);
    Value fits = run.map({step}, [&](Chain &chain, ValueRange args) {
      auto number = [&](int64_t value) { return chain.constant(double(value), args[0].getType()); };
      Value positive = chain.boolean("greater", {args[0], number(0)}), divisor = chain.fn("max", {args[0], number(1)});
      Value count = chain.fn("add", {chain.fn("div", {number(samples - *length), divisor}), number(1)});
      return chain.boolean("logical_and", {positive, chain.boolean("equal", {count, number(frames)})});
    });
    node.check(fits, 1, "frame_step", "must give " + Twine(frames) + " frames, as the graph declares");
  } else {
    std::optional<int64_t> constant = node.constantInt(1, "frame_step");
    if (!constant) return failure();
    if (*constant < 1) return node.error() << "'frame_step' is " << *constant << "; it must be at least 1";
    frames = (samples - *length) / *constant + 1;
    step = run.constant({*constant});
  }
  // Sample numbers [frames, length], gathered, weighed and transformed.
  Value starts = run.fn("mul", {run.iota(frames), step});
  Value indices = run.fn("add", {node.reshape(starts, {frames, 1}), node.reshape(run.iota(*length), {1, *length})});
  Value cut = node.create<dnn::GatherOp>(signal, indices, node.i64(1)); // [batch, frames, length, parts]
  if (window) cut = run.fn("mul", {cut, node.reshape(window, {*length, 1})});
  return cut ? node.result(transform(node, cut, 2, *length, /*inverse=*/false, onesided)) : failure();
}

//===----------------------------------------------------------------------===//
// Windows
//===----------------------------------------------------------------------===//

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

void registerSignal(Registry &registry) {
  registry.on("DFT", 17, "F I?", importDft);
  registry.on("DFT", 20, "F I? L?", importDft);
  registry.on("STFT", 17, "F I F? I2?", importStft);
  registry.on("HannWindow", 17, "I", window(0.5, 0.5, 0));
  registry.on("HammingWindow", 17, "I", window(25.0 / 46, 21.0 / 46, 0));
  registry.on("BlackmanWindow", 17, "I", window(0.42, 0.5, 0.08));
  registry.on("MelWeightMatrix", 17, "I I I F F", importMelWeights);
}

} // namespace dnnc::importer
