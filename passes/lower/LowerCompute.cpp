// conv, conv_transpose and matmul → kernel calls with packed weights.
#include "passes/lower/Images.h"
#include "passes/lower/Winograd.h"

#include "dialects/dnn/Remarks.h"
#include "passes/select/Strides.h"
#include "runtime/kernels/conv/pack.h"
#include "runtime/kernels/conv/params.h"
#include "runtime/kernels/conv/winograd/pack.h"
#include "runtime/kernels/conv_transpose/pack.h"
#include "runtime/kernels/matmul/pack.h"
#include "runtime/kernels/matmul/params.h"

#include "llvm/ADT/TypeSwitch.h"

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

/// Packed weights as input of a call, whose kernel is the one for their type.
void addWeights(Lowering &lowering, Call &call, Value weight, const std::vector<float> &packed) {
  Type element = Lowering::typeOf(weight).getElementType();
  auto name = dyn_cast<NameLoc>(weight.getLoc());
  StringRef hint = name ? name.getName().getValue() : StringRef();
  if (element.isF32()) {
    call.inputs.push_back(lowering.weight(weight.getLoc(), element, packed, hint));
    return;
  }
  call.kernel += "_" + typeName(element);
  call.inputs.push_back(lowering.weight(weight.getLoc(), element, narrowed(packed, element), hint)); // exact: that is their type
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

/// Winograd's algorithm for \p op where it pays; says in a remark what was taken and why.
WinogradChoice pickAlgorithm(const Lowering &lowering, dnn::ConvOp op, const Image &in, const Image &out,
                             const std::optional<std::vector<float>> &weights) {
  if (lowering.target.isGpu() || Lowering::typeOf(op.getWeight()).getShape().drop_front(2) != ArrayRef<int64_t>{3, 3}) return {};
  if (StringRef refusal = winogradRefusal(lowering, op, weights.has_value()); !refusal.empty()) {
    remark(op, "kernel", Twine("Winograd's algorithm: ") + refusal, /*applied=*/false);
    return {};
  }
  WinogradChoice choice = chooseWinograd(lowering, {in.n, in.h, in.w, in.c, out.h, out.w, out.c}, *weights);
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
  const conv::Tile tile = conv::pick_tile(vl, lowering.target.vectorRegisters, out.c);
  std::vector<float> packed(conv::winograd_packed_size(choice.out, out.c, in.c, vl));
  conv::pack_winograd(weights->data(), choice.out, out.c, in.c, tile.vectors * vl, vl, packed.data());
  Params params(lowering.builder);
  setImages(params, in, out);
  auto [pt, pl] = rowsAndColumns(op.getPads().take_front(2), 0);
  params.set("k", out.c).set("pt", pt).set("pl", pl).set("block", choice.block);
  Call call;
  call.kernel = "conv_winograd_f" + std::to_string(choice.out) + "_" + tileName(tile.pixels, tile.vectors);
  call.inputs = {lowering.pointer(x)};
  addWeights(lowering, call, op.getWeight(), packed);
  call.outputs = {lowering.pointer(y)};
  call.scratchBytes = conv::winograd_scratch_size(choice.out, choice.block, in.c, tile.vectors * vl, vl) * sizeof(float);
  lowering.addEpilogue(call, op, op.getBias(), imageDims(xType.getRank()), y);
  lowering.emit(op, call, params);
  return true;
}

/// conv and conv_transpose: the same parameters, views and epilogue.
template <class Op> LogicalResult lowerConv(Lowering &lowering, Op op) {
  constexpr bool transposed = std::is_same_v<Op, dnn::ConvTransposeOp>;
  RankedTensorType xType = Lowering::typeOf(op.getInput()), wType = Lowering::typeOf(op.getWeight());
  if (failed(requireRank(op, xType)) || failed(requireF32(op, op.getWeight())))
    return failure();
  auto weights = lowering.constantFloats(op.getWeight());
  if (!weights && !wType.getElementType().isF32())
    return op.emitError() << "has weights of type " << wType << " that are computed at run time; they must be f32";

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
  std::vector<float> packed;
  Params packing(lowering.builder); // of weights of the run
  packing.set("k", k).set("c", in.c).set("kh", kh).set("kw", kw).set("groups", groups).set("vl", vl);
  bool depthwise = !transposed && groups == in.c && groups == k && groups > 1;
  if (depthwise) {
    packed.resize(conv::depthwise_packed_size(k, kh, kw, vl));
    if (weights) conv::pack_depthwise(weights->data(), k, kh, kw, vl, packed.data());
    conv::ConvParams window{};
    window.kh = kh, window.kw = kw;
    std::tie(window.sh, window.sw) = rowsAndColumns(op.getStrides(), 1);
    std::tie(window.dh, window.dw) = rowsAndColumns(op.getDilations(), 1);
    conv::DepthwiseVariant variant = conv::pick_depthwise(window);
    call.kernel = "conv_depthwise";
    if (variant.size)
      call.kernel += "_" + tileName(variant.size, variant.size) + "_s" + std::to_string(variant.stride);
  } else {
    conv::Tile tile = vl == 1 ? conv::pick_block(out.n * out.h * out.w * groups, k / groups)
                              : conv::pick_tile(vl, lowering.target.vectorRegisters, k / groups);
    packed.resize(conv::packed_size(k, in.c, kh, kw, groups, vl));
    packing.set("panel", tile.vectors * vl);
    if (weights) (transposed ? conv_transpose::pack : conv::pack)(weights->data(), k, in.c, kh, kw, groups, tile.vectors * vl, vl, packed.data());
    call.kernel = (transposed ? "conv_transpose_" : "conv_direct_") + tileName(tile.pixels, tile.vectors);
  }
  call.inputs = {lowering.pointer(x)};
  if (weights)
    addWeights(lowering, call, op.getWeight(), packed);
  else
    call.inputs.push_back(packAtRunTime(lowering, op, transposed ? "conv_transpose_pack" : depthwise ? "conv_pack_depthwise" : "conv_pack",
                                        packed.size(), packing));
  call.outputs = {lowering.pointer(y)};
  lowering.addEpilogue(call, op, op.getBias(), imageDims(xType.getRank()), y);
  lowering.emit(op, call, params);
  return success();
}

/// The strides of up to four batch dims of an operand, broadcast to the result's.
SmallVector<int64_t> batchStrides(RankedTensorType type, ArrayRef<int64_t> strides, int64_t rank) {
  SmallVector<int64_t> result(rank - 2, 0);
  int64_t skipped = rank - type.getRank();
  for (int64_t i = 0; i + 2 < type.getRank(); ++i)
    result[i + skipped] = type.getDimSize(i) == 1 ? 0 : strides[i];
  return result;
}

LogicalResult lowerMatMul(Lowering &lowering, dnn::MatMulOp op) {
  RankedTensorType aType = Lowering::typeOf(op.getLhs()), bType = Lowering::typeOf(op.getRhs()), yType = Lowering::typeOf(op.getResult());
  Type element = aType.getElementType();
  bool f32 = element.isF32();
  if (!f32 && !element.isF64() && !element.isInteger(32) && !element.isInteger(64))
    return op.emitError() << "has operands of type " << element << "; there are kernels for f32, f64, i32 and i64";
  if (!f32 && (op.getBias() || !op.getEpilogue().empty()))
    return op.emitError() << "has an epilogue on type " << element << "; there is one for f32 only";
  int64_t rank = yType.getRank();
  View a = lowering.read(op.getLhs());
  View y = lowering.writeIf(op.getResult(), [&](ArrayRef<int64_t> strides) { return yType.getShape().back() == 1 || strides.back() == 1; });
  int64_t m = yType.getDimSize(rank - 2), n = yType.getShape().back(), k = aType.getShape().back();

  // A constant right-hand side without batch is packed now; anything else at run time.
  auto weights = f32 && bType.getNumElements() == k * n ? lowering.constantFloats(op.getRhs()) : std::nullopt;
  if (!weights && bType.getElementType() != element)
    return op.emitError() << "has a right-hand side of type " << bType << "; only one constant matrix may be of another type than the left";
  View b = weights ? View{{}, 0, SmallVector<int64_t>(bType.getRank(), 0)} : lowering.read(op.getRhs());

  // The batch: its dims collapsed to at most four; where b has none, the rows of all batches are rows of one product if a and y allow.
  SmallVector<int64_t> batch(yType.getShape().drop_back(2));
  SmallVector<int64_t> strides[3] = {batchStrides(aType, a.strides, rank), batchStrides(bType, b.strides, rank),
                                     SmallVector<int64_t>(ArrayRef<int64_t>(y.strides).drop_back(2))};
  int64_t aRow = a.strides[aType.getRank() - 2], yRow = y.strides[rank - 2];
  EpilogueDims dims{llvm::to_vector(llvm::seq<int64_t>(0, rank - 2)), {rank - 2}, {rank - 1}};
  if (m == 1)
    aRow = a.strides.back() * k, yRow = n;
  collapseDims(batch, strides, llvm::to_vector(llvm::seq<int64_t>(0, rank - 2)));
  bool epilogueFlat = llvm::all_of(op.getEpilogueArgs(), [&](Value v) { return Lowering::typeOf(v).getNumElements() == n || Lowering::typeOf(v).getNumElements() == 1; });
  if (batch.size() == 1 && strides[1][0] == 0 && batch[0] > 1 && (epilogueFlat || yType.getNumElements() == batch[0] * m * n) &&
      (m == 1 || (strides[0][0] == aRow * m && strides[2][0] == yRow * m))) {
    if (m == 1)
      aRow = strides[0][0], yRow = strides[2][0];
    m *= batch[0];
    batch = {1};
    dims = {{}, llvm::to_vector(llvm::seq<int64_t>(0, rank - 1)), {rank - 1}};
  }
  if (batch.size() > 4)
    return op.emitError() << "has " << batch.size() << " batch dims that cannot be merged; there are kernels for up to 4";
  while (batch.size() < 4) {
    batch.insert(batch.begin(), 1);
    for (SmallVector<int64_t> &list : strides)
      list.insert(list.begin(), 0);
  }
  Params params(lowering.builder);
  params.set("m", m).set("n", n).set("k", k).set("batch", batch).set("a_b", strides[0]).set("b_b", strides[1]).set("y_b", strides[2]);
  params.set("a_rs", aRow).set("a_cs", a.strides.back()).set("y_rs", yRow);

  int vl = lowering.target.vectorFloats;
  matmul::Tile tile = vl == 1 ? matmul::pick_block(m * batch[0] * batch[1] * batch[2] * batch[3], n)
                              : matmul::pick_tile(vl, lowering.target.vectorRegisters, n);
  Call call;
  call.inputs = {lowering.pointer(a)};
  if (weights) {
    std::vector<float> packed(matmul::packed_size(k, n, vl));
    matmul::pack(weights->data(), k, n, n, 1, tile.vectors * vl, vl, packed.data());
    call.kernel = "matmul_packed_" + tileName(tile.rows, tile.vectors);
    addWeights(lowering, call, op.getRhs(), packed);
  } else {
    params.set("b_rs", b.strides[bType.getRank() - 2]).set("b_cs", b.strides.back());
    call.kernel = f32 ? "matmul_dynamic_" + tileName(tile.rows, tile.vectors) : "matmul_" + typeName(element);
    matmul::MatmulParams sizes{};
    sizes.k = k;
    call.scratchBytes = f32 && vl > 1 /* a GPU reads b where it is */ ? matmul::scratch_size(sizes, tile.vectors * vl) * sizeof(float) : 0;
    call.inputs.push_back(lowering.pointer(b));
  }
  call.outputs = {lowering.pointer(y)};
  if (f32)
    lowering.addEpilogue(call, op, op.getBias(), dims, y);
  lowering.emit(op, call, params);
  return success();
}

} // namespace

LogicalResult lowerCompute(Lowering &lowering, Operation *op) {
  if (isa<dnn::ConvOp, dnn::MatMulOp>(op) && Lowering::typeOf(op->getOperand(0)).getElementTypeBitWidth() == 8)
    return lowerInt8(lowering, op);
  return llvm::TypeSwitch<Operation *, LogicalResult>(op)
      .Case<dnn::ConvOp, dnn::ConvTransposeOp>([&](auto conv) { return lowerConv(lowering, conv); })
      .Case<dnn::MatMulOp>([&](dnn::MatMulOp matmul) { return lowerMatMul(lowering, matmul); })
      .Default([](Operation *) { return failure(); });
}

} // namespace dnnc
