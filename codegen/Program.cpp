#include "codegen/Program.h"
#include "codegen/Identifiers.h"
#include "dialects/pw/SmallTypes.h"

#include "mlir/IR/DialectResourceBlobManager.h"
#include "llvm/ADT/StringExtras.h"
#include "llvm/Support/xxhash.h"

#include <map>

using namespace mlir;

namespace dnnc::codegen {

/// A byte; the C interface knows what it stands for.
static Element smallElement(pw::SmallFormat format) {
  static constexpr StringRef names[][2] = {
      {"DNNC_F8E4M3FN", "float8e4m3fn"}, {"DNNC_F8E4M3FNUZ", "float8e4m3fnuz"}, {"DNNC_F8E5M2", "float8e5m2"}, {"DNNC_F8E5M2FNUZ", "float8e5m2fnuz"},
      {"DNNC_F8E8M0", "float8e8m0"},     {"DNNC_F4E2M1", "float4e2m1"},         {"DNNC_I4", "int4"},           {"DNNC_U4", "uint4"},
      {"DNNC_I2", "int2"},               {"DNNC_U2", "uint2"}}; // in the order of SmallFormat
  bool isInt8 = !pw::isFloat(format) && pw::isSigned(format);
  StringRef byte = isInt8 ? "int8_t" : "uint8_t";
  const auto &[api, shown] = names[static_cast<unsigned>(format)];
  return Element{byte, byte, api, shown, 1};
}

FailureOr<Element> elementOf(Type type, Location loc) {
  if (auto small = dyn_cast<pw::SmallType>(type)) return smallElement(small.getFormat());
  if (type.isF32()) return Element{"float", "float", "DNNC_F32", "float32", 4};
  if (type.isF64()) return Element{"double", "double", "DNNC_F64", "float64", 8};
  if (type.isF16()) return Element{"f16", "uint16_t", "DNNC_F16", "float16", 2};
  if (type.isBF16()) return Element{"bf16", "uint16_t", "DNNC_BF16", "bfloat16", 2};
  if (type.isInteger(1)) return Element{"bool", "bool", "DNNC_BOOL", "bool", 1};
  bool isUnsigned = type.isUnsignedInteger();
  if (type.isIntOrFloat()) {
    switch (type.getIntOrFloatBitWidth()) {
    case 8:
      return isUnsigned ? Element{"uint8_t", "uint8_t", "DNNC_U8", "uint8", 1} : Element{"int8_t", "int8_t", "DNNC_I8", "int8", 1};
    case 16:
      return isUnsigned ? Element{"uint16_t", "uint16_t", "DNNC_U16", "uint16", 2} : Element{"int16_t", "int16_t", "DNNC_I16", "int16", 2};
    case 32:
      return isUnsigned ? Element{"uint32_t", "uint32_t", "DNNC_U32", "uint32", 4} : Element{"int32_t", "int32_t", "DNNC_I32", "int32", 4};
    case 64:
      return isUnsigned ? Element{"uint64_t", "uint64_t", "DNNC_U64", "uint64", 8} : Element{"int64_t", "int64_t", "DNNC_I64", "int64", 8};
    }
  }
  return emitError(loc) << "element type " << type << " cannot be emitted";
}

ArrayRef<char> rawBytes(ElementsAttr value, std::vector<char> &storage) {
  if (auto resource = dyn_cast<DenseResourceElementsAttr>(value)) {
    AsmResourceBlob *blob = resource.getRawHandle().getBlob();
    return blob ? blob->getData() : ArrayRef<char>();
  }
  auto dense = cast<DenseElementsAttr>(value);
  storage.clear();
  if (dense.getElementType().isInteger(1)) { // bit packed
    for (bool element : dense.getValues<bool>()) storage.push_back(element);
    return storage;
  }
  ArrayRef<char> raw = dense.getRawData();
  if (!dense.isSplat()) return raw;
  for (int64_t i = dense.getNumElements(); i > 0; --i) storage.insert(storage.end(), raw.begin(), raw.end());
  return storage;
}

namespace {
int64_t alignTo(int64_t value, int64_t alignment) { return (value + alignment - 1) / alignment * alignment; }

/// The tensors that are the model's own: true dims, the last ones, are told by \p bounds.
LogicalResult readTensors(Location loc, ArrayAttr types, ArrayAttr names, ArrayRef<exec::Bound> bounds, ArrayRef<StringRef> taken,
                          std::vector<Tensor> &tensors) {
  std::vector<std::string> plain;
  for (Attribute name : names.getValue().drop_back(bounds.size())) plain.push_back(cast<StringAttr>(name).getValue().str());
  const size_t count = plain.size();
  for (const exec::Bound &bound : bounds) plain.push_back(plain[bound.of] + "_dims");
  std::vector<std::string> identifiers = toIdentifiers(plain, taken);
  for (auto [i, attr] : llvm::enumerate(types.getValue().take_front(count))) {
    auto type = dyn_cast<RankedTensorType>(cast<TypeAttr>(attr).getValue());
    if (!type || !type.hasStaticShape())
      return emitError(loc) << "tensor '" << plain[i] << "' has no static shape: " << attr;
    if (type.getRank() > 8)
      return emitError(loc) << "tensor '" << plain[i] << "' has " << type.getRank() << " dims; at most 8 can be described in the header";
    FailureOr<Element> element = elementOf(type.getElementType(), loc);
    if (failed(element)) return failure();
    std::string shape =
        type.getRank() ? llvm::join(llvm::map_range(type.getShape(), [](int64_t d) { return std::to_string(d); }), "x") : "scalar";
    tensors.push_back({plain[i], identifiers[i], shape, type, *element, type.getNumElements(), type.getNumElements() * element->bytes});
  }
  for (auto [i, bound] : llvm::enumerate(bounds)) {
    Tensor &tensor = tensors[bound.of];
    tensor.bound = bound;
    tensor.dims = identifiers[count + i];
    tensor.shape.clear();
    for (int64_t d = 0; d < tensor.type.getRank(); ++d) {
      std::string name = bound.names.empty() ? "" : bound.names[d], size = std::to_string(tensor.type.getDimSize(d));
      if (tensor.isBounded(d)) size = (name.empty() ? "" : name + "=") + std::to_string(bound.min[d]) + ".." + size;
      tensor.shape += (d ? "x" : "") + size;
    }
  }
  return success();
}

/// Weights by content, so that each is stored once.
class WeightTable {
public:
  LogicalResult add(exec::WeightOp op, Program &user) {
    std::vector<char> storage;
    ArrayRef<char> bytes = rawBytes(op.getValue(), storage);
    FailureOr<Element> element = elementOf(op.getValue().getElementType(), op.getLoc());
    if (failed(element)) return failure();
    if (static_cast<int64_t>(bytes.size()) != op.getValue().getNumElements() * element->bytes)
      return op.emitError() << "the data of weight " << op.getValue().getType() << " is missing";
    std::string name = op.getName().value_or("").str();
    if (op.getOffset()) { // placed already
      user.weightOf[op] = weights.size();
      weights.push_back({name, op.getValue(), *element, static_cast<int64_t>(bytes.size()), static_cast<int64_t>(*op.getOffset())});
      end = std::max<int64_t>(end, weights.back().offset + bytes.size());
      return success();
    }
    std::vector<size_t> &alike = byHash[llvm::xxh3_64bits(ArrayRef<uint8_t>(reinterpret_cast<const uint8_t *>(bytes.data()), bytes.size()))];
    for (size_t index : alike) {
      std::vector<char> other;
      if (weights[index].element.kernel == element->kernel && rawBytes(weights[index].value, other) == bytes) {
        user.weightOf[op] = index;
        return success();
      }
    }
    alike.push_back(weights.size());
    user.weightOf[op] = weights.size();
    weights.push_back({name, op.getValue(), *element, static_cast<int64_t>(bytes.size()), -1});
    return success();
  }

  /// Gives \p programs the table, with a place for each.
  void place(MutableArrayRef<Program> programs) {
    int64_t alignment = 1;
    for (const Program &program : programs) alignment = std::max<int64_t>(alignment, program.target->alignment);
    for (Weight &weight : weights)
      if (weight.offset < 0) {
        weight.offset = alignTo(end, alignment);
        end = weight.offset + weight.bytes;
      }
    for (Program &program : programs) {
      program.weights = weights;
      program.weightsAlignment = alignment;
      program.weightsBytes = alignTo(end, alignment);
    }
  }

private:
  std::vector<Weight> weights;
  std::map<uint64_t, std::vector<size_t>> byHash;
  int64_t end = 0;
};

/// One schedule, and its weights into the table.
FailureOr<Program> readProgram(ModuleOp module, WeightTable &weights) {
  auto schedules = llvm::to_vector(module.getOps<exec::ScheduleOp>());
  if (schedules.size() != 1) return module.emitError() << "code can be printed for one exec.schedule; there are " << schedules.size();
  Program program;
  exec::ScheduleOp schedule = program.schedule = schedules.front();
  Location loc = schedule.getLoc();
  program.target = findTarget(schedule.getTarget());
  if (!program.target) return schedule.emitError() << "unknown target '" << schedule.getTarget() << "'";
  if (auto model = module->getAttrOfType<StringAttr>("dnn.model")) program.model = model.getValue().str();

  // Names the header uses itself, in the functions that take the tensors as parameters.
  SmallVector<StringRef> taken = {"workspace",       "workspace_bytes", "parallel", "weights", "weights_bytes", "input_pointers",
                                  "output_pointers", "input_dims",      "output_dims", "inputs",          "outputs",  "run",     "dnnc"};
  program.inputBounds = exec::boundsOf(schedule.getInputBounds());
  program.outputBounds = exec::boundsOf(schedule.getOutputBounds());
  if (program.target->isGpu() && !(program.inputBounds.empty() && program.outputBounds.empty()))
    return schedule.emitError() << "dims that are chosen at run time are not supported for " << program.target->name
                                << "; give every dimension one size";
  if (failed(readTensors(loc, schedule.getInputs(), schedule.getInputNames(), program.inputBounds, taken, program.inputs))) return failure();
  for (const Tensor &input : program.inputs) llvm::append_range(taken, ArrayRef<StringRef>{input.identifier, input.dims});
  if (failed(readTensors(loc, schedule.getOutputs(), schedule.getOutputNames(), program.outputBounds, taken, program.outputs)))
    return failure();

  for (auto weight : schedule.getBody().getOps<exec::WeightOp>())
    if (!weight.use_empty() && failed(weights.add(weight, program))) return failure();

  program.arenaBytes = alignTo(schedule.getArenaSize().value_or(0), program.target->alignment);
  program.scratchBytes = alignTo(schedule.getScratchSize().value_or(0), program.target->alignment);
  WalkResult planned = schedule.walk([&](exec::AllocOp alloc) -> WalkResult {
    if (!alloc.getOffset()) return alloc.emitError() << "has no offset: memory is not planned";
    if (static_cast<int64_t>(*alloc.getOffset() + alloc.getBytes()) > program.arenaBytes && !alloc.use_empty())
      return alloc.emitError() << "ends behind the arena of " << program.arenaBytes << " bytes";
    return WalkResult::advance();
  });
  if (planned.wasInterrupted()) return failure();
  return program;
}
} // namespace

FailureOr<std::vector<Program>> readPrograms(ArrayRef<ModuleOp> modules) {
  std::vector<Program> programs;
  WeightTable weights;
  for (ModuleOp module : modules) {
    FailureOr<Program> program = readProgram(module, weights);
    if (failed(program)) return failure();
    programs.push_back(std::move(*program));
  }
  weights.place(programs);
  return programs;
}

} // namespace dnnc::codegen
