// matmul → kernel calls, a constant right-hand side packed.
#include "passes/lower/Images.h"

#include "passes/select/Strides.h"
#include "runtime/kernels/matmul/pack.h"
#include "runtime/kernels/matmul/params.h"

using namespace mlir;

namespace dnnc {

/// The strides of up to four batch dims of an operand, broadcast to the result's.
static SmallVector<int64_t> batchStrides(RankedTensorType type, ArrayRef<int64_t> strides, int64_t rank) {
  SmallVector<int64_t> result(rank - 2, 0);
  int64_t skipped = rank - type.getRank();
  for (int64_t i = 0; i + 2 < type.getRank(); ++i)
    result[i + skipped] = type.getDimSize(i) == 1 ? 0 : strides[i];
  return result;
}

LogicalResult lowerMatMul(Lowering &lowering, dnn::MatMulOp op) {
  RankedTensorType aType = Lowering::typeOf(op.getLhs()), bType = Lowering::typeOf(op.getRhs()), yType = Lowering::typeOf(op.getResult());
  Type element = aType.getElementType();
  if (element.getIntOrFloatBitWidth() == 8) return lowerInt8(lowering, op);
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
  if (auto asked = lowering.asked(op).tile(weights ? "matmul_packed_" : "matmul_dynamic_"); asked && f32) tile = {asked->first, asked->second};
  Call call;
  call.inputs = {lowering.pointer(a)};
  if (weights) {
    call.kernel = "matmul_packed_" + tileName(tile.rows, tile.vectors);
    lowering.addWeights(call, op.getRhs(), matmul::packed_size(k, n, vl),
                        [&](float *packed) { matmul::pack(weights->data(), k, n, n, 1, tile.vectors * vl, vl, packed); });
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

} // namespace dnnc
