// The pw dialect: scalar functions used inside the regions of dnn and exec.
#pragma once

#include "mlir/Bytecode/BytecodeOpInterface.h"
#include "mlir/IR/BuiltinTypes.h"
#include "mlir/IR/Dialect.h"
#include "mlir/IR/OpDefinition.h"
#include "mlir/Interfaces/InferTypeOpInterface.h"
#include "mlir/Interfaces/SideEffectInterfaces.h"

#include "PwDialect.h.inc"

#include "PwEnums.h.inc"
#define GET_TYPEDEF_CLASSES
#include "PwTypes.h.inc"
#define GET_OP_CLASSES
#include "PwOps.h.inc"

#include <optional>

namespace dnnc::pw {

/// How a function types its operands and result; see functions.inc.
enum class Kind { Float, Numeric, Integer, Boolean, Compare, Cast, Where, FloatPredicate };

struct Function {
  llvm::StringRef name;
  unsigned arity;
  Kind kind;
  llvm::StringRef formula;
};

/// The row of functions.inc with this name.
const Function *lookup(llvm::StringRef name);

/// The chain's terminator operand.
mlir::Value yielded(mlir::Region &chain);

/// True for a region that is empty or yields its first argument unchanged.
bool isIdentity(mlir::Region &chain);

/// True if the chain runs on vectors and lane masks. Functions compute in f32; a 16-bit float is rounded where a cast makes it and where it
/// is stored. 8-bit integers (and i32 operands) are there as f32, and only cast from (`cast`) and made (`saturate`). Anything else runs
/// element by element.
bool runsOnVectors(mlir::Region &chain);

/// Appends \p from (a chain) to \p into: \p into's yielded value becomes argument \p slot of \p from's body; the other arguments
/// of \p from are appended to \p into's block arguments, in order. An empty \p into is created with one argument of \p accType.
void appendChain(mlir::Region &into, mlir::Region &from, unsigned slot, mlir::Type accType);

} // namespace dnnc::pw
