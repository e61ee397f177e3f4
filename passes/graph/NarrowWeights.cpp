// f32 weights as f16 or bf16 constants: half the bytes in the file, and half those that a dense layer on one row reads. After BN folding,
// which computes new weights, and once: what is rounded here is what every later phase, the executor and the emitted program see.
#include "dialects/dnn/Constants.h"
#include "dialects/dnn/Remarks.h"
#include "passes/Passes.h"
#include "passes/graph/Pointwise.h"

#include "mlir/IR/Diagnostics.h"
#include "llvm/ADT/MapVector.h"
#include "llvm/ADT/TypeSwitch.h"
#include "llvm/Support/Format.h"

#include <cmath>

namespace dnnc {
#define GEN_PASS_DEF_NARROWWEIGHTS
#include "Passes.h.inc"
} // namespace dnnc

using namespace mlir;
using namespace dnnc;

namespace {

/// The operand of \p op that kernels read as packed weights, or null.
OpOperand *weightOf(Operation *op) {
  OpOperand *weight = llvm::TypeSwitch<Operation *, OpOperand *>(op)
                          .Case<dnn::ConvOp, dnn::ConvTransposeOp>([](auto conv) { return &conv.getWeightMutable(); })
                          .Case<dnn::MatMulOp>([](dnn::MatMulOp matmul) { return &matmul.getRhsMutable(); })
                          .Default([](Operation *) { return nullptr; });
  if (!weight || !getConstant(weight->get()) || !tensorOf(weight->get()).getElementType().isF32()) return nullptr;
  RankedTensorType type = tensorOf(weight->get());
  bool oneMatrix = type.getNumElements() == type.getShape().back() * type.getDimSize(type.getRank() - 2);
  return isa<dnn::MatMulOp>(op) && !oneMatrix ? nullptr : weight; // a batch of them is packed at run time
}

/// Squares of the values and of what rounding changes.
struct Error {
  double changed = 0, total = 0;
  int64_t elements = 0;

  Error &operator+=(const Error &other) {
    changed += other.changed, total += other.total, elements += other.elements;
    return *this;
  }
  std::string text(Type type) const {
    std::string text;
    llvm::raw_string_ostream os(text);
    os << elements << " weights as " << type << ", relative L2 error " << llvm::format("%.2e", total > 0 ? std::sqrt(changed / total) : 0.0);
    return text;
  }
};

struct Rounded {
  std::vector<uint16_t> bits;
  Error error;
  int64_t overflow = -1; ///< the first finite value that became infinite
  bool exact = true;

  Rounded(ArrayRef<float> values, Type type) : bits(narrowed(values, type)) {
    std::vector<float> back = widened(bits, type);
    error.elements = static_cast<int64_t>(values.size());
    for (size_t i = 0; i < values.size(); ++i) {
      if (!std::isfinite(values[i])) continue; // infinities and NaNs stay what they are
      if (std::isinf(back[i]) && overflow < 0) overflow = static_cast<int64_t>(i);
      double difference = static_cast<double>(values[i]) - static_cast<double>(back[i]);
      exact &= difference == 0;
      error.changed += difference * difference;
      error.total += static_cast<double>(values[i]) * static_cast<double>(values[i]);
    }
  }
};

struct NarrowWeights : dnnc::impl::NarrowWeightsBase<NarrowWeights> {
  using NarrowWeightsBase::NarrowWeightsBase;

  void runOnOperation() override {
    func::FuncOp func = getOperation();
    SmallVector<Type> types;
    bool asked = type != "model";
    if (type == "f16" || type == "bf16") {
      types.push_back(type == "f16" ? Type(Float16Type::get(&getContext())) : Type(BFloat16Type::get(&getContext())));
    } else if (!asked) {
      auto found = func->getAttrOfType<ArrayAttr>("dnn.weight_types");
      for (Attribute attr : found ? found.getValue() : ArrayRef<Attribute>()) types.push_back(cast<TypeAttr>(attr).getValue());
    } else if (type != "f32") {
      func.emitError() << "weights cannot be '" << type << "'; accepted: model, f32, f16, bf16";
      return signalPassFailure();
    }
    func->removeAttr("dnn.weight_types");
    if (types.empty()) return;

    llvm::MapVector<Operation *, SmallVector<OpOperand *>> uses; // by constant
    func.walk([&](Operation *op) {
      if (OpOperand *weight = weightOf(op)) uses[weight->get().getDefiningOp()].push_back(weight);
    });
    Error sum;
    for (auto &[constant, operands] : uses) {
      FailureOr<Error> error = narrow(cast<dnn::ConstantOp>(constant), operands, types, asked);
      if (failed(error)) return signalPassFailure();
      sum += *error;
    }
    if (asked) getContext().getDiagEngine().emit(UnknownLoc::get(&getContext()), DiagnosticSeverity::Note) << sum.text(types.front());
  }

  /// Replaces one constant where it is used as weights.
  static FailureOr<Error> narrow(dnn::ConstantOp constant, ArrayRef<OpOperand *> operands, ArrayRef<Type> types, bool asked) {
    std::vector<float> values = constantValues<float>(constant.getValue());
    Operation *user = operands.front()->getOwner();
    for (Type type : types) {
      Rounded rounded(values, type);
      if (asked && rounded.overflow >= 0)
        return user->emitError() << "weight " << rounded.overflow << " of " << constant.getType() << " is " << values[rounded.overflow]
                                 << ", beyond the range of " << type << "; accepted as --weights-type: "
                                 << (type.isF16() ? "bf16, f32" : "f32");
      if (!asked && !rounded.exact) continue;
      OpBuilder builder(constant);
      auto narrowType = RankedTensorType::get(tensorOf(constant).getShape(), type);
      Value replacement =
          createConstant(builder, constant.getLoc(), makeConstant(narrowType, ArrayRef<uint16_t>(rounded.bits), nodeNames(constant.getLoc())));
      for (OpOperand *operand : operands) operand->set(replacement);
      remark(user, "weights", rounded.error.text(type));
      return rounded.error;
    }
    remark(user, "weights", "no longer exact in a 16-bit type, since other constants are folded into them; --weights-type rounds them",
           /*applied=*/false);
    return Error{};
  }
};

} // namespace
