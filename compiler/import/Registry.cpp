#include "compiler/import/Registry.h"

#include "llvm/ADT/STLExtras.h"
#include "llvm/ADT/StringExtras.h"

#include <climits>

namespace dnnc::importer {

int OpEntry::minOperands() const {
  int count = operands.size();
  while (count > 0 && (operands[count - 1].optional || operands[count - 1].repeated)) --count;
  return count;
}

int OpEntry::maxOperands() const { return !operands.empty() && operands.back().repeated ? INT_MAX : int(operands.size()); }

OpEntry &Registry::on(llvm::StringRef name, int64_t since, llvm::StringRef signature, Handler handler) {
  OpEntry entry;
  entry.since = since;
  entry.handler = std::move(handler);
  llvm::SmallVector<llvm::StringRef> tokens;
  signature.split(tokens, ' ', -1, /*KeepEmpty=*/false);
  for (llvm::StringRef token : tokens) {
    OperandRule rule;
    rule.optional = token.consume_back("?");
    rule.repeated = token.consume_back("*");
    rule.typeClass = token.front();
    rule.variable = token.str();
    entry.operands.push_back(rule);
  }
  std::vector<OpEntry> &forms = entries[name];
  forms.push_back(std::move(entry));
  return forms.back();
}

const OpEntry *Registry::find(llvm::StringRef name, int64_t version) const {
  auto found = entries.find(name);
  const OpEntry *best = nullptr;
  if (found != entries.end())
    for (const OpEntry &entry : found->second)
      if (entry.since <= version && version <= entry.until && (!best || entry.since > best->since)) best = &entry;
  return best;
}

std::string Registry::versions(llvm::StringRef name) const {
  auto found = entries.find(name);
  if (found == entries.end()) return "";
  int64_t since = INT64_MAX, until = 0;
  for (const OpEntry &entry : found->second) since = std::min(since, entry.since), until = std::max(until, entry.until);
  return "since version " + std::to_string(since) + (until == INT64_MAX ? "" : " until version " + std::to_string(until));
}

void Registry::print(llvm::raw_ostream &os) const {
  std::vector<std::string> lines;
  for (const auto &[name, forms] : entries)
    for (const OpEntry &entry : forms) {
      std::string signature;
      for (const OperandRule &rule : entry.operands)
        signature += (signature.empty() ? "" : " ") + rule.variable + (rule.optional ? "?" : rule.repeated ? "*" : "");
      std::string until = entry.until == INT64_MAX ? "-" : std::to_string(entry.until);
      lines.push_back(name.str() + "\t" + std::to_string(entry.since) + "\t" + until + "\t" + signature + "\n");
    }
  llvm::sort(lines);
  for (const std::string &line : lines) os << line;
}

const Registry &Registry::get() {
  static const Registry registry = [] {
    Registry all;
    registerAttention(all);
    registerBounded(all);
    registerCast(all);
    registerConstants(all);
    registerControl(all);
    registerConv(all);
    registerEinsum(all);
    registerFeatures(all);
    registerFused(all);
    registerTransformers(all);
    registerGroupQuery(all);
    registerIndexing(all);
    registerLegacy(all);
    registerLinearAttention(all);
    registerLoss(all);
    registerMatMul(all);
    registerMovement(all);
    registerNormalize(all);
    registerPointwise(all);
    registerActivations(all);
    registerPool(all);
    registerQuantize(all);
    registerQuantizeLinear(all);
    registerQLinear(all);
    registerRecurrent(all);
    registerReduce(all);
    registerResize(all);
    registerSequences(all);
    registerShape(all);
    registerSignal(all);
    registerTrees(all);
    registerSpatial(all);
    return all;
  }();
  return registry;
}

} // namespace dnnc::importer
