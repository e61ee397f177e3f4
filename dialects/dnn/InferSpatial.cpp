// Result types of sampling, pooling of regions and folding.
#include "dialects/dnn/Infer.h"

#include "llvm/Support/MathExtras.h"

using namespace mlir;

namespace dnnc::dnn {

using Types = SmallVectorImpl<Type>;

LogicalResult MaxPoolIndicesOp::inferReturnTypes(MLIRContext *context, std::optional<Location> loc, Adaptor op, Types &types) {
  RankedTensorType x = tensor(op.getInput());
  int64_t n = x.getRank() - 2;
  if (n < 1 || n > 3) return emitOptionalError(loc, "input is ", x, "; its rank must be 3 to 5");
  if (failed(checkWindow(loc, n, op.getKernel(), op.getStrides(), op.getPads(), op.getDilations()))) return failure();
  SmallVector<int64_t> shape(x.getShape().take_front(2));
  int64_t places = 1;
  for (int64_t i = 0; i < n; ++i) {
    shape.push_back(windowOutputSize(x.getDimSize(i + 2), op.getKernel()[i], op.getStrides()[i], op.getPads()[i], op.getPads()[i + n],
                                     op.getDilations()[i], op.getCeilMode()));
    if (shape.back() <= 0)
      return emitOptionalError(loc, "the window does not fit: input is ", x, " and output dim ", i + 2, " would be ", shape.back());
    places *= x.getDimSize(i + 2);
  }
  if (places > INT32_MAX) return emitOptionalError(loc, "input is ", x, "; an image may have at most ", INT32_MAX, " places");
  types.push_back(RankedTensorType::get(shape, x.getElementType()));
  types.push_back(RankedTensorType::get(shape, IntegerType::get(context, 64)));
  return success();
}

LogicalResult GridSampleOp::inferReturnTypes(MLIRContext *, std::optional<Location> loc, Adaptor op, Types &types) {
  RankedTensorType x = tensor(op.getInput()), grid = tensor(op.getGrid());
  int64_t spatial = x.getRank() - 2;
  if (spatial < 2 || spatial > 3) return emitOptionalError(loc, "input is ", x, "; its rank must be 4 or 5");
  if (grid.getRank() != x.getRank() || grid.getDimSize(0) != x.getDimSize(0) || grid.getShape().back() != spatial)
    return emitOptionalError(loc, "the grid is ", grid, "; for the input ", x, " it must have ", x.getDimSize(0), " as first dim, ",
                             spatial, " as last, and rank ", x.getRank());
  if (!llvm::is_contained({"nearest", "linear", "cubic"}, op.getMode()))
    return emitOptionalError(loc, "attribute 'mode' is \"", op.getMode(), "\"; it is one of nearest, linear, cubic");
  if (op.getMode() == "cubic" && spatial != 2)
    return emitOptionalError(loc, "attribute 'mode' is \"cubic\"; it needs an input of rank 4, not ", x);
  if (!llvm::is_contained({"zeros", "border", "reflection"}, op.getPadding()))
    return emitOptionalError(loc, "attribute 'padding' is \"", op.getPadding(), "\"; it is one of zeros, border, reflection");
  SmallVector<int64_t> shape(x.getShape().take_front(2));
  llvm::append_range(shape, grid.getShape().drop_front().drop_back());
  types.push_back(RankedTensorType::get(shape, x.getElementType()));
  return success();
}

LogicalResult DeformColumnsOp::inferReturnTypes(MLIRContext *, std::optional<Location> loc, Adaptor op, Types &types) {
  RankedTensorType x = tensor(op.getInput()), offset = tensor(op.getOffset());
  if (x.getRank() != 4) return emitOptionalError(loc, "input is ", x, "; its rank must be 4");
  if (failed(checkWindow(loc, 2, op.getKernel(), op.getStrides(), op.getPads(), op.getDilations()))) return failure();
  int64_t groups = op.getOffsetGroups(), taps = op.getKernel()[0] * op.getKernel()[1];
  if (groups < 1 || x.getDimSize(1) % groups)
    return emitOptionalError(loc, "attribute 'offset_group' is ", groups, "; it must divide the ", x.getDimSize(1), " channels");
  SmallVector<int64_t> shape{x.getDimSize(0)};
  for (int64_t i = 0; i < 2; ++i)
    shape.push_back(windowOutputSize(x.getDimSize(i + 2), op.getKernel()[i], op.getStrides()[i], op.getPads()[i], op.getPads()[i + 2],
                                     op.getDilations()[i], false));
  auto check = [&](StringRef name, RankedTensorType type, int64_t channels) -> LogicalResult {
    if (type.getShape() == ArrayRef<int64_t>{shape[0], channels, shape[1], shape[2]}) return success();
    return emitOptionalError(loc, "the ", name, " is ", type, "; its shape must be [", shape[0], ", ", channels, ", ", shape[1], ", ",
                             shape[2], "]");
  };
  if (shape[1] < 1 || shape[2] < 1)
    return emitOptionalError(loc, "the window does not fit: input is ", x, " and the output would be ", shape[1], " by ", shape[2]);
  if (failed(check("offset", offset, 2 * groups * taps)) || (op.getMask() && failed(check("mask", tensor(op.getMask()), groups * taps))))
    return failure();
  shape.append({taps, x.getDimSize(1)});
  types.push_back(RankedTensorType::get(shape, x.getElementType()));
  return success();
}

/// rois: one row of \p columns for each region.
static LogicalResult inferRois(std::optional<Location> loc, RankedTensorType x, RankedTensorType rois, int64_t columns,
                               ArrayRef<int64_t> size, Types &types) {
  if (x.getRank() != 4) return emitOptionalError(loc, "input is ", x, "; its rank must be 4");
  if (rois.getRank() != 2 || rois.getDimSize(1) != columns)
    return emitOptionalError(loc, "the regions are ", rois, "; they must have 2 dims, the last of size ", columns);
  if (size.size() != 2 || size[0] < 1 || size[1] < 1)
    return emitOptionalError(loc, "the output size is [", size, "]; it must have 2 values, each at least 1");
  types.push_back(RankedTensorType::get({rois.getDimSize(0), x.getDimSize(1), size[0], size[1]}, x.getElementType()));
  return success();
}

LogicalResult RoiAlignOp::inferReturnTypes(MLIRContext *, std::optional<Location> loc, Adaptor op, Types &types) {
  RankedTensorType rois = tensor(op.getRois()), batch = tensor(op.getBatchIndices());
  if (batch.getRank() != 1 || rois.getRank() < 1 || batch.getDimSize(0) != rois.getDimSize(0) || !batch.getElementType().isInteger(64))
    return emitOptionalError(loc, "batch_indices is ", batch, "; it must be one i64 for each region of ", rois);
  if (int64_t(op.getSamplingRatio()) < 0)
    return emitOptionalError(loc, "attribute 'sampling_ratio' is ", int64_t(op.getSamplingRatio()), "; it must be at least 0");
  return inferRois(loc, tensor(op.getInput()), rois, 4, op.getOutputSize(), types);
}

LogicalResult RoiMaxPoolOp::inferReturnTypes(MLIRContext *, std::optional<Location> loc, Adaptor op, Types &types) {
  return inferRois(loc, tensor(op.getInput()), tensor(op.getRois()), 5, op.getOutputSize(), types);
}

LogicalResult Col2ImOp::inferReturnTypes(MLIRContext *, std::optional<Location> loc, Adaptor op, Types &types) {
  RankedTensorType x = tensor(op.getInput());
  int64_t n = op.getImage().size(), taps = 1, blocks = 1;
  if (x.getRank() != 3) return emitOptionalError(loc, "input is ", x, "; its rank must be 3");
  if (n < 1 || n > 8 || llvm::any_of(op.getImage(), [](int64_t size) { return size < 1; }))
    return emitOptionalError(loc, "'image_shape' is [", op.getImage(), "]; it must have 1 to 8 values, each at least 1");
  if (failed(checkWindow(loc, n, op.getBlock(), op.getStrides(), op.getPads(), op.getDilations()))) return failure();
  for (int64_t i = 0; i < n; ++i) {
    int64_t steps = windowOutputSize(op.getImage()[i], op.getBlock()[i], op.getStrides()[i], op.getPads()[i], op.getPads()[i + n],
                                     op.getDilations()[i], false);
    if (llvm::MulOverflow(taps, op.getBlock()[i], taps) || llvm::MulOverflow(blocks, steps, blocks))
      return emitOptionalError(loc, "'block_shape' [", op.getBlock(), "] in 'image_shape' [", op.getImage(), "] gives more than 2^63 elements");
  }
  if (x.getDimSize(1) % taps || x.getDimSize(2) != blocks)
    return emitOptionalError(loc, "input is ", x, "; for 'block_shape' [", op.getBlock(), "] and 'image_shape' [", op.getImage(),
                             "] its dim 1 must be a multiple of ", taps, " and its dim 2 ", blocks);
  SmallVector<int64_t> shape{x.getDimSize(0), x.getDimSize(1) / taps};
  llvm::append_range(shape, op.getImage());
  types.push_back(RankedTensorType::get(shape, x.getElementType()));
  return success();
}

LogicalResult DetOp::inferReturnTypes(MLIRContext *, std::optional<Location> loc, Adaptor op, Types &types) {
  RankedTensorType x = tensor(op.getInput());
  if (x.getRank() < 2 || x.getShape().back() != x.getDimSize(x.getRank() - 2))
    return emitOptionalError(loc, "input is ", x, "; its last two dims must be equal");
  types.push_back(RankedTensorType::get(x.getShape().drop_back(2), x.getElementType()));
  return success();
}

} // namespace dnnc::dnn
