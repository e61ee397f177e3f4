// A parsed ONNX file, and how its problems are reported.
#pragma once

#include "onnx-ml.pb.h"

#include "mlir/IR/BuiltinTypes.h"
#include "mlir/IR/Diagnostics.h"
#include "mlir/IR/Location.h"
#include "llvm/ADT/StringMap.h"

#include <map>
#include <optional>
#include <set>
#include <string>

namespace dnnc::importer {

struct Model {
  mlir::MLIRContext *context = nullptr;
  std::string file;   ///< As the user gave it.
  std::string folder; ///< Where external data lies; empty for a model in memory, which cannot have any.
  onnx::ModelProto proto;
  llvm::StringMap<int64_t> opsets; ///< Version by domain; the default domain is "".
  int64_t constantBudget = 0;      ///< Bytes of constants that may still be made: small files must not fill the memory.

  bool keepsTensors = false;       ///< The data of tensors that were read stays in the proto, for another import.

  std::map<std::string, std::string> checksums; ///< SHA-1 of external files, where asked for.
  std::set<std::string> externalFiles;

  /// An error of the whole file.
  mlir::InFlightDiagnostic error() const { return mlir::emitError(mlir::UnknownLoc::get(context)); }
  /// "node 'conv1' (Conv): …", at the node's NameLoc.
  mlir::InFlightDiagnostic nodeError(const onnx::NodeProto &node, int index) const;
  mlir::Location nodeLoc(const onnx::NodeProto &node, int index) const;

  /// The version of its operator set that a node is of; none if its domain is not imported.
  std::optional<int64_t> versionOf(const onnx::NodeProto &node) const;
  /// The function of the model that a node was put in place from, or "".
  static llvm::StringRef functionOf(const onnx::NodeProto &node);

  /// Takes \p bytes from the budget; false when it is exhausted.
  bool takeConstantBytes(int64_t bytes) { return bytes >= 0 && bytes <= constantBudget && ((constantBudget -= bytes), true); }
};

/// The node's name; "<OpType>_<index>" when it has none.
std::string nodeName(const onnx::NodeProto &node, int index);
/// "" for the default domain, also when spelled ai.onnx.
llvm::StringRef normalDomain(llvm::StringRef domain);

mlir::LogicalResult loadModel(Model &model, llvm::StringRef path);
mlir::LogicalResult parseModel(Model &model, llvm::StringRef bytes);

/// The element type of an ONNX data type; null if dnnc has none for it.
mlir::Type elementType(mlir::MLIRContext *context, int32_t dataType);
/// "FLOAT", "INT4" …; the number for an unknown one.
std::string dataTypeName(int32_t dataType);

/// What every tensor must obey, so that sizes and offsets never overflow.
constexpr int64_t maxDim = 2147483647, maxElements = int64_t(1) << 40;
/// The number of elements; -1 when a dim or the product is out of range.
int64_t countElements(llvm::ArrayRef<int64_t> dims);

} // namespace dnnc::importer
