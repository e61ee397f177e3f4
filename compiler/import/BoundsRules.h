// The rules of applyBounds, one for each kind of dnn op: BoundsRules.cpp has those that move elements, BoundsLayers.cpp those that compute.
#pragma once

#include "compiler/import/Bounds.h"
#include "compiler/import/NodeBinder.h"

namespace dnnc::importer {

/// Gives the results of an op their true sizes.
class BoundsRules {
public:
  BoundsRules(NodeBinder &node, mlir::Operation *op) : node(node), bounds(node.bounds()), op(op) {}

  /// The op to go on with.
  mlir::Operation *apply();

private:
  bool refuse(mlir::Value operand, int64_t dim) {
    node.error() << "dim " << dim << " of the operand " << operand.getType() << " is chosen at run time, up to "
                 << NodeBinder::shape(operand)[dim] << "; " << op->getName().getStringRef().drop_front(4)
                 << " is not supported over such a dim (batch dims, pointwise, reductions, matrix products, softmax, attention, recurrent layers, gather and movement are)";
    return false;
  }
  Sizes of(mlir::Value value) { return bounds.of(value); }
  bool set(Sizes sizes, unsigned result = 0) {
    bounds.set(op->getResult(result), std::move(sizes));
    return true;
  }
  /// Refuses bounded dims of an operand, all but those in \p free.
  bool onlyBounded(mlir::Value operand, llvm::ArrayRef<int64_t> free);
  bool maskOperand(unsigned index, llvm::ArrayRef<int64_t> dims, double fill);
  bool unite(Size &into, const Size &other);
  bool broadcast(llvm::ArrayRef<mlir::Value> operands, llvm::ArrayRef<int64_t> skip = {});
  double lowest(mlir::Value value, bool largest = false);
  std::optional<Size> windowSize(const Size &in, int64_t kernel, int64_t stride, int64_t begin, int64_t end, int64_t dilation, bool ceil);
  mlir::Value fromEnd(mlir::Value indices, const Size &size);

  bool pointwise();
  bool transpose(dnn::TransposeOp transpose);
  bool reshape(dnn::ReshapeOp reshape);
  bool broadcastTo(dnn::BroadcastOp broadcast);
  bool concat(dnn::ConcatOp concat);
  bool slice(dnn::SliceOp slice);
  bool pad(dnn::PadOp pad);
  bool tile(dnn::TileOp tile);
  bool gather(dnn::GatherOp gather);
  bool gatherElements(dnn::GatherElementsOp gather);
  bool gatherND(dnn::GatherNDOp gather);
  bool oneHot(dnn::OneHotOp oneHot);
  bool argReduce(dnn::ArgReduceOp arg);
  bool topK(dnn::TopKOp topK);
  bool reduce(dnn::ReduceOp reduce);
  bool matmul(dnn::MatMulOp matmul);
  bool conv(dnn::ConvOp conv);
  bool pool(dnn::PoolOp pool);
  bool attention(dnn::AttentionOp attention);
  bool recurrent(dnn::RecurrentOp recurrent);

  NodeBinder &node;
  Bounds &bounds;
  mlir::Operation *op, *replacement = nullptr;
};

} // namespace dnnc::importer
