// conv and matmul of 8-bit factors → the integer kernels, with weights packed for the target.
#include "dialects/dnn/Remarks.h"
#include "passes/lower/Images.h"
#include "passes/select/Strides.h"
#include "runtime/kernels/conv_int8/pack.h"
#include "runtime/kernels/conv_int8/params.h"

using namespace mlir;

namespace dnnc {
namespace {

/// The sizes that packing and scratch depend on, as the kernel sees them.
struct Geometry {
  conv_int8::ConvInt8Params p{};

  Params params(Builder builder) const {
    Params result(builder);
#define DNNC_SET(name) result.set(#name, p.name);
#define DNNC_NONE(...)
    DNNC_CONV_INT8_PARAMS(DNNC_SET, DNNC_NONE, DNNC_NONE)
#undef DNNC_SET
#undef DNNC_NONE
    return result;
  }
};

/// Strides of a constant weight in its tensor.
struct WeightStrides {
  int64_t k, c, kh, kw;
};

/// The exact sums have no depthwise kernel.
bool isDepthwise(const conv_int8::ConvInt8Params &p, bool exact) {
  return !exact && p.groups == p.c && p.groups == p.k && p.groups > 1 && p.kh <= 64;
}

/// Calls \p use with a constant weight as packing reads it.
template <class Use> void withWeights(Value weight, const WeightStrides &s, const Use &use) {
  std::vector<char> bytes = constantBytes(getConstant(weight));
  if (Lowering::typeOf(weight).getElementTypeBitWidth() == 8)
    use(conv_int8::Weights<int8_t>{reinterpret_cast<const int8_t *>(bytes.data()), s.k, s.c, s.kh, s.kw, nullptr, 0});
  else
    use(conv_int8::Weights<int16_t>{reinterpret_cast<const int16_t *>(bytes.data()), s.k, s.c, s.kh, s.kw, nullptr, 0});
}

/// How a layer's numbers are multiplied.
struct Way {
  conv_int8::Dot dot;
  conv_int8::Tile tile; ///< not of depthwise kernels
  conv_int8::Sizes sizes;
};

/// The target's own way, or the one with sums in 16 bits that costs least although it must repeat entries; costs are of an entry's number
/// beside a word's, measured on layers of resnet50 (bench/kernels/int8_bench.cpp).
template <class W> Way pickWay(Operation *op, const Target &target, const conv_int8::ConvInt8Params &p, const W &w) {
  auto direct = [&](conv_int8::Dot dot) {
    const conv_int8::Tile tile = conv_int8::pick_tile(target.vectorFloats, target.vectorRegisters, p.k / p.groups, dot);
    return Way{dot, tile, conv_int8::packed_sizes(p, w, dot, tile.vectors * target.vectorFloats, target.vectorFloats)};
  };
  Way best = direct(conv_int8::dot_of(target.isaNumber));
  if (!conv_int8::has_pairs(target.isaNumber)) return best;
  const double words = double(best.sizes.weights) / conv_int8::number_bytes(best.dot);
  double least = words;
  std::string text;
  for (auto [dot, name, cost] : {std::tuple(conv_int8::Dot::FOURS, "four", 0.65), std::tuple(conv_int8::Dot::PAIRS, "two", 0.8)}) {
    const Way way = direct(dot);
    const double numbers = way.sizes.weights;
    text += (text.empty() ? "sums of " : ", of ") + std::string(name) + " products in 16 bits: " + std::to_string(int64_t(100 * numbers / words)) + " % of the entries";
    if (cost * numbers < least) best = way, least = cost * numbers;
  }
  const bool taken = conv_int8::adds_in_16_bits(best.dot);
  remark(op, "kernel", text + (taken ? best.dot == conv_int8::Dot::FOURS ? "; four" : "; two" : "; weights of 7 bits need fewer"), taken);
  return best;
}

/// Emits the call on views \p x and \p y, whose sizes and strides \p geometry holds.
LogicalResult emitProduct(Lowering &lowering, Operation *op, Geometry &geometry, Value weight, Value bias, const WeightStrides &strides,
                          const View &x, const View &y, const EpilogueDims &dims) {
  if (!getConstant(weight) || (bias && !getConstant(bias)))
    return op->emitError() << "has 8-bit weights or a bias that are computed at run time; they must be constant";
  const Target &target = lowering.target;
  conv_int8::ConvInt8Params &p = geometry.p;
  const bool exact = cast<dnn::FusableOp>(op).epilogueChain().empty(), depthwise = isDepthwise(p, exact);
  const int vl = target.vectorFloats;
  std::vector<char> biasBytes = bias ? constantBytes(getConstant(bias)) : std::vector<char>();
  const int32_t *biasValues = bias ? reinterpret_cast<const int32_t *>(biasBytes.data()) : nullptr;
  Way way;
  std::vector<int8_t> weights;
  std::vector<int32_t> sums, index;
  withWeights(weight, strides, [&](const auto &w) {
    const conv_int8::Dot own = conv_int8::dot_of(target.isaNumber);
    way = depthwise ? Way{own, {}, conv_int8::depthwise_sizes(p, w, own, vl)} : pickWay(op, target, p, w);
    p.entries = way.sizes.entries;
    weights.resize(way.sizes.weights), sums.resize(way.sizes.bias), index.resize(way.sizes.index);
    if (depthwise)
      conv_int8::pack_depthwise(p, w, biasValues, way.dot, vl, weights.data(), sums.data());
    else
      conv_int8::pack(p, w, biasValues, way.dot, way.tile.vectors * vl, vl, weights.data(), sums.data(), index.data());
  });
  MLIRContext *context = weight.getContext();
  auto name = dyn_cast<NameLoc>(weight.getLoc());
  Call call;
  call.inputs = {lowering.pointer(x), lowering.weight(weight.getLoc(), IntegerType::get(context, 8), weights, name ? name.getName().getValue() : ""),
                 lowering.weight(weight.getLoc(), IntegerType::get(context, 32), sums, "")};
  if (!depthwise) call.inputs.push_back(lowering.weight(weight.getLoc(), IntegerType::get(context, 32), index, ""));
  call.outputs = {lowering.pointer(y)};
  std::string out = typeName(Lowering::typeOf(op->getResult(0)).getElementType());
  if (depthwise) {
    call.scratchBytes = conv_int8::depthwise_scratch_size(p, way.dot, vl);
    conv_int8::DepthwiseVariant variant = conv_int8::pick_depthwise(p, way.dot);
    call.kernel = "conv_int8_depthwise_" + out;
    if (variant.size) call.kernel += "_" + tileName(variant.size, variant.size) + "_s" + std::to_string(variant.stride);
  } else {
    call.scratchBytes = conv_int8::scratch_size(p, way.dot);
    call.kernel = exact ? "conv_int8_sums_" : "conv_int8_direct_" + out + "_";
    if (conv_int8::adds_in_16_bits(way.dot)) call.kernel += way.dot == conv_int8::Dot::FOURS ? "fours_" : "pairs_";
    call.kernel += tileName(way.tile.pixels, way.tile.vectors);
  }
  lowering.addEpilogue(call, op, {}, dims, y);
  Params params = geometry.params(lowering.builder);
  lowering.emit(op, call, params);
  return success();
}

LogicalResult lowerConvInt8(Lowering &lowering, dnn::ConvOp op) {
  RankedTensorType xType = Lowering::typeOf(op.getInput()), wType = Lowering::typeOf(op.getWeight());
  if (failed(requireRank(op, xType))) return failure();
  View x = lowering.readIf(op.getInput(), channelsAreContiguous(op.getInput()));
  View y = lowering.writeIf(op.getResult(), channelsAreContiguous(op.getResult()));
  Image in(xType, x.strides), out(Lowering::typeOf(op.getResult()), y.strides);
  auto [kh, kw] = rowsAndColumns(wType.getShape().drop_front(2), 1);
  auto [sh, sw] = rowsAndColumns(op.getStrides(), 1);
  auto [dh, dw] = rowsAndColumns(op.getDilations(), 1);
  auto [pt, pl] = rowsAndColumns(op.getPads().take_front(op.getStrides().size()), 0);
  Geometry geometry;
  geometry.p = {in.n, in.h, in.w,  in.c,  out.h, out.w, out.c,  kh,     kw,     sh,     sw,                             dh,
                dw,   pt,   pl,    0,     in.sn, in.sh, in.sw,  out.sn, out.sh, out.sw, int64_t(op.getInputZeroPoint()), 0};
  geometry.p.groups = op.getGroup();
  int64_t c = wType.getDimSize(1);
  return emitProduct(lowering, op, geometry, op.getWeight(), op.getBias(), {c * kh * kw, kh * kw, kw, 1}, x, y, imageDims(xType.getRank()));
}

/// All rows of all batches as the rows of an image, a pixel wide.
LogicalResult lowerMatMulInt8(Lowering &lowering, dnn::MatMulOp op) {
  RankedTensorType bType = Lowering::typeOf(op.getRhs()), yType = Lowering::typeOf(op.getResult());
  if (bType.getRank() != 2) return op.emitError() << "has 8-bit weights of type " << bType << "; their rank must be 2";
  View a = lowering.readContiguous(op.getLhs()), y = lowering.writeContiguous(op.getResult());
  int64_t k = bType.getDimSize(0), n = bType.getDimSize(1), rows = yType.getNumElements() / n, rank = yType.getRank();
  Geometry geometry;
  conv_int8::ConvInt8Params &p = geometry.p;
  p.n = p.w = p.ow = p.kh = p.kw = p.sh = p.sw = p.dh = p.dw = p.groups = 1;
  p.h = p.oh = rows, p.c = k, p.k = n;
  p.x_n = rows * k, p.x_h = p.x_w = k, p.y_n = rows * n, p.y_h = p.y_w = n;
  p.x_zero = op.getInputZeroPoint();
  return emitProduct(lowering, op, geometry, op.getRhs(), op.getBias(), {1, n, 0, 0}, a, y,
                     {{}, llvm::to_vector(llvm::seq<int64_t>(0, rank - 1)), {rank - 1}});
}

} // namespace

LogicalResult lowerInt8(Lowering &lowering, Operation *op) {
  if (lowering.target.isGpu())
    return op->emitError() << "has 8-bit weights; there are integer kernels for CPU targets, not for " << lowering.target.name;
  if (auto conv = dyn_cast<dnn::ConvOp>(op)) return lowerConvInt8(lowering, conv);
  return lowerMatMulInt8(lowering, cast<dnn::MatMulOp>(op));
}

} // namespace dnnc
