// Reading and parsing an ONNX file.
#include "compiler/import/Model.h"
#include "dialects/pw/SmallTypes.h"

#include "mlir/IR/BuiltinAttributes.h"
#include "llvm/Support/FileSystem.h"
#include "llvm/Support/MemoryBuffer.h"
#include "llvm/Support/Path.h"

using namespace mlir;

namespace dnnc::importer {

std::string nodeName(const onnx::NodeProto &node, int index) {
  return node.name().empty() ? node.op_type() + "_" + std::to_string(index) : node.name();
}

StringRef normalDomain(StringRef domain) { return domain == "ai.onnx" ? StringRef() : domain; }

Location Model::nodeLoc(const onnx::NodeProto &node, int index) const {
  return NameLoc::get(StringAttr::get(context, nodeName(node, index)));
}

InFlightDiagnostic Model::nodeError(const onnx::NodeProto &node, int index) const {
  return emitError(nodeLoc(node, index)) << "node '" << nodeName(node, index) << "' (" << node.op_type() << "): ";
}

LogicalResult loadModel(Model &model, StringRef path) {
  model.file = path.str();
  llvm::sys::fs::file_status status;
  if (std::error_code code = llvm::sys::fs::status(path, status)) return model.error() << "cannot be read: " << code.message();
  if (status.type() != llvm::sys::fs::file_type::regular_file) return model.error() << "is not a file";
  if (status.getSize() == 0) return model.error() << "is empty";
  auto buffer = llvm::MemoryBuffer::getFile(path, /*IsText=*/false, /*RequiresNullTerminator=*/false);
  if (!buffer) return model.error() << "cannot be read: " << buffer.getError().message();
  StringRef folder = llvm::sys::path::parent_path(path);
  model.folder = folder.empty() ? "." : folder.str();
  return parseModel(model, (*buffer)->getBuffer());
}

LogicalResult parseModel(Model &model, StringRef bytes) {
  if (bytes.empty()) return model.error() << "is empty";
  if (bytes.size() > size_t(INT32_MAX))
    return model.error() << "has " << bytes.size()
                         << " bytes; protobuf allows at most 2147483647 (keep the weights in external data files)";
  if (bytes.starts_with("version https://git-lfs"))
    return model.error() << "is a Git LFS pointer, not the model itself; fetch it with `git lfs pull`";
  bool parsed = model.proto.ParseFromArray(bytes.data(), int(bytes.size()));
  // What was read before the damage tells a broken model from another kind of file.
  if (!parsed && model.proto.has_ir_version() && (model.proto.has_graph() || model.proto.has_producer_name()))
    return model.error() << "is truncated or damaged: its ONNX protobuf ends or breaks off before byte " << bytes.size();
  if (!parsed || !model.proto.has_ir_version() || !model.proto.has_graph())
    return model.error() << "is not an ONNX model" << (parsed ? " (no IR version or no graph)" : " (it does not parse as one)");
  for (const onnx::OperatorSetIdProto &opset : model.proto.opset_import()) {
    int64_t &version = model.opsets[normalDomain(opset.domain())];
    version = std::max(version, opset.version());
  }
  constexpr int64_t freeBytes = int64_t(256) << 20;
  model.constantBudget = freeBytes + 8 * int64_t(bytes.size()); // an int64 may take one byte in the file
  return success();
}

Type elementType(MLIRContext *context, int32_t dataType) {
  auto integer = [&](unsigned width, bool isUnsigned = false) -> Type {
    return IntegerType::get(context, width, isUnsigned ? IntegerType::Unsigned : IntegerType::Signless);
  };
  auto small = [&](pw::SmallFormat format) -> Type { return pw::SmallType::get(context, format); };
  switch (dataType) {
  case onnx::TensorProto::FLOAT:
    return Float32Type::get(context);
  case onnx::TensorProto::FLOAT16:
    return Float16Type::get(context);
  case onnx::TensorProto::BFLOAT16:
    return BFloat16Type::get(context);
  case onnx::TensorProto::DOUBLE:
    return Float64Type::get(context);
  case onnx::TensorProto::INT8:
    return integer(8);
  case onnx::TensorProto::INT16:
    return integer(16);
  case onnx::TensorProto::INT32:
    return integer(32);
  case onnx::TensorProto::INT64:
    return integer(64);
  case onnx::TensorProto::UINT8:
    return integer(8, true);
  case onnx::TensorProto::UINT16:
    return integer(16, true);
  case onnx::TensorProto::UINT32:
    return integer(32, true);
  case onnx::TensorProto::UINT64:
    return integer(64, true);
  case onnx::TensorProto::BOOL:
    return integer(1);
  case onnx::TensorProto::FLOAT8E4M3FN:
    return small(pw::SmallFormat::f8E4M3FN);
  case onnx::TensorProto::FLOAT8E4M3FNUZ:
    return small(pw::SmallFormat::f8E4M3FNUZ);
  case onnx::TensorProto::FLOAT8E5M2:
    return small(pw::SmallFormat::f8E5M2);
  case onnx::TensorProto::FLOAT8E5M2FNUZ:
    return small(pw::SmallFormat::f8E5M2FNUZ);
  case onnx::TensorProto::FLOAT8E8M0:
    return small(pw::SmallFormat::f8E8M0);
  case onnx::TensorProto::FLOAT4E2M1:
    return small(pw::SmallFormat::f4E2M1);
  case onnx::TensorProto::INT4:
    return small(pw::SmallFormat::i4);
  case onnx::TensorProto::UINT4:
    return small(pw::SmallFormat::u4);
  case onnx::TensorProto::INT2:
    return small(pw::SmallFormat::i2);
  case onnx::TensorProto::UINT2:
    return small(pw::SmallFormat::u2);
  default:
    return {};
  }
}

std::string dataTypeName(int32_t dataType) {
  return onnx::TensorProto::DataType_IsValid(dataType) ? onnx::TensorProto::DataType_Name(onnx::TensorProto::DataType(dataType))
                                                       : std::to_string(dataType);
}

int64_t countElements(ArrayRef<int64_t> dims) {
  int64_t count = 1;
  bool empty = false;
  for (int64_t dim : dims) {
    if (dim < 0 || dim > maxDim) return -1;
    empty |= dim == 0;
    if (dim != 0 && __builtin_mul_overflow(count, dim, &count)) return -1;
    if (count > maxElements) return -1;
  }
  return empty ? 0 : count;
}

} // namespace dnnc::importer
