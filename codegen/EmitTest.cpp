#include "codegen/EmitTest.h"
#include "codegen/EmitChain.h"
#include "codegen/Template.h"

#include "llvm/ADT/APFloat.h"
#include "llvm/ADT/StringExtras.h"

#include <cmath>

using namespace mlir;

namespace dnnc::codegen {

static constexpr int64_t maxSamples = 32;

static double elementValue(const Element &element, const char *bytes, int64_t i) {
  auto read = [&](auto zero) {
    decltype(zero) value;
    memcpy(&value, bytes + i * sizeof value, sizeof value);
    return value;
  };
  auto narrow = [&](const llvm::fltSemantics &semantics) {
    llvm::APFloat value(semantics, llvm::APInt(16, read(uint16_t())));
    bool lossy;
    value.convert(llvm::APFloat::IEEEdouble(), llvm::APFloat::rmNearestTiesToEven, &lossy);
    return value.convertToDouble();
  };
  StringRef type = element.kernel;
  if (type == "float") return read(float());
  if (type == "double") return read(double());
  if (type == "f16") return narrow(llvm::APFloat::IEEEhalf());
  if (type == "bf16") return narrow(llvm::APFloat::BFloat());
  bool isUnsigned = type.starts_with("u") || type == "bool";
  switch (element.bytes) {
  case 1:
    return isUnsigned ? read(uint8_t()) : read(int8_t());
  case 2:
    return isUnsigned ? read(uint16_t()) : read(int16_t());
  case 4:
    return isUnsigned ? static_cast<double>(read(uint32_t())) : static_cast<double>(read(int32_t()));
  default:
    return isUnsigned ? static_cast<double>(read(uint64_t())) : static_cast<double>(read(int64_t()));
  }
}

/// Of the largest value of an output. The same kernels run on both sides; sums may be taken in another order on another processor,
/// which changes a few of the last bits of f32, and then perhaps the rounding to a narrower type: one unit in the last place. Where the
/// model was lowered for another processor, that one may also take another form of Winograd's algorithm, each within 5e-5.
static double floatTolerance(bool winograd) { return winograd ? 5e-5 : 1e-5; }
static double tolerance(const Element &element, bool winograd) {
  StringRef type = element.kernel;
  return type == "float" ? floatTolerance(winograd) : type == "double" ? 1e-12 : type == "f16" ? 0x1p-10 : type == "bf16" ? 0x1p-7 : 0;
}

/// For networks between whose kernels values are rounded to f16: some roundings of 2^-11 each, which add up and partly cancel.
static constexpr double halfTolerance = 0x1p-6;

std::string goldenDims(const Program &program, ArrayRef<std::vector<char>> outputs) {
  std::string wrong;
  for (auto [i, bound] : llvm::enumerate(program.outputBounds))
    for (int64_t d = 0; d < program.outputs[bound.of].type.getRank(); ++d)
      wrong += (wrong.empty() ? "" : " || ") + ("output_dims[" + Twine(bound.of) + "][" + Twine(d) + "] != ").str() +
               std::to_string(reinterpret_cast<const int64_t *>(outputs[program.outputs.size() + i].data())[d]);
  if (wrong.empty()) return "";
  return "  if (" + wrong + ") {\n    std::printf(\"an output has other dims than expected\\n\");\n    return 1;\n  }\n";
}

FailureOr<std::string> emitGolden(ArrayRef<Program> programs, ArrayRef<std::vector<char>> outputs, bool half, bool elsewhere) {
  const Program &program = programs.front();
  std::string out;
  bool winograd = false, floats = false;
  for (const Program &each : programs)
    each.schedule->walk([&](exec::CallOp call) {
      winograd |= call.getKernel().starts_with("conv_winograd_");
      for (Value operand : call->getOperands())
        if (auto buffer = dyn_cast<exec::BufferType>(operand.getType())) floats |= isa<FloatType>(buffer.getElementType());
    });
  if (outputs.size() != program.outputs.size() + program.outputBounds.size())
    return program.schedule->emitError() << "there are golden values for " << outputs.size() << " outputs of " << program.outputs.size();
  for (auto [index, tensor] : llvm::enumerate(program.outputs)) {
    const std::vector<char> &bytes = outputs[index];
    if (static_cast<int64_t>(bytes.size()) != tensor.bytes)
      return program.schedule->emitError() << "the golden values of output '" << tensor.name << "' have " << bytes.size() << " bytes, not "
                                           << tensor.bytes;
    int64_t count = tensor.elements; // as many as the true dims say
    for (auto [i, bound] : llvm::enumerate(program.outputBounds)) {
      if (bound.of != int64_t(index)) continue;
      count = 1;
      auto *dims = reinterpret_cast<const int64_t *>(outputs[program.outputs.size() + i].data());
      for (int64_t d = 0; d < tensor.type.getRank(); ++d) count *= dims[d];
    }
    int64_t step = (count + maxSamples - 1) / maxSamples;
    double largest = 0;
    for (int64_t i = 0; i < count; ++i)
      if (double value = std::fabs(elementValue(tensor.element, bytes.data(), i)); std::isfinite(value)) largest = std::max(largest, value);
    double bound = half && isa<FloatType>(tensor.type.getElementType()) ? halfTolerance : tolerance(tensor.element, winograd);
    // What is rounded from a float to an integer may come out as its neighbour, and as far apart as f32 sums are; integers alone are exact.
    if (elsewhere && floats && bound == 0 && tensor.element.kernel != "bool" && largest > 0) bound = std::max(1 / largest, floatTolerance(winograd));
    out += "    {" + std::to_string(index) + ", " + std::to_string(step) + ", " + doubleLiteral(largest) + ", " + doubleLiteral(bound) + ",\n     {";
    std::string line;
    for (int64_t i = 0; i < count; i += step) {
      double value = elementValue(tensor.element, bytes.data(), i);
      // A double is printed as long as it must be; that of a float can be shorter.
      std::string text = tensor.element.kernel == "float" ? StringRef(floatLiteral(static_cast<float>(value))).str() : doubleLiteral(value);
      if (line.size() + text.size() > 130) {
        out += line + "\n      ";
        line.clear();
      }
      line += text + (i + step < count ? ", " : "");
    }
    out += line + "}},\n";
  }
  return out;
}

std::string runAndCompare(StringRef name, bool several, const llvm::StringMap<std::string> &values) {
  std::string once = fillTemplate("run_and_compare.h.in", values), indented;
  if (!several) return once + "  return compare(outputs) ? 1 : 0;\n";
  for (StringRef line : llvm::split(StringRef(once).rtrim('\n'), '\n')) indented += line.empty() ? "" : "  " + line.str() + "\n";
  return fillTemplate("each_target.h.in", {{"NAME", name.str()}, {"RUN", indented}});
}

} // namespace dnnc::codegen
