// Fourier transforms as products with the matrix of roots of unity.
#include "compiler/import/Roots.h"
#include "compiler/import/RunTime.h"

using namespace mlir;

namespace dnnc::importer {

/// Rows (n, part of the input), columns (k, part of the result); a part is real or imaginary.
static Value transformMatrix(NodeBinder &node, Type element, int64_t length, int64_t rows, int64_t inputs, int64_t columns, int64_t outputs,
                             bool inverse, bool mirrored) {
  int64_t numbers = countElements({rows, inputs, columns, outputs});
  if (!node.affords(numbers)) return {};
  std::vector<double> matrix;
  matrix.reserve(numbers);
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

/// The lengths a frame may have: one, or, where the run says it and only the number of bins is declared, the two that have so many.
static Ints frameLengths(NodeBinder &node, const std::optional<Ints> &declared, bool onesided) {
  Value window = node.operand(2);
  bool given = node.operand(3) != Value(), varies = given && node.varies(3) && declared && declared->size() == 4;
  if (!window && !given) return node.error() << "neither 'window' nor 'frame_length' is given; one must be", Ints();
  if (varies && !window && onesided) return {2 * ((*declared)[2] - 1), 2 * (*declared)[2] - 1};
  std::optional<int64_t> length = window && node.rank(window) == 1 ? std::optional(node.shape(window)[0]) : std::nullopt;
  if (window && !length) return node.error() << "input 2 ('window') is " << node.type(window) << "; its rank must be 1", Ints();
  if (!given) return {*length};
  auto checked = node.intsOrDeclared(3, "frame_length", length || varies ? std::optional(Ints{length ? *length : (*declared)[2]}) : std::nullopt);
  if (!checked) return {};
  if (length && checked->front() != *length)
    return node.error() << "input 3 ('frame_length') is " << checked->front() << "; input 2 ('window') has " << *length << " values", Ints();
  return *checked;
}

/// Frames are gathered, weighed and transformed. Of a step known at run time the number of frames is checked.
static LogicalResult importStft(NodeBinder &node) {
  Value signal = node.operand(0), window = node.operand(2);
  bool onesided = node.intAttr("onesided", 1, flag);
  if (node.rank(signal) == 2) signal = node.reshape(signal, {node.shape(signal)[0], node.shape(signal)[1], 1});
  if (node.rank(signal) != 3 || node.shape(signal)[2] > 2 || node.shape(signal)[2] < 1)
    return node.error() << "input 0 ('signal') is " << node.type(signal) << "; it must be [batch, length, 1] or [batch, length, 2]";
  int64_t samples = node.shape(signal)[1], frames;
  std::optional<Ints> declared = node.resultShape();
  Ints lengths = frameLengths(node, declared, onesided);
  if (lengths.empty()) return failure();
  if (lengths.front() < 1 || lengths.front() > samples)
    return node.error() << "'frame_length' is " << lengths.front() << "; it must be between 1 and " << samples << ", the length of the signal";

  RunTime run(node);
  bool choose = lengths.size() > 1;
  Value length = choose ? run.operand(3) : run.constant(lengths), step;
  if (choose) node.check(run.isOneOf(length, lengths), 3, "frame_length", "must be one of " + listText(lengths) + ", by the declared shape");
  if (declared && declared->size() == 4 && (choose || node.varies(1))) {
    frames = (*declared)[1];
    step = run.operand(1);
    Value fits = run.map({step, length}, [&](Chain &chain, ValueRange args) {
      auto number = [&](int64_t value) { return chain.constant(double(value), args[0].getType()); };
      Value positive = chain.boolean("greater", {args[0], number(0)}), divisor = chain.fn("max", {args[0], number(1)});
      Value count = chain.fn("add", {chain.fn("div", {chain.fn("sub", {number(samples), args[1]}), divisor}), number(1)});
      return chain.boolean("logical_and", {positive, chain.boolean("equal", {count, number(frames)})});
    });
    node.check(fits, 1, "frame_step", "must give " + Twine(frames) + " frames, as the graph declares");
  } else {
    std::optional<int64_t> constant = node.constantInt(1, "frame_step");
    if (!constant) return failure();
    if (*constant < 1) return node.error() << "'frame_step' is " << *constant << "; it must be at least 1";
    frames = (samples - lengths.front()) / *constant + 1;
    step = run.constant({*constant});
  }
  Value starts = node.reshape(run.fn("mul", {run.iota(frames), step}), {frames, 1}), y;
  for (int64_t count : lengths) {
    Value indices = run.fn("add", {starts, node.reshape(run.iota(count), {1, count})});
    if (choose) indices = run.fn("min", {indices, run.constant({samples - 1})}); // of the length that is not chosen
    Value cut = node.create<dnn::GatherOp>(signal, indices, node.i64(1)); // [batch, frames, length, parts]
    if (window) cut = run.fn("mul", {cut, node.reshape(window, {count, 1})});
    Value result = cut ? transform(node, cut, 2, count, /*inverse=*/false, onesided) : Value();
    if (!result) return failure();
    y = y ? run.where(run.is("equal", {length, run.constant({count})}), result, y) : result;
  }
  return node.result(y);
}

void registerSignal(Registry &registry) {
  registry.on("DFT", 17, "F I?", importDft);
  registry.on("DFT", 20, "F I? L?", importDft);
  registry.on("STFT", 17, "F I F? I2?", importStft);
  registerWindows(registry);
}

} // namespace dnnc::importer
