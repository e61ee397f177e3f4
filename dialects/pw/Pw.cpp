#include "dialects/pw/Pw.h"

#include "mlir/IR/Builders.h"
#include "mlir/IR/IRMapping.h"
#include "mlir/IR/DialectImplementation.h"
#include "mlir/IR/OpImplementation.h"
#include "llvm/ADT/TypeSwitch.h"

#include "PwDialect.cpp.inc"
#include "PwEnums.cpp.inc"
#define GET_TYPEDEF_CLASSES
#include "PwTypes.cpp.inc"
#define GET_OP_CLASSES
#include "PwOps.cpp.inc"

using namespace mlir;

namespace dnnc::pw {

void PwDialect::initialize() {
  addTypes<
#define GET_TYPEDEF_LIST
#include "PwTypes.cpp.inc"
      >();
  addOperations<
#define GET_OP_LIST
#include "PwOps.cpp.inc"
      >();
}

namespace {
// How functions.inc names the kinds.
constexpr Kind Kind_float = Kind::Float, Kind_num = Kind::Numeric, Kind_int = Kind::Integer, Kind_bool = Kind::Boolean,
               Kind_compare = Kind::Compare, Kind_cast = Kind::Cast, Kind_where = Kind::Where, Kind_predicate = Kind::FloatPredicate;

constexpr Function functions[] = {
#define DNNC_FN(name, arity, kind, formula) {#name, arity, Kind_##kind, formula},
#include "runtime/kernels/pointwise/functions.inc"
#undef DNNC_FN
};
} // namespace

const Function *lookup(StringRef name) {
  for (const Function &function : functions)
    if (function.name == name)
      return &function;
  return nullptr;
}

LogicalResult FnOp::verify() {
  const Function *function = lookup(getName());
  if (!function)
    return emitOpError() << "unknown function \"" << getName() << "\"; functions.inc lists the known ones";
  if (getArgs().size() != function->arity)
    return emitOpError() << "\"" << getName() << "\" takes " << function->arity << " operands, got " << getArgs().size();
  Type result = getResult().getType();
  auto operandsAre = [&](auto predicate, unsigned from) {
    return llvm::all_of(llvm::drop_begin(getArgs().getTypes(), from), predicate);
  };
  auto sameAs = [](Type type) { return [type](Type other) { return other == type; }; };
  bool ok = true;
  switch (function->kind) {
  case Kind::Float:
    ok = isa<FloatType>(result) && operandsAre(sameAs(result), 0);
    break;
  case Kind::Numeric:
    ok = operandsAre(sameAs(result), 0);
    break;
  case Kind::Integer:
    ok = isa<IntegerType>(result) && operandsAre(sameAs(result), 0);
    break;
  case Kind::Boolean:
    ok = result.isInteger(1) && operandsAre(sameAs(result), 0);
    break;
  case Kind::Compare:
    ok = result.isInteger(1) && operandsAre(sameAs(getArgs()[0].getType()), 0);
    break;
  case Kind::FloatPredicate:
    ok = result.isInteger(1) && isa<FloatType>(getArgs()[0].getType());
    break;
  case Kind::Cast: // saturate: from a float that has arithmetic to an integer
    ok = getName() != "saturate" || ((getArgs()[0].getType().isF32() || getArgs()[0].getType().isF64()) && isa<IntegerType>(result) &&
                                     !result.isInteger(1));
    break;
  case Kind::Where:
    ok = getArgs()[0].getType().isInteger(1) && operandsAre(sameAs(result), 1);
    break;
  }
  if (!ok)
    return emitOpError() << "\"" << getName() << "\" does not take these types";
  return success();
}

Value yielded(Region &chain) { return cast<YieldOp>(chain.front().getTerminator()).getValue(); }

bool isIdentity(Region &chain) {
  return chain.empty() || (chain.front().getNumArguments() > 0 && yielded(chain) == chain.getArgument(0));
}

bool runsOnVectors(Region &chain) {
  auto isByte = [](Type type) { return type.isSignlessInteger(8) || type.isUnsignedInteger(8); };
  auto isFloat = [](Type type) { return type.isF16() || type.isBF16() || type.isF32(); };
  auto isReal = [&](Type type) { return isFloat(type) || type.isInteger(1); };
  auto isOperand = [&](Type type) { return isReal(type) || isByte(type) || type.isSignlessInteger(32); };
  if (!llvm::all_of(chain.getArgumentTypes(), isOperand)) return false;
  for (Operation &op : chain.front().without_terminator()) {
    auto fn = dyn_cast<FnOp>(op);
    Type result = op.getResult(0).getType();
    if (isa<ConstOp>(op) && !isFloat(result)) return false; // there are no constant masks
    if (fn && fn.getName() == "saturate") {
      if (!fn.getArgs()[0].getType().isF32() || !isByte(result)) return false;
    } else if (fn && fn.getName() == "cast") {
      if (!isReal(result) || !isOperand(fn.getArgs()[0].getType())) return false;
    } else if (!isReal(result) || !llvm::all_of(op.getOperandTypes(), isReal)) {
      return false;
    }
  }
  Type last = yielded(chain).getType();
  return isFloat(last) || isByte(last);
}

void appendChain(Region &into, Region &from, unsigned slot, Type accType) {
  OpBuilder builder(from.getContext()); // into may not be part of an op yet
  Location loc = from.getLoc();
  if (into.empty()) {
    Block &block = into.emplaceBlock();
    Value acc = block.addArgument(accType, loc);
    builder.setInsertionPointToEnd(&block);
    builder.create<YieldOp>(loc, acc);
  }
  Block &block = into.front();
  auto yield = cast<YieldOp>(block.getTerminator());
  IRMapping map;
  for (BlockArgument arg : from.getArguments())
    map.map(arg, arg.getArgNumber() == slot ? yield.getValue() : Value(block.addArgument(arg.getType(), loc)));
  builder.setInsertionPoint(yield);
  for (Operation &op : from.front().without_terminator())
    builder.clone(op, map);
  yield.getValueMutable().assign(map.lookup(yielded(from)));
}

} // namespace dnnc::pw
