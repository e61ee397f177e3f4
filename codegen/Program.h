// The schedule as codegen prints it: everything has a name, a C++ type and a place.
#pragma once

#include "codegen/Targets.h"
#include "dialects/exec/Exec.h"

#include "mlir/IR/BuiltinOps.h"
#include "llvm/ADT/DenseMap.h"

#include <optional>
#include <string>
#include <vector>

namespace dnnc::codegen {

/// An element type as kernels, callers and people see it.
struct Element {
  llvm::StringRef kernel; ///< inside the target region: "float", "f16", "i64"
  llvm::StringRef caller; ///< in the header: "float", "uint16_t", "int64_t"
  llvm::StringRef api;    ///< "DNNC_F32"
  llvm::StringRef shown;  ///< "float32", numpy's word
  int bytes;

  bool isHalf() const { return kernel == "f16" || kernel == "bf16"; }
};
mlir::FailureOr<Element> elementOf(mlir::Type type, mlir::Location loc);

/// An input or output.
struct Tensor {
  std::string name, identifier, shape; ///< shape: "1x3x8x8"
  mlir::RankedTensorType type;
  Element element;
  int64_t elements, bytes;
  std::optional<exec::Bound> bound = {}; ///< where its dims are bounds
  std::string dims = {};                 ///< identifier of its true dims then

  bool isBounded(int64_t dim) const { return bound && bound->min[dim] < type.getDimSize(dim); }
};

/// A constant; equal ones are one.
struct Weight {
  std::string name; ///< of the initializer
  mlir::ElementsAttr value;
  Element element;
  int64_t bytes, offset;
};

struct Program {
  mutable exec::ScheduleOp schedule; ///< MLIR ops are handles whose accessors are not const
  const Target *target;
  std::string model; ///< file name of the ONNX model
  std::vector<Tensor> inputs, outputs;                          ///< without those that hold true dims
  llvm::SmallVector<exec::Bound> inputBounds, outputBounds;     ///< what follows them in the schedule
  std::vector<Weight> weights;                        ///< of all programs that were read together
  llvm::DenseMap<mlir::Operation *, size_t> weightOf; ///< exec.weight → index into weights; this program's
  int64_t weightsBytes = 0, weightsAlignment = 64;
  int64_t arenaBytes = 0, scratchBytes = 0;
};

/// Reads the schedules of one model for one target each. Their weights are one table, the same in each: those without offsets get them, aligned,
/// equal ones once.
mlir::FailureOr<std::vector<Program>> readPrograms(llvm::ArrayRef<mlir::ModuleOp> modules);

/// The raw bytes of a constant, i1 as one byte per element; \p storage holds them where the attribute does not.
llvm::ArrayRef<char> rawBytes(mlir::ElementsAttr value, std::vector<char> &storage);

} // namespace dnnc::codegen
