#include "codegen/Template.h"
#include "codegen/EmbeddedFiles.h"

#include "llvm/ADT/StringExtras.h"
#include "llvm/Support/ErrorHandling.h"

using llvm::StringRef;

namespace dnnc::codegen {

std::string fillTemplate(StringRef name, const llvm::StringMap<std::string> &values) {
  const StringRef *text = findEmbedded(("codegen/templates/" + name).str());
  if (!text) llvm::report_fatal_error("no template " + name);
  std::string out;
  for (StringRef rest = *text; !rest.empty();) {
    size_t at = rest.find('@');
    out += rest.substr(0, at);
    if (at == StringRef::npos) break;
    rest = rest.substr(at + 1);
    StringRef key = rest.take_while([](char c) { return llvm::isUpper(c) || c == '_'; });
    auto value = values.find(key);
    if (value == values.end()) llvm::report_fatal_error("template " + name + ": no value for @" + key + "@");
    out += value->second;
    rest = rest.substr(key.size() + 1);
  }
  return out;
}

} // namespace dnnc::codegen
