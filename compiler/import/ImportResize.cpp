// Resize and Upsample.
#include "compiler/import/RunTimeOps.h"

using namespace mlir;

namespace dnnc::importer {

namespace {
struct Resize : ResizeForm {
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

/// Something is known at run time only: the sizes must come out as declared. Scales of the run are computed with in f32, as ONNX has them.
static LogicalResult resizeAtRunTime(NodeBinder &node, Resize &resize, ArrayRef<int64_t> axes, const Ints &result) {
  RunTime run(node);
  Type f32 = node.builder.getF32Type();
  Ints from, to;
  if (int64_t(result.size()) != node.rank(node.operand(0)))
    return node.error() << "the input is " << node.type(node.operand(0)) << "; the graph declares the result as " << listText(result);
  for (int64_t axis : axes) from.push_back(node.shape(node.operand(0))[axis]), to.push_back(result[axis]);
  Value dims = node.cast(run.constant(from), f32), roi, part, scales;
  if (resize.coordinates == "tf_crop_and_resize") {
    int64_t count = axes.size();
    if (!node.operand(1) || node.type(node.operand(1)).getNumElements() != 2 * count)
      return node.error() << "input 1 ('roi') must have " << 2 * count << " values";
    roi = node.cast(node.operand(1), f32);
    auto half = [&](int64_t start) { return node.create<dnn::SliceOp>(roi, node.i64s({start}), node.i64s({count}), node.i64s({1}), UnitAttr()); };
    part = run.fn("sub", {half(count), half(0)});
  }
  if (isGiven(node, 2)) {
    resize.operand = 2;
    resize.operandName = "scales";
    node.attr("keep_aspect_ratio_policy");
    scales = node.cast(node.operand(2), f32);
    if (node.shape(scales) != ArrayRef<int64_t>{int64_t(axes.size())})
      return node.error() << "'scales' has " << node.type(scales).getNumElements() << " values; it must have " << axes.size();
    Value sizes = run.fn("floor", {run.fn("mul", {part ? run.fn("mul", {dims, part}) : dims, scales})});
    node.check(run.is("equal", {sizes, node.cast(run.constant(to), f32)}), 2, "scales",
               "must scale " + listText(node.shape(node.operand(0))) + " to " + listText(result) + ", the declared shape");
    return resizeAtRunTime(node, resize, axes, scales, roi, result);
  }
  resize.operand = 3;
  resize.operandName = "sizes";
  std::string policy = node.version() >= 18 ? node.stringAttr("keep_aspect_ratio_policy", "stretch") : "stretch";
  if (policy == "stretch") {
    if (!node.intsOrDeclared(3, "sizes", to)) return failure();
    return resizeAtRunTime(node, resize, axes, run.fn("div", {node.cast(run.constant(to), f32), dims}), roi, result);
  }
  // One scale for all axes; the sizes that come out are rounded.
  Value each = run.fn("div", {node.cast(run.operand(3), f32), dims});
  auto kind = policy == "not_larger" ? dnn::ReduceKind::Min : dnn::ReduceKind::Max;
  scales = node.broadcast(node.reduce(each, kind, {0}), {int64_t(axes.size())});
  Value sizes = run.map({scales, dims}, [&](Chain &chain, ValueRange args) {
    return chain.fn("floor", chain.fn("add", {chain.fn("mul", args), chain.constant(0.5, f32)}));
  });
  node.check(run.is("equal", {sizes, node.cast(run.constant(to), f32)}), 3, "sizes",
             "must, with '" + policy + "', give " + listText(result) + ", the declared shape");
  return resizeAtRunTime(node, resize, axes, scales, roi, result);
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
  bool hasScales = isGiven(node, 2), hasSizes = isGiven(node, 3);
  if (hasScales == hasSizes)
    return node.error() << "inputs 2 ('scales') and 3 ('sizes') are " << (hasScales ? "both" : "neither") << " given; exactly one must be";
  bool varies = (node.varies(1) && resize.coordinates == "tf_crop_and_resize") || node.varies(hasScales ? 2 : 3);
  std::optional<Ints> declared = varies ? node.resultShape() : std::nullopt;
  bool onlySizes = declared && hasSizes && declared->size() == size_t(node.rank(x)) && !node.hasAttr("keep_aspect_ratio_policy") &&
                   resize.coordinates != "tf_crop_and_resize";
  if (declared && !onlySizes) return resizeAtRunTime(node, resize, axes, *declared);
  if (!readRoi(node, resize, axes)) return failure();
  if (hasScales) {
    node.attr("keep_aspect_ratio_policy"); // only for sizes
    auto scales = node.constantFloats(2, "scales");
    return scales && applyScales(node, resize, *scales, axes) ? build(node, resize) : failure();
  }
  std::optional<Ints> to;
  if (onlySizes) {
    to = Ints();
    for (int64_t axis : axes) to->push_back((*declared)[axis]);
  }
  auto sizes = node.intsOrDeclared(3, "sizes", to);
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
  if (auto declared = node.resultShape(); declared && node.version() >= 9 && node.varies(1)) {
    Ints axes = llvm::to_vector(llvm::seq<int64_t>(0, node.rank(x)));
    if (node.shape(node.operand(1)) != ArrayRef<int64_t>{node.rank(x)} || int64_t(declared->size()) != node.rank(x))
      return node.error() << "'scales' is " << node.type(node.operand(1)) << "; it must have " << node.rank(x) << " values";
    RunTime run(node);
    Type f32 = node.builder.getF32Type();
    Value given = node.cast(node.operand(1), f32);
    Value sizes = run.fn("floor", {run.fn("mul", {node.cast(run.constant(node.shape(x)), f32), given})});
    node.check(run.is("equal", {sizes, node.cast(run.constant(*declared), f32)}), 1, "scales",
               "must scale " + listText(node.shape(x)) + " to " + listText(*declared) + ", the declared shape");
    resize.nearest = "";
    resize.operand = 1;
    return resizeAtRunTime(node, resize, axes, given, Value(), *declared);
  }
  std::optional<std::vector<double>> scales;
  if (node.version() >= 9)
    scales = node.constantFloats(1, "scales");
  else if (node.version() >= 7)
    scales = node.floatsAttr("scales");
  else
    scales = {1, 1, node.floatAttr("height_scale", std::nullopt), node.floatAttr("width_scale", std::nullopt)};
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
  registry.on("Upsample", 1, "T", importUpsample).allow("mode", {"nearest", "bilinear"}).through(6);
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
