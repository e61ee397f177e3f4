// Convolutions over three spatial dims as sums of ones over two: there are kernels for two. A tap along the depth is a two-dimensional
// convolution of the slices that it reads, with batch and depth as one dim; its sum with the taps before becomes its epilogue when
// pointwise ops are fused. A transposed convolution with a stride is one such sum for each place of the result modulo the stride.
#include "dialects/dnn/Constants.h"
#include "passes/Passes.h"
#include "passes/graph/Pointwise.h"

namespace dnnc {
#define GEN_PASS_DEF_FLATTENDEPTH
#include "Passes.h.inc"
} // namespace dnnc

using namespace mlir;
using namespace dnnc;

namespace {

using Ints = SmallVector<int64_t>;

/// A tap along the depth that reads slice `start` first.
struct Tap {
  int64_t index, start;
};

class Flattener {
public:
  explicit Flattener(Operation *op) : op(op), builder(op), loc(op->getLoc()) {}

  /// Σ over the taps of the two-dimensional op on slices start, start + step, … (\p count of them) of \p x; N×count, K, rows, columns.
  template <class Op> Value sum(Op conv, Value x, ArrayRef<Tap> taps, int64_t count, int64_t step) {
    int64_t low = 0, high = tensorOf(x).getDimSize(2);
    for (const Tap &tap : taps) low = std::min(low, tap.start), high = std::max(high, tap.start + (count - 1) * step + 1);
    x = pad(x, -low, high - tensorOf(x).getDimSize(2));
    Value result;
    for (const Tap &tap : taps) {
      Value slices = flatten(slice(x, tap.start - low, count, step));
      RankedTensorType wType = tensorOf(conv.getWeight());
      Value w;
      if (tap.index >= 0) {
        w = slice(conv.getWeight(), tap.index, 1, 1);
        w = reshape(w, {wType.getDimSize(0), wType.getDimSize(1), wType.getDimSize(3), wType.getDimSize(4)});
      } else { // no tap of the weights comes here: zeros
        Ints shape{wType.getDimSize(0), wType.getDimSize(1), wType.getDimSize(3), wType.getDimSize(4)};
        auto type = RankedTensorType::get(shape, wType.getElementType());
        w = createConstant(builder, loc, SplatElementsAttr::get(type, builder.getZeroAttr(wType.getElementType())));
      }
      Value part = create2D(conv, slices, w, result ? Value() : conv.getBias());
      result = result ? createPointwise(builder, loc, "add", {part, result}).getResult() : part;
    }
    return result;
  }

  Value flattenConv(dnn::ConvOp conv) {
    int64_t count = tensorOf(conv.getResult()).getDimSize(2);
    SmallVector<Tap> taps;
    for (int64_t t = 0; t < tensorOf(conv.getWeight()).getDimSize(2); ++t)
      taps.push_back({t, t * conv.getDilations()[0] - conv.getPads()[0]});
    return unflatten(sum(conv, conv.getInput(), taps, count, conv.getStrides()[0]), count);
  }

  /// Result slice phase + stride*j gets tap t from input slice j + (phase + pad - t*dilation)/stride, where that is whole.
  Value flattenTransposed(dnn::ConvTransposeOp conv) {
    RankedTensorType yType = tensorOf(conv.getResult());
    int64_t stride = conv.getStrides()[0], depth = yType.getDimSize(2), count = (depth + stride - 1) / stride;
    SmallVector<Value> phases;
    for (int64_t phase = 0; phase < stride; ++phase) {
      SmallVector<Tap> taps;
      for (int64_t t = 0; t < tensorOf(conv.getWeight()).getDimSize(2); ++t) {
        int64_t distance = phase + conv.getPads()[0] - t * conv.getDilations()[0];
        if (distance % stride == 0) taps.push_back({t, distance / stride});
      }
      if (taps.empty()) taps.push_back({-1, 0});
      Value part = unflatten(sum(conv, conv.getInput(), taps, count, 1), count);
      Ints shape(tensorOf(part).getShape());
      shape.insert(shape.begin() + 3, 1);
      phases.push_back(reshape(part, shape));
    }
    Ints joined(yType.getShape());
    joined[2] = count * stride;
    Value y =
        stride == 1 ? phases.front() : builder.create<dnn::ConcatOp>(loc, inferred<dnn::ConcatOp>(phases), phases, 3, DenseBoolArrayAttr());
    return slice(reshape(y, joined), 0, depth, 1);
  }

private:
  /// The type of a concat along dim 3.
  template <class Op> Type inferred(ArrayRef<Value> parts) {
    Ints shape(tensorOf(parts.front()).getShape());
    shape[3] = parts.size();
    return RankedTensorType::get(shape, tensorOf(parts.front()).getElementType());
  }
  Value reshape(Value value, ArrayRef<int64_t> shape) { return reshaped(builder, value, shape); }
  Value transpose(Value value) { // dims 1 and 2
    Ints shape(tensorOf(value).getShape());
    std::swap(shape[1], shape[2]);
    return builder.create<dnn::TransposeOp>(loc, RankedTensorType::get(shape, tensorOf(value).getElementType()), value,
                                            ArrayRef<int64_t>{0, 2, 1, 3, 4});
  }
  Value slice(Value value, int64_t start, int64_t size, int64_t step) { // dim 2
    RankedTensorType type = tensorOf(value);
    if (size == type.getDimSize(2) && start == 0) return value;
    Ints starts(type.getRank(), 0), sizes(type.getShape()), steps(type.getRank(), 1);
    starts[2] = start, sizes[2] = size, steps[2] = step;
    return builder.create<dnn::SliceOp>(loc, RankedTensorType::get(sizes, type.getElementType()), value, starts, sizes, steps, false);
  }
  Value pad(Value value, int64_t begin, int64_t end) { // dim 2
    RankedTensorType type = tensorOf(value);
    if (begin == 0 && end == 0) return value;
    Ints pads(2 * type.getRank(), 0), shape(type.getShape());
    pads[2] = begin, pads[2 + type.getRank()] = end;
    shape[2] += begin + end;
    return builder.create<dnn::PadOp>(loc, RankedTensorType::get(shape, type.getElementType()), value, builder.getDenseI64ArrayAttr(pads),
                                      builder.getStringAttr("constant"), builder.getF64FloatAttr(0));
  }
  /// N×C×D×H×W as (N·D)×C×H×W, and back.
  Value flatten(Value value) {
    ArrayRef<int64_t> s = tensorOf(value).getShape();
    return reshape(transpose(value), {s[0] * s[2], s[1], s[3], s[4]});
  }
  Value unflatten(Value value, int64_t depth) {
    ArrayRef<int64_t> s = tensorOf(value).getShape();
    return transpose(reshape(value, {s[0] / depth, depth, s[1], s[2], s[3]}));
  }
  RankedTensorType resultType(Operation *conv, Value x) {
    RankedTensorType y = tensorOf(conv->getResult(0));
    return RankedTensorType::get({tensorOf(x).getDimSize(0), y.getDimSize(1), y.getDimSize(3), y.getDimSize(4)}, y.getElementType());
  }
  static Ints planePads(ArrayRef<int64_t> pads) { return {pads[1], pads[2], pads[4], pads[5]}; }
  Value create2D(dnn::ConvOp conv, Value x, Value w, Value bias) {
    return builder.create<dnn::ConvOp>(loc, resultType(conv, x), x, w, bias, ValueRange(), conv.getStrides().drop_front(),
                                       planePads(conv.getPads()), conv.getDilations().drop_front(), conv.getGroup(),
                                       conv.getInputZeroPoint());
  }
  Value create2D(dnn::ConvTransposeOp conv, Value x, Value w, Value bias) {
    return builder.create<dnn::ConvTransposeOp>(loc, resultType(conv, x), x, w, bias, ValueRange(), conv.getStrides().drop_front(),
                                                planePads(conv.getPads()), conv.getDilations().drop_front(),
                                                conv.getOutputPadding().drop_front(), conv.getGroup());
  }

  Operation *op;
  OpBuilder builder;
  Location loc;
};

struct FlattenDepth : dnnc::impl::FlattenDepthBase<FlattenDepth> {
  void runOnOperation() override {
    func::FuncOp func = getOperation();
    if (func.isDeclaration()) return;
    for (Operation &op : llvm::make_early_inc_range(func.front())) {
      if (!isa<dnn::ConvOp, dnn::ConvTransposeOp>(op) || tensorOf(op.getOperand(0)).getRank() != 5 ||
          !cast<dnn::FusableOp>(op).epilogueChain().empty() || !tensorOf(op.getOperand(0)).getElementType().isF32())
        continue;
      Flattener flattener(&op);
      auto conv = dyn_cast<dnn::ConvOp>(op);
      Value flat = conv ? flattener.flattenConv(conv) : flattener.flattenTransposed(cast<dnn::ConvTransposeOp>(op));
      op.getResult(0).replaceAllUsesWith(flat);
      op.erase();
    }
  }
};

} // namespace
