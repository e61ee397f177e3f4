// f16 and bf16 tensors are computed in f32: kernels accumulate in f32, and a chain of 16-bit ops would round after each. The importer keeps
// the model's types; here constants are converted once and casts put where 16-bit floats cross the function's interface, which stays as it
// is. The model's own casts to 16 bits still round. Elements of 8 bits and less that are only stored become the integers that store them, which costs nothing.
#include "dialects/dnn/Constants.h"
#include "dialects/dnn/Remarks.h"
#include "dialects/pw/SmallTypes.h"
#include "passes/Passes.h"
#include "passes/graph/Pointwise.h"

namespace dnnc {
#define GEN_PASS_DEF_LEGALIZETYPES
#include "Passes.h.inc"
} // namespace dnnc

using namespace mlir;
using namespace dnnc;

namespace {

bool isNarrow(Type type) { return isa<Float16Type, BFloat16Type>(getElementTypeOrSelf(type)); }

bool isSmall(Type type) { return isa<pw::SmallType>(getElementTypeOrSelf(type)); }

/// f32 in place of a 16-bit float and what a small type is stored in, for scalars and tensors; other types as they are.
Type widened(Type type) {
  if (isSmall(type)) {
    auto tensor = dyn_cast<RankedTensorType>(type);
    return tensor ? Type(pw::stored(tensor)) : pw::storageType(type);
  }
  if (!isNarrow(type)) return type;
  Type f32 = Float32Type::get(type.getContext());
  auto tensor = dyn_cast<RankedTensorType>(type);
  return tensor ? Type(RankedTensorType::get(tensor.getShape(), f32, tensor.getEncoding())) : f32;
}

/// True for a cast to a 16-bit float that may change the value; an attribute (a pw.const that is cast for its operator) is not rounded.
bool rounds(pw::FnOp op) {
  return op.getName() == "cast" && isNarrow(op.getType()) && !op.getArgs().front().getDefiningOp<pw::ConstOp>() &&
         !holdsAll(op.getArgs().front().getType(), op.getType());
}

Value createCast(OpBuilder &builder, Location loc, Value value, Type result) {
  if (isSmall(value.getType()) || isSmall(result)) return builder.create<dnn::BitcastOp>(loc, result, value);
  Type element = getElementTypeOrSelf(result);
  return createPointwise(builder, loc, result, value,
                         [&](OpBuilder &b, Location l, ValueRange args) -> Value { return b.create<pw::FnOp>(l, element, "cast", args); });
}

struct LegalizeTypes : dnnc::impl::LegalizeTypesBase<LegalizeTypes> {
  void runOnOperation() override {
    func::FuncOp func = getOperation();
    if (func.isDeclaration()) return;
    int64_t values = 0;
    llvm::SetVector<Attribute> weightTypes;
    SmallVector<std::pair<dnn::BitcastOp, std::pair<Type, Type>>> bitcasts; ///< with the model's types
    func.walk([&](dnn::BitcastOp op) { bitcasts.push_back({op, {op.getInput().getType(), op.getType()}}); });
    SmallVector<std::pair<pw::FnOp, Type>> roundings; ///< with the type that is rounded to
    func.walk([&](pw::FnOp op) {
      if (rounds(op)) roundings.push_back({op, op.getType()});
    });
    func.walk([&](Operation *op) {
      if (isa<func::FuncOp>(op)) return;
      if (auto constant = dyn_cast<dnn::ConstantOp>(op)) {
        if (isNarrow(constant.getType())) weightTypes.insert(TypeAttr::get(getElementTypeOrSelf(constant.getType())));
        // Few significant bits: as they are, or with scales that are powers of two, such weights are exact in bf16.
        if (isSmall(constant.getType())) weightTypes.insert(TypeAttr::get(BFloat16Type::get(&getContext())));
        widen(constant);
        return;
      }
      if (auto scalar = dyn_cast<pw::ConstOp>(op); scalar && isNarrow(scalar.getType()))
        scalar.setValueAttr(FloatAttr::get(Float32Type::get(&getContext()), numberOf(scalar.getValue())));
      if (auto pad = dyn_cast<dnn::PadOp>(op)) padWithByte(pad);
      for (Value result : op->getResults()) {
        values += isNarrow(result.getType());
        result.setType(widened(result.getType()));
      }
      for (Region &region : op->getRegions())
        for (BlockArgument arg : region.getArguments()) arg.setType(widened(arg.getType()));
    });
    for (auto [cast, type] : roundings) roundTo(type, cast);
    if (!weightTypes.empty()) func->setAttr("dnn.weight_types", ArrayAttr::get(&getContext(), weightTypes.getArrayRef()));
    values += castInterface(func);
    for (auto &[bitcast, types] : bitcasts) castAround(bitcast, types.first, types.second);
    func.walk([](dnn::BitcastOp op) { // between a small type and what stores it
      if (op.getInput().getType() != op.getType()) return;
      op.replaceAllUsesWith(op.getInput());
      op.erase();
    });
    if (values) remark(func.getLoc(), "import", Twine(values) + " 16-bit floating-point tensors are computed in f32");
  }

  /// Rounds the f32 result of \p cast to \p narrow, as an f32 again.
  static void roundTo(Type narrow, pw::FnOp cast) {
    OpBuilder builder(cast->getBlock(), std::next(cast->getIterator()));
    auto narrowed = builder.create<pw::FnOp>(cast.getLoc(), narrow, "cast", ValueRange(cast));
    auto wide = builder.create<pw::FnOp>(cast.getLoc(), cast.getType(), "cast", ValueRange(narrowed));
    cast.getResult().replaceAllUsesExcept(wide, narrowed);
  }

  /// A bit cast reads and makes 16-bit floats as they are, among values that are f32 now.
  static void castAround(dnn::BitcastOp op, Type from, Type to) {
    OpBuilder builder(op);
    if (isNarrow(from)) op.getInputMutable().assign(createCast(builder, op.getLoc(), op.getInput(), from));
    if (!isNarrow(to)) return;
    builder.setInsertionPointAfter(op);
    op.getResult().setType(cast<RankedTensorType>(to));
    Value wide = createCast(builder, op.getLoc(), op, widened(to));
    op.getResult().replaceAllUsesExcept(wide, wide.getDefiningOp());
  }

  /// The value that is padded with as it is stored.
  static void padWithByte(dnn::PadOp pad) {
    auto small = dyn_cast<pw::SmallType>(getElementTypeOrSelf(pad.getType()));
    if (!small || !pw::isFloat(small.getFormat())) return;
    pad.setValue(APFloat(double(pw::byteOf(small.getFormat(), pad.getValue().convertToDouble()))));
  }

  static void widen(dnn::ConstantOp constant) {
    if (isSmall(constant.getType())) {
      auto type = cast<RankedTensorType>(widened(constant.getType()));
      constant.setValueAttr(bitcastConstant(constant.getValue(), type.getElementType()));
      constant.getResult().setType(type);
      return;
    }
    if (!isNarrow(constant.getType())) return;
    auto type = cast<RankedTensorType>(widened(constant.getType()));
    std::string name = nodeNames(constant.getLoc());
    constant.setValueAttr(makeConstant(type, ArrayRef<float>(constantValues<float>(constant.getValue())), name));
    constant.getResult().setType(type);
  }

  /// Casts behind 16-bit arguments and before 16-bit results, and the same for small types; returns how many 16-bit arguments were cast.
  static int64_t castInterface(func::FuncOp func) {
    int64_t count = 0;
    OpBuilder builder = OpBuilder::atBlockBegin(&func.front());
    for (BlockArgument arg : func.getArguments()) {
      if (!isNarrow(arg.getType()) && !isSmall(arg.getType())) continue;
      count += isNarrow(arg.getType());
      Value cast = createCast(builder, arg.getLoc(), arg, widened(arg.getType()));
      arg.replaceAllUsesExcept(cast, cast.getDefiningOp());
    }
    Operation *terminator = func.front().getTerminator();
    builder.setInsertionPoint(terminator);
    for (auto [operand, type] : llvm::zip(terminator->getOpOperands(), func.getResultTypes()))
      if (isNarrow(type) || isSmall(type)) operand.set(createCast(builder, operand.get().getLoc(), operand.get(), type));
    return count;
  }
};

} // namespace
