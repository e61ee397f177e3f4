// Quantized operators with scales, zero points or weights of the run. Sums of products are exact, in i32; a convolution becomes a matrix
// product of its windows. Slower by far than with constants, but rarely met.
#include "compiler/import/RunTimeOps.h"
#include "compiler/import/Window.h"

#include "dialects/dnn/Remarks.h"

using namespace mlir;

namespace dnnc::importer {

/// A scale or zero point, shaped so that a list of them goes along \p axis of \p rank dims.
static Value parameter(NodeBinder &node, unsigned index, Type type, int64_t axis, int64_t rank) {
  Value value = node.operand(index);
  if (!value) return createConstant(node.builder, node.loc, RankedTensorType::get({1}, type), {0.0});
  int64_t count = node.type(value).getNumElements();
  Ints shape(count == 1 ? 1 : std::max<int64_t>(rank - axis, 0), 1);
  if (count != 1 && node.rank(value) > 1) return node.cast(value, type); // in full rank
  if (!shape.empty()) shape.front() = count;
  return node.cast(node.reshape(value, shape), type);
}

/// The integers of operand \p index less its zero point, as i32.
static Value shifted(NodeBinder &node, unsigned index, unsigned zeroIndex, int64_t axis) {
  Type i32 = node.builder.getI32Type();
  Value value = node.operand(index), zero = parameter(node, zeroIndex, i32, axis, node.rank(value));
  return node.pointwise({value, zero}, [&](Chain &chain, ValueRange args) {
    return chain.fn("sub", {chain.fn("cast", args[0], i32), args[1]});
  });
}

/// Sums times \p scale, rounded, less the zero point of the result.
static Value requantize(NodeBinder &node, Value sums, Value left, Value right, unsigned scaleIndex, Type to) {
  Type f32 = node.builder.getF32Type();
  Value scale = parameter(node, scaleIndex, f32, 0, 1), zero = parameter(node, scaleIndex + 1, f32, 0, 1);
  return node.pointwise({sums, left, right, scale, zero}, [&](Chain &chain, ValueRange args) {
    Value factor = chain.fn("div", {chain.fn("mul", {args[1], args[2]}), args[3]});
    Value rounded = chain.fn("round", chain.fn("mul", {chain.fn("cast", args[0], f32), factor}));
    return chain.fn("saturate", {chain.fn("add", {rounded, args[4]})}, to);
  });
}

/// Convolution of integers with the node's attributes: the taps of all windows side by side, times the weights.
static Value convByMatMul(NodeBinder &node, Value x, Value w) {
  constexpr int64_t maxTaps = 4096;
  if (!x || !w || !checkSpatialRank(node, x)) return {};
  int64_t n = node.shape(x)[0], c = node.shape(x)[1], k = node.shape(w)[0], spatial = node.rank(x) - 2;
  int64_t group = node.intAttr("group", 1, positive);
  node.attr("kernel_shape");
  if (node.rank(w) != node.rank(x) || c % group || k % group || node.shape(w)[1] != c / group)
    return node.error() << "the input is " << node.type(x) << ", the weight " << node.type(w) << " and 'group' " << group
                        << "; they do not fit each other",
           Value();
  std::optional<Window> window = readWindow(node, node.shape(x).drop_front(2), node.shape(w).drop_front(2));
  if (!window) return {};
  Ints pads(2 * (spatial + 2), 0), sizes(node.shape(x)), steps(spatial + 2, 1);
  int64_t taps = 1, places = 1;
  for (int64_t i = 0; i < spatial; ++i) {
    pads[i + 2] = window->pads[i];
    pads[i + spatial + 4] = window->pads[i + spatial];
    sizes[i + 2] = (node.shape(x)[i + 2] + window->pads[i] + window->pads[i + spatial] - window->extent(i)) / window->strides[i] + 1;
    steps[i + 2] = window->strides[i];
    taps *= window->kernel[i];
    places *= sizes[i + 2];
  }
  if (taps > maxTaps) return node.error() << "the kernel has " << taps << " taps; computed at run time it may have " << maxTaps, Value();
  remark(node.loc, "import", "a convolution of integers that are known at run time only is a matrix product of its windows");
  if (llvm::any_of(pads, [](int64_t pad) { return pad != 0; }))
    x = node.create<dnn::PadOp>(x, node.i64s(pads), node.str("constant"), node.f64(0));
  SmallVector<Value> parts;
  for (int64_t tap = 0; tap < taps && x; ++tap) {
    Ints starts(spatial + 2, 0);
    for (int64_t i = spatial - 1, rest = tap; i >= 0; rest /= window->kernel[i--])
      starts[i + 2] = rest % window->kernel[i] * window->dilations[i];
    Value part = node.create<dnn::SliceOp>(x, node.i64s(starts), node.i64s(sizes), node.i64s(steps), UnitAttr());
    parts.push_back(node.reshape(part, {n, group, c / group, 1, places}));
  }
  if (llvm::is_contained(parts, Value()) || parts.empty()) return {};
  Value columns = parts.size() == 1 ? parts.front() : node.create<dnn::ConcatOp>(ValueRange(parts), node.i64(3), DenseBoolArrayAttr());
  columns = node.reshape(columns, {n, group, c / group * taps, places});
  Value rows = node.reshape(w, {group, k / group, c / group * taps});
  Value y = node.create<dnn::MatMulOp>(rows, columns, Value(), ValueRange(), node.i64(0));
  sizes[1] = k;
  return node.reshape(y, sizes);
}

LogicalResult convIntegerAtRunTime(NodeBinder &node) {
  return node.result(convByMatMul(node, shifted(node, 0, 2, 1), shifted(node, 1, 3, 0)));
}

LogicalResult qlinearConvAtRunTime(NodeBinder &node) {
  int64_t rank = node.rank(node.operand(0));
  Type i32 = node.builder.getI32Type(), f32 = node.builder.getF32Type();
  Value y = convByMatMul(node, shifted(node, 0, 2, 1), shifted(node, 3, 5, 0));
  if (node.operand(8))
    y = node.pointwise({y, parameter(node, 8, i32, 1, rank)}, [](Chain &chain, ValueRange args) { return chain.fn("add", args); });
  Type to = node.type(node.operand(7)).getElementType();
  return node.result(requantize(node, y, parameter(node, 1, f32, 1, rank), parameter(node, 4, f32, 1, rank), 6, to));
}

LogicalResult qlinearMatMulAtRunTime(NodeBinder &node) {
  Type f32 = node.builder.getF32Type();
  int64_t aRank = node.rank(node.operand(0)), bRank = node.rank(node.operand(3));
  Value y = node.create<dnn::MatMulOp>(shifted(node, 0, 2, aRank - 2), shifted(node, 3, 5, bRank - 1), Value(), ValueRange(), node.i64(0));
  Type to = node.type(node.operand(7)).getElementType();
  return node.result(requantize(node, y, parameter(node, 1, f32, aRank - 2, aRank), parameter(node, 4, f32, bRank - 1, bRank), 6, to));
}

Value dequantizedAtRunTime(NodeBinder &node, unsigned index, int64_t axis) {
  int64_t rank = node.rank(node.operand(index));
  if (axis < 0) axis += rank;
  Type f32 = node.builder.getF32Type();
  Value scale = parameter(node, index + 1, f32, axis, rank), zero = parameter(node, index + 2, f32, axis, rank);
  return node.pointwise({node.operand(index), scale, zero}, [&](Chain &chain, ValueRange args) {
    return chain.fn("mul", {chain.fn("sub", {chain.fn("cast", args[0], f32), args[2]}), args[1]});
  });
}

Value quantizedAtRunTime(NodeBinder &node, Value value, unsigned scaleIndex, Type to) {
  Type f32 = node.builder.getF32Type();
  Value scale = parameter(node, scaleIndex, f32, 0, 1), zero = parameter(node, scaleIndex + 1, f32, 0, 1);
  return node.pointwise({node.cast(value, f32), scale, zero}, [&](Chain &chain, ValueRange args) {
    return chain.fn("saturate", {chain.fn("add", {chain.fn("round", chain.fn("div", {args[0], args[1]})), args[2]})}, to);
  });
}

} // namespace dnnc::importer
