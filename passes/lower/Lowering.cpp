// Views, placements and calls: what all Lower*.cpp files share.
#include "passes/lower/Lowering.h"

#include "dialects/dnn/Remarks.h"
#include "dialects/pw/SmallTypes.h"
#include "passes/select/Strides.h"

using namespace mlir;

namespace dnnc {

bool isContiguous(RankedTensorType type, ArrayRef<int64_t> strides) {
  SmallVector<int64_t> full = dnn::logicalStrides(type);
  return llvm::all_of(llvm::seq<size_t>(0, strides.size()), [&](size_t i) { return type.getDimSize(i) == 1 || strides[i] == full[i]; });
}

std::string typeName(Type type) {
  if (type.isInteger(1))
    return "bool";
  std::string name;
  llvm::raw_string_ostream os(name);
  os << type;
  return name.substr(0, 2) == "ui" ? "u" + name.substr(2) : name;
}

static exec::BufferType bufferOf(Type elementType) { return exec::BufferType::get(elementType.getContext(), pw::storageType(elementType)); }

Value Lowering::weight(Location loc, Type elementType, ArrayRef<char> bytes, StringRef name) {
  auto type = RankedTensorType::get({int64_t(bytes.size()) / dnn::elementBytes(elementType)}, elementType);
  return weight(loc, elementType, makeConstant(type, bytes, name), name);
}

Value Lowering::weight(Location loc, Type elementType, ElementsAttr value, StringRef name) {
  // Weights stand at the start of the schedule, in the order of their first use: that is also their order in the file.
  OpBuilder::InsertionGuard guard(builder);
  if (lastWeight)
    builder.setInsertionPointAfter(lastWeight);
  else
    builder.setInsertionPointToStart(weightsBlock);
  lastWeight = builder.create<exec::WeightOp>(loc, bufferOf(elementType), value,
                                                name.empty() ? StringAttr() : builder.getStringAttr(name), IntegerAttr());
  return lastWeight->getResult(0);
}

KernelChoice Lowering::asked(Operation *op) const {
  KernelChoice asked = askedKernel(op);
  return hasKernel(target, asked.kernel) ? asked : KernelChoice();
}

/// Element (i0, i1, …) of a row-major constant, stored in another order of dims.
static std::vector<char> reorder(ArrayRef<char> bytes, RankedTensorType type) {
  SmallVector<int64_t> source = dnn::logicalStrides(dnn::withOrder(type, dnn::identityOrder(type.getRank())));
  dnn::Order order = dnn::orderOf(type);
  int64_t size = dnn::elementBytes(type.getElementType());
  std::vector<char> result;
  result.reserve(bytes.size());
  SmallVector<int64_t> index(type.getRank(), 0);
  for (int64_t count = type.getNumElements(); count > 0; --count) {
    int64_t at = 0;
    for (int64_t dim = 0; dim < type.getRank(); ++dim)
      at += index[dim] * source[dim];
    result.insert(result.end(), bytes.begin() + at * size, bytes.begin() + (at + 1) * size);
    for (int64_t dim : llvm::reverse(order)) {
      if (++index[dim] < type.getDimSize(dim))
        break;
      index[dim] = 0;
    }
  }
  return result;
}

/// The constant behind a value, through relayouts, or null.
static ElementsAttr constantBehind(Value value) {
  while (auto relayout = value.getDefiningOp<dnn::RelayoutOp>())
    value = relayout.getInput();
  return getConstant(value);
}

static StringRef nameOf(Location loc) {
  auto name = dyn_cast<NameLoc>(loc);
  return name ? name.getName().getValue() : StringRef();
}

std::optional<std::vector<float>> Lowering::constantFloats(Value value) {
  ElementsAttr attr = constantBehind(value);
  return attr ? std::optional(constantValues<float>(attr)) : std::nullopt;
}

View Lowering::read(Value value) {
  auto known = views.find(value);
  if (known != views.end())
    return known->second;
  ElementsAttr attr = constantBehind(value);
  assert(attr && "an operand is lowered before its user");
  RankedTensorType type = typeOf(value);
  std::vector<char> bytes = constantBytes(attr);
  if (type.getEncoding())
    bytes = reorder(bytes, type);
  View view{weight(value.getLoc(), type.getElementType(), bytes, nameOf(value.getLoc())), 0, dnn::logicalStrides(type)};
  views[value] = view;
  return view;
}

View Lowering::readIf(Value value, function_ref<bool(ArrayRef<int64_t>)> accept) {
  View view = read(value);
  if (accept(view.strides))
    return view;
  RankedTensorType type = typeOf(value);
  View dense = alloc(type);
  copy(value.getDefiningOp(), type.getShape(), dnn::orderOf(type), type.getElementType(), view, dense, "made contiguous");
  return dense;
}

View Lowering::readContiguous(Value value) {
  return readIf(value, [&](ArrayRef<int64_t> strides) { return isContiguous(typeOf(value), strides); });
}

View Lowering::alloc(RankedTensorType type) {
  int64_t bytes = type.getNumElements() * dnn::elementBytes(type.getElementType());
  Value buffer = builder.create<exec::AllocOp>(builder.getUnknownLoc(), bufferOf(type.getElementType()), bytes, IntegerAttr());
  return {buffer, 0, dnn::logicalStrides(type)};
}

View Lowering::write(Value result) {
  auto placed = placements.find(result);
  View view = placed != placements.end() ? placed->second : alloc(typeOf(result));
  views[result] = view;
  return view;
}

View Lowering::writeIf(Value result, function_ref<bool(ArrayRef<int64_t>)> accept) {
  View wanted = write(result);
  if (accept(wanted.strides))
    return wanted;
  View temporary = alloc(typeOf(result));
  views[result] = temporary;
  pending.push_back({result, wanted});
  return temporary;
}

View Lowering::writeContiguous(Value result) {
  return writeIf(result, [&](ArrayRef<int64_t> strides) { return isContiguous(typeOf(result), strides); });
}

void Lowering::finish(Operation *op) {
  for (auto &[result, place] : pending) {
    RankedTensorType type = typeOf(result);
    copy(op, type.getShape(), dnn::orderOf(type), type.getElementType(), views[result], place, "put in its place");
    views[result] = place;
  }
  pending.clear();
}

void Lowering::addWeights(Call &call, Value weight, int64_t size, function_ref<void(float *)> pack) {
  Type element = typeOf(weight).getElementType();
  auto name = dyn_cast<NameLoc>(weight.getLoc());
  StringRef hint = name ? name.getName().getValue() : StringRef();
  if (element.isF32()) {
    ElementsAttr value = makeConstant(RankedTensorType::get({size}, element), hint,
                                      [&](MutableArrayRef<char> bytes) { pack(reinterpret_cast<float *>(bytes.data())); });
    call.inputs.push_back(this->weight(weight.getLoc(), element, value, hint));
    return;
  }
  std::vector<float> packed(size);
  pack(packed.data());
  call.kernel += "_" + typeName(element);
  call.inputs.push_back(this->weight(weight.getLoc(), element, narrowed(packed, element), hint)); // exact: that is their type
}

Value Lowering::pointer(const View &view) {
  if (view.offset == 0)
    return view.buffer;
  auto type = cast<exec::BufferType>(view.buffer.getType());
  return builder.create<exec::ViewOp>(builder.getUnknownLoc(), type, view.buffer, view.offset * dnn::elementBytes(type.getElementType()));
}

void Lowering::copy(Operation *op, ArrayRef<int64_t> shape, ArrayRef<int64_t> order, Type elementType, const View &from, const View &to,
                    StringRef why) {
  SmallVector<int64_t> dims(shape);
  SmallVector<int64_t> strides[2] = {from.strides, to.strides};
  collapseDims(dims, strides, order);
  Call call;
  call.kernel = "move_copy_b" + std::to_string(8 * dnn::elementBytes(elementType));
  call.inputs = {pointer(from)};
  call.outputs = {pointer(to)};
  call.bytes = 2 * ShapedType::getNumElements(shape) * dnn::elementBytes(elementType);
  Params params(builder);
  params.set("rank", dims.size()).set("shape", dims).set("src_strides", strides[0]).set("dst_strides", strides[1]);
  emit(op, call, params, why);
}

/// The strides of an operand's dims, aligned at the right with the result's and 0 where it broadcasts.
static SmallVector<int64_t> broadcastStrides(RankedTensorType operand, ArrayRef<int64_t> strides, RankedTensorType result) {
  SmallVector<int64_t> aligned(result.getRank(), 0);
  int64_t skipped = result.getRank() - operand.getRank();
  for (int64_t i = 0; i < operand.getRank(); ++i)
    aligned[i + skipped] = operand.getDimSize(i) == 1 ? 0 : strides[i];
  return aligned;
}

void Lowering::addEpilogue(Call &call, Operation *op, Value bias, const EpilogueDims &dims, const View &output) {
  auto fusable = cast<dnn::FusableOp>(op);
  RankedTensorType result = typeOf(op->getResult(0));
  Location loc = op->getLoc();
  auto addArg = [&](Value value, ArrayRef<int64_t> strides, const View &view) {
    call.args.push_back(pointer(view));
    auto stride = [&](ArrayRef<int64_t> part) { return flattenStride(result.getShape(), strides, part); };
    auto outer = stride(dims.outer), row = stride(dims.row), column = stride(dims.column);
    if (!outer || !row || !column || *column < 0 || *column > 1)
      return false;
    bool samePlace = dnn::elementBytes(typeOf(value).getElementType()) == dnn::elementBytes(result.getElementType()) && llvm::all_of(llvm::seq<size_t>(0, strides.size()), [&](size_t dim) {
      return result.getDimSize(dim) == 1 || strides[dim] == output.strides[dim];
    });
    if (samePlace)
      call.aliases.push_back(call.inputs.size() + call.args.size() - 1);
    call.argStrides.append({*outer, *row, *column});
    return true;
  };
  if (bias) {
    SmallVector<int64_t> strides(result.getRank(), 0);
    for (int64_t dim : dims.column)
      strides[dim] = 1;
    addArg(bias, strides, readContiguous(bias));
    Type type = typeOf(bias).getElementType();
    Block &block = call.chain.emplaceBlock();
    block.addArguments({type, type}, {loc, loc});
    OpBuilder inner(op->getContext()); // the block has no parent yet
    inner.setInsertionPointToEnd(&block);
    Value sum = inner.create<pw::FnOp>(loc, type, "add", block.getArguments());
    inner.create<pw::YieldOp>(loc, sum);
  }
  if (fusable.epilogueChain().empty())
    return;
  for (OpOperand &operand : fusable.epilogueOperands()) {
    Value value = operand.get();
    View view = read(value);
    if (addArg(value, broadcastStrides(typeOf(value), view.strides, result), view))
      continue;
    // Not addressable by (outer, row, column): spread out to the result's shape.
    call.args.pop_back();
    View full = alloc(RankedTensorType::get(result.getShape(), typeOf(value).getElementType(), result.getEncoding()));
    View spread{view.buffer, view.offset, broadcastStrides(typeOf(value), view.strides, result)};
    copy(op, result.getShape(), dnn::orderOf(result), typeOf(value).getElementType(), spread, full, "operand of the epilogue spread out");
    addArg(value, full.strides, full);
  }
  pw::appendChain(call.chain, fusable.epilogueChain(), 0, fusable.epilogueChain().getArgument(0).getType());
}

/// What an op reads and writes, each tensor once.
static int64_t bytesOf(Operation *op) {
  int64_t bytes = 0;
  for (TypeRange types : {TypeRange(op->getOperandTypes()), TypeRange(op->getResultTypes())})
    for (Type type : types)
      bytes += cast<RankedTensorType>(type).getNumElements() * dnn::elementBytes(cast<RankedTensorType>(type).getElementType());
  return bytes;
}

void Lowering::emit(Operation *op, Call &call, Params &params, StringRef what) {
  if (auto text = op && what.empty() ? op->getAttrOfType<StringAttr>(kernelAttr) : StringAttr()) {
    auto choice = KernelChoice::parse(text);
    if (!choice || !StringRef(call.kernel).starts_with(choice->kernel))
      remark(op, "kernel", nodeNames(op->getLoc()) + ": " + text.getValue() + ", which dnn.kernel asks for, does not take it on " + target.name +
                               "; it is " + call.kernel, /*applied=*/false);
  }
  std::string text;
  llvm::raw_string_ostream os(text);
  Location loc = op ? op->getLoc() : builder.getUnknownLoc();
  os << nodeNames(loc);
  if (!what.empty())
    os << (text.empty() ? "" : ": ") << what;
  if (op) {
    os << "  ";
    auto shape = [&](Type type) {
      auto tensor = cast<RankedTensorType>(type);
      llvm::interleave(tensor.getShape(), os, "x");
      os << (tensor.getRank() ? "" : "scalar");
      if (dnn::orderOf(tensor) == dnn::channelsLastOrder(tensor.getRank()) && tensor.getEncoding())
        os << " channels-last";
    };
    llvm::interleave(op->getOperandTypes(), os, shape, ", ");
    os << " -> ";
    llvm::interleave(op->getResultTypes(), os, shape, ", ");
  }
  auto work = dyn_cast_or_null<dnn::WorkOp>(op);
  const int64_t flops = work && !call.bytes ? work.flops() : 0; // else a copy for its sake
  auto number = [&](int64_t value) { return value ? builder.getI64IntegerAttr(value) : IntegerAttr(); };
  auto created = builder.create<exec::CallOp>(loc, builder.getStringAttr(call.kernel), call.inputs, call.args, call.outputs, params.get(),
                                              call.args.empty() ? DenseI64ArrayAttr() : builder.getDenseI64ArrayAttr(call.argStrides),
                                              call.aliases.empty() ? DenseI64ArrayAttr() : builder.getDenseI64ArrayAttr(call.aliases),
                                              call.inPlace.empty() ? DenseI64ArrayAttr() : builder.getDenseI64ArrayAttr(call.inPlace),
                                              call.scratchBytes ? builder.getI64IntegerAttr(call.scratchBytes) : IntegerAttr(),
                                              builder.getStringAttr(text),
                                              call.refusal.empty() ? StringAttr() : builder.getStringAttr(call.refusal),
                                              number(flops), number(call.bytes || !op ? call.bytes : bytesOf(op)), UnitAttr());
  if (!call.chain.empty())
    created.getChain().takeBody(call.chain);
}

} // namespace dnnc
