// What a graph says about the shapes of its values. Inference needs none of it, but where a shape is computed at run time it is all there
// is.
#pragma once

#include "onnx-ml.pb.h"

#include "mlir/Support/LLVM.h"
#include "llvm/ADT/SmallVector.h"
#include "llvm/ADT/StringMap.h"

#include <optional>

namespace dnnc::importer {

class DeclaredShapes {
public:
  using Shape = llvm::SmallVector<int64_t>;

  /// The size of a symbolic dim.
  void setSymbol(llvm::StringRef name, int64_t size) { symbols[name] = size; }
  /// Takes the shapes of a graph's outputs and inner values, and hands them back through operators that keep the shape of their first
  /// operand: of Sqrt(ReduceSum(x)) it is mostly the square root that is declared.
  void add(const onnx::GraphProto &graph);
  void erase(llvm::StringRef name) { shapes.erase(name); }
  void set(llvm::StringRef name, Shape shape) { shapes[name] = std::move(shape); }
  /// Null unless every dim is known.
  std::optional<Shape> find(llvm::StringRef name) const;

private:
  void declare(const onnx::ValueInfoProto &info, bool isOutput);

  llvm::StringMap<int64_t> symbols;
  llvm::StringMap<Shape> shapes;
};

} // namespace dnnc::importer
