// Ops that move data: views cost nothing, the rest is strided copies and table copies.
#include "passes/lower/Lowering.h"

#include "dialects/pw/SmallTypes.h"
#include "passes/select/Strides.h"
#include "runtime/kernels/resize/pack.h"

#include "llvm/ADT/TypeSwitch.h"

using namespace mlir;

namespace dnnc {

bool isView(dnn::BitcastOp op) {
  auto storage = [](Value value) { return pw::storageType(Lowering::typeOf(value).getElementType()); };
  return storage(op.getInput()) == storage(op.getResult());
}

namespace {

LogicalResult lowerTranspose(Lowering &lowering, dnn::TransposeOp op) {
  View view = lowering.read(op.getInput());
  SmallVector<int64_t> strides;
  for (int64_t dim : op.getPerm())
    strides.push_back(view.strides[dim]);
  view.strides = strides;
  lowering.define(op.getResult(), view);
  return success();
}

LogicalResult lowerReshape(Lowering &lowering, dnn::ReshapeOp op) {
  RankedTensorType from = Lowering::typeOf(op.getInput()), to = Lowering::typeOf(op.getResult());
  View view = lowering.readIf(op.getInput(), [&](ArrayRef<int64_t> strides) {
    return reshapeStrides(from.getShape(), strides, to.getShape()).has_value();
  });
  view.strides = *reshapeStrides(from.getShape(), view.strides, to.getShape());
  lowering.define(op.getResult(), view);
  return success();
}

LogicalResult lowerBitcast(Lowering &lowering, dnn::BitcastOp op) {
  RankedTensorType type = Lowering::typeOf(op.getResult());
  View x = lowering.read(op.getInput());
  if (isView(op))
    lowering.define(op.getResult(), x);
  else // C++ may not see a float's memory as an integer
    lowering.copy(op, type.getShape(), dnn::orderOf(type), type.getElementType(), x, lowering.write(op.getResult()), "bit cast");
  return success();
}

LogicalResult lowerRelayout(Lowering &lowering, dnn::RelayoutOp op) {
  RankedTensorType from = Lowering::typeOf(op.getInput()), to = Lowering::typeOf(op.getResult());
  if (getConstant(op.getInput())) // becomes a weight in the new order on first use
    return success();
  if (dnn::sameMemory(from.getShape(), dnn::orderOf(from), dnn::orderOf(to))) {
    lowering.define(op.getResult(), lowering.read(op.getInput()));
    return success();
  }
  View x = lowering.read(op.getInput());
  auto takesAny = [&](OpOperand &use) {
    auto conv = dyn_cast<dnn::ConvOp>(use.getOwner());
    return conv && use.getOperandNumber() == 0 && readsPlanes(lowering, conv, x.strides);
  };
  if (llvm::all_of(op->getUses(), takesAny)) {
    lowering.define(op.getResult(), x);
    return success();
  }
  View y = lowering.write(op.getResult());
  lowering.copy(op, to.getShape(), dnn::orderOf(to), to.getElementType(), x, y, "relayout");
  return success();
}

LogicalResult lowerConcat(Lowering &lowering, dnn::ConcatOp op) {
  RankedTensorType type = Lowering::typeOf(op.getResult());
  // With operands in place the buffer exists already: it was placed before the first of them was computed.
  View y = lowering.write(op.getResult());
  int64_t axis = fromFront(op.getAxis(), type.getRank()), start = 0;
  for (auto [i, input] : llvm::enumerate(op.getInputs())) {
    View part = y;
    part.offset += start * y.strides[axis];
    start += Lowering::typeOf(input).getDimSize(axis);
    if (op.getInPlace() && (*op.getInPlace())[i])
      continue;
    lowering.copy(op, Lowering::typeOf(input).getShape(), dnn::orderOf(type), type.getElementType(), lowering.read(input), part,
                  "operand " + std::to_string(i) + " of the concat");
  }
  return success();
}

LogicalResult lowerSlice(Lowering &lowering, dnn::SliceOp op) {
  RankedTensorType type = Lowering::typeOf(op.getResult());
  View view = lowering.read(op.getInput());
  for (auto [dim, stride] : llvm::enumerate(view.strides)) {
    view.offset += op.getStarts()[dim] * stride;
    stride *= op.getSteps()[dim];
  }
  if (op.getView() && !lowering.isPlaced(op.getResult())) {
    lowering.define(op.getResult(), view);
    return success();
  }
  lowering.copy(op, type.getShape(), dnn::orderOf(type), type.getElementType(), view, lowering.write(op.getResult()), "slice");
  return success();
}

LogicalResult lowerBroadcast(Lowering &lowering, dnn::BroadcastOp op) {
  RankedTensorType from = Lowering::typeOf(op.getInput()), to = Lowering::typeOf(op.getResult());
  View x = lowering.read(op.getInput());
  SmallVector<int64_t> strides(to.getRank(), 0);
  for (int64_t dim = 0, skipped = to.getRank() - from.getRank(); dim < from.getRank(); ++dim)
    strides[dim + skipped] = from.getDimSize(dim) == 1 ? 0 : x.strides[dim];
  x.strides = strides;
  // A scatter copies its data anyway.
  if (llvm::all_of(op->getUsers(), [](Operation *user) { return isa<dnn::ScatterNDOp, dnn::ScatterElementsOp>(user); }) &&
      llvm::all_of(op->getUses(), [](OpOperand &use) { return use.getOperandNumber() == 0; }) && !lowering.isPlaced(op.getResult())) {
    lowering.define(op.getResult(), x);
    return success();
  }
  lowering.copy(op, to.getShape(), dnn::orderOf(to), to.getElementType(), x, lowering.write(op.getResult()), "broadcast");
  return success();
}

/// Every dim as (repeat, dim): a copy over twice as many dims with stride 0 for the repeats.
LogicalResult lowerTile(Lowering &lowering, dnn::TileOp op) {
  RankedTensorType from = Lowering::typeOf(op.getInput());
  View x = lowering.read(op.getInput()), y = lowering.write(op.getResult());
  SmallVector<int64_t> shape;
  View source{x.buffer, x.offset, {}}, target{y.buffer, y.offset, {}};
  for (int64_t dim = 0; dim < from.getRank(); ++dim) {
    shape.append({op.getRepeats()[dim], from.getDimSize(dim)});
    source.strides.append({0, x.strides[dim]});
    target.strides.append({y.strides[dim] * from.getDimSize(dim), y.strides[dim]});
  }
  SmallVector<int64_t> order;
  for (int64_t dim : dnn::orderOf(from))
    order.append({2 * dim, 2 * dim + 1});
  SmallVector<int64_t> merged(shape), strides[2] = {source.strides, target.strides};
  collapseDims(merged, strides, order);
  if (merged.size() > 8)
    return op.emitError() << "walks " << merged.size() << " dims that cannot be merged; there are kernels for up to 8";
  lowering.copy(op, shape, order, from.getElementType(), source, target, "tile");
  return success();
}

/// The input index for each output index of one padded dim; -1 is the constant.
SmallVector<int64_t> padTable(StringRef mode, int64_t in, int64_t begin, int64_t end) {
  SmallVector<int64_t> table;
  for (int64_t o = -begin; o < in + end; ++o) {
    int64_t i = o;
    if (mode == "constant")
      i = o < 0 || o >= in ? -1 : o;
    else if (mode == "edge")
      i = std::clamp<int64_t>(o, 0, in - 1);
    else if (mode == "wrap")
      i = ((o % in) + in) % in;
    else if (in > 1) { // reflect, without the edge twice
      i = ((o % (2 * in - 2)) + 2 * in - 2) % (2 * in - 2);
      i = i < in ? i : 2 * in - 2 - i;
    } else
      i = 0;
    table.push_back(i);
  }
  return table;
}

/// The bits of a float value in the element type, as move_table_copy stores them.
int64_t bitsOf(double value, Type type) {
  if (auto floating = dyn_cast<FloatType>(type)) {
    APFloat narrow(value);
    bool lossy;
    narrow.convert(floating.getFloatSemantics(), APFloat::rmNearestTiesToEven, &lossy);
    return narrow.bitcastToAPInt().getZExtValue();
  }
  return static_cast<int64_t>(value);
}

/// One table of element offsets per dim in memory order; the innermost dims that are taken whole make one run.
void tableCopy(Lowering &lowering, Operation *op, Value input, ArrayRef<SmallVector<int64_t>> indexTables, double value, StringRef what) {
  RankedTensorType from = Lowering::typeOf(input), to = Lowering::typeOf(op->getResult(0));
  View x = lowering.read(input), y = lowering.write(op->getResult(0));
  SmallVector<int64_t> shape, strides, dims;
  int64_t run = 1;
  bool inRun = true;
  dnn::Order order = dnn::orderOf(to);
  for (int64_t dim : llvm::reverse(order)) {
    bool whole = llvm::equal(indexTables[dim], llvm::seq<int64_t>(0, from.getDimSize(dim)));
    bool contiguous = from.getDimSize(dim) == 1 || (x.strides[dim] == run && y.strides[dim] == run);
    if (inRun && whole && contiguous) {
      run *= from.getDimSize(dim);
      continue;
    }
    inRun = false;
    if (indexTables[dim].size() == 1 && indexTables[dim][0] == 0)
      continue;
    dims.insert(dims.begin(), dim);
  }
  std::vector<int64_t> table;
  if (dims.empty()) { // everything is one run
    shape = {1};
    strides = {0};
    table = {0};
  }
  for (int64_t dim : dims) {
    shape.push_back(indexTables[dim].size());
    strides.push_back(y.strides[dim]);
    for (int64_t i = 0; i < shape.back(); ++i)
      table.push_back(indexTables[dim][i] < 0 ? -1 : indexTables[dim][i] * x.strides[dim]);
  }
  Type element = to.getElementType();
  Call call;
  call.kernel = "move_table_copy_b" + std::to_string(8 * dnn::elementBytes(element));
  call.inputs = {lowering.pointer(x), lowering.weight(op->getLoc(), IntegerType::get(op->getContext(), 64), table, "table")};
  call.outputs = {lowering.pointer(y)};
  call.bytes = 2 * run * ShapedType::getNumElements(shape) * dnn::elementBytes(element);
  Params params(lowering.builder);
  params.set("rank", shape.size()).set("run", run).set("value", bitsOf(value, element)).set("shape", shape).set("dst_strides", strides);
  lowering.emit(op, call, params, what);
}

LogicalResult lowerPad(Lowering &lowering, dnn::PadOp op) {
  RankedTensorType type = Lowering::typeOf(op.getInput());
  SmallVector<SmallVector<int64_t>> tables;
  for (int64_t dim = 0; dim < type.getRank(); ++dim)
    tables.push_back(padTable(op.getMode(), type.getDimSize(dim), op.getPads()[dim], op.getPads()[dim + type.getRank()]));
  tableCopy(lowering, op, op.getInput(), tables, op.getValue().convertToDouble(), "pad");
  return success();
}

resize_tables::Table resizeTable(dnn::ResizeOp op, int64_t dim) {
  using namespace resize_tables;
  RankedTensorType from = Lowering::typeOf(op.getInput()), to = Lowering::typeOf(op.getResult());
  Axis axis;
  axis.mode = op.getMode() == "nearest" ? Mode::Nearest : op.getMode() == "linear" ? Mode::Linear : Mode::Cubic;
  axis.coordinates = llvm::StringSwitch<Coordinates>(op.getCoordinateMode())
                         .Case("half_pixel_symmetric", Coordinates::HalfPixelSymmetric)
                         .Case("pytorch_half_pixel", Coordinates::PytorchHalfPixel)
                         .Case("align_corners", Coordinates::AlignCorners)
                         .Case("asymmetric", Coordinates::Asymmetric)
                         .Case("tf_crop_and_resize", Coordinates::TfCropAndResize)
                         .Default(Coordinates::HalfPixel);
  axis.rounding = llvm::StringSwitch<Rounding>(op.getNearestMode())
                      .Case("round_prefer_ceil", Rounding::RoundPreferCeil)
                      .Case("floor", Rounding::Floor)
                      .Case("ceil", Rounding::Ceil)
                      .Default(Rounding::RoundPreferFloor);
  axis.in = from.getDimSize(dim), axis.out = to.getDimSize(dim);
  axis.scale = static_cast<float>(op.getScales()[dim]);
  if (op.getRoi()) {
    axis.roi_start = static_cast<float>((*op.getRoi())[dim]);
    axis.roi_end = static_cast<float>((*op.getRoi())[dim + from.getRank()]);
  }
  axis.cubic_a = static_cast<float>(op.getCubicA().convertToDouble());
  axis.exclude_outside = op.getExcludeOutside();
  axis.antialias = op.getAntialias();
  return make_table(axis);
}

/// linear and cubic, one axis of any tensor: [outer, axis, inner] in memory order.
void resizeAxis(Lowering &lowering, dnn::ResizeOp op, const View &x, const View &y, RankedTensorType type, int64_t dim) {
  Builder &b = lowering.builder;
  resize_tables::Table table = resizeTable(op, dim);
  int64_t outer = 1, inner = 1;
  bool before = true;
  for (int64_t d : dnn::orderOf(type)) {
    if (d == dim)
      before = false;
    else
      (before ? outer : inner) *= type.getDimSize(d);
  }
  Call call;
  call.kernel = "resize_axis_f32";
  call.inputs = {lowering.pointer(x), lowering.weight(op.getLoc(), b.getI32Type(), table.index, "index"),
                 lowering.weight(op.getLoc(), b.getF32Type(), table.weight, "weight")};
  call.outputs = {lowering.pointer(y)};
  Params params(b);
  params.set("outer", outer).set("in", type.getDimSize(dim)).set("out", Lowering::typeOf(op.getResult()).getDimSize(dim)).set("inner", inner);
  params.set("taps", table.taps).setReal("extrapolation", op.getExtrapolation().convertToDouble());
  lowering.emit(op, call, params, "along dim " + std::to_string(dim));
}

LogicalResult lowerResize(Lowering &lowering, dnn::ResizeOp op) {
  RankedTensorType from = Lowering::typeOf(op.getInput()), to = Lowering::typeOf(op.getResult());
  if (op.getMode() == "nearest") {
    SmallVector<SmallVector<int64_t>> tables;
    for (int64_t dim = 0; dim < from.getRank(); ++dim) {
      resize_tables::Table table = resizeTable(op, dim);
      tables.emplace_back(table.index.begin(), table.index.end());
    }
    tableCopy(lowering, op, op.getInput(), tables, op.getExtrapolation().convertToDouble(), "resize");
    return success();
  }
  if (!from.getElementType().isF32())
    return op.emitError() << "has element type " << from.getElementType() << " in mode " << op.getMode() << "; there are kernels for f32 only";
  bool image = from.getRank() == 4 && from.getDimSize(0) == to.getDimSize(0) && from.getDimSize(1) == to.getDimSize(1) &&
               dnn::orderOf(from) == dnn::channelsLastOrder(4);
  if (!image) {
    SmallVector<int64_t> resized;
    for (int64_t dim = 0; dim < from.getRank(); ++dim)
      if (from.getDimSize(dim) != to.getDimSize(dim) || op.getScales()[dim] != 1.0)
        resized.push_back(dim);
    View x = lowering.readContiguous(op.getInput()), y = lowering.writeContiguous(op.getResult());
    if (resized.empty())
      lowering.copy(op, to.getShape(), dnn::orderOf(to), to.getElementType(), x, y, "resize to the same size");
    RankedTensorType type = from;
    for (int64_t dim : resized) {
      SmallVector<int64_t> shape(type.getShape());
      shape[dim] = to.getDimSize(dim);
      auto next = RankedTensorType::get(shape, type.getElementType(), type.getEncoding());
      View target = dim == resized.back() ? y : lowering.alloc(next);
      resizeAxis(lowering, op, x, target, type, dim);
      x = target;
      type = next;
    }
    return success();
  }
  auto channels = [](ArrayRef<int64_t> strides) { return strides[1] == 1; };
  bool oneChannel = from.getDimSize(1) == 1;
  View x = lowering.readIf(op.getInput(), [&](ArrayRef<int64_t> s) { return oneChannel || channels(s); });
  View y = lowering.writeIf(op.getResult(), [&](ArrayRef<int64_t> s) { return oneChannel || channels(s); });
  resize_tables::Table rows = resizeTable(op, 2), columns = resizeTable(op, 3);
  Builder &b = lowering.builder;
  Call call;
  bool plain = rows.taps == columns.taps && (rows.taps == 2 || rows.taps == 4);
  call.kernel = std::string("resize_") + (!plain ? "sampled" : rows.taps == 2 ? "linear" : "cubic") + "_f32";
  call.inputs = {lowering.pointer(x), lowering.weight(op.getLoc(), b.getI32Type(), rows.index, "rows"),
                 lowering.weight(op.getLoc(), b.getF32Type(), rows.weight, "row weights"),
                 lowering.weight(op.getLoc(), b.getI32Type(), columns.index, "columns"),
                 lowering.weight(op.getLoc(), b.getF32Type(), columns.weight, "column weights")};
  call.outputs = {lowering.pointer(y)};
  Params params(b);
  params.set("n", to.getDimSize(0)).set("c", to.getDimSize(1)).set("oh", to.getDimSize(2)).set("ow", to.getDimSize(3));
  params.set("y_taps", rows.taps).set("x_taps", columns.taps).setReal("extrapolation", op.getExtrapolation().convertToDouble());
  params.set("x_n", x.strides[0]).set("x_h", x.strides[2]).set("x_w", x.strides[3]);
  params.set("y_n", y.strides[0]).set("y_h", y.strides[2]).set("y_w", y.strides[3]);
  lowering.emit(op, call, params);
  return success();
}

} // namespace

LogicalResult lowerMovement(Lowering &lowering, Operation *op) {
  return llvm::TypeSwitch<Operation *, LogicalResult>(op)
      .Case<dnn::TransposeOp>([&](auto o) { return lowerTranspose(lowering, o); })
      .Case<dnn::BitcastOp>([&](auto o) { return lowerBitcast(lowering, o); })
      .Case<dnn::ReshapeOp>([&](auto o) { return lowerReshape(lowering, o); })
      .Case<dnn::RelayoutOp>([&](auto o) { return lowerRelayout(lowering, o); })
      .Case<dnn::ConcatOp>([&](auto o) { return lowerConcat(lowering, o); })
      .Case<dnn::SliceOp>([&](auto o) { return lowerSlice(lowering, o); })
      .Case<dnn::BroadcastOp>([&](auto o) { return lowerBroadcast(lowering, o); })
      .Case<dnn::TileOp>([&](auto o) { return lowerTile(lowering, o); })
      .Case<dnn::PadOp>([&](auto o) { return lowerPad(lowering, o); })
      .Case<dnn::ResizeOp>([&](auto o) { return lowerResize(lowering, o); })
      .Default([](Operation *) { return failure(); });
}

} // namespace dnnc
