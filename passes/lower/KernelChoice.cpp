#include "passes/lower/KernelChoice.h"

#include "dialects/dnn/Constants.h"
#include "dialects/dnn/Dnn.h"
#include "runtime/prelude.h"

#include "llvm/ADT/StringExtras.h"

using namespace mlir;

namespace dnnc {
namespace {

struct Row {
  StringRef name;
  unsigned isas; ///< a bit for each DNNC_ISA_*
};

constexpr Row rows[] = {
#define DNNC_ON_GENERIC (1 << DNNC_ISA_GENERIC)
#define DNNC_ON_AVX2 (1 << DNNC_ISA_AVX2)
#define DNNC_ON_AVX512 (1 << DNNC_ISA_AVX512)
#define DNNC_ON_NEON (1 << DNNC_ISA_NEON)
#define DNNC_ON_ALL (DNNC_ON_GENERIC | DNNC_ON_AVX2 | DNNC_ON_AVX512 | DNNC_ON_NEON)
#define DNNC_KERNEL(name, isas, function, Params, epilogue) {#name, isas},
#define DNNC_CUDA_KERNEL(name, function, Params, epilogue)
#include "runtime/kernels/conv/kernels.inc"
#include "runtime/kernels/conv_transpose/kernels.inc"
#include "runtime/kernels/matmul/kernels.inc"
#undef DNNC_KERNEL
#undef DNNC_CUDA_KERNEL
};

bool isFor(const Row &row, const Target &target) {
  for (const Target *one = &target; one && one->vectorFloats == target.vectorFloats; one = parentOf(*one))
    if (row.isas >> one->isaNumber & 1) return true;
  return false;
}

constexpr StringLiteral winogradStem = "conv_winograd_f";
constexpr int64_t blocksOfTiles[] = {2, 4, 8, 16}; ///< in which the blocks of Winograd's algorithm are tried

RankedTensorType typeOf(Value value) { return cast<RankedTensorType>(value.getType()); }

/// Its image comes in planes, and for it alone is put into channels-last order.
bool hasPlanes(dnn::ConvOp conv) {
  auto relayout = conv.getInput().getDefiningOp<dnn::RelayoutOp>();
  return relayout && relayout.getResult().hasOneUse();
}

/// The output channels (of a group) or columns, and the names' beginnings of the kernels that compute them.
std::pair<int64_t, SmallVector<StringRef>> kindOf(Operation *op) {
  if (auto conv = dyn_cast<dnn::ConvOp>(op)) {
    const int64_t k = typeOf(conv.getWeight()).getDimSize(0);
    if (!typeOf(conv.getInput()).getElementType().isF32() || (k == int64_t(conv.getGroup()) && k > 1)) return {};
    SmallVector<StringRef> stems{"conv_direct_", "conv_pointwise_", "conv_padded_", "conv_winograd_f4_", "conv_winograd_f6_"};
    if (hasPlanes(conv)) stems.push_back("conv_planar_");
    return {k / conv.getGroup(), stems};
  }
  if (auto transposed = dyn_cast<dnn::ConvTransposeOp>(op)) return {typeOf(transposed.getWeight()).getDimSize(1), {"conv_transpose_"}};
  if (auto product = dyn_cast<dnn::MatMulOp>(op); product && typeOf(product.getLhs()).getElementType().isF32())
    return {typeOf(product.getResult()).getShape().back(), {"matmul_packed_", "matmul_dynamic_"}};
  return {};
}

/// A constant, perhaps in another order.
bool isConstant(Value value) {
  while (auto relayout = value.getDefiningOp<dnn::RelayoutOp>()) value = relayout.getInput();
  return value.getDefiningOp<dnn::ConstantOp>();
}

std::string joined(ArrayRef<int64_t> values, StringRef separator) {
  return llvm::join(llvm::map_range(values, [](int64_t value) { return std::to_string(value); }), separator);
}
} // namespace

std::optional<KernelChoice> KernelChoice::parse(StringRef text) {
  auto [name, rest] = text.split(' ');
  KernelChoice choice{name.str(), 0};
  if (name.empty()) return std::nullopt;
  if (rest.empty()) return choice;
  if (!name.starts_with(winogradStem) || !rest.consume_front("block=") || rest.getAsInteger(10, choice.block) || choice.block < 1 || choice.block > 1 << 16)
    return std::nullopt;
  return choice;
}

std::string KernelChoice::str() const { return kernel + (block ? " block=" + std::to_string(block) : ""); }

std::optional<std::pair<int, int>> KernelChoice::tile(StringRef stem) const {
  StringRef rest = kernel;
  std::pair<int, int> tile;
  if (!rest.consume_front(stem) || rest.consumeInteger(10, tile.first) || !rest.consume_front("x") || rest.getAsInteger(10, tile.second))
    return std::nullopt;
  return tile;
}

KernelChoice askedKernel(Operation *op) {
  auto text = op->getAttrOfType<StringAttr>(kernelAttr);
  return text ? KernelChoice::parse(text).value_or(KernelChoice{}) : KernelChoice{};
}

bool hasKernel(const Target &target, StringRef name) {
  return llvm::any_of(rows, [&](const Row &row) { return row.name == name && isFor(row, target); });
}

std::vector<KernelChoice> candidates(Operation *op, const Target &target) {
  const auto [channels, stems] = kindOf(op);
  std::vector<KernelChoice> choices;
  for (const Row &row : rows) {
    KernelChoice choice{row.name.str(), 0};
    for (StringRef stem : stems) {
      auto tile = choice.tile(stem);
      if (!tile || !isFor(row, target)) continue;
      // Of a tile wider than the result a part would always be empty. A planar tile is pixels wide.
      if (!stem.ends_with("planar_") && (tile->second - 1) * target.vectorFloats >= channels) continue;
      choices.push_back(choice);
      if (stem.starts_with(winogradStem))
        for (int64_t tiles : blocksOfTiles) choices.push_back({choice.kernel, tiles * tile->first});
    }
  }
  return choices;
}

std::string signatureOf(Operation *op, bool weightsStay) {
  if (kindOf(op).second.empty()) return {};
  std::string text;
  llvm::raw_string_ostream os(text);
  const Value weights = op->getOperand(1);
  os << op->getName().stripDialect() << ' ' << joined(typeOf(op->getOperand(0)).getShape(), "x") << ' ' << joined(typeOf(weights).getShape(), "x");
  auto window = [&](auto conv) {
    os << " strides=" << joined(conv.getStrides(), ",") << " pads=" << joined(conv.getPads(), ",") << " dilations=" << joined(conv.getDilations(), ",")
       << " group=" << conv.getGroup();
  };
  if (auto conv = dyn_cast<dnn::ConvOp>(op)) {
    window(conv);
    os << (hasPlanes(conv) ? " planes" : "");
  }
  if (auto conv = dyn_cast<dnn::ConvTransposeOp>(op)) {
    window(conv);
    os << " output_padding=" << joined(conv.getOutputPadding(), ",");
  }
  if (isConstant(weights))
    os << " weights=" << typeOf(weights).getElementType() << (weightsStay ? " near" : " far");
  else
    os << " weights=computed";
  return text;
}

int64_t constantBytes(func::FuncOp function) {
  int64_t bytes = 0;
  function.walk([&](dnn::ConstantOp constant) {
    RankedTensorType type = typeOf(constant.getResult());
    bytes += type.getNumElements() * dnn::elementBytes(type.getElementType());
  });
  return bytes;
}

bool weightsStay(func::FuncOp function, const Target &target) {
  return !function->hasAttr("dnn.far") && 4 * constantBytes(function) <= target.l2KiB * int64_t(1024);
}

} // namespace dnnc
