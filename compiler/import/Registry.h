// The ONNX operators dnnc imports: by name and since-version, with what can be checked before any work.
#pragma once

#include "mlir/Support/LLVM.h"
#include "mlir/Support/LogicalResult.h"
#include "llvm/ADT/StringMap.h"
#include "llvm/Support/raw_ostream.h"

#include <functional>
#include <string>
#include <vector>

namespace dnnc::importer {

class NodeBinder;
using Handler = std::function<mlir::LogicalResult(NodeBinder &)>;

/// One operand of a signature such as "F F F?": a type class, optional (`?`) or repeated (`*`, last only). Equal tokens must have equal
/// element types, except I and A. Classes: F float, N number, Z integer, T and A anything, B bool, I int32 or int64, L int64.
struct OperandRule {
  char typeClass = 'T';
  std::string variable;
  bool optional = false;
  bool repeated = false;
};

/// Values an attribute must have for dnnc to support the node.
struct AttributeRule {
  std::string name;
  std::vector<std::string> strings;
  std::vector<int64_t> ints;
};

struct OpEntry {
  int64_t since = 1;
  int64_t until = INT64_MAX; ///< Last version that has this form (removed operators).
  std::vector<OperandRule> operands;
  std::vector<AttributeRule> attributes;
  int maxResults = 1; ///< More may be named, if nothing uses them.
  Handler handler;

  OpEntry &results(int count) { return maxResults = count, *this; }
  OpEntry &through(int64_t version) { return until = version, *this; }
  OpEntry &allow(llvm::StringRef attribute, std::vector<std::string> values) {
    return attributes.push_back({attribute.str(), std::move(values), {}}), *this;
  }
  OpEntry &allowInts(llvm::StringRef attribute, std::vector<int64_t> values) {
    return attributes.push_back({attribute.str(), {}, std::move(values)}), *this;
  }

  int minOperands() const;
  int maxOperands() const; ///< INT_MAX with a repeated operand.
  const OperandRule &rule(unsigned index) const { return operands[index < operands.size() ? index : operands.size() - 1]; }
};

class Registry {
public:
  /// What an operator is registered as: its name, behind its domain and a dot when that is not ONNX's own.
  static std::string key(llvm::StringRef domain, llvm::StringRef name) { return domain.empty() ? name.str() : domain.str() + "." + name.str(); }

  /// All operators.
  static const Registry &get();

  OpEntry &on(llvm::StringRef name, int64_t since, llvm::StringRef signature, Handler handler);

  /// The form of an operator in an opset version; null if there is none.
  const OpEntry *find(llvm::StringRef name, int64_t version) const;
  /// The versions that have the operator, for messages: "since 20", "until 9"; empty for an unknown operator.
  std::string versions(llvm::StringRef name) const;

  /// A line a form: name, since, until (- when it is current), signature, separated by tabs; sorted.
  void print(llvm::raw_ostream &os) const;

private:
  llvm::StringMap<std::vector<OpEntry>> entries;
};

/// Versions of the operator set that are taken. Above knownOpset, whose operators have been read, with a warning.
constexpr int64_t minOpset = 1, maxOpset = 28, knownOpset = 27;

// One function per family, in Import<Family>.cpp.
void registerAttention(Registry &registry);
void registerBounded(Registry &registry);
void registerCast(Registry &registry);
void registerConstants(Registry &registry);
void registerControl(Registry &registry);
void registerLoops(Registry &registry);
void registerConv(Registry &registry);
void registerEinsum(Registry &registry);
void registerFeatures(Registry &registry);
void registerFused(Registry &registry);
void registerGroupQuery(Registry &registry);
void registerTransformers(Registry &registry);
void registerIndexing(Registry &registry);
void registerLegacy(Registry &registry);
void registerLinearAttention(Registry &registry);
void registerLoss(Registry &registry);
void registerMatMul(Registry &registry);
void registerMovement(Registry &registry);
void registerNormalize(Registry &registry);
void registerPointwise(Registry &registry);
void registerActivations(Registry &registry);
void registerPool(Registry &registry);
void registerQuantize(Registry &registry);
void registerQuantizeLinear(Registry &registry);
void registerQLinear(Registry &registry);
void registerRecurrent(Registry &registry);
void registerReduce(Registry &registry);
void registerResize(Registry &registry);
void registerSequences(Registry &registry);
void registerShape(Registry &registry);
void registerSignal(Registry &registry);
void registerWindows(Registry &registry);
void registerTrees(Registry &registry);
void registerSpatial(Registry &registry);

} // namespace dnnc::importer
