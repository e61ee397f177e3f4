// The dnn dialect: tensors of a neural network, with value semantics.
#pragma once

#include "dialects/pw/Pw.h"

#include "mlir/Bytecode/BytecodeOpInterface.h"
#include "mlir/IR/BuiltinAttributes.h"
#include "mlir/IR/BuiltinTypes.h"
#include "mlir/IR/Dialect.h"
#include "mlir/IR/OpDefinition.h"
#include "mlir/IR/TensorEncoding.h"
#include "mlir/Interfaces/InferTypeOpInterface.h"
#include "mlir/Interfaces/SideEffectInterfaces.h"

namespace dnnc::dnn {
/// Equal shapes and element types, whatever the layouts.
bool sameShapes(mlir::TypeRange left, mlir::TypeRange right);
} // namespace dnnc::dnn

#include "DnnDialect.h.inc"

#include "DnnEnums.h.inc"
#define GET_ATTRDEF_CLASSES
#include "DnnAttrs.h.inc"

#include "DnnInterfaces.h.inc"
#define GET_OP_CLASSES
#include "DnnOps.h.inc"

namespace dnnc::dnn {

/// Bytes of one element in memory; i1 takes one.
int64_t elementBytes(mlir::Type elementType);

/// numpy's broadcast of shapes; failure where sizes differ and neither is 1.
mlir::FailureOr<llvm::SmallVector<int64_t>> broadcastShapes(llvm::ArrayRef<llvm::ArrayRef<int64_t>> shapes);

/// Output size of a convolution or pooling window along one dim; 0 or less when the window does not fit.
int64_t windowOutputSize(int64_t in, int64_t kernel, int64_t stride, int64_t padBegin, int64_t padEnd, int64_t dilation, bool ceilMode);

//===----------------------------------------------------------------------===//
// Layouts: order[i] is the logical dim that is i-th from the outermost in memory.
//===----------------------------------------------------------------------===//

using Order = llvm::SmallVector<int64_t, 6>;

/// The memory order of a tensor type; 0, 1, 2, … without an encoding.
Order orderOf(mlir::RankedTensorType type);
Order identityOrder(int64_t rank);
/// N, spatial dims, C: channels innermost.
Order channelsLastOrder(int64_t rank);
/// \p type with another memory order; the identity is spelled as no encoding.
mlir::RankedTensorType withOrder(mlir::RankedTensorType type, llvm::ArrayRef<int64_t> order);
/// The shape in memory order.
llvm::SmallVector<int64_t> physicalShape(mlir::RankedTensorType type);
/// Element strides of the logical dims, for a contiguous tensor of this type.
llvm::SmallVector<int64_t> logicalStrides(mlir::RankedTensorType type);
/// True if both orders mean the same memory for this shape: dims of size 1 may stand anywhere.
bool sameMemory(llvm::ArrayRef<int64_t> shape, llvm::ArrayRef<int64_t> a, llvm::ArrayRef<int64_t> b);

} // namespace dnnc::dnn
