// The exec dialect: the schedule of the generated program.
#pragma once

#include "dialects/pw/Pw.h"

#include "mlir/Bytecode/BytecodeOpInterface.h"
#include "mlir/IR/BuiltinAttributes.h"
#include "mlir/IR/Dialect.h"
#include "mlir/IR/OpDefinition.h"
#include "mlir/IR/SymbolTable.h"
#include "mlir/Interfaces/SideEffectInterfaces.h"

#include "ExecDialect.h.inc"
#define GET_TYPEDEF_CLASSES
#include "ExecTypes.h.inc"
#define GET_OP_CLASSES
#include "ExecOps.h.inc"

namespace dnnc::exec {

/// Where a buffer comes from: its exec.alloc, weight, input or output, and the byte offset of all views on the way, to which each of \c steps
/// adds a loop's iteration number times some bytes.
struct Place {
  mlir::Operation *root;
  int64_t offset;
  llvm::SmallVector<std::pair<mlir::Value, int64_t>, 1> steps;
};
Place placeOf(mlir::Value buffer);

/// An entry of a schedule's input_bounds or output_bounds, which is also the attribute "dnn.bound" of an argument or result.
struct Bound {
  int64_t of;                        ///< the tensor whose true dims it is about
  llvm::SmallVector<int64_t> min;    ///< the smallest; less than the type's where that is only a bound
  llvm::SmallVector<std::string> names; ///< of an input's dims: equal ones are equal dims; "" is none
};
llvm::SmallVector<Bound> boundsOf(std::optional<mlir::ArrayAttr> attr);

} // namespace dnnc::exec
