// Bounded dims at the interface: the caller's tensors are dense in their true dims, which are tensors themselves.
#include "compiler/import/GraphImporter.h"
#include "compiler/import/NodeBinder.h"

using namespace mlir;

namespace dnnc::importer {

/// The attributes of an argument or result that holds the true dims of tensor \p of; as exec::Bound reads them.
static Attribute boundAttr(OpBuilder &builder, StringRef name, int64_t of, ArrayRef<int64_t> min, ArrayRef<std::string> names) {
  NamedAttrList bound;
  bound.set("of", builder.getI64IntegerAttr(of));
  bound.set("min", builder.getDenseI64ArrayAttr(min));
  if (!names.empty()) bound.set("names", builder.getStrArrayAttr(SmallVector<StringRef>(names.begin(), names.end())));
  return builder.getDictionaryAttr({builder.getNamedAttr("dnn.name", builder.getStringAttr(name + ".dims")),
                                    builder.getNamedAttr("dnn.bound", bound.getDictionary(builder.getContext()))});
}

static Location named(OpBuilder &builder, const Twine &name) { return NameLoc::get(builder.getStringAttr(name)); }

void GraphImporter::addTrueDims(ArrayRef<GraphInput> inputs, Block &block, SmallVectorImpl<Attribute> &attrs) {
  static const onnx::NodeProto noNode;
  static const OpEntry noEntry;
  llvm::StringMap<Size> symbols; ///< dims of one name are one
  SmallVector<std::pair<const GraphInput *, BlockArgument>> bounded;
  for (auto [i, input] : llvm::enumerate(inputs)) {
    if (!input.isBounded()) continue;
    const std::string &name = model.proto.graph().input(input.index).name();
    auto type = RankedTensorType::get({input.type.getRank()}, builder.getI64Type());
    bounded.push_back({&input, block.addArgument(type, named(builder, name + ".dims"))});
    attrs.push_back(boundAttr(builder, name, i, input.min, input.names));
  }
  for (auto [input, dims] : bounded) {
    const std::string &name = model.proto.graph().input(input->index).name();
    NodeBinder binder(*this, noNode, noEntry, 0, named(builder, name));
    Sizes sizes;
    for (int64_t d = 0; d < input->type.getRank(); ++d) {
      sizes.push_back(Size(input->type.getDimSize(d)));
      if (input->min[d] == input->type.getDimSize(d)) continue;
      const std::string &symbol = input->names[d];
      if (!symbol.empty() && symbols.count(symbol)) {
        sizes.back() = symbols[symbol];
        continue;
      }
      Value size = dims;
      if (input->type.getRank() > 1)
        size = binder.create<dnn::SliceOp>(size, binder.i64s({d}), binder.i64s({1}), binder.i64s({1}), UnitAttr());
      sizes.back() = bounds.symbol(binder.reshape(size, {}), input->min[d], input->type.getDimSize(d));
      if (!symbol.empty()) symbols[symbol] = sizes.back();
    }
    Value &value = values[name];
    value = binder.create<dnn::UnpackOp>(value, dims);
    bounds.set(value, sizes);
  }
}

void GraphImporter::returnTrueDims(ArrayRef<std::string> names, SmallVectorImpl<Value> &results, SmallVectorImpl<Attribute> &attrs) {
  static const onnx::NodeProto noNode;
  static const OpEntry noEntry;
  for (size_t i = 0, count = results.size(); i < count; ++i) {
    Value value = results[i];
    if (!bounds.isBounded(value)) continue;
    NodeBinder binder(*this, noNode, noEntry, 0, named(builder, names[i]));
    Sizes sizes = bounds.of(value);
    Ints min(binder.shape(value));
    size_t outermost = 0; // the first dim that is not 1
    while (outermost + 1 < sizes.size() && sizes[outermost] == Size(1)) ++outermost;
    bool isDense = true;
    for (auto [d, size] : llvm::enumerate(sizes)) {
      if (size.isStatic()) continue;
      min[d] = 0;
      isDense = isDense && d == outermost;
    }
    Value dims = bounds.vector(binder, sizes);
    Bounds::Pause pause(bounds);
    if (!isDense) results[i] = binder.create<dnn::PackOp>(value, dims);
    results.push_back(dims);
    attrs.push_back(boundAttr(builder, names[i], i, min, {}));
  }
}

LogicalResult NodeBinder::refuseBounded(ValueRange values, const Twine &what, ArrayRef<int64_t> free) {
  for (Value value : values)
    for (int64_t d = 0; value && d < rank(value); ++d)
      if (bounds().isBounded(value, d) && !llvm::is_contained(free, d))
        return error() << "dim " << d << " of " << what << ", " << type(value) << ", is chosen at run time, up to " << shape(value)[d]
                       << "; that is not supported here";
  return success();
}

} // namespace dnnc::importer
