// Shared by LowerConv.cpp, LowerMatMul.cpp and LowerInt8.cpp: images and windows as kernels take them.
#pragma once

#include "passes/lower/Lowering.h"

namespace dnnc {

/// N, rows, columns and channels of a rank 3 or 4 tensor; one spatial dim counts as columns.
struct Image {
  int64_t n, c, h, w, sn, sh, sw;
  Image(mlir::RankedTensorType type, llvm::ArrayRef<int64_t> strides) {
    bool flat = type.getRank() == 3;
    n = type.getDimSize(0), c = type.getDimSize(1);
    h = flat ? 1 : type.getDimSize(2), w = type.getShape().back();
    sn = strides[0], sw = strides.back(), sh = flat ? sw * w : strides[2];
  }
};

/// The last of a list with one value per spatial dim, and the one before it (or \p missing when there is one dim).
inline std::pair<int64_t, int64_t> rowsAndColumns(llvm::ArrayRef<int64_t> list, int64_t missing) {
  return {list.size() == 1 ? missing : list[list.size() - 2], list.back()};
}

inline EpilogueDims imageDims(int64_t rank) {
  return {{0}, llvm::to_vector(llvm::seq<int64_t>(2, rank)), {1}};
}

inline auto channelsAreContiguous(mlir::Value value) {
  return [type = Lowering::typeOf(value)](llvm::ArrayRef<int64_t> strides) { return type.getDimSize(1) == 1 || strides[1] == 1; };
}

inline mlir::LogicalResult requireRank(mlir::Operation *op, mlir::RankedTensorType type) {
  if (type.getRank() != 3 && type.getRank() != 4)
    return op->emitError() << "has " << type.getRank() - 2 << " spatial dims; there are kernels for 1 and 2";
  return mlir::success();
}

inline void setImages(Params &params, const Image &x, const Image &y) {
  params.set("n", x.n).set("h", x.h).set("w", x.w).set("c", x.c).set("oh", y.h).set("ow", y.w);
  params.set("x_n", x.sn).set("x_h", x.sh).set("x_w", x.sw).set("y_n", y.sn).set("y_h", y.sh).set("y_w", y.sw);
}

template <class Op> void setWindow(Params &params, Op op) {
  auto [sh, sw] = rowsAndColumns(op.getStrides(), 1);
  auto [dh, dw] = rowsAndColumns(op.getDilations(), 1);
  size_t n = op.getStrides().size();
  auto [pt, pl] = rowsAndColumns(op.getPads().take_front(n), 0);
  params.set("sh", sh).set("sw", sw).set("dh", dh).set("dw", dw).set("pt", pt).set("pl", pl);
}

inline std::string tileName(int64_t rows, int64_t vectors) { return std::to_string(rows) + "x" + std::to_string(vectors); }

} // namespace dnnc
