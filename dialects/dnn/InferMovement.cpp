// Result types of the ops that move data.
#include "dialects/dnn/Infer.h"

using namespace mlir;

namespace dnnc::dnn {

using Types = SmallVectorImpl<Type>;

LogicalResult TransposeOp::inferReturnTypes(MLIRContext *, std::optional<Location> loc, Adaptor op, Types &types) {
  RankedTensorType x = tensor(op.getInput());
  SmallVector<int64_t> sorted(op.getPerm());
  llvm::sort(sorted);
  if (!llvm::equal(sorted, llvm::seq<int64_t>(0, x.getRank())))
    return emitOptionalError(loc, "attribute 'perm' is [", op.getPerm(), "]; it must hold each of 0 to ", x.getRank() - 1, " once");
  SmallVector<int64_t> shape;
  for (int64_t dim : op.getPerm())
    shape.push_back(x.getDimSize(dim));
  types.push_back(RankedTensorType::get(shape, x.getElementType()));
  return success();
}

LogicalResult ConcatOp::inferReturnTypes(MLIRContext *, std::optional<Location> loc, Adaptor op, Types &types) {
  if (op.getInputs().empty())
    return emitOptionalError(loc, "needs at least one operand");
  RankedTensorType first = tensor(op.getInputs().front());
  auto axis = normalizeAxis(loc, "axis", op.getAxis(), first.getRank());
  if (failed(axis))
    return failure();
  SmallVector<int64_t> shape(first.getShape());
  for (Value input : op.getInputs().drop_front()) {
    RankedTensorType type = tensor(input);
    bool fits = type.getRank() == first.getRank() && type.getElementType() == first.getElementType();
    for (int64_t i = 0; fits && i < first.getRank(); ++i)
      fits = i == *axis || type.getDimSize(i) == shape[i];
    if (!fits)
      return emitOptionalError(loc, "cannot concatenate ", first, " and ", type, " along axis ", *axis);
    shape[*axis] += type.getDimSize(*axis);
  }
  types.push_back(RankedTensorType::get(shape, first.getElementType()));
  return success();
}

LogicalResult SliceOp::inferReturnTypes(MLIRContext *, std::optional<Location> loc, Adaptor op, Types &types) {
  RankedTensorType x = tensor(op.getInput());
  size_t rank = x.getRank();
  if (op.getStarts().size() != rank || op.getSizes().size() != rank || op.getSteps().size() != rank)
    return emitOptionalError(loc, "starts, sizes and steps need one value for each of the ", rank, " dims");
  for (size_t i = 0; i < rank; ++i) {
    int64_t start = op.getStarts()[i], size = op.getSizes()[i], step = op.getSteps()[i], dim = x.getDimSize(i);
    if (size == 0) continue;
    __int128 last = __int128(start) + __int128(size - 1) * step;
    if (size < 1 || step == 0 || start < 0 || start >= dim || last < 0 || last >= dim)
      return emitOptionalError(loc, "the slice starting at ", start, " with size ", size, " and step ", step, " leaves dim ", i, " of ", x);
  }
  types.push_back(RankedTensorType::get(op.getSizes(), x.getElementType()));
  return success();
}

LogicalResult PadOp::inferReturnTypes(MLIRContext *, std::optional<Location> loc, Adaptor op, Types &types) {
  RankedTensorType x = tensor(op.getInput());
  int64_t rank = x.getRank();
  if (int64_t(op.getPads().size()) != 2 * rank)
    return emitOptionalError(loc, "'pads' is [", op.getPads(), "]; it must have ", 2 * rank, " values");
  if (!llvm::is_contained({"constant", "reflect", "edge", "wrap"}, op.getMode()))
    return emitOptionalError(loc, "attribute 'mode' is \"", op.getMode(), "\"; it is one of constant, reflect, edge, wrap");
  SmallVector<int64_t> shape;
  for (int64_t i = 0; i < rank; ++i) {
    int64_t begin = op.getPads()[i], end = op.getPads()[i + rank], dim = x.getDimSize(i);
    int64_t limit = op.getMode() == "reflect" ? dim - 1 : INT32_MAX;
    if (begin > limit || end > limit || begin + end + dim < 1)
      return emitOptionalError(loc, "'pads' is [", op.getPads(), "]; dim ", i, " of ", x, " cannot be padded by ", begin, " and ", end,
                               " in mode ", op.getMode());
    shape.push_back(begin + end + dim);
  }
  types.push_back(RankedTensorType::get(shape, x.getElementType()));
  return success();
}

LogicalResult TileOp::inferReturnTypes(MLIRContext *, std::optional<Location> loc, Adaptor op, Types &types) {
  RankedTensorType x = tensor(op.getInput());
  if (int64_t(op.getRepeats().size()) != x.getRank() || llvm::any_of(op.getRepeats(), [](int64_t r) { return r < 1 || r > INT32_MAX; }))
    return emitOptionalError(loc, "'repeats' is [", op.getRepeats(), "]; it must have ", x.getRank(), " values, each at least 1");
  SmallVector<int64_t> shape;
  for (auto [dim, repeat] : llvm::zip(x.getShape(), op.getRepeats()))
    shape.push_back(dim * repeat);
  types.push_back(RankedTensorType::get(shape, x.getElementType()));
  return success();
}

static LogicalResult checkIndices(std::optional<Location> loc, Value indices) {
  Type type = tensor(indices).getElementType();
  if (!type.isInteger(32) && !type.isInteger(64))
    return emitOptionalError(loc, "indices are ", tensor(indices), "; they must be i32 or i64");
  return success();
}

LogicalResult GatherOp::inferReturnTypes(MLIRContext *, std::optional<Location> loc, Adaptor op, Types &types) {
  RankedTensorType data = tensor(op.getData()), indices = tensor(op.getIndices());
  auto axis = normalizeAxis(loc, "axis", op.getAxis(), data.getRank());
  if (failed(axis) || failed(checkIndices(loc, op.getIndices())))
    return failure();
  SmallVector<int64_t> shape(data.getShape().take_front(*axis));
  llvm::append_range(shape, indices.getShape());
  llvm::append_range(shape, data.getShape().drop_front(*axis + 1));
  types.push_back(RankedTensorType::get(shape, data.getElementType()));
  return success();
}

LogicalResult GatherElementsOp::inferReturnTypes(MLIRContext *, std::optional<Location> loc, Adaptor op, Types &types) {
  RankedTensorType data = tensor(op.getData()), indices = tensor(op.getIndices());
  auto axis = normalizeAxis(loc, "axis", op.getAxis(), data.getRank());
  if (failed(axis) || failed(checkIndices(loc, op.getIndices())))
    return failure();
  bool fits = data.getRank() == indices.getRank();
  for (int64_t i = 0; fits && i < data.getRank(); ++i)
    fits = i == *axis || indices.getDimSize(i) <= data.getDimSize(i);
  if (!fits)
    return emitOptionalError(loc, "indices ", indices, " do not fit data ", data);
  types.push_back(RankedTensorType::get(indices.getShape(), data.getElementType()));
  return success();
}

LogicalResult GatherNDOp::inferReturnTypes(MLIRContext *, std::optional<Location> loc, Adaptor op, Types &types) {
  RankedTensorType data = tensor(op.getData()), indices = tensor(op.getIndices());
  int64_t batch = op.getBatchDims();
  if (failed(checkIndices(loc, op.getIndices())))
    return failure();
  if (batch < 0 || batch >= data.getRank() || batch >= indices.getRank() ||
      data.getShape().take_front(batch) != indices.getShape().take_front(batch) || indices.getShape().back() < 1 ||
      indices.getShape().back() > data.getRank() - batch)
    return emitOptionalError(loc, "indices ", indices, " with batch_dims ", batch, " do not fit data ", data);
  SmallVector<int64_t> shape(indices.getShape().drop_back());
  llvm::append_range(shape, data.getShape().drop_front(batch + indices.getShape().back()));
  types.push_back(RankedTensorType::get(shape, data.getElementType()));
  return success();
}

static LogicalResult checkReduction(std::optional<Location> loc, StringRef reduction) {
  if (!llvm::is_contained({"none", "add", "mul", "min", "max"}, reduction))
    return emitOptionalError(loc, "attribute 'reduction' is \"", reduction, "\"; it is one of none, add, mul, min, max");
  return success();
}

LogicalResult ScatterElementsOp::inferReturnTypes(MLIRContext *, std::optional<Location> loc, Adaptor op, Types &types) {
  RankedTensorType data = tensor(op.getData()), indices = tensor(op.getIndices()), updates = tensor(op.getUpdates());
  if (failed(normalizeAxis(loc, "axis", op.getAxis(), data.getRank())) || failed(checkIndices(loc, op.getIndices())) ||
      failed(checkReduction(loc, op.getReduction())))
    return failure();
  if (indices.getShape() != updates.getShape() || indices.getRank() != data.getRank() || updates.getElementType() != data.getElementType())
    return emitOptionalError(loc, "indices ", indices, " and updates ", updates, " do not fit data ", data);
  types.push_back(RankedTensorType::get(data.getShape(), data.getElementType()));
  return success();
}

LogicalResult ScatterNDOp::inferReturnTypes(MLIRContext *, std::optional<Location> loc, Adaptor op, Types &types) {
  RankedTensorType data = tensor(op.getData()), indices = tensor(op.getIndices()), updates = tensor(op.getUpdates());
  if (failed(checkIndices(loc, op.getIndices())) || failed(checkReduction(loc, op.getReduction())))
    return failure();
  int64_t depth = indices.getRank() ? indices.getShape().back() : 0;
  SmallVector<int64_t> expected;
  if (depth >= 1 && depth <= data.getRank()) {
    llvm::append_range(expected, indices.getShape().drop_back());
    llvm::append_range(expected, data.getShape().drop_front(depth));
  }
  if (depth < 1 || depth > data.getRank() || ArrayRef<int64_t>(expected) != updates.getShape() ||
      updates.getElementType() != data.getElementType())
    return emitOptionalError(loc, "indices ", indices, " and updates ", updates, " do not fit data ", data);
  types.push_back(RankedTensorType::get(data.getShape(), data.getElementType()));
  return success();
}

} // namespace dnnc::dnn
