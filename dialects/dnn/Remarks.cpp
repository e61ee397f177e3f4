#include "dialects/dnn/Remarks.h"

#include "mlir/IR/Diagnostics.h"
#include "llvm/ADT/SetVector.h"
#include "llvm/ADT/StringExtras.h"

using namespace mlir;

namespace dnnc {

void remark(Location loc, StringRef category, const Twine &text, bool applied) {
  emitRemark(loc) << "[" << category << "] " << (applied ? "" : "not applied: ") << text.str();
}

static void collectNames(Location loc, llvm::SetVector<StringRef> &names) {
  if (auto name = dyn_cast<NameLoc>(loc))
    names.insert(name.getName());
  else if (auto fused = dyn_cast<FusedLoc>(loc))
    for (Location part : fused.getLocations())
      collectNames(part, names);
}

std::string nodeNames(Location loc) {
  llvm::SetVector<StringRef> names;
  collectNames(loc, names);
  return llvm::join(names, " + ");
}

} // namespace dnnc
