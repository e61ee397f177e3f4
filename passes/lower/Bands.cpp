// Which chains of image kernels gain by bands, and how high these are: a model of the cycles that memory traffic saves and that calls, rows
// kept for the next band and weights read again cost.
#include "passes/lower/Bands.h"
#include "passes/lower/Copy.h"

#include "dialects/dnn/Constants.h"

#include "llvm/Support/MathExtras.h"

using namespace mlir;

namespace dnnc {
namespace {

// Measured on Zen 5.
constexpr double farBytes = 16;    // a cycle, to or from what lies behind the second-level cache
constexpr double nearBytes = 32;   // a cycle, copies within it
constexpr double callCycles = 400; // of a call and of its partly filled register tiles

std::optional<int64_t> field(exec::CallOp call, StringRef name) {
  auto value = call.getParams().getAs<IntegerAttr>(name);
  return value ? std::optional<int64_t>(value.getInt()) : std::nullopt;
}

/// The rows of all stages when the last computes \p height at a time.
bool fillRows(ArrayRef<Stage> chain, int64_t height, BandPlan &plan) {
  const size_t n = chain.size();
  plan.bands = llvm::divideCeil(chain.back().outRows, height);
  plan.rows.assign(n, {});
  if (plan.bands == 1) {
    for (auto [rows, stage] : llvm::zip(plan.rows, chain)) rows = {stage.outRows, 0, 0};
    return chain.front().images > 1;
  }
  // Where the bands 0, bands - 2 and bands - 1 of a stage's output end.
  int64_t first = height, before = (plan.bands - 1) * height, last = chain.back().outRows, middle = height;
  for (size_t i = n; i-- > 0;) {
    const Stage &stage = chain[i];
    plan.rows[i] = {first, middle, last - first - (plan.bands - 2) * middle};
    if (first < 1 || plan.rows[i].last < 1 || first % stage.multiple || middle % stage.multiple) return false;
    auto end = [&](int64_t rows) { return (rows - 1) * stage.stride - stage.pad + stage.kernel; };
    // The second band starts inside the image, the last but one ends there.
    if (first * stage.stride < stage.pad || end(before) > stage.inRows) return false;
    // What is kept moves to the front of its buffer, clear of where it was.
    if (i > 0 && std::min(first, middle) * stage.stride < keptRows(stage)) return false;
    first = end(first), before = end(before), last = std::min(end(last), stage.inRows), middle *= stage.stride;
  }
  return true;
}

} // namespace

std::optional<Stage> stageOf(exec::CallOp call) {
  StringRef kernel = call.getKernel();
  const bool winograd = kernel.starts_with("conv_winograd_f");
  if (!winograd && !kernel.starts_with("conv_direct_") && !kernel.starts_with("conv_pointwise_") && !kernel.starts_with("conv_padded_") && !kernel.starts_with("conv_planar_") && !kernel.starts_with("conv_depthwise") && !kernel.starts_with("pool_")) return std::nullopt;
  auto get = [&](StringRef name, int64_t missing) { return field(call, name).value_or(missing); };
  if (get("d", 1) != 1 || get("od", 1) != 1 || call.getOutputs().size() != 1) return std::nullopt;
  Stage stage;
  stage.call = call;
  stage.images = get("n", 1), stage.inRows = get("h", 1), stage.outRows = get("oh", 1), stage.stride = get("sh", 1), stage.pad = get("pt", 0);
  stage.columns = get("ow", 1);
  stage.kernel = (get("kh", 3) - 1) * get("dh", 1) + 1;
  const int64_t in = elementBytes(call.getInputs()[0]), out = elementBytes(call.getOutputs()[0]);
  stage.inBytes = get("x_h", 0) * in, stage.outBytes = get("y_h", 0) * out;
  stage.inImage = get("x_n", 0) * in, stage.outImage = get("y_n", 0) * out;
  stage.multiple = 1;
  if (winograd && kernel.drop_front(StringRef("conv_winograd_f").size()).split('_').first.getAsInteger(10, stage.multiple)) return std::nullopt;
  return stage.kernel >= stage.stride ? std::optional(stage) : std::nullopt;
}

BandPlan planBands(ArrayRef<Stage> chain, const BandGoal &goal) {
  double saved = 0;
  int64_t weights = 0;
  for (auto [i, stage] : llvm::enumerate(chain)) {
    if (i + 1 < chain.size() && imageBytes(stage) > goal.bytes) saved += 2.0 * static_cast<double>(imageBytes(stage)) / farBytes;
    if (!goal.speed) continue;
    for (Value operand : exec::CallOp(stage.call).getInputs().drop_front())
      if (auto weight = dyn_cast_or_null<exec::WeightOp>(exec::placeOf(operand).root)) {
        auto type = weight.getValue().getShapedType();
        weights += type.getNumElements() * dnn::elementBytes(type.getElementType());
      }
  }
  BandPlan best;
  if (saved == 0 || weights > goal.bytes) return best;
  for (int64_t height = 1; height <= chain.back().outRows; ++height) {
    BandPlan plan;
    if (!fillRows(chain, height, plan)) continue;
    int64_t size = weights, kept = 0;
    for (size_t i = 0; i + 1 < chain.size(); ++i) {
      size += bufferRows(chain, plan, i) * chain[i].outBytes;
      if (plan.bands > 1) kept += keptRows(chain[i + 1]) * chain[i].outBytes;
    }
    if (size > goal.bytes) break;
    const double aBand = (goal.speed ? callCycles * static_cast<double>(chain.size()) : 0) + 2.0 * static_cast<double>(kept) / nearBytes;
    plan.gain = saved - aBand * static_cast<double>(chain.front().images * plan.bands);
    if (plan.gain > 0 && plan.gain >= best.gain) best = plan; // of equals the highest band
  }
  return best;
}

} // namespace dnnc
