// Operands and attributes of a node.
#include "compiler/import/NodeBinder.h"

#include "compiler/import/Tensors.h"
#include "dialects/pw/SmallTypes.h"

#include "llvm/ADT/STLExtras.h"
#include "llvm/ADT/StringSet.h"

using namespace mlir;

namespace dnnc::importer {

NodeBinder::NodeBinder(GraphImporter &importer, const onnx::NodeProto &node, const OpEntry &entry, int64_t version, Location loc)
    : node(node), loc(loc), builder(importer.builder), importer(importer), entry(entry), opset(version) {
  for (const std::string &name : node.input()) values.push_back(name.empty() ? Value() : importer.lookup(name));
  while (!values.empty() && !values.back()) values.pop_back(); // an optional operand may be left out or be called ""
}

//===----------------------------------------------------------------------===//
// Operands
//===----------------------------------------------------------------------===//

static bool isInClass(Type type, char typeClass) {
  switch (typeClass) {
  case 'F':
    return isa<FloatType>(type);
  case 'N':
    return type.isIntOrFloat() && !type.isInteger(1);
  case 'Z':
    return isa<IntegerType>(type) && !type.isInteger(1);
  case 'B':
    return type.isInteger(1);
  case 'I':
    return type.isSignlessInteger(32) || type.isSignlessInteger(64);
  case 'L':
    return type.isSignlessInteger(64);
  default:
    return true;
  }
}

static StringRef className(char typeClass) {
  switch (typeClass) {
  case 'F':
    return "a floating-point type";
  case 'N':
    return "a number type, not bool";
  case 'Z':
    return "an integer type";
  case 'B':
    return "bool";
  case 'I':
    return "int32 or int64";
  default:
    return "int64";
  }
}

/// The operators that take elements of 8 bits and less that are only stored; no other computes with them, in ONNX or here.
static bool takesSmallTypes(StringRef op) {
  static const llvm::StringSet<> ops = {"BitCast", "Cast",    "CastLike", "ConstantOfShape", "DequantizeLinear", "Flatten",   "Identity", "If",
                                        "IsInf",   "IsNaN",   "Loop",     "Pad",             "QuantizeLinear",   "Reshape",   "Scan",     "Shape",
                                        "Size",    "Squeeze", "TensorScatter", "Transpose",  "Unsqueeze"};
  return ops.contains(op);
}

LogicalResult NodeBinder::checkOperands() const {
  std::map<std::string, unsigned> first;
  for (auto [index, value] : llvm::enumerate(values)) {
    if (!value) continue;
    const OperandRule &rule = entry.rule(index);
    Type element = type(value).getElementType();
    if (isa<pw::SmallType>(element) && !takesSmallTypes(node.op_type()))
      return error() << "input " << index << " ('" << node.input(index) << "') is " << type(value) << "; " << node.op_type()
                     << " takes no such elements: Cast makes others of them";
    if (!isInClass(element, rule.typeClass))
      return error() << "input " << index << " ('" << node.input(index) << "') is " << type(value) << "; its element type must be "
                     << className(rule.typeClass);
    if (rule.typeClass == 'I' || rule.typeClass == 'A') continue;
    auto [other, isNew] = first.try_emplace(rule.variable, index);
    Value reference = values[other->second];
    if (!isNew && type(reference).getElementType() != element)
      return error() << "input " << other->second << " ('" << node.input(other->second) << "') is " << type(reference) << " and input "
                     << index << " ('" << node.input(index) << "') is " << type(value) << "; their element types must be the same";
  }
  return success();
}

/// What could make an operand of the run do.
std::string NodeBinder::wayOut() const {
  if (node.output_size() == 0 || resultShape()) return "";
  return ", and the graph does not declare the shape of '" + node.output(0) + "'";
}

ElementsAttr NodeBinder::assumedOperand(unsigned index, StringRef name) {
  Value value = operand(index);
  ElementsAttr assumed = importer.assumedOf(value);
  if (!assumed || !importer.checkOnce(value)) return assumed;
  Value same = pointwise({value, constant(assumed)}, [](Chain &chain, ValueRange args) { return chain.boolean("equal", args); });
  check(same, index, name, "must be the one of which the declared output shapes come");
  return assumed;
}

ElementsAttr NodeBinder::constantOperand(unsigned index, StringRef name) {
  Value value = operand(index);
  if (!value) return error() << "input " << index << " ('" << name << "') is missing", ElementsAttr();
  ElementsAttr constant = constantOf(value);
  if (constant) return constant;
  constant = assumedOperand(index, name);
  if (!constant)
    return error() << "input " << index << " ('" << name << "', here '" << node.input(index)
            << "') must be constant or computable from constants and shapes; it depends on the model's inputs" << wayOut(),
           ElementsAttr();
  return constant;
}

std::optional<Ints> NodeBinder::constantInts(unsigned index, StringRef name) {
  ElementsAttr constant = constantOperand(index, name);
  if (!constant) return std::nullopt;
  if (!isa<IntegerType>(constant.getElementType()) || constant.getShapedType().getRank() > 1) {
    error() << "input " << index << " ('" << name << "') is " << constant.getType() << "; it must be a list of integers";
    return std::nullopt;
  }
  std::vector<int64_t> list = constantValues<int64_t>(constant);
  return Ints(list.begin(), list.end());
}

std::optional<std::vector<double>> NodeBinder::constantFloats(unsigned index, StringRef name) {
  ElementsAttr constant = constantOperand(index, name);
  return constant ? std::optional(constantValues<double>(constant)) : std::nullopt;
}

std::optional<int64_t> NodeBinder::constantInt(unsigned index, StringRef name) {
  ElementsAttr constant = constantOperand(index, name);
  if (constant && constant.getNumElements() == 1 && isa<IntegerType>(constant.getElementType()))
    return constantValues<int64_t>(constant).front();
  if (constant) error() << "input " << index << " ('" << name << "') is " << constant.getType() << "; it must be one integer";
  return std::nullopt;
}

std::optional<NodeBinder::IntList> NodeBinder::intsAttrOrOperand(StringRef name, unsigned index, int64_t since) {
  if (opset < since) {
    std::optional<Ints> list = intsAttr(name);
    return list ? IntList{true, *list} : IntList{};
  }
  if (!operand(index)) return IntList{};
  std::optional<Ints> list = constantInts(index, name);
  return list ? std::optional(IntList{true, *list}) : std::nullopt;
}

//===----------------------------------------------------------------------===//
// Attributes
//===----------------------------------------------------------------------===//

const onnx::AttributeProto *NodeBinder::find(StringRef name) const {
  for (const onnx::AttributeProto &attribute : node.attribute())
    if (attribute.name() == name) return &attribute;
  return nullptr;
}

const onnx::AttributeProto *NodeBinder::attr(StringRef name) {
  read.insert(name.str());
  return find(name);
}

static StringRef attrTypeName(int type) {
  switch (type) {
  case onnx::AttributeProto::FLOAT:
    return "a float";
  case onnx::AttributeProto::INT:
    return "an integer";
  case onnx::AttributeProto::STRING:
    return "a string";
  case onnx::AttributeProto::TENSOR:
    return "a tensor";
  case onnx::AttributeProto::GRAPH:
    return "a graph";
  case onnx::AttributeProto::FLOATS:
    return "a list of floats";
  case onnx::AttributeProto::INTS:
    return "a list of integers";
  default:
    return "of another type";
  }
}

const onnx::AttributeProto *NodeBinder::typed(StringRef name, onnx::AttributeProto::AttributeType type, bool required) {
  const onnx::AttributeProto *attribute = attr(name);
  if (!attribute) {
    if (required) error() << "attribute '" << name << "' is missing; it must be " << attrTypeName(type);
    return nullptr;
  }
  if (attribute->type() == type) return attribute;
  error() << "attribute '" << name << "' is " << attrTypeName(attribute->type()) << "; it must be " << attrTypeName(type);
  return nullptr;
}

int64_t NodeBinder::intAttr(StringRef name, std::optional<int64_t> defaultValue, Range range) {
  const onnx::AttributeProto *attribute = typed(name, onnx::AttributeProto::INT, !defaultValue);
  int64_t fallback = defaultValue.value_or(std::max<int64_t>(range.low, 0));
  if (!attribute) return fallback;
  if (attribute->i() >= range.low && attribute->i() <= range.high) return attribute->i();
  error() << "attribute '" << name << "' is " << attribute->i() << "; it must be between " << range.low << " and " << range.high;
  return fallback;
}

double NodeBinder::floatAttr(StringRef name, std::optional<double> defaultValue) {
  const onnx::AttributeProto *attribute = typed(name, onnx::AttributeProto::FLOAT, !defaultValue);
  return attribute ? double(attribute->f()) : defaultValue.value_or(0);
}

std::string NodeBinder::stringAttr(StringRef name, StringRef defaultValue) {
  const onnx::AttributeProto *attribute = typed(name, onnx::AttributeProto::STRING, false);
  return attribute ? attribute->s() : defaultValue.str();
}

std::optional<Ints> NodeBinder::intsAttr(StringRef name) {
  const onnx::AttributeProto *attribute = typed(name, onnx::AttributeProto::INTS, false);
  return attribute ? std::optional(Ints(attribute->ints().begin(), attribute->ints().end())) : std::nullopt;
}

Ints NodeBinder::intsAttr(StringRef name, int64_t count, int64_t fill, Range range) {
  Ints fallback(count, fill);
  std::optional<Ints> list = intsAttr(name);
  if (!list) return fallback;
  if (int64_t(list->size()) != count) {
    error() << "attribute '" << name << "' is [" << *list << "]; it must have " << count << " values";
    return fallback;
  }
  for (int64_t value : *list)
    if (value < range.low || value > range.high) {
      error() << "attribute '" << name << "' is [" << *list << "]; every value must be between " << range.low << " and " << range.high;
      return fallback;
    }
  return *list;
}

std::vector<double> NodeBinder::floatsAttr(StringRef name) {
  const onnx::AttributeProto *attribute = typed(name, onnx::AttributeProto::FLOATS, false);
  return attribute ? std::vector<double>(attribute->floats().begin(), attribute->floats().end()) : std::vector<double>();
}

FailureOr<ElementsAttr> NodeBinder::tensorAttr(StringRef name) {
  const onnx::AttributeProto *attribute = typed(name, onnx::AttributeProto::TENSOR, true);
  if (!attribute) return failure();
  onnx::TensorProto tensor = attribute->t(); // checked before any work
  return readTensor(importer.model, tensor, node.output_size() ? node.output(0) : std::string("value"));
}

const onnx::GraphProto *NodeBinder::graphAttr(StringRef name) {
  const onnx::AttributeProto *attribute = typed(name, onnx::AttributeProto::GRAPH, true);
  return attribute ? &attribute->g() : nullptr;
}

std::optional<int64_t> NodeBinder::axis(StringRef name, int64_t value, int64_t rank) {
  if (value >= -rank && value < rank) return value < 0 ? value + rank : value;
  if (rank == 0)
    error() << "attribute '" << name << "' is " << value << "; the input is a scalar and has no axis";
  else
    error() << "attribute '" << name << "' is " << value << "; it must be between " << -rank << " and " << rank - 1;
  return std::nullopt;
}

std::optional<int64_t> NodeBinder::axisAttr(StringRef name, std::optional<int64_t> defaultValue, int64_t rank) {
  return axis(name, intAttr(name, defaultValue), rank);
}

std::optional<Ints> NodeBinder::axes(ArrayRef<int64_t> list, int64_t rank) {
  std::set<int64_t> sorted;
  for (int64_t value : list) {
    std::optional<int64_t> dim = axis("axes", value, rank);
    if (!dim) return std::nullopt;
    if (!sorted.insert(*dim).second) {
      error() << "'axes' is [" << list << "]; axis " << *dim << " is there twice";
      return std::nullopt;
    }
  }
  return Ints(sorted.begin(), sorted.end());
}

LogicalResult NodeBinder::checkAttributesRead() const {
  for (const onnx::AttributeProto &attribute : node.attribute())
    // Before 6 some operators could name operands to overwrite; no runtime had to.
    if (!read.count(attribute.name()) && !(opset < 6 && attribute.name() == "consumed_inputs")) return error() << "unsupported attribute '" << attribute.name() << "'";
  return success();
}

} // namespace dnnc::importer
