#include "codegen/EmitChain.h"
#include "codegen/Program.h"

#include "mlir/IR/BuiltinAttributes.h"
#include "llvm/ADT/StringExtras.h"

#include <charconv>
#include <cmath>

using namespace mlir;

namespace dnnc::codegen {

template <class T> static std::string literal(T value, const char *suffix) {
  if (std::isnan(value)) return std::string(*suffix ? "__builtin_nanf(\"\")" : "__builtin_nan(\"\")");
  if (std::isinf(value)) return std::string(value < 0 ? "-" : "") + (*suffix ? "__builtin_inff()" : "__builtin_inf()");
  char buffer[40];
  std::string text(buffer, std::to_chars(buffer, buffer + sizeof buffer, value).ptr); // the shortest that reads back the same
  if (text.find_first_of(".e") == std::string::npos) text += ".0";
  return text + suffix;
}

std::string floatLiteral(float value) { return literal(value, "f"); }
std::string doubleLiteral(double value) { return literal(value, ""); }

namespace {
/// Prints one chain: as C++, and as a formula for people.
class Printer {
public:
  Printer(Region &chain, ChainKind kind) : chain(chain), kind(kind) {
    for (auto [i, arg] : llvm::enumerate(chain.getArguments()))
      names[arg] = kind == ChainKind::Epilogue ? (i ? "a" + std::to_string(i - 1) : "acc") : "x" + std::to_string(i);
  }

  /// "static DNNC_INLINE vf apply(vf acc, vf a0) { return …; }"
  std::string function() {
    std::string parameters, locals;
    for (BlockArgument arg : chain.getArguments())
      parameters += (parameters.empty() ? "" : ", ") + (arg.use_empty() ? typeOf(arg.getType()) : typeOf(arg.getType()) + " " + names[arg]);
    // A value used twice gets a name; all others stand where they are used.
    for (Operation &op : chain.front().without_terminator())
      if (op.getNumResults() == 1 && !op.getResult(0).hasOneUse() && !isa<pw::ConstOp>(op) && !op.use_empty()) {
        std::string value = expression(op.getResult(0)), name = "v" + std::to_string(names.size());
        locals += "    const " + typeOf(op.getResult(0).getType()) + " " + name + " = " + value + ";\n";
        names[op.getResult(0)] = name;
      }
    Value result = pw::yielded(chain);
    std::string head = "static DNNC_INLINE " + typeOf(result.getType()) + " apply(" + parameters + ")";
    std::string last = "return " + expression(result) + ";";
    return locals.empty() ? head + " { " + last + " }" : head + " {\n" + locals + "    " + last + "\n  }";
  }

  std::string formula(Value value) {
    if (auto arg = dyn_cast<BlockArgument>(value)) return names[arg];
    if (auto constant = value.getDefiningOp<pw::ConstOp>()) return number(constant.getValue(), /*forPeople=*/true);
    auto fn = value.getDefiningOp<pw::FnOp>();
    StringRef op =
        llvm::StringSwitch<StringRef>(fn.getName()).Case("add", " + ").Case("sub", " - ").Case("mul", " * ").Case("div", " / ").Default("");
    SmallVector<std::string> operands;
    for (Value operand : fn.getArgs()) operands.push_back(formula(operand));
    if (op.empty()) {
      std::string type;
      if (fn.getName() == "cast" || fn.getName() == "saturate") type = "<" + scalarType(value.getType()) + ">";
      return fn.getName().str() + type + "(" + llvm::join(operands, ", ") + ")";
    }
    // Products bind tighter; anything else in an operand is put in parentheses.
    bool product = op == " * " || op == " / ";
    for (auto [i, operand] : llvm::enumerate(fn.getArgs())) {
      auto inner = operand.getDefiningOp<pw::FnOp>();
      bool sum = inner && (inner.getName() == "add" || inner.getName() == "sub");
      bool quotient = inner && (inner.getName() == "mul" || inner.getName() == "div");
      if ((sum && (product || (i == 1 && op == " - "))) || (quotient && i == 1 && op == " / ")) operands[i] = "(" + operands[i] + ")";
    }
    return operands[0] + op.str() + operands[1];
  }

private:
  bool isVector() const { return kind != ChainKind::Scalar; }

  std::string scalarType(Type type) {
    FailureOr<Element> element = elementOf(type, UnknownLoc::get(type.getContext()));
    return succeeded(element) ? element->kernel.str() : "?";
  }
  std::string typeOf(Type type) { return isVector() ? (type.isInteger(1) ? "vm" : "vf") : scalarType(type); }

  std::string number(Attribute attr, bool forPeople) {
    if (auto real = dyn_cast<FloatAttr>(attr)) {
      double value = real.getValueAsDouble();
      if (forPeople) {
        std::string text = doubleLiteral(static_cast<float>(value) == value && !real.getType().isF64() ? value : value);
        std::string shorter = floatLiteral(static_cast<float>(value));
        return real.getType().isF64() ? text : StringRef(shorter).drop_back(shorter.back() == 'f').str();
      }
      if (isVector()) return "splat(" + floatLiteral(static_cast<float>(value)) + ")";
      if (real.getType().isF64()) return doubleLiteral(value);
      std::string text = floatLiteral(static_cast<float>(value));
      return real.getType().isF32() ? text : "pw::cast<" + scalarType(real.getType()) + ">(" + text + ")";
    }
    auto integer = cast<IntegerAttr>(attr);
    Type type = integer.getType();
    if (type.isInteger(1)) return integer.getValue().isZero() ? "false" : "true";
    SmallString<24> digits;
    integer.getValue().toString(digits, 10, !type.isUnsignedInteger());
    if (forPeople) return digits.str().str();
    if (type.isInteger(64) && !type.isUnsignedInteger() && integer.getValue().isMinSignedValue())
      return "(-9223372036854775807 - 1)"; // the plain literal would be unsigned
    return scalarType(type) + "(" + digits.str().str() + (type.isUnsignedInteger() ? "u" : "") + ")";
  }

  std::string expression(Value value) {
    auto named = names.find(value);
    if (named != names.end()) return named->second;
    if (auto constant = value.getDefiningOp<pw::ConstOp>()) return number(constant.getValue(), false);
    auto fn = value.getDefiningOp<pw::FnOp>();
    SmallVector<std::string> operands;
    for (Value operand : fn.getArgs()) operands.push_back(expression(operand));
    if (fn.getName() == "saturate") // which storing does on vectors anyway
      return isVector() && value == pw::yielded(chain) ? operands[0] : "pw::saturate<" + scalarType(value.getType()) + ">(" + operands[0] + ")";
    if (fn.getName() == "cast") {
      // On vectors, storing rounds to the narrower float anyway.
      if (isVector() && value == pw::yielded(chain) && isa<FloatType>(value.getType()) && isa<FloatType>(fn.getArgs()[0].getType()))
        return operands[0];
      return "pw::cast<" + scalarType(value.getType()) + ">(" + operands[0] + ")";
    }
    return "pw::" + fn.getName().str() + "(" + llvm::join(operands, ", ") + ")";
  }

  Region &chain;
  ChainKind kind;
  llvm::DenseMap<Value, std::string> names;
};
} // namespace

std::string ChainTable::add(Region &chain, ChainKind kind) {
  Printer printer(chain, kind);
  std::string formula = printer.formula(pw::yielded(chain)), body = printer.function();
  auto [entry, isNew] = nameOfBody.insert({body, "Chain" + std::to_string(nameOfBody.size() + 1)});
  if (isNew) chains.push_back({body, formula});
  return entry->second;
}

std::string ChainTable::definitions() const {
  std::string text;
  for (const auto &[body, formula] : chains)
    text += "struct " + nameOfBody.at(body) + " { // " + formula.substr(0, 120) + (formula.size() > 120 ? " …" : "") + "\n  " + body +
            "\n};\n\n";
  return text;
}

} // namespace dnnc::codegen
