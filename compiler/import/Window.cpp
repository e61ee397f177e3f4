#include "compiler/import/Window.h"

using namespace mlir;

namespace dnnc::importer {

const std::vector<std::string> autoPads = {"NOTSET", "SAME_UPPER", "SAME_LOWER", "VALID"};

std::string readAutoPad(NodeBinder &node) {
  std::string mode = node.stringAttr("auto_pad", "NOTSET");
  return mode == "NOTSET" ? "" : mode;
}

void setPads(Window &window, int64_t dim, int64_t total, bool upper) {
  int64_t smaller = total / 2, larger = total - smaller, count = window.kernel.size();
  window.pads[dim] = upper ? smaller : larger;
  window.pads[dim + count] = upper ? larger : smaller;
}

bool checkSpatialRank(NodeBinder &node, Value input) {
  int64_t rank = node.rank(input);
  if (rank >= 3 && rank <= 5) return true;
  node.error() << "the input is " << node.type(input) << "; its rank must be 3 to 5 (1 to 3 spatial dims)";
  return false;
}

std::optional<Window> readWindow(NodeBinder &node, ArrayRef<int64_t> spatial, ArrayRef<int64_t> kernel) {
  int64_t count = spatial.size();
  Window window;
  window.kernel.assign(kernel.begin(), kernel.end());
  window.strides = node.intsAttr("strides", count, 1, positive);
  window.dilations = node.intsAttr("dilations", count, 1, positive);
  window.pads = node.intsAttr("pads", 2 * count, 0, notNegative);
  std::string mode = readAutoPad(node);
  window.explicitPads = mode.empty();
  for (int64_t i = 0; i < count; ++i) {
    if (!window.explicitPads) {
      int64_t steps = (spatial[i] - 1) / window.strides[i]; // ceil(in / stride) outputs
      int64_t total = mode == "VALID" ? 0 : std::max<int64_t>(0, steps * window.strides[i] + window.extent(i) - spatial[i]);
      setPads(window, i, total, mode == "SAME_UPPER");
    }
    int64_t room = spatial[i] + window.pads[i] + window.pads[i + count];
    if (window.extent(i) > room || window.kernel[i] < 1)
      return node.error() << "'kernel_shape' is [" << kernel << "]; with its dilation it covers " << window.extent(i) << " of spatial dim "
                          << i << ", which has " << room << " with its padding",
             std::nullopt;
  }
  return window;
}

} // namespace dnnc::importer
