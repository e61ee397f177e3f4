// Conv and ConvTranspose.
#include "compiler/import/Window.h"

using namespace mlir;

namespace dnnc::importer {

/// The kernel is the weight's; an attribute kernel_shape must agree.
static bool checkKernelShape(NodeBinder &node, ArrayRef<int64_t> kernel) {
  std::optional<Ints> given = node.intsAttr("kernel_shape");
  if (!given || ArrayRef<int64_t>(*given) == kernel) return true;
  node.error() << "attribute 'kernel_shape' is [" << *given << "]; the weight's spatial dims are [" << kernel << "]";
  return false;
}

static bool checkWeight(NodeBinder &node, Value x, Value w) {
  if (!checkSpatialRank(node, x)) return false;
  if (node.rank(w) == node.rank(x)) return true;
  node.error() << "the input is " << node.type(x) << " and the weight " << node.type(w) << "; both must have the same rank";
  return false;
}

Value createConv(NodeBinder &node, Value x, Value w, Value bias) {
  if (!x || !w || !checkWeight(node, x, w) || !checkKernelShape(node, node.shape(w).drop_front(2))) return {};
  std::optional<Window> window = readWindow(node, node.shape(x).drop_front(2), node.shape(w).drop_front(2));
  if (!window) return {};
  int64_t group = node.intAttr("group", 1, positive);
  return node.create<dnn::ConvOp>(x, w, bias, ValueRange(), node.i64s(window->strides), node.i64s(window->pads),
                                  node.i64s(window->dilations), node.i64(group), node.i64(0));
}

static LogicalResult importConv(NodeBinder &node) {
  return node.result(createConv(node, node.operand(0), node.operand(1), node.operand(2)));
}

/// output_shape (or SAME) fixes the output size: padding makes up for what is too much, output padding for what is too little.
static bool fitOutput(NodeBinder &node, Window &window, Ints &outputPadding, ArrayRef<int64_t> spatial, const std::string &autoPad) {
  std::optional<Ints> wanted = node.intsAttr("output_shape");
  int64_t count = spatial.size();
  if (wanted && int64_t(wanted->size()) == count + 2) wanted->erase(wanted->begin(), wanted->begin() + 2); // N and C may stand before
  if (wanted && (int64_t(wanted->size()) != count || llvm::any_of(*wanted, [](int64_t size) { return size < 1 || size > maxDim; }))) {
    node.error() << "attribute 'output_shape' is [" << *wanted << "]; it must have " << count << " values between 1 and " << maxDim;
    return false;
  }
  bool same = autoPad == "SAME_UPPER" || autoPad == "SAME_LOWER";
  if (!wanted && !same) return true;
  for (int64_t i = 0; i < count; ++i) {
    int64_t size = wanted ? (*wanted)[i] : spatial[i] * window.strides[i];
    int64_t total = window.strides[i] * (spatial[i] - 1) + outputPadding[i] + window.extent(i) - size;
    setPads(window, i, std::max<int64_t>(total, 0), autoPad == "SAME_UPPER");
    if (total < 0) outputPadding[i] -= total;
  }
  return true;
}

static LogicalResult importConvTranspose(NodeBinder &node) {
  Value x = node.operand(0), w = node.operand(1), bias = node.operand(2);
  if (!checkWeight(node, x, w) || !checkKernelShape(node, node.shape(w).drop_front(2))) return failure();
  ArrayRef<int64_t> spatial = node.shape(x).drop_front(2);
  Window window;
  window.kernel = Ints(node.shape(w).drop_front(2));
  window.strides = node.intsAttr("strides", spatial.size(), 1, positive);
  window.dilations = node.intsAttr("dilations", spatial.size(), 1, positive);
  window.pads = node.intsAttr("pads", 2 * spatial.size(), 0, notNegative);
  Ints outputPadding = node.intsAttr("output_padding", spatial.size(), 0, notNegative);
  std::string autoPad = readAutoPad(node);
  if (!autoPad.empty()) window.pads.assign(2 * spatial.size(), 0);
  if (!fitOutput(node, window, outputPadding, spatial, autoPad)) return failure();
  int64_t group = node.intAttr("group", 1, positive);
  return node.result(node.create<dnn::ConvTransposeOp>(x, w, bias, ValueRange(), node.i64s(window.strides), node.i64s(window.pads),
                                                       node.i64s(window.dilations), node.i64s(outputPadding), node.i64(group)));
}

void registerConv(Registry &registry) {
  registry.on("Conv", 1, "F F F?", importConv).allow("auto_pad", autoPads);
  registry.on("ConvTranspose", 1, "F F F?", importConvTranspose).allow("auto_pad", autoPads);
}

} // namespace dnnc::importer
