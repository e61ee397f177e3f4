// Pointwise chains as C++ structs.
#pragma once

#include "dialects/pw/Pw.h"

#include "mlir/IR/Region.h"

#include <map>
#include <string>
#include <vector>

namespace dnnc::codegen {

/// How the values of a chain are typed: vectors of f32 (epilogues and "map"), or the model's own scalars ("map_scalar").
enum class ChainKind { Epilogue, Vector, Scalar };

/// The chains of a model; equal ones are one struct, and so one instance of a kernel.
class ChainTable {
public:
  /// The struct's name.
  std::string add(mlir::Region &chain, ChainKind kind);
  /// All structs, in order of first use.
  std::string definitions() const;

private:
  struct Chain {
    std::string body, formula;
  };
  std::vector<Chain> chains;
  std::map<std::string, std::string> nameOfBody;
};

/// A float constant that reads back as the very same value.
std::string floatLiteral(float value);
std::string doubleLiteral(double value);

} // namespace dnnc::codegen
