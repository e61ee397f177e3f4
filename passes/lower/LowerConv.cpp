// conv and conv_transpose → kernel calls with packed weights.
#include "passes/lower/Images.h"
#include "passes/lower/Winograd.h"

#include "dialects/dnn/Remarks.h"
#include "passes/select/Strides.h"
#include "runtime/kernels/conv/pack.h"
#include "runtime/kernels/conv/params.h"
#include "runtime/kernels/conv/winograd/pack.h"
#include "runtime/kernels/conv_transpose/pack.h"

#include <functional>

using namespace mlir;

namespace dnnc {
namespace {

/// Weights may also be f16 or bf16.
LogicalResult requireF32(Operation *op, Value weight) {
  for (Value operand : op->getOperands())
    if (!Lowering::typeOf(operand).getElementType().isF32() && operand != weight)
      return op->emitError() << "has an operand of type " << operand.getType() << "; there are kernels for f32 only";
  return success();
}

/// A buffer of \p size elements into which \p kernel packs the weights of \p op in every run.
Value packAtRunTime(Lowering &lowering, Operation *op, StringRef kernel, int64_t size, Params &params) {
  View weights = lowering.readContiguous(op->getOperand(1)), packed = lowering.alloc(RankedTensorType::get({size}, lowering.builder.getF32Type()));
  Call call;
  call.kernel = kernel;
  call.inputs = {lowering.pointer(weights)};
  call.outputs = {lowering.pointer(packed)};
  call.bytes = 2 * size * sizeof(float);
  lowering.emit(op, call, params, "its weights packed");
  remark(op, "lower", nodeNames(op->getLoc()) + ": the weights are computed at run time, and packed in every run");
  return call.outputs.front();
}

/// Why Winograd's algorithm is out of the question for a 3x3 convolution, or "".
StringRef winogradRefusal(const Lowering &lowering, dnn::ConvOp op, bool constant) {
  auto isOne = [](int64_t v) { return v == 1; };
  if (!lowering.options.reassociate) return "it sums in another order than the definition, which --exact and -O0 forbid";
  if (op.getGroup() != 1) return "it has groups";
  if (!llvm::all_of(op.getStrides(), isOne)) return "its stride is not 1";
  if (!llvm::all_of(op.getDilations(), isOne)) return "it is dilated";
  if (!constant) return "its weights are computed at run time";
  if (!Lowering::typeOf(op.getWeight()).getElementType().isF32()) return "its weights are 16-bit, and transformed ones would not be exact so";
  return "";
}

/// The form of Winograd's algorithm that \p asked names, and its tile.
std::pair<int, std::optional<std::pair<int, int>>> winogradForm(const KernelChoice &asked) {
  for (int out : {4, 6})
    if (auto tile = asked.tile("conv_winograd_f" + std::to_string(out) + "_")) return {out, tile};
  return {0, std::nullopt};
}

template <class Op> conv::ConvParams convParams(Op op, const Image &in, const Image &out) {
  auto [kh, kw] = rowsAndColumns(Lowering::typeOf(op.getWeight()).getShape().drop_front(2), 1);
  auto [sh, sw] = rowsAndColumns(op.getStrides(), 1);
  auto [dh, dw] = rowsAndColumns(op.getDilations(), 1);
  auto [pt, pl] = rowsAndColumns(op.getPads().take_front(op.getStrides().size()), 0);
  return {in.n, in.h, in.w, in.c, out.h, out.w, out.c, kh, kw, sh, sw, dh, dw, pt, pl, int64_t(op.getGroup()), in.sn, in.sh, in.sw, out.sn, out.sh, out.sw};
}

/// The kernel that is asked for, unless it is known not to take \p op; of conv::planar and conv::winograd only they know.
KernelChoice askedFor(const Lowering &lowering, dnn::ConvOp op, const Image &in, const Image &out) {
  const KernelChoice asked = lowering.asked(op);
  const conv::ConvParams p = convParams(op, in, out);
  const bool takes = asked.tile("conv_pointwise_")  ? conv::pointwise_takes(p)
                     : asked.tile("conv_padded_")   ? conv::padded_takes(p) && Lowering::typeOf(op.getWeight()).getElementType().isF32()
                                                    : true;
  return takes ? asked : KernelChoice();
}

/// Winograd's algorithm for \p op where it pays, or is asked for; says in a remark what was taken and why.
WinogradChoice pickAlgorithm(const Lowering &lowering, dnn::ConvOp op, const Image &in, const Image &out,
                             const std::optional<std::vector<float>> &weights) {
  const KernelChoice asked = askedFor(lowering, op, in, out);
  const auto [form, tile] = winogradForm(asked);
  if (asked && !tile && !asked.tile("conv_planar_")) return {};
  if (lowering.target.isGpu() || Lowering::typeOf(op.getWeight()).getShape().drop_front(2) != ArrayRef<int64_t>{3, 3}) return {};
  if (StringRef refusal = winogradRefusal(lowering, op, weights.has_value()); !refusal.empty()) {
    remark(op, "kernel", Twine("Winograd's algorithm: ") + refusal, /*applied=*/false);
    return {};
  }
  const Conv3x3 sizes{in.n, in.h, in.w, in.c, out.h, out.w, out.c};
  WinogradChoice choice;
  if (tile) choice = takeWinograd(lowering, sizes, *weights, form, {tile->first, tile->second}, asked.block);
  if (tile && !choice.out) remark(op, "kernel", Twine("Winograd's algorithm as it is asked for: ") + choice.text, /*applied=*/false);
  if (!choice.out) choice = chooseWinograd(lowering, sizes, *weights);
  remark(op, "kernel", Twine("Winograd's algorithm") + (choice.out ? ", " : ": ") + choice.text, choice.out != 0);
  return choice;
}

/// The call of conv::winograd; false if \p op is for another kernel.
bool lowerWinograd(Lowering &lowering, dnn::ConvOp op, const View &x, const View &y, const std::optional<std::vector<float>> &weights) {
  RankedTensorType xType = Lowering::typeOf(op.getInput());
  Image in(xType, x.strides), out(Lowering::typeOf(op.getResult()), y.strides);
  const WinogradChoice choice = pickAlgorithm(lowering, op, in, out, weights);
  if (!choice.out) return false;
  const int vl = lowering.target.vectorFloats;
  const conv::Tile tile = choice.tile;
  Params params(lowering.builder);
  setImages(params, in, out);
  auto [pt, pl] = rowsAndColumns(op.getPads().take_front(2), 0);
  params.set("k", out.c).set("pt", pt).set("pl", pl).set("block", choice.block);
  Call call;
  call.kernel = "conv_winograd_f" + std::to_string(choice.out) + "_" + tileName(tile.pixels, tile.vectors);
  call.inputs = {lowering.pointer(x)};
  lowering.addWeights(call, op.getWeight(), conv::winograd_packed_size(choice.out, out.c, in.c, vl),
                      [&](float *packed) { conv::pack_winograd(weights->data(), choice.out, out.c, in.c, tile.vectors * vl, vl, packed); });
  call.outputs = {lowering.pointer(y)};
  call.scratchBytes = conv::winograd_scratch_size(choice.out, choice.block, in.c, tile.vectors * vl, vl) * sizeof(float);
  lowering.addEpilogue(call, op, op.getBias(), imageDims(xType.getRank()), y);
  lowering.emit(op, call, params);
  return true;
}

/// What conv::planar takes for \p op, and how; no channels in the tile where it is for another kernel.
conv::PlanarTile pickPlanar(Lowering &lowering, dnn::ConvOp op, ArrayRef<int64_t> strides, conv::PlanarParams &p) {
  RankedTensorType xType = Lowering::typeOf(op.getInput()), wType = Lowering::typeOf(op.getWeight());
  const size_t n = op.getStrides().size();
  auto isF32 = [](Value operand) { return Lowering::typeOf(operand).getElementType().isF32(); };
  if (!llvm::all_of(op->getOperands(), isF32) || op.getGroup() != 1 || n > 2 || strides.back() != 1 || !lowering.constantFloats(op.getWeight())) return {0, 0};
  Image in(xType, strides), out(Lowering::typeOf(op.getResult()), dnn::logicalStrides(Lowering::typeOf(op.getResult())));
  auto [kh, kw] = rowsAndColumns(wType.getShape().drop_front(2), 1);
  auto [sh, sw] = rowsAndColumns(op.getStrides(), 1);
  auto [dh, dw] = rowsAndColumns(op.getDilations(), 1);
  auto [pt, pl] = rowsAndColumns(op.getPads().take_front(n), 0);
  p = {in.n, in.h, in.w, in.c, out.h, out.w, out.c, kh, kw, sh, sw, dh, dw, pt, pl, in.sn, strides[1], in.sh, out.sn, out.sh, out.sw, conv::planar_block(out.h)};
  const KernelChoice asked = askedFor(lowering, op, in, out);
  auto tile = asked.tile("conv_planar_");
  if (tile && conv::planar_takes(p)) return {tile->first, tile->second};
  return asked && !tile ? conv::PlanarTile{0, 0} : conv::pick_planar(p, lowering.target.vectorFloats);
}

/// The call of conv::planar; false if \p op is for another kernel.
bool lowerPlanar(Lowering &lowering, dnn::ConvOp op) {
  const View x = lowering.read(op.getInput());
  conv::PlanarParams p;
  const conv::PlanarTile tile = pickPlanar(lowering, op, x.strides, p);
  if (!tile.channels) return false;
  View y = lowering.writeIf(op.getResult(), channelsAreContiguous(op.getResult()));
  Image out(Lowering::typeOf(op.getResult()), y.strides);
  Params params(lowering.builder);
  setWindow(params, op);
  params.set("n", p.n).set("h", p.h).set("w", p.w).set("c", p.c).set("oh", p.oh).set("ow", p.ow).set("k", p.k).set("kh", p.kh).set("kw", p.kw);
  params.set("x_n", p.x_n).set("x_c", p.x_c).set("x_h", p.x_h).set("y_n", out.sn).set("y_h", out.sh).set("y_w", out.sw).set("block", p.block);
  const std::vector<float> weights = *lowering.constantFloats(op.getWeight());
  Call call;
  call.kernel = "conv_planar_" + tileName(tile.channels, tile.vectors);
  call.inputs = {lowering.pointer(x)};
  lowering.addWeights(call, op.getWeight(), conv::packed_size(p.k, p.c, p.kh, p.kw, 1, tile.channels), [&](float *packed) {
    conv::pack(weights.data(), p.k, p.c, p.kh, p.kw, 1, tile.channels, tile.channels, packed);
  });
  call.outputs = {lowering.pointer(y)};
  call.scratchBytes = conv::planar_scratch_size(p, tile.vectors * lowering.target.vectorFloats) * sizeof(float);
  lowering.addEpilogue(call, op, op.getBias(), imageDims(Lowering::typeOf(op.getInput()).getRank()), y);
  lowering.emit(op, call, params);
  return true;
}

/// The tile that is asked for, if the kernel is \p stem's; \p byModel where no kernel of these three is asked for.
std::optional<conv::Tile> askedTile(const KernelChoice &asked, StringRef stem, std::optional<conv::Tile> byModel) {
  if (auto size = asked.tile(stem)) return conv::Tile{size->first, size->second};
  return asked.tile("conv_direct_") || asked.tile("conv_pointwise_") || asked.tile("conv_padded_") ? std::nullopt : byModel;
}

/// The tile of conv::pointwise where that takes \p op, unless another kernel is asked for.
std::optional<conv::Tile> pickPointwise(const Lowering &lowering, dnn::ConvOp op, const Image &in, const Image &out, conv::Tile tile) {
  if (lowering.target.isGpu() || !conv::pointwise_takes(convParams(op, in, out))) return std::nullopt;
  return askedTile(askedFor(lowering, op, in, out), "conv_pointwise_", tile);
}

/// The tile of conv::padded where that is faster than conv::direct with \p tile, or is asked for.
std::optional<conv::Tile> pickPadded(const Lowering &lowering, dnn::ConvOp op, const Image &in, const Image &out, conv::Tile tile) {
  if (!Lowering::typeOf(op.getWeight()).getElementType().isF32()) return std::nullopt;
  const int vl = lowering.target.vectorFloats;
  const bool picked = conv::pick_padded(convParams(op, in, out), tile.pixels, tile.vectors * vl, vl);
  return askedTile(askedFor(lowering, op, in, out), "conv_padded_", picked ? std::optional(tile) : std::nullopt);
}

/// conv and conv_transpose: the same parameters, views and epilogue.
template <class Op> LogicalResult lowerConv(Lowering &lowering, Op op) {
  constexpr bool transposed = std::is_same_v<Op, dnn::ConvTransposeOp>;
  RankedTensorType xType = Lowering::typeOf(op.getInput()), wType = Lowering::typeOf(op.getWeight());
  if (failed(requireRank(op, xType)) || failed(requireF32(op, op.getWeight()))) return failure();
  auto weights = lowering.constantFloats(op.getWeight());
  if (!weights && !wType.getElementType().isF32())
    return op.emitError() << "has weights of type " << wType << " that are computed at run time; they must be f32";

  if constexpr (!transposed) {
    if (lowerPlanar(lowering, op)) return success();
  }
  View x = lowering.readIf(op.getInput(), channelsAreContiguous(op.getInput()));
  View y = lowering.writeIf(op.getResult(), channelsAreContiguous(op.getResult()));
  if constexpr (!transposed) {
    if (lowerWinograd(lowering, op, x, y, weights)) return success();
  }
  RankedTensorType yType = Lowering::typeOf(op.getResult());
  Image in(xType, x.strides), out(yType, y.strides);
  auto [kh, kw] = rowsAndColumns(wType.getShape().drop_front(2), 1);
  int64_t groups = op.getGroup(), k = out.c;
  Params params(lowering.builder);
  setImages(params, in, out);
  setWindow(params, op);
  params.set("k", k).set("kh", kh).set("kw", kw).set("groups", groups);

  int vl = lowering.target.vectorFloats;
  Call call;
  int64_t size; // of the packed weights, which pack writes
  std::function<void(float *)> pack;
  std::string kernel = transposed ? "conv_transpose_" : "conv_direct_";
  Params packing(lowering.builder); // of weights of the run
  packing.set("k", k).set("c", in.c).set("kh", kh).set("kw", kw).set("groups", groups).set("vl", vl);
  bool depthwise = !transposed && groups == in.c && groups == k && groups > 1;
  if (depthwise) {
    size = conv::depthwise_packed_size(k, kh, kw, vl);
    pack = [&, kh = kh, kw = kw](float *packed) { conv::pack_depthwise(weights->data(), k, kh, kw, vl, packed); };
    conv::DepthwiseVariant variant = conv::pick_depthwise(convParams(op, in, out));
    call.kernel = "conv_depthwise";
    if (variant.size)
      call.kernel += "_" + tileName(variant.size, variant.size) + "_s" + std::to_string(variant.stride);
  } else {
    conv::Tile tile = vl == 1 ? conv::pick_block(out.n * out.h * out.w * groups, k / groups)
                              : conv::pick_tile(vl, lowering.target.vectorRegisters, k / groups);
    if (auto asked = lowering.asked(op).tile(transposed ? "conv_transpose_" : "conv_direct_")) tile = {asked->first, asked->second};
    if constexpr (!transposed) {
      if (auto rows = pickPointwise(lowering, op, in, out, tile)) {
        kernel = "conv_pointwise_", tile = *rows;
      } else if (auto padded = pickPadded(lowering, op, in, out, tile)) {
        kernel = "conv_padded_", tile = *padded;
        call.scratchBytes = conv::padded_scratch_size(convParams(op, in, out)) * sizeof(float);
      }
    }
    size = conv::packed_size(k, in.c, kh, kw, groups, vl);
    packing.set("panel", tile.vectors * vl);
    pack = [&, kh = kh, kw = kw, panel = tile.vectors * vl](float *packed) {
      (transposed ? conv_transpose::pack : conv::pack)(weights->data(), k, in.c, kh, kw, groups, panel, vl, packed);
    };
    call.kernel = kernel + tileName(tile.pixels, tile.vectors);
  }
  call.inputs = {lowering.pointer(x)};
  if (weights)
    lowering.addWeights(call, op.getWeight(), size, pack);
  else
    call.inputs.push_back(packAtRunTime(lowering, op, transposed ? "conv_transpose_pack" : depthwise ? "conv_pack_depthwise" : "conv_pack",
                                        size, packing));
  call.outputs = {lowering.pointer(y)};
  lowering.addEpilogue(call, op, op.getBias(), imageDims(xType.getRank()), y);
  lowering.emit(op, call, params);
  return success();
}

} // namespace

bool readsPlanes(Lowering &lowering, dnn::ConvOp op, ArrayRef<int64_t> strides) {
  conv::PlanarParams p;
  return pickPlanar(lowering, op, strides, p).channels != 0;
}

LogicalResult lowerConv(Lowering &lowering, Operation *op) {
  if (auto transposed = dyn_cast<dnn::ConvTransposeOp>(op)) return lowerConv(lowering, transposed);
  auto conv = cast<dnn::ConvOp>(op);
  return Lowering::typeOf(conv.getInput()).getElementTypeBitWidth() == 8 ? lowerInt8(lowering, op) : lowerConv(lowering, conv);
}

} // namespace dnnc
