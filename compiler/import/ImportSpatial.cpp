// Sampling, pooling of regions, folding, and what is composed around them.
#include "compiler/import/RunTime.h"
#include "compiler/import/Window.h"

using namespace mlir;

namespace dnnc::importer {

static LogicalResult importGridSample(NodeBinder &node) {
  std::string mode = node.stringAttr("mode", node.version() < 20 ? "bilinear" : "linear");
  mode = mode == "bilinear" ? "linear" : mode == "bicubic" ? "cubic" : mode;
  std::string padding = node.stringAttr("padding_mode", "zeros");
  bool align = node.intAttr("align_corners", 0, flag);
  return node.result(
      node.create<dnn::GridSampleOp>(node.operand(0), node.operand(1), node.str(mode), node.str(padding), node.boolean(align)));
}

/// The places of all points of an image of sizes \p sizes from -1 to 1, last dim first, each followed by a 1.
static std::vector<float> homogeneousGrid(ArrayRef<int64_t> sizes, bool alignCorners) {
  std::vector<float> grid;
  Ints index(sizes.size(), 0);
  for (int64_t point = 0, count = countElements(sizes); point < count; ++point) {
    int64_t rest = point;
    for (size_t dim = sizes.size(); dim-- > 0; rest /= sizes[dim]) {
      double size = sizes[dim], i = rest % sizes[dim];
      grid.push_back(float(!alignCorners ? (2 * i + 1) / size - 1 : size == 1 ? -1 : 2 * i / (size - 1) - 1));
    }
    grid.push_back(1);
  }
  return grid;
}

/// grid = base · thetaᵀ
static LogicalResult importAffineGrid(NodeBinder &node) {
  Value theta = node.operand(0);
  bool align = node.intAttr("align_corners", 0, flag);
  std::optional<Ints> size, declared = node.resultShape();
  if (declared && declared->size() >= 4 && node.varies(1) && node.shape(node.operand(1)) == ArrayRef<int64_t>{int64_t(declared->size())}) {
    // The result [N, d…, dims] tells all of the size [N, C, d…] but C, which nothing needs.
    size = Ints{declared->front(), 1};
    size->append(declared->begin() + 1, declared->end() - 1);
    RunTime run(node);
    Ints places = llvm::to_vector(llvm::seq<int64_t>(0, size->size()));
    Value fits = run.map({run.operand(1), run.constant(*size), run.constant(places)}, [&](Chain &chain, ValueRange args) {
      Value isChannels = chain.boolean("equal", {args[2], chain.constant(1, args[2].getType())});
      return chain.boolean("logical_or", {isChannels, chain.boolean("equal", {args[0], args[1]})});
    });
    node.check(fits, 1, "size", "must make a grid of shape " + listText(*declared) + ", as the graph declares");
  } else {
    size = node.constantInts(1, "size");
  }
  if (!size) return failure();
  int64_t spatial = int64_t(size->size()) - 2;
  if ((spatial != 2 && spatial != 3) || countElements(*size) < 1)
    return node.error() << "'size' is [" << *size << "]; it must have 4 or 5 positive values";
  if (node.shape(theta) != ArrayRef<int64_t>{size->front(), spatial, spatial + 1})
    return node.error() << "input 0 ('theta') is " << node.type(theta) << "; for 'size' [" << *size << "] its shape must be ["
                        << size->front() << ", " << spatial << ", " << spatial + 1 << "]";
  Ints shape = Ints(size->begin() + 2, size->end());
  auto baseType = RankedTensorType::get({countElements(shape), spatial + 1}, node.builder.getF32Type());
  if (!node.fits(baseType)) return failure();
  Value base = node.cast(node.constant(makeConstant<float>(baseType, homogeneousGrid(shape, align))), node.type(theta).getElementType());
  Value grid = node.create<dnn::MatMulOp>(base, node.transpose(theta, {0, 2, 1}), Value(), ValueRange(), node.i64(0));
  shape.insert(shape.begin(), size->front());
  shape.push_back(spatial);
  return node.result(node.reshape(grid, shape));
}

static LogicalResult importRoiAlign(NodeBinder &node) {
  Value batch = node.operand(2);
  bool max = node.stringAttr("mode", "avg") == "max";
  bool halfPixel = node.version() >= 16 && node.stringAttr("coordinate_transformation_mode", "half_pixel") == "half_pixel";
  Ints size{node.intAttr("output_height", 1, positive), node.intAttr("output_width", 1, positive)};
  int64_t ratio = node.intAttr("sampling_ratio", 0, notNegative);
  double scale = node.floatAttr("spatial_scale", 1);
  return node.result(node.create<dnn::RoiAlignOp>(node.operand(0), node.operand(1), batch, node.boolean(max), node.boolean(halfPixel),
                                                  node.i64s(size), node.i64(ratio), node.f64(scale)));
}

static LogicalResult importMaxRoiPool(NodeBinder &node) {
  if (!node.hasAttr("pooled_shape")) return node.error() << "attribute 'pooled_shape' is missing; it must have 2 values";
  Ints size = node.intsAttr("pooled_shape", 2, 1, positive);
  return node.result(
      node.create<dnn::RoiMaxPoolOp>(node.operand(0), node.operand(1), node.i64s(size), node.f64(node.floatAttr("spatial_scale", 1))));
}

/// The blocks of `elements` elements whose places in the image are as many as there are columns.
static std::vector<Ints> blocksOf(ArrayRef<int64_t> image, int64_t elements, int64_t columns, ArrayRef<int64_t> strides, ArrayRef<int64_t> pads,
                                  ArrayRef<int64_t> dilations) {
  std::vector<Ints> found;
  Ints block;
  auto extend = [&](auto &&self, int64_t rest, int64_t places) -> void {
    size_t dim = block.size();
    if (dim == image.size()) {
      if (rest == 1 && places == columns) found.push_back(block);
      return;
    }
    for (int64_t size = 1; size <= rest; ++size) {
      int64_t room = image[dim] + pads[dim] + pads[dim + image.size()] - dilations[dim] * (size - 1) - 1;
      if (rest % size || room < 0) continue;
      block.push_back(size);
      self(self, rest / size, places * (room / strides[dim] + 1));
      block.pop_back();
    }
  };
  extend(extend, elements, 1);
  return found;
}

static LogicalResult importCol2Im(NodeBinder &node) {
  Value x = node.operand(0);
  std::optional<Ints> declared = node.resultShape(), tail;
  if (declared && declared->size() > 2 && node.rank(x) == 3) tail = Ints(declared->begin() + 2, declared->end());
  std::optional<Ints> image = node.intsOrDeclared(1, "image_shape", tail);
  if (!image) return failure();
  int64_t count = image->size();
  Ints strides = node.intsAttr("strides", count, 1, positive), dilations = node.intsAttr("dilations", count, 1, positive);
  Ints pads = node.intsAttr("pads", 2 * count, 0, notNegative);
  auto make = [&](ArrayRef<int64_t> block) {
    return node.create<dnn::Col2ImOp>(x, node.i64s(*image), node.i64s(block), node.i64s(strides), node.i64s(pads), node.i64s(dilations));
  };
  if (tail && node.varies(2)) { // all blocks that fit, and that of the run selected
    std::vector<Ints> blocks = blocksOf(*image, node.shape(x)[1] / std::max<int64_t>((*declared)[1], 1), node.shape(x)[2], strides, pads, dilations);
    if (blocks.empty() || blocks.size() > 16 || node.shape(node.operand(2)) != ArrayRef<int64_t>{count})
      return node.error() << "input 2 ('block_shape') is known at run time only, and " << blocks.size() << " blocks fit " << node.type(x)
                          << " and the declared shape " << listText(*declared) << "; it must be constant, or 1 to 16 must fit";
    RunTime run(node);
    Value y, any;
    for (const Ints &block : blocks) {
      Value same = run.is("equal", {run.sum(run.is("equal", {run.operand(2), run.constant(block)})), run.constant({count})});
      y = y ? run.where(same, make(block), y) : make(block);
      any = any ? run.is("logical_or", {any, same}) : same;
    }
    node.check(any, 2, "block_shape", "must be a block that gives " + listText(*declared) + ", the declared shape");
    return node.result(y);
  }
  std::optional<Ints> block = node.constantInts(2, "block_shape");
  if (!block) return failure();
  if (int64_t(block->size()) != count || countElements(*image) < 1 || countElements(*block) < 1)
    return node.error() << "'image_shape' is [" << *image << "] and 'block_shape' [" << *block
                        << "]; both must have as many values, each at least 1";
  return node.result(make(*block));
}

/// The product of the weights with what their taps read, group by group.
static LogicalResult importDeformConv(NodeBinder &node) {
  Value x = node.operand(0), w = node.operand(1), offset = node.operand(2), bias = node.operand(3), mask = node.operand(4);
  if (node.rank(x) != 4 || node.rank(w) != 4)
    return node.error() << "the input is " << node.type(x) << " and the weight " << node.type(w) << "; both must have rank 4";
  int64_t group = node.intAttr("group", 1, positive), offsetGroup = node.intAttr("offset_group", 1, positive);
  int64_t n = node.shape(x)[0], c = node.shape(x)[1], k = node.shape(w)[0];
  if (k % group || c != node.shape(w)[1] * group)
    return node.error() << "attribute 'group' is " << group << "; it must divide the " << k << " output channels, and the weight "
                        << node.type(w) << " take 1/group of the " << c << " channels";
  if (bias && node.shape(bias) != ArrayRef<int64_t>{k})
    return node.error() << "input 3 ('B') is " << node.type(bias) << "; it must have " << k << " elements";
  Ints kernel = node.intsAttr("kernel_shape").value_or(Ints(node.shape(w).drop_front(2)));
  if (ArrayRef<int64_t>(kernel) != node.shape(w).drop_front(2))
    return node.error() << "attribute 'kernel_shape' is [" << kernel << "]; the weight is " << node.type(w);
  std::optional<Window> window = readWindow(node, node.shape(x).drop_front(2), kernel);
  if (!window) return failure();
  Value columns = node.create<dnn::DeformColumnsOp>(x, offset, mask, node.i64s(kernel), node.i64s(window->strides), node.i64s(window->pads),
                                                    node.i64s(window->dilations), node.i64(offsetGroup));
  if (!columns) return failure();
  int64_t oh = node.shape(columns)[1], ow = node.shape(columns)[2], taps = node.shape(columns)[3], inner = taps * c / group;
  columns = node.transpose(node.reshape(columns, {n, oh * ow, taps, group, c / group}), {0, 3, 1, 2, 4});
  Value weights = node.transpose(node.reshape(w, {group, k / group, c / group, taps}), {0, 3, 2, 1});
  Value left = node.reshape(columns, {n, group, oh * ow, inner}), right = node.reshape(weights, {group, inner, k / group});
  if (group == 1) { // without a batch dim constant weights are packed
    left = node.reshape(left, {n, oh * ow, inner});
    right = node.reshape(right, {inner, k});
  }
  if (!left || !right) return failure();
  Value y = node.create<dnn::MatMulOp>(left, right, group == 1 ? bias : Value(), ValueRange(), node.i64(0));
  if (!y) return failure();
  y = node.reshape(y, {n, group, oh * ow, k / group});
  y = node.reshape(node.transpose(y, {0, 1, 3, 2}), {n, k, oh, ow});
  if (group > 1 && bias)
    y = node.pointwise({y, node.reshape(bias, {k, 1, 1})}, [](Chain &chain, ValueRange args) { return chain.fn("add", args); });
  return node.result(y);
}

/// Zeros with the values at their places; a larger output_shape appends zeros.
static LogicalResult importMaxUnpool(NodeBinder &node) {
  Value x = node.operand(0), indices = node.operand(1);
  if (!checkSpatialRank(node, x)) return failure();
  int64_t spatial = node.rank(x) - 2;
  if (node.shape(indices) != node.shape(x))
    return node.error() << "input 1 ('I') is " << node.type(indices) << "; its shape must be that of input 0, " << node.type(x);
  if (!node.hasAttr("kernel_shape")) return node.error() << "attribute 'kernel_shape' is missing; it must have " << spatial << " values";
  Ints kernel = node.intsAttr("kernel_shape", spatial, 1, positive), strides = node.intsAttr("strides", spatial, 1, positive);
  Ints pads = node.intsAttr("pads", 2 * spatial, 0, notNegative), shape(node.shape(x));
  for (int64_t i = 0; i < spatial; ++i) shape[i + 2] = (shape[i + 2] - 1) * strides[i] + kernel[i] - pads[i] - pads[i + spatial];
  Ints wanted = shape;
  if (node.operand(2)) {
    std::optional<Ints> given = node.constantInts(2, "output_shape");
    if (!given) return failure();
    wanted = *given;
  }
  Type element = node.type(x).getElementType();
  if (countElements(shape) < 1 || wanted.size() != shape.size() || !llvm::all_of(llvm::zip(wanted, shape), [](auto pair) {
        return std::get<0>(pair) >= std::get<1>(pair) && std::get<0>(pair) <= maxDim;
      }))
    return node.error() << "'output_shape' is [" << wanted << "]; every dim must be at least that of [" << shape << "]";
  int64_t count = node.type(x).getNumElements();
  Value zero = node.constant(SplatElementsAttr::get(RankedTensorType::get({1}, element), node.builder.getZeroAttr(element)));
  Value data = node.broadcast(zero, {countElements(shape)});
  Value y = node.create<dnn::ScatterNDOp>(data, node.reshape(indices, {count, 1}), node.reshape(x, {count}), node.str("none"));
  y = node.reshape(y, shape);
  if (!y || wanted == shape) return node.result(y);
  Ints ends(2 * shape.size(), 0);
  for (size_t i = 0; i < shape.size(); ++i) ends[shape.size() + i] = wanted[i] - shape[i];
  return node.result(node.create<dnn::PadOp>(y, node.i64s(ends), node.str("constant"), node.f64(0)));
}

static LogicalResult importCenterCropPad(NodeBinder &node) {
  Value x = node.operand(0);
  std::optional<Ints> sizes = node.constantInts(1, "shape");
  Ints axes = node.intsAttr("axes").value_or(llvm::to_vector(llvm::seq<int64_t>(0, node.rank(x))));
  if (!sizes || !node.axes(axes, node.rank(x))) return failure();
  if (sizes->size() != axes.size() || countElements(*sizes) < 0)
    return node.error() << "'shape' is [" << *sizes << "]; it must have " << axes.size() << " values, each between 0 and " << maxDim;
  Ints starts(node.rank(x), 0), cropped(node.shape(x)), steps(node.rank(x), 1), pads(2 * node.rank(x), 0);
  for (auto [given, size] : llvm::zip(axes, *sizes)) {
    int64_t axis = given < 0 ? given + node.rank(x) : given, more = size - node.shape(x)[axis];
    if (more < 0)
      starts[axis] = -more / 2, cropped[axis] = size;
    else
      pads[axis] = more / 2, pads[axis + node.rank(x)] = more - more / 2;
  }
  bool isPadded = llvm::any_of(pads, [](int64_t pad) { return pad > 0; });
  if (ArrayRef<int64_t>(cropped) != node.shape(x)) {
    if (countElements(cropped) == 0) { // nothing is left of it
      for (auto [i, size] : llvm::enumerate(cropped)) cropped[i] = size + pads[i] + pads[i + node.rank(x)];
      if (countElements(cropped) == 0)
        return node.result(node.rawConstant(RankedTensorType::get(cropped, node.type(x).getElementType()), {}));
      return node.error() << "'shape' is [" << *sizes << "]: it crops " << node.type(x) << " to nothing and pads that";
    }
    x = node.create<dnn::SliceOp>(x, node.i64s(starts), node.i64s(cropped), node.i64s(steps), UnitAttr());
  }
  return node.result(!isPadded ? x : node.create<dnn::PadOp>(x, node.i64s(pads), node.str("constant"), node.f64(0)));
}

static LogicalResult importDet(NodeBinder &node) { return node.result(node.create<dnn::DetOp>(node.operand(0))); }

void registerSpatial(Registry &registry) {
  const std::vector<std::string> paddings = {"zeros", "border", "reflection"};
  registry.on("GridSample", 16, "F F", importGridSample).allow("mode", {"bilinear", "nearest", "bicubic"}).allow("padding_mode", paddings);
  registry.on("GridSample", 20, "F F", importGridSample).allow("mode", {"linear", "nearest", "cubic"}).allow("padding_mode", paddings);
  registry.on("AffineGrid", 20, "F L", importAffineGrid);
  registry.on("RoiAlign", 10, "F F L", importRoiAlign).allow("mode", {"avg", "max"});
  registry.on("RoiAlign", 16, "F F L", importRoiAlign)
      .allow("mode", {"avg", "max"})
      .allow("coordinate_transformation_mode", {"half_pixel", "output_half_pixel"});
  registry.on("MaxRoiPool", 1, "F F", importMaxRoiPool);
  registry.on("Col2Im", 18, "T L L", importCol2Im);
  registry.on("DeformConv", 19, "F F F F? F?", importDeformConv);
  registry.on("MaxUnpool", 9, "F L L?", importMaxUnpool);
  registry.on("CenterCropPad", 18, "T I", importCenterCropPad);
  registry.on("Det", 11, "F", importDet);
}

} // namespace dnnc::importer
