#include "compiler/FreeConstants.h"

#include "mlir/IR/BuiltinAttributes.h"
#include "mlir/IR/DialectResourceBlobManager.h"
#include "llvm/ADT/DenseSet.h"

using namespace mlir;

namespace dnnc {

namespace {
using Entries = llvm::DenseSet<DialectResourceBlobManager::BlobEntry *>;

/// The blobs that the module around \p op uses.
Entries entriesOf(Operation *op) {
  Entries entries;
  while (op->getParentOp()) op = op->getParentOp();
  op->walk([&](Operation *inner) {
    inner->getAttrDictionary().walk([&](DenseResourceElementsAttr attr) { entries.insert(attr.getRawHandle().getResource()); });
  });
  return entries;
}

class FreeConstants : public PassInstrumentation {
  void runBeforePass(Pass *, Operation *op) override { before.push_back(entriesOf(op)); }
  void runAfterPass(Pass *, Operation *op) override {
    Entries after = entriesOf(op);
    for (auto *entry : before.pop_back_val())
      if (!after.contains(entry)) entry->setBlob(AsmResourceBlob());
  }
  void runAfterPassFailed(Pass *, Operation *) override { before.pop_back(); }

  SmallVector<Entries> before; ///< one per pass that is running: adaptors nest
};
} // namespace

std::unique_ptr<PassInstrumentation> createFreeConstants() { return std::make_unique<FreeConstants>(); }

void freeConstants(ModuleOp module, ArrayRef<ElementsAttr> kept) {
  Entries entries = entriesOf(module);
  for (ElementsAttr attr : kept)
    if (auto resource = dyn_cast<DenseResourceElementsAttr>(attr)) entries.erase(resource.getRawHandle().getResource());
  for (auto *entry : entries) entry->setBlob(AsmResourceBlob());
}

} // namespace dnnc
