// Result types of linear attention.
#include "dialects/dnn/Infer.h"

using namespace mlir;

namespace dnnc::dnn {

LogicalResult LinearAttentionOp::inferReturnTypes(MLIRContext *, std::optional<Location> loc, Adaptor op, SmallVectorImpl<Type> &types) {
  RankedTensorType query = tensor(op.getQuery()), key = tensor(op.getKey()), value = tensor(op.getValue());
  int64_t heads = op.getHeads(), kvHeads = op.getKvHeads();
  if (heads < 1 || kvHeads < 1 || heads % kvHeads)
    return emitOptionalError(loc, "there are ", heads, " query heads and ", kvHeads,
                             " key heads; the first must be a multiple of the second");
  if (query.getRank() != 3) return emitOptionalError(loc, "query is ", query, "; its rank must be 3");
  int64_t batch = query.getDimSize(0), time = query.getDimSize(1);
  auto isRow = [&](RankedTensorType type) { return type.getRank() == 3 && type.getDimSize(0) == batch && type.getDimSize(1) == time; };
  for (auto [name, type, count] : {std::tuple("query", query, heads), {"key", key, kvHeads}, {"value", value, kvHeads}})
    if (!isRow(type) || type.getDimSize(2) % count)
      return emitOptionalError(loc, name, " is ", type, "; it must have the query's first 2 dims, and its last be a multiple of ", count,
                               " heads");
  int64_t rows = key.getDimSize(2) / kvHeads, columns = value.getDimSize(2) / kvHeads;
  if (query.getDimSize(2) != heads * rows)
    return emitOptionalError(loc, "query is ", query, "; its last dim must be ", heads * rows, ", ", rows, " for each of ", heads,
                             " heads");
  SmallVector<int64_t> state{batch, kvHeads, rows, columns};
  if (op.getPast() && tensor(op.getPast()).getShape() != ArrayRef<int64_t>(state))
    return emitOptionalError(loc, "past state is ", tensor(op.getPast()), "; its shape must be [", state, "]");
  auto checkGate = [&](StringRef name, Value gate, ArrayRef<int64_t> lengths) -> LogicalResult {
    if (!gate || (isRow(tensor(gate)) && llvm::is_contained(lengths, tensor(gate).getDimSize(2)))) return success();
    return emitOptionalError(loc, name, " is ", tensor(gate), "; it must have the query's first 2 dims, and its last be ", lengths[0],
                             " or ", lengths[1]);
  };
  if (failed(checkGate("decay", op.getDecay(), {kvHeads, kvHeads * rows})) || failed(checkGate("beta", op.getBeta(), {kvHeads, 1})))
    return failure();
  types.push_back(RankedTensorType::get({batch, time, heads * columns}, query.getElementType()));
  types.push_back(RankedTensorType::get(state, query.getElementType()));
  return success();
}

} // namespace dnnc::dnn
