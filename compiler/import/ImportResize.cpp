// Resize and Upsample.
#include "compiler/import/NodeBinder.h"

using namespace mlir;

namespace dnnc::importer {

namespace {
struct Resize {
  std::string mode = "nearest", coordinates = "half_pixel", nearest = "round_prefer_floor";
  double cubicA = -0.75, extrapolation = 0;
  bool excludeOutside = false, antialias = false;
  SmallVector<double> scales, roi; ///< One per dim; roi: starts, then ends.
  Ints sizes;
};
} // namespace

static LogicalResult build(NodeBinder &node, const Resize &resize) {
  Value x = node.operand(0);
  bool crops = resize.coordinates == "tf_crop_and_resize";
  if (node.shape(x) == ArrayRef<int64_t>(resize.sizes) && !crops && llvm::all_of(resize.scales, [](double scale) { return scale == 1; }))
    return node.result(x);
  OpBuilder &builder = node.builder;
  auto type = RankedTensorType::get(resize.sizes, node.type(x).getElementType());
  for (auto [dim, size] : llvm::enumerate(resize.sizes))
    if (size < 1 || size > maxDim)
      return node.error() << "output dim " << dim << " would be " << size << "; it must be between 1 and " << maxDim;
  if (!node.fits(type)) return failure();
  Operation *op = node.bounded(builder.create<dnn::ResizeOp>(
      node.loc, type, x, node.str(resize.mode), node.str(resize.coordinates), node.str(resize.nearest), node.f64(resize.cubicA),
      node.boolean(resize.excludeOutside), node.boolean(resize.antialias), node.f64(resize.extrapolation),
      builder.getDenseF64ArrayAttr(resize.scales), crops ? builder.getDenseF64ArrayAttr(resize.roi) : DenseF64ArrayAttr()));
  return op ? node.result(op->getResult(0)) : failure();
}

/// Scales of \p axes → scales and sizes of all dims.
static bool applyScales(NodeBinder &node, Resize &resize, const std::vector<double> &scales, ArrayRef<int64_t> axes) {
  if (scales.size() != axes.size()) {
    node.error() << "'scales' has " << scales.size() << " values; it must have " << axes.size();
    return false;
  }
  int64_t rank = axes.empty() ? 0 : node.rank(node.operand(0));
  for (auto [axis, scale] : llvm::zip(axes, scales)) {
    if (!(scale > 0 && scale <= double(maxDim))) {
      node.error() << "'scales' has the value " << std::to_string(scale) << "; every scale must be above 0 and at most " << maxDim;
      return false;
    }
    double part = resize.coordinates == "tf_crop_and_resize" ? resize.roi[axis + rank] - resize.roi[axis] : 1;
    resize.scales[axis] = scale;
    // In float, as ONNX's shape inference: 10 * 0.7f is 7.
    float size = std::floor(float(double(node.shape(node.operand(0))[axis]) * part) * float(scale));
    resize.sizes[axis] = size >= 0 && size <= float(maxDim) ? int64_t(size) : -1;
  }
  return true;
}

/// Sizes of \p axes → scales and sizes of all dims.
static bool applySizes(NodeBinder &node, Resize &resize, ArrayRef<int64_t> sizes, ArrayRef<int64_t> axes) {
  if (sizes.size() != axes.size() || llvm::any_of(sizes, [](int64_t size) { return size < 1 || size > maxDim; })) {
    node.error() << "'sizes' is [" << sizes << "]; it must have " << axes.size() << " values between 1 and " << maxDim;
    return false;
  }
  ArrayRef<int64_t> from = node.shape(node.operand(0));
  std::string policy = node.version() >= 18 ? node.stringAttr("keep_aspect_ratio_policy", "stretch") : "stretch";
  std::optional<double> common; // one scale for all axes
  for (auto [axis, size] : llvm::zip(axes, sizes)) {
    double scale = double(size) / double(from[axis]);
    resize.sizes[axis] = size;
    resize.scales[axis] = scale;
    if (policy != "stretch") common = !common ? scale : policy == "not_larger" ? std::min(*common, scale) : std::max(*common, scale);
  }
  for (int64_t axis : common ? axes : ArrayRef<int64_t>()) {
    resize.scales[axis] = *common;
    double size = std::floor(*common * double(from[axis]) + 0.5);
    resize.sizes[axis] = size <= double(maxDim) ? int64_t(size) : -1;
  }
  return true;
}

/// Operand \p index, if it is there and not an empty list.
static bool isGiven(NodeBinder &node, unsigned index) {
  Value value = node.operand(index);
  return value && node.type(value).getNumElements() > 0;
}

static bool readRoi(NodeBinder &node, Resize &resize, ArrayRef<int64_t> axes) {
  int64_t rank = node.rank(node.operand(0)), count = axes.size();
  resize.roi.assign(rank, 0);
  resize.roi.append(rank, 1);
  if (resize.coordinates != "tf_crop_and_resize") return true;
  std::optional<std::vector<double>> roi = node.constantFloats(1, "roi");
  if (!roi) return false;
  if (int64_t(roi->size()) != 2 * count) {
    node.error() << "input 1 ('roi') has " << roi->size() << " values; it must have " << 2 * count;
    return false;
  }
  for (auto [index, axis] : llvm::enumerate(axes)) {
    resize.roi[axis] = (*roi)[index];
    resize.roi[axis + rank] = (*roi)[index + count];
  }
  return true;
}

static LogicalResult importResize(NodeBinder &node) {
  Value x = node.operand(0);
  Resize resize;
  resize.mode = node.stringAttr("mode", "nearest");
  resize.coordinates = node.stringAttr("coordinate_transformation_mode", "half_pixel");
  resize.nearest = node.stringAttr("nearest_mode", "round_prefer_floor");
  resize.cubicA = node.floatAttr("cubic_coeff_a", -0.75);
  resize.excludeOutside = node.intAttr("exclude_outside", 0, flag);
  resize.extrapolation = node.floatAttr("extrapolation_value", 0);
  resize.antialias = node.version() >= 18 && node.intAttr("antialias", 0, flag);
  resize.scales.assign(node.rank(x), 1);
  resize.sizes.assign(node.shape(x).begin(), node.shape(x).end());
  Ints axes = llvm::to_vector(llvm::seq<int64_t>(0, node.rank(x)));
  if (node.version() >= 18 && node.hasAttr("axes")) {
    Ints given = node.intsAttr("axes").value_or(Ints());
    if (!node.axes(given, node.rank(x))) return failure();
    axes.clear();
    for (int64_t axis : given) axes.push_back(axis < 0 ? axis + node.rank(x) : axis);
  }
  if (!readRoi(node, resize, axes)) return failure();
  bool hasScales = isGiven(node, 2), hasSizes = isGiven(node, 3);
  if (hasScales == hasSizes)
    return node.error() << "inputs 2 ('scales') and 3 ('sizes') are " << (hasScales ? "both" : "neither") << " given; exactly one must be";
  if (hasScales) {
    node.attr("keep_aspect_ratio_policy"); // only for sizes
    auto scales = node.constantFloats(2, "scales");
    return scales && applyScales(node, resize, *scales, axes) ? build(node, resize) : failure();
  }
  auto sizes = node.constantInts(3, "sizes");
  return sizes && applySizes(node, resize, *sizes, axes) ? build(node, resize) : failure();
}

/// Upsample and Resize 10: scales alone, x = y / scale. Pixels are rounded towards the one that covers the result: down when
/// enlarging, up when shrinking, as ONNX Runtime does where the specification is silent.
static LogicalResult importUpsample(NodeBinder &node) {
  Value x = node.operand(0);
  Resize resize;
  std::string mode = node.stringAttr("mode", "nearest");
  resize.mode = mode == "bilinear" ? "linear" : mode;
  resize.coordinates = "asymmetric";
  auto scales = node.version() < 9 ? std::optional(node.floatsAttr("scales")) : node.constantFloats(1, "scales");
  resize.scales.assign(node.rank(x), 1);
  resize.sizes.assign(node.shape(x).begin(), node.shape(x).end());
  if (!scales || !applyScales(node, resize, *scales, llvm::to_vector(llvm::seq<int64_t>(0, node.rank(x))))) return failure();
  bool shrinks = llvm::any_of(resize.scales, [](double scale) { return scale < 1; });
  bool enlarges = llvm::any_of(resize.scales, [](double scale) { return scale > 1; });
  if (shrinks && enlarges && resize.mode == "nearest")
    return node.error() << "'scales' both shrinks and enlarges; with mode 'nearest' only one of them is supported before version 11";
  resize.nearest = shrinks ? "ceil" : "floor";
  return build(node, resize);
}

void registerResize(Registry &registry) {
  registry.on("Upsample", 7, "T", importUpsample).allow("mode", {"nearest", "linear", "bilinear"}).through(8);
  registry.on("Upsample", 9, "T F", importUpsample).allow("mode", {"nearest", "linear", "bilinear"}).through(9);
  registry.on("Resize", 10, "T F", importUpsample).allow("mode", {"nearest", "linear"});
  const std::vector<std::string> modes = {"nearest", "linear", "cubic"},
                                 nearest = {"round_prefer_floor", "round_prefer_ceil", "floor", "ceil"},
                                 policies = {"stretch", "not_larger", "not_smaller"};
  std::vector<std::string> coordinates = {"half_pixel", "pytorch_half_pixel", "align_corners", "asymmetric", "tf_crop_and_resize"};
  auto resize = [&](int64_t since, StringRef signature) {
    registry.on("Resize", since, signature, importResize)
        .allow("mode", modes)
        .allow("nearest_mode", nearest)
        .allow("keep_aspect_ratio_policy", policies)
        .allow("coordinate_transformation_mode", coordinates);
  };
  resize(11, "T F F L?");
  resize(13, "T F? F? L?");
  coordinates.push_back("half_pixel_symmetric");
  resize(19, "T F? F? L?");
}

} // namespace dnnc::importer
